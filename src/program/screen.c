/*
 * Screening: of the changes of a record only few have to do with warnings.  A
 * task is looked at closely if something was taken away from its record, if a
 * warning of it would change, or if some detector alarms now or of late whose
 * warning is not open.  Otherwise nothing is open that should not be, and
 * nothing is to be opened.  What recheck says still holds: what is added to a
 * record puts off the end of silence, and never hastens it, unless it fills a
 * gap of which a warning had been and is in its cool-down, or makes a day that
 * is not over less known.  Where a detector will alarm, or a warning end, when a
 * window has moved on, the person is looked at by then.
 *
 * The days looked at are those of any time zone; whose local day it is is asked
 * only if something happens on one of them.
 */
#include "program/screen.h"

#include "miscadmin.h"

#include "program/clock.h"
#include "signal/signal.h"

/*
 * Tasks
 */

/* No day. */
#define NEVER PG_INT64_MAX

/* When to look: now, or else once something happens although nothing is recorded before. */
typedef struct Notes
{
	bool now;
	int64 day; /* the first day on which something happens, or NEVER */
} Notes;

/* Note that something happens on a day if nothing is recorded before. */
static void
note_day(Notes *notes, int64 day)
{
	if (day <= (int64) utc_today() - NEAR_DAYS)
		notes->now = true;
	notes->day = Min(notes->day, day);
}

/* Note the first day from some day on that has an alarm; after the last of the days it stays as it is. */
static void
note_alarms(const AlarmDays *on, int64 from, Notes *notes)
{
	int64 i = Max(from - on->first, 0);

	while (i < on->n && !on->alarms[i])
		i++;
	if (i < on->n || on->alarms[on->n - 1])
		note_day(notes, on->first + i);
}

/* Note the day on which an alarm will have been gone for so long that a warning ends. */
static void
note_end(const AlarmDays *on, int32 clear_days, Notes *notes)
{
	int32 quiet = 0;

	for (int32 i = 0; i < on->n; i++)
	{
		quiet = on->alarms[i] ? 0 : quiet + 1;
		if (quiet >= clear_days)
		{
			note_day(notes, on->first + i);
			return;
		}
	}
}

/* Days from the first on, until nothing of the record is left in a window. */
static AlarmDays
days_from(int64 first, const WatchedRule *rule, int64 end_of_record)
{
	int64 last = Max(utc_today(), end_of_record) + NEAR_DAYS + rule->watch.days;
	AlarmDays on = { .first = (int32) first, .n = (int32) (last - first + 1) };

	on.known = on.n;
	on.alarms = palloc0_array(bool, on.n);
	return on;
}

/* The days on which an alarm would matter: since a warning that is open has been quiet at most. */
static AlarmDays
days_that_matter(const WatchedRule *rule, int64 end_of_record)
{
	return days_from((int64) utc_today() - NEAR_DAYS - 1 - rule->clear_days, rule, end_of_record);
}

/* Whether the alarms of a rule are those of the calendar that is kept. */
static bool
reads_record(const WatchedRule *rule)
{
	return !rule->is_broken && rule->watch.detector != WATCH_UNRECORDED_RUN;
}

/*
 * Note when a warning of a task that is open changes: if the record through the
 * day on which it was raised is as it was, once its alarm is gone.
 */
static void
note_warning_of_task(const WatchedRule *rule, const OpenWarning *warning, const TaskRecord *task,
					 const Change *change, Step *steps, Notes *notes)
{
	AlarmDays on;

	if (!reads_record(rule) || rule->severity > warning->severity ||
		change->day <= warning->raised_on || warning->raised_on > (int64) utc_today() + NEAR_DAYS)
	{
		notes->now = true;
		return;
	}
	on = days_from(warning->raised_on, rule, calendar_end(&task->effective));
	watch_calendar_days(&rule->watch, &task->effective, calendar_end(&task->effective), steps, &on);
	notes->now |= !on.alarms[0];
	note_end(&on, rule->clear_days, notes);
}

/* The warning of a rule that is open and of which the record still says so; NULL if there is none. */
static const OpenWarning *
standing_warning(const OpenWarnings *open, const WatchedRule *rule)
{
	for (int i = 0; i < open->n; i++)
		if (open->list[i].warning_rule_id == rule->warning_rule_id && open->list[i].stands)
			return &open->list[i];
	return NULL;
}

/* Where somebody has closed such a warning, none begins on that day, nor in the cool-down after it. */
static int64
end_of_cool_down(RecordReader *reader, const WatchedRule *rule, const Change *change)
{
	return record_closed_on(reader, change->person_id, change->of_id, rule->warning_rule_id) +
		   rule->cool_down_days + 1;
}

/* Whether a rule is for a task. */
static bool
is_of_rule(const WatchedRule *rule, const TaskRecord *task)
{
	return (rule->task_kind == NULL || strcmp(rule->task_kind, task->kind) == 0) &&
		   (rule->tag == NULL || record_has_tag(task, rule->tag));
}

/* Note what a rule of tasks will have to do with changes, of which the first is given. */
static void
note_rule_of_task(RecordReader *reader, const WatchedRule *rule, const TaskRecord *task,
				  const Change *change, Step *steps, Notes *notes)
{
	const OpenWarning *warning = standing_warning(&task->open, rule);
	AlarmDays on;

	if (warning != NULL)
	{
		note_warning_of_task(rule, warning, task, change, steps, notes);
		return;
	}
	if (!is_of_rule(rule, task))
		return;
	notes->now |= rule->is_broken;
	if (!reads_record(rule))
		return;
	on = days_that_matter(rule, calendar_end(&task->effective));
	watch_calendar_days(&rule->watch, &task->effective, calendar_end(&task->effective), steps, &on);
	if (memchr(on.alarms, true, on.n) != NULL)
		note_alarms(&on, end_of_cool_down(reader, rule, change), notes);
}

/* Whether a rule watches tasks. */
static bool
watches_tasks(const WatchedRule *rule)
{
	return rule->instrument_id == 0;
}

/* Whether anything that is recorded of a task may matter: some rule is for it, a limit is set, or a warning open. */
static bool
is_watched(const WatchedProgram *program, const TaskRecord *task)
{
	bool is_so = !task->is_there || task->max_units > 0 || task->gap_days > 0 ||
				 task->open.safety || task->open.n > 0;

	for (int i = 0; i < program->nrules && !is_so; i++)
		is_so = watches_tasks(&program->rules[i]) && is_of_rule(&program->rules[i], task);
	return is_so;
}

/* Whether each warning of a task that is open, and of which the record still says so, is of a rule. */
static bool
are_of_rules(const WatchedProgram *program, const OpenWarnings *open)
{
	int n = 0;
	int standing = 0;

	for (int i = 0; i < open->n; i++)
		standing += open->list[i].stands;
	for (int i = 0; i < program->nrules; i++)
		n +=
			watches_tasks(&program->rules[i]) && standing_warning(open, &program->rules[i]) != NULL;
	return n == standing;
}

/* Whether a planned day is recorded. */
static bool
is_known(DayCounts day)
{
	return day_is_planned(day) && day.taken + day.missed > 0;
}

/* The days of the effective calendar of which nothing was recorded before some changes. */
static bool *
days_made_known(const TaskRecord *task, const Change *change, const Change *end)
{
	const Calendar *calendar = &task->effective;
	int32 *units = palloc0_array(int32, calendar->ndays + 1);
	bool *are_made_known = palloc0_array(bool, calendar->ndays + 1);

	for (; change < end; change++)
	{
		int64 i = (int64) change->day - calendar->first;

		if (i < 0 || i >= calendar->ndays)
			continue;
		units[i] += change->sign * (change->taken + change->missed);
		are_made_known[i] = units[i] > 0 && units[i] == record_reports(task, change->day).units;
	}
	return are_made_known;
}

/*
 * Whether changes fill a gap of n days or more between others.  If a warning
 * was open of that gap, there is no cool-down after it any more, and the next
 * one may be due before recheck says.  After the last of the others there is
 * no gap yet that has passed.
 */
static bool
fill_gap(const Calendar *calendar, int32 n, const bool *are_made_known)
{
	int32 gap = n; /* before the record: of unknown length */
	bool is_filled = false;

	for (int32 i = 0; i < calendar->ndays; i++)
	{
		is_filled |= are_made_known[i];
		if (are_made_known[i] || !is_known(calendar_counts(calendar, i)))
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
	const bool *are_made_known = NULL;

	for (int i = 0; i < program->nrules; i++)
	{
		const WatchedRule *rule = &program->rules[i];

		if (rule->is_broken || rule->instrument_id != 0 || rule->cool_down_days == 0 ||
			rule->watch.detector != WATCH_UNRECORDED_RUN)
			continue;
		if (are_made_known == NULL)
			are_made_known = days_made_known(task, change, end);
		if (fill_gap(&task->effective, rule->watch.n, are_made_known))
			return true;
	}
	return false;
}

/* Whether some source reports all that is planned on a day, but whoever is believed does not. */
static bool
is_known_to_others(const TaskRecord *task, int32 day)
{
	DayCounts believed = calendar_counts_on(&task->effective, day);

	return believed.prescribed > 0 && !watch_knows_all_of(&task->effective, day) &&
		   record_reports(task, day).most_units >= believed.prescribed;
}

/*
 * Whether changes may have made less known of a day that is not over, so that
 * a warning that nothing is recorded has not ended yet after all.
 */
static bool
may_know_less(const WatchedProgram *program, const TaskRecord *task, const Change *change,
			  const Change *end)
{
	bool is_watched_for_absence = false;

	for (int i = 0; i < program->nrules; i++)
		is_watched_for_absence |= watches_tasks(&program->rules[i]) &&
								  is_of_rule(&program->rules[i], task) &&
								  program->rules[i].watch.detector == WATCH_UNRECORDED_RUN;
	for (; is_watched_for_absence && change < end; change++)
		if (change->day >= utc_today() - NEAR_DAYS && is_known_to_others(task, change->day))
			return true;
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
		if (task->max_units > 0 && record_reports(task, change->day).most_taken > task->max_units)
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

/* A warning of absence may have become due: whoever is due is looked at anyway, and that must not be put off. */
static void
look_when_undone(RecordReader *reader, int64 person_id, Concern *concern)
{
	concern->look_at = record_coached(reader, person_id).look_at;
	concern->rules = concern->look_at > clock_now();
}

/*
 * Have the person looked at when the first of the days has come on which
 * something happens.  A day is judged once it is over, or all of it is known,
 * as of a measure (calendar NULL) at once.
 */
static void
look_on_day(RecordReader *reader, int64 person_id, const Calendar *calendar, const Notes *notes,
			Concern *concern)
{
	LocalTime local;
	int32 today;

	concern->rules |= notes->now;
	if (concern->rules || notes->day == NEVER)
		return;
	if (notes->day > (int64) utc_today() + NEAR_DAYS)
	{
		concern->look_at = Min(concern->look_at, (notes->day - NEAR_DAYS) * USECS_PER_DAY);
		return;
	}
	local = record_local_time(reader, person_id);
	today = local_today(&local);
	concern->rules =
		notes->day < today ||
		(notes->day == today && (calendar == NULL || watch_knows_all_of(calendar, today)));
	if (!concern->rules)
		concern->look_at = Min(concern->look_at,
							   local_beginning(&local, (int32) Max(notes->day, (int64) today + 1)));
}

/* Rules watch only those who are coached; whoever is not will not be looked at later. */
static void
leave_to_coached(RecordReader *reader, int64 person_id, Concern *concern)
{
	if (concern->rules && !record_coached(reader, person_id).yes)
		concern->rules = false;
}

/* The first of the days of some changes. */
static const Change *
first_day(const Change *change, const Change *end)
{
	const Change *first = change;

	for (; change < end; change++)
		if (change->day < first->day)
			first = change;
	return first;
}

/* Note what the rules of tasks will have to do with some changes. */
static Notes
note_rules_of_task(RecordReader *reader, const TaskRecord *task, const Change *change, Step *steps)
{
	const WatchedProgram *program = reader->program;
	Notes notes = { .day = NEVER };

	for (int i = 0; i < program->nrules && !notes.now; i++)
		if (watches_tasks(&program->rules[i]))
			note_rule_of_task(reader, &program->rules[i], task, change, steps, &notes);
	return notes;
}

/* What the changes of a task may have to do with. */
static Concern
screen_task(RecordReader *reader, const Change *change, const Change *end)
{
	const WatchedProgram *program = reader->program;
	TaskRecord task = record_of_task(reader, change->person_id, change->of_id);
	Concern concern = { .look_at = DT_NOEND };
	Step *steps;
	Notes notes;

	if (!is_watched(program, &task))
		return concern;
	record_calendars(reader, &task);
	if (task.is_doubtful)
		return (Concern){ .safety = true, .rules = true, .look_at = DT_NOEND };
	steps = palloc_array(Step, task.effective.ndays + 1);
	concern.safety = task.open.safety || is_unsafe(&task, change, end, steps);
	/* What is ahead of its day is a matter of safety on that day: then the person is looked at. */
	concern.rules = task.open.safety || !are_of_rules(program, &task.open) ||
					(concern.safety && calendar_end(&task.effective) > utc_today() - NEAR_DAYS);
	if (!concern.rules && (may_undo_cool_down(program, &task, change, end) ||
						   may_know_less(program, &task, change, end)))
		look_when_undone(reader, change->person_id, &concern);
	if (!concern.rules)
	{
		notes = note_rules_of_task(reader, &task, first_day(change, end), steps);
		look_on_day(reader, change->person_id, &task.effective, &notes, &concern);
	}
	leave_to_coached(reader, change->person_id, &concern);
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
note_rule_of_measure(const WatchedRule *rule, const MeasureRecord *measure, Notes *notes)
{
	int32 n;
	DayValue *days;
	AlarmDays on;

	if (rule->is_broken)
	{
		notes->now = true;
		return;
	}
	days = series_means(&measure->series, DATEVAL_NOEND, &n);
	on = days_that_matter(rule, n > 0 ? days[n - 1].day : PG_INT32_MIN);
	watch_series_days(&rule->watch, days, n, palloc_array(Step, n + 1), &on);
	note_alarms(&on, on.first, notes);
}

/* Note what the rules of a measure that changed will have to do with it. */
static Notes
note_rules_of_measure(RecordReader *reader, const Change *change)
{
	const WatchedProgram *program = reader->program;
	Notes notes = { .day = NEVER };
	MeasureRecord measure;
	bool is_read = false;

	for (int i = 0; i < program->nrules && !notes.now; i++)
	{
		if (!watches_measure(&program->rules[i], change))
			continue;
		if (!is_read)
			measure = record_of_measure(reader, change->person_id, change->of_id, change->label);
		is_read = true;
		notes.now = measure.is_doubtful || measure.open.safety || measure.open.n > 0;
		if (!notes.now)
			note_rule_of_measure(&program->rules[i], &measure, &notes);
	}
	return notes;
}

/* What the changes of an item of a measure may have to do with. */
static Concern
screen_measure(RecordReader *reader, const Change *change, const Change *end, bool rules)
{
	Concern concern = { .rules = rules, .look_at = DT_NOEND };
	Notes notes;

	concern.safety = asks_about_self_harm(reader->program, change) && is_unsafe_answer(change, end);
	if (!rules)
	{
		notes = note_rules_of_measure(reader, change);
		look_on_day(reader, change->person_id, NULL, &notes, &concern);
	}
	leave_to_coached(reader, change->person_id, &concern);
	return concern;
}

/* What changes of one task, or of one item of a measure, may have to do with; they are sorted. */
Concern
screen_changes(RecordReader *reader, KeptKind kind, const Change *change, const Change *end)
{
	int sign = sign_of_changes(kind, change, end);

	if (sign == 0)
		return (Concern){ .look_at = DT_NOEND };
	if (kind == KEPT_SERIES)
		return screen_measure(reader, change, end, sign < 0);
	if (sign < 0)
		return (Concern){ .safety = true, .rules = true, .look_at = DT_NOEND };
	return screen_task(reader, change, end);
}
