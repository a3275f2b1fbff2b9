/*
 * Casts between adherence and jsonb:
 *
 *     {"from": "2026-01-05", "days": [[1, 1, 0, 0], [1, 0, 1, 0]]}
 *
 * Each day gives its units prescribed, taken and missed and its excusing rows.
 */
#include "adherence/adherence.h"

#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

/* Counts of a day. */
#define DAY_FIELDS 4

/*
 * adherence -> jsonb
 */

/* Push a string, as a key or as a value. */
static void
push_string(JsonbParseState **state, JsonbIteratorToken token, const char *text)
{
	JsonbValue value = { .type = jbvString };

	value.val.string.val = unconstify(char *, text);
	value.val.string.len = (int) strlen(text);
	pushJsonbValue(state, token, &value);
}

/* Push one day as an array of its counts. */
static void
push_day(JsonbParseState **state, DayCounts day)
{
	const uint8 counts[DAY_FIELDS] = { day.prescribed, day.taken, day.missed, day.excusing };

	pushJsonbValue(state, WJB_BEGIN_ARRAY, NULL);
	for (int i = 0; i < DAY_FIELDS; i++)
	{
		JsonbValue value = { .type = jbvNumeric };

		value.val.numeric = int64_to_numeric(counts[i]);
		pushJsonbValue(state, WJB_ELEM, &value);
	}
	pushJsonbValue(state, WJB_END_ARRAY, NULL);
}

PG_FUNCTION_INFO_V1(adherence_to_jsonb);

/* The document of a calendar. */
Datum
adherence_to_jsonb(PG_FUNCTION_ARGS)
{
	Calendar calendar = calendar_arg(fcinfo, 0);
	JsonbParseState *state = NULL;
	JsonbValue nothing = { .type = jbvNull };

	calendar = calendar_trim(&calendar);
	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	push_string(&state, WJB_KEY, "from");
	if (calendar.ndays == 0)
		pushJsonbValue(&state, WJB_VALUE, &nothing);
	else
		push_string(&state, WJB_VALUE, day_to_cstring(calendar.first));
	push_string(&state, WJB_KEY, "days");
	pushJsonbValue(&state, WJB_BEGIN_ARRAY, NULL);
	for (int32 i = 0; i < calendar.ndays; i++)
		push_day(&state, calendar_counts(&calendar, i));
	pushJsonbValue(&state, WJB_END_ARRAY, NULL);
	PG_RETURN_JSONB_P(JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL)));
}

/*
 * jsonb -> adherence
 */

/* Raise the error for a document of another shape. */
pg_noreturn static void
shape_error(const char *detail)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("invalid document for type adherence"), errdetail("%s", detail),
					errhint("Give {\"from\": date, \"days\": "
							"[[prescribed, taken, missed, excusing rows], ...]}.")));
}

/* Raise the error for a day that date does not have. */
pg_noreturn static void
range_error(void)
{
	ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
					errmsg("day of adherence is out of the range of date")));
}

/* The first day of a document: a date, or null where there are no days. */
static int32
read_from(const JsonbValue *value, bool required)
{
	char *text;
	const char *at;
	CalendarFault fault;
	int32 day;

	if (value->type == jbvNull && !required)
		return 0;
	if (value->type != jbvString)
		shape_error("\"from\" is not a date.");
	text = pnstrdup(value->val.string.val, value->val.string.len);
	at = text;
	fault = day_parse(&at, &day);
	if (fault == INPUT_RANGE)
		range_error();
	if (fault != INPUT_OK || *at != '\0')
		ereport(ERROR, (errcode(ERRCODE_INVALID_DATETIME_FORMAT),
						errmsg("invalid day in adherence: \"%s\"", text_excerpt(text))));
	return day;
}

/* One count of the day with a number. */
static uint8
read_count(const JsonbValue *value, int32 day)
{
	Numeric number = value->val.numeric;
	Datum floor;

	if (value->type != jbvNumeric)
		shape_error("A count is not a number.");
	floor = DirectFunctionCall1(numeric_floor, NumericGetDatum(number));
	if (!DatumGetBool(DirectFunctionCall2(numeric_eq, floor, NumericGetDatum(number))))
		shape_error("A count is not a whole number.");
	if (DatumGetBool(DirectFunctionCall2(numeric_lt, floor, NumericGetDatum(int64_to_numeric(0)))))
		adherence_count_error(CALENDAR_BELOW, day);
	if (DatumGetBool(DirectFunctionCall2(numeric_gt, floor,
										 NumericGetDatum(int64_to_numeric(CALENDAR_MAX_COUNT)))))
		adherence_count_error(CALENDAR_ABOVE, day);
	return (uint8) DatumGetInt32(DirectFunctionCall1(numeric_int4, floor));
}

/* One day: an array of exactly four counts. */
static DayCounts
read_day(const JsonbValue *value, int32 day)
{
	uint8 counts[DAY_FIELDS];

	if (value->type != jbvBinary || !JsonContainerIsArray(value->val.binary.data) ||
		JsonContainerSize(value->val.binary.data) != DAY_FIELDS)
		shape_error("A day is not an array of four counts.");
	for (int i = 0; i < DAY_FIELDS; i++)
		counts[i] = read_count(getIthJsonbValueFromContainer(value->val.binary.data, i), day);
	return (DayCounts){ counts[0], counts[1], counts[2], counts[3] };
}

/* The member of an object with a name. */
static JsonbValue *
read_member(JsonbContainer *object, const char *name)
{
	JsonbValue *value = getKeyJsonValueFromContainer(object, name, (int) strlen(name), NULL);

	if (value == NULL)
		shape_error("It has no member \"from\" or no member \"days\".");
	return value;
}

/* Fill a wide calendar with the days of an array. */
static void
read_days(JsonbContainer *array, CalendarBuffer *buffer)
{
	JsonbIterator *iterator = JsonbIteratorInit(array);
	JsonbValue value;
	int32 day = buffer->first;

	JsonbIteratorNext(&iterator, &value, true);
	while (JsonbIteratorNext(&iterator, &value, true) == WJB_ELEM)
	{
		calendar_change_day(buffer, day, read_day(&value, day), 1);
		day++;
	}
}

PG_FUNCTION_INFO_V1(adherence_from_jsonb);

/* The calendar of a document. */
Datum
adherence_from_jsonb(PG_FUNCTION_ARGS)
{
	Jsonb *document = PG_GETARG_JSONB_P(0);
	JsonbValue *days;
	int64 ndays;
	int32 first;
	CalendarBuffer buffer;
	Calendar calendar;

	if (!JB_ROOT_IS_OBJECT(document) || JB_ROOT_COUNT(document) != 2)
		shape_error("It is not an object with two members.");
	days = read_member(&document->root, "days");
	if (days->type != jbvBinary || !JsonContainerIsArray(days->val.binary.data))
		shape_error("\"days\" is not an array.");
	ndays = JsonContainerSize(days->val.binary.data);
	first = read_from(read_member(&document->root, "from"), ndays > 0);
	if (first + ndays - 1 > CALENDAR_LAST_DAY)
		range_error();
	buffer = adherence_buffer(
		adherence_alloc(first, adherence_check_span(first, first + ndays), CALENDAR_WIDE));
	read_days(days->val.binary.data, &buffer);
	calendar = calendar_of_buffer(&buffer);
	PG_RETURN_ADHERENCE(adherence_from_calendar(&calendar));
}
