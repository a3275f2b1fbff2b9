/*
 * The SQL type dose_timing as a varlena.
 */
#ifndef COACHIATRY_DOSE_TIMING_H
#define COACHIATRY_DOSE_TIMING_H

#include "coachiatry.h"

#include "adherence/timing.h"

/* Flags of the one format there is; all other bits are refused. */
#define DOSE_TIMING_VERSION 0x00000100
#define DOSE_TIMING_STATE 0x00000001 /* state of an aggregate: any order, and slack */

/*
 * A value is canonical: its pairs are sorted, and it is exactly as long as
 * they are.  A state of an aggregate may have them in any order, and room for
 * more.  Every function reads both.
 */
typedef struct DoseTiming
{
	int32 vl_len_; /* never touched directly */
	uint32 flags;
	uint32 npairs;
	uint32 reserved; /* zero */
	DosePair pairs[FLEXIBLE_ARRAY_MEMBER];
} DoseTiming;

#define DOSE_TIMING_HEADER_SIZE offsetof(DoseTiming, pairs)

/* Size of a value or state with room for some pairs. */
#define DOSE_TIMING_SIZE(room) add_size(DOSE_TIMING_HEADER_SIZE, mul_size(room, sizeof(DosePair)))

#define DatumGetDoseTiming(datum) ((DoseTiming *) PG_DETOAST_DATUM(datum))
#define PG_GETARG_DOSE_TIMING(n) DatumGetDoseTiming(PG_GETARG_DATUM(n))
#define PG_RETURN_DOSE_TIMING(value) PG_RETURN_POINTER(value)

/* dose_timing.c */
extern DoseTiming *dose_timing_arg(FunctionCallInfo fcinfo, int n);

#endif
