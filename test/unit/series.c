/*
 * Series outside the server: exact sums against a model that adds digits of 16
 * bits one by one, rounding against all neighbours, packed days, tallies and
 * merges against a plain list of observations, text and binary forms there and
 * back and damaged.  SEED=n repeats a run.
 */
#include "signal/tally.h"

#include <float.h>
#include <math.h>

#include "tap.h"

/* A test of one check. */
static void
ok(bool passed, const char *about)
{
	check(passed, "no");
	end_test(about);
}

/*
 * The model of a sum: digits of 16 bits, the lowest 2^MODEL_LEAST, each with a
 * sign of its own and room for carries
 */

#define MODEL_LEAST (-1136)
#define MODEL_DIGITS 145

typedef struct Model
{
	int64_t digits[MODEL_DIGITS];
} Model;

/* Add a multiple of a number of 64 bits times a power of two. */
static void
model_add(Model *model, uint64_t bits, int exponent, int64_t times)
{
	int place = (exponent - MODEL_LEAST) / 16;
	int shift = (exponent - MODEL_LEAST) % 16;
	uint64_t low = (bits & 0xFFFF) << shift;

	for (int i = 0; i < 5; i++)
	{
		model->digits[place + i] += times * (int64_t) (low & 0xFFFF);
		low >>= 16;
		bits >>= 16;
		low += (bits & 0xFFFF) << shift;
	}
}

/* Carry, so that all digits but the highest are from 0 to 65535; the sign of the model. */
static int
model_carry(Model *model)
{
	int sign = 0;

	for (int i = 0; i < MODEL_DIGITS - 1; i++)
	{
		int64_t carry = model->digits[i] >> 16; /* rounded down */

		model->digits[i] -= carry * 65536;
		model->digits[i + 1] += carry;
		if (model->digits[i] != 0)
			sign = 1;
	}
	if (model->digits[MODEL_DIGITS - 1] != 0)
		sign = model->digits[MODEL_DIGITS - 1] < 0 ? -1 : 1;
	return sign;
}

/* Add a multiple of a float8. */
static void
model_add_double(Model *model, double number, int64_t times)
{
	int exponent;
	double fraction = frexp(fabs(number), &exponent);

	/* ldexp of a subnormal fraction would lose nothing: it has fewer bits. */
	if (number != 0)
		model_add(model, (uint64_t) ldexp(fraction, 53), exponent - 53,
				  number < 0 ? -times : times);
}

/* Add a multiple of an exact sum. */
static void
model_add_exact(Model *model, const ExactSum *sum, int64_t times)
{
	for (int i = 0; i < sum->nlimbs; i++)
		model_add(model, sum->limbs[i], sum->exponent + i * 64, sum->negative ? -times : times);
}

/* Order of a sum and a model of it. */
static int
model_compare(const Model *model, const ExactSum *sum)
{
	Model difference = *model;

	model_add_exact(&difference, sum, -1);
	return -model_carry(&difference);
}

/* Whether a sum is canonical. */
static bool
is_canonical(const ExactSum *sum)
{
	if (sum->nlimbs == 0)
		return sum->exponent == 0 && !sum->negative;
	return sum->limbs[0] % 2 == 1 && sum->limbs[sum->nlimbs - 1] != 0;
}

/*
 * Random numbers
 */

/* A finite float8 of a kind: scores, decimals, usual ones, any bits, the ends. */
static double
random_double(int kind)
{
	static const double ends[] = { 0,		-0.0,	  DBL_MAX, -DBL_MAX, 5e-324, -5e-324,
								   DBL_MIN, -DBL_MIN, 1,	   -1,		 1e16,	 0.1 };
	uint64_t bits = random_bits();
	double number;

	switch (kind % 6)
	{
		case 0:
			return (double) between(0, 27);
		case 1:
			return (double) between(-600, 600) / 10;
		case 2:
			return (double) between(-100000, 100000) / 1000;
		case 3:
			return (double) between(-1000000000, 1000000000) / 997;
		case 4:
			return ends[between(0, 11)];
		default:
			memcpy(&number, &bits, sizeof(number));
			return isfinite(number) ? number : 1;
	}
}

/* An observation of a few days. */
static Observations
random_observation(int kind, int ndays)
{
	Observations one = { .day = (int32_t) between(0, ndays), .count = 1 };

	exact_of_double(random_double(kind), &one.sum);
	return one;
}

/*
 * Sums
 */

static void
test_doubles(void)
{
	for (int round = 0; round < 200000; round += stride())
	{
		double number = random_double(round);
		double again = -1;
		ExactSum sum;
		Model model = { { 0 } };

		model_add_double(&model, number, 1);
		check(exact_of_double(number, &sum) && is_canonical(&sum), "%g has no exact sum", number);
		check(model_compare(&model, &sum) == 0, "%g has another exact sum", number);
		check(exact_is_double(&sum, &again) && again == number, "%g comes back as %g", number,
			  again);
		check(exact_to_double(&sum, 1) == number, "%g is rounded to %g", number,
			  exact_to_double(&sum, 1));
	}
	end_test("a number has its exact sum, and comes back");
}

static void
test_infinite(void)
{
	ExactSum sum;

	check(!exact_of_double((double) INFINITY, &sum), "infinity has a sum");
	check(!exact_of_double(-(double) INFINITY, &sum), "-infinity has a sum");
	check(!exact_of_double((double) NAN, &sum), "NaN has a sum");
	end_test("what is not finite has none");
}

static void
test_adding(void)
{
	for (int round = 0; round < 3000; round += stride())
	{
		double numbers[40];
		int n = (int) between(1, 40);
		ExactSum sum;
		Model model = { { 0 } };

		exact_of_double(0, &sum);
		for (int i = 0; i < n; i++)
		{
			ExactSum by;
			int sign = percent(30) ? -1 : 1;

			numbers[i] = random_double(percent(70) ? round : (int) between(0, 5));
			exact_of_double(numbers[i], &by);
			exact_add(&sum, &by, sign);
			model_add_double(&model, numbers[i], sign);
			numbers[i] *= sign;
			check(is_canonical(&sum) && model_compare(&model, &sum) == 0,
				  "after %d additions the sum is another one", i + 1);
		}
		/* All of them leave in another order. */
		for (int i = n - 1; i >= 0; i--)
		{
			int j = (int) between(0, i);
			ExactSum by;

			exact_of_double(numbers[j], &by);
			exact_add(&sum, &by, -1);
			numbers[j] = numbers[i];
		}
		check(sum.nlimbs == 0 && is_canonical(&sum), "taking all away leaves something");
	}
	end_test("adding and taking away, bit by bit");
}

/* Whether a float8 is the nearest to a sum divided by a number: no other one is nearer. */
static bool
is_nearest(const ExactSum *sum, uint32_t divisor, double number)
{
	static const Model zero;
	double around[2] = { nextafter(number, -(double) INFINITY),
						 nextafter(number, (double) INFINITY) };
	Model error = zero;
	uint64_t bits;

	memcpy(&bits, &number, sizeof(bits));
	model_add_exact(&error, sum, 1);
	model_add_double(&error, number, -(int64_t) divisor);
	for (int i = 0; i < 2; i++)
	{
		/* Twice the error, and the step to the neighbour: which is longer? */
		Model twice = zero;
		Model to_twice = zero;
		int sign;

		if (isinf(around[i]))
			continue;
		for (int k = 0; k < MODEL_DIGITS; k++)
			twice.digits[k] = 2 * error.digits[k];
		model_add_double(&twice, number, divisor);
		model_add_double(&twice, around[i], -(int64_t) divisor);
		to_twice = twice;
		sign = model_carry(&to_twice);
		if (sign == 0 ? bits % 2 != 0 : (sign > 0) == (i == 1))
			return false;
	}
	return true;
}

static void
test_rounding(void)
{
	for (int round = 0; round < 60000; round += stride())
	{
		ExactSum sum;
		uint32_t divisor = percent(30) ? 1 : (uint32_t) between(1, percent(50) ? 10 : INT32_MAX);
		double number;

		exact_of_double(0, &sum);
		for (int i = (int) between(1, 4); i > 0; i--)
		{
			ExactSum by;

			exact_of_double(random_double((int) between(0, 5)), &by);
			if (exact_top(&by) <= 1000)
				exact_add(&sum, &by, 1);
		}
		/* Often just a tie, or next to one: a number of 53 bits, half a unit, and a little. */
		if (percent(50))
		{
			ExactSum by;
			double start = ldexp((double) (random_bits() >> 11), (int) between(-1074, 900));

			exact_of_double(start, &sum);
			exact_of_double((nextafter(start, (double) INFINITY) - start) / 2, &by);
			exact_add(&sum, &by, 1);
			exact_of_double(percent(50) ? 0 : (percent(50) ? 5e-324 : -5e-324), &by);
			exact_add(&sum, &by, 1);
			sum.negative = percent(50) && sum.nlimbs > 0;
		}
		number = exact_to_double(&sum, divisor);
		check(is_nearest(&sum, divisor, number), "%.17g is not the nearest of divisor %" PRIu32,
			  number, divisor);
	}
	end_test("sums and means are rounded to the nearest, ties to even");
}

static void
test_rounding_ends(void)
{
	static const struct
	{
		double a, b;
		uint32_t divisor;
		double rounded;
	} cases[] = {
		{ 5e-324, 0, 2, 0 },
		{ 5e-324, 5e-324, 3, 5e-324 },
		{ 1.5e-323, 0, 2, 1e-323 },
		{ 5e-324, 0, 3, 0 },
		{ DBL_MAX, DBL_MAX, 2, DBL_MAX },
		{ DBL_MAX, 0x1p969, 1, DBL_MAX },
		{ DBL_MAX, 0x1p970, 1, INFINITY },
		{ 1, 0, 3, 1.0 / 3 },
		{ 1e16, 1, 1, 1e16 },
		{ 0x1p-1022, -5e-324, 1, 0x0.fffffffffffffp-1022 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		ExactSum sum;
		ExactSum by;

		exact_of_double(cases[i].a, &sum);
		exact_of_double(cases[i].b, &by);
		exact_add(&sum, &by, 1);
		check(exact_to_double(&sum, cases[i].divisor) == cases[i].rounded, "case %zu is %g", i,
			  exact_to_double(&sum, cases[i].divisor));
		sum.negative = true;
		check(exact_to_double(&sum, cases[i].divisor) == -cases[i].rounded &&
				  !(cases[i].rounded == 0 && signbit(exact_to_double(&sum, cases[i].divisor))),
			  "case %zu the other way is %g", i, exact_to_double(&sum, cases[i].divisor));
	}
	end_test("rounding at the ends of float8");
}

/*
 * Packed days, and the list of observations that they come from
 */

#define MAX_LIST 60

typedef struct List
{
	Observations items[MAX_LIST];
	int n;
} List;

/* Memory for packed days being written. */
typedef struct Packing
{
	PackedSeries series;
	size_t room;
	int64_t next;
} Packing;

static Packing
new_packing(int ndays)
{
	Packing packing = { .room = (size_t) ndays * SERIES_MAX_RECORD };

	packing.series.records = hold(packing.room);
	return packing;
}

/* Add a day. */
static void
pack_day(Packing *packing, const Observations *day)
{
	uint8_t record[SERIES_MAX_RECORD];
	size_t size;

	if (packing->series.size == 0)
		packing->series.first = (int32_t) (packing->next = day->day);
	size = record_put(record, (int32_t) (day->day - packing->next), day);
	check(size <= SERIES_MAX_RECORD, "a record has %zu bytes", size);
	memcpy((uint8_t *) packing->series.records + packing->series.size, record, size);
	packing->series.size += size;
	packing->next = (int64_t) day->day + 1;
}

/* Add a day of another series. */
static void
copy_day(Packing *packing, const PackedDay *day)
{
	uint8_t *records = (uint8_t *) packing->series.records;

	if (packing->series.size == 0)
		packing->series.first = (int32_t) (packing->next = day->day);
	packing->series.size +=
		record_copy(records + packing->series.size, (int32_t) (day->day - packing->next), day);
	packing->next = (int64_t) day->day + 1;
}

/* The same in memory of exactly its size. */
static PackedSeries
packed(const Packing *packing)
{
	PackedSeries series = packing->series;
	uint8_t *records = hold(series.size);

	memcpy(records, series.records, series.size);
	series.records = records;
	return series;
}

/* The days of a list, as they are by definition: all pairs added up. */
static PackedSeries
pack_list(const List *list, int32_t last)
{
	Packing packing = new_packing(list->n);

	for (int32_t day = 0; day <= last; day++)
	{
		Observations sum = { .day = day };

		exact_of_double(0, &sum.sum);
		for (int i = 0; i < list->n; i++)
			if (list->items[i].day == day)
			{
				sum.count += list->items[i].count;
				exact_add(&sum.sum, &list->items[i].sum, 1);
			}
		if (sum.count > 0)
			pack_day(&packing, &sum);
	}
	return packed(&packing);
}

static bool
same_series(const PackedSeries *a, const PackedSeries *b)
{
	return a->first == b->first && a->size == b->size &&
		   memcmp(a->records, b->records, a->size) == 0;
}

static List
random_list(int kind, int n, int ndays)
{
	List list = { .n = n };

	for (int i = 0; i < n; i++)
		list.items[i] = random_observation(percent(90) ? kind : (int) between(0, 5), ndays);
	return list;
}

static void
test_records(void)
{
	for (int round = 0; round < 40000; round += stride())
	{
		Packing packing = new_packing(2);
		Observations days[2];
		Observations more;
		PackedSeries series;
		SeriesScan scan;

		for (int i = 0; i < 2; i++)
		{
			days[i] = random_observation(round, 0);
			days[i].day = i == 0 ? (int32_t) between(-2000, 2000)
								 : days[0].day + (int32_t) between(1, percent(50) ? 20 : 73000);
			more = random_observation((int) between(0, 5), 0);
			if (percent(30))
				exact_add(&days[i].sum, &more.sum, 1);
			days[i].count = percent(50) ? 1 : (uint32_t) between(1, percent(50) ? 300 : INT32_MAX);
			pack_day(&packing, &days[i]);
		}
		series = packed(&packing);
		scan_start(&scan, &series);
		for (int i = 0; i < 2; i++)
			check(scan_next(&scan) && scan.here.day == days[i].day &&
					  scan.here.count == days[i].count && is_canonical(&scan.here.sum) &&
					  exact_compare(&scan.here.sum, &days[i].sum) == 0,
				  "a packed day is read as another one");
		check(!scan_next(&scan) && !scan.is_damaged, "more is read than was packed");
		release_all();
	}
	end_test("packed days come back");
}

static void
test_sizes(void)
{
	static const struct
	{
		double sum;
		uint32_t count;
		int32_t skipped;
		size_t size;
	} cases[] = { { 0, 1, 0, 1 },
				  { 7, 1, 6, 2 },
				  { -27, 1, 0, 2 },
				  { 7, 2, 0, 3 },
				  { 7, 1, 7, 3 },
				  { 7, 1, 30, 3 },
				  { 36.6, 1, 0, 3 },
				  { 0.1, 1, 0, 2 },
				  { -72.35, 1, 0, 3 },
				  { 0.125, 1, 0, 2 },
				  { 128, 1, 0, 3 },
				  { 4294967295.0, 1, 0, 6 },
				  { 4294967296.0, 1, 0, 5 },
				  { 1.0 / 3, 1, 0, 11 } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		uint8_t record[SERIES_MAX_RECORD];
		Observations day = { .count = cases[i].count };
		size_t size;

		exact_of_double(cases[i].sum, &day.sum);
		size = record_put(record, cases[i].skipped, &day);
		check(size == cases[i].size, "a day of %g takes %zu bytes", cases[i].sum, size);
	}
	end_test("usual days take few bytes");
}

static void
test_damage(void)
{
	long read = 0;

	for (int round = 0; round < 60000; round += stride())
	{
		List list = random_list(round, 4, 60);
		PackedSeries series = pack_list(&list, 60);
		SeriesScan scan;
		uint8_t *bytes = (uint8_t *) series.records;

		if (percent(50))
			bytes[between(0, (int64_t) series.size - 1)] ^= (uint8_t) (1 << between(0, 7));
		else if (percent(50))
			for (size_t i = 0; i < series.size; i++)
				bytes[i] = (uint8_t) random_bits();
		else
		{
			series.size = (size_t) between(1, (int64_t) series.size);
			bytes = hold(series.size);
			memcpy(bytes, series.records, series.size);
			series.records = bytes;
		}
		scan_start(&scan, &series);
		while (scan_next(&scan))
		{
			read++;
			check(is_canonical(&scan.here.sum) && scan.here.count >= 1 &&
					  exact_top(&scan.here.sum) <= EXACT_TOP && scan.here.day <= CALENDAR_LAST_DAY,
				  "what cannot be is read");
		}
		check(scan.at <= scan.end, "more is read than there is");
		release_all();
	}
	check(read > 1000, "little was read");
	end_test("damaged days are refused or harmless");
}

/*
 * Tallies
 */

/* Change a tally (or NULL), laying it out anew where it must grow. */
static SeriesResult
change(DayTally **tally, const Observations *by, int sign)
{
	SeriesResult result = RESULT_FULL;

	if (*tally != NULL)
		result = tally_change(*tally, by, sign);
	for (int i = 0; result == RESULT_FULL; i++)
	{
		DayTally shape;
		DayTally *grown;

		if (!check(i == 0, "a tally that has just grown is full"))
			return result;
		if (tally_plan(&shape, *tally, by) != SERIES_OK)
			return result;
		grown = malloc(tally_size(&shape));
		if (grown == NULL)
			abort();
		memset(grown, 0, tally_size(&shape));
		memcpy(grown, &shape, sizeof(shape));
		if (*tally != NULL)
			tally_move(grown, *tally);
		free(*tally);
		*tally = grown;
		result = tally_change(*tally, by, sign);
	}
	return result;
}

/* The days of a tally. */
static PackedSeries
pack_tally(const DayTally *tally)
{
	Packing packing = new_packing(MAX_LIST);
	TallyScan scan;

	if (tally == NULL)
		return packing.series;
	tally_scan_start(&scan, tally);
	while (tally_scan_next(&scan))
		pack_day(&packing, &scan.here);
	return packed(&packing);
}

static void
test_tallies(void)
{
	for (int round = 0; round < 3000; round += stride())
	{
		int last = percent(50) ? 10 : 300;
		List list = { .n = 0 };
		DayTally *tally = NULL;
		PackedSeries got;
		PackedSeries wanted;

		for (int step = 0; step < 150; step++)
		{
			if (list.n < MAX_LIST && (list.n == 0 || percent(step < 100 ? 60 : 45)))
			{
				Observations one =
					random_observation(percent(90) ? round : (int) between(0, 5), last);

				check(change(&tally, &one, 1) == RESULT_OK, "an observation cannot be added");
				list.items[list.n++] = one;
			}
			else
			{
				int i = (int) between(0, list.n - 1);

				check(change(&tally, &list.items[i], -1) == RESULT_OK,
					  "what was added cannot be taken away");
				list.items[i] = list.items[--list.n];
			}
		}
		got = pack_tally(tally);
		wanted = pack_list(&list, last);
		check(same_series(&got, &wanted), "a tally of %d observations is another series", list.n);
		free(tally);
		release_all();
	}
	end_test("observations come and go in any order");
}

/* Sums that grow beyond the limbs that they were given: the carry must not be lost. */
static void
test_carrying(void)
{
	for (int top = 40; top < 1000; top++)
	{
		for (int sign = -1; sign <= 1; sign += 2)
		{
			Observations one = { .day = 0, .count = 1 };
			DayTally *tally = NULL;
			ExactSum sum;
			TallyScan scan;

			exact_of_double(0, &sum);
			for (int i = 0; i < 10; i++)
			{
				/* The first has the lowest bit, the others the highest ones. */
				exact_of_double(i == 0 ? 1 : sign * ldexp(1, top), &one.sum);
				exact_add(&sum, &one.sum, 1);
				check(change(&tally, &one, 1) == RESULT_OK, "2^%d cannot be added", top);
			}
			tally_scan_start(&scan, tally);
			check(tally_scan_next(&scan) && exact_compare(&scan.here.sum, &sum) == 0,
				  "nine times 2^%d and 1 is another sum", top);
			free(tally);
		}
	}
	end_test("sums grow beyond their limbs");
}

/* Slide a frame of 84 days over 40,000, forwards (sign 1) or back; the largest tally on the way. */
static size_t
slide(int sign)
{
	DayTally *tally = NULL;
	size_t largest = 0;

	for (int32_t i = 0; i < 40000; i += stride())
	{
		Observations one = { .day = sign * i, .count = 1 };

		exact_of_double(36.6, &one.sum);
		check(change(&tally, &one, 1) == RESULT_OK, "day %d cannot enter", one.day);
		one.day -= sign * 84;
		check(change(&tally, &one, -1) == (i < 84 ? RESULT_BELOW : RESULT_OK),
			  "day %d cannot leave, or can before it came", one.day);
		if (tally_size(tally) > largest)
			largest = tally_size(tally);
	}
	free(tally);
	return largest;
}

static void
test_sliding(void)
{
	check(slide(1) < 8000, "a frame grows");
	check(slide(-1) < 8000, "a frame that moves back grows");
	end_test("a frame slides without growing");
}

static void
test_results(void)
{
	DayTally *tally = NULL;
	DayTally shape;
	Observations one = { .day = 100, .count = 1 };
	Observations many = { .day = 100, .count = SERIES_MAX_COUNT };

	exact_of_double(DBL_MAX, &one.sum);
	exact_of_double(0, &many.sum);
	check(change(&tally, &one, 1) == RESULT_OK, "one");
	check(change(&tally, &many, 1) == RESULT_ABOVE, "too many");
	check(change(&tally, &many, -1) == RESULT_BELOW, "too few");
	one.day = 101;
	check(change(&tally, &one, -1) == RESULT_BELOW, "none");
	one.day = 100000;
	check(change(&tally, &one, -1) == RESULT_BELOW, "none outside the window");
	one.day = 100;
	one.sum.negative = true;
	check(change(&tally, &one, -1) == RESULT_REST, "a sum is left");
	check(change(&tally, &one, 1) == RESULT_OK, "another");
	many.count = 1;
	check(change(&tally, &many, 1) == RESULT_OK, "a zero");
	one.sum.negative = false;
	check(change(&tally, &one, -1) == RESULT_OK, "one leaves");
	check(change(&tally, &one, -1) == RESULT_SUM, "the mean would be out of range");
	one.day = 100 + SERIES_MAX_DAYS;
	check(tally_plan(&shape, tally, &one) == SERIES_SPAN, "a span of over 200 years");
	one.day--;
	check(change(&tally, &one, 1) == RESULT_OK, "one of 200 years");
	one.day = 101 - SERIES_MAX_DAYS;
	check(tally_plan(&shape, tally, &one) == SERIES_SPAN, "a span of 400 years");
	free(tally);

	/* A window is larger than its days are apart, but no day in it is too far from another. */
	tally = NULL;
	for (int32_t day = 0; day <= 70000; day += 35000)
	{
		one.day = day;
		check(change(&tally, &one, 1) == RESULT_OK, "a day of 190 years");
	}
	one.day = SERIES_MAX_DAYS;
	check(change(&tally, &one, 1) == RESULT_FULL, "a day beyond 200 years enters");
	free(tally);

	/* Minus one, all bits set, is left. */
	tally = NULL;
	one.day = 0;
	exact_of_double(0, &one.sum);
	check(change(&tally, &one, 1) == RESULT_OK, "zero");
	exact_of_double(1, &one.sum);
	check(change(&tally, &one, -1) == RESULT_REST, "minus one is left");
	free(tally);
	end_test("what cannot be is said");
}

/*
 * Merging
 */

/* Both series (sign 1), or a without b (sign -1); *result is that of the last day. */
static PackedSeries
merge(const PackedSeries *a, const PackedSeries *b, int sign, SeriesResult *result)
{
	Packing packing = new_packing(2 * MAX_LIST);
	SeriesMerge merging;

	merge_start(&merging, a, b, sign);
	while (merge_next(&merging, result) && *result == RESULT_OK)
	{
		if (!merging.is_sum)
			copy_day(&packing, &merging.copied);
		else if (merging.merged.count > 0)
			pack_day(&packing, &merging.merged);
	}
	return packed(&packing);
}

static void
test_merging(void)
{
	for (int round = 0; round < 6000; round += stride())
	{
		int n = (int) between(0, MAX_LIST / 2);
		int m = (int) between(0, MAX_LIST / 2);
		List all = random_list(round, n + m, 40);
		List parts[2] = { all, { .n = m } };
		PackedSeries whole = pack_list(&all, 40);
		PackedSeries a;
		PackedSeries b;
		PackedSeries got;
		SeriesResult result = RESULT_OK;

		parts[0].n = n;
		memcpy(parts[1].items, all.items + n, (size_t) m * sizeof(Observations));
		a = pack_list(&parts[0], 40);
		b = pack_list(&parts[1], 40);
		got = merge(&a, &b, 1, &result);
		check(result == RESULT_OK && same_series(&got, &whole), "%d and %d merge to another", n, m);
		got = merge(&b, &a, 1, &result);
		check(same_series(&got, &whole), "%d and %d merge to another the other way", n, m);
		got = merge(&whole, &b, -1, &result);
		check(result == RESULT_OK && same_series(&got, &a), "(a || b) - b is not a");
		if (m > 0)
		{
			check(series_compare(&a, &whole) != 0, "a series is equal to more than itself");
			merge(&a, &whole, -1, &result);
			check(result == RESULT_BELOW, "less than nothing is left");
		}
		release_all();
	}
	end_test("series merge, and are taken away again");
}

static void
test_order(void)
{
	for (int round = 0; round < 6000; round += stride())
	{
		PackedSeries s[3];
		int ab;
		int bc;

		for (int i = 0; i < 3; i++)
		{
			List list = random_list(percent(50) ? 0 : 4, (int) between(0, 3), 1);

			s[i] = pack_list(&list, 1);
		}
		ab = series_compare(&s[0], &s[1]);
		bc = series_compare(&s[1], &s[2]);
		check(ab == -series_compare(&s[1], &s[0]), "the order has two directions");
		check((ab == 0) == same_series(&s[0], &s[1]), "equal is not the same bytes");
		if (ab <= 0 && bc <= 0)
			check(series_compare(&s[0], &s[2]) <= 0, "the order is not transitive");
		release_all();
	}
	end_test("series have a total order");
}

/*
 * Text and binary forms
 */

typedef struct Text
{
	char *text;
	size_t length;
	size_t room;
} Text;

static void
put(void *target, const char *text, size_t length)
{
	Text *to = target;

	if (length >= to->room - to->length)
		abort();
	memcpy(to->text + to->length, text, length);
	to->length += length;
	to->text[to->length] = '\0';
}

/* The text form, in memory of exactly its size. */
static char *
format(const PackedSeries *series)
{
	Text text = { .room = 200000 };
	TextSink sink = { put, &text };
	char *exact;

	text.text = hold(text.room);
	series_format(series, &sink);
	exact = hold(text.length + 1);
	memcpy(exact, text.text, text.length + 1);
	return exact;
}

/* Read a text. */
static SeriesFault
parse(const char *written, PackedSeries *series)
{
	Packing packing = new_packing((int) strlen(written) / 2 + 1);
	SeriesText text;
	SeriesFault fault = series_text_start(&text, written);

	while (fault == SERIES_OK && *text.at != '\0')
	{
		Observations day;
		bool is_day;

		fault = series_text_next(&text, &day, &is_day);
		if (fault == SERIES_OK && is_day)
			fault =
				observations_check(&day, packing.series.size == 0 ? day.day : packing.series.first);
		if (fault == SERIES_OK && is_day)
			pack_day(&packing, &day);
	}
	*series = packed(&packing);
	return fault;
}

static void
test_text(void)
{
	for (int round = 0; round < 6000; round += stride())
	{
		List list = random_list(round, (int) between(0, 20), 30);
		PackedSeries series = pack_list(&list, 30);
		char *text = format(&series);
		PackedSeries again;

		check(parse(text, &again) == SERIES_OK && same_series(&series, &again),
			  "%.200s is read as another series", text);
		release_all();
	}
	end_test("a text is read as what was written");
}

static void
test_damaged_text(void)
{
	static const char letters[] = "0123456789.-+*^2/() eE:naif\t";
	long read = 0;

	for (int round = 0; round < 40000; round += stride())
	{
		List list = random_list((int) between(0, 4), 3, 5);
		PackedSeries series = pack_list(&list, 5);
		char *text = format(&series);
		PackedSeries again;

		for (int i = (int) between(1, 3); i > 0; i--)
			text[between(0, (int64_t) strlen(text) - 1)] =
				letters[between(0, (int64_t) sizeof(letters) - 2)];
		if (parse(text, &again) == SERIES_OK)
		{
			PackedSeries third;
			char *canonical = format(&again);

			read++;
			check(parse(canonical, &third) == SERIES_OK && same_series(&again, &third),
				  "%.200s, read from %.200s, is read as another series", canonical, text);
		}
		release_all();
	}
	check(read > 100, "little was read");
	end_test("whatever text is read is written and read as the same");
}

/* Read a binary form. */
static SeriesFault
decode(const uint8_t *bytes, size_t size, PackedSeries *series)
{
	Packing packing = new_packing(MAX_LIST);
	SeriesWire wire;
	SeriesFault fault = series_wire_start(&wire, bytes, size);

	while (fault == SERIES_OK && wire.left > 0)
	{
		Observations day;

		fault = series_wire_next(&wire, &day);
		if (fault == SERIES_OK)
			fault =
				observations_check(&day, packing.series.size == 0 ? day.day : packing.series.first);
		if (fault == SERIES_OK)
			pack_day(&packing, &day);
	}
	*series = packed(&packing);
	return fault;
}

/* The binary form in memory of exactly its size. */
static uint8_t *
encode(const PackedSeries *series, size_t *size)
{
	uint8_t *bytes = hold((size_t) MAX_LIST * SERIES_MAX_RECORD);
	uint8_t *exact;
	uint32_t ndays = 0;
	SeriesScan scan;

	*size = SERIES_WIRE_HEADER;
	scan_start(&scan, series);
	for (; scan_next(&scan); ndays++)
		*size += series_wire_put(bytes + *size, &scan.here);
	series_wire_header(bytes, ndays);
	exact = hold(*size);
	memcpy(exact, bytes, *size);
	return exact;
}

static void
test_binary(void)
{
	for (int round = 0; round < 10000; round += stride())
	{
		List list = random_list(round, (int) between(0, 20), 30);
		PackedSeries series = pack_list(&list, 30);
		PackedSeries again;
		size_t size;
		uint8_t *bytes = encode(&series, &size);

		check(decode(bytes, size, &again) == SERIES_OK && same_series(&series, &again),
			  "a binary form is read as another series");
		bytes[between(0, (int64_t) size - 1)] ^= (uint8_t) (1 << between(0, 7));
		if (decode(bytes, size, &again) == SERIES_OK)
		{
			PackedSeries third;

			bytes = encode(&again, &size);
			check(decode(bytes, size, &third) == SERIES_OK && same_series(&again, &third),
				  "what was read is not canonical");
		}
		release_all();
	}
	end_test("a binary form is read as what was written, or refused");
}

int
main(void)
{
	PackedSeries series;

	start_random();
	test_doubles();
	test_infinite();
	test_adding();
	test_rounding();
	test_rounding_ends();
	test_records();
	test_sizes();
	test_damage();
	test_tallies();
	test_carrying();
	test_sliding();
	test_results();
	test_merging();
	test_order();
	test_text();
	test_damaged_text();
	test_binary();
	ok(parse("empty", &series) == SERIES_OK && series.size == 0 && series.first == 0, "empty");
	ok(parse("2026-01-05: (1e308+1e308)/2 1e308*2^32", &series) == SERIES_SUM, "too large a sum");
	release_all();
	return end_tests();
}
