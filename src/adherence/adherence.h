/*
 * The SQL type adherence as a varlena, and what the files of this room that
 * bind it to the server share.
 */
#ifndef COACHIATRY_ADHERENCE_H
#define COACHIATRY_ADHERENCE_H

#include "coachiatry.h"

#include "utils/date.h"

#include "adherence/calendar.h"
#include "adherence/measures.h"

/* Flags of the one format there is; all other bits are refused. */
#define ADHERENCE_VERSION 0x0100
#define ADHERENCE_WIDE 0x0001	 /* four bytes a day */
#define ADHERENCE_RUNNING 0x0002 /* running totals before the days; aggregate states only */

/*
 * A stored calendar is canonical: no blank days at its ends, wide only if a
 * count needs it.  A state of an aggregate may have slack: blank days at its
 * ends, and more width than it needs.  Every function reads both.
 */
typedef struct Adherence
{
	int32 vl_len_; /* never touched directly */
	uint16 flags;
	uint16 reserved; /* zero */
	DateADT first;	 /* day of the first element, 0 if there is none */
	uint8 days[FLEXIBLE_ARRAY_MEMBER];
} Adherence;

#define ADHERENCE_HEADER_SIZE offsetof(Adherence, days)

#define DatumGetAdherence(datum) ((Adherence *) PG_DETOAST_DATUM(datum))
#define PG_GETARG_ADHERENCE(n) DatumGetAdherence(PG_GETARG_DATUM(n))
#define PG_RETURN_ADHERENCE(value) PG_RETURN_POINTER(value)

/* adherence.c */
extern Calendar adherence_calendar(const Adherence *value);
extern CalendarBuffer adherence_buffer(Adherence *value);
extern Adherence *adherence_alloc(int64 first, int64 ndays, CalendarWidth width);
extern Adherence *adherence_from_calendar(const Calendar *calendar);
extern PGDLLEXPORT Datum adherence_merge(PG_FUNCTION_ARGS);
extern int64 adherence_check_span(int64 first, int64 until);
extern char *day_to_cstring(int32 day);
extern char *text_excerpt(const char *text);
pg_noreturn extern void adherence_count_error(CalendarResult result, int32 day);
extern Calendar calendar_arg(FunctionCallInfo fcinfo, int n);
extern void day_range_arg(FunctionCallInfo fcinfo, int n, int64 *from, int64 *until);
extern Calendar calendar_arg_within(FunctionCallInfo fcinfo, int n, int within);

/* adherence_agg.c */
extern Adherence *adherence_state_add(Adherence *state, DateADT day, DayCounts by);

/* Text into a StringInfo */
extern TextSink stringinfo_sink(struct StringInfoData *text);

#endif
