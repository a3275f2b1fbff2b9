/*
 * What SQL asks of a barrier profile: the pattern that it names, if the
 * evidence is enough for one, probabilities, the evidence itself, and all of
 * that as a document.
 */
#include "barrier/profile.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

#include "adherence/number_text.h"

/* The probability from which on pattern() names a pattern, unless said. */
#define LEAST_PROBABILITY 0.5

/* Whether the best supported pattern is likely enough to be named; which it is. */
bool
profile_names_pattern(const PatternSum sums[NPATTERNS], float8 least, BarrierPattern *pattern)
{
	BarrierPattern ranked[NPATTERNS];

	profile_rank(sums, ranked);
	*pattern = ranked[0];
	return sums[ranked[0]].log_odds > 0 && profile_probability(sums, ranked[0]) >= least;
}

/* The probability that is the n-th argument, or the usual one if NULL. */
static float8
least_arg(FunctionCallInfo fcinfo, int n)
{
	float8 least = PG_ARGISNULL(n) ? LEAST_PROBABILITY : PG_GETARG_FLOAT8(n);

	if (!(least > 0.0 && least < 1.0))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("at_least is out of range: \"%g\"", least),
						errdetail("It must be above 0 and below 1.")));
	return least;
}

PG_FUNCTION_INFO_V1(barrier_profile_pattern);

/* The best supported pattern; NULL if the evidence is not enough for one. */
Datum
barrier_profile_pattern(PG_FUNCTION_ARGS)
{
	float8 least = least_arg(fcinfo, 1);
	PatternSum sums[NPATTERNS];
	BarrierPattern pattern;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	profile_sums(profile_arg(fcinfo, 0), sums);
	if (!profile_names_pattern(sums, least, &pattern))
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(pattern_name(pattern)));
}

PG_FUNCTION_INFO_V1(barrier_profile_probability);

/* The probability of a pattern. */
Datum
barrier_profile_probability(PG_FUNCTION_ARGS)
{
	PatternSum sums[NPATTERNS];

	profile_sums(profile_arg(fcinfo, 0), sums);
	PG_RETURN_FLOAT8(profile_probability(sums, pattern_arg(PG_GETARG_TEXT_PP(1))));
}

/* Add a row to the result of a set-returning function. */
static void
put_row(FunctionCallInfo fcinfo, Datum *values, bool *nulls)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	CHECK_FOR_INTERRUPTS();
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

PG_FUNCTION_INFO_V1(barrier_profile_probabilities);

/* All patterns, the best supported first. */
Datum
barrier_profile_probabilities(PG_FUNCTION_ARGS)
{
	PatternSum sums[NPATTERNS];
	BarrierPattern ranked[NPATTERNS];

	InitMaterializedSRF(fcinfo, 0);
	profile_sums(profile_arg(fcinfo, 0), sums);
	profile_rank(sums, ranked);
	for (int i = 0; i < NPATTERNS; i++)
	{
		BarrierPattern pattern = ranked[i];
		Datum values[] = { CStringGetTextDatum(pattern_name(pattern)),
						   Float8GetDatum(profile_probability(sums, pattern)),
						   Float8GetDatum(profile_log_odds(sums, pattern)),
						   Int32GetDatum(sums[pattern].pieces) };
		bool nulls[lengthof(values)] = { false };

		put_row(fcinfo, values, nulls);
	}
	return (Datum) 0;
}

/* A piece of text of the server. */
static Datum
text_datum(Piece piece)
{
	return PointerGetDatum(cstring_to_text_with_len(piece.bytes, (int) piece.size));
}

PG_FUNCTION_INFO_V1(barrier_profile_evidence);

/* The pieces of evidence. */
Datum
barrier_profile_evidence(PG_FUNCTION_ARGS)
{
	BarrierProfile *value;
	EvidenceScan scan;

	InitMaterializedSRF(fcinfo, 0);
	value = profile_arg(fcinfo, 0);
	evidence_scan(&scan, value->bytes, value->used);
	while (profile_next(&scan))
	{
		Datum values[] = { CStringGetTextDatum(pattern_name(scan.here.pattern)),
						   Float8GetDatum(scan.here.weight),
						   CStringGetTextDatum(kind_name_of_evidence(scan.here.kind)),
						   text_datum(scan.here.explanation), text_datum(scan.here.pointer) };
		bool nulls[lengthof(values)] = { false, false, false, false, scan.here.pointer.size == 0 };

		put_row(fcinfo, values, nulls);
	}
	return (Datum) 0;
}

/*
 * barrier_profile -> jsonb
 */

/* Push a string, as a key or as a value. */
static void
push_string(JsonbParseState **document, JsonbIteratorToken token, Piece text)
{
	JsonbValue value = { .type = jbvString };

	value.val.string.val = unconstify(char *, text.bytes);
	value.val.string.len = (int) text.size;
	pushJsonbValue(document, token, &value);
}

/* Push a name of ours. */
static void
push_name(JsonbParseState **document, JsonbIteratorToken token, const char *name)
{
	push_string(document, token, (Piece){ name, strlen(name) });
}

/* Push a number with as many digits as tell it from others. */
static void
push_number(JsonbParseState **document, float8 number)
{
	JsonbValue value = { .type = jbvNumeric };
	char text[NUMBER_SIZE];

	number_format(number, text);
	value.val.numeric = DatumGetNumeric(DirectFunctionCall3(
		numeric_in, CStringGetDatum(text), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
	pushJsonbValue(document, WJB_VALUE, &value);
}

/* Push the members that say what the evidence adds up to. */
static void
push_sums(JsonbParseState **document, const PatternSum sums[NPATTERNS])
{
	JsonbValue null = { .type = jbvNull };
	BarrierPattern named;

	push_name(document, WJB_KEY, "pattern");
	if (profile_names_pattern(sums, LEAST_PROBABILITY, &named))
		push_name(document, WJB_VALUE, pattern_name(named));
	else
		pushJsonbValue(document, WJB_VALUE, &null);
	push_name(document, WJB_KEY, "probabilities");
	pushJsonbValue(document, WJB_BEGIN_OBJECT, NULL);
	for (int i = 0; i < NPATTERNS; i++)
	{
		push_name(document, WJB_KEY, pattern_name((BarrierPattern) i));
		push_number(document, profile_probability(sums, (BarrierPattern) i));
	}
	pushJsonbValue(document, WJB_END_OBJECT, NULL);
}

/* Push a piece of evidence. */
static void
push_piece(JsonbParseState **document, const Evidence *piece)
{
	pushJsonbValue(document, WJB_BEGIN_OBJECT, NULL);
	push_name(document, WJB_KEY, "pattern");
	push_name(document, WJB_VALUE, pattern_name(piece->pattern));
	push_name(document, WJB_KEY, "weight");
	push_number(document, piece->weight);
	push_name(document, WJB_KEY, "kind");
	push_name(document, WJB_VALUE, kind_name_of_evidence(piece->kind));
	push_name(document, WJB_KEY, "explanation");
	push_string(document, WJB_VALUE, piece->explanation);
	if (piece->pointer.size > 0)
	{
		push_name(document, WJB_KEY, "pointer");
		push_string(document, WJB_VALUE, piece->pointer);
	}
	pushJsonbValue(document, WJB_END_OBJECT, NULL);
}

PG_FUNCTION_INFO_V1(barrier_profile_to_jsonb);

/* The document of a profile. */
Datum
barrier_profile_to_jsonb(PG_FUNCTION_ARGS)
{
	BarrierProfile *value = profile_arg(fcinfo, 0);
	JsonbParseState *document = NULL;
	PatternSum sums[NPATTERNS];
	EvidenceScan scan;

	profile_sums(value, sums);
	pushJsonbValue(&document, WJB_BEGIN_OBJECT, NULL);
	push_sums(&document, sums);
	push_name(&document, WJB_KEY, "evidence");
	pushJsonbValue(&document, WJB_BEGIN_ARRAY, NULL);
	evidence_scan(&scan, value->bytes, value->used);
	while (profile_next(&scan))
		push_piece(&document, &scan.here);
	pushJsonbValue(&document, WJB_END_ARRAY, NULL);
	PG_RETURN_JSONB_P(JsonbValueToJsonb(pushJsonbValue(&document, WJB_END_OBJECT, NULL)));
}
