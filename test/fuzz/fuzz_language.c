/*
 * Fuzz target of the language room.  The first byte of an input says what the
 * rest is: a text to be read as words, with the short cut and
 * without; a text form of records of some kind; records as bytes; or a lexicon
 * or a model in text form and, after a zero byte, a text to search or classify.
 */
#include "language/agreement.h"
#include "language/model.h"
#include "language/phrases.h"
#include "language/records.h"
#include "language/words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

extern int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Stop here, so that the fuzzer keeps the input. */
static void
insist(bool condition)
{
	if (!condition)
		abort();
}

/* Memory of a run, given back at its end. */
static void *pieces[1024];
static int npieces;

static void *
resize(void *owner, void *piece, size_t size)
{
	int at = 0;

	(void) owner;
	while (at < npieces && pieces[at] != piece)
		at++;
	if (piece == NULL || at == npieces)
	{
		insist(npieces < 1024);
		at = npieces++;
		piece = NULL;
	}
	pieces[at] = realloc(piece, size);
	insist(pieces[at] != NULL);
	return pieces[at];
}

static void
no_pause(void)
{
}

static const Memory memory = { .resize = resize, .pause = no_pause };

/* The breaker, opened once. */
static WordBreaker *
the_breaker(void)
{
	static WordBreaker breaker;

	if (breaker.iterator == NULL)
		insist(word_breaker_open(&breaker, "") && breaker.knows_ascii);
	return &breaker;
}

/* A sum of all that is said about the words of a text. */
static uint64_t
digest_words(const char *text, size_t size, unsigned options)
{
	WordReader reader;
	Word word;
	uint64_t digest = 0;
	size_t before = 0;

	words_start(&reader, the_breaker(), text, size, options);
	while (words_next(&reader, &word))
	{
		insist(word.start >= before && word.end > word.start && word.end <= size &&
			   word.length > 0);
		insist(word.last > word.first);
		before = word.end;
		digest = digest * 31 + word.start;
		digest = digest * 31 + (uint64_t) word.last + word.after_stop;
		for (uint32_t i = 0; i < word.length; i++)
			digest = digest * 31 + (uint8_t) word.spelling[i];
	}
	return digest;
}

static void
check_words(const char *text, size_t size, unsigned options)
{
	options &= WORDS_KEEP_MARKS | WORDS_FOLD_NUMBERS;
	insist(digest_words(text, size, options) == digest_words(text, size, options | WORDS_ONLY_ICU));
}

/* Text being written. */
typedef struct Written
{
	char *text;
	size_t length;
} Written;

static void
put(void *target, const char *text, size_t length)
{
	Written *to = target;

	to->text = resize(NULL, to->text, to->length + length + 1);
	memcpy(to->text + to->length, text, length);
	to->length += length;
	to->text[to->length] = '\0';
}

/* Read a text form, records in order; how many bytes that are, or -1. */
static int64_t
read_text(const char *written, RecordKind kind, uint8_t **bytes)
{
	size_t room = strlen(written) + 1;
	char *key = resize(NULL, NULL, room);
	Record *records = resize(NULL, NULL, (room / 5 + 1) * sizeof(Record));
	RecordText text;
	RecordFault fault = record_text_start(&text, written, key);
	size_t n = 0;
	size_t size = 0;
	uint8_t *at;

	while (fault == RECORD_OK && *text.at != '\0')
	{
		fault = record_text_next(&text, kind, &records[n]);
		insist(records[n].size <= room);
		if (fault == RECORD_OK)
			fault = record_check(kind, &records[n]);
		if (fault == RECORD_OK && kind == RECORD_LEXICON &&
			!phrase_is_spelt(the_breaker(), field_after(&records[n], records[n].key)))
			fault = RECORD_PHRASE;
		text.key += records[n++].size;
	}
	if (fault != RECORD_OK || records_fold(kind, records, &n) != RECORD_OK)
		return -1;
	for (size_t i = 0; i < n; i++)
		size += record_size(&records[i]);
	at = *bytes = resize(NULL, NULL, size + 1);
	for (size_t i = 0; i < n; i++)
		at = record_write(at, &records[i]);
	insist((size_t) (at - *bytes) == size);
	return (int64_t) size;
}

/* Records as text and back, and what is asked of them. */
static void
check_records(RecordKind kind, const uint8_t *bytes, size_t size)
{
	Written written = { .text = NULL };
	RecordSink sink = { .put = put, .target = &written };
	RecordScan scan;
	uint8_t *again;
	double alpha;
	Marginals marginals;

	record_scan(&scan, bytes, size);
	for (int i = 0; record_next(&scan); i++)
		record_format(kind, &scan.here, i == 0, &sink);
	insist(!scan.is_damaged);
	if (size == 0)
		put(&written, "empty", 5);
	insist(read_text(written.text, kind, &again) == (int64_t) size &&
		   memcmp(bytes, again, size) == 0);
	if (kind == RECORD_CONFUSION && size > 0)
	{
		insist(marginals_of(&memory, bytes, size, &marginals));
		insist(marginals_macro_f1(&marginals) <= 1 && marginals_ac1(&marginals) <= 1);
	}
	if (kind == RECORD_RATINGS && ratings_to_alpha(&memory, bytes, size, &alpha))
		insist(alpha <= 1);
}

/* A model that is made of records, and what it says of a text. */
static void
check_model(RecordKind kind, const uint8_t *bytes, size_t size, const char *text, size_t length)
{
	double scores[MODEL_MAX_LABELS];
	double probabilities[MODEL_MAX_LABELS];
	double sum = 0;
	TextModel model;
	WordReader reader;

	if (model_compile(&memory, kind, bytes, size, 0, &model) != RECORD_OK || model.nlabels == 0)
		return;
	model_temperature(&model);
	insist(model.temperature > 0);
	words_start(&reader, the_breaker(), text, length, TERM_OPTIONS);
	model_probabilities(&model, scores, model_divisor(&model, model_score(&model, &reader, scores)),
						probabilities);
	for (uint32_t l = 0; l < model.nlabels; l++)
		sum += probabilities[l];
	if (kind == RECORD_DOCUMENTS)
	{
		insist(fabs(sum - 1) < 1e-9);
		logistic_fit(&model);
		insist(model.temperature > 0);
	}
}

/* Records that may be damaged: what can be of them is read. */
static void
check_bytes(RecordKind kind, const uint8_t *bytes, size_t size)
{
	uint8_t *merged = resize(NULL, NULL, 2 * size + 1);
	RecordScan scan;
	double alpha;
	Marginals marginals;
	size_t n;

	record_scan(&scan, bytes, size);
	while (record_next(&scan))
		record_check(kind, &scan.here);
	records_merge(kind, bytes, size, bytes, size, 1, merged, &n);
	records_merge(kind, bytes, size, bytes, size, -1, merged, &n);
	marginals_of(&memory, bytes, size, &marginals);
	ratings_to_alpha(&memory, bytes, size, &alpha);
	automaton_compile(&memory, bytes, size, NULL);
	if (kind >= RECORD_DOCUMENTS)
		check_model(kind, bytes, size, "", 0);
}

/* A lexicon and a text. */
static void
check_search(const char *written, const char *text, size_t size)
{
	Findings findings = { .memory = &memory };
	uint8_t *bytes;
	int64_t n = read_text(written, RECORD_LEXICON, &bytes);
	WordReader reader;
	Automaton *automaton;

	if (n < 0)
		return;
	automaton = automaton_compile(&memory, bytes, (size_t) n, find_negation("de"));
	insist(automaton != NULL);
	words_start(&reader, the_breaker(), text, size, 0);
	automaton_search(automaton, &reader, &findings);
	for (size_t i = 0; i < findings.n; i++)
		insist(findings.found[i].first < findings.found[i].last &&
			   findings.found[i].last <= (int32_t) size);
}

/* A model in text form, and a text. */
static void
check_classify(RecordKind kind, const char *written, const char *text, size_t size)
{
	uint8_t *bytes;
	int64_t n = read_text(written, kind, &bytes);

	if (n >= 0)
		check_model(kind, bytes, (size_t) n, text, size);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;
	uint8_t *bytes;
	size_t first;
	int64_t n;

	if (size < 2)
		return 0;
	text = resize(NULL, NULL, size - 1);
	memcpy(text, data + 2, size - 2);
	text[size - 2] = '\0';
	first = strlen(text);
	switch (data[0] % 5)
	{
		case 0:
			check_words((const char *) data + 2, size - 2, data[1]);
			break;
		case 1:
			n = read_text(text, data[1] % RECORD_NKINDS, &bytes);
			if (n >= 0)
				check_records(data[1] % RECORD_NKINDS, bytes, (size_t) n);
			break;
		case 2:
			check_bytes(data[1] % RECORD_NKINDS, data + 2, size - 2);
			break;
		case 3:
			if (first < size - 2)
				check_search(text, text + first + 1, size - 3 - first);
			break;
		default:
			if (first < size - 2)
				check_classify(RECORD_DOCUMENTS + data[1] % 3, text, text + first + 1,
							   size - 3 - first);
	}
	while (npieces > 0)
		free(pieces[--npieces]);
	return 0;
}
