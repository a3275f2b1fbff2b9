/*
 * The aggregates that build barrier profiles.  The state is a profile with
 * slack, to which pieces are added in place while there is room.  Called
 * outside an aggregate the same functions change nothing in place and return
 * values.
 */
#include "barrier/profile.h"

#include "nodes/execnodes.h"
#include "utils/builtins.h"

/* Whether the first argument is a state that may be changed. */
static bool
is_in_aggregate(FunctionCallInfo fcinfo)
{
	return AggCheckCallContext(fcinfo, NULL) != 0;
}

/* Return a state as the caller may have it: as it is inside an aggregate, else as a value. */
static Datum
return_state(FunctionCallInfo fcinfo, BarrierProfile *state)
{
	if (!is_in_aggregate(fcinfo))
		state = profile_pack(state);
	PG_RETURN_PROFILE(state);
}

/* The bytes of a text of the server. */
static Piece
text_piece(const text *value)
{
	return (Piece){ VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value) };
}

/* The piece that a row (pattern, weight, kind, explanation, pointer) gives, from argument 1 on. */
static Evidence
piece_args(FunctionCallInfo fcinfo)
{
	text *kind = PG_GETARG_TEXT_PP(3);
	Evidence piece = { .pattern = pattern_arg(PG_GETARG_TEXT_PP(1)),
					   .weight = PG_GETARG_FLOAT8(2),
					   .explanation = text_piece(PG_GETARG_TEXT_PP(4)) };
	EvidenceFault fault;

	if (!kind_by_name(VARDATA_ANY(kind), VARSIZE_ANY_EXHDR(kind), &piece.kind))
		profile_fault(EVIDENCE_KIND, NULL, NULL);
	if (!PG_ARGISNULL(5))
		piece.pointer = text_piece(PG_GETARG_TEXT_PP(5));
	fault = evidence_check(&piece);
	if (fault != EVIDENCE_OK)
		profile_fault(fault, NULL, NULL);
	return piece;
}

PG_FUNCTION_INFO_V1(barrier_profile_agg_add);

/* A row (pattern, weight, kind, explanation, pointer) enters; only the pointer may be NULL. */
Datum
barrier_profile_agg_add(PG_FUNCTION_ARGS)
{
	Evidence piece;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	for (int i = 1; i <= 4; i++)
		if (PG_ARGISNULL(i))
			return return_state(fcinfo, PG_GETARG_PROFILE(0));
	piece = piece_args(fcinfo);
	return return_state(
		fcinfo, profile_add_piece(PG_GETARG_PROFILE(0), is_in_aggregate(fcinfo), &piece, NULL));
}

PG_FUNCTION_INFO_V1(barrier_profile_rollup_add);

/* A profile enters a state; also combines two partial states. */
Datum
barrier_profile_rollup_add(PG_FUNCTION_ARGS)
{
	return return_state(fcinfo, profile_add_all(PG_GETARG_PROFILE(0), is_in_aggregate(fcinfo),
												PG_GETARG_PROFILE(1)));
}

PG_FUNCTION_INFO_V1(barrier_profile_agg_final);

/* The value of a state; NULL if it holds nothing. */
Datum
barrier_profile_agg_final(PG_FUNCTION_ARGS)
{
	BarrierProfile *value = profile_arg(fcinfo, 0);

	if (value->used == 0)
		PG_RETURN_NULL();
	PG_RETURN_PROFILE(value);
}
