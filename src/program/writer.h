/*
 * Rows of a table that are changed in a column, one by one and without a query,
 * as UPDATE changes them: a row is read, or locked in its latest version, and
 * then changed.  Only where nothing but indexes has to see it: where triggers or
 * constraints have to, a query is to do it.  For READ COMMITTED: elsewhere an
 * UPDATE says when it would be unserializable.
 */
#ifndef COACHIATRY_WRITER_H
#define COACHIATRY_WRITER_H

#include "coachiatry.h"

#include "utils/snapshot.h"

typedef struct RowWriter RowWriter;

extern RowWriter *writer_open(Oid table, AttrNumber column, Snapshot snapshot);
extern void writer_close(RowWriter *writer);
extern bool writer_lock(RowWriter *writer, ItemPointerData at);
extern bool writer_read(RowWriter *writer, ItemPointerData at);
extern Datum writer_get(RowWriter *writer);
extern bool writer_change(RowWriter *writer, Datum value);

#endif
