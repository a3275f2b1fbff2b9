/*
 * Rows of a table that are changed one by one without a query, as UPDATE
 * changes them: with constraints, indexes and row triggers.  A row is read, or
 * locked in its latest version, and then changed in a column.  For READ
 * COMMITTED: elsewhere an UPDATE says when it would be unserializable.
 */
#ifndef COACHIATRY_WRITER_H
#define COACHIATRY_WRITER_H

#include "coachiatry.h"

#include "utils/snapshot.h"

typedef struct RowWriter RowWriter;

extern RowWriter *writer_open(Oid table, Snapshot snapshot);
extern void writer_close(RowWriter *writer);
extern bool writer_lock(RowWriter *writer, ItemPointerData at);
extern bool writer_read(RowWriter *writer, ItemPointerData at);
extern Datum writer_get(RowWriter *writer, AttrNumber column);
extern bool writer_change(RowWriter *writer, AttrNumber column, Datum value);

#endif
