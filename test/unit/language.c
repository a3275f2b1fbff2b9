/*
 * Words, phrases, records and agreement outside the server.  Words against
 * ICU itself over the whole text as UTF-16, and the short cut against no
 * short cut, for every character that it may know; the automaton against trying every phrase at every
 * word; records there and back, folded and merged against plain lists; alpha
 * against all pairs of labels.  SEED=n repeats a run.
 */
#include "language/agreement.h"
#include "language/model.h"
#include "language/phrases.h"
#include "language/records.h"
#include "language/words.h"

#include <math.h>

#include <unicode/uchar.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>

#include "tap.h"

#define MAX_TEXT 4096
#define MAX_WORDS 4096

static WordBreaker breaker;

/* Memory for the cores, given back by forget. */
static void *pieces[4096];
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
		if (npieces == 4096)
			abort();
		at = npieces++;
		piece = NULL;
	}
	pieces[at] = realloc(piece, size);
	if (pieces[at] == NULL)
		abort();
	return pieces[at];
}

static void
no_pause(void)
{
}

static void
forget(void)
{
	while (npieces > 0)
		free(pieces[--npieces]);
}

static const Memory test_memory = { .resize = resize, .pause = no_pause };

/*
 * Words
 */

/* Pieces that random texts are made of: ASCII that the short cut knows, what it does not, other scripts, traps. */
static const char *const morsels[] = {
	"a",	   "B",			 "it",	   "don",	   "'",		   "'",		 "t",	   "1",
	"23",	   ".",			 ",",	   ".",		   " ",		   " ",		 " ",	   "\n",
	"\t",	   "?",			 "!",	   "-",		   "(",		   ")",		 "\"",	   "/",
	"~",	   ":",			 "@",	   ";",		   "_",		   "\x01",	 "word",   "é",
	"e\u0301", "Straße",	 "\u2019", "\u2019s",  "İ",		   "ı",		 "😀",	   "👩\u200d👧",
	"🇬🇧",	   "ﷺ",			 "½",	   "ﬁ",		   "\u00ad",   "\u200b", "\u200d", "\u0301",
	"สวัสดีครับ", "我喜欢学习", "東京",   "カタカナ", "ひらがな", "안녕",	 "שלום",   "كتاب",
	"؟",	   "。",		 "？",	   "١٢",	   "①",		   "ͺ",		 "Ⅻ",	   "\u00a0",
	"\u3000",  "\r\n",		 "e.g.",   "3.14",	   "1,000",	   "a.b",	 "x'y",	   "\u0e33"
};

#define NMORSELS ((int64_t) (sizeof(morsels) / sizeof(morsels[0])))

/* A random text; how many bytes it has. */
static size_t
random_text(char *text, int morsels_at_most, int first, int last)
{
	size_t size = 0;

	text[0] = '\0';
	for (int64_t n = between(0, morsels_at_most); n > 0; n--)
	{
		const char *morsel = morsels[between(first, last)];

		memcpy(text + size, morsel, strlen(morsel));
		size += strlen(morsel);
	}
	text[size] = '\0';
	return size;
}

/* Read all words in a piece of memory that ends with the text. */
static int
read_words(const char *text, size_t size, unsigned options, Word *words, char *spelt)
{
	char *exact = hold(size);
	WordReader *reader = hold(sizeof(WordReader));
	size_t used = 0;
	int n = 0;

	memcpy(exact, text, size);
	words_start(reader, &breaker, exact, size, options);
	while (n < MAX_WORDS && words_next(reader, &words[n]))
	{
		memcpy(spelt + used, words[n].spelling, words[n].length);
		words[n].spelling = spelt + used;
		used += words[n++].length;
	}
	return n;
}

static Word words[2][MAX_WORDS];
static char spelt[2][1 << 20];

/* Whether the short cut gives what ICU gives. */
static void
check_short_cut(const char *text, size_t size, unsigned options)
{
	int fast = read_words(text, size, options, words[0], spelt[0]);
	int slow = read_words(text, size, options | WORDS_ONLY_ICU, words[1], spelt[1]);
	bool same = fast == slow;

	for (int i = 0; same && i < fast; i++)
	{
		const Word *a = &words[0][i];
		const Word *b = &words[1][i];

		same = a->start == b->start && a->end == b->end && a->first == b->first &&
			   a->last == b->last && a->length == b->length && a->after_stop == b->after_stop &&
			   memcmp(a->spelling, b->spelling, a->length) == 0;
	}
	check(same, "the short cut differs in \"%.*s\"", (int) size, text);
	release_all();
}

/* Every text of up to so many of some characters. */
static void
check_all_texts(const char *characters, int longest)
{
	int n = (int) strlen(characters);
	char text[16] = "";

	for (int length = 1; length <= longest; length++)
	{
		int64_t all = 1;

		for (int i = 0; i < length; i++)
			all *= n;
		for (int64_t k = 0; k < all; k += stride())
		{
			int64_t rest = k;

			for (int i = 0; i < length; i++, rest /= n)
				text[i] = characters[rest % n];
			check_short_cut(text, (size_t) length, WORDS_KEEP_MARKS);
		}
	}
}

static void
test_short_cut(void)
{
	char text[MAX_TEXT] = "";
	char pair[4] = "";

	check(breaker.knows_ascii, "the short cut is not taken at all");
	check_all_texts("aZ9'.,? -:", 5);
	for (int a = 1; a < 0x80; a++)
		for (int b = 1; b < 0x80; b += stride())
		{
			pair[0] = (char) a;
			pair[1] = (char) b;
			pair[2] = 'x';
			pair[3] = '7';
			check_short_cut(pair, 4, WORDS_KEEP_MARKS);
		}
	end_test("the short cut for ASCII gives what ICU gives, over all short texts");
	for (int i = 0; i < 20000; i += stride())
		check_short_cut(text, random_text(text, 40, 0, (int) NMORSELS - 1),
						percent(50) ? WORDS_KEEP_MARKS : WORDS_FOLD_NUMBERS);
	for (int i = 0; i < 20000; i += stride())
		check_short_cut(text, random_text(text, 40, 0, 30), WORDS_KEEP_MARKS);
	end_test("and over random ones of all scripts");
}

/* A random character, mostly of an alphabet, now and then one that joins, combines or is a mark. */
static UChar32
random_character(void)
{
	static const UChar32 ranges[][2] = { { ' ', '~' },		 { 0xA0, 0x24F },	 { 0x250, 0x36F },
										 { 0x370, 0x52F },	 { 0x530, 0x6FF },	 { 0x900, 0x97F },
										 { 0xE00, 0xE5B },	 { 0x10A0, 0x11FF }, { 0x1E00, 0x1FFF },
										 { 0x2000, 0x206F }, { 0x80, 0x30FF },	 { 0xA0, 0xD7FF } };
	const int64_t n = (int64_t) (sizeof(ranges) / sizeof(ranges[0]));
	int64_t i = percent(60) ? between(0, 4) : between(0, n - 1);

	if (percent(20))
		return (UChar32) " '.,"[between(0, 3)];
	return percent(5) ? RIGHT_QUOTE : (UChar32) between(ranges[i][0], ranges[i][1]);
}

/* A random text of such; how many bytes it has. */
static size_t
random_characters(char *text, int64_t n)
{
	int32_t size = 0;

	for (; n > 0; n--)
		U8_APPEND_UNSAFE(text, size, random_character());
	text[size] = '\0';
	return (size_t) size;
}

/* Put a character where a pattern has an X, another where it has a Y, and a typographic apostrophe for a Q. */
static size_t
fill_pattern(const char *pattern, UChar32 x, UChar32 y, char *text)
{
	int32_t size = 0;

	for (; *pattern != '\0'; pattern++)
	{
		UChar32 c = *pattern == 'X' ? x : *pattern == 'Y' ? y : (UChar32) *pattern;

		U8_APPEND_UNSAFE(text, size, c == 'Q' ? RIGHT_QUOTE : c);
	}
	text[size] = '\0';
	return (size_t) size;
}

/* Every character that the short cut may know, alone and next to all classes; and random texts of them. */
static void
check_characters(const char *locale, int step)
{
	char text[MAX_TEXT] = "";
	int nknown = 0;

	word_breaker_close(&breaker);
	if (!word_breaker_open(&breaker, locale))
		abort();
	for (UChar32 c = 0x80; c < WORDS_KNOWN_END + 0x100; c += step)
	{
		check_short_cut(text, fill_pattern("X aXa eX 1X1 XX", c, 0, text), WORDS_KEEP_MARKS);
		check_short_cut(
			text, fill_pattern("XY YX X'Y Y.X X,Y aXYb 1XY XQY -X:Y", c, random_character(), text),
			WORDS_FOLD_NUMBERS);
	}
	for (UChar32 c = 0x80; c < WORDS_KNOWN_END; c++)
		nknown += breaker.known[c].is_asked && breaker.known[c].class == CLASS_LETTER;
	check(nknown > 1000 / step || !breaker.knows_ascii, "the short cut knows %d letters in \"%s\"",
		  nknown, locale);
	for (int i = 0; i < 20000; i += stride() * step)
		check_short_cut(text, random_characters(text, between(1, 30)), WORDS_KEEP_MARKS);
}

/* Runs without white space about as long as ICU is given at once: both ways cut them in the same places. */
static void
check_long_runs(void)
{
	static char text[WORDS_MAX_SEGMENT + 64];

	for (size_t length = WORDS_MAX_SEGMENT - 6; length <= WORDS_MAX_SEGMENT + 6; length++)
		for (int a = 0; a < 2; a++)
		{
			size_t size = 0;

			if (a > 0)
				text[size++] = 'a';
			while (size + 2 <= length)
			{
				memcpy(text + size, size % 800 < 2 ? "--" : "\u00E9", 2);
				size += 2;
			}
			memcpy(text + size, " b", 3);
			check_short_cut(text, size + 2, WORDS_KEEP_MARKS);
		}
}

static void
test_characters(void)
{
	static const char *const locales[] = {
		"el", "fi", "he", "ja", "th", "ar", "en_US_POSIX", "de"
	};

	check_characters("", stride());
	check_long_runs();
	end_test("what the short cut knows of a character is what ICU does with it");
	for (size_t i = 0; i < sizeof(locales) / sizeof(locales[0]); i++)
		check_characters(locales[i], 7 * stride());
	word_breaker_close(&breaker);
	if (!word_breaker_open(&breaker, ""))
		abort();
	end_test("also in locales with rules of their own");
}

/* ICU over the whole text as UTF-16, without our reader: which words there are, in UTF-16 units. */
static int
icu_words(const UChar *units, int32_t n, int32_t (*found)[2])
{
	UErrorCode error = U_ZERO_ERROR;
	UBreakIterator *iterator = ubrk_open(UBRK_WORD, "", units, n, &error);
	int nfound = 0;
	int32_t end;

	for (int32_t start = ubrk_first(iterator); (end = ubrk_next(iterator)) != UBRK_DONE;
		 start = end)
		if (ubrk_getRuleStatus(iterator) >= UBRK_WORD_NONE_LIMIT)
		{
			found[nfound][0] = start;
			found[nfound++][1] = end;
		}
	ubrk_close(iterator);
	return nfound;
}

/* Words against ICU: which there are, in characters. */
static void
check_words(const char *text, size_t size)
{
	static UChar units[MAX_TEXT];
	static int32_t found[MAX_TEXT][2];
	UErrorCode error = U_ZERO_ERROR;
	int32_t nunits;
	int n = read_words(text, size, 0, words[0], spelt[0]);
	int kept = 0;
	int nfound;

	u_strFromUTF8(units, MAX_TEXT, &nunits, text, (int32_t) size, &error);
	nfound = icu_words(units, nunits, found);
	for (int i = 0; i < nfound; i++)
	{
		int32_t first = u_countChar32(units, found[i][0]);
		int32_t last = u_countChar32(units, found[i][1]);

		if (kept < n && words[0][kept].first == first && words[0][kept].last == last)
			kept++;
		else /* nothing but what is ignored */
			check(false, "\"%.*s\" lacks the word of characters %d to %d", (int) size, text, first,
				  last);
	}
	check(kept == n, "\"%.*s\" has %d words, and %d are ICU's", (int) size, text, n, kept);
	release_all();
}

static void
test_places(void)
{
	char text[MAX_TEXT] = "";

	for (int i = 0; i < 20000; i += stride())
		check_words(text, random_text(text, 60, 0, (int) NMORSELS - 1));
	end_test("words stand where ICU finds them in the whole text, in characters");
}

/* A spelling is spelt as itself, and never has white space or the typographic apostrophe. */
static void
test_spelling(void)
{
	char text[MAX_TEXT] = "";
	char once[WORD_MAX_SPELLING + 1];
	char twice[WORD_MAX_SPELLING];

	for (int i = 0; i < 20000; i += stride())
	{
		int32_t length =
			word_fold(&breaker, text, random_text(text, 12, 0, (int) NMORSELS - 1), once);

		once[length] = '\0';
		check(word_fold(&breaker, once, (size_t) length, twice) == length &&
				  memcmp(once, twice, (size_t) length) == 0 && strstr(once, "\u2019") == NULL,
			  "\"%s\" is spelt in two ways", text);
	}
	for (UChar c = '!'; c <= '~'; c++)
	{
		UErrorCode error = U_ZERO_ERROR;
		UChar folded[4];

		text[0] = (char) c;
		check(unorm2_normalize(breaker.folding, &c, 1, folded, 4, &error) == 1 &&
				  word_fold(&breaker, text, 1, once) == 1 && once[0] == (char) folded[0],
			  "U+%04X is not spelt as ICU does", c);
	}
	for (UChar32 c = 1; c <= 0x10FFFF; c += stride())
	{
		int32_t size = 0;
		int32_t length;

		if (U_IS_SURROGATE(c))
			continue;
		U8_APPEND_UNSAFE(text, size, c);
		length = word_fold(&breaker, text, (size_t) size, once);
		check(word_fold(&breaker, once, (size_t) length, twice) == length &&
				  memcmp(once, twice, (size_t) length) == 0,
			  "U+%04X is spelt in two ways", c);
	}
	end_test("a spelling is its own spelling, of every character and of random texts");
}

/* Bytes that are no UTF-8: words stay inside, in order, and reading ends. */
static void
test_hostile_bytes(void)
{
	char text[256] = "";

	for (int i = 0; i < 50000; i += stride())
	{
		size_t size = (size_t) between(0, 255);
		size_t before = 0;
		int n;

		for (size_t k = 0; k < size; k++)
			text[k] = percent(30) ? (char) between(0x80, 0xFF) : (char) between(0, 0x7F);
		n = read_words(text, size, WORDS_KEEP_MARKS, words[0], spelt[0]);
		for (int k = 0; k < n; k++)
		{
			const Word *word = &words[0][k];

			check(word->start >= before && word->end > word->start && word->end <= size &&
					  word->length > 0,
				  "a word is out of place");
			before = word->end;
		}
		release_all();
	}
	check(true, "no");
	end_test("hostile bytes are read to their end");
}

/*
 * Phrases
 */

/* Words of random phrases and texts: some begin others. */
static const char *const vocabulary[] = { "a",	 "ab",	  "abc", "b", "bc",
										  "not", "don't", "no",	 "é", "éa" };

#define NVOCABULARY ((int64_t) (sizeof(vocabulary) / sizeof(vocabulary[0])))

/* A random lexicon as records; how many bytes. */
static size_t
random_lexicon(uint8_t *bytes, Record *records, size_t *n, char *keys)
{
	uint8_t *at = bytes;

	*n = (size_t) between(0, 12);
	for (size_t i = 0; i < *n; i++)
	{
		char *key = keys;

		keys += sprintf(keys, "l%d", (int) between(1, 2)) + 1;
		for (int64_t k = between(1, 3); k > 0; k--)
			keys += sprintf(keys, "%s%s%s", vocabulary[between(0, NVOCABULARY - 1)],
							percent(30) ? "*" : "",
							k == 1		  ? ""
							: percent(25) ? " * "
										  : " ");
		keys++;
		records[i] = (Record){ .key = key, .size = (size_t) (keys - key), .value.number = 1 };
	}
	if (records_fold(RECORD_LEXICON, records, n) != RECORD_OK)
		abort();
	for (size_t i = 0; i < *n; i++)
		at = record_write(at, &records[i]);
	return (size_t) (at - bytes);
}

/* Whether a word is one of a phrase's. */
static bool
word_is(const Word *word, const char *piece, size_t length)
{
	if (piece[length - 1] == '*')
		return word->length >= length - 1 && memcmp(word->spelling, piece, length - 1) == 0;
	return word->length == length && memcmp(word->spelling, piece, length) == 0;
}

/* Note each word that ends what is left of a phrase when its next word has to be the i-th: a gap skips up to three in a sentence. */
static void
note_ends(const char *phrase, int i, int n, bool *ends)
{
	size_t length = strcspn(phrase, " ");
	const char *rest = phrase + length + (phrase[length] == ' ');

	if (i >= n || !word_is(&words[0][i], phrase, length))
		return;
	if (*rest == '\0')
		ends[i] = true;
	else if (strncmp(rest, "* ", 2) != 0)
		note_ends(rest, i + 1, n, ends);
	else
		for (int k = i + 1; k <= i + 4 && k < n && !words[0][k].after_stop; k++)
			note_ends(rest + 2, k, n, ends);
}

/* Whether a word negates in English, as the test's vocabulary has it. */
static bool
negates(const Word *word)
{
	return word_is(word, "not", 3) || word_is(word, "no", 2) || word_is(word, "don't", 5);
}

/* Whether a phrase from the i-th word on is negated: within 3 words before it, in the same sentence. */
static bool
negated_at(int i)
{
	for (int k = i; k > 0 && i - k < 3; k--)
	{
		if (words[0][k].after_stop)
			return false;
		if (negates(&words[0][k - 1]))
			return true;
	}
	return false;
}

/* How many findings are a phrase from one word to another. */
static size_t
count_found(const Findings *findings, size_t entry, int first, int last)
{
	size_t count = 0;

	for (size_t f = 0; f < findings->n; f++)
		count += findings->found[f].entry == entry &&
				 findings->found[f].first == words[0][first].first &&
				 findings->found[f].last == words[0][last].last &&
				 findings->found[f].negated == negated_at(first);
	return count;
}

/* Every phrase at every word, in the order of findings: as what is found so far has to begin. */
static void
check_findings(const Record *records, size_t nrecords, int n, const Findings *findings)
{
	size_t wanted = 0;
	size_t right = 0;

	for (int i = 0; i < n; i++)
		for (size_t k = 0; k < nrecords; k++)
		{
			bool ends[MAX_WORDS] = { false };

			note_ends(field_after(&records[k], records[k].key), i, n, ends);
			for (int last = i; last < n; last++)
			{
				wanted += ends[last];
				right += ends[last] && count_found(findings, k, i, last) == 1;
			}
		}
	check(wanted == findings->n && right == wanted, "of %zu phrases %zu were found, %zu right",
		  wanted, findings->n, right);
	for (size_t f = 1; f < findings->n; f++)
		check(findings->found[f - 1].first <= findings->found[f].first, "out of order");
}

/* Gaps upon gaps in a text that fits them everywhere: each place is found once, and the ways do not multiply. */
static void
test_many_gaps(void)
{
	char key[128] = "l";
	char text[512] = "";
	uint8_t bytes[256];
	size_t length = 2;
	Record record = { .key = key, .value.number = 1 };
	Findings findings = { .memory = &test_memory };
	WordReader reader;

	for (int i = 0; i < 16; i++)
		length += (size_t) sprintf(key + length, "%sa", i > 0 ? " * " : "");
	record.size = length + 1;
	for (int i = 0; i < 100; i++)
		strcat(text, "a ");
	words_start(&reader, &breaker, text, strlen(text), 0);
	automaton_search(automaton_compile(&test_memory, bytes,
									   (size_t) (record_write(bytes, &record) - bytes), NULL),
					 &reader, &findings);
	/* From each of the words on to the 15th to 60th after it. */
	for (int i = 0, wanted = 0; i < 100; i++)
	{
		for (int k = i + 15; k <= i + 60 && k < 100; k++)
			wanted++;
		check(i < 99 || findings.n == (size_t) wanted, "%zu found, not %d", findings.n, wanted);
	}
	forget();
	end_test("gaps upon gaps are found once each");
}

static void
test_phrases(void)
{
	static const char *const between_words[] = { " ", " ", " ", ". ", "\n", ", ", " - " };
	uint8_t bytes[8192];
	char keys[8192];
	Record records[16];
	char text[MAX_TEXT] = "";

	for (int i = 0; i < 20000; i += stride())
	{
		size_t nrecords;
		size_t size = random_lexicon(bytes, records, &nrecords, keys);
		Findings findings = { .memory = &test_memory };
		WordReader reader;
		size_t length = 0;
		int n;

		for (int64_t k = between(0, 30); k > 0; k--)
			length +=
				(size_t) sprintf(text + length, "%s%s", vocabulary[between(0, NVOCABULARY - 1)],
								 between_words[between(0, 6)]);
		words_start(&reader, &breaker, text, length, 0);
		automaton_search(automaton_compile(&test_memory, bytes, size, find_negation("en")), &reader,
						 &findings);
		n = read_words(text, length, 0, words[0], spelt[0]);
		check_findings(records, nrecords, n, &findings);
		forget();
		release_all();
	}
	end_test("the automaton finds what trying every phrase at every word finds, negated or not");
}

/*
 * Records
 */

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

	memcpy(to->text + to->length, text, length);
	to->length += length;
	to->text[to->length] = '\0';
}

/* Random counts of pairs of labels, not in order; some come more than once. */
static size_t
random_pairs(Record *records, char *keys)
{
	static const char *const labels[] = { "a", "b", "é", "a\"b", "\\", "a b", "\n", "z😀" };
	size_t n = (size_t) between(0, 20);

	for (size_t i = 0; i < n; i++)
	{
		char *key = keys;

		keys += sprintf(keys, "%s", labels[between(0, 7)]) + 1;
		keys += sprintf(keys, "%s", labels[between(0, 7)]) + 1;
		records[i] = (Record){ .key = key,
							   .size = (size_t) (keys - key),
							   .value.count = (uint64_t) between(1, percent(50) ? 1 : 1000) };
	}
	return n;
}

/* Write records in order as bytes. */
static size_t
pack(Record *records, size_t n, uint8_t *bytes)
{
	uint8_t *at = bytes;

	if (records_fold(RECORD_CONFUSION, records, &n) != RECORD_OK)
		abort();
	for (size_t i = 0; i < n; i++)
		at = record_write(at, &records[i]);
	return (size_t) (at - bytes);
}

/* Records as text and back. */
static void
check_text(const uint8_t *bytes, size_t size, bool ascii)
{
	char text[65536];
	char key[65536];
	uint8_t again[8192] = { 0 };
	uint8_t *at = again;
	Written written = { .text = text };
	RecordSink sink = { .put = put, .target = &written, .ascii = ascii };
	RecordText reading;
	RecordScan scan;
	RecordFault fault;
	Record record;

	text[0] = '\0';
	record_scan(&scan, bytes, size);
	for (int i = 0; record_next(&scan); i++)
		record_format(RECORD_CONFUSION, &scan.here, i == 0, &sink);
	if (size == 0)
		put(&written, "empty", 5);
	fault = record_text_start(&reading, text, key);
	while (fault == RECORD_OK && *reading.at != '\0')
	{
		fault = record_text_next(&reading, RECORD_CONFUSION, &record);
		if (fault == RECORD_OK)
			fault = record_check(RECORD_CONFUSION, &record);
		if (fault == RECORD_OK)
			at = record_write(at, &record);
	}
	check(fault == RECORD_OK && (size_t) (at - again) == size && memcmp(again, bytes, size) == 0,
		  "%s is read as something else", text);
	for (const char *c = text; ascii && *c != '\0'; c++)
		check((unsigned char) *c < 0x80, "%s is not ASCII", text);
}

static void
test_records(void)
{
	Record a[64];
	Record b[64];
	char keys[2][2048];
	uint8_t packed[4][8192];
	uint8_t merged[16384];

	for (int i = 0; i < 20000; i += stride())
	{
		size_t na = random_pairs(a, keys[0]);
		size_t nb = random_pairs(b, keys[1]);
		size_t in_a = pack(a, na, packed[0]);
		size_t in_b = pack(b, nb, packed[1]);
		size_t in_both;
		size_t size = 0;

		/* both lists as one, afresh: folding has changed a and b */
		na = 0;
		for (int k = 0; k < 2; k++)
		{
			RecordScan scan;

			record_scan(&scan, packed[k], k == 0 ? in_a : in_b);
			while (record_next(&scan))
				a[na++] = scan.here;
		}
		in_both = pack(a, na, packed[2]);
		check(records_merge(RECORD_CONFUSION, packed[0], in_a, packed[1], in_b, 1, merged, &size) ==
					  RECORD_OK &&
				  size == in_both && memcmp(merged, packed[2], size) == 0,
			  "merging is not folding both");
		check(records_merge(RECORD_CONFUSION, packed[2], in_both, packed[1], in_b, -1, merged,
							&size) == RECORD_OK &&
				  size == in_a && memcmp(merged, packed[0], size) == 0,
			  "taking away does not give back");
		check_text(packed[2], in_both, percent(50));
	}
	end_test("records merge, and are taken away, and are written and read");
	for (int i = 0; i < 20000; i += stride())
	{
		size_t size = pack(a, random_pairs(a, keys[0]), packed[0]);
		uint8_t *damaged = hold(size);
		RecordScan scan;
		size_t bytes = 0;

		memcpy(damaged, packed[0], size);
		if (size > 0)
			damaged[between(0, (int64_t) size - 1)] ^= (uint8_t) between(1, 255);
		record_scan(&scan, damaged, (size_t) between(0, (int64_t) size));
		while (record_next(&scan))
			bytes += record_size(&scan.here);
		check(bytes <= size, "more was read than there is");
		release_all();
	}
	end_test("damaged records are read to their end at most");
}

/*
 * Agreement
 */

/* Alpha by its definition: the share of pairs of labels that differ, within units and over all. */
static double
alpha_by_pairs(const int *labels, const int *units, int n)
{
	double within = 0;
	double over_all = 0;
	double total = 0;

	for (int i = 0; i < n; i++)
	{
		int m = 0;

		for (int k = 0; k < n; k++)
			m += units[k] == units[i];
		if (m < 2)
			continue;
		total++;
		for (int k = 0; k < n; k++)
		{
			int of_k = 0;

			if (k == i)
				continue;
			if (units[k] == units[i] && labels[k] != labels[i])
				within += 1.0 / (m - 1);
			for (int l = 0; l < n; l++)
				of_k += units[l] == units[k];
			if (of_k >= 2 && labels[k] != labels[i])
				over_all++;
		}
	}
	return over_all == 0 ? NAN : 1 - within / (over_all / (total - 1));
}

static void
test_alpha(void)
{
	for (int i = 0; i < 5000; i += stride())
	{
		int n = (int) between(0, 24);
		int labels[24];
		int units[24];
		char keys[24][16];
		Record records[24];
		uint8_t bytes[1024];
		uint8_t *at = bytes;
		size_t nrecords = (size_t) n;
		double alpha;
		double wanted;

		for (int k = 0; k < n; k++)
		{
			labels[k] = (int) between(0, 3);
			units[k] = (int) between(0, 6);
			records[k] = (Record){ .key = keys[k], .value.count = 1 };
			records[k].size = (size_t) sprintf(keys[k], "%d%c%d%c%d", units[k], 0,
											   (int) between(0, 2), 0, labels[k]) +
							  1;
		}
		if (records_fold(RECORD_RATINGS, records, &nrecords) != RECORD_OK)
			abort();
		for (size_t k = 0; k < nrecords; k++)
			at = record_write(at, &records[k]);
		wanted = alpha_by_pairs(labels, units, n);
		if (ratings_to_alpha(&test_memory, bytes, (size_t) (at - bytes), &alpha))
			check(fabs(alpha - wanted) < 1e-12, "alpha is %.17g, not %.17g", alpha, wanted);
		else
			check(isnan(wanted), "no alpha, but %.17g", wanted);
		forget();
	}
	end_test("alpha is what all pairs of labels give");
}

/*
 * Models
 */

#define MAX_DOCUMENTS 60

/* Random documents of a few people, labels and terms, as records; how many bytes. */
static size_t
random_documents(uint8_t *bytes, char *keys, bool one_person)
{
	Record records[MAX_DOCUMENTS];
	size_t n = (size_t) between(2, MAX_DOCUMENTS);
	uint8_t *at = bytes;

	for (size_t i = 0; i < n; i++)
	{
		char *key = keys;
		int label = (int) between(0, 2);

		keys += sprintf(keys, "%d", one_person ? 1 : (int) between(1, 6)) + 1;
		keys += sprintf(keys, "l%d", label) + 1;
		for (char term = 'a'; term <= 'h'; term++)
			if (percent(term - 'a' == 2 * label ? 60 : 25))
				keys += sprintf(keys, "%c", term) + 1;
		records[i] = (Record){ .key = key,
							   .size = (size_t) (keys - key),
							   .value.count = (uint64_t) between(1, 3) };
	}
	if (records_fold(RECORD_DOCUMENTS, records, &n) != RECORD_OK)
		abort();
	for (size_t i = 0; i < n; i++)
		at = record_write(at, &records[i]);
	return (size_t) (at - bytes);
}

/* Whether a document has a term of the vocabulary. */
static bool
has_term(const TextModel *model, const Document *document, uint32_t term)
{
	for (uint32_t i = 0; i < document->nterms; i++)
		if (model->corpus.terms[document->term + i] == term)
			return true;
	return false;
}

/* The log loss of documents by counts of those of other people alone, counted afresh for each, at a temperature. */
static double
loss_without_person(const TextModel *model, double temperature)
{
	const Corpus *corpus = &model->corpus;
	double loss = 0;

	for (size_t d = 0; d < corpus->n; d++)
	{
		double scores[3] = { 0 };
		double sum = 0;

		for (uint32_t l = 0; l < model->nlabels; l++)
		{
			double documents = 0;
			double total = 0;
			double counts[8] = { 0 };

			for (size_t other = 0; other < corpus->n; other++)
			{
				const Document *of = &corpus->documents[other];

				if (of->label != l || other == d ||
					(corpus->npeople > 1 && strcmp(of->person, corpus->documents[d].person) == 0))
					continue;
				documents += of->times;
				for (uint32_t t = 0; t < model->vocabulary.n; t++)
				{
					counts[t] += has_term(model, of, t) * of->times;
					total += has_term(model, of, t) * of->times;
				}
			}
			scores[l] = log(documents + 0.3);
			for (uint32_t t = 0; t < model->vocabulary.n; t++)
				if (has_term(model, &corpus->documents[d], t))
					scores[l] +=
						log((counts[t] + 0.3) / (total + 0.3 * (double) model->vocabulary.n));
		}
		for (uint32_t l = 0; l < model->nlabels; l++)
			sum += exp(scores[l] / temperature);
		loss -= corpus->documents[d].times *
				log(exp(scores[corpus->documents[d].label] / temperature) / sum);
	}
	return loss + log(temperature) * log(temperature) / 2;
}

/* The gradient of a logistic regression at its weights, term by term; the largest in size. */
static double
largest_gradient(const TextModel *model, uint32_t label)
{
	const Corpus *corpus = &model->corpus;
	double largest = 0;

	for (uint32_t t = 0; t <= model->vocabulary.n; t++)
	{
		bool is_intercept = t == model->vocabulary.n;
		double gradient = is_intercept ? 0 : model->weights[t * model->nlabels + label];

		for (size_t d = 0; d < corpus->n; d++)
		{
			const Document *document = &corpus->documents[d];
			double score = model->prior[label];

			for (uint32_t i = 0; i < model->vocabulary.n; i++)
				score += has_term(model, document, i) * model->weights[i * model->nlabels + label];
			if (is_intercept || has_term(model, document, t))
				gradient += document->times * (1 / (1 + exp(-score)) - (document->label == label));
		}
		largest = fabs(gradient) > largest ? fabs(gradient) : largest;
	}
	return largest;
}

static void
test_models(void)
{
	uint8_t bytes[8192];
	char keys[8192];
	TextModel model;

	for (int i = 0; i < 200; i += stride())
	{
		size_t size = random_documents(bytes, keys, percent(20));
		double least;

		check(model_compile(&test_memory, RECORD_DOCUMENTS, bytes, size, 0, &model) == RECORD_OK,
			  "no model");
		model_temperature(&model);
		least = loss_without_person(&model, model.temperature);
		for (double other = 1; other < 20 && model.nlabels > 1; other *= 1.3)
			check(least <= loss_without_person(&model, other) + 1e-6,
				  "a temperature of %g has less loss than %g", other, model.temperature);
		check(model.temperature >= 1, "no temperature");
		forget();
	}
	end_test("the temperature has the least loss, by counts without each person made afresh");
	for (int i = 0; i < 200; i += stride())
	{
		size_t size = random_documents(bytes, keys, percent(20));

		if (model_compile(&test_memory, RECORD_DOCUMENTS, bytes, size, 0, &model) != RECORD_OK)
			abort();
		logistic_fit(&model);
		for (uint32_t l = 0; l < model.nlabels; l++)
			check(largest_gradient(&model, l) < 1e-2 && model.temperature > 0,
				  "the gradient of a regression is %g", largest_gradient(&model, l));
		forget();
	}
	end_test("logistic regressions are where the gradient is nothing");
}

int
main(void)
{
	start_random();
	if (!word_breaker_open(&breaker, ""))
		abort();
	test_short_cut();
	test_characters();
	test_places();
	test_spelling();
	test_hostile_bytes();
	test_phrases();
	test_many_gaps();
	test_records();
	test_alpha();
	test_models();
	word_breaker_close(&breaker);
	return end_tests();
}
