/*
 * The SQL type series as a varlena, what the files of this room that bind it
 * to the server share, and the way to make one in C.
 */
#ifndef COACHIATRY_SERIES_H
#define COACHIATRY_SERIES_H

#include "coachiatry.h"

#include "utils/date.h"

#include "signal/observations.h"

/* Flags of the one format there is; all other bits are refused. */
#define SERIES_FORMAT 0x0100
#define SERIES_STATE 0x0001 /* state of an aggregate: a tally */

/*
 * A value is packed: a record for each day with observations.  A state of an
 * aggregate holds a tally instead.  Every function reads both.
 */
typedef struct Series
{
	int32 vl_len_; /* never touched directly */
	uint16 flags;
	uint16 reserved; /* zero */
	DateADT first;	 /* the first day with observations, 0 if there is none; 0 in a state */
	uint8 bytes[FLEXIBLE_ARRAY_MEMBER];
} Series;

#define SERIES_HEADER_SIZE offsetof(Series, bytes)

#define DatumGetSeries(datum) ((Series *) PG_DETOAST_DATUM(datum))
#define PG_GETARG_SERIES(n) DatumGetSeries(PG_GETARG_DATUM(n))
#define PG_RETURN_SERIES(value) PG_RETURN_POINTER(value)

/*
 * Making a series of observations in C, from any context: what it keeps is in
 * the memory context that was current when it was made.  Errors are those of
 * the SQL functions.
 */
typedef struct SeriesBuilder SeriesBuilder;

extern SeriesBuilder *series_builder_create(void);
extern void series_builder_add(SeriesBuilder *builder, DateADT day, float8 value);
extern Series *series_builder_finish(const SeriesBuilder *builder);

/* series.c */
extern PackedSeries series_view(const Series *value);
extern bool series_is_state(const Series *value);
extern Series *series_pack(Series *value);
extern PackedSeries series_arg(FunctionCallInfo fcinfo, int n);
pg_noreturn extern void series_result_error(SeriesResult result, int32 day);
pg_noreturn extern void series_fault_error(SeriesFault fault, int32 day);
pg_noreturn extern void series_damaged(void);

/* A series being packed, day after day. */
typedef struct SeriesWriter
{
	struct StringInfoData *value; /* header and records */
	int64 next;					  /* the first day that the next one can be */
} SeriesWriter;

extern void series_writer_start(SeriesWriter *writer);
extern SeriesFault series_writer_put(SeriesWriter *writer, const Observations *day);
extern Series *series_writer_finish(SeriesWriter *writer);

/* series_agg.c */
extern Series *series_add(Series *state, bool in_place, const Observations *by, int sign);

#endif
