/*
 * Folding: what a statement has changed is written to the kept values, in the
 * order of their keys, and then asked whether it has to do with warnings.
 */
#include "program/fold.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "adherence/adherence.h"
#include "program/clock.h"
#include "program/kept.h"
#include "program/record.h"
#include "program/screen.h"
#include "program/writer.h"
#include "signal/series.h"

/* Persons that there is room for at first. */
#define FIRST_PERSONS 8

/* Two values of a key: what to add and what to subtract. */
typedef struct Net
{
	bool adds;
	bool subtracts;
	Datum plus;
	Datum minus;
} Net;

/* Add a day's units to a state that begins with NULL. */
static Adherence *
add_units(Adherence *state, DateADT day, int taken, int missed)
{
	if (taken > CALENDAR_MAX_COUNT || missed > CALENDAR_MAX_COUNT)
		adherence_count_error(CALENDAR_ABOVE, day);
	return adherence_state_add(state, day,
							   (DayCounts){ .taken = (uint8) taken, .missed = (uint8) missed });
}

/* A state as a value without slack; nothing of NULL. */
static Datum
canonical_calendar(const Adherence *state)
{
	Calendar calendar;

	if (state == NULL)
		return (Datum) 0;
	calendar = adherence_calendar(state);
	return PointerGetDatum(adherence_from_calendar(&calendar));
}

/* Net change of a calendar. */
static Net
net_of_calendar(const Change *change, const Change *end)
{
	Adherence *plus = NULL;
	Adherence *minus = NULL;

	while (change < end)
	{
		DateADT day = change->day;
		int taken = 0;
		int missed = 0;

		for (; change < end && change->day == day; change++)
		{
			taken += change->sign * change->taken;
			missed += change->sign * change->missed;
		}
		if (taken > 0 || missed > 0)
			plus = add_units(plus, day, Max(taken, 0), Max(missed, 0));
		if (taken < 0 || missed < 0)
			minus = add_units(minus, day, Max(-taken, 0), Max(-missed, 0));
	}
	return (Net){ .adds = plus != NULL,
				  .subtracts = minus != NULL,
				  .plus = canonical_calendar(plus),
				  .minus = canonical_calendar(minus) };
}

/* Add a fact to a series that begins with NULL. */
static SeriesBuilder *
add_fact(SeriesBuilder *builder, const Change *fact)
{
	if (builder == NULL)
		builder = series_builder_create();
	series_builder_add(builder, fact->day, fact->value);
	return builder;
}

/* A series as a value; nothing of NULL. */
static Datum
canonical_series(const SeriesBuilder *builder)
{
	return builder == NULL ? (Datum) 0 : PointerGetDatum(series_builder_finish(builder));
}

/* Net change of a series: facts that came and went in one statement may never have been kept. */
static Net
net_of_series(const Change *change, const Change *end)
{
	SeriesBuilder *plus = NULL;
	SeriesBuilder *minus = NULL;

	while (change < end)
	{
		const Change *fact = change;
		int64 more = 0;

		for (; change < end && change->day == fact->day && change->value == fact->value; change++)
			more += change->sign;
		for (; more > 0; more--)
			plus = add_fact(plus, fact);
		for (; more < 0; more++)
			minus = add_fact(minus, fact);
	}
	return (Net){ .adds = plus != NULL,
				  .subtracts = minus != NULL,
				  .plus = canonical_series(plus),
				  .minus = canonical_series(minus) };
}

/*
 * Persons
 */

/* Persons, each once and in order, and for some of them times. */
typedef struct Persons
{
	Datum *ids;
	Datum *times;
	int count;
	int allocated;
} Persons;

/* None yet. */
static Persons
no_persons(void)
{
	return (Persons){ .ids = palloc_array(Datum, FIRST_PERSONS),
					  .times = palloc_array(Datum, FIRST_PERSONS),
					  .allocated = FIRST_PERSONS };
}

/* Add a person with a time; the one that was added last keeps the earlier. */
static void
add_person(Persons *persons, int64 person_id, TimestampTz time)
{
	int last = persons->count - 1;

	if (last >= 0 && DatumGetInt64(persons->ids[last]) == person_id)
	{
		time = Min(DatumGetTimestampTz(persons->times[last]), time);
		persons->times[last] = TimestampTzGetDatum(time);
		return;
	}
	if (persons->count == persons->allocated)
	{
		persons->allocated *= 2;
		persons->ids = repalloc_array(persons->ids, Datum, persons->allocated);
		persons->times = repalloc_array(persons->times, Datum, persons->allocated);
	}
	persons->ids[persons->count] = Int64GetDatum(person_id);
	persons->times[persons->count++] = TimestampTzGetDatum(time);
}

/* Numbers or times as an array. */
static Datum
array_of(Datum *elements, int count, Oid type)
{
	return PointerGetDatum(
		construct_array(elements, count, type, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

/*
 * Writing
 */

/* Changes that are being written. */
typedef struct Fold
{
	const Changes *changes;
	Oid schema;
	RecordReader *reader; /* NULL: of series, or of a program that warns of nothing yet */
	MemoryContext of_key; /* memory that lasts as long */
	RowWriter *writer;	  /* once a calendar has been found to write to */
	bool may_be_behind;	  /* the plan of the person */
	Persons met; /* who is to be looked at again: the record begins, or the plan stays behind */
} Fold;

/*
 * Add to a calendar that was found; false if that takes a query.  At
 * REPEATABLE READ the statements of kept.c notice what others have written.
 */
static bool
add_to_found(Fold *fold, const Change *change, Datum plus)
{
	const FoundCalendar *found =
		fold->reader == NULL ? NULL : found_calendar(&fold->reader->found, change);
	const ProgramTables *where;
	MemoryContext context;

	if (found == NULL || IsolationUsesXactSnapshot())
		return false;
	where = &fold->reader->program->tables;
	if (fold->writer == NULL)
	{
		context = MemoryContextSwitchTo(GetMemoryChunkContext(fold));
		fold->writer = writer_open(where->tables[TABLE_CALENDAR], where->columns[CALENDAR_VALUE],
								   fold->reader->tables.snapshot);
		MemoryContextSwitchTo(context);
	}
	return fold->writer != NULL && kept_add_at(fold->writer, found->self, plus);
}

/* Write the changes of one key. */
static void
fold_key(Fold *fold, const Change *change, const Change *end)
{
	KeptKey key = { fold->changes->kind, fold->schema, change->person_id, change->of_id,
					change->label };
	Net net = key.kind == KEPT_CALENDAR ? net_of_calendar(change, end) : net_of_series(change, end);

	if (net.adds && !net.subtracts && add_to_found(fold, change, net.plus))
		return;
	if (fold->reader != NULL)
		fold->reader->found.are_all = false;
	if (net.adds && !net.subtracts)
		fold->may_be_behind |= kept_add(&key, net.plus);
	else if (net.subtracts)
	{
		kept_change(&key, net.adds ? &net.plus : NULL, net.minus);
		fold->may_be_behind = true;
	}
}

/*
 * Before a task is written to: two sources write to different rows, and neither
 * would see what the other has not yet committed when it is screened.  So all
 * rows of the record are locked, unless there is only that of the same source.
 * Where there is none to lock the next sweep looks again.
 */
static void
meet_other_sources(Fold *fold, const Change *change)
{
	const Change *last = fold->changes->list + fold->changes->count;
	const Change *end = change + 1;

	while (end < last && changes_same_stream(KEPT_CALENDAR, change, end))
		end++;
	switch (record_by(&fold->reader->found, change, end))
	{
		case BY_OTHERS:
			kept_lock_sources(fold->schema, change->person_id, change->of_id);
			break;
		case BY_NOBODY:
			add_person(&fold->met, change->person_id, 0);
			break;
		case BY_ITSELF:
			break;
	}
}

/* Before a change is written: read what is kept of its person, if that is another than before. */
static void
begin_change(Fold *fold, const Change *change)
{
	const Change *before = change == fold->changes->list ? NULL : change - 1;

	if (fold->reader == NULL)
		return;
	if (before == NULL || before->person_id != change->person_id)
	{
		find_calendars(fold->reader, change->person_id);
		fold->may_be_behind = fold->reader->found.is_behind;
	}
	if (before == NULL || !changes_same_stream(KEPT_CALENDAR, before, change))
		meet_other_sources(fold, change);
}

/* After the changes of a person: advance their plans; where that fails the next sweep tells. */
static void
end_person(Fold *fold, int64 person_id)
{
	if (fold->changes->kind == KEPT_CALENDAR && fold->may_be_behind &&
		!kept_advance_plan(fold->schema, person_id))
		add_person(&fold->met, person_id, 0);
	fold->may_be_behind = false;
}

/* Write all keys in order. */
static void
fold_sorted(Fold *fold)
{
	const Change *change = fold->changes->list;
	const Change *last = change + fold->changes->count;
	MemoryContext outside = MemoryContextSwitchTo(fold->of_key);

	while (change < last)
	{
		const Change *end = change + 1;

		CHECK_FOR_INTERRUPTS();
		begin_change(fold, change);
		while (end < last && changes_same_key(change, end))
			end++;
		fold_key(fold, change, end);
		if (end == last || end->person_id != change->person_id)
			end_person(fold, change->person_id);
		MemoryContextReset(fold->of_key);
		change = end;
	}
	MemoryContextSwitchTo(outside);
}

/* Write the changes, and return who is to be looked at again by the next sweep. */
static Persons
write_changes(const Changes *changes, Oid schema, RecordReader *reader)
{
	Fold *fold = palloc0_object(Fold);

	*fold = (Fold){ .changes = changes, .schema = schema, .met = no_persons() };
	if (changes->kind == KEPT_CALENDAR)
		fold->reader = reader;
	fold->of_key =
		AllocSetContextCreate(CurrentMemoryContext, "coachiatry key", ALLOCSET_DEFAULT_SIZES);
	fold_sorted(fold);
	if (fold->writer != NULL)
		writer_close(fold->writer);
	MemoryContextDelete(fold->of_key);
	return fold->met;
}

/*
 * Screening
 */

/* Whom to look at, and why. */
typedef struct Whom
{
	Persons safety;
	Persons rules;
	Persons later; /* by the times */
	Persons soon;  /* by the next sweep */
} Whom;

/* Add the person of a change to those that are to be looked at. */
static void
add_concern(Whom *whom, const Change *change, const Concern *concern)
{
	if (concern->safety)
		add_person(&whom->safety, change->person_id, 0);
	if (concern->rules)
		add_person(&whom->rules, change->person_id, 0);
	else if (!TIMESTAMP_IS_NOEND(concern->look_at))
		add_person(&whom->later, change->person_id, concern->look_at);
}

/* Screen the changes, those of a task or measure together, for persons to look at. */
static void
screen_sorted(RecordReader *reader, const Changes *changes, Whom *whom)
{
	const Change *change = changes->list;
	const Change *last = change + changes->count;
	MemoryContext of_key =
		AllocSetContextCreate(CurrentMemoryContext, "coachiatry screen", ALLOCSET_DEFAULT_SIZES);
	MemoryContext outside = MemoryContextSwitchTo(of_key);

	while (change < last)
	{
		const Change *end = change + 1;
		Concern concern;

		CHECK_FOR_INTERRUPTS();
		while (end < last && changes_same_stream(changes->kind, change, end))
			end++;
		concern = screen_changes(reader, changes->kind, change, end);
		add_concern(whom, change, &concern);
		MemoryContextReset(of_key);
		change = end;
	}
	MemoryContextSwitchTo(outside);
	MemoryContextDelete(of_key);
}

/*
 * Have those who need not be looked at before some times be looked at by then,
 * whoever is looking at them now without seeing these changes.  False, and
 * nothing done, if that takes a query.
 */
static bool
look_later(RecordReader *reader, const Persons *later)
{
	const ProgramTables *where = reader->tables.where;
	RowWriter *writer;

	if (later->count == 0)
		return true;
	if (IsolationUsesXactSnapshot())
		return false;
	writer = writer_open(where->tables[TABLE_RECHECK], where->columns[RECHECK_DUE_AT],
						 reader->tables.snapshot);
	if (writer == NULL)
		return false;
	for (int i = 0; i < later->count; i++)
	{
		Rows rows = rows_of_person(&reader->tables, TABLE_RECHECK, DatumGetInt64(later->ids[i]));

		while (next_row(&rows))
			if (writer_lock(writer, rows.row.t_self) &&
				DatumGetTimestampTz(writer_get(writer)) > DatumGetTimestampTz(later->times[i]))
				writer_change(writer, later->times[i]);
	}
	writer_close(writer);
	return true;
}

/* Have warnings made what the record says. */
static void
look_at(const Whom *whom, Oid schema)
{
	kept_look(schema,
			  (Datum[NLOOKS]){
				  [LOOK_SAFETY] = array_of(whom->safety.ids, whom->safety.count, INT8OID),
				  [LOOK_RULES] = array_of(whom->rules.ids, whom->rules.count, INT8OID),
				  [LOOK_LATER] = array_of(whom->later.ids, whom->later.count, INT8OID),
				  [LOOK_LATER_AT] = array_of(whom->later.times, whom->later.count, TIMESTAMPTZOID),
				  [LOOK_SOON] = array_of(whom->soon.ids, whom->soon.count, INT8OID) });
}

/* Whether somebody is to be looked at now, or by the next sweep. */
static bool
are_some_now(const Whom *whom)
{
	return whom->safety.count + whom->rules.count + whom->soon.count > 0;
}

/*
 * At REPEATABLE READ, what the screen has read may be hidden from the queries
 * that evaluate: where that is so of the record the transaction is to be done
 * again; and since it may be so of warnings, too, the next sweep looks again.
 */
static void
mind_snapshot(const RecordReader *reader, Whom *whom)
{
	if (!IsolationUsesXactSnapshot() || whom->safety.count + whom->rules.count == 0)
		return;
	if (reader->is_ahead)
		ereport(ERROR, (errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
						errmsg("could not serialize access due to concurrent update"),
						errdetail("Somebody has written to the record of the same person.")));
	for (int i = 0; i < whom->rules.count; i++)
		add_person(&whom->soon, DatumGetInt64(whom->rules.ids[i]), 0);
	for (int i = 0; i < whom->safety.count; i++)
		add_person(&whom->soon, DatumGetInt64(whom->safety.ids[i]), 0);
}

/* Look at those whom the changes concern, once what is kept of them has been written; closes the reader. */
static void
look_at_changes(const Changes *changes, Oid schema, RecordReader *reader, Persons begun)
{
	Whom whom = { no_persons(), no_persons(), no_persons(), .soon = begun };
	bool by_query;

	screen_sorted(reader, changes, &whom);
	mind_snapshot(reader, &whom);
	/* One or the other for all of them, so that they are locked in order. */
	by_query = are_some_now(&whom) || !look_later(reader, &whom.later);
	record_end(reader);
	if (by_query)
		look_at(&whom, schema);
}

/* Write changes of a program that warns, and look at those whom they concern. */
static void
fold_watched(const Changes *changes, Oid schema, const WatchedProgram *rules)
{
	/* Copies: what triggers write meanwhile may have the rules forgotten, and read again. */
	WatchedProgram before = *rules;
	WatchedProgram after;
	RecordReader reader = record_begin(&before);
	Persons begun = write_changes(changes, schema, &reader);

	after = *rules_of(schema);
	record_refresh(&reader, &after);
	look_at_changes(changes, schema, &reader, begun);
}

/*
 * Write changes, as the owner of their table and past the policies that hold
 * for owners too, as the server's own foreign-key triggers do.
 */
void
fold_changes(Changes *changes, Oid schema, Oid owner)
{
	const WatchedProgram *rules;
	Oid user;
	int context;

	changes_sort(changes);
	GetUserIdAndSecContext(&user, &context);
	SetUserIdAndSecContext(owner, context | SECURITY_LOCAL_USERID_CHANGE | SECURITY_NOFORCE_RLS);
	rules = rules_of(schema);
	if (rules != NULL)
		fold_watched(changes, schema, rules);
	else
		write_changes(changes, schema, NULL);
	SetUserIdAndSecContext(user, context);
}
