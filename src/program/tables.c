/*
 * Reading rows of a program's tables by index, with the latest snapshot: what
 * others have committed meanwhile is there, and what this transaction has
 * written.
 *
 * Rows are fetched from their pages here, and not by the server's own index
 * scan, because that removes dead versions of rows whenever a page is fuller
 * than the fillfactor leaves it.  A kept calendar gets a new version with each
 * check-in, so that every check-in would tidy a page, and log that.
 *
 * Anybody can put a trigger of the extension on a table of their own, and
 * beside it tables of these names that no program has made.  So each table is
 * looked at once it is locked, before anything is read of it: whose it is, of
 * what types its columns are, and what its index orders it by.
 */
#include "program/tables.h"

#include "access/heapam.h"
#include "access/relscan.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_am.h"
#include "catalog/pg_class.h"
#include "catalog/pg_opfamily.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

/* The tables, and where rows are found by the person and then by what they are of. */
static const struct
{
	const char *name;
	const char *index;
	const char *of;
} tables[NTABLES] = {
	[TABLE_RULE] = { "warning_rule", NULL, NULL },
	[TABLE_INSTRUMENT] = { "instrument", NULL, NULL },
	[TABLE_INFO] = { "program_info", NULL, NULL },
	[TABLE_PERSON] = { "person", "person_pkey", NULL },
	[TABLE_TASK] = { "task", "task_pkey", "task_id" },
	[TABLE_CALENDAR] = { "task_calendar", "task_calendar_pkey", "task_id" },
	[TABLE_REVISION] = { "task_revision", "task_revision_pkey", "task_id" },
	[TABLE_EXCUSED] = { "excused_period", "excused_period_pkey", NULL },
	[TABLE_SERIES] = { "measure_series", "measure_series_pkey", "instrument_id" },
	[TABLE_WARNING] = { "warning", "warning_one_open_idx", NULL },
	[TABLE_ALL_WARNING] = { "warning", "warning_pkey", NULL },
	[TABLE_RECHECK] = { "recheck", "recheck_pkey", NULL },
	[TABLE_EPISODE] = { "episode", "episode_one_open_idx", NULL },
};

static const struct
{
	ProgramTable table;
	const char *name;
	Oid type;
	const char *of_extension; /* or the name of its type */
	bool has_value;			  /* it is never NULL, and read as such */
} columns[NCOLUMNS] = {
	[PERSON_TIME_ZONE] = { TABLE_PERSON, "time_zone", TEXTOID },
	[TASK_KIND] = { TABLE_TASK, "kind", TEXTOID, .has_value = true },
	[TASK_TAGS] = { TABLE_TASK, "tags", TEXTARRAYOID, .has_value = true },
	[TASK_SCHEDULE] = { TABLE_TASK, "schedule", .of_extension = "schedule" },
	[TASK_STARTS_AT] = { TABLE_TASK, "starts_at", TIMESTAMPOID },
	[TASK_ENDS] = { TABLE_TASK, "ends", DATEOID },
	[TASK_MAX_UNITS] = { TABLE_TASK, "max_units_per_day", INT2OID },
	[TASK_GAP_DAYS] = { TABLE_TASK, "gap_hazard_days", INT2OID },
	[CALENDAR_TASK] = { TABLE_CALENDAR, "task_id", INT8OID },
	[CALENDAR_SOURCE] = { TABLE_CALENDAR, "source", TEXTOID },
	[CALENDAR_VALUE] = { TABLE_CALENDAR, "calendar", .of_extension = "adherence" },
	[CALENDAR_PLANNED_THROUGH] = { TABLE_CALENDAR, "planned_through", DATEOID },
	[CALENDAR_STALE_AT] = { TABLE_CALENDAR, "stale_at", TIMESTAMPTZOID },
	[REVISION_SCHEDULE] = { TABLE_REVISION, "schedule", .of_extension = "schedule" },
	[REVISION_UNTIL] = { TABLE_REVISION, "until", DATEOID },
	[EXCUSED_DURING] = { TABLE_EXCUSED, "during", DATERANGEOID },
	[SERIES_ITEM] = { TABLE_SERIES, "item", TEXTOID },
	[SERIES_VALUE] = { TABLE_SERIES, "series", .of_extension = "series" },
	[WARNING_KIND] = { TABLE_WARNING, "kind", TEXTOID },
	[WARNING_RULE] = { TABLE_WARNING, "warning_rule_id", INT8OID },
	[WARNING_TASK] = { TABLE_WARNING, "task_id", INT8OID },
	[WARNING_INSTRUMENT] = { TABLE_WARNING, "instrument_id", INT8OID },
	[WARNING_ITEM] = { TABLE_WARNING, "item", TEXTOID },
	[WARNING_SEVERITY] = { TABLE_WARNING, "severity", INT2OID },
	[WARNING_SAFETY] = { TABLE_WARNING, "safety", BOOLOID },
	[WARNING_RAISED_ON] = { TABLE_WARNING, "raised_on", DATEOID },
	[WARNING_STANDS] = { TABLE_WARNING, "evidence_stands", BOOLOID },
	[WARNING_STATE] = { TABLE_WARNING, "state", TEXTOID },
	[WARNING_CLOSED_ON] = { TABLE_WARNING, "closed_on", DATEOID },
	[WARNING_CLOSED_AT] = { TABLE_WARNING, "closed_at", TIMESTAMPTZOID },
	[RECHECK_DUE_AT] = { TABLE_RECHECK, "due_at", TIMESTAMPTZOID },
	[EPISODE_ENDED] = { TABLE_EPISODE, "ended", DATEOID },
};

/* A type of the extension. */
Oid
extension_type(const char *name)
{
	return GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum(name),
						   ObjectIdGetDatum(get_namespace_oid("coachiatry", false)));
}

/* Find the tables of the program in a schema; those that it does not have yet are InvalidOid. */
void
tables_find(ProgramTables *where, Oid schema)
{
	*where = (ProgramTables){ .schema = schema };
	for (int t = 0; t < NTABLES; t++)
	{
		where->tables[t] = get_relname_relid(tables[t].name, schema);
		if (tables[t].index == NULL)
			continue;
		where->person[t] = get_attnum(where->tables[t], "person_id");
		if (tables[t].of != NULL)
			where->of[t] = get_attnum(where->tables[t], tables[t].of);
	}
	for (int c = 0; c < NCOLUMNS; c++)
	{
		where->columns[c] = get_attnum(where->tables[columns[c].table], columns[c].name);
		where->types[c] = columns[c].of_extension == NULL ? columns[c].type
														  : extension_type(columns[c].of_extension);
	}
}

/*
 * What is read is what a program has made
 */

/* Refuse a column that is missing, or of another type. */
static void
check_column(Relation table, AttrNumber column, const char *name, Oid type)
{
	TupleDesc shape = RelationGetDescr(table);

	if (column <= 0 || column > shape->natts || TupleDescAttr(shape, column - 1)->atttypid != type)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("table \"%s\" must have a column \"%s\" of type %s",
							   RelationGetRelationName(table), name, format_type_be(type))));
}

/* Refuse a table with other columns than those that are read. */
static void
check_columns(const ProgramTables *where, ProgramTable t, Relation table)
{
	if (tables[t].index != NULL)
		check_column(table, where->person[t], "person_id", INT8OID);
	if (tables[t].of != NULL)
		check_column(table, where->of[t], tables[t].of, INT8OID);
	for (int c = 0; c < NCOLUMNS; c++)
		if (where->tables[columns[c].table] == where->tables[t])
			check_column(table, where->columns[c], columns[c].name, where->types[c]);
}

/* Whether the n-th column of an index is a column of numbers, in their usual order. */
static bool
orders_by(Relation index, int n, AttrNumber column)
{
	return n < IndexRelationGetNumberOfKeyAttributes(index) &&
		   index->rd_index->indkey.values[n] == column &&
		   index->rd_opfamily[n] == INTEGER_BTREE_FAM_OID && index->rd_opcintype[n] == INT8OID;
}

/* Whether an index finds the rows of a table as they are asked for. */
static bool
finds_rows(const ProgramTables *where, ProgramTable t, Relation table, Relation index)
{
	return index->rd_index->indrelid == RelationGetRelid(table) && index->rd_index->indisvalid &&
		   index->rd_rel->relam == BTREE_AM_OID && orders_by(index, 0, where->person[t]) &&
		   (tables[t].of == NULL || orders_by(index, 1, where->of[t]));
}

/* Whether a table is one that can be read here, and by the current user past its policies. */
static bool
is_readable(const ProgramTables *where, ProgramTable t, Relation table)
{
	return RelationGetRelid(table) == where->tables[t] &&
		   table->rd_rel->relkind == RELKIND_RELATION &&
		   table->rd_rel->relam == HEAP_TABLE_AM_OID &&
		   has_privs_of_role(GetUserId(), table->rd_rel->relowner);
}

/* Refuse a table that is open, or its index, if they are not as the program made them. */
static void
check_table(const TableReader *reader, ProgramTable t)
{
	Relation table = reader->open[t];

	if (!is_readable(reader->where, t, table))
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("table \"%s\" is not as the program made it", tables[t].name)));
	check_columns(reader->where, t, table);
	if (!finds_rows(reader->where, t, table, reader->indexes[t]))
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("index \"%s\" of table \"%s\" is not as the program made it",
							   tables[t].index, tables[t].name)));
}

/*
 * Opening
 */

/* Take the latest snapshot. */
static void
take_snapshot(TableReader *reader)
{
	Snapshot latest = GetLatestSnapshot();

	reader->is_quiet = latest->snapXactCompletionCount == reader->ended;
	reader->ended = latest->snapXactCompletionCount;
	reader->snapshot = RegisterSnapshot(latest);
}

/* Begin to read. */
TableReader
tables_open(const ProgramTables *where)
{
	TableReader reader = { .where = where };

	take_snapshot(&reader);
	return reader;
}

/* Go on with the snapshot that is the latest by now, and with tables as they are found by now: those that are open can have been changed only in what is looked for. */
void
tables_refresh(TableReader *reader, const ProgramTables *where)
{
	bool are_same = memcmp(reader->where, where, sizeof(*where)) == 0;

	reader->where = where;
	for (int t = 0; t < NTABLES && !are_same; t++)
		if (reader->open[t] != NULL)
			check_table(reader, t);
	UnregisterSnapshot(reader->snapshot);
	take_snapshot(reader);
}

/* Close what has been opened. */
void
tables_close(TableReader *reader)
{
	for (int t = 0; t < NTABLES; t++)
		if (reader->open[t] != NULL)
		{
			index_close(reader->indexes[t], AccessShareLock);
			table_close(reader->open[t], AccessShareLock);
		}
	UnregisterSnapshot(reader->snapshot);
}

/* Refuse what is not there; what is of a table. */
static Oid
found(Oid relation, ProgramTable t, const char *name)
{
	if (!OidIsValid(relation))
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("the program of table \"%s\" has no \"%s\"", tables[t].name, name)));
	return relation;
}

/* Open a table. Its index is found when nobody can put another in its place any more. */
static void
open_table(TableReader *reader, ProgramTable t)
{
	Oid index;

	if (reader->open[t] != NULL)
		return;
	reader->open[t] =
		table_open(found(reader->where->tables[t], t, tables[t].name), AccessShareLock);
	index = get_relname_relid(tables[t].index, reader->where->schema);
	reader->indexes[t] = index_open(found(index, t, tables[t].index), AccessShareLock);
	check_table(reader, t);
}

/* Begin to read rows of which it is known where they were, by row_at(). */
Rows
rows_found_before(TableReader *reader, ProgramTable t)
{
	open_table(reader, t);
	return (Rows){ .where = reader->where,
				   .table = reader->open[t],
				   .snapshot = reader->snapshot,
				   .page = InvalidBuffer };
}

/* Begin to read the rows that have values in the first one or two columns of the index. */
static Rows
find_rows(TableReader *reader, ProgramTable t, int nkeys, int64 person_id, int64 of_id)
{
	Rows rows = rows_found_before(reader, t);
	Datum values[] = { Int64GetDatum(person_id), Int64GetDatum(of_id) };
	ScanKeyData keys[lengthof(values)];

	for (int i = 0; i < nkeys; i++)
		ScanKeyInit(&keys[i], i + 1, BTEqualStrategyNumber, F_INT8EQ, values[i]);
	rows.scan = index_beginscan(rows.table, reader->indexes[t], reader->snapshot, NULL, nkeys, 0);
	index_rescan(rows.scan, keys, nkeys, NULL, 0);
	return rows;
}

/* Begin to read the rows of a person. */
Rows
rows_of_person(TableReader *reader, ProgramTable table, int64 person_id)
{
	return find_rows(reader, table, 1, person_id, 0);
}

/* Begin to read the rows of one thing of a person: a task, an instrument. */
Rows
rows_of_thing(TableReader *reader, ProgramTable table, int64 person_id, int64 of_id)
{
	return find_rows(reader, table, 2, person_id, of_id);
}

/* Remove the dead versions of rows from a page on which there is hardly room for a new one. */
static void
tidy(Relation table, Buffer page)
{
	if (PageGetHeapFreeSpace(BufferGetPage(page)) < BLCKSZ / 10)
		heap_page_prune_opt(table, page);
}

/* Fetch the version of a row that the snapshot shows; false if it shows none, and then whether nobody will see one any more. */
static bool
fetch(Rows *rows, ItemPointerData at, bool *is_dead)
{
	bool is_found;

	rows->at = at;
	rows->page = ReleaseAndReadBuffer(rows->page, rows->table, ItemPointerGetBlockNumber(&at));
	tidy(rows->table, rows->page);
	LockBuffer(rows->page, BUFFER_LOCK_SHARE);
	is_found = heap_hot_search_buffer(&at, rows->table, rows->page, rows->snapshot, &rows->row,
									  is_dead, true);
	LockBuffer(rows->page, BUFFER_LOCK_UNLOCK);
	return is_found;
}

/* Read the row that was at a place; false if there is none, or it was moved. */
bool
row_at(Rows *rows, ItemPointerData at)
{
	bool is_dead;

	return fetch(rows, at, &is_dead);
}

/* End reading. */
void
leave_rows(Rows *rows)
{
	if (rows->scan != NULL)
		index_endscan(rows->scan);
	if (BufferIsValid(rows->page))
		ReleaseBuffer(rows->page);
}

/* Go on to the next row; false, and the end of reading, if there is none. The index forgets a row that nobody will see any more. */
bool
next_row(Rows *rows)
{
	ItemPointer at;
	bool is_dead;

	while ((at = index_getnext_tid(rows->scan, ForwardScanDirection)) != NULL)
	{
		if (fetch(rows, *at, &is_dead))
			return true;
		rows->scan->kill_prior_tuple = is_dead && !rows->scan->xactStartedInRecovery;
	}
	leave_rows(rows);
	return false;
}

/* A column of the row, which points into it; false for NULL. */
bool
get_column(const Rows *rows, ProgramColumn column, Datum *value)
{
	bool isnull;

	*value = heap_getattr((HeapTuple) &rows->row, rows->where->columns[column],
						  RelationGetDescr(rows->table), &isnull);
	if (isnull && columns[column].has_value)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("column \"%s\" of table \"%s\" must not be null",
							   columns[column].name, RelationGetRelationName(rows->table))));
	return !isnull;
}

/* A small number; 0 for NULL. */
int32
get_smallint(const Rows *rows, ProgramColumn column)
{
	Datum value;

	return get_column(rows, column, &value) ? DatumGetInt16(value) : 0;
}

/* Whether a column holds a number. */
bool
holds_id(const Rows *rows, ProgramColumn column, int64 id)
{
	Datum value;

	return get_column(rows, column, &value) && DatumGetInt64(value) == id;
}

/* Whether a column holds a text. */
bool
holds_text(const Rows *rows, ProgramColumn column, const char *wanted)
{
	Datum value;

	return get_column(rows, column, &value) && strcmp(TextDatumGetCString(value), wanted) == 0;
}
