/*
 * ICU's means for a locale, and what the short cut of words.c knows by asking
 * ICU, which stays the only authority.
 *
 * ASCII is the table in words.c.  When a breaker is opened, all short
 * arrangements of its classes are read both ways; if the rules of the locale,
 * or of this version of ICU, find other words, all is left to ICU.
 *
 * Any other character is asked about when a text first has it, as a text has
 * few of the 12,000: what class its properties make it, how it is spelt, and
 * whether both ways read it alike next to each class.  A letter is spelt on its
 * own only if nothing before it can change how it is.  All else (marks that
 * join the letter before them, scripts that need a dictionary, Hebrew, whose
 * apostrophes follow rules of their own) is left to ICU, as are Hangul and
 * Chinese characters, where ICU does not keep to UAX #29.
 */
#include "language/words.h"

#include <string.h>

#include <unicode/uchar.h>
#include <unicode/utf8.h>

/*
 * ASCII
 */

/* Letters for the classes that the short cut tells apart, so that all their arrangements can be tried. */
#define PROBE_CLASSES "aB1'.,-:"
#define PROBE_NCLASSES (sizeof(PROBE_CLASSES) - 1)
#define PROBE_LENGTH 4
#define PROBE_SIZE 24576

/* Write all arrangements of the classes, each a chunk, and what surrounds each mark; how many bytes that are. */
static size_t
write_probe(char probe[PROBE_SIZE])
{
	size_t size = 0;
	unsigned arrangements = 1;

	for (int length = 1; length <= PROBE_LENGTH; length++)
	{
		arrangements *= PROBE_NCLASSES;
		for (unsigned i = 0; i < arrangements; i++)
		{
			unsigned rest = i;

			for (int k = 0; k < length; k++, rest /= PROBE_NCLASSES)
				probe[size++] = PROBE_CLASSES[rest % PROBE_NCLASSES];
			probe[size++] = ' ';
		}
	}
	for (const char *mark = WORDS_MARKS; *mark != '\0'; mark++)
	{
		const char around[] = { 'a', *mark, 'a', *mark, '1', *mark, '1', *mark, *mark, 'a', ' ' };

		memcpy(probe + size, around, sizeof(around));
		size += sizeof(around);
	}
	return size;
}

/* Where a word begins or ends in the probe. */
#define BEGINS 1
#define ENDS 2

/* Note where ICU finds words in a chunk of the probe; how many. */
static size_t
note_words(WordBreaker *breaker, const char *chunk, size_t size, uint8_t *places)
{
	UErrorCode error = U_ZERO_ERROR;
	size_t n = 0;
	int32_t start = 0;
	int32_t next;

	utext_openUTF8(&breaker->text, chunk, (int64_t) size, &error);
	ubrk_setUText(breaker->iterator, &breaker->text, &error);
	while (U_SUCCESS(error) && (next = ubrk_next(breaker->iterator)) != UBRK_DONE)
	{
		if (ubrk_getRuleStatus(breaker->iterator) >= UBRK_WORD_NONE_LIMIT)
		{
			places[start] |= BEGINS;
			places[next] |= ENDS;
			n++;
		}
		start = next;
	}
	return n;
}

/* Whether the short cut and ICU, chunk by chunk, find the same words. */
static bool
probe_ascii(WordBreaker *breaker)
{
	char probe[PROBE_SIZE];
	uint8_t places[PROBE_SIZE] = { 0 };
	size_t size = write_probe(probe);
	size_t wanted = 0;
	size_t right = 0;
	WordReader reader;
	Word word;

	for (size_t at = 0; at < size;)
	{
		size_t end = at;

		while (probe[end] != ' ')
			end++;
		wanted += note_words(breaker, probe + at, end - at, places + at);
		at = end + 1;
	}
	breaker->knows_ascii = true;
	words_start(&reader, breaker, probe, size, 0);
	for (; words_next(&reader, &word); right++)
		if (!(places[word.start] & BEGINS) || !(places[word.end] & ENDS))
			return false;
	return right == wanted;
}

/*
 * Other characters
 */

/*
 * What stands around a character, which is _ here, when both ways to read it
 * are compared: only what the short cut takes, as they share ICU's iterator.
 */
static const char around_character[] =
	"_ __ ___ a_ _a a_a 1_ _1 1_1 _'_ _._ _,_ '_ _' ._ _. a'_ _'a a._ _.1 1,_ _,1 -_- _: a__a 1_";

/* Put a character where the others have a _; how many bytes the text has. */
static size_t
surround(const char *character, size_t size, char text[4 * sizeof(around_character)])
{
	size_t n = 0;

	for (const char *c = around_character; *c != '\0'; c++)
	{
		if (*c == '_')
			memcpy(text + n, character, size);
		else
			text[n] = *c;
		n += *c == '_' ? size : 1;
	}
	return n;
}

/* Whether the short cut and ICU read the same next word. */
static bool
read_same_word(WordReader *cut, WordReader *icu, bool *is_end)
{
	Word a;
	Word b;

	*is_end = !words_next(cut, &a);
	if (*is_end || !words_next(icu, &b))
		return *is_end && !words_next(icu, &b);
	return a.start == b.start && a.end == b.end && a.after_stop == b.after_stop &&
		   a.length == b.length && memcmp(a.spelling, b.spelling, a.length) == 0;
}

/* Whether both ways read a character alike, next to each class. */
static bool
probe_character(WordBreaker *breaker, const char *character, size_t size)
{
	char text[4 * sizeof(around_character)];
	size_t n = surround(character, size, text);
	bool is_end = false;
	WordReader cut;
	WordReader icu;

	words_start(&cut, breaker, text, n, WORDS_KEEP_MARKS);
	words_start(&icu, breaker, text, n, WORDS_KEEP_MARKS | WORDS_ONLY_ICU);
	while (!is_end)
		if (!read_same_word(&cut, &icu, &is_end))
			return false;
	return true;
}

/* The class that the properties of a character make it. */
static CharacterClass
class_by_properties(const WordBreaker *breaker, UChar32 c)
{
	bool stands_alone = unorm2_hasBoundaryBefore(breaker->folding, c);

	if (c == RIGHT_QUOTE)
		return CLASS_APOSTROPHE;
	if (u_getIntPropertyValue(c, UCHAR_LINE_BREAK) == U_LB_COMPLEX_CONTEXT)
		return CLASS_OTHER;
	switch (u_getIntPropertyValue(c, UCHAR_WORD_BREAK))
	{
		case U_WB_ALETTER:
			return stands_alone ? CLASS_LETTER : CLASS_OTHER;
		case U_WB_NUMERIC:
			return stands_alone ? CLASS_DIGIT : CLASS_OTHER;
		case U_WB_OTHER:
			return CLASS_MARK;
		default:
			return CLASS_OTHER;
	}
}

/* Whether a spelling is the same after any letter: it does not begin with what the letter before would take. */
static bool
is_spelt_alone(const WordBreaker *breaker, const char *spelling, int32_t length)
{
	UChar32 first;

	U8_GET((const uint8_t *) spelling, 0, 0, length, first);
	return first >= 0 && unorm2_hasBoundaryBefore(breaker->folding, first);
}

/* Ask about a character: 0 stands for all that are left to ICU. */
void
word_breaker_ask(WordBreaker *breaker, UChar32 c)
{
	KnownCharacter *known = &breaker->known[c];
	char spelling[WORD_MAX_SPELLING];
	char character[U8_MAX_LENGTH];
	int32_t size = 0;
	int32_t length;

	known->is_asked = true;
	if (c == 0)
		return;
	U8_APPEND_UNSAFE(character, size, c);
	length = word_fold(breaker, character, (size_t) size, spelling);
	known->class = class_by_properties(breaker, c);
	if (known->class != CLASS_MARK && (length == 0 || length > (int32_t) sizeof(known->spelling) ||
									   !is_spelt_alone(breaker, spelling, length)))
		known->class = CLASS_OTHER;
	if (known->class == CLASS_OTHER)
		return;
	if (known->class != CLASS_MARK)
	{
		known->length = (uint8_t) length & 7;
		memcpy(known->spelling, spelling, (size_t) length);
	}
	if (!probe_character(breaker, character, (size_t) size))
		known->class = CLASS_OTHER;
}

/*
 * Opening and closing
 */

/* Open ICU's means for a locale; whether that went well.  What was opened stays until it is closed. */
bool
word_breaker_open(WordBreaker *breaker, const char *locale)
{
	UErrorCode error = U_ZERO_ERROR;
	const UText closed = UTEXT_INITIALIZER;

	breaker->text = closed;
	breaker->folding = unorm2_getNFKCCasefoldInstance(&error);
	breaker->iterator = ubrk_open(UBRK_WORD, locale, NULL, 0, &error);
	if (U_FAILURE(error))
		return false;
	breaker->knows_ascii = probe_ascii(breaker);
	return true;
}

/* Give back what was opened, and forget what is known of characters, so that another locale can be opened. */
void
word_breaker_close(WordBreaker *breaker)
{
	if (breaker->iterator != NULL)
	{
		ubrk_close(breaker->iterator);
		memset(breaker->known, 0, sizeof(breaker->known));
	}
	breaker->iterator = NULL;
	utext_close(&breaker->text);
}
