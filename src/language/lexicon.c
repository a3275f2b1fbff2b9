/*
 * The type lexicon: the aggregate that makes one, and finding its phrases in
 * texts.  What it has in common with the other types of this room is in
 * values.c, and the automaton in phrases.c.
 */
#include "language/values.h"

#include "funcapi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "language/phrases.h"

/*
 * Making one
 */

/* Put label and phrase into a record. */
static void
fill_record(Record *record, StringInfo key, const text *label, const text *phrase)
{
	Utf8Text utf8 = utf8_text(phrase);
	RecordFault fault;
	size_t length;

	initStringInfo(key);
	key_add_text(key, label);
	enlargeStringInfo(key, PHRASE_MAX_SIZE);
	fault = phrase_spell(word_breaker(NULL), utf8.bytes, utf8.size, key->data + key->len,
						 PHRASE_MAX_SIZE, &length);
	if (fault != RECORD_OK)
		value_fault(fault, RECORD_LEXICON);
	record->key = key->data;
	record->size = (size_t) key->len + length + 1;
}

/* A row (label, phrase, weight) enters the state that is argument 0. */
static Datum
add_row(FunctionCallInfo fcinfo, float8 weight)
{
	RecordsValue *state = PG_GETARG_VALUE(0);
	StringInfoData key;
	Record record = { .value.number = weight + 0.0 }; /* no negative zero */
	RecordFault fault;

	fill_record(&record, &key, PG_GETARG_TEXT_PP(1), PG_GETARG_TEXT_PP(2));
	fault = record_check(RECORD_LEXICON, &record);
	if (fault != RECORD_OK)
		value_fault(fault, RECORD_LEXICON);
	state = value_add(state, value_in_aggregate(fcinfo), &record);
	pfree(key.data);
	return value_return_state(fcinfo, state);
}

PG_FUNCTION_INFO_V1(lexicon_agg_add);

/* A row (label, phrase) enters, with weight 1. */
Datum
lexicon_agg_add(PG_FUNCTION_ARGS)
{
	return add_row(fcinfo, 1);
}

PG_FUNCTION_INFO_V1(lexicon_agg_add_weighted);

/* A row (label, phrase, weight) enters. */
Datum
lexicon_agg_add_weighted(PG_FUNCTION_ARGS)
{
	return add_row(fcinfo, PG_GETARG_FLOAT8(3));
}

PG_FUNCTION_INFO_V1(lexicon_entries);

/* The phrases of a lexicon as rows. */
Datum
lexicon_entries(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rows = (ReturnSetInfo *) fcinfo->resultinfo;
	RecordsValue *lexicon;
	RecordScan scan;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	lexicon = value_arg(fcinfo, 0);
	record_scan(&scan, lexicon->bytes, value_size(lexicon));
	while (record_next(&scan))
	{
		const char *phrase = field_after(&scan.here, scan.here.key);
		Datum values[] = { field_datum(scan.here.key), field_datum(phrase),
						   Float8GetDatum(scan.here.value.number) };
		bool nulls[lengthof(values)] = { false };

		CHECK_FOR_INTERRUPTS();
		tuplestore_putvalues(rows->setResult, rows->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/*
 * Finding
 */

/* Compile a lexicon for a locale. */
static void *
compile_lexicon(const RecordsValue *lexicon, const char *locale, const Memory *memory)
{
	Automaton *automaton = NULL;

	if (value_kind(lexicon) == RECORD_LEXICON)
		automaton =
			automaton_compile(memory, lexicon->bytes, value_size(lexicon), find_negation(locale));
	if (automaton == NULL)
		value_damaged();
	return automaton;
}

/* Return what was found as rows. */
static void
put_findings(ReturnSetInfo *rows, const Automaton *automaton, const Utf8Text *document,
			 const Findings *findings, bool knows_negation)
{
	for (size_t i = 0; i < findings->n; i++)
	{
		const Found *found = &findings->found[i];
		const Record *entry = automaton_entry(automaton, found->entry);
		const char *phrase = field_after(entry, entry->key);
		Datum values[] = { field_datum(entry->key), field_datum(phrase),
						   Float8GetDatum(entry->value.number),
						   span_range(document, found->first, found->last),
						   BoolGetDatum(found->negated) };
		bool nulls[lengthof(values)] = { [4] = !knows_negation };

		CHECK_FOR_INTERRUPTS();
		tuplestore_putvalues(rows->setResult, rows->setDesc, values, nulls);
	}
}

PG_FUNCTION_INFO_V1(lexicon_find_phrases);

/* The phrases of a lexicon that a text has, as rows. */
Datum
lexicon_find_phrases(PG_FUNCTION_ARGS)
{
	Memory memory = server_memory(CurrentMemoryContext);
	Findings findings = { .memory = &memory };
	text *locale = PG_ARGISNULL(2) ? NULL : PG_GETARG_TEXT_PP(2);
	WordBreaker *breaker = word_breaker(locale);
	char *name = locale == NULL ? "" : text_to_cstring(locale);
	const Automaton *automaton;
	Utf8Text document;
	WordReader *reader;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		return (Datum) 0;
	automaton = value_compiled(fcinfo, 0, name, compile_lexicon);
	document = utf8_text(PG_GETARG_TEXT_PP(1));
	reader = palloc_object(WordReader);
	words_start(reader, breaker, document.bytes, document.size, 0);
	automaton_search(automaton, reader, &findings);
	put_findings((ReturnSetInfo *) fcinfo->resultinfo, automaton, &document, &findings,
				 find_negation(name) != NULL);
	return (Datum) 0;
}
