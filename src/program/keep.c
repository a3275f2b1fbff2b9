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
#include "commands/trigger.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "program/changes.h"
#include "program/fold.h"

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

/* Newest first, each in the memory of its subtransaction. */
static Pending *pending;

static void watch_transactions(void);

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
		fold_changes(&p->changes, p->schema, p->owner);
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
