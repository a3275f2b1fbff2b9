/*
 * The SQL type barrier_profile as a varlena, and what the files of this room
 * that bind it to the server share.
 */
#ifndef COACHIATRY_BARRIER_PROFILE_H
#define COACHIATRY_BARRIER_PROFILE_H

#include "coachiatry.h"

#include "barrier/evidence.h"

/* Flags of the one format there is; all other bits are refused. */
#define PROFILE_FORMAT 0x0100
#define PROFILE_STATE 0x0001 /* state of an aggregate: any order, and slack */

/*
 * A value is canonical: its pieces stand in order, each once, and it is as
 * long as they are.  A state of an aggregate may have them in any order and
 * several times, and room for more.  Every function reads both.
 */
typedef struct BarrierProfile
{
	int32 vl_len_; /* never touched directly */
	uint16 flags;
	uint16 reserved; /* zero */
	uint32 used;	 /* bytes of the pieces */
	uint8 bytes[FLEXIBLE_ARRAY_MEMBER];
} BarrierProfile;

#define PROFILE_HEADER_SIZE offsetof(BarrierProfile, bytes)

#define DatumGetProfile(datum) ((BarrierProfile *) PG_DETOAST_DATUM(datum))
#define PG_GETARG_PROFILE(n) DatumGetProfile(PG_GETARG_DATUM(n))
#define PG_RETURN_PROFILE(value) PG_RETURN_POINTER(value)

/* profile.c */
extern BarrierProfile *profile_start(Size room);
extern BarrierProfile *profile_add_piece(BarrierProfile *state, bool in_place,
										 const Evidence *piece, Node *escontext);
extern BarrierProfile *profile_add_all(BarrierProfile *state, bool in_place,
									   const BarrierProfile *other);
extern BarrierProfile *profile_pack(BarrierProfile *value);
extern BarrierProfile *profile_arg(FunctionCallInfo fcinfo, int n);
extern bool profile_next(EvidenceScan *scan);
extern void profile_sums(const BarrierProfile *value, PatternSum sums[NPATTERNS]);
extern Datum profile_fault(EvidenceFault fault, const char *written, Node *escontext);
extern BarrierPattern pattern_arg(const text *name);
extern bool profile_names_pattern(const PatternSum sums[NPATTERNS], float8 least,
								  BarrierPattern *pattern);

#endif
