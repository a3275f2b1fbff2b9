/*
 * What the files of this room that bind detectors and run lengths to the
 * server share: arguments that are checked, and what is read of a series.
 */
#ifndef COACHIATRY_SIGNAL_H
#define COACHIATRY_SIGNAL_H

#include "coachiatry.h"

#include "utils/date.h"

#include "signal/detector.h"
#include "signal/observations.h"

/* signal_args.c */
pg_noreturn extern void parameter_error(const char *name, float8 value, const char *detail);
extern float8 check_within(const char *name, float8 value, float8 least, float8 most);
extern float8 check_finite(const char *name, float8 value);
extern float8 check_not_negative(const char *name, float8 value);
extern float8 check_positive(const char *name, float8 value);
extern float8 check_share(const char *name, float8 value);
extern float8 check_part(const char *name, float8 value);
extern int32 check_whole(const char *name, int64 value, int32 least, int32 most);
extern int32 check_lattice(float8 p0, float8 p1);
extern int32 check_lattice_limit(float8 h);

/* signal.c */
extern DayValue *series_means(const PackedSeries *series, DateADT as_of, int32 *count);

/* signal_arl.c: limits, which the parameters of a watch ask for too */
extern PGDLLEXPORT Datum signal_cusum_limit(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum signal_ewma_limit(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum signal_shewhart_limit(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum signal_bernoulli_cusum_limit(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum signal_silence_limit(PG_FUNCTION_ARGS);

#endif
