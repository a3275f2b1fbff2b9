/*
 * Writing to what is kept.
 */
#ifndef COACHIATRY_KEPT_H
#define COACHIATRY_KEPT_H

#include "program/changes.h"
#include "program/record.h"
#include "program/writer.h"

/* Arrays of persons that are to be looked at, as look_at_record() of the program takes them. */
enum
{
	LOOK_SAFETY,
	LOOK_RULES,
	LOOK_LATER,	   /* by a time */
	LOOK_LATER_AT, /* these times */
	LOOK_SOON,
	NLOOKS,
};

/* A value to write to, and in whose schema. */
typedef struct KeptKey
{
	KeptKind kind;
	Oid schema;
	int64 person_id;
	int64 of_id;
	const char *label;
} KeptKey;

extern bool kept_add(const KeptKey *key, Datum plus);
extern bool kept_add_at(RowWriter *writer, ItemPointerData at, Datum plus);
extern void kept_change(const KeptKey *key, const Datum *plus, Datum minus);
extern bool kept_advance_plan(Oid schema, int64 person_id);
extern void kept_lock_sources(Oid schema, int64 person_id, int64 task_id);
extern void kept_look(Oid schema, Datum *whom);
extern char *in_schema(const char *schema, const char *text);

#endif
