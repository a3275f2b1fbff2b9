/*
 * Watching day by day.  A detector's answer after each value is spread over the
 * days up to the next one; only windows, and silence, change on days without a
 * value, too.
 */
#include "signal/watch.h"

#include <math.h>

/* Whether all that was planned on a day is recorded, so that it is known before it is over. */
bool
watch_knows_all_of(const Calendar *calendar, int64_t day)
{
	DayCounts counts = calendar_counts_on(calendar, day);

	return counts.prescribed > 0 && counts.taken + counts.missed >= counts.prescribed;
}

/* What a detector says of a calendar that has been cut off after as_of. */
Signal
watch_calendar(const Watch *watch, const Calendar *calendar, int64_t as_of, Trace *trace)
{
	switch (watch->detector)
	{
		case WATCH_UNRECORDED_RUN:
			return detect_unrecorded_run(calendar, watch->n, trace);
		case WATCH_RATE_BELOW:
			return detect_rate_below(calendar, as_of, watch->days, watch->rate, trace);
		case WATCH_RATE_DROP:
			return detect_rate_drop(calendar, as_of, watch->days, watch->before, watch->drop,
									trace);
		case WATCH_OVER_USE:
			return detect_over_use(calendar, as_of, watch->days, watch->n, trace);
		case WATCH_MISS_CUSUM:
			return detect_miss_cusum(calendar, watch->rise, watch->p, watch->n, watch->threshold,
									 trace);
		case WATCH_G_CHART:
			return detect_gap(calendar, watch->p, watch->limit, EVENT_LAPSE, watch->threshold,
							  trace);
		default:
			return detect_missed_run(calendar, watch->n, trace);
	}
}

/* Days since the last value, or since the first day where there is none. */
static Signal
detect_silence(const DayValue *days, int32_t n, int32_t first, int32_t as_of, double limit)
{
	int32_t since = n > 0 && days[n - 1].day > first ? days[n - 1].day : first;
	double statistic = (double) as_of - since;

	return (Signal){ .alarm = statistic > limit,
					 .statistic = statistic,
					 .lim = limit,
					 .since = since,
					 .shift = NAN };
}

/*
 * What a detector says of the values through as_of of a series that is watched
 * from first on.  Some detectors overwrite the values.
 */
Signal
watch_series(const Watch *watch, DayValue *days, int32_t n, int32_t first, int32_t as_of,
			 Trace *trace)
{
	DayValues values = { n, days };

	switch (watch->detector)
	{
		case WATCH_CUSUM:
			return detect_cusum(&values, watch->k, watch->h, &watch->baseline, watch->headstart,
								watch->direction, trace);
		case WATCH_EWMA:
			return detect_ewma(&values, watch->lambda, watch->l, &watch->baseline, watch->direction,
							   trace);
		case WATCH_SHEWHART:
			return detect_shewhart(&values, watch->l, watch->runs, &watch->baseline,
								   watch->direction, trace);
		case WATCH_RELIABLE_CHANGE:
			return detect_reliable_change(&values, watch->baseline.sd, watch->reliability, watch->l,
										  watch->direction, trace);
		case WATCH_OFF_TRACK:
			return detect_off_gain(days, n, watch->gain, watch->days, watch->band, watch->direction,
								   trace);
		case WATCH_SILENCE:
			return detect_silence(days, n, first, as_of, watch->limit);
		default:
			return detect_self_starting(days, n, watch->k, watch->h, watch->direction, trace);
	}
}

/*
 * Alarms day by day
 */

/* What is so after each step is so until the next one. */
static void
spread(const Step *steps, int32_t nsteps, const AlarmDays *on)
{
	int32_t next = 0;
	bool alarm = false;

	for (int32_t i = 0; i < on->n; i++)
	{
		for (; next < nsteps && steps[next].day <= (int64_t) on->first + i; next++)
			alarm = steps[next].alarm;
		on->alarms[i] = alarm;
	}
}

/* After the last day nothing is recorded, and every day may be a planned one. */
static void
go_on_unrecorded(const AlarmDays *on, int64_t last, double run, int32_t n)
{
	for (int32_t i = 0; i < on->n; i++)
	{
		int64_t more = (int64_t) on->first + i - last;

		if (more > 0)
			on->alarms[i] = run + (double) more >= n;
	}
}

/* The first day that a window looks at on any of some days. */
static int64_t
first_in_windows(const Watch *watch, const AlarmDays *on)
{
	return (int64_t) on->first - watch->days - watch->before + 1;
}

/*
 * Whether there is an alarm on each of some days.  The calendar is read
 * through its day last; on days after that nothing more is recorded.  There is
 * room for a step for each day of the calendar.
 */
void
watch_calendar_days(const Watch *watch, const Calendar *calendar, int64_t last, Step *steps,
					const AlarmDays *on)
{
	Calendar until = calendar_slice(calendar, INT64_MIN, last + 1);
	Calendar within = calendar_slice(&until, first_in_windows(watch, on), last + 1);
	Trace trace = { .steps = steps };
	Signal signal;

	switch (watch->detector)
	{
		case WATCH_RATE_BELOW:
			daily_rate_below(&within, watch->days, watch->rate, on);
			return;
		case WATCH_RATE_DROP:
			daily_rate_drop(&within, watch->days, watch->before, watch->drop, on);
			return;
		case WATCH_OVER_USE:
			daily_over_use(&within, watch->days, watch->n, on);
			return;
		default:
			signal = watch_calendar(watch, &until, last, &trace);
			spread(steps, trace.n, on);
			if (watch->detector == WATCH_UNRECORDED_RUN)
				go_on_unrecorded(on, last, signal.statistic, watch->n);
	}
}

/* Whether each day is too long after the last value, or after the first day. */
static void
daily_silence(const DayValue *days, int32_t n, double limit, const AlarmDays *on)
{
	int32_t next = 0;

	for (int32_t i = 0; i < on->n; i++)
	{
		int32_t day = on->first + i;

		while (next < n && days[next].day <= day)
			next++;
		on->alarms[i] = detect_silence(days, next, on->first, day, limit).alarm;
	}
}

/*
 * Whether there is an alarm on each of some days.  There is room for a step
 * for each value.  Some detectors overwrite the values.
 */
void
watch_series_days(const Watch *watch, DayValue *days, int32_t n, Step *steps, const AlarmDays *on)
{
	Trace trace = { .steps = steps };

	if (watch->detector == WATCH_SILENCE)
	{
		daily_silence(days, n, watch->limit, on);
		return;
	}
	watch_series(watch, days, n, on->first, on->first + on->n - 1, &trace);
	spread(steps, trace.n, on);
}

/*
 * Spells
 */

/* Begin a walk; closings are in order. */
void
spells_start(SpellScan *scan, const AlarmDays *on, const SpellRule *rule, const int32_t *closings,
			 int32_t nclosings)
{
	*scan = (SpellScan){
		.on = on, .rule = rule, .closings = closings, .nclosings = nclosings, .free_from = on->first
	};
}

/* Whether somebody closed such a warning on a day; days are asked about in order. */
static bool
is_closing(SpellScan *scan, int32_t day)
{
	bool closed = false;

	for (; scan->nclosings > 0 && scan->closings[0] <= day; scan->closings++, scan->nclosings--)
		closed |= scan->closings[0] == day;
	return closed;
}

/*
 * Whether to take a day as one with alarm.  Where that is not known, a warning
 * is opened as soon as it could be, and ends as soon as it could: if all stays
 * as it is.
 */
static bool
takes_as_alarm(const SpellScan *scan, bool is_open)
{
	const AlarmDays *on = scan->on;
	bool opened_before = is_open && scan->spell.opened < (int64_t) on->first + on->known;

	return on->alarms[opened_before && scan->next >= on->known ? on->known - 1 : scan->next];
}

/* Walk one day; whether a spell ended with it. */
static bool
spells_step(SpellScan *scan, bool *is_open)
{
	int32_t day = scan->on->first + scan->next;
	bool alarm = takes_as_alarm(scan, *is_open);
	bool closed = is_closing(scan, day);
	bool ends;

	scan->next++;
	scan->loud = alarm ? scan->loud + 1 : 0;
	scan->quiet = alarm ? 0 : scan->quiet + 1;
	if (!*is_open && scan->loud > scan->rule->hold && day >= scan->free_from)
	{
		*is_open = true;
		scan->spell = (Spell){ .opened = day };
	}
	ends = *is_open && (closed || scan->quiet >= scan->rule->clear);
	if (ends || closed)
		scan->free_from = (int64_t) day + scan->rule->cool_down + 1;
	if (ends)
	{
		scan->spell.ended = day;
		scan->spell.how = closed ? SPELL_CLOSED : SPELL_CLEARED;
	}
	return ends;
}

/* Go on to the next spell; false if there is none. */
bool
spells_next(SpellScan *scan)
{
	bool is_open = false;

	while (scan->next < scan->on->n)
		if (spells_step(scan, &is_open))
			return true;
	return is_open;
}
