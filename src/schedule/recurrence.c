/*
 * The occurrences of a recurrence rule, in order of local time.  A rule is
 * walked period by period (a year, month, week, day, hour or minute, every
 * INTERVAL-th of them).  Within a period RFC 5545's table of parts that
 * "expand" and parts that "limit" comes to one thing: of the days of the
 * period, those that pass every part that is there, each at all times of day
 * that BYHOUR, BYMINUTE and BYSECOND make; then BYSETPOS chooses.
 *
 * What the RFC leaves to a reader: a rule that names no day takes it from the
 * start, as the RFC does for FREQ=YEARLY;BYMONTH=1 (so BYWEEKNO alone means
 * the start's weekday in those weeks); the period of FREQ=YEARLY is the
 * calendar year also where BYWEEKNO chooses days; second 60 is 59.
 */
#include "schedule/recurrence.h"

/* Periods between two calls of the pause hook. */
#define PERIODS_A_PAUSE 1024

/* Of 400 years, after which the calendar repeats itself: periods of each frequency. */
static const int64_t cycles[] = {
	[FREQUENCY_MINUTELY] = 146097 * 1440, [FREQUENCY_HOURLY] = 146097 * 24,
	[FREQUENCY_DAILY] = 146097,			  [FREQUENCY_WEEKLY] = 146097 / 7,
	[FREQUENCY_MONTHLY] = 4800,			  [FREQUENCY_YEARLY] = 400,
};

/*
 * Days
 */

/* A day as the parts of a rule see it. */
typedef struct DayView
{
	int64_t year;
	int month;
	int day_of_month;
	int days_in_month;
	int day_of_year;
	int days_in_year;
	int weekday;
} DayView;

/* How many days a year has. */
static int
days_in_year(int64_t year)
{
	return year_is_leap(year) ? 366 : 365;
}

/* The first day of a month, as the parts see it. */
static DayView
month_start(int64_t year, int month)
{
	int64_t first = civil_to_day(year, month, 1);

	return (DayView){ .year = year,
					  .month = month,
					  .day_of_month = 1,
					  .days_in_month = days_in_month(year, month),
					  .day_of_year = (int) (first - civil_to_day(year, 1, 1)) + 1,
					  .days_in_year = days_in_year(year),
					  .weekday = day_weekday(first) };
}

/* Any day, as the parts see it. */
static DayView
view_day(int64_t day)
{
	int year;
	int month;
	int day_of_month;
	DayView view;

	day_to_civil((int32_t) day, &year, &month, &day_of_month);
	view = month_start(year, month);
	view.day_of_month = day_of_month;
	view.day_of_year += day_of_month - 1;
	view.weekday = day_weekday(day);
	return view;
}

/* Go on to the next day of the same month. */
static void
view_next(DayView *day)
{
	day->day_of_month++;
	day->day_of_year++;
	day->weekday = day->weekday == 6 ? 0 : day->weekday + 1;
}

/*
 * Whether the week of a day is among BYWEEKNO.  A week belongs to the year in
 * which its fourth day lies, and is numbered by that day.
 */
static bool
week_passes(const Recurrence *rule, const DayView *day)
{
	int fourth = day->day_of_year - (day->weekday - rule->week_start + 7) % 7 + 3;
	int of_year = day->days_in_year;
	int first;

	if (fourth < 1)
	{
		of_year = days_in_year(day->year - 1);
		fourth += of_year;
	}
	else if (fourth > of_year)
	{
		fourth -= of_year;
		of_year = days_in_year(day->year + 1);
	}
	first = (fourth - 1) % 7 + 1;
	return signed_set_has(&rule->weeks, (fourth - 1) / 7 + 1, (of_year - first) / 7 + 1);
}

/*
 * Whether the weekday of a day is among BYDAY.  Its number counts within the
 * month, but within the year for yearly rules without BYMONTH.
 */
static bool
weekday_passes(const Recurrence *rule, const DayView *day)
{
	const WeekdayOrdinals *nth = &rule->nth[day->weekday];
	bool of_year = rule->frequency == FREQUENCY_YEARLY && !recurrence_has(rule, PART_BYMONTH);
	int n = of_year ? day->day_of_year : day->day_of_month;
	int of = of_year ? day->days_in_year : day->days_in_month;

	return bit_is_set(rule->weekdays, day->weekday) || bit_is_set(nth->forward, (n - 1) / 7 + 1) ||
		   bit_is_set(nth->backward, (of - n) / 7 + 1);
}

/* Whether a day passes every part that speaks of days. */
static bool
day_passes(const Recurrence *rule, const DayView *day)
{
	if (recurrence_has(rule, PART_BYMONTH) && !bit_is_set(rule->months, day->month))
		return false;
	if (recurrence_has(rule, PART_BYDAY) && !weekday_passes(rule, day))
		return false;
	if (recurrence_has(rule, PART_BYMONTHDAY) &&
		!signed_set_has(&rule->month_days, day->day_of_month, day->days_in_month))
		return false;
	if (recurrence_has(rule, PART_BYYEARDAY) &&
		!signed_set_has(&rule->year_days, day->day_of_year, day->days_in_year))
		return false;
	return !recurrence_has(rule, PART_BYWEEKNO) || week_passes(rule, day);
}

/* Whether a day passes, where only its number is known. */
static bool
day_number_passes(const Recurrence *rule, int64_t day)
{
	const uint32_t of_date = 1u << PART_BYMONTH | 1u << PART_BYMONTHDAY | 1u << PART_BYYEARDAY;
	DayView view;

	if ((rule->parts & of_date) == 0)
		return !recurrence_has(rule, PART_BYDAY) || bit_is_set(rule->weekdays, day_weekday(day));
	view = view_day(day);
	return day_passes(rule, &view);
}

/*
 * What a rule leaves open
 */

/* Note that a part is there. */
static void
set_one(Recurrence *rule, RecurrencePart part)
{
	rule->parts |= 1u << part;
}

/* The day of occurrences, where a rule does not name it. */
static void
complete_day(Recurrence *rule, const DayView *start)
{
	const uint32_t days =
		1u << PART_BYWEEKNO | 1u << PART_BYYEARDAY | 1u << PART_BYMONTHDAY | 1u << PART_BYDAY;
	bool has_days = (rule->parts & days) != 0;

	if (rule->frequency == FREQUENCY_WEEKLY ? !has_days
											: (rule->parts & days) == 1u << PART_BYWEEKNO)
	{
		set_one(rule, PART_BYDAY);
		rule->weekdays = 1u << start->weekday;
	}
	if (rule->frequency < FREQUENCY_MONTHLY || has_days)
		return;
	set_one(rule, PART_BYMONTHDAY);
	rule->month_days.forward[0] = UINT64_C(1) << start->day_of_month;
	if (rule->frequency == FREQUENCY_YEARLY && !recurrence_has(rule, PART_BYMONTH))
	{
		set_one(rule, PART_BYMONTH);
		rule->months = 1u << start->month;
	}
}

/* The time of day of occurrences, where a rule does not name it. */
static void
complete_time(Recurrence *rule, int second_of_day)
{
	if (!recurrence_has(rule, PART_BYHOUR) && rule->frequency > FREQUENCY_HOURLY)
		rule->hours = 1u << second_of_day / 3600;
	if (!recurrence_has(rule, PART_BYMINUTE) && rule->frequency > FREQUENCY_MINUTELY)
		rule->minutes = UINT64_C(1) << second_of_day / 60 % 60;
	if (!recurrence_has(rule, PART_BYSECOND))
		rule->seconds = UINT64_C(1) << second_of_day % 60;
	if (bit_is_set(rule->seconds, 60))
		rule->seconds = (rule->seconds | UINT64_C(1) << 59) & ~(UINT64_C(1) << 60);
}

/*
 * Periods
 */

/* The number of the period that a time lies in. */
static int64_t
period_number(const Recurrence *rule, int64_t local)
{
	int64_t day = floor_div(local, SECONDS_A_DAY);
	int year;
	int month;
	int day_of_month;

	switch (rule->frequency)
	{
		case FREQUENCY_MINUTELY:
			return floor_div(local, 60);
		case FREQUENCY_HOURLY:
			return floor_div(local, 3600);
		case FREQUENCY_DAILY:
			return day;
		case FREQUENCY_WEEKLY: /* day 0 was a Saturday */
			return floor_div(day + 5 - rule->week_start, 7);
		default:
			day_to_civil((int32_t) day, &year, &month, &day_of_month);
			return rule->frequency == FREQUENCY_YEARLY ? year : (int64_t) year * 12 + month - 1;
	}
}

/* Add the days of a month that pass. */
static void
load_month(Period *period, const Recurrence *rule, int64_t year, int month)
{
	DayView day;
	int32_t first;

	if (recurrence_has(rule, PART_BYMONTH) && !bit_is_set(rule->months, month))
		return;
	day = month_start(year, month);
	first = (int32_t) civil_to_day(year, month, 1);
	for (; day.day_of_month <= day.days_in_month; view_next(&day))
		if (day_passes(rule, &day))
			period->days[period->ndays++] = first + day.day_of_month - 1;
}

/* Add a day if it passes; whether it does. */
static bool
load_day(Period *period, const Recurrence *rule, int64_t day)
{
	bool passes = day_number_passes(rule, day);

	if (passes)
		period->days[period->ndays++] = (int32_t) day;
	return passes;
}

/* The days of a period of at least a day. */
static void
load_days(Period *period, const Recurrence *rule, int64_t number)
{
	if (rule->frequency == FREQUENCY_YEARLY)
		for (int month = 1; month <= 12; month++)
			load_month(period, rule, number, month);
	else if (rule->frequency == FREQUENCY_MONTHLY)
		load_month(period, rule, floor_div(number, 12),
				   (int) (number - floor_div(number, 12) * 12) + 1);
	else if (rule->frequency == FREQUENCY_WEEKLY)
		for (int i = 0; i < 7; i++)
			load_day(period, rule, number * 7 - 5 + rule->week_start + i);
	else
		load_day(period, rule, number);
}

/*
 * The hour or minute that is a period.  Where its day does not pass, the step
 * goes on to the last one of that day.
 */
static void
load_time(RecurrenceScan *scan, int64_t number, int64_t *step)
{
	const Recurrence *rule = &scan->rule;
	Period *period = &scan->period;
	bool hourly = rule->frequency == FREQUENCY_HOURLY;
	int a_day = hourly ? 24 : 1440;
	int64_t day = floor_div(number, a_day);
	int of_day = (int) (number - day * a_day);
	int hour = hourly ? of_day : of_day / 60;

	if (!load_day(period, rule, day))
		*step += (a_day - 1 - of_day) / rule->interval;
	else if ((recurrence_has(rule, PART_BYHOUR) && !bit_is_set(rule->hours, hour)) ||
			 (!hourly && recurrence_has(rule, PART_BYMINUTE) &&
			  !bit_is_set(rule->minutes, of_day % 60)))
		period->ndays = 0;
	period->hours[0] = (uint8_t) hour;
	if (!hourly)
		period->minutes[0] = (uint8_t) (of_day % 60);
}

/* The numbers of the bits that are set, and how many they are. */
static int
list_bits(uint64_t bits, uint8_t *list)
{
	int n = 0;

	for (int i = 0; i < 60; i++)
		if (bit_is_set(bits, i))
			list[n++] = (uint8_t) i;
	return n;
}

/* Times of day that every period has. */
static void
load_times(Period *period, const Recurrence *rule)
{
	period->nhours = rule->frequency > FREQUENCY_HOURLY ? list_bits(rule->hours, period->hours) : 1;
	period->nminutes =
		rule->frequency > FREQUENCY_MINUTELY ? list_bits(rule->minutes, period->minutes) : 1;
	period->nseconds = list_bits(rule->seconds, period->seconds);
}

/* Times of day of each day of a period. */
static inline int
times_a_day(const Period *period)
{
	return period->nhours * period->nminutes * period->nseconds;
}

/* Whether BYSETPOS names the n-th of so many. */
static bool
position_is_chosen(const SignedSet *positions, int n, int of)
{
	int back = of - n + 1;

	return (n <= RECURRENCE_MAX_YEAR_DAY && bit_is_set(positions->forward[n >> 6], n & 63)) ||
		   (back <= RECURRENCE_MAX_YEAR_DAY &&
			bit_is_set(positions->backward[back >> 6], back & 63));
}

/* Choose the occurrences of a period that BYSETPOS names; those far from both ends cannot be. */
static void
choose_positions(Period *period, const SignedSet *positions)
{
	int of = period->n;

	period->n = 0;
	for (int n = 1; n <= of; n++)
	{
		if (n == RECURRENCE_MAX_YEAR_DAY + 1 && of > 2 * RECURRENCE_MAX_YEAR_DAY)
			n = of - RECURRENCE_MAX_YEAR_DAY + 1;
		if (position_is_chosen(positions, n, of))
			period->chosen[period->n++] = n - 1;
	}
}

/* The time of an occurrence of the period. */
static int64_t
period_time(const RecurrenceScan *scan, int at)
{
	const Period *period = &scan->period;
	int i = recurrence_has(&scan->rule, PART_BYSETPOS) ? period->chosen[at] : at;
	int second;
	int minute;
	int hour;

	if (i == 0) /* often the only one */
		return period->days[0] * (int64_t) SECONDS_A_DAY + period->hours[0] * 3600 +
			   period->minutes[0] * 60 + period->seconds[0];
	second = i % period->nseconds;
	minute = i / period->nseconds % period->nminutes;
	hour = i / (period->nseconds * period->nminutes) % period->nhours;
	return period->days[i / times_a_day(period)] * (int64_t) SECONDS_A_DAY +
		   period->hours[hour] * 3600 + period->minutes[minute] * 60 + period->seconds[second];
}

/* The next day of another calendar as a period of its own. */
static bool
load_other(RecurrenceScan *scan)
{
	int64_t day;

	scan->period.at = 0;
	if (!rscale_next(scan->other, &day) || day > floor_div(scan->until, SECONDS_A_DAY))
		return false;
	scan->period.days[0] = (int32_t) day;
	scan->period.n = times_a_day(&scan->period);
	return true;
}

/* Go on to the next period with occurrences; false where none can follow. */
static bool
load_period(RecurrenceScan *scan)
{
	Period *period = &scan->period;

	if (scan->other != NULL)
		return load_other(scan);
	for (;;)
	{
		int64_t step = scan->next;
		int64_t number = scan->first + step * scan->rule.interval;

		if (number > scan->last || step - scan->matched > scan->cycle)
			return false;
		if (scan->pause != NULL && ++scan->loaded % PERIODS_A_PAUSE == 0)
			scan->pause();
		period->ndays = 0;
		if (scan->rule.frequency <= FREQUENCY_HOURLY)
			load_time(scan, number, &step);
		else
			load_days(period, &scan->rule, number);
		scan->next = step + 1;
		period->at = 0;
		period->n = period->ndays * times_a_day(period);
		if (recurrence_has(&scan->rule, PART_BYSETPOS))
			choose_positions(period, &scan->rule.positions);
		if (period->n > 0)
		{
			scan->matched = step;
			return true;
		}
	}
}

/*
 * Walking
 */

/* The greatest common divisor of two positive numbers. */
static int64_t
greatest_common_divisor(int64_t a, int64_t b)
{
	while (b != 0)
	{
		int64_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

/* Begin with the period of the first second of interest, unless COUNT counts from the start. */
static void
skip_periods(RecurrenceScan *scan, int64_t from)
{
	int64_t periods = period_number(&scan->rule, from) - scan->first;

	if (recurrence_has(&scan->rule, PART_COUNT) || periods <= 0)
		return;
	scan->next = periods / scan->rule.interval;
	scan->matched = scan->next;
}

/*
 * Begin a walk.  start is RFC 5545's DTSTART: the rule's intervals and COUNT
 * count from it, and what the rule leaves open is taken from it.  Occurrences
 * before from may be left out, those after until are.  For a rule that
 * recurrence_needs_rscale the caller sets other; as-needed rules have none.
 */
void
recurrence_scan_init(RecurrenceScan *scan, const Recurrence *rule, int64_t start, int64_t from,
					 int64_t until)
{
	int64_t day = floor_div(start, SECONDS_A_DAY);
	DayView view = view_day(day);

	scan->rule = *rule;
	scan->start = start;
	scan->from = from > start ? from : start;
	scan->until = recurrence_has(rule, PART_UNTIL) && rule->until < until ? rule->until : until;
	scan->left = recurrence_has(rule, PART_COUNT) ? rule->count : INT64_MAX;
	scan->other = NULL;
	scan->pause = NULL;
	scan->loaded = 0;
	scan->next = scan->matched = 0;
	scan->period.at = scan->period.n = 0;
	if (rule->frequency == FREQUENCY_AS_NEEDED || scan->until < start)
	{
		scan->left = 0;
		return;
	}
	if (!recurrence_needs_rscale(rule))
		complete_day(&scan->rule, &view);
	complete_time(&scan->rule, (int) (start - day * SECONDS_A_DAY));
	load_times(&scan->period, &scan->rule);
	scan->first = period_number(&scan->rule, start);
	scan->last = period_number(&scan->rule, scan->until);
	scan->cycle =
		cycles[rule->frequency] / greatest_common_divisor(cycles[rule->frequency], rule->interval);
	skip_periods(scan, scan->from);
}

/* The next occurrence from the scan's first second of interest on. */
bool
recurrence_next(RecurrenceScan *scan, int64_t *local)
{
	while (scan->left > 0)
	{
		if (scan->period.at == scan->period.n && !load_period(scan))
			return false;
		*local = period_time(scan, scan->period.at++);
		if (*local > scan->until)
			break;
		if (*local < scan->start)
			continue;
		if (scan->left != INT64_MAX)
			scan->left--;
		if (*local >= scan->from)
			return true;
	}
	scan->left = 0;
	return false;
}

/* Whether all times of the day of the next occurrence are occurrences. */
static bool
is_whole_day(const RecurrenceScan *scan, int64_t day)
{
	return day * SECONDS_A_DAY >= scan->from && (day + 1) * SECONDS_A_DAY - 1 <= scan->until &&
		   scan->rule.frequency > FREQUENCY_HOURLY && !recurrence_has(&scan->rule, PART_BYSETPOS) &&
		   scan->left >= times_a_day(&scan->period);
}

/* Put the last occurrence back. */
static void
step_back(RecurrenceScan *scan)
{
	scan->period.at--;
	if (scan->left != INT64_MAX)
		scan->left++;
}

/* The next day with occurrences, and how many it has. */
bool
recurrence_next_day(RecurrenceScan *scan, int64_t *day, int64_t *occurrences)
{
	int64_t local;

	if (!recurrence_next(scan, &local))
		return false;
	*day = floor_div(local, SECONDS_A_DAY);
	step_back(scan);
	if (is_whole_day(scan, *day))
	{
		*occurrences = times_a_day(&scan->period);
		scan->period.at += (int) *occurrences;
		if (scan->left != INT64_MAX)
			scan->left -= *occurrences;
		return true;
	}
	for (*occurrences = 0; recurrence_next(scan, &local); ++*occurrences)
		if (local >= (*day + 1) * SECONDS_A_DAY)
		{
			step_back(scan);
			break;
		}
	return true;
}
