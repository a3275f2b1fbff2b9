/*
 * The SQL type schedule as a varlena, and what the files of this room that
 * bind it to the server share.
 */
#ifndef COACHIATRY_SCHEDULE_H
#define COACHIATRY_SCHEDULE_H

#include "coachiatry.h"

#include "schedule/recurrence.h"

/* Flags of the one format there is; all other bits are refused. */
#define SCHEDULE_VERSION 0x0100

/* A rule as its canonical text, so equal rules have the same bytes. */
typedef struct Schedule
{
	int32 vl_len_; /* never touched directly */
	uint16 flags;
	uint16 reserved; /* zero */
	char text[FLEXIBLE_ARRAY_MEMBER];
} Schedule;

#define SCHEDULE_HEADER_SIZE offsetof(Schedule, text)

#define DatumGetSchedule(datum) ((Schedule *) PG_DETOAST_DATUM(datum))
#define PG_GETARG_SCHEDULE(n) DatumGetSchedule(PG_GETARG_DATUM(n))
#define PG_RETURN_SCHEDULE(value) PG_RETURN_POINTER(value)

/* schedule.c */
extern Schedule *schedule_from_rule(const Recurrence *rule);
extern Schedule *schedule_from_cstring(const char *text);
extern void schedule_rule(const Schedule *value, Recurrence *rule);
extern char *schedule_part_to_cstring(const Recurrence *rule, RecurrencePart part);

/* schedule_ask.c: for C that has a schedule and no query */
extern PGDLLEXPORT Datum schedule_units_due(PG_FUNCTION_ARGS);

#endif
