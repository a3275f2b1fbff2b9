/*
 * Reading a task or a measure straight from the tables of a program.  The effective calendar is made as the view effective_calendar makes it where
 * that is simple: a plan, and sources in the order in which they are believed.
 * Whatever is not so simple is doubtful.
 */
#include "program/record.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/rangetypes.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

#include "adherence/adherence.h"
#include "program/clock.h"
#include "schedule/schedule.h"
#include "signal/series.h"

/* The day of a time. */
static int32
day_of(Timestamp time)
{
	return (int32) (time / USECS_PER_DAY) - (time % USECS_PER_DAY < 0);
}

/* The day of the clock in UTC. */
int32
utc_today(void)
{
	return day_of(clock_now());
}

/* Begin to read. */
RecordReader
record_begin(const WatchedProgram *program)
{
	return (RecordReader){ .program = program,
						   .tables = tables_open(&program->tables),
						   .of_person = AllocSetContextCreate(
							   CurrentMemoryContext, "coachiatry person", ALLOCSET_SMALL_SIZES) };
}

/* Go on with what is there by now, and with the program as it is by now. */
void
record_refresh(RecordReader *reader, const WatchedProgram *program)
{
	reader->program = program;
	tables_refresh(&reader->tables, &program->tables);
}

/* Close what has been opened. */
void
record_end(RecordReader *reader)
{
	tables_close(&reader->tables);
	MemoryContextDelete(reader->of_person);
}

/*
 * What concerns the person
 */

/* The time where the person is; of nobody, that of UTC. */
LocalTime
record_local_time(RecordReader *reader, int64 person_id)
{
	Rows rows = rows_of_person(&reader->tables, TABLE_PERSON, person_id);
	LocalTime local = { .day_start = reader->program->day_start };
	Datum time_zone;

	local.time_zone = CStringGetTextDatum("UTC");
	while (next_row(&rows))
		if (get_column(&rows, PERSON_TIME_ZONE, &time_zone))
			local.time_zone = PointerGetDatum(PG_DETOAST_DATUM_COPY(time_zone));
	return local;
}

/* Today there. */
int32
local_today(const LocalTime *local)
{
	Timestamp now = DatumGetTimestamp(
		DirectFunctionCall2(timestamptz_zone, local->time_zone, TimestampTzGetDatum(clock_now())));

	return day_of(now - local->day_start);
}

/* When a day begins there. */
TimestampTz
local_beginning(const LocalTime *local, int32 day)
{
	Timestamp beginning = (int64) day * USECS_PER_DAY + local->day_start;

	return DatumGetTimestampTz(
		DirectFunctionCall2(timestamp_zone, local->time_zone, TimestampGetDatum(beginning)));
}

/* Whether an episode of the person is open. */
static bool
has_episode(RecordReader *reader, int64 person_id)
{
	Rows rows = rows_of_person(&reader->tables, TABLE_EPISODE, person_id);
	bool is_open = false;
	Datum ended;

	while (next_row(&rows))
		is_open |= !get_column(&rows, EPISODE_ENDED, &ended);
	return is_open;
}

/* Whether the person is coached, and when they are looked at again. */
Coached
record_coached(RecordReader *reader, int64 person_id)
{
	Rows rows = rows_of_person(&reader->tables, TABLE_RECHECK, person_id);
	Coached coached = { .look_at = DT_NOEND };
	Datum due_at;

	while (next_row(&rows))
		if (get_column(&rows, RECHECK_DUE_AT, &due_at))
			coached = (Coached){ .yes = true, .look_at = DatumGetTimestampTz(due_at) };
	if (!coached.yes)
		coached.yes = has_episode(reader, person_id);
	return coached;
}

/* Add a warning that is open. */
static void
add_warning(OpenWarnings *open, const Rows *rows)
{
	OpenWarning *warning;
	Datum value;

	if (get_column(rows, WARNING_SAFETY, &value) && DatumGetBool(value))
	{
		open->safety = true;
		return;
	}
	open->list = open->n == 0 ? palloc_array(OpenWarning, 1)
							  : repalloc_array(open->list, OpenWarning, open->n + 1);
	warning = &open->list[open->n++];
	*warning = (OpenWarning){ .severity = get_smallint(rows, WARNING_SEVERITY) };
	if (get_column(rows, WARNING_RULE, &value))
		warning->warning_rule_id = DatumGetInt64(value);
	if (get_column(rows, WARNING_RAISED_ON, &value))
		warning->raised_on = DatumGetDateADT(value);
	warning->stands = get_column(rows, WARNING_STANDS, &value) && DatumGetBool(value);
}

/* Which warnings are open of a task; or of an item of a measure, if that is not NULL. */
static OpenWarnings
warnings_of(RecordReader *reader, int64 person_id, int64 of_id, const char *item)
{
	Rows rows = rows_of_person(&reader->tables, TABLE_WARNING, person_id);
	OpenWarnings open = { .safety = false };
	Datum value;

	while (next_row(&rows))
		if (!get_column(&rows, WARNING_CLOSED_AT, &value) &&
			(item == NULL ? holds_id(&rows, WARNING_TASK, of_id)
						  : holds_id(&rows, WARNING_INSTRUMENT, of_id) &&
								holds_text(&rows, WARNING_ITEM, item)))
			add_warning(&open, &rows);
	return open;
}

/* The last day on which somebody closed a warning of a rule and a task; one before all others if nobody has. */
int64
record_closed_on(RecordReader *reader, int64 person_id, int64 task_id, int64 warning_rule_id)
{
	Rows rows = rows_of_person(&reader->tables, TABLE_ALL_WARNING, person_id);
	int64 last = PG_INT32_MIN;
	Datum day;

	while (next_row(&rows))
		if (holds_id(&rows, WARNING_RULE, warning_rule_id) &&
			holds_id(&rows, WARNING_TASK, task_id) &&
			(holds_text(&rows, WARNING_STATE, "resolved") ||
			 holds_text(&rows, WARNING_STATE, "declined")) &&
			get_column(&rows, WARNING_CLOSED_ON, &day))
			last = Max(last, DatumGetDateADT(day));
	return last;
}

/* Whether the person is excused on a day or after it. */
static bool
is_excused_from(RecordReader *reader, int64 person_id, DateADT day)
{
	Rows rows = rows_of_person(&reader->tables, TABLE_EXCUSED, person_id);
	bool is_excused = false;
	Datum during;

	while (next_row(&rows))
	{
		RangeType *range;
		RangeBound lower;
		RangeBound upper;
		bool empty;

		if (!get_column(&rows, EXCUSED_DURING, &during))
			continue;
		range = DatumGetRangeTypeP(during);
		range_deserialize(lookup_type_cache(RangeTypeGetOid(range), TYPECACHE_RANGE_INFO), range,
						  &lower, &upper, &empty);
		is_excused |= upper.infinite || DatumGetDateADT(upper.val) > day;
	}
	return is_excused;
}

/*
 * Tasks
 */

/* Read the row of a task. */
static void
read_task(RecordReader *reader, TaskRecord *task)
{
	Rows rows = rows_of_thing(&reader->tables, TABLE_TASK, task->person_id, task->task_id);
	Datum value;

	while (next_row(&rows))
	{
		if (get_column(&rows, TASK_KIND, &value))
			task->kind = TextDatumGetCString(value);
		if (get_column(&rows, TASK_TAGS, &value))
			task->tags = DatumGetArrayTypePCopy(value);
		task->is_there = get_column(&rows, TASK_STARTS_AT, &task->starts_at);
		task->is_scheduled = get_column(&rows, TASK_SCHEDULE, &task->schedule);
		if (task->is_scheduled)
			task->schedule = PointerGetDatum(PG_DETOAST_DATUM_COPY(task->schedule));
		task->ends = get_column(&rows, TASK_ENDS, &value) ? DatumGetDateADT(value) : DATEVAL_NOEND;
		task->max_units = get_smallint(&rows, TASK_MAX_UNITS);
		task->gap_days = get_smallint(&rows, TASK_GAP_DAYS);
	}
}

/* A task, its row and its open warnings; what it points to is in the current memory context. */
TaskRecord
record_of_task(RecordReader *reader, int64 person_id, int64 task_id)
{
	TaskRecord task = { .person_id = person_id, .task_id = task_id };

	read_task(reader, &task);
	task.open = warnings_of(reader, person_id, task_id, NULL);
	return task;
}

/*
 * Calendars of a task
 */

/* The kept plan of a task, beside the record. */
typedef struct TaskReading
{
	DateADT planned_through;
	bool has_plan;
	Calendar plan;
	bool is_without_place; /* some source is */
	TaskRecord *task;
} TaskReading;

/* Whether it had a schedule where it has none now, or the other way round, or a change is to come. */
static bool
is_revised(RecordReader *reader, const TaskReading *reading)
{
	const TaskRecord *task = reading->task;
	Rows rows = rows_of_thing(&reader->tables, TABLE_REVISION, task->person_id, task->task_id);
	bool is_so = false;
	Datum value;

	while (next_row(&rows))
		is_so |= get_column(&rows, REVISION_SCHEDULE, &value) != task->is_scheduled ||
				 !get_column(&rows, REVISION_UNTIL, &value) ||
				 DatumGetDateADT(value) > reading->planned_through + 1;
	return is_so;
}

/* Put a calendar where it belongs; false if it is of a source without a place. */
static bool
place_source(const WatchedProgram *program, TaskReading *reading, const char *source,
			 const Calendar *calendar)
{
	for (int i = 0; i < program->nsources; i++)
		if (strcmp(program->sources[i], source) == 0)
		{
			reading->task->sources[i] = *calendar;
			return true;
		}
	return false;
}

/* Whether somebody has written a row after the snapshot that all queries of this transaction have. */
static bool
is_after_snapshot(const HeapTupleData *row)
{
	TransactionId writer = HeapTupleHeaderGetXmin(row->t_data);

	return IsolationUsesXactSnapshot() && TransactionIdIsNormal(writer) &&
		   !TransactionIdIsCurrentTransactionId(writer) &&
		   XidInMVCCSnapshot(writer, GetTransactionSnapshot());
}

/* Read a kept calendar. */
static void
read_calendar(RecordReader *reader, TaskReading *reading, const Rows *rows)
{
	Datum source;
	Datum value;
	Calendar calendar;

	if (!get_column(rows, CALENDAR_SOURCE, &source) || !get_column(rows, CALENDAR_VALUE, &value))
		return;
	reader->is_ahead |= is_after_snapshot(&rows->row);
	/* A copy: the row is on a page that is left. */
	calendar = adherence_calendar((Adherence *) PG_DETOAST_DATUM_COPY(value));
	if (strcmp(TextDatumGetCString(source), "plan") != 0)
		reading->is_without_place |=
			!place_source(reader->program, reading, TextDatumGetCString(source), &calendar);
	else if (get_column(rows, CALENDAR_PLANNED_THROUGH, &value))
	{
		reading->plan = calendar;
		reading->planned_through = DatumGetDateADT(value);
		reading->has_plan = true;
	}
}

/*
 * Read the kept calendars of a task where they were found before this statement
 * wrote to them: there are no others, if no transaction has ended since.  False
 * if there may be, or one was moved.
 */
static bool
read_found(RecordReader *reader, TaskReading *reading)
{
	const FoundCalendars *found = &reader->found;
	bool are_all =
		reader->tables.is_quiet && found->are_all && found->person_id == reading->task->person_id;
	Rows rows;

	if (!are_all)
		return false;
	rows = rows_found_before(&reader->tables, TABLE_CALENDAR);
	for (int i = 0; i < found->n && are_all; i++)
		if (found->list[i].task_id == reading->task->task_id)
		{
			are_all = row_at(&rows, found->list[i].at);
			if (are_all)
				read_calendar(reader, reading, &rows);
		}
	leave_rows(&rows);
	return are_all;
}

/* Read the kept calendars of a task; false if they are not a plan and sources that have a place. */
static bool
read_calendars(RecordReader *reader, TaskReading *reading)
{
	TaskRecord *task = reading->task;
	Rows rows;

	task->nsources = reader->program->nsources;
	task->sources = palloc0_array(Calendar, task->nsources + 1);
	if (!read_found(reader, reading))
	{
		rows = rows_of_thing(&reader->tables, TABLE_CALENDAR, task->person_id, task->task_id);
		while (next_row(&rows))
			read_calendar(reader, reading, &rows);
	}
	return reading->has_plan && !reading->is_without_place;
}

/* Units planned on a day that the kept plan does not reach. */
static uint8
units_to_come(const TaskReading *reading, int32 day)
{
	int32 units;

	if (day <= reading->planned_through || day >= reading->task->ends ||
		!reading->task->is_scheduled)
		return 0;
	units = DatumGetInt32(DirectFunctionCall3(schedule_units_due, reading->task->schedule,
											  reading->task->starts_at, DateADTGetDatum(day)));
	return (uint8) Min(units, CALENDAR_MAX_COUNT);
}

/* What is known of a day: the plan, and what is believed of the record. */
static DayCounts
effective_day(const TaskReading *reading, int32 day)
{
	DayCounts counts = calendar_counts_on(&reading->plan, day);

	for (int i = 0; i < reading->task->nsources; i++)
	{
		DayCounts record = { .taken = 0 };

		if (reading->task->sources[i].ndays > 0)
			record = calendar_counts_on(&reading->task->sources[i], day);
		if (record.taken + record.missed == 0)
			continue;
		counts.taken = record.taken;
		counts.missed = record.missed;
		counts.prescribed += units_to_come(reading, day);
		if (!reading->task->is_scheduled)
			counts.prescribed = (uint8) Min(record.taken + record.missed, CALENDAR_MAX_COUNT);
		break;
	}
	return counts;
}

/* The days from the first to the last of the record. */
static void
span_of_record(const TaskReading *reading, int64 *first, int64 *until)
{
	*first = PG_INT64_MAX;
	*until = PG_INT64_MIN;
	for (int i = 0; i < reading->task->nsources; i++)
		if (reading->task->sources[i].ndays > 0)
		{
			*first = Min(*first, reading->task->sources[i].first);
			*until = Max(*until, calendar_end(&reading->task->sources[i]));
		}
}

/* The effective calendar. */
static Calendar
effective_calendar(const TaskReading *reading)
{
	int64 first;
	int64 until;
	uint8 *days;

	span_of_record(reading, &first, &until);
	if (first >= until)
		return (Calendar){ .width = CALENDAR_NARROW };
	days = palloc((Size) (until - first) * CALENDAR_WIDE);
	for (int64 day = first; day < until; day++)
	{
		DayCounts counts = effective_day(reading, (int32) day);

		CHECK_FOR_INTERRUPTS();
		memcpy(days + (day - first) * CALENDAR_WIDE, &counts, CALENDAR_WIDE);
	}
	return (Calendar){ (int32) first, (int32) (until - first), CALENDAR_WIDE, days };
}

/*
 * Whether earlier or later schedules of the task may matter to what is planned
 * on the days of its record: where it has no schedule, or the kept plan does
 * not reach, or something is recorded on a day for which nothing is planned.
 */
static bool
may_be_revised(const TaskReading *reading)
{
	const Calendar *effective = &reading->task->effective;

	if (!reading->task->is_scheduled || calendar_end(effective) > reading->planned_through + 1)
		return true;
	for (int32 i = 0; i < effective->ndays; i++)
	{
		DayCounts counts = calendar_counts(effective, i);

		if (counts.prescribed == 0 && counts.taken + counts.missed > 0)
			return true;
	}
	return false;
}

/* Read the calendars of a task; what it points to is in the current memory context. */
void
record_calendars(RecordReader *reader, TaskRecord *task)
{
	TaskReading reading = { .task = task };

	task->is_doubtful = true;
	if (!task->is_there || !read_calendars(reader, &reading))
		return;
	task->effective = effective_calendar(&reading);
	if (may_be_revised(&reading) && is_revised(reader, &reading))
		return;
	/* Of days that are not near the plan is not known yet. */
	task->is_doubtful = calendar_end(&task->effective) > utc_today() + NEAR_DAYS + 1 ||
						(calendar_end(&task->effective) > reading.planned_through + 1 &&
						 is_excused_from(reader, task->person_id, reading.planned_through + 1));
}

/* Whether a task has a tag. */
bool
record_has_tag(const TaskRecord *task, const char *tag)
{
	Datum *tags;
	int n;

	deconstruct_array(task->tags, TEXTOID, -1, false, TYPALIGN_INT, &tags, NULL, &n);
	for (int i = 0; i < n; i++)
		if (strcmp(TextDatumGetCString(tags[i]), tag) == 0)
			return true;
	return false;
}

/* What all sources report of a day. */
DayReports
record_reports(const TaskRecord *task, int32 day)
{
	DayReports all = { .units = 0 };

	for (int i = 0; i < task->nsources; i++)
	{
		DayCounts report = calendar_counts_on(&task->sources[i], day);
		int32 units = report.taken + report.missed;

		all.units += units;
		all.most_units = Max(all.most_units, units);
		all.most_taken = Max(all.most_taken, report.taken);
	}
	return all;
}

/* Add a kept calendar. */
static void
add_calendar(FoundCalendars *found, const Rows *rows, int64 task_id, const char *source)
{
	if (found->n == 0)
		found->list = palloc_array(FoundCalendar, 1);
	else if ((found->n & (found->n - 1)) == 0)
		found->list = repalloc_array(found->list, FoundCalendar, 2 * found->n);
	found->list[found->n++] = (FoundCalendar){ task_id, source, rows->at, rows->row.t_self };
}

/* Find the kept calendars of a person, before a statement writes to them. */
void
find_calendars(RecordReader *reader, int64 person_id)
{
	FoundCalendars *found = &reader->found;
	MemoryContext context;
	Rows rows;
	Datum task_id;
	Datum source;
	Datum stale_at;

	MemoryContextReset(reader->of_person);
	context = MemoryContextSwitchTo(reader->of_person);
	rows = rows_of_person(&reader->tables, TABLE_CALENDAR, person_id);
	*found = (FoundCalendars){ .person_id = person_id, .are_all = true };
	while (next_row(&rows))
	{
		if (!get_column(&rows, CALENDAR_TASK, &task_id) ||
			!get_column(&rows, CALENDAR_SOURCE, &source))
			continue;
		found->is_behind |= get_column(&rows, CALENDAR_STALE_AT, &stale_at) &&
							DatumGetTimestampTz(stale_at) <= clock_now();
		add_calendar(found, &rows, DatumGetInt64(task_id), TextDatumGetCString(source));
	}
	MemoryContextSwitchTo(context);
}

/* The calendar that a change is of; NULL if it is not among them. */
const FoundCalendar *
found_calendar(const FoundCalendars *found, const Change *change)
{
	for (int i = 0; i < found->n; i++)
		if (found->list[i].task_id == change->of_id &&
			strcmp(found->list[i].source, change->label) == 0)
			return &found->list[i];
	return NULL;
}

/* Whether all of some changes are of a source. */
static bool
are_of(const Change *change, const Change *end, const char *source)
{
	for (; change < end; change++)
		if (strcmp(change->label, source) != 0)
			return false;
	return true;
}

/* Whose record there is of the task of some changes, which have not been written yet. */
RecordBy
record_by(const FoundCalendars *found, const Change *change, const Change *end)
{
	RecordBy by = BY_NOBODY;

	for (int i = 0; i < found->n; i++)
	{
		const FoundCalendar *kept = &found->list[i];

		if (kept->task_id == change->of_id && strcmp(kept->source, "plan") != 0)
			by = by == BY_NOBODY && are_of(change, end, kept->source) ? BY_ITSELF : BY_OTHERS;
	}
	return by;
}

/*
 * Measures
 */

/* A measure as it is kept. What it points to is in the current memory context. */
MeasureRecord
record_of_measure(RecordReader *reader, int64 person_id, int64 instrument_id, const char *item)
{
	MeasureRecord measure = { .is_doubtful = true };
	Rows rows = rows_of_thing(&reader->tables, TABLE_SERIES, person_id, instrument_id);
	Datum value;

	while (next_row(&rows))
		if (holds_text(&rows, SERIES_ITEM, item) && get_column(&rows, SERIES_VALUE, &value))
		{
			measure.series = series_view((Series *) PG_DETOAST_DATUM_COPY(value));
			measure.is_doubtful = false;
		}
	measure.open = warnings_of(reader, person_id, instrument_id, item);
	return measure;
}
