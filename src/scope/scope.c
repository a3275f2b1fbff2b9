/*
 * The function scope_check, and the compiled lexicons of a session.
 *
 * A lexicon is read from the table starter_phrase and compiled at a session's
 * first look at a language; after that a check costs its text alone.  A
 * trigger of that table tells all sessions of a change, by the server's own
 * invalidation messages.  A lexicon is read as the newest snapshot has it, not
 * the one of whoever asks, which may be older than the change that made it be
 * read again.  Under a parallel plan there can be no snapshot but the query's,
 * and what was read by it serves that query only.
 */
#include "coachiatry.h"

#include "access/transam.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "language/values.h"
#include "scope/check.h"

/* Lexicons that are kept at once, and room for the name of a locale. */
#define MAX_KEPT 8
#define LOCALE_SIZE 64

/* What is said of a language without a lexicon. */
#define NOT_CHECKED "not_checked"

/* A lexicon of a locale, compiled. */
typedef struct KeptLexicon
{
	char locale[LOCALE_SIZE];
	uint64 used; /* when it was last asked for */
	bool is_current;
	bool is_of_query;	/* read by the snapshot of a query with a parallel plan, */
	TransactionId xmin; /* whose bounds are these */
	TransactionId xmax;
	MemoryContext context;
	Memory memory;
	Automaton *automaton;	   /* NULL: there is none */
	const ScopeLabel **labels; /* of its entries */
} KeptLexicon;

static KeptLexicon kept[MAX_KEPT];
static uint64 uses;
static Oid watched; /* the table that they were read from */

/*
 * Keeping
 */

/* A table has changed (or any may have, if it is InvalidOid): what was read from it is old. */
static void
forget_lexicons(Datum argument, Oid table)
{
	(void) argument;
	if (OidIsValid(table) && table != watched)
		return;
	for (int i = 0; i < MAX_KEPT; i++)
		kept[i].is_current = false;
}

/* Hear of changes of the table from now on. */
static void
watch_table(void)
{
	static bool is_registered = false;

	watched = get_relname_relid("starter_phrase", get_namespace_oid("coachiatry", false));
	if (!is_registered)
		CacheRegisterRelcacheCallback(forget_lexicons, (Datum) 0);
	is_registered = true;
}

/* The place for a locale: where it is kept, else the one that was not used for longest. */
static KeptLexicon *
find_kept(const char *locale)
{
	KeptLexicon *oldest = &kept[0];

	for (int i = 0; i < MAX_KEPT; i++)
	{
		if (strcmp(kept[i].locale, locale) == 0)
			return &kept[i];
		if (kept[i].used < oldest->used)
			oldest = &kept[i];
	}
	return oldest;
}

/* Read the lexicon of a locale into memory; NULL if there is none. */
static RecordsValue *
read_lexicon(text *locale, MemoryContext context)
{
	Oid types[] = { TEXTOID };
	Datum values[] = { PointerGetDatum(locale) };
	RecordsValue *lexicon = NULL;
	Datum found;
	bool isnull;

	SPI_connect();
	if (SPI_execute_with_args("SELECT coachiatry.starter_lexicon('scope', $1)", 1, types, values,
							  NULL, true, 1) != SPI_OK_SELECT ||
		SPI_processed != 1)
		elog(ERROR, "starter_lexicon gave no answer");
	found = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull);
	if (!isnull)
	{
		RecordsValue *value = DatumGetValue(found);

		lexicon = memcpy(MemoryContextAlloc(context, VARSIZE(value)), value, VARSIZE(value));
	}
	SPI_finish();
	return lexicon;
}

/* Compile the lexicon of a place, and look its labels up. */
static void
compile_kept(KeptLexicon *place, const RecordsValue *lexicon, const char *locale)
{
	Automaton *automaton = automaton_compile(&place->memory, lexicon->bytes, value_size(lexicon),
											 find_negation(locale));
	size_t n;

	if (automaton == NULL)
		value_damaged();
	n = automaton_size(automaton);
	place->labels = MemoryContextAllocHuge(place->context, (n + 1) * sizeof(ScopeLabel *));
	for (size_t i = 0; i < n; i++)
		place->labels[i] = scope_label(automaton_entry(automaton, (uint32_t) i)->key);
	place->automaton = automaton;
}

/* Make a place anew for a locale.  What comes in meanwhile makes it old again. */
static void
fill_kept(KeptLexicon *place, const char *locale, text *name)
{
	Snapshot snapshot = IsInParallelMode() ? GetActiveSnapshot() : GetLatestSnapshot();
	RecordsValue *lexicon;

	if (place->context == NULL)
		place->context = AllocSetContextCreate(TopMemoryContext, "coachiatry scope lexicon",
											   ALLOCSET_DEFAULT_SIZES);
	MemoryContextReset(place->context);
	place->memory = server_memory(place->context);
	place->automaton = NULL;
	watch_table();
	place->is_current = true;
	place->is_of_query = IsInParallelMode();
	place->xmin = snapshot->xmin;
	place->xmax = snapshot->xmax;
	PushActiveSnapshot(snapshot);
	lexicon = read_lexicon(name, place->context);
	PopActiveSnapshot();
	if (lexicon != NULL)
		compile_kept(place, lexicon, locale);
	strlcpy(place->locale, locale, LOCALE_SIZE); /* now it is whole */
}

/* Whether a place holds a lexicon as it is now. */
static bool
is_good(const KeptLexicon *place, const char *locale)
{
	if (!place->is_current || strcmp(place->locale, locale) != 0)
		return false;
	return !place->is_of_query ||
		   (IsInParallelMode() && TransactionIdEquals(place->xmin, GetActiveSnapshot()->xmin) &&
			TransactionIdEquals(place->xmax, GetActiveSnapshot()->xmax));
}

/* The lexicon of a locale. */
static KeptLexicon *
kept_lexicon(text *name)
{
	char *locale = text_to_cstring(name);
	KeptLexicon *place = find_kept(locale);

	AcceptInvalidationMessages();
	place->used = ++uses;
	if (!is_good(place, locale))
	{
		place->locale[0] = '\0';
		fill_kept(place, locale, name);
	}
	pfree(locale);
	return place;
}

PG_FUNCTION_INFO_V1(starter_phrase_changed);

/* Trigger of starter_phrase: tell all sessions. */
Datum
starter_phrase_changed(PG_FUNCTION_ARGS)
{
	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("starter_phrase_changed must be called as a trigger")));
	CacheInvalidateRelcache(((TriggerData *) fcinfo->context)->tg_relation);
	return PointerGetDatum(NULL);
}

/*
 * Checking
 */

/* Return hits as rows. */
static void
put_hits(ReturnSetInfo *rows, const KeptLexicon *lexicon, const Utf8Text *document,
		 const ScopeHits *hits)
{
	bool knows_negation = find_negation(lexicon->locale) != NULL;

	for (size_t i = 0; i < hits->n; i++)
	{
		const ScopeHit *hit = &hits->hits[i];
		const Record *entry = automaton_entry(lexicon->automaton, hit->found->entry);
		Datum values[] = { field_datum(field_after(entry, entry->key)),
						   field_datum(entry->key),
						   span_range(document, hit->found->first, hit->found->last),
						   CStringGetTextDatum(scope_severity_name(hit->severity)),
						   BoolGetDatum(hit->reported),
						   BoolGetDatum(hit->found->negated) };
		bool nulls[lengthof(values)] = { [5] = !knows_negation };

		CHECK_FOR_INTERRUPTS();
		tuplestore_putvalues(rows->setResult, rows->setDesc, values, nulls);
	}
}

/* Return the one row that says that a text was not checked. */
static void
put_not_checked(ReturnSetInfo *rows)
{
	Datum values[] = { (Datum) 0, CStringGetTextDatum(NOT_CHECKED),
					   (Datum) 0, CStringGetTextDatum(scope_severity_name(SCOPE_NOT_CHECKED)),
					   (Datum) 0, (Datum) 0 };
	bool nulls[lengthof(values)] = { true, false, true, false, true, true };

	tuplestore_putvalues(rows->setResult, rows->setDesc, values, nulls);
}

/* Check a text with a lexicon. */
static void
check_text(ReturnSetInfo *rows, const KeptLexicon *lexicon, WordBreaker *breaker, const text *value,
		   bool as_coach)
{
	Memory memory = server_memory(CurrentMemoryContext);
	Findings findings = { .memory = &memory };
	Quotes quotes = { .memory = &memory };
	Utf8Text document = utf8_text(value);
	WordReader *reader = palloc_object(WordReader);
	ScopeHits hits;

	words_start(reader, breaker, document.bytes, document.size, 0);
	automaton_search(lexicon->automaton, reader, &findings);
	if (findings.n == 0)
		return;
	quotes_find(&quotes, document.bytes, document.size);
	hits = scope_hits(&findings, lexicon->labels, &quotes, as_coach);
	put_hits(rows, lexicon, &document, &hits);
}

/* Whether the writer of a text is held to the scope of coaching. */
static bool
writes_as_coach(text *author_kind)
{
	char *kind = text_to_cstring(author_kind);
	bool as_coach;

	if (!scope_writes_as_coach(kind, &as_coach))
		ereport(
			ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid kind of author: \"%s\"", kind),
			 errhint(
				 "Give person, proxy, staff or system, as in messages of a program, or clinician "
				 "or a role of staff, such as coach.")));
	return as_coach;
}

PG_FUNCTION_INFO_V1(scope_check);

/* What a text says that is outside the scope of coaching, or that somebody has to hear of, as rows. */
Datum
scope_check(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rows = (ReturnSetInfo *) fcinfo->resultinfo;
	WordBreaker *breaker;
	KeptLexicon *lexicon;
	bool as_coach;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	if (PG_ARGISNULL(2))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("kind of author must not be null")));
	as_coach = writes_as_coach(PG_GETARG_TEXT_PP(2));
	if (PG_ARGISNULL(0))
		return (Datum) 0;
	if (PG_ARGISNULL(1))
	{
		put_not_checked(rows);
		return (Datum) 0;
	}
	breaker = word_breaker(PG_GETARG_TEXT_PP(1));
	lexicon = kept_lexicon(PG_GETARG_TEXT_PP(1));
	if (lexicon->automaton == NULL)
		put_not_checked(rows);
	else
		check_text(rows, lexicon, breaker, PG_GETARG_TEXT_PP(0), as_coach);
	return (Datum) 0;
}
