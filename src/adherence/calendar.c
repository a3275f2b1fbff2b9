/*
 * Calendars in memory: reading days, views of a part, and the algebra (add,
 * subtract, prefer).  Narrow calendars are added and subtracted eight days at
 * a time: a 64-bit word holds 32 counts of two bits, and the carry or borrow
 * out of each count says whether the result still fits.
 */
#include "adherence/calendar.h"

/* The upper bit of every two-bit count in a word of eight narrow days. */
#define HIGH_BITS UINT64_C(0xAAAAAAAAAAAAAAAA)

/* Days in one word of narrow days. */
#define WORD_DAYS 8

/* Status of a day: the first that fits, in the order of the definition. */
DayStatus
day_status(DayCounts day)
{
	if (day.excusing > 0)
		return DAY_EXCUSED;
	if (day.prescribed == 0)
		return day.taken > 0 ? DAY_EXTRA : DAY_NONE;
	if (day.taken > day.prescribed)
		return DAY_OVER;
	if (day.taken == day.prescribed)
		return DAY_TAKEN;
	if (day.taken > 0)
		return DAY_PARTIAL;
	return day.missed > 0 ? DAY_MISSED : DAY_UNRECORDED;
}

/* The word that SQL uses for a status. */
const char *
day_status_name(DayStatus status)
{
	static const char *const names[] = {
		[DAY_NONE] = "none",	 [DAY_EXCUSED] = "excused",		  [DAY_EXTRA] = "extra",
		[DAY_OVER] = "over",	 [DAY_TAKEN] = "taken",			  [DAY_PARTIAL] = "partial",
		[DAY_MISSED] = "missed", [DAY_UNRECORDED] = "unrecorded",
	};

	return names[status];
}

/* Counts of any day: all zero outside the calendar. */
DayCounts
calendar_counts_on(const Calendar *calendar, int64_t day)
{
	if (day < calendar->first || day >= calendar_end(calendar))
		return (DayCounts){ 0 };
	return calendar_counts(calendar, (int32_t) (day - calendar->first));
}

/* The part of a calendar from one day up to, not including, another. */
Calendar
calendar_slice(const Calendar *calendar, int64_t from, int64_t until)
{
	Calendar slice = *calendar;
	int64_t end = calendar_end(calendar);

	if (from < calendar->first)
		from = calendar->first;
	if (until > end)
		until = end;
	if (from >= until)
		return (Calendar){ .width = calendar->width, .days = calendar->days };
	slice.first = (int32_t) from;
	slice.ndays = (int32_t) (until - from);
	slice.days += (size_t) (from - calendar->first) * calendar->width;
	return slice;
}

/* Days that are looked at together where many are blank: the slack of an aggregate's state. */
#define EIGHT_DAYS 8

/* Whether eight days of a narrow calendar from an offset on are blank; of a wide one, false. */
static inline bool
blank_eight(const Calendar *calendar, int32_t from)
{
	uint64_t days;

	if (calendar->width != CALENDAR_NARROW)
		return false;
	memcpy(&days, calendar->days + from, sizeof(days));
	return days == 0;
}

/* The calendar without the blank days at its ends. */
Calendar
calendar_trim(const Calendar *calendar)
{
	int32_t from = 0;
	int32_t until = calendar->ndays;

	while (until - from >= EIGHT_DAYS && blank_eight(calendar, until - EIGHT_DAYS))
		until -= EIGHT_DAYS;
	while (from < until && day_is_blank(calendar_counts(calendar, from)))
		from++;
	while (until > from && day_is_blank(calendar_counts(calendar, until - 1)))
		until--;
	return calendar_slice(calendar, (int64_t) calendar->first + from,
						  (int64_t) calendar->first + until);
}

/* Whether every count is small enough for one byte a day. */
bool
calendar_fits_narrow(const Calendar *calendar)
{
	size_t size = (size_t) calendar->ndays * calendar->width;
	uint8_t seen = 0;

	if (calendar->width == CALENDAR_NARROW)
		return true;
	for (size_t i = 0; i < size; i++)
		seen |= calendar->days[i] & ~CALENDAR_MAX_NARROW;
	return seen == 0;
}

/* A day as one number, ordered as its counts are. */
static uint32_t
day_key(DayCounts day)
{
	return (uint32_t) day.prescribed << 24 | day.taken << 16 | day.missed << 8 | day.excusing;
}

/*
 * Order of two calendars, whatever their width and slack: the empty one first,
 * then by first day, then day by day by the counts, then the shorter one.
 */
int
calendar_compare(const Calendar *x, const Calendar *y)
{
	Calendar a = calendar_trim(x);
	Calendar b = calendar_trim(y);
	int32_t common = a.ndays < b.ndays ? a.ndays : b.ndays;

	if (a.ndays == 0 || b.ndays == 0)
		return (a.ndays > 0) - (b.ndays > 0);
	if (a.first != b.first)
		return a.first < b.first ? -1 : 1;
	if (a.width != b.width || memcmp(a.days, b.days, (size_t) common * a.width) != 0)
	{
		for (int32_t i = 0; i < common; i++)
		{
			uint32_t in_a = day_key(calendar_counts(&a, i));
			uint32_t in_b = day_key(calendar_counts(&b, i));

			if (in_a != in_b)
				return in_a < in_b ? -1 : 1;
		}
	}
	return (a.ndays > b.ndays) - (a.ndays < b.ndays);
}

/* Write the i-th day of a buffer; the counts fit its width. */
static void
buffer_set(CalendarBuffer *buffer, int32_t i, DayCounts day)
{
	uint8_t *at = buffer->days + (size_t) i * buffer->width;

	if (buffer->width == CALENDAR_NARROW)
	{
		*at = day.prescribed | day.taken << 2 | day.missed << 4 | day.excusing << 6;
		return;
	}
	at[0] = day.prescribed;
	at[1] = day.taken;
	at[2] = day.missed;
	at[3] = day.excusing;
}

/* Where a calendar's first day lies in a buffer that covers it. */
static int32_t
buffer_offset(const CalendarBuffer *buffer, const Calendar *calendar)
{
	return calendar->ndays == 0 ? 0 : calendar->first - buffer->first;
}

/* Copy a calendar into a buffer that covers its days and fits its counts. */
void
calendar_copy(CalendarBuffer *to, const Calendar *from)
{
	int32_t offset = buffer_offset(to, from);

	if (to->width == from->width)
	{
		if (from->ndays > 0)
			memcpy(to->days + (size_t) offset * to->width, from->days,
				   (size_t) from->ndays * from->width);
		return;
	}
	for (int32_t i = 0; i < from->ndays; i++)
		buffer_set(to, offset + i, calendar_counts(from, i));
}

/* Change one count, or say why it can't be. */
static CalendarResult
count_change(uint8_t *count, uint8_t by, int sign)
{
	int changed = *count + sign * by;

	if (changed > CALENDAR_MAX_COUNT)
		return CALENDAR_ABOVE;
	if (changed < 0)
		return CALENDAR_BELOW;
	*count = (uint8_t) changed;
	return CALENDAR_OK;
}

/* Change the counts of a day, or say why they can't be. */
static CalendarResult
counts_change(DayCounts *day, DayCounts by, int sign, CalendarWidth width)
{
	CalendarResult result = count_change(&day->prescribed, by.prescribed, sign);

	if (result == CALENDAR_OK)
		result = count_change(&day->taken, by.taken, sign);
	if (result == CALENDAR_OK)
		result = count_change(&day->missed, by.missed, sign);
	if (result == CALENDAR_OK)
		result = count_change(&day->excusing, by.excusing, sign);
	if (result == CALENDAR_OK && width == CALENDAR_NARROW &&
		((day->prescribed | day->taken | day->missed | day->excusing) & ~CALENDAR_MAX_NARROW))
		return CALENDAR_NEEDS_WIDE;
	return result;
}

/* Add counts to (sign 1) or take them from (sign -1) one day that the buffer covers. */
CalendarResult
calendar_change_day(CalendarBuffer *to, int32_t day, DayCounts by, int sign)
{
	Calendar calendar = calendar_of_buffer(to);
	int32_t i = day - to->first;
	DayCounts counts = calendar_counts(&calendar, i);
	CalendarResult result = counts_change(&counts, by, sign, to->width);

	if (result == CALENDAR_OK)
		buffer_set(to, i, counts);
	return result;
}

/* Up to eight narrow days as one word; days that are not there are blank. */
static uint64_t
load_word(const uint8_t *days, int32_t n)
{
	uint64_t word = 0;

	memcpy(&word, days, n < WORD_DAYS ? (size_t) n : sizeof(word));
	return word;
}

/*
 * Sum of the 32 two-bit counts of two words, none carrying into the next;
 * *overflow gathers a bit for every count that went above 3.
 */
static uint64_t
add_words(uint64_t a, uint64_t b, uint64_t *overflow)
{
	uint64_t sum = ((a & ~HIGH_BITS) + (b & ~HIGH_BITS)) ^ ((a ^ b) & HIGH_BITS);

	*overflow |= ((a & b) | ((a | b) & ~sum)) & HIGH_BITS;
	return sum;
}

/* The same for the difference; *overflow gathers the counts that fell below 0. */
static uint64_t
subtract_words(uint64_t a, uint64_t b, uint64_t *overflow)
{
	uint64_t difference = ((a | HIGH_BITS) - (b & ~HIGH_BITS)) ^ ((a ^ ~b) & HIGH_BITS);

	*overflow |= ((~a & b) | (~(a ^ b) & difference)) & HIGH_BITS;
	return difference;
}

/*
 * Change narrow days by narrow days, or only try to: whether all counts fit.
 */
static bool
change_narrow(uint8_t *to, const uint8_t *from, int32_t ndays, int sign, bool write)
{
	uint64_t overflow = 0;

	for (int32_t i = 0; i < ndays; i += WORD_DAYS)
	{
		int32_t n = ndays - i;
		uint64_t a = load_word(to + i, n);
		uint64_t b = load_word(from + i, n);
		uint64_t changed = sign > 0 ? add_words(a, b, &overflow) : subtract_words(a, b, &overflow);

		if (write)
			memcpy(to + i, &changed, n < WORD_DAYS ? (size_t) n : sizeof(changed));
	}
	return overflow == 0;
}

/* Change narrow days of a buffer by narrow ones that it covers, if these are such and all fits. */
static bool
change_all_narrow(CalendarBuffer *to, const Calendar *from, int sign)
{
	Calendar covered = calendar_slice(from, to->first, (int64_t) to->first + to->ndays);
	uint8_t *days = to->days;

	if (to->width != CALENDAR_NARROW || from->width != CALENDAR_NARROW ||
		covered.ndays < from->ndays)
		return false;
	days += buffer_offset(to, from);
	if (!change_narrow(days, from->days, from->ndays, sign, false))
		return false;
	change_narrow(days, from->days, from->ndays, sign, true);
	return true;
}

/*
 * Change a buffer, in two passes so that a fault writes nothing.  It covers the
 * calendar, or one of the days that it does not cover is such a fault.
 */
static CalendarResult
calendar_change(CalendarBuffer *to, const Calendar *from, int sign, int32_t *bad_day)
{
	Calendar target = calendar_of_buffer(to);
	CalendarResult worst = CALENDAR_OK;

	if (change_all_narrow(to, from, sign))
		return CALENDAR_OK;
	for (int32_t i = 0; i < from->ndays; i++)
	{
		DayCounts day = calendar_counts_on(&target, (int64_t) from->first + i);
		CalendarResult result = counts_change(&day, calendar_counts(from, i), sign, to->width);

		*bad_day = from->first + i;
		if (result == CALENDAR_ABOVE || result == CALENDAR_BELOW)
			return result;
		if (result == CALENDAR_NEEDS_WIDE)
			worst = result;
	}
	if (worst == CALENDAR_OK)
		for (int32_t i = 0; i < from->ndays; i++)
			calendar_change_day(to, from->first + i, calendar_counts(from, i), sign);
	return worst;
}

/* Add a calendar to a buffer that covers it; on a fault, *bad_day is the first such day. */
CalendarResult
calendar_add(CalendarBuffer *to, const Calendar *from, int32_t *bad_day)
{
	return calendar_change(to, from, 1, bad_day);
}

/* Take a calendar from a buffer; on days that the buffer does not cover there is nothing to take. */
CalendarResult
calendar_subtract(CalendarBuffer *to, const Calendar *from, int32_t *bad_day)
{
	Calendar wanted = calendar_trim(from);

	return calendar_change(to, &wanted, -1, bad_day);
}

/* The larger of two counts. */
static uint8_t
larger(uint8_t a, uint8_t b)
{
	return a > b ? a : b;
}

/*
 * Two sources of the same doses into a buffer that covers both and fits their
 * counts: what a has recorded of a day, else what b has; the larger plan.
 */
void
calendar_prefer(CalendarBuffer *to, const Calendar *a, const Calendar *b)
{
	for (int32_t i = 0; i < to->ndays; i++)
	{
		DayCounts in_a = calendar_counts_on(a, (int64_t) to->first + i);
		DayCounts in_b = calendar_counts_on(b, (int64_t) to->first + i);
		DayCounts day = in_a.taken + in_a.missed > 0 ? in_a : in_b;

		day.prescribed = larger(in_a.prescribed, in_b.prescribed);
		day.excusing = larger(in_a.excusing, in_b.excusing);
		buffer_set(to, i, day);
	}
}

/* Each day prescribes what was recorded of it, into a wide buffer of the same days. */
void
calendar_plan_recorded(CalendarBuffer *to, const Calendar *calendar)
{
	for (int32_t i = 0; i < to->ndays; i++)
	{
		DayCounts day = calendar_counts(calendar, i);
		int recorded = day.taken + day.missed;

		day.prescribed = (uint8_t) (recorded < CALENDAR_MAX_COUNT ? recorded : CALENDAR_MAX_COUNT);
		buffer_set(to, i, day);
	}
}

/* The sum of two counts, or the largest that a day holds. */
static uint8_t
capped_sum(int a, int b)
{
	return (uint8_t) (a + b < CALENDAR_MAX_COUNT ? a + b : CALENDAR_MAX_COUNT);
}

/* What one task adds to a day of all: no more than was planned, so that it hides nothing that another lacks. */
static DayCounts
day_with_task(DayCounts day, DayCounts task)
{
	int taken = task.taken < task.prescribed ? task.taken : task.prescribed;
	int rest = task.prescribed - taken;

	if (task.excusing > 0)
	{
		day.excusing = 1;
		return day;
	}
	day.prescribed = capped_sum(day.prescribed, task.prescribed);
	day.taken = capped_sum(day.taken, taken);
	day.missed = capped_sum(day.missed, task.missed < rest ? task.missed : rest);
	return day;
}

/*
 * Let a task enter a wide buffer that covers it, of everything that somebody
 * has to do.  calendar_end_tasks() ends it.
 */
void
calendar_add_task(CalendarBuffer *to, const Calendar *task)
{
	Calendar all = calendar_of_buffer(to);

	for (int32_t i = 0; i < task->ndays; i++)
	{
		int32_t day = (int32_t) ((int64_t) task->first - to->first) + i;

		buffer_set(to, day, day_with_task(calendar_counts(&all, day), calendar_counts(task, i)));
	}
}

/* A day is excused where nothing is left that is not. */
void
calendar_end_tasks(CalendarBuffer *to)
{
	Calendar all = calendar_of_buffer(to);

	for (int32_t i = 0; i < to->ndays; i++)
	{
		DayCounts day = calendar_counts(&all, i);

		if (day.prescribed > 0)
			day.excusing = 0;
		buffer_set(to, i, day);
	}
}
