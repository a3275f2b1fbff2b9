/*
 * The rules of programs, kept for the session.  Whoever changes a table that
 * they are read from tells all sessions, when the change is committed, by the
 * server's own invalidation of what is cached of a table: forget_rules() is the
 * trigger for it.  They are read by the latest snapshot, as catalogues are, so
 * that a transaction with an older one leaves nothing stale behind.
 */
#include "program/rules.h"

#include "access/xact.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/inval.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/resowner.h"
#include "utils/snapmgr.h"

#include "program/kept.h"
#include "signal/watching.h"

/* Programs whose rules are kept: a session seldom writes to more. */
#define MOST_KEPT 4

typedef struct Kept
{
	WatchedProgram program; /* with a context once it has been read */
	uint64 changes;			/* of these tables, that this session was told of */
	bool is_stale;			/* one of them has changed since it was read */
} Kept;

static Kept kept[MOST_KEPT];

/*
 * Invalidation
 */

/* A table has changed, or any may have (InvalidOid): what was read of it is freed when it is asked for again. */
static void
at_invalidation(Datum arg pg_attribute_unused(), Oid table)
{
	for (int i = 0; i < MOST_KEPT; i++)
		for (int t = 0; t < NTABLES; t++)
			if (!OidIsValid(table) || kept[i].program.tables.tables[t] == table)
			{
				kept[i].changes++;
				kept[i].is_stale = true;
			}
}

PG_FUNCTION_INFO_V1(program_forget_rules);

/* Trigger: all sessions forget the rules that were read from its table. */
Datum
program_forget_rules(PG_FUNCTION_ARGS)
{
	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("function is not called as a trigger")));
	CacheInvalidateRelcache(((TriggerData *) fcinfo->context)->tg_relation);
	PG_RETURN_POINTER(NULL);
}

/*
 * Reading
 */

/* Run a query on the schema, which is @ in it; how many rows it has. */
static int
query(Oid schema, const char *text)
{
	char *statement = in_schema(quote_identifier(get_namespace_name(schema)), text);

	if (SPI_execute(statement, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read the rules of a program");
	return (int) SPI_processed;
}

/* A column of a row as a string that is kept; NULL for NULL. */
static char *
kept_string(const WatchedProgram *program, int row, int column)
{
	char *value = SPI_getvalue(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column);

	return value == NULL ? NULL : MemoryContextStrdup(program->context, value);
}

/* A column of a row; 0 for NULL. */
static Datum
column_of(int row, int column)
{
	bool isnull;
	Datum value = SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column, &isnull);

	return isnull ? (Datum) 0 : value;
}

/* Read a watch; false if that raises an error, which is none of whoever writes a check-in. */
static bool
try_watch(Watch *watch, const char *detector, Datum parameters, const char *direction)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	volatile bool is_read = false;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		*watch = watch_read(detector, DatumGetJsonbP(parameters), direction);
		ReleaseCurrentSubTransaction();
		is_read = true;
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	return is_read;
}

/* Read the rules, one for each measure that a rule of measures watches. All is cast to what it is read as: the table may be anybody's. */
static void
read_rules(WatchedProgram *program)
{
	program->nrules = query(
		program->tables.schema,
		"SELECT COALESCE(r.detector::pg_catalog.text, ''), "
		"COALESCE(r.parameters::pg_catalog.jsonb, '{}'), r.clear_days::pg_catalog.int2::pg_catalog.int4, "
		"i.instrument_id::pg_catalog.int8, COALESCE(r.item::pg_catalog.text, ''), "
		"CASE WHEN i.direction OPERATOR(pg_catalog.=) 'higher_is_better'::pg_catalog.text "
		"THEN 'down' ELSE 'up' END, r.cool_down_days::pg_catalog.int2::pg_catalog.int4, "
		"r.warning_rule_id::pg_catalog.int8, r.task_kind::pg_catalog.text, "
		"r.severity::pg_catalog.int2::pg_catalog.int4, r.tag::pg_catalog.text "
		"FROM @warning_rule AS r LEFT JOIN @instrument AS i "
		"ON r.stream OPERATOR(pg_catalog.=) 'measure'::pg_catalog.text "
		"AND COALESCE(r.instrument_id OPERATOR(pg_catalog.=) i.instrument_id, true) "
		"WHERE r.enabled AND (r.stream OPERATOR(pg_catalog.=) 'task'::pg_catalog.text "
		"OR i.instrument_id IS NOT NULL)");
	program->rules =
		MemoryContextAllocZero(program->context, sizeof(WatchedRule) * (program->nrules + 1));
	for (int row = 0; row < program->nrules; row++)
	{
		WatchedRule *rule = &program->rules[row];

		rule->is_broken = !try_watch(
			&rule->watch, SPI_getvalue(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, 1),
			column_of(row, 2), SPI_getvalue(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, 6));
		rule->clear_days = DatumGetInt32(column_of(row, 3));
		rule->instrument_id = DatumGetInt64(column_of(row, 4));
		rule->item = kept_string(program, row, 5);
		rule->cool_down_days = DatumGetInt32(column_of(row, 7));
		rule->warning_rule_id = DatumGetInt64(column_of(row, 8));
		rule->task_kind = kept_string(program, row, 9);
		rule->severity = DatumGetInt32(column_of(row, 10));
		rule->tag = kept_string(program, row, 11);
	}
}

/* Read the items that ask about self-harm. */
static void
read_items(WatchedProgram *program)
{
	program->nitems = query(program->tables.schema,
							"SELECT i.instrument_id::pg_catalog.int8, h.item::pg_catalog.text "
							"FROM @instrument AS i CROSS JOIN LATERAL "
							"pg_catalog.unnest(i.self_harm_items) AS h (item) "
							"WHERE h.item IS NOT NULL");
	program->items =
		MemoryContextAllocZero(program->context, sizeof(WatchedItem) * (program->nitems + 1));
	for (int row = 0; row < program->nitems; row++)
		program->items[row] = (WatchedItem){ .instrument_id = DatumGetInt64(column_of(row, 1)),
											 .item = kept_string(program, row, 2) };
}

/* Read whom to believe. */
static void
read_sources(WatchedProgram *program)
{
	program->nsources =
		query(program->tables.schema,
			  "SELECT s.source::pg_catalog.text FROM @program_info AS i CROSS JOIN LATERAL "
			  "pg_catalog.unnest(i.source_precedence) WITH ORDINALITY AS s (source, rank) "
			  "WHERE s.source IS NOT NULL ORDER BY s.rank");
	program->sources =
		MemoryContextAllocZero(program->context, sizeof(char *) * (program->nsources + 1));
	for (int row = 0; row < program->nsources; row++)
		program->sources[row] = kept_string(program, row, 1);
}

/* Read when a day begins. */
static void
read_day_start(WatchedProgram *program)
{
	if (query(program->tables.schema, "SELECT i.day_start::pg_catalog.time FROM @program_info i") ==
		1)
		program->day_start = DatumGetTimeADT(column_of(0, 1));
}

/* Read all of a program anew, until nothing has changed meanwhile. */
static void
read_program(Kept *entry)
{
	WatchedProgram *program = &entry->program;
	uint64 before;

	SPI_connect();
	do
	{
		before = entry->changes;
		if (program->context != NULL)
			MemoryContextReset(program->context);
		else
			program->context =
				AllocSetContextCreate(CacheMemoryContext, "coachiatry rules", ALLOCSET_SMALL_SIZES);
		tables_find(&program->tables, program->tables.schema);
		PushActiveSnapshot(GetLatestSnapshot());
		read_rules(program);
		read_items(program);
		read_sources(program);
		read_day_start(program);
		PopActiveSnapshot();
	} while (entry->changes != before);
	SPI_finish();
	entry->is_stale = false;
}

/* Begin to keep a program, in the place of the one that was kept first. */
static Kept *
begin(Oid schema)
{
	static int next;
	static bool is_told;
	Kept *entry = &kept[next];

	if (!is_told)
		CacheRegisterRelcacheCallback(at_invalidation, (Datum) 0);
	is_told = true;
	next = (next + 1) % MOST_KEPT;
	if (entry->program.context != NULL)
		MemoryContextDelete(entry->program.context);
	*entry = (Kept){ .program.tables.schema = schema, .is_stale = true };
	return entry;
}

/* The rules of the program in a schema; NULL if it has none yet. */
const WatchedProgram *
rules_of(Oid schema)
{
	Kept *entry = NULL;

	for (int i = 0; i < MOST_KEPT; i++)
		if (kept[i].program.tables.schema == schema)
			entry = &kept[i];
	if (entry == NULL)
	{
		if (!OidIsValid(get_relname_relid("recheck", schema)))
			return NULL;
		entry = begin(schema);
	}
	if (entry->is_stale)
		read_program(entry);
	return &entry->program;
}
