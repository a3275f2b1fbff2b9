/*
 * Casts between series and jsonb:
 *
 *     [{"day": "2026-01-05", "count": 2, "sum": 0.30000000000000004, "rest": [-2.7755575615628914e-17]}]
 *
 * The sum is the float8 nearest to the exact one; what is left of that is the
 * rest, which is there only where something is.
 */
#include "signal/series.h"

#include <math.h>

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

#include "adherence/adherence.h"
#include "adherence/number_text.h"

/* Days between two looks at interrupts. */
#define DAYS_PER_CHECK 4096

/* The keys of a day. */
#define KEY_DAY "day"
#define KEY_COUNT "count"
#define KEY_SUM "sum"
#define KEY_REST "rest"

/* What numbers beyond the range of float8 are multiples of. */
#define SCALE INT64CONST(4294967296)

/*
 * series -> jsonb
 */

/* Push a string, as a key or as a value. */
static void
push_string(JsonbParseState **document, JsonbIteratorToken token, const char *text)
{
	JsonbValue value = { .type = jbvString };

	value.val.string.val = unconstify(char *, text);
	value.val.string.len = (int) strlen(text);
	pushJsonbValue(document, token, &value);
}

/* Push a number. */
static void
push_number(JsonbParseState **document, JsonbIteratorToken token, Numeric number)
{
	JsonbValue value = { .type = jbvNumeric };

	value.val.numeric = number;
	pushJsonbValue(document, token, &value);
}

/* Push the first term of a sum, and take it from what is left. */
static void
push_term(JsonbParseState **document, JsonbIteratorToken token, ExactSum *rest)
{
	char text[NUMBER_SIZE];
	double term;
	bool is_scaled = exact_term(rest, &term);
	Datum number;

	number_format(term, text);
	number = DirectFunctionCall3(numeric_in, CStringGetDatum(text), ObjectIdGetDatum(InvalidOid),
								 Int32GetDatum(-1));
	if (is_scaled)
		number = DirectFunctionCall2(numeric_mul, number, NumericGetDatum(int64_to_numeric(SCALE)));
	push_number(document, token, DatumGetNumeric(number));
	exact_add_term(rest, -term, is_scaled);
}

/* Push the members of a day that give its sum. */
static void
push_sum(JsonbParseState **document, const ExactSum *sum)
{
	ExactSum rest = *sum;

	push_string(document, WJB_KEY, KEY_SUM);
	push_term(document, WJB_VALUE, &rest);
	if (rest.nlimbs == 0)
		return;
	push_string(document, WJB_KEY, KEY_REST);
	pushJsonbValue(document, WJB_BEGIN_ARRAY, NULL);
	while (rest.nlimbs > 0)
		push_term(document, WJB_ELEM, &rest);
	pushJsonbValue(document, WJB_END_ARRAY, NULL);
}

PG_FUNCTION_INFO_V1(series_to_jsonb);

/* The document of a series. */
Datum
series_to_jsonb(PG_FUNCTION_ARGS)
{
	PackedSeries series = series_arg(fcinfo, 0);
	JsonbParseState *document = NULL;
	SeriesScan scan;

	pushJsonbValue(&document, WJB_BEGIN_ARRAY, NULL);
	scan_start(&scan, &series);
	while (scan_next(&scan))
	{
		CHECK_FOR_INTERRUPTS();
		pushJsonbValue(&document, WJB_BEGIN_OBJECT, NULL);
		push_string(&document, WJB_KEY, KEY_DAY);
		push_string(&document, WJB_VALUE, day_to_cstring(scan.here.day));
		push_string(&document, WJB_KEY, KEY_COUNT);
		push_number(&document, WJB_VALUE, int64_to_numeric(scan.here.count));
		push_sum(&document, &scan.here.sum);
		pushJsonbValue(&document, WJB_END_OBJECT, NULL);
	}
	if (scan.is_damaged)
		series_damaged();
	PG_RETURN_JSONB_P(JsonbValueToJsonb(pushJsonbValue(&document, WJB_END_ARRAY, NULL)));
}

/*
 * jsonb -> series
 */

/* Raise the error for a document of another shape. */
pg_noreturn static void
document_error(const char *detail)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("invalid document for type series"), errdetail("%s", detail),
					errhint("Give an array of objects such as "
							"{\"day\": \"2026-01-05\", \"count\": 2, \"sum\": 25}.")));
}

/* The day that a string gives. */
static int32
read_date(const JsonbValue *value)
{
	char *text;
	const char *at;
	CalendarFault fault;
	int32 day = 0;

	if (value->type != jbvString)
		document_error("A day must be a string.");
	text = pnstrdup(value->val.string.val, value->val.string.len);
	at = text;
	fault = day_parse(&at, &day);
	if (fault == INPUT_RANGE)
		series_fault_error(SERIES_RANGE, day);
	if (fault != INPUT_OK || *at != '\0')
		ereport(ERROR, (errcode(ERRCODE_INVALID_DATETIME_FORMAT),
						errmsg("invalid day in series: \"%s\"", text_excerpt(text))));
	pfree(text);
	return day;
}

/* The float8 nearest to a number. */
static double
nearest(Datum number)
{
	char *text = DatumGetCString(DirectFunctionCall1(numeric_out, number));
	const char *at = text;
	double read = 0;

	number_parse(&at, &read);
	pfree(text);
	return read;
}

/* Add a number to a sum. */
static void
read_term(const JsonbValue *value, ExactSum *sum)
{
	Datum number = NumericGetDatum(value->val.numeric);
	double term;
	bool is_scaled;

	if (value->type != jbvNumeric)
		document_error("A sum and its rest must be numbers.");
	term = nearest(number);
	is_scaled = isinf(term);
	if (is_scaled)
		term = nearest(
			DirectFunctionCall2(numeric_div, number, NumericGetDatum(int64_to_numeric(SCALE))));
	if (isinf(term))
		ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						errmsg("sum of a day of series is out of range"),
						errdetail("A number in it is too large.")));
	exact_add_term(sum, term, is_scaled);
}

/* The number of observations; 0 for one that there cannot be. */
static uint32
read_count(const JsonbValue *value)
{
	double count;

	if (value->type != jbvNumeric)
		document_error("A count must be a number.");
	count = nearest(NumericGetDatum(value->val.numeric));
	if (floor(count) != count)
		document_error("A count must be a whole number.");
	return count >= 1 && count <= SERIES_MAX_COUNT ? (uint32) count : 0;
}

/* Add the numbers of an array to a sum. */
static void
read_rest(const JsonbValue *value, ExactSum *sum)
{
	JsonbContainer *array;

	if (value->type != jbvBinary || !JsonContainerIsArray(value->val.binary.data))
		document_error("The rest of a sum must be an array.");
	array = value->val.binary.data;
	for (uint32 i = 0; i < JsonContainerSize(array); i++)
		read_term(getIthJsonbValueFromContainer(array, i), sum);
}

/* Whether a key has a name. */
static bool
is_key(const JsonbValue *key, const char *name)
{
	return key->val.string.len == (int) strlen(name) &&
		   memcmp(key->val.string.val, name, strlen(name)) == 0;
}

/* Which parts of a day a document gives. */
typedef struct DayParts
{
	bool day;
	bool sum;
} DayParts;

/* Read the value of one key. */
static void
read_part(const JsonbValue *key, const JsonbValue *value, Observations *day, DayParts *parts)
{
	if (is_key(key, KEY_DAY))
	{
		day->day = read_date(value);
		parts->day = true;
	}
	else if (is_key(key, KEY_SUM))
	{
		read_term(value, &day->sum);
		parts->sum = true;
	}
	else if (is_key(key, KEY_REST))
		read_rest(value, &day->sum);
	else if (is_key(key, KEY_COUNT))
		day->count = read_count(value);
	else
		document_error("A day has no other keys than \"day\", \"count\", \"sum\" and \"rest\".");
}

/* Read one object, of which the iterator has just given the start. */
static void
read_day(JsonbIterator **iterator, Observations *day)
{
	DayParts parts = { false };
	SeriesFault fault;
	JsonbValue key;
	JsonbValue value;

	day->count = 1;
	exact_of_double(0, &day->sum);
	while (JsonbIteratorNext(iterator, &key, true) == WJB_KEY)
	{
		JsonbIteratorNext(iterator, &value, true);
		read_part(&key, &value, day, &parts);
	}
	if (!parts.day || !parts.sum)
		document_error("A day must have \"day\" and \"sum\".");
	fault = observations_check(day, day->day);
	if (fault != SERIES_OK)
		series_fault_error(fault, day->day);
}

PG_FUNCTION_INFO_V1(series_from_jsonb);

/* The series of a document. */
Datum
series_from_jsonb(PG_FUNCTION_ARGS)
{
	Jsonb *document = PG_GETARG_JSONB_P(0);
	Series *state = series_builder_finish(series_builder_create());
	JsonbIterator *iterator;
	JsonbValue value;
	int n;

	if (!JB_ROOT_IS_ARRAY(document) || JB_ROOT_IS_SCALAR(document))
		document_error("It must be an array.");
	n = JB_ROOT_COUNT(document);
	iterator = JsonbIteratorInit(&document->root);
	JsonbIteratorNext(&iterator, &value, false);
	for (int i = 0; i < n; i++)
	{
		Observations day;

		if (i % DAYS_PER_CHECK == 0)
			CHECK_FOR_INTERRUPTS();
		if (JsonbIteratorNext(&iterator, &value, false) != WJB_BEGIN_OBJECT)
			document_error("Its elements must be objects.");
		read_day(&iterator, &day);
		state = series_add(state, true, &day, 1);
	}
	PG_RETURN_SERIES(series_pack(state));
}
