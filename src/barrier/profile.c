/*
 * The type barrier_profile: values and states, text and binary forms, merge,
 * comparison and hashing.  Thin: the pieces are handled in evidence.c.
 */
#include "barrier/profile.h"

#include "common/hashfn.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "adherence/adherence.h"

/* Smallest room of a state. */
#define FIRST_ROOM 512

/* Pieces between two looks at interrupts. */
#define PIECES_PER_CHECK 1024

/* Version of the binary form. */
#define WIRE_VERSION 1

/*
 * Values and states
 */

/* Raise the error for a value that no function of ours wrote. */
pg_noreturn static void
damaged(void)
{
	ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED), errmsg("damaged barrier_profile value"),
					errdetail("Its header does not fit it, or a piece of it cannot be one.")));
}

/* Look at the header of a value or state. */
static void
check_header(const BarrierProfile *value)
{
	Size size = VARSIZE(value);

	if (size < PROFILE_HEADER_SIZE || (value->flags & ~PROFILE_STATE) != PROFILE_FORMAT ||
		value->reserved != 0 || value->used > size - PROFILE_HEADER_SIZE ||
		(!(value->flags & PROFILE_STATE) && value->used != size - PROFILE_HEADER_SIZE))
		damaged();
}

/* Read the next piece of a value, if there is one. */
bool
profile_next(EvidenceScan *scan)
{
	if (evidence_next(scan))
		return true;
	if (scan->is_damaged)
		damaged();
	return false;
}

/* A state without pieces, and room for so many bytes of them. */
BarrierProfile *
profile_start(Size room)
{
	Size size = add_size(PROFILE_HEADER_SIZE, room);
	BarrierProfile *state;

	if (!AllocSizeIsValid(size))
		profile_fault(EVIDENCE_MANY, NULL, NULL);
	state = palloc(size);
	SET_VARSIZE(state, size);
	state->flags = PROFILE_FORMAT | PROFILE_STATE;
	state->reserved = 0;
	state->used = 0;
	return state;
}

/* The pieces of a value or state as an array, in order and each once. */
static Evidence *
list_pieces(const BarrierProfile *value, size_t *n)
{
	size_t room = 64;
	Evidence *pieces = palloc_array(Evidence, room);
	EvidenceScan scan;

	*n = 0;
	evidence_scan(&scan, value->bytes, value->used);
	while (profile_next(&scan))
	{
		if (*n % PIECES_PER_CHECK == 0)
			CHECK_FOR_INTERRUPTS();
		if (*n == room)
			pieces = repalloc_huge(pieces, mul_size(room *= 2, sizeof(Evidence)));
		pieces[(*n)++] = scan.here;
	}
	*n = evidence_fold(pieces, *n);
	return pieces;
}

/*
 * A state with the pieces of another one in order, each once, and room for
 * more bytes; NULL, with the error in escontext, if they are too many.
 */
static BarrierProfile *
fold(const BarrierProfile *value, Size more, Node *escontext)
{
	size_t n;
	Evidence *pieces = list_pieces(value, &n);
	Size size = 0;
	BarrierProfile *folded;
	uint8 *at;

	if (n > EVIDENCE_MAX_PIECES)
	{
		profile_fault(EVIDENCE_MANY, NULL, escontext);
		return NULL;
	}
	for (size_t i = 0; i < n; i++)
		size += evidence_size(&pieces[i]);
	folded = profile_start(add_size(size, more));
	at = folded->bytes;
	for (size_t i = 0; i < n; i++)
		at = evidence_write(at, &pieces[i]);
	folded->used = (uint32) size;
	pfree(pieces);
	return folded;
}

/* The value of a value or state: itself, if it is one; NULL, with the error in escontext, if it holds too much. */
static BarrierProfile *
pack(BarrierProfile *value, Node *escontext)
{
	BarrierProfile *packed;

	check_header(value);
	if (!(value->flags & PROFILE_STATE))
		return value;
	packed = fold(value, 0, escontext);
	if (packed != NULL)
		packed->flags = PROFILE_FORMAT;
	return packed;
}

/* The value of a value or state. */
BarrierProfile *
profile_pack(BarrierProfile *value)
{
	return pack(value, NULL);
}

/* The n-th argument as a value. */
BarrierProfile *
profile_arg(FunctionCallInfo fcinfo, int n)
{
	return profile_pack(PG_GETARG_PROFILE(n));
}

/* A value or state as a state that is ours to write, with room for more bytes; or NULL, as fold has it. */
static BarrierProfile *
state_open(BarrierProfile *value, bool in_place, Size more, Node *escontext)
{
	Size used = value->used;

	if (in_place && (value->flags & PROFILE_STATE) &&
		VARSIZE(value) - PROFILE_HEADER_SIZE - used >= more)
		return value;
	/* It takes as long to fill the room as to fold again. */
	return fold(value, Max(add_size(used, more), FIRST_ROOM), escontext);
}

/* Add a piece, which has been checked, to a value or state; NULL, with the error in escontext, if there are too many. */
BarrierProfile *
profile_add_piece(BarrierProfile *state, bool in_place, const Evidence *piece, Node *escontext)
{
	check_header(state);
	state = state_open(state, in_place, evidence_size(piece), escontext);
	if (state == NULL)
		return NULL;
	evidence_write(state->bytes + state->used, piece);
	state->used += (uint32) evidence_size(piece);
	return state;
}

/* Add all pieces of another value or state to one. */
BarrierProfile *
profile_add_all(BarrierProfile *state, bool in_place, const BarrierProfile *other)
{
	check_header(state);
	check_header(other);
	state = state_open(state, in_place, other->used, NULL);
	memcpy(state->bytes + state->used, other->bytes, other->used);
	state->used += other->used;
	return state;
}

/* What the pieces of a value add up to. */
void
profile_sums(const BarrierProfile *value, PatternSum sums[NPATTERNS])
{
	EvidenceScan scan;

	memset(sums, 0, NPATTERNS * sizeof(PatternSum));
	evidence_scan(&scan, value->bytes, value->used);
	while (profile_next(&scan))
		profile_add(sums, &scan.here);
}

/*
 * Errors
 */

/* What is wrong with evidence, apart from its form. */
static Datum
content_error(EvidenceFault fault, Node *escontext)
{
	switch (fault)
	{
		case EVIDENCE_WEIGHT:
			ereturn(escontext, (Datum) 0,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("weight of evidence is out of range"),
					 errdetail("It must be between -%g and %g.", EVIDENCE_MAX_WEIGHT,
							   EVIDENCE_MAX_WEIGHT)));
		case EVIDENCE_UNEXPLAINED:
			ereturn(escontext, (Datum) 0,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("evidence must have an explanation")));
		case EVIDENCE_TOO_LONG:
			ereturn(escontext, (Datum) 0,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("evidence has too long a text in it"),
					 errdetail("An explanation has at most %d bytes, and a pointer %d.",
							   EVIDENCE_MAX_EXPLANATION, EVIDENCE_MAX_POINTER)));
		default:
			ereturn(escontext, (Datum) 0,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("barrier_profile holds at most %d pieces of evidence",
							EVIDENCE_MAX_PIECES)));
	}
}

/* Raise, or leave in escontext, the error for evidence that no profile can have; written: the text form, if any. */
Datum
profile_fault(EvidenceFault fault, const char *written, Node *escontext)
{
	switch (fault)
	{
		case EVIDENCE_PATTERN:
			ereturn(escontext, (Datum) 0,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("unknown barrier pattern"),
					 errhint("The patterns are executive_function, avoidance, ambivalence, "
							 "skill_deficit, environmental and other.")));
		case EVIDENCE_KIND:
			ereturn(escontext, (Datum) 0,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("unknown kind of evidence"),
					 errhint("The kinds are calendar, timing, words, reason and label.")));
		case EVIDENCE_SYNTAX:
			if (written == NULL)
				ereport(ERROR, (errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
								errmsg("invalid binary form of type barrier_profile")));
			ereturn(escontext, (Datum) 0,
					(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					 errmsg("invalid input syntax for type barrier_profile"),
					 errhint("Write pieces such as avoidance 1.25 words \"it makes me anxious\" "
							 "\"note 17\" with a comma between them, or \"empty\".")));
		default:
			return content_error(fault, escontext);
	}
}

/* The pattern that an argument names. */
BarrierPattern
pattern_arg(const text *name)
{
	BarrierPattern pattern;

	if (!pattern_by_name(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name), &pattern))
		profile_fault(EVIDENCE_PATTERN, NULL, NULL);
	return pattern;
}

/*
 * Text and binary
 */

PG_FUNCTION_INFO_V1(barrier_profile_in);

/* Text form -> barrier_profile. */
Datum
barrier_profile_in(PG_FUNCTION_ARGS)
{
	const char *written = PG_GETARG_CSTRING(0);
	BarrierProfile *state = profile_start(FIRST_ROOM);
	EvidenceText *text = palloc_object(EvidenceText);
	EvidenceFault fault = evidence_text_start(text, written);

	for (int n = 1; fault == EVIDENCE_OK && state != NULL && *text->at != '\0'; n++)
	{
		Evidence piece;

		if (n % PIECES_PER_CHECK == 0)
			CHECK_FOR_INTERRUPTS();
		fault = evidence_text_next(text, &piece);
		if (fault == EVIDENCE_OK)
			state = profile_add_piece(state, true, &piece, fcinfo->context);
	}
	if (fault != EVIDENCE_OK)
		return profile_fault(fault, written, fcinfo->context);
	if (state != NULL)
		state = pack(state, fcinfo->context);
	if (state == NULL) /* the error is in the context */
		return (Datum) 0;
	PG_RETURN_PROFILE(state);
}

PG_FUNCTION_INFO_V1(barrier_profile_out);

/* barrier_profile -> text form. */
Datum
barrier_profile_out(PG_FUNCTION_ARGS)
{
	BarrierProfile *value = profile_arg(fcinfo, 0);
	StringInfoData text;
	TextSink sink = stringinfo_sink(&text);
	EvidenceScan scan;

	initStringInfo(&text);
	evidence_scan(&scan, value->bytes, value->used);
	while (profile_next(&scan))
		evidence_format(&scan.here, text.len == 0, &sink);
	if (text.len == 0)
		appendStringInfoString(&text, "empty");
	PG_RETURN_CSTRING(text.data);
}

/* Put a text with its length into a message, in the client's encoding. */
static void
send_text(StringInfo message, Piece text)
{
	char *converted = pg_server_to_client(text.bytes, (int) text.size);
	int size = converted == text.bytes ? (int) text.size : (int) strlen(converted);

	pq_sendint32(message, (uint32) size);
	pq_sendbytes(message, converted, size);
}

/* How many pieces a value has. */
static uint32
count_pieces(const BarrierProfile *value)
{
	EvidenceScan scan;
	uint32 n = 0;

	evidence_scan(&scan, value->bytes, value->used);
	while (profile_next(&scan))
		n++;
	return n;
}

PG_FUNCTION_INFO_V1(barrier_profile_send);

/*
 * barrier_profile -> version (a byte), number of pieces (int4), then of each
 * its pattern and kind (a byte each), weight (float8), and both texts, each
 * with its length (int4) before it.
 */
Datum
barrier_profile_send(PG_FUNCTION_ARGS)
{
	BarrierProfile *value = profile_arg(fcinfo, 0);
	StringInfoData message;
	EvidenceScan scan;

	pq_begintypsend(&message);
	pq_sendbyte(&message, WIRE_VERSION);
	pq_sendint32(&message, count_pieces(value));
	evidence_scan(&scan, value->bytes, value->used);
	while (profile_next(&scan))
	{
		pq_sendbyte(&message, (uint8) scan.here.pattern);
		pq_sendbyte(&message, (uint8) scan.here.kind);
		pq_sendfloat8(&message, scan.here.weight);
		send_text(&message, scan.here.explanation);
		send_text(&message, scan.here.pointer);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

/* Read a text with its length from a message. */
static Piece
receive_text(StringInfo message)
{
	uint32 size = pq_getmsgint(message, 4);
	Piece text;
	int nbytes;

	if (size > (uint32) (message->len - message->cursor))
		profile_fault(EVIDENCE_SYNTAX, NULL, NULL);
	text.bytes = pq_getmsgtext(message, (int) size, &nbytes);
	text.size = (size_t) nbytes;
	return text;
}

/* Read a piece from a message. */
static Evidence
receive_piece(StringInfo message)
{
	Evidence piece;
	int pattern = pq_getmsgbyte(message);
	int kind = pq_getmsgbyte(message);
	EvidenceFault fault;

	if (pattern >= NPATTERNS || kind >= NKINDS)
		profile_fault(EVIDENCE_SYNTAX, NULL, NULL);
	piece.pattern = (BarrierPattern) pattern;
	piece.kind = (EvidenceKind) kind;
	piece.weight = pq_getmsgfloat8(message) + 0.0; /* no negative zero */
	piece.explanation = receive_text(message);
	piece.pointer = receive_text(message);
	fault = evidence_check(&piece);
	if (fault != EVIDENCE_OK)
		profile_fault(fault, NULL, NULL);
	return piece;
}

PG_FUNCTION_INFO_V1(barrier_profile_recv);

/* Binary form -> barrier_profile; checked as text is, and made canonical. */
Datum
barrier_profile_recv(PG_FUNCTION_ARGS)
{
	StringInfo message = (StringInfo) PG_GETARG_POINTER(0);
	BarrierProfile *state = profile_start(FIRST_ROOM);
	uint32 n;

	if (pq_getmsgbyte(message) != WIRE_VERSION)
		profile_fault(EVIDENCE_SYNTAX, NULL, NULL);
	n = pq_getmsgint(message, 4);
	if (n > EVIDENCE_MAX_PIECES)
		profile_fault(EVIDENCE_MANY, NULL, NULL);
	for (uint32 i = 0; i < n; i++)
	{
		Evidence piece = receive_piece(message);

		state = profile_add_piece(state, true, &piece, NULL);
	}
	PG_RETURN_PROFILE(profile_pack(state));
}

/*
 * Merge
 */

PG_FUNCTION_INFO_V1(barrier_profile_merge);

/* The evidence of both, each piece once. */
Datum
barrier_profile_merge(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0) && PG_ARGISNULL(1))
		PG_RETURN_NULL();
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_PROFILE(profile_arg(fcinfo, PG_ARGISNULL(0) ? 1 : 0));
	PG_RETURN_PROFILE(
		profile_pack(profile_add_all(PG_GETARG_PROFILE(0), false, PG_GETARG_PROFILE(1))));
}

/*
 * Comparison and hashing
 */

/* Order of two values: of their pieces, one after the other. */
static int
compare_values(const BarrierProfile *a, const BarrierProfile *b)
{
	EvidenceScan in_a;
	EvidenceScan in_b;

	evidence_scan(&in_a, a->bytes, a->used);
	evidence_scan(&in_b, b->bytes, b->used);
	for (;;)
	{
		bool has_a = profile_next(&in_a);
		bool has_b = profile_next(&in_b);
		int order = has_a && has_b ? evidence_compare(&in_a.here, &in_b.here) : has_a - has_b;

		if (order != 0 || !has_a)
			return order;
	}
}

/* Order of the two arguments. */
static int
compare_args(FunctionCallInfo fcinfo)
{
	BarrierProfile *a = PG_GETARG_PROFILE(0);
	BarrierProfile *b = PG_GETARG_PROFILE(1);
	int order = compare_values(profile_pack(a), profile_pack(b));

	PG_FREE_IF_COPY(a, 0);
	PG_FREE_IF_COPY(b, 1);
	return order;
}

PG_FUNCTION_INFO_V1(barrier_profile_lt);

/* a < b */
Datum
barrier_profile_lt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) < 0);
}

PG_FUNCTION_INFO_V1(barrier_profile_le);

/* a <= b */
Datum
barrier_profile_le(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) <= 0);
}

PG_FUNCTION_INFO_V1(barrier_profile_eq);

/* a = b */
Datum
barrier_profile_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) == 0);
}

PG_FUNCTION_INFO_V1(barrier_profile_ne);

/* a <> b */
Datum
barrier_profile_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) != 0);
}

PG_FUNCTION_INFO_V1(barrier_profile_ge);

/* a >= b */
Datum
barrier_profile_ge(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) >= 0);
}

PG_FUNCTION_INFO_V1(barrier_profile_gt);

/* a > b */
Datum
barrier_profile_gt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) > 0);
}

PG_FUNCTION_INFO_V1(barrier_profile_cmp);

/* -1, 0 or 1: order for btree. */
Datum
barrier_profile_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(compare_args(fcinfo));
}

PG_FUNCTION_INFO_V1(barrier_profile_hash);

/* 32-bit hash. */
Datum
barrier_profile_hash(PG_FUNCTION_ARGS)
{
	BarrierProfile *value = profile_arg(fcinfo, 0);

	return hash_any(value->bytes, (int) value->used);
}

PG_FUNCTION_INFO_V1(barrier_profile_hash_extended);

/* 64-bit hash with a seed. */
Datum
barrier_profile_hash_extended(PG_FUNCTION_ARGS)
{
	BarrierProfile *value = profile_arg(fcinfo, 0);

	return hash_any_extended(value->bytes, (int) value->used, (uint64) PG_GETARG_INT64(1));
}
