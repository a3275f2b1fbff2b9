/*
 * Screening: of the changes of a record only few have to do with warnings.  A
 * task is looked at closely if a warning of it is open, if something was taken
 * away from its record, or if some detector alarms now, of late, or when its
 * window has moved on.  Otherwise nothing is open that should not be, nothing
 * is to be opened, and what recheck says still holds: what is added to a record
 * puts off the end of silence, and never hastens it, unless it fills a gap of
 * which a warning had been and is in its cool-down.
 *
 * Whose local day it is, and which tasks a rule watches, is not asked: the days
 * looked at are those of any time zone, and the rules all there are.
 */
#include "program/screen.h"

#include "miscadmin.h"

#include "program/clock.h"
#include "signal/signal.h"

/*
 * Tasks
 */

/* Note whether some days have an alarm, before the person is looked at anyway or after. */
static void
note_alarms(const AlarmDays *on, Concern *concern)
{
	concern->rules |= memchr(on->alarms, true, on->known) != NULL;
	concern->later |= memchr(on->alarms + on->known, true, on->n - on->known) != NULL;
}

/*
 * The days on which an alarm would matter: since a warning that is open has
 * been quiet at most, until nothing of the record is left in a window.  What is
 * known of is told apart from what comes after the person is looked at anyway.
 */
static AlarmDays
days_that_matter(const WatchedRule *rule, int64 end_of_record, TimestampTz look_at)
{
	int32 today = utc_today();
	int32 first = today - NEAR_DAYS - 1 - rule->clear_days;
	int64 last = Max(today, end_of_record) + NEAR_DAYS + rule->watch.days;
	AlarmDays on = { .first = first, .n = (int32) (last - first + 1) };

	on.known = (int32) Min(last, (int64) Max(today, utc_day(look_at)) + NEAR_DAYS) - first + 1;
	on.alarms = palloc0_array(bool, on.n);
	return on;
}

/* Note whether a rule of tasks alarms of a calendar on a day that matters. */
static void
note_alarms_of_task(const WatchedRule *rule, const TaskRecord *task, Step *steps, Concern *concern)
{
	AlarmDays on;

	if (rule->instrument_id != 0 || rule->watch.detector == WATCH_UNRECORDED_RUN)
		return;
	if (rule->is_broken)
	{
		concern->rules = true;
		return;
	}
	on = days_that_matter(rule, calendar_end(&task->effective), task->look_at);
	watch_calendar_days(&rule->watch, &task->effective, calendar_end(&task->effective), steps, &on);
	note_alarms(&on, concern);
}

/* Whether a planned day is recorded. */
static bool
is_known(DayCounts day)
{
	return day_is_planned(day) && day.taken + day.missed > 0;
}

/* The days of a calendar that some changes are of. */
static bool *
days_of_changes(const Calendar *calendar, const Change *change, const Change *end)
{
	bool *are_changed = palloc0_array(bool, calendar->ndays + 1);

	for (; change < end; change++)
	{
		int64 i = (int64) change->day - calendar->first;

		if (i >= 0 && i < calendar->ndays)
			are_changed[i] = true;
	}
	return are_changed;
}

/*
 * Whether changes fill a gap of n days or more between others.  If a warning
 * was open of that gap, there is no cool-down after it any more, and the next
 * one may be due before recheck says.  After the last of the others there is
 * no gap yet that has passed.
 */
static bool
fill_gap(const Calendar *calendar, int32 n, const bool *are_changed)
{
	int32 gap = n; /* before the record: of unknown length */
	bool is_filled = false;

	for (int32 i = 0; i < calendar->ndays; i++)
	{
		is_filled |= are_changed[i];
		if (are_changed[i] || !is_known(calendar_counts(calendar, i)))
		{
			gap++;
			continue;
		}
		if (is_filled && gap >= n)
			return true;
		gap = 0;
		is_filled = false;
	}
	return false;
}

/* Whether changes may undo the cool-down after a warning that nothing is recorded. */
static bool
may_undo_cool_down(const WatchedProgram *program, const TaskRecord *task, const Change *change,
				   const Change *end)
{
	const bool *are_changed = NULL;

	for (int i = 0; i < program->nrules; i++)
	{
		const WatchedRule *rule = &program->rules[i];

		if (rule->is_broken || rule->instrument_id != 0 || rule->cool_down_days == 0 ||
			rule->watch.detector != WATCH_UNRECORDED_RUN)
			continue;
		if (are_changed == NULL)
			are_changed = days_of_changes(&task->effective, change, end);
		if (fill_gap(&task->effective, rule->watch.n, are_changed))
			return true;
	}
	return false;
}

/* Whether from a day on there is a run of so many missed days. */
static bool
has_gap(const Calendar *calendar, int32 days, int32 from, Step *steps)
{
	Trace trace = { .steps = steps };

	detect_missed_run(calendar, days, &trace);
	for (int32 i = 0; i < trace.n; i++)
		if (steps[i].alarm && steps[i].day >= from)
			return true;
	return false;
}

/* Whether the record of a task has to do with safety. */
static bool
is_unsafe(const TaskRecord *task, const Change *change, const Change *end, Step *steps)
{
	int32 from = change->day;

	for (; change < end; change++)
	{
		from = Min(from, change->day);
		if (task->max_units > 0 && record_most_taken(task, change->day) > task->max_units)
			return true;
	}
	return task->gap_days > 0 && has_gap(&task->effective, task->gap_days, from, steps);
}

/* Whether two changes are of the same thing: a source and day, or a day and value of a measure. */
static bool
is_same(KeptKind kind, const Change *a, const Change *b)
{
	return a->day == b->day && strcmp(a->label, b->label) == 0 &&
		   (kind == KEPT_CALENDAR || a->value == b->value);
}

/* What some changes of the same thing come to: below 0 if something was taken away, above if only added. */
static int
net_sign(KeptKind kind, const Change *change, const Change *end)
{
	int taken = 0;
	int missed = 0;
	int values = 0;

	for (; change < end; change++)
	{
		taken += change->sign * change->taken;
		missed += change->sign * change->missed;
		values += change->sign;
	}
	if (kind == KEPT_SERIES)
		return values;
	return Min(taken, missed) < 0 ? -1 : taken + missed;
}

/*
 * What changes come to as a whole: below 0 if something was taken away, or is
 * ahead of its day, of which the plan is not known; 0 if they come to nothing.
 */
static int
sign_of_changes(KeptKind kind, const Change *change, const Change *end)
{
	int sign = 0;

	while (change < end)
	{
		const Change *next = change + 1;
		int net;

		while (next < end && is_same(kind, change, next))
			next++;
		net = net_sign(kind, change, next);
		if (net < 0 || (net > 0 && change->day > utc_today() + NEAR_DAYS))
			return -1;
		sign |= net > 0;
		change = next;
	}
	return sign;
}

/* What the changes of a task may have to do with. */
static Concern
screen_task(RecordReader *reader, const Change *change, const Change *end)
{
	const WatchedProgram *program = reader->program;
	TaskRecord task = record_of_task(reader, change->person_id, change->of_id);
	Concern concern = { .safety = false };
	Step *steps;

	if (task.is_doubtful)
		return (Concern){ .safety = true, .rules = true };
	steps = palloc_array(Step, task.effective.ndays + 1);
	concern.safety = task.open.safety || is_unsafe(&task, change, end, steps);
	/* What is ahead of its day is a matter of safety on that day: then the person is looked at. */
	concern.rules = task.open.any ||
					(concern.safety && calendar_end(&task.effective) > utc_today() - NEAR_DAYS);
	if (concern.rules)
		return concern;
	concern.look_at = task.look_at;
	concern.later = may_undo_cool_down(program, &task, change, end);
	concern.rules = concern.later && task.look_at > clock_now();
	for (int i = 0; i < program->nrules && !concern.rules; i++)
		note_alarms_of_task(&program->rules[i], &task, steps, &concern);
	return concern;
}

/*
 * Measures
 */

/* Whether an item asks about self-harm. */
static bool
asks_about_self_harm(const WatchedProgram *program, const Change *change)
{
	for (int i = 0; i < program->nitems; i++)
		if (program->items[i].instrument_id == change->of_id &&
			strcmp(program->items[i].item, change->label) == 0)
			return true;
	return false;
}

/* Whether an answer to such an item came that is above 0, or any went. */
static bool
is_unsafe_answer(const Change *change, const Change *end)
{
	for (; change < end; change++)
		if (change->sign < 0 || change->value > 0.0)
			return true;
	return false;
}

/* Whether a rule watches a measure. */
static bool
watches_measure(const WatchedRule *rule, const Change *change)
{
	return rule->instrument_id == change->of_id && strcmp(rule->item, change->label) == 0;
}

/* Note whether a rule alarms of a series on a day that matters. */
static void
note_alarms_of_measure(const WatchedRule *rule, const MeasureRecord *measure, Concern *concern)
{
	int32 n;
	DayValue *days;
	AlarmDays on;

	if (rule->is_broken)
	{
		concern->rules = true;
		return;
	}
	days = series_means(&measure->series, DATEVAL_NOEND, &n);
	on = days_that_matter(rule, n > 0 ? days[n - 1].day : PG_INT32_MIN, measure->look_at);
	watch_series_days(&rule->watch, days, n, palloc_array(Step, n + 1), &on);
	note_alarms(&on, concern);
}

/* Note whether any rule has to do with a measure that changed. */
static void
screen_rules_of_measure(RecordReader *reader, const Change *change, Concern *concern)
{
	const WatchedProgram *program = reader->program;
	MeasureRecord measure;
	bool is_read = false;

	for (int i = 0; i < program->nrules && !concern->rules; i++)
	{
		if (!watches_measure(&program->rules[i], change))
			continue;
		if (!is_read)
			measure = record_of_measure(reader, change->person_id, change->of_id, change->label);
		is_read = true;
		concern->look_at = measure.look_at;
		concern->rules = measure.is_doubtful || measure.open.any;
		if (!concern->rules)
			note_alarms_of_measure(&program->rules[i], &measure, concern);
	}
}

/* What changes of one task, or of one item of a measure, may have to do with; they are sorted. */
Concern
screen_changes(RecordReader *reader, KeptKind kind, const Change *change, const Change *end)
{
	int sign = sign_of_changes(kind, change, end);
	Concern concern = { .rules = sign < 0 };

	if (sign == 0)
		return concern;
	if (kind == KEPT_CALENDAR)
	{
		concern.safety = sign < 0;
		return sign < 0 ? concern : screen_task(reader, change, end);
	}
	concern.safety = asks_about_self_harm(reader->program, change) && is_unsafe_answer(change, end);
	screen_rules_of_measure(reader, change, &concern);
	return concern;
}
