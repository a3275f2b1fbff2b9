/*
 * Detectors over a calendar: runs, windows, the Bernoulli CUSUM and the gap
 * between events.  A day has a value if it is planned, not excused, and
 * something is known of it; only unrecorded_run looks at the others.
 */
#include "signal/detector.h"

#include <math.h>

/* Whether something is known of a planned day. */
static bool
is_recorded(DayCounts day)
{
	return day_is_planned(day) && (day.taken > 0 || day.missed > 0);
}

/*
 * Runs
 */

/* Days in a row, and the first of them. */
typedef struct Run
{
	int32_t length;
	int32_t first;
} Run;

/* Go on with a run, or end it. */
static void
run_step(Run *run, int32_t day, bool goes_on)
{
	if (run->length == 0)
		run->first = day;
	run->length = goes_on ? run->length + 1 : 0;
}

/* What a run says. */
static Signal
run_signal(const Run *run, int32_t n)
{
	return (Signal){ .alarm = run->length >= n,
					 .statistic = run->length,
					 .lim = n,
					 .since = run->first,
					 .shift = NAN };
}

/* Planned days in a row that are known to be missed. */
Signal
detect_missed_run(const Calendar *calendar, int32_t n, Trace *trace)
{
	Run run = { .length = 0 };

	for (int32_t i = 0; i < calendar->ndays; i++)
	{
		DayCounts day = calendar_counts(calendar, i);

		if (!is_recorded(day))
			continue;
		run_step(&run, calendar->first + i, day_status(day) == DAY_MISSED);
		trace_add(trace, calendar->first + i, run.length, run.length >= n);
	}
	return run_signal(&run, n);
}

/* Planned days in a row of which nothing is known. */
Signal
detect_unrecorded_run(const Calendar *calendar, int32_t n, Trace *trace)
{
	Run run = { .length = 0 };

	for (int32_t i = 0; i < calendar->ndays; i++)
	{
		DayCounts day = calendar_counts(calendar, i);

		if (!day_is_planned(day))
			continue;
		run_step(&run, calendar->first + i, !is_recorded(day));
		trace_add(trace, calendar->first + i, run.length, run.length >= n);
	}
	return run_signal(&run, n);
}

/*
 * Windows
 */

/* The days from one to before another that end with the day that was moved to. */
typedef struct Window
{
	const Calendar *calendar;
	int32_t days;	  /* its length */
	int32_t lag;	  /* days from its last day to the day that was moved to */
	int64_t next;	  /* offset of the first day of the calendar not yet read */
	RateWindow units; /* of recorded days */
	int32_t over;	  /* days with more than was prescribed */
} Window;

/* A window before the first day of a calendar. */
static Window
window_before(const Calendar *calendar, int32_t days, int32_t lag)
{
	return (Window){ .calendar = calendar, .days = days, .lag = lag };
}

/* Count a day of the calendar in (sign 1) or out (sign -1). */
static void
window_count(Window *window, int32_t i, int sign)
{
	DayCounts day = calendar_counts(window->calendar, i);

	if (is_recorded(day))
		rate_window_add(&window->units, day, sign);
	window->over += day_status(day) == DAY_OVER ? sign : 0;
}

/* Move a window forward; beyond the length of it there is nothing to count after the calendar's end. */
static void
window_move(Window *window, int64_t day)
{
	int32_t ndays = window->calendar->ndays;
	int64_t until = day - window->lag + 1 - window->calendar->first;

	until = until < (int64_t) ndays + window->days ? until : (int64_t) ndays + window->days;
	for (; window->next < until; window->next++)
	{
		if (window->next < ndays)
			window_count(window, (int32_t) window->next, 1);
		if (window->next >= window->days)
			window_count(window, (int32_t) (window->next - window->days), -1);
	}
}

/* The rate of a window; NAN if nothing in it is recorded. */
static double
window_rate(const Window *window)
{
	return window->units.prescribed == 0 ? NAN
										 : (double) window->units.taken / window->units.prescribed;
}

/* How far one rate is below another; NAN unless there are both. */
static double
fall_of(const Window *then, const Window *now)
{
	return window_rate(then) - window_rate(now);
}

/* Whether a day fell short. */
static bool
is_short(DayCounts day)
{
	return is_recorded(day) && day.taken < day.prescribed;
}

/* Whether a day was more than enough. */
static bool
is_over(DayCounts day)
{
	return day_status(day) == DAY_OVER;
}

/* The first day of some kind among those that end with as_of; there is one. */
static int32_t
first_within(const Calendar *calendar, int64_t as_of, int32_t days, bool (*is_such)(DayCounts))
{
	Calendar window = calendar_slice(calendar, as_of - days + 1, as_of + 1);
	int32_t i = 0;

	while (i < window.ndays - 1 && !is_such(calendar_counts(&window, i)))
		i++;
	return window.first + i;
}

/* Whether the rate of the recorded days of a window is low. */
Signal
detect_rate_below(const Calendar *calendar, int64_t as_of, int32_t days, double rate, Trace *trace)
{
	Window window = window_before(calendar, days, 0);
	Signal signal = { .lim = rate };

	for (int32_t i = 0; i < calendar->ndays; i++)
	{
		if (!is_recorded(calendar_counts(calendar, i)))
			continue;
		window_move(&window, (int64_t) calendar->first + i);
		trace_add(trace, calendar->first + i, window_rate(&window), window_rate(&window) < rate);
	}
	window_move(&window, as_of);
	signal.statistic = window_rate(&window);
	signal.alarm = signal.statistic < rate;
	if (signal.alarm)
		signal.since = first_within(calendar, as_of, days, is_short);
	signal.shift = signal.statistic - rate;
	return signal;
}

/* How far the rate of a window is below that of a window before it. */
Signal
detect_rate_drop(const Calendar *calendar, int64_t as_of, int32_t days, int32_t before, double drop,
				 Trace *trace)
{
	Window now = window_before(calendar, days, 0);
	Window then = window_before(calendar, before, days);
	Signal signal = { .lim = drop };

	for (int32_t i = 0; i < calendar->ndays; i++)
	{
		if (!is_recorded(calendar_counts(calendar, i)))
			continue;
		window_move(&now, (int64_t) calendar->first + i);
		window_move(&then, (int64_t) calendar->first + i);
		trace_add(trace, calendar->first + i, fall_of(&then, &now), fall_of(&then, &now) > drop);
	}
	window_move(&now, as_of);
	window_move(&then, as_of);
	signal.statistic = fall_of(&then, &now);
	signal.alarm = signal.statistic > drop;
	if (signal.alarm)
		signal.since = first_within(calendar, as_of, days, is_short);
	signal.shift = -signal.statistic;
	return signal;
}

/* Days of a window on which more was taken than prescribed. */
Signal
detect_over_use(const Calendar *calendar, int64_t as_of, int32_t days, int32_t n, Trace *trace)
{
	Window window = window_before(calendar, days, 0);
	Signal signal = { .lim = n, .shift = NAN };

	for (int32_t i = 0; i < calendar->ndays; i++)
	{
		if (!is_recorded(calendar_counts(calendar, i)))
			continue;
		window_move(&window, (int64_t) calendar->first + i);
		trace_add(trace, calendar->first + i, window.over, window.over >= n);
	}
	window_move(&window, as_of);
	signal.statistic = window.over;
	signal.alarm = window.over >= n;
	if (signal.alarm)
		signal.since = first_within(calendar, as_of, days, is_over);
	return signal;
}

/*
 * Windows day by day: they move on days without a value, too.
 */

/* Whether the rate of the recorded days of a window is low, on each day. */
void
daily_rate_below(const Calendar *calendar, int32_t days, double rate, const AlarmDays *on)
{
	Window window = window_before(calendar, days, 0);

	for (int32_t i = 0; i < on->n; i++)
	{
		window_move(&window, (int64_t) on->first + i);
		on->alarms[i] = window_rate(&window) < rate;
	}
}

/* Whether the rate of a window is far below that of a window before it, on each day. */
void
daily_rate_drop(const Calendar *calendar, int32_t days, int32_t before, double drop,
				const AlarmDays *on)
{
	Window now = window_before(calendar, days, 0);
	Window then = window_before(calendar, before, days);

	for (int32_t i = 0; i < on->n; i++)
	{
		window_move(&now, (int64_t) on->first + i);
		window_move(&then, (int64_t) on->first + i);
		on->alarms[i] = fall_of(&then, &now) > drop;
	}
}

/* Whether there are n days of a window on which more was taken than prescribed, on each day. */
void
daily_over_use(const Calendar *calendar, int32_t days, int32_t n, const AlarmDays *on)
{
	Window window = window_before(calendar, days, 0);

	for (int32_t i = 0; i < on->n; i++)
	{
		window_move(&window, (int64_t) on->first + i);
		on->alarms[i] = window.over >= n;
	}
}

/*
 * Lapses
 */

/* Whether a recorded day is not adherent. */
static bool
is_lapse(DayCounts day, double threshold)
{
	AdherenceRule rule = { .threshold = threshold, .over_adheres = true };

	return day_class(day, &rule) == CLASS_LAPSE;
}

/*
 * The CUSUM of a change in the probability of a lapse (Reynolds and Stoumbos
 * 1999): a lapse adds rise, any other recorded day takes away 1.
 */
Signal
detect_miss_cusum(const Calendar *calendar, int32_t rise, double p0, int32_t h, double threshold,
				  Trace *trace)
{
	int64_t sum = 0;
	int32_t lapses = 0;
	Run run = { .length = 0 }; /* days since the sum was 0 */

	for (int32_t i = 0; i < calendar->ndays; i++)
	{
		DayCounts day = calendar_counts(calendar, i);
		bool lapse;

		if (!is_recorded(day))
			continue;
		lapse = is_lapse(day, threshold);
		sum += lapse ? rise : -1;
		sum = sum > 0 ? sum : 0;
		run_step(&run, calendar->first + i, sum > 0);
		lapses = sum > 0 ? lapses + lapse : 0;
		trace_add(trace, calendar->first + i, (double) sum, sum >= h);
	}
	return (Signal){ .alarm = sum >= h,
					 .statistic = (double) sum,
					 .lim = h,
					 .since = run.first,
					 .shift = run.length > 0 ? (double) lapses / run.length - p0 : NAN };
}

/* The days since the last event of a g-chart (Kaminsky and others 1992). */
Signal
detect_gap(const Calendar *calendar, double p, double limit, GapEvent event, double threshold,
		   Trace *trace)
{
	int32_t gap = 0;
	int32_t since = calendar->first; /* the last event; without one the first value */
	bool is_first = true;

	for (int32_t i = 0; i < calendar->ndays; i++)
	{
		DayCounts day = calendar_counts(calendar, i);
		bool is_event;

		if (!is_recorded(day))
			continue;
		is_event = is_lapse(day, threshold) == (event == EVENT_LAPSE);
		gap = is_event ? 0 : gap + 1;
		if (is_event || is_first)
			since = calendar->first + i;
		is_first = false;
		trace_add(trace, calendar->first + i, gap, gap > limit);
	}
	return (Signal){ .alarm = gap > limit,
					 .statistic = gap,
					 .lim = limit,
					 .since = since,
					 .shift = 1.0 / (gap + 1.0) - p };
}
