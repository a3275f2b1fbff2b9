/*
 * Reading the tables of a program as its owner, whom nobody else's policies
 * hide anything from.  The statements are prepared once a session and program,
 * and name everything with its schema, as the caller's search_path is not ours.
 *
 * A program is here a schema whose owner is named as create_program names it,
 * so that nobody makes a schema of his own into one that leads to the roles of
 * another program.
 */
#include "identity/lookup.h"

#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

/* What the name of a program's owner ends with. */
#define OWNER_ENDING "_owner"

/* The roles that people have in a program. */
static const char *const words[] = { "person",		   "coach",		"supervisor",
									 "prescriber",	   "therapist", "coordinator",
									 "practice_coach", "analyst",	"auditor" };

/* What there is to ask. */
typedef enum Question
{
	KEY,
	SUBJECT,
	LOGIN,
	EVERYBODY,
	PERSON,
	PERSONS
} Question;

/* A question to a program. */
typedef struct StatementKey
{
	Oid schema;
	Question question;
} StatementKey;

typedef struct Statement
{
	StatementKey key;
	NameData schema; /* its name when the statement was prepared */
	SPIPlanPtr plan;
} Statement;

/* The questions, with the schema's name for %1$s, and the types of their parameters. */
static const struct
{
	const char *text;
	int nparameters;
	Oid parameters[3];
} questions[] = {
	[KEY] = { "SELECT k.secret, EXISTS (SELECT FROM %1$s.revoked_token AS r "
			  "WHERE r.jti OPERATOR(pg_catalog.=) $2) "
			  "FROM %1$s.token_key AS k WHERE k.key_id OPERATOR(pg_catalog.=) $1 "
			  "AND (k.retires_at IS NULL OR k.retires_at OPERATOR(pg_catalog.>) $3)",
			  3,
			  { TEXTOID, TEXTOID, TIMESTAMPTZOID } },
	[SUBJECT] = { "SELECT a.kind, a.id, a.person_id, a.role FROM %1$s.actor_of_subject($1, $2) AS a",
				  2,
				  { TEXTOID, DATEOID } },
	[LOGIN] = { "SELECT a.kind, a.id, a.person_id, a.role FROM %1$s.actor_of_login($1, $2) AS a",
				2,
				{ TEXTOID, DATEOID } },
	[EVERYBODY] = { "SELECT %1$s.sees_everybody($1)", 1, { INT8OID } },
	[PERSON] = { "SELECT %1$s.sees_person($1, $2)", 2, { INT8OID, INT8OID } },
	[PERSONS] = { "SELECT s.person_id FROM %1$s.sees_persons($1) AS s", 1, { INT8OID } },
};

static HTAB *statements;

/*
 * Programs
 */

/* Whether a schema has a table of keys that belongs to its owner. */
static bool
has_keys(Oid schema, Oid owner)
{
	HeapTuple table =
		SearchSysCache2(RELNAMENSP, CStringGetDatum("token_key"), ObjectIdGetDatum(schema));
	bool is_ours;

	if (!HeapTupleIsValid(table))
		return false;
	is_ours = ((Form_pg_class) GETSTRUCT(table))->relkind == RELKIND_RELATION &&
			  ((Form_pg_class) GETSTRUCT(table))->relowner == owner;
	ReleaseSysCache(table);
	return is_ours;
}

/* The prefix of the roles of a program whose owner has a name; NULL if no program's owner has it. */
static char *
prefix_of(const char *owner)
{
	size_t length = owner != NULL ? strlen(owner) : 0;
	size_t ending = strlen(OWNER_ENDING);

	if (length <= ending || strcmp(owner + length - ending, OWNER_ENDING) != 0)
		return NULL;
	return pnstrdup(owner, length - ending);
}

/* Look whether a schema is a program. */
bool
lookup_program(Oid schema, ProgramSchema *program)
{
	HeapTuple tuple = SearchSysCache1(NAMESPACEOID, ObjectIdGetDatum(schema));

	if (!HeapTupleIsValid(tuple))
		return false;
	program->schema = schema;
	program->owner = ((Form_pg_namespace) GETSTRUCT(tuple))->nspowner;
	program->name = pstrdup(NameStr(((Form_pg_namespace) GETSTRUCT(tuple))->nspname));
	ReleaseSysCache(tuple);
	program->prefix = prefix_of(GetUserNameFromId(program->owner, true));
	return program->prefix != NULL && has_keys(schema, program->owner);
}

/*
 * Statements
 */

/* The table of statements. */
static HTAB *
make_statements(void)
{
	HASHCTL shape = { .keysize = sizeof(StatementKey),
					  .entrysize = sizeof(Statement),
					  .hcxt = TopMemoryContext };

	return hash_create("coachiatry questions", 16, &shape, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

/* Prepare a question for a program. */
static SPIPlanPtr
prepare(const ProgramSchema *program, Question question)
{
	Oid parameters[lengthof(questions[question].parameters)];
	SPIPlanPtr plan;

	memcpy(parameters, questions[question].parameters, sizeof(parameters));
	plan = SPI_prepare_cursor(psprintf(questions[question].text, quote_identifier(program->name)),
							  questions[question].nparameters, parameters, CURSOR_OPT_GENERIC_PLAN);
	if (plan == NULL || SPI_keepplan(plan) != 0)
		elog(ERROR, "could not prepare a question about identities");
	return plan;
}

/* The prepared question; it is prepared again if the schema was renamed. */
static SPIPlanPtr
prepared(const ProgramSchema *program, Question question)
{
	StatementKey key = { program->schema, question };
	Statement *statement;
	bool found;

	if (statements == NULL)
		statements = make_statements();
	statement = hash_search(statements, &key, HASH_FIND, NULL);
	if (statement == NULL || strcmp(NameStr(statement->schema), program->name) != 0)
	{
		SPIPlanPtr plan = prepare(program, question);

		statement = hash_search(statements, &key, HASH_ENTER, &found);
		if (found)
			SPI_freeplan(statement->plan);
		statement->plan = plan;
		namestrcpy(&statement->schema, program->name);
	}
	return statement->plan;
}

/* Ask a program as its owner; the rows, of which two are enough for most, are left in SPI, which the caller has connected to. */
static void
ask(const ProgramSchema *program, Question question, Datum *values)
{
	long enough = question == PERSONS ? 0 : 2;

	Oid user;
	int context;

	GetUserIdAndSecContext(&user, &context);
	SetUserIdAndSecContext(program->owner, context | SECURITY_LOCAL_USERID_CHANGE |
											   SECURITY_RESTRICTED_OPERATION |
											   SECURITY_NOFORCE_RLS);
	if (SPI_execute_plan(prepared(program, question), values, NULL, true, enough) != SPI_OK_SELECT)
		elog(ERROR, "could not ask about identities");
	SetUserIdAndSecContext(user, context);
}

/* A column of a row in SPI; false where it is NULL. */
static bool
answer(uint64 row, int column, Datum *value)
{
	bool isnull;

	*value = SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column, &isnull);
	return !isnull;
}

/*
 * Answers
 */

/* Take the key in SPI, if there is one. */
static bool
take_key(TokenKey *key)
{
	Datum secret;
	Datum is_revoked;

	if (SPI_processed != 1 || !answer(0, 1, &secret) || !answer(0, 2, &is_revoked))
		return false;
	key->length = (int) VARSIZE_ANY_EXHDR(DatumGetPointer(secret));
	if (key->length > LOOKUP_MAX_SECRET)
		return false;
	memcpy(key->secret, VARDATA_ANY(DatumGetPointer(secret)), (size_t) key->length);
	key->is_revoked = DatumGetBool(is_revoked);
	return true;
}

/* Look up a key that has not retired; token_id may be NULL. */
bool
lookup_key(const ProgramSchema *program, const char *key_id, const char *token_id, TimestampTz now,
		   TokenKey *key)
{
	/* No token has an empty name. */
	Datum values[] = { CStringGetTextDatum(key_id),
					   CStringGetTextDatum(token_id != NULL ? token_id : ""),
					   TimestampTzGetDatum(now) };
	bool found;

	SPI_connect();
	ask(program, KEY, values);
	found = take_key(key);
	SPI_finish();
	return found;
}

/*
 * The database role of a role in a program.  Only known ones are: the prefix of
 * a program may be the start of another's.
 */
static Oid
role_of(const ProgramSchema *program, const char *word)
{
	for (size_t i = 0; i < lengthof(words); i++)
		if (strcmp(word, words[i]) == 0)
			return get_role_oid(psprintf("%s_%s", program->prefix, word), true);
	return InvalidOid;
}

/* Fill in an identity from a row in SPI. */
static void
take_identity(const ProgramSchema *program, Identity *identity)
{
	Datum value;

	memset(identity, 0, sizeof(*identity));
	identity->program = program->schema;
	identity->expires = DT_NOEND;
	if (answer(0, 1, &value))
	{
		char *kind = TextDatumGetCString(value);

		identity->kind = strcmp(kind, "staff") == 0	   ? IDENTITY_STAFF
						 : strcmp(kind, "person") == 0 ? IDENTITY_PERSON
													   : IDENTITY_PROXY;
	}
	if (answer(0, 2, &value))
		identity->id = DatumGetInt64(value);
	if (answer(0, 3, &value))
		identity->person_id = DatumGetInt64(value);
	if (answer(0, 4, &value))
		strlcpy(identity->word, TextDatumGetCString(value), sizeof(identity->word));
	/* A proxy acts as the role of persons. */
	identity->role = role_of(program, identity->kind == IDENTITY_PROXY ? "person" : identity->word);
}

/* How many people of a program are meant, 2 for more; if it is one, who. */
static int
lookup_identity(const ProgramSchema *program, Question question, const char *name, TimestampTz now,
				Identity *identity)
{
	Datum values[] = { CStringGetTextDatum(name),
					   DirectFunctionCall1(timestamp_date, TimestampGetDatum(now)) };
	int found;

	SPI_connect();
	ask(program, question, values);
	found = (int) SPI_processed;
	if (found == 1)
		take_identity(program, identity);
	SPI_finish();
	return found;
}

/* Whom the subject of a token means on the day of that time in UTC. */
int
lookup_subject(const ProgramSchema *program, const char *subject, TimestampTz now,
			   Identity *identity)
{
	return lookup_identity(program, SUBJECT, subject, now, identity);
}

/* Whom a database login means. */
int
lookup_login(const ProgramSchema *program, const char *login, TimestampTz now, Identity *identity)
{
	return lookup_identity(program, LOGIN, login, now, identity);
}

/* What a question says that is answered by yes or no. */
static bool
lookup_yes(const ProgramSchema *program, Question question, Datum *values)
{
	Datum value;
	bool is_yes;

	SPI_connect();
	ask(program, question, values);
	is_yes = SPI_processed == 1 && answer(0, 1, &value) && DatumGetBool(value);
	SPI_finish();
	return is_yes;
}

/* Whether a member of staff sees everybody. */
bool
lookup_has_everybody(const ProgramSchema *program, int64 staff_id)
{
	Datum values[] = { Int64GetDatum(staff_id) };

	return lookup_yes(program, EVERYBODY, values);
}

/* Whether a member of staff sees a person. */
bool
lookup_has_person(const ProgramSchema *program, int64 staff_id, int64 person_id)
{
	Datum values[] = { Int64GetDatum(staff_id), Int64GetDatum(person_id) };

	return lookup_yes(program, PERSON, values);
}

/* How many persons a member of staff sees, and who, each once and in ascending order. */
int
lookup_persons(const ProgramSchema *program, int64 staff_id, MemoryContext context, int64 **persons)
{
	Datum values[] = { Int64GetDatum(staff_id) };
	int n;

	SPI_connect();
	ask(program, PERSONS, values);
	n = (int) SPI_processed;
	*persons = MemoryContextAllocHuge(context, mul_size(sizeof(int64), (Size) n + 1));
	for (int i = 0; i < n; i++)
	{
		Datum value;

		(*persons)[i] = answer((uint64) i, 1, &value) ? DatumGetInt64(value) : 0;
	}
	SPI_finish();
	return n;
}
