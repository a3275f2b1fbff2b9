/*
 * Changing rows without a query.  A row is locked first, in its latest version,
 * so that what it is changed to is made of what others have written meanwhile.
 */
#include "program/writer.h"

#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "commands/trigger.h"
#include "executor/executor.h"

struct RowWriter
{
	Relation table;
	Snapshot snapshot;
	EState *estate;
	EPQState recheck; /* for triggers before an update of a row */
	ResultRelInfo *target;
	TupleTableSlot *locked;
	TupleTableSlot *changed;
};

/* Begin to write to a table, to rows that a snapshot has shown. */
RowWriter *
writer_open(Oid table, Snapshot snapshot)
{
	RowWriter *writer = palloc0_object(RowWriter);

	writer->table = table_open(table, RowExclusiveLock);
	writer->snapshot = snapshot;
	writer->estate = CreateExecutorState();
	writer->estate->es_snapshot = snapshot;
	writer->target = makeNode(ResultRelInfo);
	InitResultRelInfo(writer->target, writer->table, 0, NULL, 0);
	ExecOpenIndices(writer->target, false);
	EvalPlanQualInit(&writer->recheck, writer->estate, NULL, NIL, -1, NIL);
	AfterTriggerBeginQuery();
	writer->locked = table_slot_create(writer->table, NULL);
	writer->changed = MakeSingleTupleTableSlot(RelationGetDescr(writer->table), &TTSOpsVirtual);
	return writer;
}

/* End, with the row triggers after what was changed. */
void
writer_close(RowWriter *writer)
{
	AfterTriggerEndQuery(writer->estate);
	ExecDropSingleTupleTableSlot(writer->changed);
	ExecDropSingleTupleTableSlot(writer->locked);
	EvalPlanQualEnd(&writer->recheck);
	/* Slots that triggers have made hold pages and shapes of rows. */
	ExecResetTupleTable(writer->estate->es_tupleTable, false);
	ExecCloseIndices(writer->target);
	ExecCloseResultRelations(writer->estate);
	FreeExecutorState(writer->estate);
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

	return table_tuple_lock(writer->table, &at, writer->snapshot, writer->locked,
							GetCurrentCommandId(false), LockTupleNoKeyExclusive, LockWaitBlock,
							TUPLE_LOCK_FLAG_LOCK_UPDATE_IN_PROGRESS |
								TUPLE_LOCK_FLAG_FIND_LAST_VERSION,
							&failure) == TM_Ok;
}

/* A column of the row that is locked, which must not be NULL; it points into the row. */
Datum
writer_get(RowWriter *writer, AttrNumber column)
{
	bool isnull;
	Datum value = slot_getattr(writer->locked, column, &isnull);

	if (isnull)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("column %d of table \"%s\" must not be null", column,
							   RelationGetRelationName(writer->table))));
	return value;
}

/* Change a column of the row that is locked; what comes after it in the transaction sees that. */
void
writer_change(RowWriter *writer, AttrNumber column, Datum value)
{
	TupleTableSlot *to = writer->changed;
	int n = RelationGetDescr(writer->table)->natts;

	slot_getallattrs(writer->locked);
	ExecClearTuple(to);
	memcpy(to->tts_values, writer->locked->tts_values, n * sizeof(Datum));
	memcpy(to->tts_isnull, writer->locked->tts_isnull, n * sizeof(bool));
	to->tts_values[column - 1] = value;
	ExecStoreVirtualTuple(to);
	writer->estate->es_output_cid = GetCurrentCommandId(true);
	ExecSimpleRelationUpdate(writer->target, writer->estate, &writer->recheck, writer->locked, to);
	ResetPerTupleExprContext(writer->estate);
	CommandCounterIncrement();
}
