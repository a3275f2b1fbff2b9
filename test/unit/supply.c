/*
 * Dispensings outside the server: numbers, text and binary forms there and
 * back and damaged; packing of any order and split to the same bytes; measures
 * by hand, against counts day by day, and with absurd numbers.  SEED=n repeats
 * a run.
 */
#include "supply/cma.h"

#include <float.h>

#include "adherence/number_text.h"
#include "tap.h"

#define MAX_ITEMS 40
#define MAX_NAME 12
#define ROOM_FOR_NAMES (MAX_ITEMS * (MAX_NAME + sizeof(uint32_t)))

/* A test of one check. */
static void
ok(bool passed, const char *about)
{
	check(passed, "no");
	end_test(about);
}

/*
 * Random dispensings
 */

/* A buffer with room for some dispensings and bytes of names. */
static DispensingsBuffer
new_buffer(size_t n, size_t names_size)
{
	char *names = hold(names_size);

	return (DispensingsBuffer){ .items = hold(n * sizeof(Dispensing)),
								.names_end = names + names_size };
}

/* Packed dispensings in memory of exactly their size. */
static Dispensings
pack(const Dispensings *from)
{
	DispensingsBuffer to = new_buffer(from->n, from->names_size);

	dispensings_pack(&to, from, hold(dispensings_count_names(from) * sizeof(NameMove)));
	return dispensings_of_buffer(&to);
}

/* A name of a few letters, out of so many. */
static MedicationName
random_name(int kinds)
{
	char *name = hold(MAX_NAME);
	int length =
		snprintf(name, MAX_NAME, "%s%d", percent(30) ? "a\"," : "", (int) between(1, kinds));

	if (percent(20))
		return (MedicationName){ NULL, 0 };
	return (MedicationName){ name, percent(5) ? 0 : (size_t) length };
}

/* One dispensing near the first days of 2000. */
static DispensingInput
random_input(int kinds)
{
	static const double durations[] = { 0.25, 1, 7, 7.5, 14, 28, 30, 30.1, 90 };
	static const double doses[] = { UNKNOWN_DOSE, 0.5, 1, 1, 2, 3 };

	return (DispensingInput){ .day = (int32_t) between(0, 200),
							  .duration = durations[between(0, 8)],
							  .dose = doses[between(0, 5)],
							  .medication = random_name(kinds) };
}

/* Some of them, as they come. */
static DispensingsBuffer
random_buffer(size_t n, int kinds)
{
	DispensingsBuffer buffer = new_buffer(MAX_ITEMS, ROOM_FOR_NAMES);

	for (size_t i = 0; i < n; i++)
	{
		DispensingInput input = random_input(kinds);

		dispensings_append(&buffer, &input);
	}
	return buffer;
}

/* Packed random dispensings. */
static Dispensings
random_supply(size_t n, int kinds)
{
	DispensingsBuffer buffer = random_buffer(n, kinds);
	Dispensings loose = dispensings_of_buffer(&buffer);

	return pack(&loose);
}

/* Packed dispensings (day, duration) of one medication. */
static Dispensings
supply_of(const double (*rows)[2], size_t n)
{
	DispensingsBuffer buffer = new_buffer(n, 0);
	Dispensings loose;

	for (size_t i = 0; i < n; i++)
	{
		DispensingInput input = { (int32_t) rows[i][0], rows[i][1], UNKNOWN_DOSE, { NULL, 0 } };

		dispensings_append(&buffer, &input);
	}
	loose = dispensings_of_buffer(&buffer);
	return pack(&loose);
}

/* Whether packed dispensings have the same bytes. */
static bool
same_bytes(const Dispensings *a, const Dispensings *b)
{
	return a->n == b->n && a->names_size == b->names_size &&
		   memcmp(a->items, b->items, a->n * sizeof(Dispensing)) == 0 &&
		   memcmp(a->names_end - a->names_size, b->names_end - b->names_size, a->names_size) == 0;
}

/* One dispensing with its name. */
static DispensingInput
input_of(const Dispensings *supply, size_t i)
{
	const Dispensing *item = &supply->items[i];

	return (DispensingInput){ item->day, item->duration, item->dose,
							  medication_name(supply, item->medication) };
}

/*
 * Packing
 */

static void
test_packing(void)
{
	for (int round = 0; round < 4000; round++)
	{
		size_t n = (size_t) between(0, MAX_ITEMS);
		DispensingsBuffer buffer = random_buffer(n, percent(50) ? 3 : 40);
		Dispensings loose = dispensings_of_buffer(&buffer);
		Dispensings packed = pack(&loose);
		DispensingsBuffer again = new_buffer(MAX_ITEMS, ROOM_FOR_NAMES);
		Dispensings other;

		/* The same in another order. */
		for (size_t i = n; i > 1; i--)
		{
			size_t j = (size_t) between(0, (int64_t) i - 1);
			Dispensing swapped = buffer.items[i - 1];

			buffer.items[i - 1] = buffer.items[j];
			buffer.items[j] = swapped;
		}
		for (size_t i = 0; i < n; i++)
		{
			DispensingInput input = input_of(&loose, i);

			dispensings_append(&again, &input);
		}
		other = dispensings_of_buffer(&again);
		other = pack(&other);
		check(dispensings_are_packed(&packed), "what is packed is not in order");
		check(same_bytes(&packed, &other), "another order packs to other bytes");
		check(dispensings_compare(&packed, &other) == 0, "equal supplies do not compare equal");
		release_all();
	}
	end_test("any order packs to the same bytes");
}

static void
test_merging(void)
{
	for (int round = 0; round < 4000; round++)
	{
		size_t n = (size_t) between(0, MAX_ITEMS);
		size_t split = (size_t) between(0, (int64_t) n);
		DispensingsBuffer whole = random_buffer(n, percent(50) ? 3 : 40);
		Dispensings parts[2] = { dispensings_of_buffer(&whole), dispensings_of_buffer(&whole) };
		Dispensings packed = pack(&parts[0]);
		DispensingsBuffer merged = new_buffer(MAX_ITEMS, 2 * ROOM_FOR_NAMES);
		Dispensings result;

		parts[0].n = split;
		parts[1].items += split;
		parts[1].n -= split;
		for (int i = 1; i >= 0; i--)
			dispensings_append_all(&merged, &parts[i],
								   hold(dispensings_count_names(&parts[i]) * sizeof(NameMove)));
		result = dispensings_of_buffer(&merged);
		result = pack(&result);
		check(same_bytes(&packed, &result), "%zu and %zu merge to other bytes", split, n - split);
		release_all();
	}
	end_test("any split merges to the same bytes");
}

static void
test_order(void)
{
	for (int round = 0; round < 3000; round++)
	{
		Dispensings s[3];
		int ab;
		int bc;

		for (int i = 0; i < 3; i++)
			s[i] = random_supply((size_t) between(0, 3), 2);
		ab = dispensings_compare(&s[0], &s[1]);
		bc = dispensings_compare(&s[1], &s[2]);
		check(ab == -dispensings_compare(&s[1], &s[0]), "the order has two directions");
		check((ab == 0) == same_bytes(&s[0], &s[1]), "equal is not the same bytes");
		if (ab <= 0 && bc <= 0)
			check(dispensings_compare(&s[0], &s[2]) <= 0, "the order is not transitive");
		release_all();
	}
	end_test("supplies have a total order");
}

static void
test_soundness(void)
{
	for (int round = 0; round < 20000; round++)
	{
		Dispensings supply = random_supply((size_t) between(1, 4), 3);
		char *names = (char *) supply.names_end - supply.names_size;

		check(dispensings_are_sound(&supply), "what is packed is not sound");
		if (percent(50) && supply.names_size > 0)
			names[between(0, (int64_t) supply.names_size - 1)] ^= (char) (1 << between(0, 7));
		else
			((uint8_t *) supply.items)[between(0, (int64_t) (supply.n * sizeof(Dispensing)) - 1)] ^=
				(uint8_t) (1 << between(0, 7));

		/* Whatever passes can be read and asked. */
		if (dispensings_are_sound(&supply))
		{
			Dispensings again = pack(&supply);

			check(again.n == supply.n, "a dispensing is lost");
		}
		release_all();
	}
	end_test("damaged values are refused or harmless");
}

/*
 * Text
 */

/* A text being written. */
typedef struct Text
{
	char *text;
	size_t length;
	size_t room;
} Text;

static void
put(void *target, const void *bytes, size_t length)
{
	Text *to = target;

	if (length >= to->room - to->length)
		abort();
	memcpy(to->text + to->length, bytes, length);
	to->length += length;
	to->text[to->length] = '\0';
}

static void
put_text(void *target, const char *text, size_t length)
{
	put(target, text, length);
}

/* Room for the text or bytes of a supply. */
static Text
new_text(const Dispensings *supply)
{
	Text text = { .room = 64 };

	for (size_t i = 0; i < supply->n; i++)
		text.room += 160 + 2 * input_of(supply, i).medication.length;
	text.text = hold(text.room);
	return text;
}

/* Read a text; the supply is good where it is of the form. */
static SupplyFault
parse(const char *text, Dispensings *supply)
{
	DispensingsBuffer buffer = new_buffer(MAX_ITEMS + 1, strlen(text) * 5);
	char *name = hold(strlen(text) + 1);
	bool is_last;
	SupplyFault fault = supply_text_start(&text, &is_last);

	while (fault == SUPPLY_OK && !is_last)
	{
		DispensingInput input;

		fault = supply_text_next(&text, name, &input, &is_last);
		if (fault == SUPPLY_OK)
			dispensings_append(&buffer, &input);
	}
	*supply = dispensings_of_buffer(&buffer);
	*supply = pack(supply);
	return fault;
}

static void
test_numbers(void)
{
	for (int round = 0; round < 200000; round++)
	{
		uint64_t bits = random_bits();
		double number;
		double again = 0;
		char text[NUMBER_SIZE];
		const char *at = text;
		size_t length;

		memcpy(&number, &bits, sizeof(number));
		number = fabs(number);
		if (!supply_number_is_valid(number))
			number = (double) between(1, 100000) / (double) between(1, 1000);
		length = number_format(number, text);
		check(length < sizeof(text) && length == strlen(text), "%s does not fit", text);
		check(number_parse(&at, &again) && *at == '\0' && again == number, "%s is not %.17g", text,
			  number);
	}
	end_test("numbers are read as they were");
	ok(supply_number_is_valid(DBL_MAX) && supply_number_is_valid(5e-324) &&
		   !supply_number_is_valid(0) && !supply_number_is_valid(-1) &&
		   !supply_number_is_valid(NAN) && !supply_number_is_valid(INFINITY),
	   "durations and doses are finite and above 0");
}

static void
test_text_round_trips(void)
{
	for (int round = 0; round < 3000; round++)
	{
		Dispensings supply = random_supply((size_t) between(0, MAX_ITEMS), 5);
		Text text = new_text(&supply);
		TextSink sink = { put_text, &text };
		Dispensings again;

		dispensings_format(&supply, &sink);
		check(parse(text.text, &again) == SUPPLY_OK && same_bytes(&supply, &again),
			  "%s is read as something else", text.text);
		release_all();
	}
	end_test("texts are read as they were");
}

static void
test_texts(void)
{
	static const struct
	{
		const char *text;
		SupplyFault fault;
	} cases[] = {
		{ "empty", SUPPLY_OK },
		{ "2026-01-05 30 days", SUPPLY_OK },
		{ " 2026-01-05 1 DAY AT .5 a day OF \"\"\"\" ", SUPPLY_OK },
		{ "2026-01-05 30 days of \"a\",2026-01-05 3e1 days", SUPPLY_OK },
		{ "", SUPPLY_SYNTAX },
		{ "empty 2026-01-05 30 days", SUPPLY_SYNTAX },
		{ "2026-01-05 30", SUPPLY_SYNTAX },
		{ "2026-01-05 30 days,", SUPPLY_SYNTAX },
		{ "2026-01-05 30 days of \"a", SUPPLY_SYNTAX },
		{ "2026-01-05 30 days of \"a\"\"", SUPPLY_SYNTAX },
		{ "2026-01-05 30 days of a", SUPPLY_SYNTAX },
		{ "2026-01-05 30 days at 2", SUPPLY_SYNTAX },
		{ "2026-01-05 0x1p3 days", SUPPLY_SYNTAX },
		{ "2026-01-05 1e days", SUPPLY_SYNTAX },
		{ "2026-01-05 . days", SUPPLY_SYNTAX },
		{ "2026-01-05 30 days 2026-01-06 30 days", SUPPLY_SYNTAX },
		{ "2026-02-30 30 days", SUPPLY_DATE },
		{ "9999999-01-01 30 days", SUPPLY_DATE },
		{ "-infinity 30 days", SUPPLY_INFINITE },
		{ "2026-01-05 0 days", SUPPLY_DURATION },
		{ "2026-01-05 -1 days", SUPPLY_DURATION },
		{ "2026-01-05 1e400 days", SUPPLY_DURATION },
		{ "2026-01-05 1e-400 days", SUPPLY_DURATION },
		{ "2026-01-05 NaN days", SUPPLY_DURATION },
		{ "2026-01-05 -Infinity days", SUPPLY_DURATION },
		{ "2026-01-05 1 day at inf a day", SUPPLY_DOSE },
		{ "2026-01-05 1 day at 0 a day", SUPPLY_DOSE },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		Dispensings supply;
		SupplyFault fault = parse(cases[i].text, &supply);

		check(fault == cases[i].fault, "%s: fault %d, not %d", cases[i].text, (int) fault,
			  (int) cases[i].fault);
		release_all();
	}
	end_test("texts of every kind");
}

/*
 * Binary form
 */

/* Read a binary form; the supply is good where it is of the form. */
static SupplyFault
decode(const uint8_t *bytes, size_t size, Dispensings *supply)
{
	SupplyWire wire;
	SupplyFault fault = supply_wire_start(bytes, size, &wire);
	DispensingsBuffer buffer = new_buffer(fault == SUPPLY_OK ? wire.left : 0, size);

	while (fault == SUPPLY_OK && wire.left > 0)
	{
		DispensingInput input;

		fault = supply_wire_next(&wire, &input);
		if (fault == SUPPLY_OK)
			dispensings_append(&buffer, &input);
	}
	*supply = dispensings_of_buffer(&buffer);
	*supply = pack(supply);
	return fault;
}

/* The binary form of a supply. */
static Text
encode(const Dispensings *supply)
{
	Text bytes = new_text(supply);
	ByteSink sink = { put, &bytes };

	supply_wire_header(supply->n, &sink);
	for (size_t i = 0; i < supply->n; i++)
	{
		DispensingInput input = input_of(supply, i);

		supply_wire_put(&input, &sink);
	}
	return bytes;
}

static void
test_bytes(void)
{
	for (int round = 0; round < 3000; round++)
	{
		Dispensings supply = random_supply((size_t) between(0, 5), 5);
		Text form = encode(&supply);
		size_t cut = (size_t) between(0, (int64_t) form.length - 1);
		uint8_t *bytes = hold(form.length);
		uint8_t *start = hold(cut);
		Dispensings again;

		memcpy(bytes, form.text, form.length);
		memcpy(start, form.text, cut);
		check(decode(bytes, form.length, &again) == SUPPLY_OK && same_bytes(&supply, &again),
			  "bytes are read as something else");
		check(decode(start, cut, &again) == SUPPLY_SYNTAX, "%zu of %zu bytes are enough", cut,
			  form.length);
		for (int64_t flips = between(1, 3); flips > 0; flips--)
			bytes[between(0, (int64_t) form.length - 1)] ^= (uint8_t) (1 << between(0, 7));
		check(decode(bytes, form.length, &again) <= SUPPLY_MANY, "an unknown fault");
		release_all();
	}
	end_test("bytes are read as they were, in part not at all, and damaged in some way");
}

/*
 * Measures
 */

/* Whether a measure has a value, or, for NAN, none. */
static void
check_cma(const Dispensings *supply, int n, CmaQuestion question, double wanted)
{
	double value = 0;
	bool is_defined = cma(supply, n, &question, &value);

	if (isnan(wanted))
		check(!is_defined, "CMA%d is %.17g where it is undefined", n, value);
	else
		check(is_defined && fabs(value - wanted) < 1e-12, "CMA%d is %.17g, not %.17g", n, value,
			  wanted);
}

static void
test_by_hand(void)
{
	static const double rows[][2] = { { 0, 30 }, { 40, 30 }, { 60, 30 }, { 120, 30 } };
	static const double long_ago[][2] = { { 0, 1000 }, { 150, 30 } };
	CmaQuestion whole = { { 0, 150 }, { 0, 150 }, { false, false } };
	CmaQuestion late = { { 50, 140 }, { 0, 150 }, { false, false } };
	CmaQuestion on_last = { { 120, 130 }, { 0, 150 }, { false, false } };
	CmaQuestion ends_on_first = { { 30, 40 }, { 30, 150 }, { false, false } };
	CmaQuestion outlasted = { { 100, 200 }, { 0, 200 }, { false, false } };
	static const double none[] = { NAN, NAN, NAN, NAN, NAN, NAN, 0, 0, 0 };
	/* outlasted: old stock covers the whole of it; W is one dispensing, of 30 days in 50 */
	static const double lasting[] = { NAN, 0.6, NAN, 0.6, NAN, 0.6, 1, NAN, 1 };
	static const double wanted[][9] = {
		/* whole: gaps 10, 0, 20 (10 left over), 0 */
		{ 90.0 / 120, 120.0 / 150, 90.0 / 120, 120.0 / 150, 90.0 / 120, 120.0 / 150, 120.0 / 150,
		  120.0 / 150, 120.0 / 150 },
		/* late: from 50; W are 60 and 120; stock of 40 lasts to 70, and with 60 to 100 */
		{ 30.0 / 60, 60.0 / 80, 30.0 / 60, 60.0 / 80, 30.0 / 60, 50.0 / 80, 70.0 / 90, 50.0 / 70,
		  (10 + 60 * 2.0 / 3 + 20) / 90 },
		/* on_last: one dispensing, on the first day */
		{ NAN, 3, NAN, 1, NAN, 1, 1, 1, 1 },
	};

	for (int n = 1; n <= 9; n++)
	{
		Dispensings supply = supply_of(rows, 4);
		Dispensings old = supply_of(long_ago, 2);

		check_cma(&supply, n, whole, wanted[0][n - 1]);
		check_cma(&supply, n, late, wanted[1][n - 1]);
		check_cma(&supply, n, on_last, wanted[2][n - 1]);
		check_cma(&supply, n, ends_on_first, none[n - 1]);
		check_cma(&old, n, outlasted, lasting[n - 1]);
		release_all();
	}
	end_test("measures by hand");
}

static void
test_absurd_numbers(void)
{
	static const double rows[][2] = { { CALENDAR_FIRST_DAY, DBL_MAX },
									  { 0, DBL_MAX },
									  { 0, 5e-324 },
									  { CALENDAR_LAST_DAY, DBL_MAX } };
	CmaQuestion question = { { CALENDAR_FIRST_DAY, CALENDAR_LAST_DAY },
							 { CALENDAR_FIRST_DAY, CALENDAR_LAST_DAY },
							 { false, true } };
	Dispensings supply = supply_of(rows, 4);
	CoveredSpan *spans = hold(4 * sizeof(CoveredSpan));
	PdcQuestion pdc_question = { question.observation, NULL, 0 };
	EpisodeRule rule = { .max_gap = DBL_MAX, .gap_is_percent = true };
	EpisodeScan scan;
	Episode episode;
	double value;

	((Dispensing *) supply.items)[1].dose = DBL_MAX;
	((Dispensing *) supply.items)[2].dose = 5e-324;
	for (int n = CMA_FIRST; n <= CMA_LAST; n++)
		if (cma(&supply, n, &question, &value))
			check(isfinite(value) && value >= 0 && (n < 3 || value <= 1), "CMA%d is %g", n, value);
	check(pdc(&supply, &pdc_question, spans, &value) && value >= 0 && value <= 1, "pdc");
	episode_scan_init(&scan, &supply, question.followup, &rule);
	while (episode_next(&scan, &episode))
		check(episode.duration >= 0 && episode.duration <= 2147483647.0, "%g", episode.duration);
	check(!cma(&supply, 0, &question, &value) && !cma(&supply, 10, &question, &value),
		  "no measure");
	release_all();
	end_test("absurd numbers give no absurd answers");
}

/* A random question whose windows lie near the days of random dispensings. */
static CmaQuestion
random_question(void)
{
	int32_t fs = (int32_t) between(-20, 150);
	int32_t fe = fs + (int32_t) between(1, 250);
	int32_t os = (int32_t) between(fs, fe - 1);

	return (CmaQuestion){ { os, (int32_t) between(os + 1, fe) }, { fs, fe }, { false, false } };
}

/* Whether each day of an observation starts with stock, day by day; false where undefined. */
static bool
walk_days(const Dispensings *supply, const CmaQuestion *question, bool *covered)
{
	double stock = 0;
	bool any = false;
	size_t i = 0;

	while (i < supply->n && supply->items[i].day < question->followup.start)
		i++;
	for (int32_t day = question->followup.start; day <= question->observation.end; day++)
	{
		for (; i < supply->n && supply->items[i].day == day; i++)
		{
			stock += supply->items[i].duration;
			any = true;
		}
		if (day >= question->observation.start && day < question->observation.end)
			covered[day - question->observation.start] = stock > 1e-9;
		stock = stock > 1 ? stock - 1 : 0;
	}
	return any;
}

static void
test_covered_days(void)
{
	for (int round = 0; round < 5000; round++)
	{
		Dispensings supply = random_supply((size_t) between(0, 12), 2);
		CmaQuestion question = random_question();
		int32_t ndays = question.observation.end - question.observation.start;
		CalendarBuffer days = { question.observation.start, ndays, CALENDAR_NARROW,
								hold((size_t) ndays) };
		Calendar calendar = calendar_of_buffer(&days);
		bool *covered = hold((size_t) ndays * sizeof(bool));
		bool is_defined = walk_days(&supply, &question, covered);

		check(cover_days(&supply, &question, &days) == is_defined, "defined or not");
		for (int32_t i = 0; is_defined && i < ndays; i++)
		{
			DayCounts counts = calendar_counts(&calendar, i);

			check(counts.prescribed == 1 && counts.taken == covered[i] &&
					  counts.missed == !covered[i] && counts.excusing == 0,
				  "day %d of %d", (int) i, (int) ndays);
		}
		release_all();
	}
	end_test("covered days are those that start with stock");
}

/*
 * Proportion of days covered
 */

/* The same, counted day by day: each medication has its own stock. */
static double
walk_pdc(const Dispensings *supply, const PdcQuestion *question)
{
	double stock[64] = { 0 };
	int32_t day = question->observation.start;
	long covered = 0;
	long days = 0;
	size_t i = dispensings_before(supply, day);

	day = i < supply->n ? supply->items[i].day : question->observation.end;
	for (; day < question->observation.end; day++)
	{
		bool is_excused = false;
		bool is_covered = false;

		for (; i < supply->n && supply->items[i].day == day; i++)
			stock[supply->items[i].medication % 64] += supply->items[i].duration;
		for (size_t e = 0; e < question->nexcused; e++)
			is_excused |= day >= question->excused[e].from && day < question->excused[e].until;
		for (int m = 0; m < 64 && !is_excused; m++)
		{
			is_covered |= stock[m] > 1e-9;
			stock[m] = stock[m] > 1 ? stock[m] - 1 : 0;
		}
		days += !is_excused;
		covered += is_covered;
	}
	return days > 0 ? (double) covered / (double) days : NAN;
}

static void
test_pdc(void)
{
	for (int round = 0; round < 5000; round++)
	{
		/* Three medications whose numbers differ by 6 bytes or so, and that which is not known. */
		Dispensings supply = random_supply((size_t) between(0, 12), 3);
		int64_t first = between(-30, 250);
		int64_t second = first + between(1, 60);
		ExcusedDays stays[] = { { first, second }, { second + between(1, 30), second + 40 } };
		PdcQuestion question = { random_question().observation, stays, (size_t) between(0, 2) };
		CoveredSpan *spans = hold(pdc_spans(&supply, question.observation) * sizeof(CoveredSpan));
		double wanted = walk_pdc(&supply, &question);
		double value = NAN;
		bool is_defined = pdc(&supply, &question, spans, &value);

		check(is_defined == !isnan(wanted) && (!is_defined || fabs(value - wanted) < 1e-12),
			  "%g, not %g", value, wanted);
		release_all();
	}
	end_test("proportion of days covered, day by day");
}

/*
 * Episodes and sliding windows
 */

static void
test_episodes(void)
{
	for (int round = 0; round < 5000; round++)
	{
		Dispensings supply = random_supply((size_t) between(0, 12), 2);
		SupplyWindow followup = random_question().followup;
		EpisodeRule rule = {
			{ percent(50), percent(50) }, (double) between(0, 60), percent(50), percent(30)
		};
		EpisodeScan scan;
		Episode episode;
		double end = followup.start;

		episode_scan_init(&scan, &supply, followup, &rule);
		while (episode_next(&scan, &episode))
		{
			check(episode.start >= end - 1e-9, "an episode starts before the last one ends");
			end = episode.start + episode.duration;
			check(episode.duration >= 0 && end <= followup.end + 1e-9, "an episode ends too late");
			check(episode.gap >= 0 && episode.gap <= followup.end - episode.start,
				  "a gap is longer than what is left");
		}
		release_all();
	}
	end_test("episodes follow one another and stay inside");
}

static void
test_sliding_windows(void)
{
	SupplyWindow longest = { CALENDAR_FIRST_DAY, CALENDAR_LAST_DAY };

	check(sliding_windows((SupplyWindow){ 0, 90 }, 90, 30) == 1, "one that just fits");
	check(sliding_windows((SupplyWindow){ 0, 89 }, 90, 30) == 0, "none that fits");
	check(sliding_windows((SupplyWindow){ 0, 149 }, 90, 30) == 2, "two");
	check(sliding_windows((SupplyWindow){ 0, 150 }, 90, 30) == 3, "three");
	check(sliding_windows(longest, 1, 1) == INT64_C(2147483493), "as many as there are days");
	check(sliding_windows((SupplyWindow){ 0, 10 }, INT32_MAX, INT32_MAX) == 0, "far too wide");
	end_test("sliding windows");
}

int
main(void)
{
	start_random();
	test_packing();
	test_merging();
	test_order();
	test_soundness();
	test_numbers();
	test_text_round_trips();
	test_texts();
	test_bytes();
	test_by_hand();
	test_absurd_numbers();
	test_covered_days();
	test_pdc();
	test_episodes();
	test_sliding_windows();
	return end_tests();
}
