/*
 * What the files of this room that bind detectors and run lengths to the
 * server share: arguments that are checked.
 */
#ifndef COACHIATRY_SIGNAL_H
#define COACHIATRY_SIGNAL_H

#include "coachiatry.h"

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

#endif
