/*
 * The type dose_timing: text, binary and jsonb forms, merge, comparison and
 * hashing, the measures, the aggregates, and the matching of openings to due
 * doses.  Thin: the pairs are handled in timing.c.
 */
#include "coachiatry.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

#include "adherence/adherence.h"
#include "adherence/dose_timing.h"

/* Smallest size of a state; states double, so all are powers of two. */
#define FIRST_STATE_SIZE 256

/* Pairs between two looks at interrupts. */
#define PAIRS_PER_CHECK 4096

/*
 * Values
 */

/* Pairs that there is room for in a value or state. */
static size_t
room_for_pairs(const DoseTiming *value)
{
	return (VARSIZE(value) - DOSE_TIMING_HEADER_SIZE) / sizeof(DosePair);
}

/* Refuse a header that no function of ours has written. */
static void
check_header(const DoseTiming *value)
{
	Size size = VARSIZE(value);
	bool is_known = size >= DOSE_TIMING_HEADER_SIZE && value->reserved == 0;

	if (is_known && value->flags == DOSE_TIMING_VERSION)
		is_known = value->npairs <= TIMING_MAX_PAIRS && size == DOSE_TIMING_SIZE(value->npairs);
	else if (is_known)
		is_known = value->flags == (DOSE_TIMING_VERSION | DOSE_TIMING_STATE) &&
				   value->npairs <= room_for_pairs(value);
	if (!is_known)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED), errmsg("damaged dose_timing value"),
				 errdetail("Its size is %zu bytes and its header does not fit that.", size)));
}

/* Refuse more pairs than a value can hold. */
static void
check_count(size_t npairs)
{
	if (npairs > TIMING_MAX_PAIRS)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("dose_timing holds at most %d pairs", TIMING_MAX_PAIRS)));
}

/* A new value of some pairs, still to be filled. */
static DoseTiming *
alloc_value(size_t npairs)
{
	Size size;
	DoseTiming *value;

	check_count(npairs);
	size = DOSE_TIMING_SIZE(npairs);
	value = palloc0(size);
	SET_VARSIZE(value, size);
	value->flags = DOSE_TIMING_VERSION;
	value->npairs = (uint32) npairs;
	return value;
}

/* The canonical value of an array of pairs. */
static DoseTiming *
value_from_pairs(const DosePair *pairs, size_t npairs)
{
	DoseTiming *value = alloc_value(npairs);

	memcpy(value->pairs, pairs, npairs * sizeof(DosePair));
	timing_sort(value->pairs, npairs);
	return value;
}

/* A value or state as a canonical value: itself, if it is one. */
static DoseTiming *
as_value(DoseTiming *value)
{
	check_header(value);
	if (value->flags & DOSE_TIMING_STATE)
		return value_from_pairs(value->pairs, value->npairs);
	return value;
}

/* The canonical value that is the n-th argument. */
DoseTiming *
dose_timing_arg(FunctionCallInfo fcinfo, int n)
{
	return as_value(PG_GETARG_DOSE_TIMING(n));
}

/* Refuse an infinite instant. */
static void
check_instant(int64 instant)
{
	if (!timing_instant_is_valid(instant))
		ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
						errmsg("dose cannot be due or taken at \"%s\"",
							   instant > 0 ? "infinity" : "-infinity"),
						errdetail("Instants must be finite.")));
}

/*
 * Text and binary
 */

/* Raise, or leave in escontext, the error for a text that is no dose timing. */
static Datum
text_error(TimingFault fault, const char *at, const char *text, Node *escontext)
{
	switch (fault)
	{
		case TIMING_INSTANT:
			ereturn(escontext, (Datum) 0,
					(errcode(ERRCODE_DATETIME_FIELD_OVERFLOW),
					 errmsg("instant out of range in dose_timing: \"%s\"", text),
					 errdetail("There is no such instant at \"%s\".", text_excerpt(at))));
		case TIMING_INFINITE:
			ereturn(escontext, (Datum) 0,
					(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
					 errmsg("infinite instant in dose_timing: \"%s\"", text),
					 errdetail("Instants must be finite.")));
		default:
			ereturn(escontext, (Datum) 0,
					(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					 errmsg("invalid input syntax for type dose_timing: \"%s\"", text),
					 *at == '\0' ? errdetail("The text ends too early.")
								 : errdetail("It goes wrong at \"%s\".", text_excerpt(at)),
					 errhint("Write pairs such as \"due 2026-01-05T08:00:00Z taken "
							 "2026-01-05T08:03:20Z\" with a comma between them, or \"empty\".")));
	}
}

PG_FUNCTION_INFO_V1(dose_timing_in);

/* Text form -> dose_timing. */
Datum
dose_timing_in(PG_FUNCTION_ARGS)
{
	const char *text = PG_GETARG_CSTRING(0);
	const char *at = text;
	size_t capacity = timing_text_capacity(text);
	size_t npairs;
	DosePair *pairs;
	TimingFault fault;

	if (capacity > TIMING_MAX_PAIRS)
		ereturn(fcinfo->context, (Datum) 0,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("dose_timing holds at most %d pairs", TIMING_MAX_PAIRS)));
	pairs = palloc_array(DosePair, capacity);
	fault = timing_parse(&at, pairs, &npairs);
	if (fault != TIMING_OK)
		return text_error(fault, at, text, fcinfo->context);
	PG_RETURN_DOSE_TIMING(value_from_pairs(pairs, npairs));
}

PG_FUNCTION_INFO_V1(dose_timing_out);

/* dose_timing -> text form. */
Datum
dose_timing_out(PG_FUNCTION_ARGS)
{
	DoseTiming *value = dose_timing_arg(fcinfo, 0);
	StringInfoData text;
	TextSink sink = stringinfo_sink(&text);

	initStringInfo(&text);
	timing_format(value->pairs, value->npairs, &sink);
	PG_RETURN_CSTRING(text.data);
}

/* Raise the error for bytes that are no dose timing. */
pg_noreturn static void
binary_error(TimingFault fault)
{
	if (fault == TIMING_MANY)
		check_count(TIMING_MAX_PAIRS + 1);
	if (fault == TIMING_INSTANT || fault == TIMING_INFINITE)
		ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
						errmsg("instant out of range in binary form of type dose_timing"),
						errdetail("Instants must be finite.")));
	ereport(ERROR, (errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
					errmsg("invalid binary form of type dose_timing"),
					fault == TIMING_VERSION
						? errdetail("Its version or flags are unknown.")
						: errdetail("Its length does not fit its pairs, or a pair has no side.")));
}

PG_FUNCTION_INFO_V1(dose_timing_recv);

/* Binary form -> dose_timing; checked as text is, and made canonical. */
Datum
dose_timing_recv(PG_FUNCTION_ARGS)
{
	StringInfo message = (StringInfo) PG_GETARG_POINTER(0);
	int length = message->len - message->cursor;
	const uint8 *bytes = (const uint8 *) pq_getmsgbytes(message, length);
	size_t npairs = 0;
	TimingFault fault = timing_decode_count(bytes, length, &npairs);
	DoseTiming *value;

	if (fault != TIMING_OK)
		binary_error(fault);
	value = alloc_value(npairs);
	fault = timing_decode(bytes, length, value->pairs);
	if (fault != TIMING_OK)
		binary_error(fault);
	PG_RETURN_DOSE_TIMING(value);
}

PG_FUNCTION_INFO_V1(dose_timing_send);

/* dose_timing -> version, number of pairs (int4 each), for each a byte of sides and its int8s. */
Datum
dose_timing_send(PG_FUNCTION_ARGS)
{
	DoseTiming *value = dose_timing_arg(fcinfo, 0);
	Size size = add_size(VARHDRSZ, timing_encoded_size(value->pairs, value->npairs));
	bytea *message = palloc(size);

	SET_VARSIZE(message, size);
	timing_encode(value->pairs, value->npairs, (uint8 *) VARDATA(message));
	PG_RETURN_BYTEA_P(message);
}

/*
 * Merge
 */

PG_FUNCTION_INFO_V1(dose_timing_merge);

/* All pairs of both; the other side when one is NULL. */
Datum
dose_timing_merge(PG_FUNCTION_ARGS)
{
	DoseTiming *a;
	DoseTiming *b;
	DoseTiming *merged;

	if (PG_ARGISNULL(0) && PG_ARGISNULL(1))
		PG_RETURN_NULL();
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_DOSE_TIMING(dose_timing_arg(fcinfo, PG_ARGISNULL(0) ? 1 : 0));
	a = dose_timing_arg(fcinfo, 0);
	b = dose_timing_arg(fcinfo, 1);
	merged = alloc_value((size_t) a->npairs + b->npairs);
	timing_merge(merged->pairs, a->pairs, a->npairs, b->pairs, b->npairs);
	PG_RETURN_DOSE_TIMING(merged);
}

/*
 * Measures
 */

/* Return a share, or NULL when there is nothing that it would be a share of. */
static Datum
return_share(FunctionCallInfo fcinfo, size_t part, size_t whole)
{
	if (whole == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8((float8) part / (float8) whole);
}

/* A tolerance in microseconds. */
static uint64
tolerance_arg(FunctionCallInfo fcinfo, int n)
{
	Interval *interval = PG_GETARG_INTERVAL_P(n);
	uint64 tolerance;

	if (!timing_tolerance(interval->month, interval->day, interval->time, &tolerance))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("tolerance must not be negative: \"%s\"",
							   DatumGetCString(DirectFunctionCall1(interval_out,
																   IntervalPGetDatum(interval))))));
	return tolerance;
}

PG_FUNCTION_INFO_V1(dose_timing_timing_adherence);

/* Pairs within a tolerance / due doses. */
Datum
dose_timing_timing_adherence(PG_FUNCTION_ARGS)
{
	DoseTiming *value = dose_timing_arg(fcinfo, 0);
	uint64 tolerance = tolerance_arg(fcinfo, 1);

	return return_share(fcinfo, timing_count_within(value->pairs, value->npairs, tolerance),
						timing_count(value->pairs, value->npairs).due);
}

PG_FUNCTION_INFO_V1(dose_timing_taking_adherence);

/* Doses taken / due doses. */
Datum
dose_timing_taking_adherence(PG_FUNCTION_ARGS)
{
	DoseTiming *value = dose_timing_arg(fcinfo, 0);
	TimingCounts counts = timing_count(value->pairs, value->npairs);

	return return_share(fcinfo, counts.taken, counts.due);
}

PG_FUNCTION_INFO_V1(dose_timing_correct_dosing);

/* Due doses with exactly one taken / due doses. */
Datum
dose_timing_correct_dosing(PG_FUNCTION_ARGS)
{
	DoseTiming *value = dose_timing_arg(fcinfo, 0);
	TimingCounts counts = timing_count(value->pairs, value->npairs);

	return return_share(fcinfo, counts.correct, counts.due);
}

PG_FUNCTION_INFO_V1(dose_timing_interval_regularity);

/* Share of the intervals between taken doses that lie near their median. */
Datum
dose_timing_interval_regularity(PG_FUNCTION_ARGS)
{
	DoseTiming *value = dose_timing_arg(fcinfo, 0);
	float8 share = PG_GETARG_FLOAT8(1);
	int64 *taken;
	double regularity;

	if (!isfinite(share) || share < 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("share must be a finite number and not negative: \"%g\"", share)));
	taken = palloc_array(int64, value->npairs);
	if (!timing_regularity(taken, timing_taken(value->pairs, value->npairs, taken), share,
						   &regularity))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(regularity);
}

/*
 * Comparison and hashing
 */

/* Order of the first two arguments. */
static int
compare_args(FunctionCallInfo fcinfo)
{
	DoseTiming *a = dose_timing_arg(fcinfo, 0);
	DoseTiming *b = dose_timing_arg(fcinfo, 1);
	int order = timing_compare(a->pairs, a->npairs, b->pairs, b->npairs);

	PG_FREE_IF_COPY(a, 0);
	PG_FREE_IF_COPY(b, 1);
	return order;
}

PG_FUNCTION_INFO_V1(dose_timing_lt);

/* a < b */
Datum
dose_timing_lt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) < 0);
}

PG_FUNCTION_INFO_V1(dose_timing_le);

/* a <= b */
Datum
dose_timing_le(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) <= 0);
}

PG_FUNCTION_INFO_V1(dose_timing_eq);

/* a = b */
Datum
dose_timing_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) == 0);
}

PG_FUNCTION_INFO_V1(dose_timing_ne);

/* a <> b */
Datum
dose_timing_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) != 0);
}

PG_FUNCTION_INFO_V1(dose_timing_ge);

/* a >= b */
Datum
dose_timing_ge(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) >= 0);
}

PG_FUNCTION_INFO_V1(dose_timing_gt);

/* a > b */
Datum
dose_timing_gt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) > 0);
}

PG_FUNCTION_INFO_V1(dose_timing_cmp);

/* -1, 0 or 1: order of a and b. */
Datum
dose_timing_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(compare_args(fcinfo));
}

PG_FUNCTION_INFO_V1(dose_timing_hash);

/* Hash of the pairs. */
Datum
dose_timing_hash(PG_FUNCTION_ARGS)
{
	DoseTiming *value = dose_timing_arg(fcinfo, 0);
	Datum hash = hash_any((unsigned char *) value->pairs, value->npairs * sizeof(DosePair));

	PG_FREE_IF_COPY(value, 0);
	return hash;
}

PG_FUNCTION_INFO_V1(dose_timing_hash_extended);

/* 64-bit hash of the pairs with a seed. */
Datum
dose_timing_hash_extended(PG_FUNCTION_ARGS)
{
	DoseTiming *value = dose_timing_arg(fcinfo, 0);
	Datum hash = hash_any_extended((unsigned char *) value->pairs, value->npairs * sizeof(DosePair),
								   PG_GETARG_INT64(1));

	PG_FREE_IF_COPY(value, 0);
	return hash;
}

/*
 * Aggregates.  A state grows in place while it has room; a larger one is made
 * in the caller's context, from which the executor copies it, so that growing
 * takes amortised constant time a row.  Called outside an aggregate, the
 * support functions return canonical values.
 */

/* A state of the smallest power of two in size that has room for some pairs, few enough. */
static DoseTiming *
alloc_state(size_t npairs)
{
	Size needed = DOSE_TIMING_SIZE(npairs);
	Size size = FIRST_STATE_SIZE;
	DoseTiming *state;

	while (size < needed)
		size *= 2;
	state = palloc0(size);
	SET_VARSIZE(state, size);
	state->flags = DOSE_TIMING_VERSION | DOSE_TIMING_STATE;
	return state;
}

/* The first argument as a state with room for more pairs: itself, if it may be changed. */
static DoseTiming *
state_arg(FunctionCallInfo fcinfo, size_t more)
{
	DoseTiming *given = PG_ARGISNULL(0) ? alloc_value(0) : PG_GETARG_DOSE_TIMING(0);
	DoseTiming *state;

	check_header(given);
	check_count(given->npairs + more);
	if ((given->flags & DOSE_TIMING_STATE) && given->npairs + more <= room_for_pairs(given) &&
		AggCheckCallContext(fcinfo, NULL))
		return given;
	state = alloc_state(given->npairs + more);
	memcpy(state->pairs, given->pairs, given->npairs * sizeof(DosePair));
	state->npairs = given->npairs;
	return state;
}

/* Return a state, or, outside an aggregate, its canonical value. */
static Datum
return_state(FunctionCallInfo fcinfo, DoseTiming *state)
{
	if (!AggCheckCallContext(fcinfo, NULL))
		state = as_value(state);
	PG_RETURN_DOSE_TIMING(state);
}

/* An instant that may be NULL. */
static int64
instant_arg(FunctionCallInfo fcinfo, int n)
{
	if (PG_ARGISNULL(n))
		return TIMING_NONE;
	check_instant(PG_GETARG_TIMESTAMPTZ(n));
	return PG_GETARG_TIMESTAMPTZ(n);
}

PG_FUNCTION_INFO_V1(dose_timing_agg_add);

/* Transition of dose_timing_agg: a state and one more pair, unless both its sides are NULL. */
Datum
dose_timing_agg_add(PG_FUNCTION_ARGS)
{
	DosePair pair = { .due = instant_arg(fcinfo, 2), .taken = instant_arg(fcinfo, 1) };
	bool is_row = pair.due != TIMING_NONE || pair.taken != TIMING_NONE;
	DoseTiming *state = state_arg(fcinfo, is_row ? 1 : 0);

	if (is_row)
		state->pairs[state->npairs++] = pair;
	return return_state(fcinfo, state);
}

PG_FUNCTION_INFO_V1(dose_timing_rollup_add);

/* Transition of rollup, and combination of two states: the pairs of both. */
Datum
dose_timing_rollup_add(PG_FUNCTION_ARGS)
{
	DoseTiming *part = PG_GETARG_DOSE_TIMING(1);
	DoseTiming *state;

	check_header(part);
	state = state_arg(fcinfo, part->npairs);
	memcpy(&state->pairs[state->npairs], part->pairs, part->npairs * sizeof(DosePair));
	state->npairs += part->npairs;
	return return_state(fcinfo, state);
}

PG_FUNCTION_INFO_V1(dose_timing_agg_final);

/* Final function: the canonical value of a state; NULL if it has no pairs. */
Datum
dose_timing_agg_final(PG_FUNCTION_ARGS)
{
	DoseTiming *state = PG_GETARG_DOSE_TIMING(0);

	check_header(state);
	if (state->npairs == 0)
		PG_RETURN_NULL();
	PG_RETURN_DOSE_TIMING(as_value(state));
}

/*
 * jsonb
 */

/* Add a key and an instant, or null, to a document. */
static void
push_instant(JsonbParseState **document, const char *key, int64 instant)
{
	char text[TIMING_INSTANT_SIZE];
	JsonbValue name = { .type = jbvString };
	JsonbValue value = { .type = jbvNull };

	name.val.string.val = unconstify(char *, key);
	name.val.string.len = (int) strlen(key);
	pushJsonbValue(document, WJB_KEY, &name);
	if (instant != TIMING_NONE)
	{
		value.type = jbvString;
		value.val.string.len = (int) timing_instant_format(instant, text);
		value.val.string.val = pnstrdup(text, value.val.string.len);
	}
	pushJsonbValue(document, WJB_VALUE, &value);
}

PG_FUNCTION_INFO_V1(dose_timing_to_jsonb);

/* dose_timing -> jsonb. */
Datum
dose_timing_to_jsonb(PG_FUNCTION_ARGS)
{
	DoseTiming *value = dose_timing_arg(fcinfo, 0);
	JsonbParseState *document = NULL;
	JsonbValue *whole;

	pushJsonbValue(&document, WJB_BEGIN_ARRAY, NULL);
	for (uint32 i = 0; i < value->npairs; i++)
	{
		if (i % PAIRS_PER_CHECK == 0)
			CHECK_FOR_INTERRUPTS();
		pushJsonbValue(&document, WJB_BEGIN_OBJECT, NULL);
		push_instant(&document, "due_at", value->pairs[i].due);
		push_instant(&document, "taken_at", value->pairs[i].taken);
		pushJsonbValue(&document, WJB_END_OBJECT, NULL);
	}
	whole = pushJsonbValue(&document, WJB_END_ARRAY, NULL);
	PG_RETURN_JSONB_P(JsonbValueToJsonb(whole));
}

/* Raise the error for a document of another shape. */
pg_noreturn static void
document_error(const char *detail)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("invalid document for type dose_timing"), errdetail("%s", detail),
					errhint("Give an array of objects such as "
							"{\"due_at\": \"2026-01-05T08:00:00Z\", \"taken_at\": null}.")));
}

/* The instant that a string of a document gives. */
static int64
instant_from_json(const JsonbValue *value)
{
	char *text;
	const char *at;
	int64 instant = 0;
	TimingFault fault;

	if (value->type == jbvNull)
		return TIMING_NONE;
	if (value->type != jbvString)
		document_error("An instant must be a string or null.");
	text = pnstrdup(value->val.string.val, value->val.string.len);
	at = text;
	fault = timing_instant_parse(&at, &instant);
	if (fault == TIMING_OK && *at != '\0')
		fault = TIMING_SYNTAX;
	if (fault != TIMING_OK)
		ereport(ERROR, (errcode(fault == TIMING_SYNTAX ? ERRCODE_INVALID_DATETIME_FORMAT
													   : ERRCODE_DATETIME_FIELD_OVERFLOW),
						errmsg("invalid instant in document: \"%s\"", text),
						errhint("Write finite instants as in \"2026-01-05T08:00:00Z\".")));
	pfree(text);
	return instant;
}

/* The side of a pair that a key names. */
static int64 *
side_of_key(DosePair *pair, const JsonbValue *key)
{
	const char *name = key->val.string.val;
	int length = key->val.string.len;

	if (length == (int) strlen("due_at") && strncmp(name, "due_at", length) == 0)
		return &pair->due;
	if (length == (int) strlen("taken_at") && strncmp(name, "taken_at", length) == 0)
		return &pair->taken;
	document_error("A pair has no other keys than \"due_at\" and \"taken_at\".");
}

/* Read one object, of which the iterator has just given the start. */
static DosePair
pair_from_json(JsonbIterator **iterator)
{
	DosePair pair = { TIMING_NONE, TIMING_NONE };
	JsonbValue value;

	while (JsonbIteratorNext(iterator, &value, true) == WJB_KEY)
	{
		int64 *side = side_of_key(&pair, &value);

		JsonbIteratorNext(iterator, &value, true);
		*side = instant_from_json(&value);
	}
	if (pair.due == TIMING_NONE && pair.taken == TIMING_NONE)
		document_error("A pair must have an instant.");
	return pair;
}

PG_FUNCTION_INFO_V1(dose_timing_from_jsonb);

/* jsonb -> dose_timing. */
Datum
dose_timing_from_jsonb(PG_FUNCTION_ARGS)
{
	Jsonb *document = PG_GETARG_JSONB_P(0);
	JsonbIterator *iterator;
	JsonbValue value;
	DoseTiming *timing;

	if (!JB_ROOT_IS_ARRAY(document) || JB_ROOT_IS_SCALAR(document))
		document_error("It must be an array.");
	timing = alloc_value(JB_ROOT_COUNT(document));
	iterator = JsonbIteratorInit(&document->root);
	JsonbIteratorNext(&iterator, &value, false);
	for (uint32 i = 0; i < timing->npairs; i++)
	{
		if (i % PAIRS_PER_CHECK == 0)
			CHECK_FOR_INTERRUPTS();
		if (JsonbIteratorNext(&iterator, &value, false) != WJB_BEGIN_OBJECT)
			document_error("Its elements must be objects.");
		timing->pairs[i] = pair_from_json(&iterator);
	}
	timing_sort(timing->pairs, timing->npairs);
	PG_RETURN_DOSE_TIMING(timing);
}

/*
 * Sets of rows
 */

/* Add a pair to the result of a function that returns rows (taken_at, due_at). */
static void
put_row(ReturnSetInfo *result, DosePair pair)
{
	Datum values[] = { TimestampTzGetDatum(pair.taken), TimestampTzGetDatum(pair.due) };
	bool nulls[] = { pair.taken == TIMING_NONE, pair.due == TIMING_NONE };

	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* Add pairs to the result. */
static void
put_rows(ReturnSetInfo *result, const DosePair *pairs, size_t npairs)
{
	for (size_t i = 0; i < npairs; i++)
	{
		if (i % PAIRS_PER_CHECK == 0)
			CHECK_FOR_INTERRUPTS();
		put_row(result, pairs[i]);
	}
}

PG_FUNCTION_INFO_V1(dose_timing_to_doses);

/* The pairs as rows, in canonical order. */
Datum
dose_timing_to_doses(PG_FUNCTION_ARGS)
{
	DoseTiming *value;

	InitMaterializedSRF(fcinfo, 0);
	value = dose_timing_arg(fcinfo, 0);
	put_rows((ReturnSetInfo *) fcinfo->resultinfo, value->pairs, value->npairs);
	return (Datum) 0;
}

/* The elements of an array of instants that are not NULL, in order; none of a NULL array. */
static int64 *
instants_arg(FunctionCallInfo fcinfo, int n, size_t *count)
{
	Datum *elements;
	bool *nulls;
	int nelements;
	int64 *instants;

	*count = 0;
	if (PG_ARGISNULL(n))
		return NULL;
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(n), TIMESTAMPTZOID, sizeof(TimestampTz),
					  FLOAT8PASSBYVAL, TYPALIGN_DOUBLE, &elements, &nulls, &nelements);
	if (nelements > TIMING_MAX_PAIRS)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("match_doses takes at most %d doses of a kind", TIMING_MAX_PAIRS),
						errdetail("One array has %d elements.", nelements)));
	instants = palloc_array(int64, nelements);
	for (int i = 0; i < nelements; i++)
	{
		if (nulls[i])
			continue;
		check_instant(DatumGetTimestampTz(elements[i]));
		instants[(*count)++] = DatumGetTimestampTz(elements[i]);
	}
	timing_sort_instants(instants, *count);
	return instants;
}

/* Called by the core now and then. */
static void
check_for_interrupts(void)
{
	CHECK_FOR_INTERRUPTS();
}

/* Memory for a matching, unless that would be too much. */
static MatchScratch
alloc_scratch(const DoseMatch *match)
{
	MatchSize size;

	if (!timing_match_size(match, &size))
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("too many doses within tolerance of each other"),
						errdetail("Between two gaps longer than the tolerance there are over %llu "
								  "combinations of a taken and a due dose within it.",
								  (unsigned long long) TIMING_MAX_CELLS),
						errhint("Use a smaller tolerance, or match shorter periods.")));
	return (MatchScratch){ .best = palloc_array(MatchScore, size.columns),
						   .first = palloc_array(uint32, size.rows),
						   .offset = palloc_array(uint64, size.rows + 1),
						   .choices = palloc_array(uint8, timing_choice_bytes(size.cells)) };
}

PG_FUNCTION_INFO_V1(dose_timing_match_doses);

/* The best matching of openings to due doses, as rows. */
Datum
dose_timing_match_doses(PG_FUNCTION_ARGS)
{
	DoseMatch match = { .poll = check_for_interrupts };
	MatchScratch scratch;
	DosePair *rows;

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(2))
		return (Datum) 0;
	match.tolerance = tolerance_arg(fcinfo, 2);
	match.taken = instants_arg(fcinfo, 0, &match.ntaken);
	match.due = instants_arg(fcinfo, 1, &match.ndue);
	match.partner = palloc_array(int32, match.ntaken);
	match.due_is_taken = palloc_array(bool, match.ndue);
	scratch = alloc_scratch(&match);
	timing_match(&match, &scratch);
	rows = palloc_array(DosePair, match.ntaken + match.ndue);
	put_rows((ReturnSetInfo *) fcinfo->resultinfo, rows, timing_match_rows(&match, rows));
	return (Datum) 0;
}
