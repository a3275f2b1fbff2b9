/*
 * Changing rows without a query.  Where a change of a row is that and no more,
 * which is so of the tables as a program makes them, it is written in its place;
 * the executor is not set up before an index needs it.
 */
#include "program/writer.h"

#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_trigger.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "utils/fmgroids.h"
#include "utils/snapmgr.h"

/* What the executor needs to put rows into indexes. */
typedef struct Target
{
	EState *estate;
	ResultRelInfo *table;
} Target;

struct RowWriter
{
	Relation table;
	AttrNumber column;
	Snapshot snapshot;
	Target *target; /* once it is needed */
	TupleTableSlot *row;
	TupleTableSlot *changed;
};

/* Whether a trigger has to see a change that is none of a foreign key. */
static bool
sees_change(const Trigger *trigger)
{
	if (!TRIGGER_FOR_ROW(trigger->tgtype) || !TRIGGER_FOR_UPDATE(trigger->tgtype))
		return false;
	/* One that was deferred checks the row of an INSERT only as long as it is the latest. */
	return trigger->tgfoid != F_RI_FKEY_CHECK_UPD || trigger->tgdeferrable;
}

/* Whether a column is of a foreign key. */
static bool
is_of_foreign_key(Relation table, AttrNumber column)
{
	ListCell *cell;

	foreach (cell, RelationGetFKeyList(table))
	{
		const ForeignKeyCacheInfo *key = lfirst(cell);

		for (int i = 0; i < key->nkeys; i++)
			if (key->conkey[i] == column)
				return true;
	}
	return false;
}

/* Whether a change of a column is that and no more: no trigger sees it, no constraint, and nothing is made of it. */
static bool
is_plain(Relation table, AttrNumber column)
{
	const TriggerDesc *triggers = table->trigdesc;
	const TupleConstr *constraints = RelationGetDescr(table)->constr;

	for (int i = 0; triggers != NULL && i < triggers->numtriggers; i++)
		if (sees_change(&triggers->triggers[i]))
			return false;
	return !is_of_foreign_key(table, column) && !table->rd_rel->relispartition &&
		   (constraints == NULL || (constraints->num_check == 0 && !has_generated(constraints)));
}

/* Set up the executor. */
static Target *
make_target(RowWriter *writer)
{
	MemoryContext outside = MemoryContextSwitchTo(GetMemoryChunkContext(writer));
	Target *target = palloc0_object(Target);

	target->estate = CreateExecutorState();
	target->table = makeNode(ResultRelInfo);
	InitResultRelInfo(target->table, writer->table, 0, NULL, 0);
	ExecOpenIndices(target->table, false);
	MemoryContextSwitchTo(outside);
	return target;
}

/*
 * Begin to write to a column of a table, to rows that a snapshot has shown;
 * NULL if a change of it is more than that, and takes a query.
 */
RowWriter *
writer_open(Oid table, AttrNumber column, Snapshot snapshot)
{
	Relation opened = table_open(table, RowExclusiveLock);
	RowWriter *writer;

	if (!is_plain(opened, column))
	{
		table_close(opened, NoLock);
		return NULL;
	}
	writer = palloc0_object(RowWriter);
	writer->table = opened;
	writer->column = column;
	writer->snapshot = snapshot;
	writer->row = table_slot_create(opened, NULL);
	writer->changed = MakeSingleTupleTableSlot(RelationGetDescr(opened), &TTSOpsVirtual);
	return writer;
}

/* Take the executor down. */
static void
drop_target(Target *target)
{
	ExecCloseIndices(target->table);
	ExecCloseResultRelations(target->estate);
	FreeExecutorState(target->estate);
	pfree(target);
}

/* End. */
void
writer_close(RowWriter *writer)
{
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

/* Read the version of a row that the snapshot has shown at a place; false if it is the latest no more, of those that have ended or of this transaction. */
bool
writer_read(RowWriter *writer, ItemPointerData at)
{
	return table_tuple_fetch_row_version(writer->table, &at, SnapshotSelf, writer->row);
}

/* The column of the row that was read, which must not be NULL; it points into the row. */
Datum
writer_get(RowWriter *writer)
{
	bool isnull;
	Datum value = slot_getattr(writer->row, writer->column, &isnull);

	if (isnull)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("column %d of table \"%s\" must not be null", writer->column,
							   RelationGetRelationName(writer->table))));
	return value;
}

/* Make the row that was read another in its column. */
static void
make_changed(RowWriter *writer, Datum value)
{
	TupleTableSlot *to = writer->changed;
	int n = RelationGetDescr(writer->table)->natts;

	slot_getallattrs(writer->row);
	ExecClearTuple(to);
	memcpy(to->tts_values, writer->row->tts_values, n * sizeof(Datum));
	memcpy(to->tts_isnull, writer->row->tts_isnull, n * sizeof(bool));
	to->tts_values[writer->column - 1] = value;
	ExecStoreVirtualTuple(to);
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

/*
 * Change the column of the row that was read, or locked; what comes after it in
 * the transaction sees that.  False, and nothing done, if another has changed
 * it meanwhile, for whom it waits; never of a row that is locked.
 */
bool
writer_change(RowWriter *writer, Datum value)
{
	TM_FailureData failure;
	LockTupleMode mode;
	TU_UpdateIndexes which = TU_None;

	make_changed(writer, value);
	CheckCmdReplicaIdentity(writer->table, CMD_UPDATE);
	if (table_tuple_update(writer->table, &writer->row->tts_tid, writer->changed,
						   GetCurrentCommandId(true), writer->snapshot, InvalidSnapshot, true,
						   &failure, &mode, &which) != TM_Ok)
		return false;
	if (which != TU_None)
		index_changed(writer, which);
	CommandCounterIncrement();
	return true;
}
