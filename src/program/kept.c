/*
 * Writing kept values: the statements that do it, prepared once a session and
 * program, and for the most usual of them, that adds to a value, a short cut.
 * All of them run as the current user, which the caller has made the owner of
 * the program, and name everything with its schema.
 */
#include "program/kept.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "adherence/adherence.h"
#include "program/clock.h"

/* What there is to do. */
typedef enum Action
{
	ADD,	 /* to a value that is there */
	MAKE,	 /* a value, or add to it if somebody else has made it meanwhile */
	CHANGE,	 /* a value that is there: add, then subtract */
	REMOVE,	 /* a value that has become empty */
	STALE,	 /* whether a person has a plan that has fallen behind */
	ADVANCE, /* the plans of a person */
	SHARE,	 /* the record of a task among its sources: lock it */
	LOOK,	 /* at the record of persons */
} Action;

/* A statement in a program. */
typedef struct StatementKey
{
	Oid schema;
	KeptKind kind;
	Action action;
} StatementKey;

typedef struct Statement
{
	StatementKey key;
	SPIPlanPtr plan;
} Statement;

/* The parameters that all statements on values have: its key, what to add and what to subtract. */
#define VALUE_PARAMETERS 5

/* Names in the statements on values. */
typedef struct ValueNames
{
	const char *table;
	const char *of;
	const char *label;
	const char *value;
	const char *type;
} ValueNames;

static const ValueNames names[] = {
	[KEPT_CALENDAR] = { "task_calendar", "task_id", "source", "calendar", "adherence" },
	[KEPT_SERIES] = { "measure_series", "instrument_id", "item", "series", "series" },
};

static HTAB *statements;

static SPIPlanPtr prepared(StatementKey key);
static SPIPlanPtr prepare(StatementKey key);

/* What a statement has done. */
typedef struct Done
{
	uint64 rows;
	bool says; /* the first column of its first row, where that is a boolean */
} Done;

/* Run a statement. */
static Done
run(StatementKey key, Datum *values, const char *nulls, bool reads_only)
{
	Done done;
	bool isnull;
	int result;

	SPI_connect();
	result = SPI_execute_plan(prepared(key), values, nulls, reads_only, 0);
	if (result < 0)
		elog(ERROR, "could not write what is kept: %s", SPI_result_code_string(result));
	done = (Done){ .rows = SPI_processed };
	if (SPI_tuptable != NULL && SPI_processed > 0 &&
		SPI_gettypeid(SPI_tuptable->tupdesc, 1) == BOOLOID)
		done.says =
			DatumGetBool(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	SPI_finish();
	return done;
}

/* Run a statement on a value. */
static Done
run_on_value(const KeptKey *key, Action action, const Datum *plus, const Datum *minus)
{
	Datum values[VALUE_PARAMETERS] = { Int64GetDatum(key->person_id), Int64GetDatum(key->of_id),
									   CStringGetTextDatum(key->label),
									   plus != NULL ? *plus : (Datum) 0,
									   minus != NULL ? *minus : (Datum) 0 };
	char nulls[VALUE_PARAMETERS + 1] = "     ";

	if (plus == NULL)
		nulls[3] = 'n';
	if (minus == NULL)
		nulls[4] = 'n';
	return run((StatementKey){ key->schema, key->kind, action }, values, nulls, false);
}

/*
 * Add to a value, or make it.  Whether the person may have a plan that has
 * fallen behind: an addition, by far the most usual, says so itself.
 */
bool
kept_add(const KeptKey *key, Datum plus)
{
	Done done = run_on_value(key, ADD, &plus, NULL);

	if (done.rows == 1)
		return done.says;
	run_on_value(key, MAKE, &plus, NULL);
	return true;
}

/* Add to a calendar that was found at a place; false if it was changed meanwhile. */
bool
kept_add_at(RowWriter *writer, ItemPointerData at, Datum plus)
{
	return writer_read(writer, at) &&
		   writer_change(writer, DirectFunctionCall2(adherence_merge, writer_get(writer), plus));
}

/* Add to a value (unless plus is NULL) and subtract from it; what is empty then goes. */
void
kept_change(const KeptKey *key, const Datum *plus, Datum minus)
{
	Done done = run_on_value(key, CHANGE, plus, &minus);

	if (done.rows != 1)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("\"%s\" of schema \"%s\" does not hold what is to be taken away",
							   names[key->kind].table, get_namespace_name(key->schema)),
						errhint("See verify_derived() and rebuild_derived() of the program.")));
	if (done.says)
		run_on_value(key, REMOVE, NULL, NULL);
}

/* Advance the plans of a person that have fallen behind; false if none could be. */
bool
kept_advance_plan(Oid schema, int64 person_id)
{
	Datum values[] = { Int64GetDatum(person_id), TimestampTzGetDatum(clock_now()) };

	if (run((StatementKey){ schema, KEPT_CALENDAR, STALE }, values, NULL, true).rows == 0)
		return true;
	return run((StatementKey){ schema, KEPT_CALENDAR, ADVANCE }, values, NULL, false).says;
}

/*
 * Lock what all sources have recorded of a task, in order: whoever screens it
 * next, of whatever source, sees what this transaction writes.
 */
void
kept_lock_sources(Oid schema, int64 person_id, int64 task_id)
{
	Datum values[] = { Int64GetDatum(person_id), Int64GetDatum(task_id) };

	run((StatementKey){ schema, KEPT_CALENDAR, SHARE }, values, NULL, false);
}

/* Have warnings of safety, and those of rules, made what the record says. */
void
kept_look(Oid schema, Datum *whom)
{
	run((StatementKey){ schema, KEPT_CALENDAR, LOOK }, whom, NULL, false);
}

/*
 * Preparing
 */

/* The table of statements. */
static HTAB *
make_statements(void)
{
	HASHCTL shape = { .keysize = sizeof(StatementKey), .entrysize = sizeof(Statement) };

	return hash_create("coachiatry statements", 16, &shape, HASH_ELEM | HASH_BLOBS);
}

/* A statement of a program, prepared at its first use. */
static SPIPlanPtr
prepared(StatementKey key)
{
	Statement *statement;
	SPIPlanPtr plan;

	if (statements == NULL)
		statements = make_statements();
	statement = hash_search(statements, &key, HASH_FIND, NULL);
	if (statement != NULL)
		return statement->plan;
	plan = prepare(key);
	statement = hash_search(statements, &key, HASH_ENTER, NULL);
	statement->plan = plan;
	return plan;
}

/* A statement with a schema in the place of each @. */
char *
in_schema(const char *schema, const char *text)
{
	StringInfoData statement;

	initStringInfo(&statement);
	for (; *text != '\0'; text++)
		if (*text == '@')
			appendStringInfo(&statement, "%s.", schema);
		else
			appendStringInfoChar(&statement, *text);
	return statement.data;
}

/* Whether the person $1 has a plan that has fallen behind. */
static char *
stale_plan(const char *schema)
{
	return psprintf("EXISTS (SELECT FROM %s.task_calendar AS plan "
					"WHERE plan.person_id OPERATOR(pg_catalog.=) $1 "
					"AND plan.source OPERATOR(pg_catalog.=) 'plan'::pg_catalog.text "
					"AND plan.stale_at OPERATOR(pg_catalog.<=) coachiatry.clock())",
					schema);
}

/* The text of a statement on values. */
static char *
value_statement(const StatementKey *key, const char *schema)
{
	const ValueNames *name = &names[key->kind];
	char *its_key =
		psprintf("kept.person_id OPERATOR(pg_catalog.=) $1 AND kept.%s OPERATOR(pg_catalog.=) $2 "
				 "AND kept.%s OPERATOR(pg_catalog.=) $3",
				 name->of, name->label);

	if (key->action == ADD)
		return psprintf("UPDATE %s.%s AS kept SET %s = kept.%s OPERATOR(coachiatry.||) $4 WHERE %s "
						"RETURNING %s",
						schema, name->table, name->value, name->value, its_key,
						key->kind == KEPT_CALENDAR ? stale_plan(schema) : "false");
	if (key->action == MAKE)
		return psprintf("INSERT INTO %s.%s AS kept (person_id, %s, %s, %s) VALUES ($1, $2, $3, $4) "
						"ON CONFLICT (person_id, %s, %s) DO UPDATE "
						"SET %s = kept.%s OPERATOR(coachiatry.||) EXCLUDED.%s",
						schema, name->table, name->of, name->label, name->value, name->of,
						name->label, name->value, name->value, name->value);
	if (key->action == CHANGE)
		return psprintf("UPDATE %s.%s AS kept "
						"SET %s = (kept.%s OPERATOR(coachiatry.||) $4) OPERATOR(coachiatry.-) $5 "
						"WHERE %s RETURNING kept.%s OPERATOR(coachiatry.=) 'empty'::coachiatry.%s",
						schema, name->table, name->value, name->value, its_key, name->value,
						name->type);
	return psprintf("DELETE FROM %s.%s AS kept "
					"WHERE %s AND kept.%s OPERATOR(coachiatry.=) 'empty'::coachiatry.%s",
					schema, name->table, its_key, name->value, name->type);
}

/* Prepare a statement on values. */
static SPIPlanPtr
prepare_on_value(const StatementKey *key, const char *schema)
{
	Oid type = extension_type(names[key->kind].type);
	Oid types[VALUE_PARAMETERS] = { INT8OID, INT8OID, TEXTOID, type, type };

	return SPI_prepare_cursor(value_statement(key, schema), VALUE_PARAMETERS, types,
							  CURSOR_OPT_GENERIC_PLAN);
}

/* Prepare a statement on plans. */
static SPIPlanPtr
prepare_on_plan(const StatementKey *key, const char *schema)
{
	Oid types[] = { INT8OID, TIMESTAMPTZOID };
	char *text = key->action == STALE
					 ? psprintf("SELECT 1 WHERE %s", stale_plan(schema))
					 : psprintf("SELECT %s.advance_plan($2, $1) OPERATOR(pg_catalog.>) 0", schema);

	return SPI_prepare_cursor(text, lengthof(types), types, CURSOR_OPT_GENERIC_PLAN);
}

/* Prepare the statement that locks the record of a task. */
static SPIPlanPtr
prepare_lock(const char *schema)
{
	Oid types[] = { INT8OID, INT8OID };

	return SPI_prepare_cursor(
		psprintf("SELECT FROM %s.task_calendar AS kept WHERE kept.person_id "
				 "OPERATOR(pg_catalog.=) $1 AND kept.task_id OPERATOR(pg_catalog.=) $2 "
				 "AND kept.source OPERATOR(pg_catalog.<>) 'plan'::pg_catalog.text "
				 "ORDER BY kept.source FOR NO KEY UPDATE",
				 schema),
		lengthof(types), types, CURSOR_OPT_GENERIC_PLAN);
}

/* Prepare the statement that has somebody look at the record. */
static SPIPlanPtr
prepare_look(const char *schema)
{
	Oid types[NLOOKS] = { [LOOK_SAFETY] = INT8ARRAYOID,
						  [LOOK_RULES] = INT8ARRAYOID,
						  [LOOK_LATER] = INT8ARRAYOID,
						  [LOOK_LATER_AT] = TIMESTAMPTZARRAYOID,
						  [LOOK_SOON] = INT8ARRAYOID };

	return SPI_prepare_cursor(psprintf("SELECT %s.look_at_record($1, $2, $3, $4, $5)", schema),
							  NLOOKS, types, CURSOR_OPT_GENERIC_PLAN);
}

/* Prepare a statement as its action wants it. */
static SPIPlanPtr
prepare_action(const StatementKey *key, const char *schema)
{
	switch (key->action)
	{
		case SHARE:
			return prepare_lock(schema);
		case LOOK:
			return prepare_look(schema);
		case STALE:
		case ADVANCE:
			return prepare_on_plan(key, schema);
		default:
			return prepare_on_value(key, schema);
	}
}

/* Prepare a statement for the rest of the session. */
static SPIPlanPtr
prepare(StatementKey key)
{
	SPIPlanPtr plan = prepare_action(&key, quote_identifier(get_namespace_name(key.schema)));

	if (plan == NULL)
		elog(ERROR, "could not prepare a statement: %s", SPI_result_code_string(SPI_result));
	if (SPI_keepplan(plan) != 0)
		elog(ERROR, "could not keep a statement");
	return plan;
}
