/*
 * Reading a task or a measure straight from the tables of a program, by their
 * indexes, with the latest snapshot: what others have committed meanwhile is
 * there, and what this statement has written.
 *
 * The effective calendar is made as the view effective_calendar makes it where
 * that is simple: a plan, and sources in the order in which they are believed.
 * Whatever is not so simple is doubtful.
 */
#include "program/record.h"

#include "access/genam.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rangetypes.h"
#include "utils/snapmgr.h"
#include "utils/typcache.h"

#include "adherence/adherence.h"
#include "program/clock.h"
#include "schedule/schedule.h"
#include "signal/series.h"

/* Where rows are found by the person, and then by what they are of. */
static const struct
{
	const char *index;
	const char *of; /* the second column of the index that is asked for */
} finds[NTABLES] = {
	[TABLE_TASK] = { "task_pkey", "task_id" },
	[TABLE_CALENDAR] = { "task_calendar_pkey", "task_id" },
	[TABLE_REVISION] = { "task_revision_pkey", "task_id" },
	[TABLE_EXCUSED] = { "excused_period_pkey", NULL },
	[TABLE_SERIES] = { "measure_series_pkey", "instrument_id" },
	[TABLE_WARNING] = { "warning_one_open_idx", NULL },
	[TABLE_RECHECK] = { "recheck_pkey", NULL },
};

/* Rows of a table. */
typedef struct Rows
{
	Relation table;
	SysScanDesc scan;
	HeapTuple row;
} Rows;

/* The day of a time in UTC. */
int32
utc_day(TimestampTz time)
{
	return (int32) (time / USECS_PER_DAY) - (time % USECS_PER_DAY < 0);
}

/* The day of the clock in UTC. */
int32
utc_today(void)
{
	return utc_day(clock_now());
}

/*
 * Tables
 */

/* Begin to read. */
void
record_begin(RecordReader *reader, const WatchedProgram *program)
{
	*reader =
		(RecordReader){ .program = program, .snapshot = RegisterSnapshot(GetLatestSnapshot()) };
}

/* Close what has been opened. */
void
record_end(RecordReader *reader)
{
	for (int t = 0; t < NTABLES; t++)
		if (reader->tables[t] != NULL)
			table_close(reader->tables[t], AccessShareLock);
	UnregisterSnapshot(reader->snapshot);
}

/* A table, open. */
static Relation
open_table(RecordReader *reader, WatchedTable table)
{
	if (reader->tables[table] == NULL)
		reader->tables[table] = table_open(reader->program->tables[table], AccessShareLock);
	return reader->tables[table];
}

/* The number of a column of a table. */
static AttrNumber
column_number(Relation table, const char *name)
{
	AttrNumber number = get_attnum(RelationGetRelid(table), name);

	if (number == InvalidAttrNumber)
		elog(ERROR, "table \"%s\" has no column \"%s\"", RelationGetRelationName(table), name);
	return number;
}

/* Begin to read the rows of a person, or of one thing of the person (unless it is 0). */
static Rows
rows_of(RecordReader *reader, WatchedTable table, int64 person_id, int64 of_id)
{
	Rows rows = { .table = open_table(reader, table) };
	Oid index = get_relname_relid(finds[table].index, reader->program->schema);
	int nkeys = finds[table].of != NULL ? 2 : 1;
	ScanKeyData keys[2];

	ScanKeyInit(&keys[0], column_number(rows.table, "person_id"), BTEqualStrategyNumber, F_INT8EQ,
				Int64GetDatum(person_id));
	if (nkeys == 2)
		ScanKeyInit(&keys[1], column_number(rows.table, finds[table].of), BTEqualStrategyNumber,
					F_INT8EQ, Int64GetDatum(of_id));
	rows.scan =
		systable_beginscan(rows.table, index, OidIsValid(index), reader->snapshot, nkeys, keys);
	return rows;
}

/* Go on to the next row; false, and the end of reading, if there is none. */
static bool
next_row(Rows *rows)
{
	rows->row = systable_getnext(rows->scan);
	if (HeapTupleIsValid(rows->row))
		return true;
	systable_endscan(rows->scan);
	return false;
}

/* A column of the row; false for NULL. */
static bool
get_column(const Rows *rows, const char *name, Datum *value)
{
	bool isnull;

	*value = heap_getattr(rows->row, column_number(rows->table, name),
						  RelationGetDescr(rows->table), &isnull);
	return !isnull;
}

/* A small number; 0 for NULL. */
static int32
get_smallint(const Rows *rows, const char *name)
{
	Datum value;

	return get_column(rows, name, &value) ? DatumGetInt16(value) : 0;
}

/* Whether a column holds a number. */
static bool
holds_id(const Rows *rows, const char *name, int64 id)
{
	Datum value;

	return get_column(rows, name, &value) && DatumGetInt64(value) == id;
}

/* Whether a column holds a text. */
static bool
holds_text(const Rows *rows, const char *name, const char *wanted)
{
	Datum value;

	return get_column(rows, name, &value) && strcmp(TextDatumGetCString(value), wanted) == 0;
}

/*
 * What concerns the person
 */

/* When the person is looked at again; false if nobody will look. */
static bool
read_recheck(RecordReader *reader, int64 person_id, TimestampTz *look_at)
{
	Rows rows = rows_of(reader, TABLE_RECHECK, person_id, 0);
	bool is_read = false;
	Datum due_at;

	while (next_row(&rows))
		if (get_column(&rows, "due_at", &due_at))
		{
			*look_at = DatumGetTimestampTz(due_at);
			is_read = true;
		}
	return is_read;
}

/* Which warnings are open of a task; or of an item of a measure, if that is not NULL. */
static OpenWarnings
warnings_of(RecordReader *reader, int64 person_id, int64 of_id, const char *item)
{
	Rows rows = rows_of(reader, TABLE_WARNING, person_id, 0);
	OpenWarnings open = { .any = false };
	Datum value;

	while (next_row(&rows))
	{
		if (get_column(&rows, "closed_at", &value) ||
			!(item == NULL
				  ? holds_id(&rows, "task_id", of_id)
				  : holds_id(&rows, "instrument_id", of_id) && holds_text(&rows, "item", item)))
			continue;
		open.any = true;
		open.safety |= get_column(&rows, "safety", &value) && DatumGetBool(value);
	}
	return open;
}

/* Whether the person is excused on a day or after it. */
static bool
is_excused_from(RecordReader *reader, int64 person_id, DateADT day)
{
	Rows rows = rows_of(reader, TABLE_EXCUSED, person_id, 0);
	bool is_excused = false;
	Datum during;

	while (next_row(&rows))
	{
		RangeType *range;
		RangeBound lower;
		RangeBound upper;
		bool empty;

		if (!get_column(&rows, "during", &during))
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

/* A task that is being read. */
typedef struct TaskReading
{
	Datum schedule;
	bool is_scheduled;
	Datum starts_at;
	DateADT ends; /* first day without it; DATEVAL_NOEND */
	DateADT planned_through;
	bool has_plan;
	Calendar plan;
	TaskRecord *task;
} TaskReading;

/* Read the row of a task; false if there is none. */
static bool
read_task(RecordReader *reader, int64 person_id, int64 task_id, TaskReading *reading)
{
	Rows rows = rows_of(reader, TABLE_TASK, person_id, task_id);
	bool is_read = false;
	Datum ends;

	while (next_row(&rows))
	{
		is_read = get_column(&rows, "starts_at", &reading->starts_at);
		reading->is_scheduled = get_column(&rows, "schedule", &reading->schedule);
		if (reading->is_scheduled)
			reading->schedule = PointerGetDatum(PG_DETOAST_DATUM_COPY(reading->schedule));
		reading->ends = get_column(&rows, "ends", &ends) ? DatumGetDateADT(ends) : DATEVAL_NOEND;
		reading->task->max_units = get_smallint(&rows, "max_units_per_day");
		reading->task->gap_days = get_smallint(&rows, "gap_hazard_days");
	}
	return is_read;
}

/* Whether it had a schedule where it has none now, or the other way round, or a change is to come. */
static bool
is_revised(RecordReader *reader, int64 person_id, int64 task_id, const TaskReading *reading)
{
	Rows rows = rows_of(reader, TABLE_REVISION, person_id, task_id);
	bool is_so = false;
	Datum value;

	while (next_row(&rows))
		is_so |= get_column(&rows, "schedule", &value) != reading->is_scheduled ||
				 !get_column(&rows, "until", &value) ||
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

/* Read the kept calendars of a task; false if they are not a plan and sources that have a place. */
static bool
read_calendars(RecordReader *reader, int64 person_id, int64 task_id, TaskReading *reading)
{
	Rows rows = rows_of(reader, TABLE_CALENDAR, person_id, task_id);
	bool is_simple = true;

	reading->task->nsources = reader->program->nsources;
	reading->task->sources = palloc0_array(Calendar, reading->task->nsources + 1);
	while (next_row(&rows))
	{
		Datum source;
		Datum value;
		Calendar calendar;

		if (!get_column(&rows, "source", &source) || !get_column(&rows, "calendar", &value))
			continue;
		/* A copy: the row is on a page that is left. */
		calendar = adherence_calendar((Adherence *) PG_DETOAST_DATUM_COPY(value));
		if (strcmp(TextDatumGetCString(source), "plan") != 0)
			is_simple &=
				place_source(reader->program, reading, TextDatumGetCString(source), &calendar);
		else if (get_column(&rows, "planned_through", &value))
		{
			reading->plan = calendar;
			reading->planned_through = DatumGetDateADT(value);
			reading->has_plan = true;
		}
	}
	return is_simple && reading->has_plan;
}

/* Units planned on a day that the kept plan does not reach. */
static uint8
units_to_come(const TaskReading *reading, int32 day)
{
	int32 units;

	if (day <= reading->planned_through || day >= reading->ends || !reading->is_scheduled)
		return 0;
	units = DatumGetInt32(DirectFunctionCall3(schedule_units_due, reading->schedule,
											  reading->starts_at, DateADTGetDatum(day)));
	return (uint8) Min(units, CALENDAR_MAX_COUNT);
}

/* What is known of a day: the plan, and what is believed of the record. */
static DayCounts
effective_day(const TaskReading *reading, int32 day)
{
	DayCounts counts = calendar_counts_on(&reading->plan, day);

	for (int i = 0; i < reading->task->nsources; i++)
	{
		DayCounts record = calendar_counts_on(&reading->task->sources[i], day);

		if (record.taken + record.missed == 0)
			continue;
		counts.taken = record.taken;
		counts.missed = record.missed;
		counts.prescribed += units_to_come(reading, day);
		if (!reading->is_scheduled)
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

		memcpy(days + (day - first) * CALENDAR_WIDE, &counts, CALENDAR_WIDE);
	}
	return (Calendar){ (int32) first, (int32) (until - first), CALENDAR_WIDE, days };
}

/* A task as it is kept. What it points to is in the current memory context. */
TaskRecord
record_of_task(RecordReader *reader, int64 person_id, int64 task_id)
{
	TaskRecord task = { .is_doubtful = true };
	TaskReading reading = { .task = &task };

	if (!read_task(reader, person_id, task_id, &reading) ||
		!read_calendars(reader, person_id, task_id, &reading) ||
		is_revised(reader, person_id, task_id, &reading) ||
		!read_recheck(reader, person_id, &task.look_at))
		return task;
	task.effective = effective_calendar(&reading);
	task.open = warnings_of(reader, person_id, task_id, NULL);
	/* Of days that are not near the plan is not known yet. */
	task.is_doubtful = calendar_end(&task.effective) > utc_today() + NEAR_DAYS + 1 ||
					   (calendar_end(&task.effective) > reading.planned_through + 1 &&
						is_excused_from(reader, person_id, reading.planned_through + 1));
	return task;
}

/* The most units that any source reports of a day. */
int32
record_most_taken(const TaskRecord *task, int32 day)
{
	int32 most = 0;

	for (int i = 0; i < task->nsources; i++)
		most = Max(most, calendar_counts_on(&task->sources[i], day).taken);
	return most;
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
record_by(RecordReader *reader, const Change *change, const Change *end)
{
	Rows rows = rows_of(reader, TABLE_CALENDAR, change->person_id, change->of_id);
	RecordBy by = BY_NOBODY;
	Datum source;

	while (next_row(&rows))
	{
		const char *label;

		if (!get_column(&rows, "source", &source))
			continue;
		label = TextDatumGetCString(source);
		if (strcmp(label, "plan") != 0)
			by = by == BY_NOBODY && are_of(change, end, label) ? BY_ITSELF : BY_OTHERS;
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
	Rows rows = rows_of(reader, TABLE_SERIES, person_id, instrument_id);
	Datum value;

	while (next_row(&rows))
		if (holds_text(&rows, "item", item) && get_column(&rows, "series", &value))
		{
			measure.series = series_view((Series *) PG_DETOAST_DATUM_COPY(value));
			measure.is_doubtful = false;
		}
	measure.is_doubtful |= !read_recheck(reader, person_id, &measure.look_at);
	measure.open = warnings_of(reader, person_id, instrument_id, item);
	return measure;
}
