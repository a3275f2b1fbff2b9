/*
 * The tables of a program that are read by their indexes, without a query: a
 * query would take longer than all that is asked of it.
 */
#ifndef COACHIATRY_TABLES_H
#define COACHIATRY_TABLES_H

#include "coachiatry.h"

#include "access/htup.h"
#include "access/genam.h"
#include "storage/buf.h"
#include "utils/rel.h"
#include "utils/snapshot.h"

/* The tables that rules, and what they watch, are read from. */
typedef enum ProgramTable
{
	TABLE_RULE,
	TABLE_INSTRUMENT,
	TABLE_INFO,
	TABLE_PERSON,
	TABLE_TASK,
	TABLE_CALENDAR,
	TABLE_REVISION,
	TABLE_EXCUSED,
	TABLE_SERIES,
	TABLE_WARNING,	   /* those that are open */
	TABLE_ALL_WARNING, /* those that have ended, too */
	TABLE_RECHECK,
	TABLE_EPISODE, /* those that are open */
	NTABLES,
} ProgramTable;

/* Columns of them. */
typedef enum ProgramColumn
{
	PERSON_TIME_ZONE,
	TASK_KIND,
	TASK_TAGS,
	TASK_SCHEDULE,
	TASK_STARTS_AT,
	TASK_ENDS,
	TASK_MAX_UNITS,
	TASK_GAP_DAYS,
	CALENDAR_TASK,
	CALENDAR_SOURCE,
	CALENDAR_VALUE,
	CALENDAR_PLANNED_THROUGH,
	CALENDAR_STALE_AT,
	REVISION_SCHEDULE,
	REVISION_UNTIL,
	EXCUSED_DURING,
	SERIES_ITEM,
	SERIES_VALUE,
	WARNING_KIND,
	WARNING_RULE,
	WARNING_TASK,
	WARNING_INSTRUMENT,
	WARNING_ITEM,
	WARNING_SEVERITY,
	WARNING_SAFETY,
	WARNING_RAISED_ON,
	WARNING_STANDS,
	WARNING_STATE,
	WARNING_CLOSED_AT,
	WARNING_CLOSED_ON,
	RECHECK_DUE_AT,
	EPISODE_ENDED,
	NCOLUMNS,
} ProgramColumn;

/* Where a program has them. */
typedef struct ProgramTables
{
	Oid schema;
	Oid tables[NTABLES];
	AttrNumber person[NTABLES]; /* the first column of the index by which rows are found */
	AttrNumber of[NTABLES];		/* the second, if it is asked for */
	AttrNumber columns[NCOLUMNS];
	Oid types[NCOLUMNS]; /* that these must be of */
} ProgramTables;

/* Tables that are read: each is opened once it is needed. */
typedef struct TableReader
{
	const ProgramTables *where;
	Snapshot snapshot;
	uint64 ended;  /* how many transactions had, when it was taken */
	bool is_quiet; /* none has ended since the snapshot before this one */
	Relation open[NTABLES];
	Relation indexes[NTABLES];
} TableReader;

/* Rows of a table. */
typedef struct Rows
{
	const ProgramTables *where;
	Relation table;
	Snapshot snapshot;
	IndexScanDesc scan;
	Buffer page; /* of the row */
	HeapTupleData row;
	ItemPointerData at; /* where the index finds it, and what comes of it on its page */
} Rows;

extern Oid extension_type(const char *name);
extern void tables_find(ProgramTables *where, Oid schema);
extern TableReader tables_open(const ProgramTables *where);
extern void tables_refresh(TableReader *reader, const ProgramTables *where);
extern void tables_close(TableReader *reader);
extern Rows rows_of_person(TableReader *reader, ProgramTable table, int64 person_id);
extern Rows rows_of_thing(TableReader *reader, ProgramTable table, int64 person_id, int64 of_id);
extern bool next_row(Rows *rows);
extern Rows rows_found_before(TableReader *reader, ProgramTable table);
extern bool row_at(Rows *rows, ItemPointerData at);
extern void leave_rows(Rows *rows);
extern bool get_column(const Rows *rows, ProgramColumn column, Datum *value);
extern int32 get_smallint(const Rows *rows, ProgramColumn column);
extern bool holds_id(const Rows *rows, ProgramColumn column, int64 id);
extern bool holds_text(const Rows *rows, ProgramColumn column, const char *wanted);

#endif
