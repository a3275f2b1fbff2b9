/*
 * Fuzz target of the calendars.  The first byte of an input says whether what
 * follows the second is text or bytes, and both choose how it is asked; then
 * come two calendars.  What is read must be canonical, be written, and be read
 * again as the same; every measure must be the same of narrow and wide days;
 * and merging the two must be undone by taking one away.
 */
#include "adherence/running.h"

#include <stdlib.h>

extern int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Of inputs with longer calendars only one in so many is looked at, to stay fast. */
#define SHORT_DAYS 200
#define LONG_SHARE 4096

/* A text being written. */
typedef struct Text
{
	char *text;
	size_t length;
	size_t room;
} Text;

/* How a calendar is asked. */
typedef struct Options
{
	AdherenceRule rule;
	int32_t small; /* a gap, a target, an offset of as_of */
	bool look_at_long;
} Options;

/* Stop here, so that the fuzzer keeps the input. */
static void
insist(bool condition)
{
	if (!condition)
		abort();
}

/* Zeros of exactly a size, so that the sanitizer sees their end. */
static void *
get(size_t size)
{
	void *memory = calloc(size > 0 ? size : 1, 1);

	insist(memory != NULL);
	return memory;
}

/* Append to a text that grows. */
static void
put(void *target, const char *text, size_t length)
{
	Text *to = target;

	if (to->room - to->length <= length)
	{
		to->room = 2 * (to->room + length) + 1;
		to->text = realloc(to->text, to->room);
		insist(to->text != NULL);
	}
	memcpy(to->text + to->length, text, length);
	to->length += length;
	to->text[to->length] = '\0';
}

static char *
formatted(const Calendar *calendar)
{
	Text text = { NULL, 0, 0 };
	TextSink sink = { put, &text };

	calendar_format(calendar, &sink);
	return text.text;
}

static void
release(const Calendar *calendar)
{
	free((void *) calendar->days);
}

/* A blank buffer. */
static CalendarBuffer
make_buffer(int64_t first, int64_t ndays, CalendarWidth width)
{
	CalendarBuffer buffer = { (int32_t) first, (int32_t) ndays, width, NULL };

	buffer.days = get((size_t) ndays * width);
	return buffer;
}

/* A copy at a width. */
static Calendar
copied(const Calendar *calendar, CalendarWidth width)
{
	CalendarBuffer buffer = make_buffer(calendar->first, calendar->ndays, width);

	calendar_copy(&buffer, calendar);
	return calendar_of_buffer(&buffer);
}

/*
 * Reading
 */

/* Whether a calendar has no slack: no blank ends, no more bytes than it needs. */
static bool
is_canonical(const Calendar *calendar)
{
	Calendar trimmed = calendar_trim(calendar);
	uint8_t seen = 0;

	for (int32_t i = 0; i < calendar->ndays; i++)
	{
		DayCounts day = calendar_counts(calendar, i);

		if (day.prescribed > 99 || day.taken > 99 || day.missed > 99 || day.excusing > 99)
			return false;
		seen |= day.prescribed | day.taken | day.missed | day.excusing;
	}
	return trimmed.ndays == calendar->ndays && trimmed.first == calendar->first &&
		   calendar->ndays <= CALENDAR_MAX_DAYS && calendar->first >= CALENDAR_FIRST_DAY &&
		   calendar_end(calendar) <= (int64_t) CALENDAR_LAST_DAY + 1 &&
		   calendar->width == (seen > CALENDAR_MAX_NARROW ? CALENDAR_WIDE : CALENDAR_NARROW);
}

/* Where a fault names a day, it is one that can be written. */
static void
check_bad_day(CalendarFault fault, int32_t bad_day)
{
	if (fault == INPUT_COUNT)
		insist(bad_day >= CALENDAR_FIRST_DAY && bad_day <= CALENDAR_LAST_DAY);
	if (fault == INPUT_SPAN)
		insist(bad_day >= CALENDAR_FIRST_DAY + CALENDAR_MAX_DAYS &&
			   bad_day <= CALENDAR_LAST_DAY + CALENDAR_MAX_DAYS);
}

/* Read a text as the server does; false if it is none, or one for another day. */
static bool
read_text(const char *text, const Options *options, Calendar *calendar)
{
	CalendarBuffer measured = { 0 };
	CalendarBuffer buffer;
	int32_t bad_day = INT32_MIN;
	CalendarFault fault = calendar_parse(text, &measured, &bad_day);

	check_bad_day(fault, bad_day);
	if (fault != INPUT_OK || (measured.ndays > SHORT_DAYS && !options->look_at_long))
		return false;
	buffer = make_buffer(measured.first, measured.ndays, measured.width);
	insist(calendar_parse(text, &buffer, &bad_day) == INPUT_OK);
	insist(buffer.first == measured.first && buffer.ndays == measured.ndays &&
		   buffer.width == measured.width);
	*calendar = calendar_of_buffer(&buffer);
	return true;
}

/* Read bytes as the server does, and make them canonical. */
static bool
read_bytes(const uint8_t *bytes, size_t size, const Options *options, Calendar *calendar)
{
	Calendar decoded;
	int32_t bad_day = INT32_MIN;
	CalendarFault fault = calendar_decode(bytes, size, &decoded, &bad_day);

	check_bad_day(fault, bad_day);
	if (fault != INPUT_OK || (decoded.ndays > SHORT_DAYS && !options->look_at_long))
		return false;
	decoded = calendar_trim(&decoded);
	*calendar = copied(&decoded, calendar_fits_narrow(&decoded) ? CALENDAR_NARROW : CALENDAR_WIDE);
	return true;
}

/*
 * What must hold of one calendar
 */

/* Write a calendar as text, and read that again. */
static void
check_text(const Calendar *calendar)
{
	static const Options all = { .look_at_long = true };
	char *text = formatted(calendar);
	char *second;
	Calendar again;

	insist(read_text(text, &all, &again));
	insist(again.first == calendar->first && again.ndays == calendar->ndays &&
		   again.width == calendar->width);
	insist(memcmp(again.days, calendar->days, (size_t) again.ndays * again.width) == 0);
	second = formatted(&again);
	insist(strcmp(text, second) == 0);
	release(&again);
	free(second);
	free(text);
}

/* Write a calendar as bytes, and read those again. */
static void
check_bytes(const Calendar *calendar)
{
	size_t days = (size_t) calendar->ndays * calendar->width;
	uint8_t *bytes = get(CALENDAR_WIRE_HEADER_SIZE + days);
	int32_t bad_day;
	Calendar again;

	calendar_encode(calendar, bytes);
	memcpy(bytes + CALENDAR_WIRE_HEADER_SIZE, calendar->days, days);
	insist(calendar_decode(bytes, CALENDAR_WIRE_HEADER_SIZE + days, &again, &bad_day) == INPUT_OK);
	insist(again.width == calendar->width && calendar_compare(&again, calendar) == 0);
	free(bytes);
}

/* The streaks of two calendars of the same days are the same, and the longest is among them. */
static void
check_streaks(const Calendar *a, const Calendar *b, const AdherenceRule *rule)
{
	StreakScan scans[2];
	DayRun in_a;
	DayRun in_b;
	int64_t end = INT64_MIN;
	int32_t longest = 0;
	int32_t last = 0;

	streak_scan_init(&scans[0], a, rule);
	streak_scan_init(&scans[1], b, rule);
	while (streak_next(&scans[0], &in_a))
	{
		insist(streak_next(&scans[1], &in_b));
		insist(in_a.first == in_b.first && in_a.last == in_b.last && in_a.days == in_b.days);
		insist(in_a.first > end && in_a.days > 0 && in_a.last - in_a.first >= in_a.days - 1);
		insist(in_a.first >= a->first && in_a.last < calendar_end(a));
		end = in_a.last;
		last = in_a.days;
		longest = last > longest ? last : longest;
	}
	insist(!streak_next(&scans[1], &in_b));
	insist(longest_streak(a, rule) == longest && longest_streak(b, rule) == longest);
	insist(trailing_streak(a, rule) == trailing_streak(b, rule));
	insist(trailing_streak(a, rule) == last || trailing_streak(a, rule) == 0);
}

/* The same of the gaps; phases end with one of them. */
static void
check_gaps(const Calendar *a, const Calendar *b, const Options *options)
{
	GapScan scans[2] = { { a, options->rule.skip_unrecorded, 0 },
						 { b, options->rule.skip_unrecorded, 0 } };
	Phases phases = calendar_phases(a, options->small % 9 + 1);
	Phases again = calendar_phases(b, options->small % 9 + 1);
	DayRun in_a;
	DayRun in_b;
	int64_t end = INT64_MIN;

	while (gap_next(&scans[0], &in_a))
	{
		insist(gap_next(&scans[1], &in_b));
		insist(in_a.first == in_b.first && in_a.last == in_b.last && in_a.days == in_b.days);
		insist(in_a.first > end && in_a.days > 0 && in_a.last - in_a.first >= in_a.days - 1);
		end = in_a.last;
	}
	insist(!gap_next(&scans[1], &in_b));
	insist(phases.initiated == again.initiated && phases.discontinued == again.discontinued);
	insist(!phases.initiated || phases.initiated_on == again.initiated_on);
	insist(!phases.discontinued || (phases.discontinued_on == again.discontinued_on &&
									phases.discontinued_on > phases.initiated_on));
	insist(memcmp(&phases.implementation, &again.implementation, sizeof(Tally)) == 0);
}

/* Sums are the same, hang together, and are the sums of the days of the week. */
static void
check_tallies(const Calendar *a, const Calendar *b, const AdherenceRule *rule)
{
	Tally tally = calendar_tally(a, rule);
	Tally again = calendar_tally(b, rule);
	Tally all = calendar_tally(a, &ADHERENCE_RULE_DEFAULT);
	Tally weekdays[DAYS_A_WEEK];
	int64_t days = 0;

	insist(memcmp(&tally, &again, sizeof(Tally)) == 0);
	for (int status = 0; status <= DAY_UNRECORDED; status++)
		days += tally.status[status];
	insist(days == a->ndays && tally.adherent <= tally.planned && tally.planned <= days);
	insist(tally.taken <= tally.possible && tally.possible <= tally.prescribed);
	weekday_tallies(b, weekdays);
	for (int d = 0; d < DAYS_A_WEEK; d++)
	{
		all.planned -= weekdays[d].planned;
		all.adherent -= weekdays[d].adherent;
		all.prescribed -= weekdays[d].prescribed;
		all.taken -= weekdays[d].taken;
	}
	insist(all.planned == 0 && all.adherent == 0 && all.prescribed == 0 && all.taken == 0);
}

/* What is asked as of a day: the same of both, and within bounds. */
static void
check_as_of(const Calendar *a, const Calendar *b, const Options *options)
{
	int64_t as_of = calendar_end(a) + options->small - 40;
	int32_t target = options->small % DAYS_A_WEEK + 1;
	double per_week = options->small % 4 == 0 ? DAYS_A_WEEK : (options->small % 28 + 1) / 4.0;
	Calendar in_a = calendar_as_of(a, as_of, &options->rule);
	Calendar in_b = calendar_as_of(b, as_of, &options->rule);
	double score = habit_score(a, as_of, per_week);
	int32_t weeks = weekly_streak(a, as_of, target);

	insist(in_a.first == in_b.first && in_a.ndays == in_b.ndays);
	insist(in_a.ndays == 0 || calendar_end(&in_a) <= as_of + 1);
	insist(score >= 0 && score <= 1 && score == habit_score(b, as_of, per_week));
	insist(weeks == weekly_streak(b, as_of, target));
	insist(weeks >= 0 && weeks <= a->ndays / DAYS_A_WEEK + 2);
	insist(target == 1 || weeks <= weekly_streak(a, as_of, target - 1));
}

/* Running totals from the days, and from one day after another, are the same. */
static void
check_running(const Calendar *calendar)
{
	CalendarBuffer buffer = make_buffer(calendar->first, calendar->ndays, CALENDAR_WIDE);
	Calendar blank = calendar_of_buffer(&buffer);
	RunningTotals all = running_totals(calendar);
	RunningTotals totals = running_totals(&blank);

	for (int32_t i = 0; i < calendar->ndays; i++)
	{
		DayCounts day = calendar_counts(calendar, i);

		if (!day_is_blank(day)) /* no row of the server's is */
			insist(running_change(&totals, &buffer, calendar->first + i, day, 1) == CALENDAR_OK);
	}
	insist(memcmp(&all, &totals, sizeof(totals)) == 0);
	insist(totals.adherent == trailing_streak(calendar, &ADHERENCE_RULE_DEFAULT));
	free(buffer.days);
}

/* Ask a calendar everything, and its wide copy too. */
static void
check_calendar(const Calendar *calendar, const Options *options)
{
	Calendar wide = copied(calendar, CALENDAR_WIDE);

	insist(is_canonical(calendar));
	insist(calendar_compare(calendar, &wide) == 0 && calendar_compare(&wide, calendar) == 0);
	insist(calendar_fits_narrow(&wide) == (calendar->width == CALENDAR_NARROW));
	check_text(calendar);
	check_bytes(calendar);
	check_streaks(calendar, &wide, &options->rule);
	check_gaps(calendar, &wide, options);
	check_tallies(calendar, &wide, &options->rule);
	check_as_of(calendar, &wide, options);
	if (calendar->ndays > 0)
		check_running(calendar);
	release(&wide);
}

/*
 * What must hold of two calendars
 */

/* A blank buffer that covers two calendars, if one can; else one without days. */
static CalendarBuffer
make_union(const Calendar *a, const Calendar *b, CalendarWidth width)
{
	int64_t first = a->first < b->first ? a->first : b->first;
	int64_t end = calendar_end(a) > calendar_end(b) ? calendar_end(a) : calendar_end(b);

	if (end - first > CALENDAR_MAX_DAYS)
		end = first;
	return make_buffer(first, end - first, width);
}

/* Add one calendar to another at a width; if that fits, (a + b) - b is a, and b + a is a + b. */
static CalendarResult
check_sum(const Calendar *a, const Calendar *b, CalendarWidth width)
{
	CalendarBuffer buffers[2] = { make_union(a, b, width), make_union(a, b, width) };
	Calendar sums[2] = { calendar_of_buffer(&buffers[0]), calendar_of_buffer(&buffers[1]) };
	int32_t days[2] = { 0, 0 };
	CalendarResult result;

	calendar_copy(&buffers[0], a);
	calendar_copy(&buffers[1], b);
	result = calendar_add(&buffers[0], b, &days[0]);
	insist(result == calendar_add(&buffers[1], a, &days[1]) && result != CALENDAR_BELOW);
	insist(result != CALENDAR_ABOVE || days[0] == days[1]);
	insist(calendar_compare(&sums[0], result == CALENDAR_OK ? &sums[1] : a) == 0);
	if (result == CALENDAR_OK)
	{
		insist(calendar_subtract(&buffers[0], b, &days[0]) == CALENDAR_OK);
		insist(calendar_compare(&sums[0], a) == 0);
		insist(calendar_subtract(&buffers[1], a, &days[1]) == CALENDAR_OK);
		insist(calendar_compare(&sums[1], b) == 0);
	}
	free(buffers[0].days);
	free(buffers[1].days);
	return result;
}

/* Take b from a alone: that is done exactly, or nothing is. */
static void
check_difference(const Calendar *a, const Calendar *b)
{
	CalendarBuffer buffer = make_buffer(a->first, a->ndays, a->width);
	Calendar difference = calendar_of_buffer(&buffer);
	int32_t day;

	calendar_copy(&buffer, a);
	if (calendar_subtract(&buffer, b, &day) == CALENDAR_OK)
		insist(calendar_add(&buffer, b, &day) == CALENDAR_OK);
	else
		insist(calendar_counts_on(b, day).prescribed > calendar_counts_on(a, day).prescribed ||
			   calendar_counts_on(b, day).taken > calendar_counts_on(a, day).taken ||
			   calendar_counts_on(b, day).missed > calendar_counts_on(a, day).missed ||
			   calendar_counts_on(b, day).excusing > calendar_counts_on(a, day).excusing);
	insist(calendar_compare(&difference, a) == 0);
	free(buffer.days);
}

/* Prefer one to the other: asked twice it is the same, and itself it leaves alone. */
static void
check_prefer(const Calendar *a, const Calendar *b)
{
	CalendarBuffer once = make_union(a, b, CALENDAR_WIDE);
	CalendarBuffer twice = make_union(a, b, CALENDAR_WIDE);
	Calendar preferred = calendar_of_buffer(&once);
	Calendar again = calendar_of_buffer(&twice);

	calendar_prefer(&once, a, b);
	calendar_prefer(&twice, &preferred, b);
	insist(calendar_compare(&preferred, &again) == 0);
	calendar_prefer(&twice, a, a);
	insist(calendar_compare(&again, a) == 0);
	free(once.days);
	free(twice.days);
}

/* Ask two calendars what they are together. */
static void
check_pair(const Calendar *a, const Calendar *b)
{
	CalendarBuffer both = make_union(a, b, CALENDAR_NARROW);
	bool covered = both.ndays > 0;
	CalendarResult wide;

	free(both.days);
	insist(calendar_compare(a, b) == -calendar_compare(b, a));
	check_difference(a, b);
	if (a->ndays == 0 || b->ndays == 0 || !covered)
		return;
	wide = check_sum(a, b, CALENDAR_WIDE);
	if (a->width == CALENDAR_NARROW && b->width == CALENDAR_NARROW)
	{
		insist(wide == CALENDAR_OK);
		insist(check_sum(a, b, CALENDAR_NARROW) != CALENDAR_ABOVE);
	}
	check_prefer(a, b);
}

/*
 * Inputs
 */

/* How the first two bytes want calendars to be asked; a checksum of all chooses the long ones. */
static Options
read_options(const uint8_t *data, size_t size)
{
	static const double thresholds[] = { 1.0, 0.5, 0.51, 1 / 3.0, 0.34, 2 / 3.0, 0.67, 1e-9 };
	uint32_t sum = 0;

	for (size_t i = 0; i < size; i++)
		sum = sum * 31 + data[i];
	return (Options){ .rule = { .threshold = thresholds[data[0] >> 1 & 7],
								.grace = data[0] >> 4 & 3,
								.skip_unrecorded = data[0] >> 6 & 1,
								.over_adheres = data[0] >> 7 },
					  .small = data[1],
					  .look_at_long = sum % LONG_SHARE == 0 };
}

/* Read two texts with a bar between them. */
static void
fuzz_text(const uint8_t *data, size_t size, const Options *options, Calendar *a, Calendar *b)
{
	char *text = get(size + 1);
	char *bar;

	memcpy(text, data, size);
	bar = strchr(text, '|');
	if (bar != NULL)
	{
		*bar = '\0';
		read_text(bar + 1, options, b);
	}
	read_text(text, options, a);
	free(text);
}

/* Read two messages, the first of which has so many bytes as two bytes say. */
static void
fuzz_bytes(const uint8_t *data, size_t size, const Options *options, Calendar *a, Calendar *b)
{
	size_t first = size < 2 ? 0 : (size_t) data[0] << 8 | data[1];

	if (size < 2)
		return;
	first = first < size - 2 ? first : size - 2;
	read_bytes(data + 2, first, options, a);
	read_bytes(data + 2 + first, size - 2 - first, options, b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Calendar calendars[2] = { { .width = CALENDAR_NARROW }, { .width = CALENDAR_NARROW } };
	Options options;

	if (size < 2)
		return 0;
	options = read_options(data, size);
	(data[0] & 1 ? fuzz_bytes : fuzz_text)(data + 2, size - 2, &options, &calendars[0],
										   &calendars[1]);
	for (int i = 0; i < 2; i++)
		if (calendars[i].days != NULL)
			check_calendar(&calendars[i], &options);
	if (calendars[0].days != NULL && calendars[1].days != NULL)
		check_pair(&calendars[0], &calendars[1]);
	for (int i = 0; i < 2; i++)
		release(&calendars[i]);
	return 0;
}
