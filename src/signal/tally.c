/*
 * Tallies.  In order: where things lie, changing a day, growing, reading.
 */
#include "signal/tally.h"

/* The smallest window and the fewest entries of a tally; both grow to powers of two. */
#define MIN_DAYS 64
#define MIN_ENTRIES 8

/* The lowest bit of sums is rounded down to a multiple of this, so that it is not moved often. */
#define EXPONENT_STEP 4

/* Entries that two bytes can number; 0 is none. */
#define MAX_SMALL_CAPACITY UINT16_MAX

/* What follows the sum in an entry. */
typedef struct EntryTail
{
	int32_t day;
	uint32_t count;
} EntryTail;

/*
 * Where things lie
 */

/* Bytes of an entry's number in the window. */
static size_t
number_size(const DayTally *tally)
{
	return tally->capacity <= MAX_SMALL_CAPACITY ? sizeof(uint16_t) : sizeof(uint32_t);
}

/* Bytes of a sum. */
static size_t
field_size(const DayTally *tally)
{
	return (size_t) tally->width * sizeof(uint64_t);
}

/* Bytes of a tally of some shape. */
size_t
tally_size(const DayTally *shape)
{
	return sizeof(DayTally) + (size_t) shape->ndays * number_size(shape) +
		   shape->capacity * (field_size(shape) + sizeof(EntryTail));
}

/* Where the i-th entry lies: its sum, then its tail. */
static uint8_t *
entry_at(const DayTally *tally, uint32_t i)
{
	return (uint8_t *) tally->bytes + (size_t) tally->ndays * number_size(tally) +
		   i * (field_size(tally) + sizeof(EntryTail));
}

/* The tail of an entry. */
static EntryTail
entry_tail(const DayTally *tally, const uint8_t *entry)
{
	EntryTail tail;

	memcpy(&tail, entry + field_size(tally), sizeof(tail));
	return tail;
}

/* Write an entry. */
static void
entry_put(const DayTally *tally, uint8_t *entry, const uint64_t *field, EntryTail tail)
{
	memcpy(entry, field, field_size(tally));
	memcpy(entry + field_size(tally), &tail, sizeof(tail));
}

/* The entry of a place in the window, NULL if it has none. */
static uint8_t *
window_entry(const DayTally *tally, int32_t place)
{
	const uint8_t *at = tally->bytes + (size_t) place * number_size(tally);
	uint32_t number;
	uint16_t small;

	if (number_size(tally) == sizeof(small))
	{
		memcpy(&small, at, sizeof(small));
		number = small;
	}
	else
		memcpy(&number, at, sizeof(number));
	return number == 0 ? NULL : entry_at(tally, number - 1);
}

/* Give a place in the window the next entry, which is still to be written. */
static uint8_t *
window_new_entry(DayTally *tally, int32_t place)
{
	uint8_t *at = tally->bytes + (size_t) place * number_size(tally);
	uint32_t number = ++tally->n;
	uint16_t small = (uint16_t) number;

	if (number_size(tally) == sizeof(small))
		memcpy(at, &small, sizeof(small));
	else
		memcpy(at, &number, sizeof(number));
	return entry_at(tally, number - 1);
}

/*
 * Changing a day
 */

/* Change a field of one limb, the usual one. */
static bool
change_small(uint64_t *field, const ExactSum *by, int shift, int sign)
{
	int64_t sum;
	int64_t addend;

	memcpy(&sum, field, sizeof(sum));
	addend = (int64_t) (by->limbs[0] << shift);
	if (by->negative == (sign > 0))
		addend = -addend;
	if (__builtin_add_overflow(sum, addend, &sum))
		return false;
	memcpy(field, &sum, sizeof(sum));
	return true;
}

/* Change a field of a tally; false if there is no room for the bits of the result. */
static bool
change_field(const DayTally *tally, uint64_t *field, const ExactSum *by, int sign)
{
	int shift = by->exponent - tally->exponent;

	if (by->nlimbs == 0)
		return true;
	if (shift < 0 || exact_bits(by) + shift >= tally->width * LIMB_BITS)
		return false;
	if (tally->width == 1)
		return change_small(field, by, shift, sign);
	return field_add(field, tally->width, by, shift, sign);
}

/* What is wrong with a day after something was taken away, if anything. */
static SeriesResult
check_rest(const DayTally *tally, const uint64_t *field, EntryTail tail)
{
	int bits = field_bits(field, tally->width);
	Observations day = { .day = tail.day, .count = tail.count };

	if (tail.count == 0)
		return bits == 0 && field[0] == 0 ? RESULT_OK : RESULT_REST;
	if (bits + tally->exponent < DOUBLE_TOP)
		return RESULT_OK;
	exact_of_field(field, tally->width, tally->exponent, &day.sum);
	return observations_check(&day, tail.day) == SERIES_SUM ? RESULT_SUM : RESULT_OK;
}

/* Let observations of a day enter (sign 1) or leave (sign -1); unless OK nothing has changed. */
SeriesResult
tally_change(DayTally *tally, const Observations *by, int sign)
{
	int64_t place = (int64_t) by->day - tally->first;
	bool is_inside = place >= 0 && place < tally->ndays;
	uint8_t *entry = is_inside ? window_entry(tally, (int32_t) place) : NULL;
	uint64_t field[EXACT_LIMBS];
	EntryTail tail = { .day = by->day };
	SeriesResult result = RESULT_OK;

	field[0] = 0;
	if (entry != NULL)
	{
		memcpy(field, entry, field_size(tally));
		tail = entry_tail(tally, entry);
	}
	else
		memset(field, 0, field_size(tally));
	if (sign < 0 && by->count > tail.count)
		return RESULT_BELOW;
	if (sign > 0 && by->count > SERIES_MAX_COUNT - tail.count)
		return RESULT_ABOVE;
	if (!is_inside || (entry == NULL && tally->n == tally->capacity) ||
		!change_field(tally, field, &by->sum, sign))
		return RESULT_FULL;
	tail.count += sign > 0 ? by->count : -by->count;
	if (sign < 0)
		result = check_rest(tally, field, tail);
	if (result != RESULT_OK)
		return result;
	if (entry == NULL)
		entry = window_new_entry(tally, (int32_t) place);
	entry_put(tally, entry, field, tail);
	return RESULT_OK;
}

/*
 * Growing
 */

/* What the days of a tally that have observations need. */
typedef struct TallyUse
{
	int64_t first;
	int64_t until;
	uint32_t n;
	int bits; /* most bits of a sum, without its sign */
} TallyUse;

/* Look at all entries that have observations. */
static TallyUse
tally_use(const DayTally *tally)
{
	TallyUse use = { .n = 0 };

	for (uint32_t i = 0; tally != NULL && i < tally->n; i++)
	{
		const uint8_t *entry = entry_at(tally, i);
		EntryTail tail = entry_tail(tally, entry);
		uint64_t field[EXACT_LIMBS];
		int bits;

		if (tail.count == 0)
			continue;
		memcpy(field, entry, field_size(tally));
		bits = field_bits(field, tally->width);
		if (use.n == 0 || tail.day < use.first)
			use.first = tail.day;
		if (use.n == 0 || tail.day >= use.until)
			use.until = (int64_t) tail.day + 1;
		if (bits > use.bits)
			use.bits = bits;
		use.n++;
	}
	return use;
}

/* The smallest power of two, from a smallest one on, that leaves a fifth of itself free. */
static uint32_t
roomy(uint64_t needed, uint32_t smallest)
{
	uint64_t size = smallest;

	while (size < needed + needed / 4)
		size *= 2;
	return (uint32_t) size;
}

/* An exponent rounded down. */
static int
step_down(int exponent)
{
	int over = exponent % EXPONENT_STEP;

	return exponent - (over < 0 ? over + EXPONENT_STEP : over);
}

/* Let the sums of a shape hold those of a tally, and the change of one of them. */
static void
plan_sums(DayTally *shape, const DayTally *held, const TallyUse *use, const ExactSum *by)
{
	int bits = 0;

	shape->exponent = use->n > 0 ? held->exponent : 0;
	if (by->nlimbs > 0 && (use->n == 0 || by->exponent < shape->exponent))
		shape->exponent = step_down(by->exponent);
	if (by->nlimbs > 0)
		bits = exact_top(by) - shape->exponent;
	if (use->n > 0 && use->bits + held->exponent - shape->exponent > bits)
		bits = use->bits + held->exponent - shape->exponent;
	bits += 2; /* a carry, and the sign */
	shape->width = (bits + LIMB_BITS - 1) / LIMB_BITS;
}

/*
 * The shape of a tally that holds what another one (or NULL) does and has room
 * for a change, if days so far apart can be in one.  Beyond the days that it
 * needs it has room on the side on which the change extends them.
 */
SeriesFault
tally_plan(DayTally *shape, const DayTally *held, const Observations *by)
{
	TallyUse use = tally_use(held);
	int64_t first = by->day;
	int64_t until = first + 1;
	bool is_backwards = use.n > 0 && first < use.first;

	if (use.n > 0 && use.first < first)
		first = use.first;
	if (use.n > 0 && use.until > until)
		until = use.until;
	if (until - first > SERIES_MAX_DAYS)
		return SERIES_SPAN;
	*shape = (DayTally){ .n = 0 };
	shape->ndays = (int32_t) roomy((uint64_t) (until - first), MIN_DAYS);
	if (shape->ndays > SERIES_MAX_DAYS) /* so that all days in a window can be in one series */
		shape->ndays = SERIES_MAX_DAYS;
	shape->first = (int32_t) (is_backwards ? until - shape->ndays : first);
	shape->capacity = roomy((uint64_t) use.n + 1, MIN_ENTRIES);
	plan_sums(shape, held, &use, &by->sum);
	return SERIES_OK;
}

/* Copy the days of a tally into one that was planned for them, and whose window is all zero. */
void
tally_move(DayTally *to, const DayTally *from)
{
	for (uint32_t i = 0; i < from->n; i++)
	{
		const uint8_t *entry = entry_at(from, i);
		EntryTail tail = entry_tail(from, entry);
		uint64_t field[EXACT_LIMBS];
		uint64_t rescaled[EXACT_LIMBS];

		if (tail.count == 0)
			continue;
		memcpy(field, entry, field_size(from));
		field_rescale(rescaled, to->width, field, from->width, from->exponent - to->exponent);
		entry_put(to, window_new_entry(to, tail.day - to->first), rescaled, tail);
	}
}

/*
 * Reading
 */

/* Begin to read the days of a tally. */
void
tally_scan_start(TallyScan *scan, const DayTally *tally)
{
	scan->tally = tally;
	scan->next = 0;
}

/* Read the next day that has observations, if there is one. */
bool
tally_scan_next(TallyScan *scan)
{
	const DayTally *tally = scan->tally;

	while (scan->next < tally->ndays)
	{
		const uint8_t *entry = window_entry(tally, scan->next++);
		uint64_t field[EXACT_LIMBS];
		EntryTail tail;

		if (entry == NULL)
			continue;
		tail = entry_tail(tally, entry);
		if (tail.count == 0)
			continue;
		memcpy(field, entry, field_size(tally));
		exact_of_field(field, tally->width, tally->exponent, &scan->here.sum);
		scan->here.day = tail.day;
		scan->here.count = tail.count;
		return true;
	}
	return false;
}
