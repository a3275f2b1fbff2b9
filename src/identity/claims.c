/*
 * The JSON objects of a token, read by the server's own parser.  It takes
 * only JSON, but it takes any: what it finds must be an object, no name may
 * come twice, and what is asked for must be of its type.
 */
#include "identity/claims.h"

#include "mb/pg_wchar.h"

#include "identity/token.h"

/* Most members of an object: their names are compared with each other. */
#define MAX_MEMBERS 64

/* An object that is being read. */
typedef struct Reading
{
	Claim *claims;
	int nclaims;
	Claim *claim; /* whose value comes next; NULL: none that was asked for */
	int depth;
	const char *names[MAX_MEMBERS];
	int nnames;
	const char *fault;
} Reading;

/* Note the first thing that is wrong. */
static void
note(Reading *reading, const char *fault)
{
	if (reading->fault == NULL)
		reading->fault = fault;
}

/* An object or array begins: only the outermost object is asked for. */
static JsonActionResult
begin_object(void *state)
{
	Reading *reading = state;

	if (reading->depth++ == 1 && reading->claim != NULL)
		note(reading, "a member has the wrong type");
	JSON_ACTION_DONE;
}

static JsonActionResult
begin_array(void *state)
{
	Reading *reading = state;

	if (reading->depth == 0)
		note(reading, "it is no object");
	if (reading->depth++ == 1 && reading->claim != NULL)
		note(reading, "a member has the wrong type");
	JSON_ACTION_DONE;
}

static JsonActionResult
end_nested(void *state)
{
	((Reading *) state)->depth--;
	JSON_ACTION_DONE;
}

/* Whether a name has come before; remember it. */
static bool
is_repeated(Reading *reading, const char *name)
{
	for (int i = 0; i < reading->nnames; i++)
		if (strcmp(reading->names[i], name) == 0)
			return true;
	if (reading->nnames == MAX_MEMBERS)
		note(reading, "it has too many members");
	else
		reading->names[reading->nnames++] = name;
	return false;
}

/* A member begins. */
static JsonActionResult
begin_member(void *state, char *name, bool isnull pg_attribute_unused())
{
	Reading *reading = state;

	if (reading->depth != 1)
		JSON_ACTION_DONE;
	if (is_repeated(reading, name))
		note(reading, "a member comes twice");
	reading->claim = NULL;
	for (int i = 0; i < reading->nclaims; i++)
		if (strcmp(reading->claims[i].name, name) == 0)
			reading->claim = &reading->claims[i];
	JSON_ACTION_DONE;
}

/* A value that is neither object nor array. */
static JsonActionResult
take_value(void *state, char *value, JsonTokenType type)
{
	Reading *reading = state;

	if (reading->depth == 0)
		note(reading, "it is no object");
	if (reading->depth != 1 || reading->claim == NULL)
		JSON_ACTION_DONE;
	if (type != reading->claim->type)
		note(reading, "a member has the wrong type");
	else if (*value == '\0')
		note(reading, "a member is empty");
	reading->claim->value = value;
	JSON_ACTION_DONE;
}

/*
 * Whether the bytes are text that the parser can turn into text of the
 * database without an error of its own: in another encoding than UTF-8, ASCII.
 */
static bool
is_readable(const char *json, size_t length)
{
	if (GetDatabaseEncoding() != PG_UTF8)
		return token_is_plain(json, length);
	return pg_verify_mbstr(PG_UTF8, json, (int) length, true);
}

/* Read an object; what is wrong with it, or NULL. */
const char *
claims_read(char *json, size_t length, Claim *claims, int nclaims)
{
	Reading reading = { .claims = claims, .nclaims = nclaims };
	JsonSemAction actions = { .semstate = &reading,
							  .object_start = begin_object,
							  .object_end = end_nested,
							  .array_start = begin_array,
							  .array_end = end_nested,
							  .object_field_start = begin_member,
							  .scalar = take_value };
	JsonLexContext *lexer;

	if (!token_is_shallow(json, length))
		return "it has too many objects and arrays";
	if (!is_readable(json, length))
		return "it is no text in the encoding of the database";
	lexer = makeJsonLexContextCstringLen(NULL, json, length, PG_UTF8, true);
	if (pg_parse_json(lexer, &actions) != JSON_SUCCESS)
		return "it is no JSON";
	return reading.fault;
}
