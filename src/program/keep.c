/*
 * The triggers that keep calendars and series equal to the facts they are made
 * of.  One statement can fire several of them (INSERT .. ON CONFLICT DO UPDATE,
 * MERGE, a WITH that writes): each adds its rows to what is pending for the
 * table, and the last one folds them all, sorted by key.  So two statements
 * lock kept values in one order, whatever they consist of.  The triggers before
 * the statement announce how many will follow after it.  What row triggers and
 * functions write meanwhile waits for the statement, in savepoints too: it may
 * change rows of which the statement has not yet told.
 */
#include "coachiatry.h"

#include "access/xact.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "adherence/adherence.h"
#include "program/changes.h"
#include "program/kept.h"
#include "program/screen.h"
#include "signal/series.h"

/* Persons that there is room for at first. */
#define FIRST_PERSONS 8

/* What the statements on a table in a (sub)transaction have changed and not yet folded. */
typedef struct Pending
{
	struct Pending *below;
	Oid table;
	Oid schema;
	Oid owner;
	SubTransactionId subtransaction;
	int announced; /* triggers after statements that are still to come */
	Changes changes;
} Pending;

/* Two values of a key: what to add and what to subtract. */
typedef struct Net
{
	bool adds;
	bool subtracts;
	Datum plus;
	Datum minus;
} Net;

/* Newest first, each in the memory of its subtransaction. */
static Pending *pending;

static void watch_transactions(void);
static void fold(Pending *statement);

/*
 * What is pending
 */

/* What is pending for a table in a subtransaction; NULL if nothing is. */
static Pending *
find_pending(Oid table, SubTransactionId subtransaction)
{
	for (Pending *p = pending; p != NULL; p = p->below)
		if (p->table == table && p->subtransaction == subtransaction)
			return p;
	return NULL;
}

/* Whether a statement on the same table, begun in an outer subtransaction, is still running. */
static bool
is_within_statement(const Pending *inner)
{
	for (const Pending *p = inner->below; p != NULL; p = p->below)
		if (p->table == inner->table && p->announced > 0)
			return true;
	return false;
}

/* Begin to gather the changes of a table. */
static Pending *
begin_pending(Relation table, KeptKind kind)
{
	MemoryContext context = AllocSetContextCreate(
		CurTransactionContext, "coachiatry changes of a statement", ALLOCSET_SMALL_SIZES);
	Pending *p = MemoryContextAlloc(context, sizeof(Pending));

	watch_transactions();
	*p = (Pending){ .below = pending,
					.table = RelationGetRelid(table),
					.schema = RelationGetNamespace(table),
					.owner = table->rd_rel->relowner,
					.subtransaction = GetCurrentSubTransactionId() };
	changes_init(&p->changes, kind, context);
	pending = p;
	return p;
}

/* Take it off the list. */
static void
detach(Pending *p)
{
	Pending **link = &pending;

	while (*link != p)
		link = &(*link)->below;
	*link = p->below;
}

/* Forget what is pending. */
static void
end_pending(Pending *p)
{
	detach(p);
	MemoryContextDelete(p->changes.context);
}

/* Fold what is pending; what that makes triggers write is pending anew. */
static void
settle(Pending *p)
{
	detach(p);
	if (p->changes.count > 0)
		fold(p);
	MemoryContextDelete(p->changes.context);
}

/* Leave what is pending to the subtransaction around. */
static void
hand_up(Pending *p, SubTransactionId parent)
{
	Pending *outer = find_pending(p->table, parent);

	if (outer == NULL)
	{
		p->subtransaction = parent;
		return;
	}
	detach(p);
	changes_take(&outer->changes, &p->changes);
}

/*
 * What is still pending at the end of this subtransaction goes up to the
 * statement that it is part of, which has not yet told of its own rows.  The
 * rest was left by a trigger that was announced and did not fire: fold it.
 */
static void
end_of_subtransaction(SubTransactionId parent)
{
	while (pending != NULL && pending->subtransaction == GetCurrentSubTransactionId())
	{
		if (is_within_statement(pending))
		{
			hand_up(pending, parent);
			continue;
		}
		PushActiveSnapshot(GetTransactionSnapshot());
		settle(pending);
		PopActiveSnapshot();
	}
}

/* At the end of a transaction its memory goes, and what is pending with it. */
static void
at_transaction(XactEvent event, void *arg pg_attribute_unused())
{
	if (event == XACT_EVENT_PRE_COMMIT || event == XACT_EVENT_PRE_PREPARE)
		end_of_subtransaction(InvalidSubTransactionId);
	else if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_PREPARE || event == XACT_EVENT_ABORT)
		pending = NULL;
}

/* What is pending in a subtransaction is folded or undone with it. */
static void
at_subtransaction(SubXactEvent event, SubTransactionId mine, SubTransactionId parent,
				  void *arg pg_attribute_unused())
{
	if (event == SUBXACT_EVENT_PRE_COMMIT_SUB)
		end_of_subtransaction(parent);
	else if (event == SUBXACT_EVENT_ABORT_SUB)
		while (pending != NULL && pending->subtransaction == mine)
			end_pending(pending);
}

/* Ask once to be told of the ends of transactions. */
static void
watch_transactions(void)
{
	static bool watching;

	if (watching)
		return;
	RegisterXactCallback(at_transaction, NULL);
	RegisterSubXactCallback(at_subtransaction, NULL);
	watching = true;
}

/*
 * Folding
 */

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

/* Write the changes of one key; whether the person may have a plan that has fallen behind. */
static bool
fold_key(const Pending *p, const Change *change, const Change *end)
{
	KeptKey key = { p->changes.kind, p->schema, change->person_id, change->of_id, change->label };
	Net net = p->changes.kind == KEPT_CALENDAR ? net_of_calendar(change, end)
											   : net_of_series(change, end);

	if (net.adds && !net.subtracts)
		return kept_add(&key, net.plus);
	if (net.subtracts)
		kept_change(&key, net.adds ? &net.plus : NULL, net.minus);
	return true;
}

/*
 * Before a task is written to: two sources write to different rows, and neither
 * would see what the other has not yet committed when it is screened.  So all
 * rows of the record are locked, unless there is only that of the same source.
 * Where there is none to lock the next sweep looks again.
 */
static void
meet_other_sources(const Pending *p, RecordReader *reader, const Change *change, Persons *met)
{
	const Change *last = p->changes.list + p->changes.count;
	const Change *end = change + 1;

	while (end < last && changes_same_stream(KEPT_CALENDAR, change, end))
		end++;
	switch (record_by(reader, change, end))
	{
		case BY_OTHERS:
			kept_lock_sources(p->schema, change->person_id, change->of_id);
			break;
		case BY_NOBODY:
			add_person(met, change->person_id, 0);
			break;
		case BY_ITSELF:
			break;
	}
}

/* Write all keys in order, and after those of a person, advance their plans. */
static void
fold_sorted(const Pending *p, RecordReader *reader, Persons *met)
{
	const Change *change = p->changes.list;
	const Change *last = change + p->changes.count;
	const Change *before = NULL;
	MemoryContext of_key =
		AllocSetContextCreate(CurrentMemoryContext, "coachiatry key", ALLOCSET_DEFAULT_SIZES);
	MemoryContext outside = MemoryContextSwitchTo(of_key);
	bool may_be_behind = false;

	while (change < last)
	{
		const Change *end = change + 1;

		CHECK_FOR_INTERRUPTS();
		if (reader != NULL &&
			(before == NULL || !changes_same_stream(p->changes.kind, before, change)))
			meet_other_sources(p, reader, change, met);
		while (end < last && changes_same_key(change, end))
			end++;
		may_be_behind |= fold_key(p, change, end);
		if (end == last || end->person_id != change->person_id)
		{
			if (p->changes.kind == KEPT_CALENDAR && may_be_behind)
				kept_advance_plan(p->schema, change->person_id);
			may_be_behind = false;
		}
		MemoryContextReset(of_key);
		before = change;
		change = end;
	}
	MemoryContextSwitchTo(outside);
	MemoryContextDelete(of_key);
}

/* Write the changes; whose record begins, and who is to be looked at again, is added to met. */
static void
fold_all(const Pending *p, Persons *met)
{
	const WatchedProgram *kept = rules_of(p->schema);
	WatchedProgram program;
	RecordReader reader;

	if (kept == NULL || p->changes.kind != KEPT_CALENDAR)
	{
		fold_sorted(p, NULL, met);
		return;
	}
	program = *kept; /* what triggers write meanwhile may have it forgotten */
	record_begin(&reader, &program);
	fold_sorted(p, &reader, met);
	record_end(&reader);
}

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
	else if (concern->later)
		add_person(&whom->later, change->person_id, concern->look_at);
}

/* Screen the changes, those of a task or measure together, for persons to look at. */
static void
screen_sorted(const WatchedProgram *program, const Changes *changes, Whom *whom)
{
	RecordReader reader;
	const Change *change = changes->list;
	const Change *last = change + changes->count;
	MemoryContext of_key =
		AllocSetContextCreate(CurrentMemoryContext, "coachiatry screen", ALLOCSET_DEFAULT_SIZES);
	MemoryContext outside = MemoryContextSwitchTo(of_key);

	record_begin(&reader, program);
	while (change < last)
	{
		const Change *end = change + 1;
		Concern concern;

		CHECK_FOR_INTERRUPTS();
		while (end < last && changes_same_stream(changes->kind, change, end))
			end++;
		concern = screen_changes(&reader, changes->kind, change, end);
		add_concern(whom, change, &concern);
		MemoryContextReset(of_key);
		change = end;
	}
	record_end(&reader);
	MemoryContextSwitchTo(outside);
	MemoryContextDelete(of_key);
}

/* Have warnings made what the record says, once what is kept of it has been written. */
static void
look_at_changes(const Pending *p, Whom *whom)
{
	const WatchedProgram *program = rules_of(p->schema);

	if (program == NULL)
		return;
	screen_sorted(program, &p->changes, whom);
	if (whom->safety.count + whom->rules.count + whom->later.count + whom->soon.count > 0)
		kept_look(
			p->schema,
			(Datum[NLOOKS]){
				[LOOK_SAFETY] = array_of(whom->safety.ids, whom->safety.count, INT8OID),
				[LOOK_RULES] = array_of(whom->rules.ids, whom->rules.count, INT8OID),
				[LOOK_LATER] = array_of(whom->later.ids, whom->later.count, INT8OID),
				[LOOK_LATER_AT] = array_of(whom->later.times, whom->later.count, TIMESTAMPTZOID),
				[LOOK_SOON] = array_of(whom->soon.ids, whom->soon.count, INT8OID) });
}

/*
 * Write what is pending, as the owner of the table and past the policies that
 * hold for owners too, as the server's own foreign-key triggers do.
 */
static void
fold(Pending *p)
{
	Whom whom;
	Oid user;
	int context;

	changes_sort(&p->changes);
	SPI_connect();
	whom = (Whom){ no_persons(), no_persons(), no_persons(), no_persons() };
	GetUserIdAndSecContext(&user, &context);
	SetUserIdAndSecContext(p->owner, context | SECURITY_LOCAL_USERID_CHANGE | SECURITY_NOFORCE_RLS);
	fold_all(p, &whom.soon);
	look_at_changes(p, &whom);
	SetUserIdAndSecContext(user, context);
	SPI_finish();
}

/*
 * Triggers
 */

/* Refuse to be fired otherwise than for a statement, with its transition tables. */
static void
check_trigger(FunctionCallInfo fcinfo)
{
	TriggerData *fired = (TriggerData *) fcinfo->context;
	TriggerEvent event;
	bool complete;

	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("function is not called as a trigger")));
	event = fired->tg_event;
	complete = TRIGGER_FIRED_FOR_STATEMENT(event) && !TRIGGER_FIRED_BY_TRUNCATE(event) &&
			   (TRIGGER_FIRED_BEFORE(event) ||
				((fired->tg_newtable != NULL || TRIGGER_FIRED_BY_DELETE(event)) &&
				 (fired->tg_oldtable != NULL || TRIGGER_FIRED_BY_INSERT(event))));
	if (!complete)
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("trigger \"%s\" must fire for each statement, and after it have its "
							   "transition tables",
							   fired->tg_trigger->tgname)));
}

/* Whether a trigger after the statement will tell of its rows: it may be disabled. */
static bool
is_awaited(const TriggerData *fired)
{
	const TriggerDesc *all = fired->tg_relation->trigdesc;
	int16 operation = TRIGGER_FIRED_BY_INSERT(fired->tg_event)	 ? TRIGGER_TYPE_INSERT
					  : TRIGGER_FIRED_BY_UPDATE(fired->tg_event) ? TRIGGER_TYPE_UPDATE
																 : TRIGGER_TYPE_DELETE;
	char enabled = SessionReplicationRole == SESSION_REPLICATION_ROLE_REPLICA
					   ? TRIGGER_FIRES_ON_REPLICA
					   : TRIGGER_FIRES_ON_ORIGIN;

	for (int i = 0; i < all->numtriggers; i++)
	{
		const Trigger *other = &all->triggers[i];

		if (other->tgfoid == fired->tg_trigger->tgfoid &&
			TRIGGER_TYPE_MATCHES(other->tgtype, TRIGGER_TYPE_STATEMENT, TRIGGER_TYPE_AFTER,
								 operation) &&
			(other->tgenabled == enabled || other->tgenabled == TRIGGER_FIRES_ALWAYS))
			return true;
	}
	return false;
}

/* Gather the rows of a statement; fold when it is the last of those announced. */
static void
after_statement(TriggerData *fired, KeptKind kind)
{
	Relation table = fired->tg_relation;
	Pending *p = find_pending(RelationGetRelid(table), GetCurrentSubTransactionId());

	if (p == NULL)
		p = begin_pending(table, kind);
	if (fired->tg_oldtable != NULL)
		changes_read(&p->changes, fired->tg_oldtable, RelationGetDescr(table), -1);
	if (fired->tg_newtable != NULL)
		changes_read(&p->changes, fired->tg_newtable, RelationGetDescr(table), 1);
	if (--p->announced <= 0 && !is_within_statement(p))
		settle(p);
}

/* One trigger function for a kind of kept value. */
static Datum
keep(FunctionCallInfo fcinfo, KeptKind kind)
{
	TriggerData *fired = (TriggerData *) fcinfo->context;
	Pending *p;

	check_trigger(fcinfo);
	if (!TRIGGER_FIRED_BEFORE(fired->tg_event))
	{
		after_statement(fired, kind);
		PG_RETURN_POINTER(NULL);
	}
	if (!is_awaited(fired))
		PG_RETURN_POINTER(NULL);
	p = find_pending(RelationGetRelid(fired->tg_relation), GetCurrentSubTransactionId());
	if (p == NULL)
		p = begin_pending(fired->tg_relation, kind);
	p->announced++;
	PG_RETURN_POINTER(NULL);
}

PG_FUNCTION_INFO_V1(keep_calendars);

/* Trigger: keep calendars. */
Datum
keep_calendars(PG_FUNCTION_ARGS)
{
	return keep(fcinfo, KEPT_CALENDAR);
}

PG_FUNCTION_INFO_V1(keep_series);

/* Trigger: keep series. */
Datum
keep_series(PG_FUNCTION_ARGS)
{
	return keep(fcinfo, KEPT_SERIES);
}
