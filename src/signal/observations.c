/*
 * Packed days of a series.  A record is
 *
 *     a byte      bits 0-2: days without observations since the record before,
 *                 7 meaning 7 and a number more; bit 3: several observations;
 *                 bits 4-6: form of the sum; bit 7: the sum is negative
 *     a number    the days beyond 7, if there are 7 or more
 *     a number    how many observations beyond 2, if there are several
 *     the sum     by its form: nothing (zero); a number n for the float8
 *                 n / 1, n / 10, n / 100 or n / 1000; or an exponent (two
 *                 bytes), a length and a magnitude (so many bytes), the lowest
 *                 byte first
 *
 * where a number has seven bits a byte, the lowest first, and the eighth says
 * that more follow.  Every sum has one record: the first form that holds it.
 */
#include "signal/observations.h"

#include <float.h>
#include <math.h>

/* One product or quotient of float8 has to be the float8 nearest to it, so that a sum has one form. */
#if FLT_EVAL_METHOD != 0 && FLT_EVAL_METHOD != 1
#error "coachiatry needs arithmetic that rounds every float8 result (on x86: -mfpmath=sse)"
#endif

/* The parts of a record's first byte. */
#define GAP_MASK 0x07
#define GAP_MORE 7
#define IS_SEVERAL 0x08
#define FORM_SHIFT 4
#define FORM_MASK 0x07
#define IS_NEGATIVE 0x80

/* Forms of sums; FORM_DECIMAL + n is one with n decimals. */
#define FORM_ZERO 0
#define FORM_DECIMAL 1
#define FORM_EXACT 5

/* The largest number of a decimal sum. */
#define MAX_DECIMAL UINT32_MAX

/* What a sum of n decimals is divided by. */
static const double powers_of_ten[] = { 1, 10, 100, 1000 };

#define NPOWERS ((int) (sizeof(powers_of_ten) / sizeof(powers_of_ten[0])))

/* Whether a day can have such a sum: the mean, rounded, is finite. */
static bool
sum_is_valid(const Observations *day)
{
	if (day->sum.nlimbs > 0 && day->sum.exponent < EXACT_LEAST_EXPONENT)
		return false;
	return exact_top(&day->sum) < DOUBLE_TOP || isfinite(exact_to_double(&day->sum, day->count));
}

/* What is wrong with a day of a series whose first day is given, if anything. */
SeriesFault
observations_check(const Observations *day, int64_t first)
{
	if (day->day < CALENDAR_FIRST_DAY || day->day > CALENDAR_LAST_DAY)
		return SERIES_RANGE;
	if (day->day - first >= SERIES_MAX_DAYS)
		return SERIES_SPAN;
	if (day->count < 1 || day->count > SERIES_MAX_COUNT)
		return SERIES_COUNT;
	return sum_is_valid(day) ? SERIES_OK : SERIES_SUM;
}

/*
 * Writing
 */

/* Write a number of seven bits a byte. */
static uint8_t *
put_number(uint8_t *at, uint32_t number)
{
	for (; number > 0x7F; number >>= 7)
		*at++ = (uint8_t) (number | 0x80);
	*at++ = (uint8_t) number;
	return at;
}

/* Write a sum with all its bits. */
static uint8_t *
put_exact(uint8_t *at, const ExactSum *sum)
{
	int nbytes = (exact_bits(sum) + 7) / 8;
	uint32_t exponent = (uint32_t) sum->exponent;

	*at++ = (uint8_t) exponent;
	*at++ = (uint8_t) (exponent >> 8);
	at = put_number(at, (uint32_t) nbytes);
	for (int i = 0; i < nbytes; i++)
		*at++ = (uint8_t) (sum->limbs[i / 8] >> (i % 8 * 8));
	return at;
}

/* Whether a sum without its sign is a number with few decimals; the number, and how many. */
static bool
find_decimal(const ExactSum *sum, uint32_t *number, int *decimals)
{
	double value;

	if (!exact_is_double(sum, &value))
		return false;
	value = fabs(value);
	for (int i = 0; i < NPOWERS; i++)
	{
		double scaled = value * powers_of_ten[i];

		if (scaled > MAX_DECIMAL)
			return false;
		*number = (uint32_t) (scaled + 0.5);
		*decimals = i;
		if (*number / powers_of_ten[i] == value)
			return true;
	}
	return false;
}

/* Write the first byte of a record, and how far it is from the one before. */
static uint8_t *
put_head(uint8_t *at, int32_t skipped, uint8_t head)
{
	*at++ = (uint8_t) ((head & ~GAP_MASK) | (skipped < GAP_MORE ? skipped : GAP_MORE));
	return skipped < GAP_MORE ? at : put_number(at, (uint32_t) skipped - GAP_MORE);
}

/* Write the record of a day that comes some days without observations after the one before. */
size_t
record_put(uint8_t record[SERIES_MAX_RECORD], int32_t skipped, const Observations *day)
{
	uint8_t *at;
	int form = FORM_ZERO;
	int decimals;
	uint32_t number = 0;

	if (day->sum.nlimbs > 0)
		form = find_decimal(&day->sum, &number, &decimals) ? FORM_DECIMAL + decimals : FORM_EXACT;
	at = put_head(record, skipped,
				  (uint8_t) ((day->count > 1 ? IS_SEVERAL : 0) | form << FORM_SHIFT |
							 (day->sum.negative ? IS_NEGATIVE : 0)));
	if (day->count > 1)
		at = put_number(at, day->count - 2);
	if (form == FORM_EXACT)
		at = put_exact(at, &day->sum);
	else if (form != FORM_ZERO)
		at = put_number(at, number);
	return (size_t) (at - record);
}

/* The same for a day that is packed already. */
size_t
record_copy(uint8_t record[SERIES_MAX_RECORD], int32_t skipped, const PackedDay *day)
{
	uint8_t *at = put_head(record, skipped, day->head);
	size_t size = (size_t) (day->end - day->rest);

	memcpy(at, day->rest, size);
	return (size_t) (at - record) + size;
}

/*
 * Reading.  What is read may be damaged: nothing beyond its end is touched,
 * and no number in it is believed.
 */

/* Read a byte; 0 where there is none. */
static uint8_t
get_byte(SeriesScan *scan)
{
	if (scan->at < scan->end)
		return *scan->at++;
	scan->is_damaged = true;
	return 0;
}

/* Read a number of seven bits a byte. */
static uint32_t
get_number(SeriesScan *scan)
{
	uint64_t number = 0;

	for (int shift = 0;; shift += 7)
	{
		uint8_t byte = get_byte(scan);

		number |= (uint64_t) (byte & 0x7F) << shift;
		if (number > UINT32_MAX || (shift == 28 && byte > 0x7F))
			scan->is_damaged = true;
		if (byte <= 0x7F || scan->is_damaged)
			return (uint32_t) number;
	}
}

/* Read the exponent and the length of a sum with all its bits; the magnitude is there. */
static uint32_t
get_exact_head(SeriesScan *scan, int32_t *exponent)
{
	uint16_t bits = get_byte(scan);
	uint32_t nbytes;

	bits |= (uint16_t) (get_byte(scan) << 8);
	*exponent = (int16_t) bits;
	nbytes = get_number(scan);
	if (nbytes >= 1 && nbytes <= (size_t) (scan->end - scan->at) && nbytes <= EXACT_LIMBS * 8)
		return nbytes;
	scan->is_damaged = true;
	return 0;
}

/* Read a sum with all its bits. */
static void
get_exact(SeriesScan *scan, ExactSum *sum)
{
	uint32_t nbytes = get_exact_head(scan, &sum->exponent);

	if (nbytes == 0)
		return;
	sum->nlimbs = (int32_t) (nbytes + 7) / 8;
	memset(sum->limbs, 0, (size_t) sum->nlimbs * sizeof(uint64_t));
	for (uint32_t i = 0; i < nbytes; i++)
		sum->limbs[i / 8] |= (uint64_t) *scan->at++ << (i % 8 * 8);
	if (sum->limbs[0] % 2 == 0 || scan->at[-1] == 0 || sum->exponent < EXACT_LEAST_EXPONENT ||
		exact_top(sum) > EXACT_TOP)
		scan->is_damaged = true;
}

/* Step over a sum of a form. */
static void
skip_sum(SeriesScan *scan, int form)
{
	int32_t exponent;

	if (form == FORM_EXACT)
		scan->at += get_exact_head(scan, &exponent);
	else if (form > FORM_EXACT)
		scan->is_damaged = true;
	else if (form != FORM_ZERO)
		get_number(scan);
}

/* Read a sum of a form. */
static void
get_sum(SeriesScan *scan, int form, bool is_negative, ExactSum *sum)
{
	exact_of_double(0, sum);
	if (form == FORM_EXACT)
		get_exact(scan, sum);
	else if (form != FORM_ZERO)
		exact_of_double(get_number(scan) / powers_of_ten[form - FORM_DECIMAL], sum);
	if (scan->is_damaged)
		exact_of_double(0, sum);
	sum->negative = is_negative && sum->nlimbs > 0;
}

/* Begin to read packed days. */
void
scan_start(SeriesScan *scan, const PackedSeries *series)
{
	scan->at = series->records;
	scan->end = series->records + series->size;
	scan->day = series->first;
	scan->is_damaged = false;
}

/* Read a number of observations that are several. */
static uint32_t
get_count(SeriesScan *scan)
{
	uint32_t beyond = get_number(scan);

	if (beyond <= SERIES_MAX_COUNT - 2)
		return beyond + 2;
	scan->is_damaged = true;
	return 1;
}

/* The form of the sum of a packed day. */
static int
packed_form(const PackedDay *day)
{
	return day->head >> FORM_SHIFT & FORM_MASK;
}

/* Step to the next day, if there is one and it is not damaged, without a look at its sum. */
static bool
scan_step(SeriesScan *scan)
{
	PackedDay *packed = &scan->packed;
	int64_t day = scan->day;

	if (scan->at == scan->end)
		return false;
	packed->head = get_byte(scan);
	day += packed->head & GAP_MASK;
	if ((packed->head & GAP_MASK) == GAP_MORE)
		day += get_number(scan);
	packed->rest = scan->at;
	packed->count = packed->head & IS_SEVERAL ? get_count(scan) : 1;
	packed->sum = scan->at;
	skip_sum(scan, packed_form(packed));
	packed->end = scan->at;
	if (day < CALENDAR_FIRST_DAY || day > CALENDAR_LAST_DAY)
		scan->is_damaged = true;
	packed->day = (int32_t) day;
	scan->day = day + 1;
	return !scan->is_damaged;
}

/* Read the day that was stepped to. */
static bool
scan_read(SeriesScan *scan)
{
	const PackedDay *packed = &scan->packed;

	scan->here.day = packed->day;
	scan->here.count = packed->count;
	scan->at = packed->sum;
	get_sum(scan, packed_form(packed), (packed->head & IS_NEGATIVE) != 0, &scan->here.sum);
	return !scan->is_damaged;
}

/* Read the next day, if there is one and it is not damaged. */
bool
scan_next(SeriesScan *scan)
{
	return scan_step(scan) && scan_read(scan);
}

/* Order of two days with observations: the earlier, the fewer, the smaller sum first. */
static int
observations_compare(const Observations *a, const Observations *b)
{
	if (a->day != b->day)
		return a->day < b->day ? -1 : 1;
	if (a->count != b->count)
		return a->count < b->count ? -1 : 1;
	return exact_compare(&a->sum, &b->sum);
}

/* Order of two series: by the first day in which they differ; what one of them lacks comes first. */
int
series_compare(const PackedSeries *a, const PackedSeries *b)
{
	SeriesScan in_a;
	SeriesScan in_b;
	int order = 0;

	if (a->first == b->first && a->size == b->size && memcmp(a->records, b->records, a->size) == 0)
		return 0;
	scan_start(&in_a, a);
	scan_start(&in_b, b);
	while (order == 0)
	{
		bool has_a = scan_next(&in_a);
		bool has_b = scan_next(&in_b);

		if (!has_a || !has_b)
			return has_a - has_b;
		order = observations_compare(&in_a.here, &in_b.here);
	}
	return order;
}

/*
 * Merging
 */

/* Begin to merge two series (sign 1), or to take b away from a (sign -1). */
void
merge_start(SeriesMerge *merge, const PackedSeries *a, const PackedSeries *b, int sign)
{
	scan_start(&merge->a, a);
	scan_start(&merge->b, b);
	merge->has_a = scan_step(&merge->a);
	merge->has_b = scan_step(&merge->b);
	merge->sign = sign;
}

/* Add observations of the same day or take them away. */
static SeriesResult
observations_change(Observations *day, const Observations *by, int sign)
{
	if (sign < 0 && by->count > day->count)
		return RESULT_BELOW;
	if (sign > 0 && by->count > SERIES_MAX_COUNT - day->count)
		return RESULT_ABOVE;
	day->count += sign > 0 ? by->count : -by->count;
	exact_add(&day->sum, &by->sum, sign);
	if (day->count == 0)
		return day->sum.nlimbs == 0 ? RESULT_OK : RESULT_REST;
	return sum_is_valid(day) ? RESULT_OK : RESULT_SUM;
}

/* Merge a day that both sides have. */
static SeriesResult
merge_both(SeriesMerge *merge)
{
	merge->is_sum = true;
	if (!scan_read(&merge->a) || !scan_read(&merge->b))
		return RESULT_OK; /* damaged: there is no next day */
	merge->merged = merge->a.here;
	return observations_change(&merge->merged, &merge->b.here, merge->sign);
}

/*
 * Merge the next day that has observations on either side, if there is one; it
 * may be left with none.  *result says whether it went well.  A day that only
 * one side has is not unpacked.
 */
bool
merge_next(SeriesMerge *merge, SeriesResult *result)
{
	int32_t in_a = merge->a.packed.day;
	int32_t in_b = merge->b.packed.day;
	bool from_a = merge->has_a && (!merge->has_b || in_a <= in_b);
	bool from_b = merge->has_b && (!merge->has_a || in_b <= in_a);

	*result = RESULT_OK;
	if (!from_a && !from_b)
		return false;
	merge->is_sum = false;
	if (from_a && from_b)
		*result = merge_both(merge);
	else
		merge->copied = from_a ? merge->a.packed : merge->b.packed;
	if (from_b && !from_a && merge->sign < 0)
		*result = RESULT_BELOW;
	if (merge->a.is_damaged || merge->b.is_damaged)
		return false;
	if (from_a)
		merge->has_a = scan_step(&merge->a);
	if (from_b)
		merge->has_b = scan_step(&merge->b);
	return true;
}
