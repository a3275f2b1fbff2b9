/*
 * Changing rows without a query.  Where nothing but indexes has to see to the
 * change of a row, which is so of the tables as a program makes them, no
 * executor is set up before one of its indexes needs it.
 */
#include "program/writer.h"

#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "commands/trigger.h"
#include "executor/executor.h"

/* What the executor needs to write rows. */
typedef struct Target
{
	EState *estate;
	ResultRelInfo *table;
	EPQState recheck; /* for triggers before an update of a row */
} Target;

struct RowWriter
{
	Relation table;
	Snapshot snapshot;
	bool is_plain;
	Target *target; /* once it is needed */
	TupleTableSlot *row;
	TupleTableSlot *changed;
};

/* Whether a change of a row is that and no more: no trigger sees it, no constraint, and nothing is made of it. */
static bool
is_plain(Relation table)
{
	const TriggerDesc *triggers = table->trigdesc;
	const TupleConstr *constraints = RelationGetDescr(table)->constr;

	if (triggers != NULL && (triggers->trig_update_before_row || triggers->trig_update_after_row))
		return false;
	return !table->rd_rel->relispartition &&
		   (constraints == NULL || (constraints->num_check == 0 && !has_generated(constraints)));
}

/* Set up the executor. */
static Target *
make_target(RowWriter *writer)
{
	MemoryContext outside = MemoryContextSwitchTo(GetMemoryChunkContext(writer));
	Target *target = palloc0_object(Target);

	target->estate = CreateExecutorState();
	target->estate->es_snapshot = writer->snapshot;
	target->table = makeNode(ResultRelInfo);
	InitResultRelInfo(target->table, writer->table, 0, NULL, 0);
	ExecOpenIndices(target->table, false);
	EvalPlanQualInit(&target->recheck, target->estate, NULL, NIL, -1, NIL);
	MemoryContextSwitchTo(outside);
	return target;
}

/* Begin to write to a table, to rows that a snapshot has shown. */
RowWriter *
writer_open(Oid table, Snapshot snapshot)
{
	RowWriter *writer = palloc0_object(RowWriter);

	writer->table = table_open(table, RowExclusiveLock);
	writer->snapshot = snapshot;
	writer->row = table_slot_create(writer->table, NULL);
	writer->changed = MakeSingleTupleTableSlot(RelationGetDescr(writer->table), &TTSOpsVirtual);
	writer->is_plain = is_plain(writer->table);
	if (!writer->is_plain)
	{
		writer->target = make_target(writer);
		AfterTriggerBeginQuery();
	}
	return writer;
}

/* Take the executor down. */
static void
drop_target(Target *target)
{
	EvalPlanQualEnd(&target->recheck);
	/* Slots that triggers have made hold pages and shapes of rows. */
	ExecResetTupleTable(target->estate->es_tupleTable, false);
	ExecCloseIndices(target->table);
	ExecCloseResultRelations(target->estate);
	FreeExecutorState(target->estate);
	pfree(target);
}

/* End, with the row triggers after what was changed. */
void
writer_close(RowWriter *writer)
{
	if (!writer->is_plain)
		AfterTriggerEndQuery(writer->target->estate);
	if (writer->target != NULL)
		drop_target(writer->target);
	ExecDropSingleTupleTableSlot(writer->changed);
	ExecDropSingleTupleTableSlot(writer->row);
	table_close(writer->table, NoLock);
	pfree(writer);
}

/*
 * Lock the latest version of a row, waiting for whoever writes to it; false if
 * it is gone, or this transaction has changed it since the snapshot.
 */
bool
writer_lock(RowWriter *writer, ItemPointerData at)
{
	TM_FailureData failure;

	return table_tuple_lock(writer->table, &at, writer->snapshot, writer->row,
							GetCurrentCommandId(false), LockTupleNoKeyExclusive, LockWaitBlock,
							TUPLE_LOCK_FLAG_LOCK_UPDATE_IN_PROGRESS |
								TUPLE_LOCK_FLAG_FIND_LAST_VERSION,
							&failure) == TM_Ok;
}

/*
 * Read the version of a row that is to be changed; false if it is gone.  Only
 * where the executor writes it need it be locked: it knows no way back.
 */
bool
writer_read(RowWriter *writer, ItemPointerData at)
{
	return writer->is_plain
			   ? table_tuple_fetch_row_version(writer->table, &at, writer->snapshot, writer->row)
			   : writer_lock(writer, at);
}

/* A column of the row that was read, which must not be NULL; it points into the row. */
Datum
writer_get(RowWriter *writer, AttrNumber column)
{
	bool isnull;
	Datum value = slot_getattr(writer->row, column, &isnull);

	if (isnull)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("column %d of table \"%s\" must not be null", column,
							   RelationGetRelationName(writer->table))));
	return value;
}

/* Make the row that was read another in one column. */
static void
make_changed(RowWriter *writer, AttrNumber column, Datum value)
{
	TupleTableSlot *to = writer->changed;
	int n = RelationGetDescr(writer->table)->natts;

	slot_getallattrs(writer->row);
	ExecClearTuple(to);
	memcpy(to->tts_values, writer->row->tts_values, n * sizeof(Datum));
	memcpy(to->tts_isnull, writer->row->tts_isnull, n * sizeof(bool));
	to->tts_values[column - 1] = value;
	ExecStoreVirtualTuple(to);
	to->tts_tableOid = RelationGetRelid(writer->table);
}

/* Put the changed row into the indexes that do not find it by the one before. */
static void
index_changed(RowWriter *writer, TU_UpdateIndexes which)
{
	if (writer->target == NULL)
		writer->target = make_target(writer);
	ExecInsertIndexTuples(writer->target->table, writer->changed, writer->target->estate, true,
						  false, NULL, NIL, which != TU_All);
	ResetPerTupleExprContext(writer->target->estate);
}

/* Write the changed row in the place of the one that was read; false if that is not the latest version. */
static bool
write_plain(RowWriter *writer)
{
	TM_FailureData failure;
	LockTupleMode mode;
	TU_UpdateIndexes which = TU_None;

	CheckCmdReplicaIdentity(writer->table, CMD_UPDATE);
	if (table_tuple_update(writer->table, &writer->row->tts_tid, writer->changed,
						   GetCurrentCommandId(true), writer->snapshot, InvalidSnapshot, true,
						   &failure, &mode, &which) != TM_Ok)
		return false;
	if (which != TU_None)
		index_changed(writer, which);
	return true;
}

/* Write the changed row as UPDATE does. */
static void
write_by_executor(RowWriter *writer)
{
	Target *target = writer->target;

	target->estate->es_output_cid = GetCurrentCommandId(true);
	ExecSimpleRelationUpdate(target->table, target->estate, &target->recheck, writer->row,
							 writer->changed);
	ResetPerTupleExprContext(target->estate);
}

/*
 * Change a column of the row that was read, or locked; what comes after it in
 * the transaction sees that.  False, and nothing done, if another has changed
 * it meanwhile, for whom it waits; never of a row that is locked.
 */
bool
writer_change(RowWriter *writer, AttrNumber column, Datum value)
{
	make_changed(writer, column, value);
	if (!writer->is_plain)
		write_by_executor(writer);
	else if (!write_plain(writer))
		return false;
	CommandCounterIncrement();
	return true;
}
