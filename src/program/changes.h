/*
 * What a statement changed in the facts that something is kept of, as a list
 * of changes that is sorted by what is kept, day and value.
 */
#ifndef COACHIATRY_CHANGES_H
#define COACHIATRY_CHANGES_H

#include "coachiatry.h"

#include "executor/tuptable.h"
#include "utils/date.h"
#include "utils/tuplestore.h"

/* What is kept, and of what. */
typedef enum KeptKind
{
	KEPT_CALENDAR, /* of check_in in task_calendar */
	KEPT_SERIES,   /* of measurement in measure_series */
} KeptKind;

/* One fact that came (sign 1) or went (sign -1). */
typedef struct Change
{
	int64 person_id;
	int64 of_id;	   /* task or instrument */
	const char *label; /* source or item */
	DateADT day;
	int8 sign;
	int8 taken; /* of a calendar */
	int8 missed;
	double value; /* of a series */
} Change;

/* Changes, in a memory context of their own. */
typedef struct Changes
{
	KeptKind kind;
	MemoryContext context;
	Change *list;
	Size count;
	Size allocated;
} Changes;

extern void changes_init(Changes *changes, KeptKind kind, MemoryContext context);
extern void changes_read(Changes *changes, Tuplestorestate *rows, TupleDesc shape, int sign);
extern void changes_take(Changes *changes, Changes *from);
extern void changes_sort(Changes *changes);
extern bool changes_same_key(const Change *a, const Change *b);
extern bool changes_same_stream(KeptKind kind, const Change *a, const Change *b);

#endif
