/*
 * Casts between supply and jsonb:
 *
 *     [{"dispensed": "2026-01-05", "days_supply": 30, "daily_dose": 1.5, "medication": "a"}]
 *
 * What is not known is null, and may be left out on the way in.
 */
#include "supply/supply.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

#include "adherence/adherence.h"
#include "adherence/number_text.h"

/* Dispensings between two looks at interrupts. */
#define ITEMS_PER_CHECK 4096

/* The keys of a dispensing. */
#define KEY_DAY "dispensed"
#define KEY_DURATION "days_supply"
#define KEY_DOSE "daily_dose"
#define KEY_MEDICATION "medication"

/*
 * supply -> jsonb
 */

/* Add a key to a document. */
static void
push_key(JsonbParseState **document, const char *key)
{
	JsonbValue name = { .type = jbvString };

	name.val.string.val = unconstify(char *, key);
	name.val.string.len = (int) strlen(key);
	pushJsonbValue(document, WJB_KEY, &name);
}

/* Add a string; null for NULL. */
static void
push_string(JsonbParseState **document, const char *bytes, size_t length)
{
	JsonbValue value = { .type = jbvNull };

	if (bytes != NULL)
	{
		value.type = jbvString;
		value.val.string.val = unconstify(char *, bytes);
		value.val.string.len = (int) length;
	}
	pushJsonbValue(document, WJB_VALUE, &value);
}

/* Add a number with all its digits; null for an unknown dose. */
static void
push_number(JsonbParseState **document, double number)
{
	JsonbValue value = { .type = jbvNull };
	char text[NUMBER_SIZE];

	if (number != UNKNOWN_DOSE)
	{
		number_format(number, text);
		value.type = jbvNumeric;
		value.val.numeric = DatumGetNumeric(DirectFunctionCall3(
			numeric_in, CStringGetDatum(text), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
	}
	pushJsonbValue(document, WJB_VALUE, &value);
}

/* Add one dispensing. */
static void
push_item(JsonbParseState **document, const Dispensings *supply, const Dispensing *item)
{
	MedicationName name = medication_name(supply, item->medication);
	char *day = day_to_cstring(item->day);

	pushJsonbValue(document, WJB_BEGIN_OBJECT, NULL);
	push_key(document, KEY_DAY);
	push_string(document, day, strlen(day));
	push_key(document, KEY_DURATION);
	push_number(document, item->duration);
	push_key(document, KEY_DOSE);
	push_number(document, item->dose);
	push_key(document, KEY_MEDICATION);
	push_string(document, name.bytes, name.length);
	pushJsonbValue(document, WJB_END_OBJECT, NULL);
}

PG_FUNCTION_INFO_V1(supply_to_jsonb);

/* The document of a supply. */
Datum
supply_to_jsonb(PG_FUNCTION_ARGS)
{
	Dispensings supply = supply_arg(fcinfo, 0);
	JsonbParseState *document = NULL;

	pushJsonbValue(&document, WJB_BEGIN_ARRAY, NULL);
	for (size_t i = 0; i < supply.n; i++)
	{
		if (i % ITEMS_PER_CHECK == 0)
			CHECK_FOR_INTERRUPTS();
		push_item(&document, &supply, &supply.items[i]);
	}
	PG_RETURN_JSONB_P(JsonbValueToJsonb(pushJsonbValue(&document, WJB_END_ARRAY, NULL)));
}

/*
 * jsonb -> supply
 */

/* Raise the error for a document of another shape. */
pg_noreturn static void
document_error(const char *detail)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("invalid document for type supply"), errdetail("%s", detail),
					errhint("Give an array of objects such as {\"dispensed\": \"2026-01-05\", "
							"\"days_supply\": 30, \"daily_dose\": null, \"medication\": null}.")));
}

/* The day that a string gives. */
static int32
read_day(const JsonbValue *value)
{
	char *text;
	const char *at;
	int32 day = 0;
	CalendarFault fault;

	if (value->type != jbvString)
		document_error("A day must be a string.");
	text = pnstrdup(value->val.string.val, value->val.string.len);
	at = text;
	fault = day_parse(&at, &day);
	if (fault == INPUT_OK && *at != '\0')
		fault = INPUT_SYNTAX;
	if (fault != INPUT_OK)
		ereport(ERROR, (errcode(fault == INPUT_SYNTAX ? ERRCODE_INVALID_DATETIME_FORMAT
													  : ERRCODE_DATETIME_FIELD_OVERFLOW),
						errmsg("invalid day in document: \"%s\"", text),
						errhint("Write finite days as in \"2026-01-05\".")));
	pfree(text);
	return day;
}

/* The float8 nearest to a number; infinity for one that is too large, 0 for one too small. */
static double
read_number(const JsonbValue *value)
{
	char *text;
	const char *at;
	double number = 0;

	if (value->type != jbvNumeric)
		document_error("A duration or dose must be a number.");
	text = DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(value->val.numeric)));
	at = text;
	number_parse(&at, &number);
	pfree(text);
	return number;
}

/* The name that a string gives; it stays where it is. */
static MedicationName
read_name(const JsonbValue *value)
{
	if (value->type != jbvString)
		document_error("A medication must be a string or null.");
	return (MedicationName){ value->val.string.val, (size_t) value->val.string.len };
}

/* Whether a key has a name. */
static bool
is_key(const JsonbValue *key, const char *name)
{
	return key->val.string.len == (int) strlen(name) &&
		   memcmp(key->val.string.val, name, strlen(name)) == 0;
}

/* What of a dispensing a document gives. */
typedef struct ItemParts
{
	bool day;
	bool duration;
	bool dose;
} ItemParts;

/* Read the value of one key. */
static void
read_part(const JsonbValue *key, const JsonbValue *value, DispensingInput *input, ItemParts *parts)
{
	bool is_null = value->type == jbvNull;

	if (is_key(key, KEY_DAY))
	{
		input->day = read_day(value);
		parts->day = true;
	}
	else if (is_key(key, KEY_DURATION))
	{
		input->duration = read_number(value);
		parts->duration = true;
	}
	else if (is_key(key, KEY_DOSE))
	{
		input->dose = is_null ? UNKNOWN_DOSE : read_number(value);
		parts->dose = !is_null;
	}
	else if (!is_key(key, KEY_MEDICATION))
		document_error("A dispensing has no other keys than \"dispensed\", \"days_supply\", "
					   "\"daily_dose\" and \"medication\".");
	else if (!is_null)
		input->medication = read_name(value);
}

/* Read one object, of which the iterator has just given the start. */
static DispensingInput
read_item(JsonbIterator **iterator)
{
	DispensingInput input = { .dose = UNKNOWN_DOSE };
	ItemParts parts = { false };
	JsonbValue key;
	JsonbValue value;

	while (JsonbIteratorNext(iterator, &key, true) == WJB_KEY)
	{
		JsonbIteratorNext(iterator, &value, true);
		read_part(&key, &value, &input, &parts);
	}
	if (!parts.day || !parts.duration)
		document_error("A dispensing must have \"dispensed\" and \"days_supply\".");
	supply_check_input(&input, parts.dose);
	return input;
}

PG_FUNCTION_INFO_V1(supply_from_jsonb);

/* jsonb -> supply. */
Datum
supply_from_jsonb(PG_FUNCTION_ARGS)
{
	Jsonb *document = PG_GETARG_JSONB_P(0);
	Supply *state = supply_empty();
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
		DispensingInput input;

		if (i % ITEMS_PER_CHECK == 0)
			CHECK_FOR_INTERRUPTS();
		if (JsonbIteratorNext(&iterator, &value, false) != WJB_BEGIN_OBJECT)
			document_error("Its elements must be objects.");
		input = read_item(&iterator);
		state = supply_add(state, true, &input);
	}
	PG_RETURN_SUPPLY(supply_pack(state));
}
