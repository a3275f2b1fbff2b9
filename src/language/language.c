/*
 * Texts of the server as UTF-8 and back, ICU's means kept for each locale of a
 * session, and the function words.
 */
#include "language/language.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/rangetypes.h"
#include "utils/typcache.h"

/* Words between two looks at interrupts. */
#define WORDS_PER_CHECK 1024

/*
 * Memory for the cores
 */

/* More memory, or another size of a piece, from a context. */
static void *
resize_in_context(void *owner, void *piece, size_t size)
{
	CHECK_FOR_INTERRUPTS();
	if (!AllocHugeSizeIsValid(size))
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("out of memory")));
	if (piece != NULL)
		return repalloc_huge(piece, size);
	return MemoryContextAllocHuge(owner, size);
}

/* Let the session be interrupted. */
static void
look_at_interrupts(void)
{
	CHECK_FOR_INTERRUPTS();
}

/* Memory of a context, for a core. */
Memory
server_memory(MemoryContext context)
{
	return (Memory){ .resize = resize_in_context, .pause = look_at_interrupts, .owner = context };
}

/*
 * Encodings
 */

/*
 * Where each code point of a text is in the original, in characters.  Some
 * characters of EUC_JIS_2004 are two code points, and the second one is then
 * where the first one is.
 */
static int32 *
map_places(const char *original, int size, size_t npoints)
{
	int32 *places = palloc_array(int32, npoints + 2);
	size_t n = 0;
	int32 nth = 0;

	for (int at = 0; at < size; nth++)
	{
		int length = pg_mblen(original + at);
		char *converted = pg_server_to_any(original + at, length, PG_UTF8);

		for (const char *c = converted; *c != '\0' && n < npoints; c++)
			if (((uint8) *c & 0xC0) != 0x80)
				places[n++] = nth;
		if (converted != original + at)
			pfree(converted);
		at += length;
	}
	places[n] = places[n + 1] = nth;
	return places;
}

/* A text of the server as UTF-8. */
Utf8Text
utf8_text(const text *value)
{
	const char *bytes = VARDATA_ANY(value);
	int size = VARSIZE_ANY_EXHDR(value);
	char *converted = pg_server_to_any(bytes, size, PG_UTF8);
	Utf8Text utf8 = { .bytes = converted, .size = (size_t) size, .original = value };

	if (converted != bytes)
	{
		size_t npoints = 0;

		utf8.size = strlen(converted);
		for (size_t i = 0; i < utf8.size; i++)
			npoints += ((uint8) converted[i] & 0xC0) != 0x80;
		if (pg_mbstrlen_with_len(bytes, size) != (int) npoints)
			utf8.places = map_places(bytes, size, npoints);
	}
	return utf8;
}

/* UTF-8 as a text of the server, if its encoding has all the characters. */
bool
server_text_if_any(const char *bytes, size_t size, Datum *result)
{
	int encoding = GetDatabaseEncoding();
	Oid conversion;
	unsigned char *converted;
	int taken;

	if (encoding == PG_UTF8 || encoding == PG_SQL_ASCII)
	{
		*result = PointerGetDatum(cstring_to_text_with_len(bytes, (int) size));
		return true;
	}
	conversion = FindDefaultConversionProc(PG_UTF8, encoding);
	if (!OidIsValid(conversion))
		return false;
	converted = palloc(add_size(mul_size(size, MAX_CONVERSION_GROWTH), 1));
	taken = pg_do_encoding_conversion_buf(
		conversion, PG_UTF8, encoding, (unsigned char *) unconstify(char *, bytes), (int) size,
		converted, (int) (size * MAX_CONVERSION_GROWTH + 1), true);
	if (taken != (int) size)
		return false;
	*result = PointerGetDatum(cstring_to_text((char *) converted));
	pfree(converted);
	return true;
}

/* The characters of a document between two places. */
text *
text_of_span(const Utf8Text *document, int32 first, int32 last)
{
	if (document->places != NULL)
	{
		last = document->places[last];
		first = document->places[first];
	}
	return DatumGetTextPP(DirectFunctionCall3(text_substr, PointerGetDatum(document->original),
											  Int32GetDatum(first + 1),
											  Int32GetDatum(last - first)));
}

/* Characters of a document as a range of positions, the first of which is 1. */
Datum
span_range(const Utf8Text *document, int32 first, int32 last)
{
	TypeCacheEntry *type = lookup_type_cache(INT4RANGEOID, TYPECACHE_RANGE_INFO);
	RangeBound lower = { .inclusive = true, .lower = true };
	RangeBound upper = { .inclusive = false, .lower = false };

	if (document->places != NULL)
	{
		last = document->places[last];
		first = document->places[first];
	}
	lower.val = Int32GetDatum(first + 1);
	upper.val = Int32GetDatum(last + 1);
	return RangeTypePGetDatum(make_range(type, &lower, &upper, false, NULL));
}

/*
 * ICU's means, kept for each locale until the session ends.  They belong to
 * nobody's memory context, and an error leaves them as they are: whoever reads
 * next begins anew.
 */

/* Locales that are kept at once. */
#define MAX_KEPT 8

/* Room for the name of a locale. */
#define LOCALE_SIZE 64

typedef struct KeptBreaker
{
	char locale[LOCALE_SIZE];
	uint64 used; /* when it was last asked for */
	WordBreaker breaker;
} KeptBreaker;

static KeptBreaker kept[MAX_KEPT];
static uint64 uses;

/* Refuse a name that cannot be one of a locale: a language, then what is after it. */
static void
check_locale(const char *name)
{
	size_t letters = 0;

	while ((name[letters] >= 'a' && name[letters] <= 'z') ||
		   (name[letters] >= 'A' && name[letters] <= 'Z'))
		letters++;
	if (strlen(name) >= LOCALE_SIZE || letters < 2 || letters > 8 ||
		strspn(name + letters,
			   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_@=;") !=
			strlen(name + letters) ||
		(name[letters] != '\0' && strchr("-_@", name[letters]) == NULL))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("invalid locale: \"%s\"", name),
				 errhint("Give a language, as in \"en\", \"pt-BR\" or \"th\".")));
}

/* The place for a locale: where it is kept, else the one that was not used for longest. */
static KeptBreaker *
find_kept(const char *name)
{
	KeptBreaker *oldest = &kept[0];

	for (int i = 0; i < MAX_KEPT; i++)
	{
		if (kept[i].breaker.iterator != NULL && strcmp(kept[i].locale, name) == 0)
			return &kept[i];
		if (kept[i].used < oldest->used)
			oldest = &kept[i];
	}
	return oldest;
}

/* ICU's means for a locale (or NULL, none in particular). */
WordBreaker *
word_breaker(const text *locale)
{
	char *name = locale == NULL ? "" : text_to_cstring(locale);
	KeptBreaker *place;

	if (locale != NULL)
		check_locale(name);
	place = find_kept(name);
	place->used = ++uses;
	if (place->breaker.iterator != NULL && strcmp(place->locale, name) == 0)
		return &place->breaker;
	word_breaker_close(&place->breaker);
	strlcpy(place->locale, name, LOCALE_SIZE);
	if (!word_breaker_open(&place->breaker, name))
	{
		word_breaker_close(&place->breaker);
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("ICU cannot find words in the language \"%s\"", name)));
	}
	return &place->breaker;
}

/*
 * Words as rows
 */

/* A word as text: as it is spelt, or, where the database's encoding cannot say that, as it was written. */
static Datum
word_text(const Utf8Text *document, const Word *word)
{
	Datum spelling;

	if (server_text_if_any(word->spelling, word->length, &spelling))
		return spelling;
	return PointerGetDatum(text_of_span(document, word->first, word->last));
}

PG_FUNCTION_INFO_V1(words_rows);

/* The words of a text as rows. */
Datum
words_rows(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rows = (ReturnSetInfo *) fcinfo->resultinfo;
	unsigned options = 0;
	Utf8Text document;
	WordReader *reader;
	Word word;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	if (PG_ARGISNULL(0))
		return (Datum) 0;
	document = utf8_text(PG_GETARG_TEXT_PP(0));
	if (!PG_ARGISNULL(2) && PG_GETARG_BOOL(2))
		options |= WORDS_KEEP_MARKS;
	if (!PG_ARGISNULL(3) && PG_GETARG_BOOL(3))
		options |= WORDS_FOLD_NUMBERS;
	reader = palloc_object(WordReader);
	words_start(reader, word_breaker(PG_ARGISNULL(1) ? NULL : PG_GETARG_TEXT_PP(1)), document.bytes,
				document.size, options);
	for (int32 n = 1; words_next(reader, &word); n++)
	{
		Datum values[] = { Int32GetDatum(n), word_text(&document, &word),
						   span_range(&document, word.first, word.last) };
		bool nulls[lengthof(values)] = { false };

		if (n % WORDS_PER_CHECK == 0)
			CHECK_FOR_INTERRUPTS();
		tuplestore_putvalues(rows->setResult, rows->setDesc, values, nulls);
	}
	pfree(reader);
	return (Datum) 0;
}
