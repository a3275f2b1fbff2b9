/*
 * Words of a text.  ICU's word iterator (UAX #29, with dictionaries for
 * scripts without spaces) runs over the text as it was given, so that places
 * are exact, and each word is spelt for comparison afterwards.
 *
 * A run between white space of letters, digits, apostrophes, periods, commas
 * and marks that are never part of a word is taken apart here, some ten times
 * as fast.  No rule of word breaking looks across white space, and those for
 * these characters are local.  What is known of them comes from ICU (see
 * breaker.c); a run with anything else in it is left to ICU as a whole.
 */
#include "language/words.h"

#include <string.h>

#include <unicode/uchar.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>

#define OTHER_16 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
#define OTHER_128 OTHER_16, OTHER_16, OTHER_16, OTHER_16, OTHER_16, OTHER_16, OTHER_16, OTHER_16

/* Bytes that are characters; what the marks are is in the header. */
/* clang-format off */
static const uint8_t byte_classes[256] = {
	0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0, /* white space */
	OTHER_16,
	1, 7, 7, 7, 7, 7, 7, 4, 7, 7, 7, 7, 6, 7, 5, 7, /*  !"#$%&'()*+,-./ */
	3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 8, 8, 7, 7, 7, 7, /* 0123456789:;<=>? */
	0, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, /* @ABC... */
	2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 7, 7, 7, 7, 0, /* ...XYZ[\]^_ */
	7, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, /* `abc... */
	2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 7, 7, 7, 7, 0, /* ...xyz{|}~ */
	OTHER_128
};
/* clang-format on */

/* The character of two or three bytes that stands at a byte of the text; 0 if it is another, or none. */
static inline UChar32
decode_at(const WordReader *reader, size_t at)
{
	const uint8_t *bytes = (const uint8_t *) reader->text + at;
	size_t left = reader->size - at;
	UChar32 c;

	if (bytes[0] < 0xC2 || bytes[0] > 0xE2 || left < 2 || !U8_IS_TRAIL(bytes[1]))
		return 0;
	if (bytes[0] < 0xE0)
		return (bytes[0] & 0x1F) << 6 | (bytes[1] & 0x3F);
	if (left < 3 || !U8_IS_TRAIL(bytes[2]))
		return 0;
	c = (bytes[0] & 0x0F) << 12 | (bytes[1] & 0x3F) << 6 | (bytes[2] & 0x3F);
	return c >= 0x800 ? c : 0;
}

/* What is known of the character at a byte of the text that is not ASCII. */
static inline const KnownCharacter *
known_at(const WordReader *reader, size_t at)
{
	UChar32 c = decode_at(reader, at);
	const KnownCharacter *known = &reader->breaker->known[c];

	if (!known->is_asked)
		word_breaker_ask(reader->breaker, c);
	return known;
}

/* What the short cut takes the character at a byte of the text for. */
static inline CharacterClass
class_at(const WordReader *reader, size_t at)
{
	uint8_t byte = (uint8_t) reader->text[at];

	return byte < 0x80 ? (CharacterClass) byte_classes[byte]
					   : (CharacterClass) known_at(reader, at)->class;
}

/* Whether white space stands at a byte of the text. */
static inline bool
is_space_at(const WordReader *reader, size_t at)
{
	return byte_classes[(uint8_t) reader->text[at]] == CLASS_SPACE;
}

/* How many bytes the character takes that stands at a byte of the text and is known. */
static inline size_t
size_at(const WordReader *reader, size_t at)
{
	uint8_t byte = (uint8_t) reader->text[at];

	return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : 3;
}

/* Whether a character ends a sentence or a clause. */
static bool
is_stop(UChar32 c)
{
	switch (c)
	{
		case '.':
		case '!':
		case '?':
		case ';':
		case '\n':
		case 0x37E:	 /* Greek question mark */
		case 0x589:	 /* Armenian full stop */
		case 0x61B:	 /* Arabic semicolon */
		case 0x61F:	 /* Arabic question mark */
		case 0x6D4:	 /* Arabic full stop */
		case 0x964:	 /* danda */
		case 0x965:	 /* double danda */
		case 0x2026: /* ellipsis */
		case 0x3002: /* ideographic full stop */
		case 0xFF01: /* fullwidth forms */
		case 0xFF0E:
		case 0xFF1B:
		case 0xFF1F:
		case 0xFF61:
			return true;
		default:
			return false;
	}
}

/* The mark that a character counts as, where marks are kept; 0 if it is none. */
static char
mark_of(UChar32 c)
{
	if (c == '?' || c == 0xFF1F || c == 0x61F)
		return '?';
	return c == '!' || c == 0xFF01 ? '!' : 0;
}

/*
 * Spelling
 */

/* Spell plain apostrophes, and leave out white space that a compatibility form brought; the new length. */
static int32_t
spell_plainly(UChar *units, int32_t n)
{
	int32_t kept = 0;

	for (int32_t i = 0; i < n; i++)
	{
		if (u_isUWhiteSpace(units[i]))
			continue;
		units[kept++] = units[i] == RIGHT_QUOTE ? APOSTROPHE : units[i];
	}
	return kept;
}

/* A letter in lower case, and any other ASCII as it is. */
static inline char
to_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char) (c | 0x20) : c;
}

/* Spell ASCII without white space or controls, as ICU would but faster; false if there is anything else. */
static bool
fold_ascii(const char *text, size_t size, char spelling[WORD_MAX_SPELLING])
{
	for (size_t i = 0; i < size; i++)
	{
		if (text[i] <= ' ' || text[i] > '~')
			return false;
		spelling[i] = to_lower(text[i]);
	}
	return true;
}

/*
 * Spell a word, or any short text, for caseless comparison; how many bytes
 * that takes: 0 if it is nothing but what is ignored, or too long.
 */
int32_t
word_fold(const WordBreaker *breaker, const char *text, size_t size,
		  char spelling[WORD_MAX_SPELLING])
{
	UChar units[WORD_MAX_BYTES];
	UChar folded[WORD_MAX_UNITS];
	UErrorCode error = U_ZERO_ERROR;
	int32_t n;
	int32_t length;

	if (size > WORD_MAX_BYTES)
		return 0;
	if (fold_ascii(text, size, spelling))
		return (int32_t) size;
	u_strFromUTF8WithSub(units, WORD_MAX_BYTES, &n, text, (int32_t) size, 0xFFFD, NULL, &error);
	n = unorm2_normalize(breaker->folding, units, n, folded, WORD_MAX_UNITS, &error);
	if (U_FAILURE(error))
		return 0;
	n = spell_plainly(folded, n);
	/* What is left out can bring others together that compose. */
	if (!unorm2_isNormalized(breaker->folding, folded, n, &error) && n <= WORD_MAX_BYTES)
	{
		u_memcpy(units, folded, n);
		n = unorm2_normalize(breaker->folding, units, n, folded, WORD_MAX_UNITS, &error);
	}
	u_strToUTF8(spelling, WORD_MAX_SPELLING, &length, folded, n, &error);
	return U_FAILURE(error) ? 0 : length;
}

/* Whether a spelling is a number: digits first, and no letter in it. */
static bool
is_number(const char *spelling, int32_t length)
{
	int32_t at = 0;
	UChar32 c;

	if (spelling[0] >= 'a' && spelling[0] <= 'z')
		return false;
	U8_NEXT_OR_FFFD(spelling, at, length, c);
	if (!u_isdigit(c))
		return false;
	while (at < length)
	{
		U8_NEXT_OR_FFFD(spelling, at, length, c);
		if (u_isalpha(c))
			return false;
	}
	return true;
}

/*
 * Places
 */

/* How many characters of the text there are before a byte, which is not before the last one asked for. */
static int32_t
count_characters(WordReader *reader, size_t until)
{
	if (reader->is_ascii)
		return (int32_t) until;
	for (; reader->counted < until; reader->counted++)
		reader->characters += !U8_IS_TRAIL((uint8_t) reader->text[reader->counted]);
	return reader->characters;
}

/* Report what the spelling holds as a word between two bytes. */
static bool
report(WordReader *reader, size_t start, size_t end, int32_t length, Word *word)
{
	if ((reader->options & WORDS_FOLD_NUMBERS) && is_number(reader->spelling, length))
	{
		length = (int32_t) strlen(FOLDED_NUMBER);
		memcpy(reader->spelling, FOLDED_NUMBER, (size_t) length);
	}
	word->start = start;
	word->end = end;
	word->first = count_characters(reader, start);
	word->last = count_characters(reader, end);
	word->spelling = reader->spelling;
	word->length = (uint32_t) length;
	word->after_stop = reader->after_stop;
	reader->after_stop = false;
	reader->at = end;
	return true;
}

/* Report a mark as a word. */
static bool
report_mark(WordReader *reader, size_t start, size_t end, char mark, Word *word)
{
	reader->spelling[0] = mark;
	report(reader, start, end, 1, word);
	reader->after_stop = true;
	return true;
}

/* Look at what lies between words: whether a sentence ends there; a mark that is kept is a word. */
static bool
between_words(WordReader *reader, size_t start, size_t end, Word *word)
{
	size_t at = start;

	while (at < end)
	{
		size_t from = at;
		UChar32 c;

		U8_NEXT_OR_FFFD(reader->text, at, end, c);
		if ((reader->options & WORDS_KEEP_MARKS) && mark_of(c) != 0)
			return report_mark(reader, from, at, mark_of(c), word);
		reader->after_stop |= is_stop(c);
	}
	reader->at = end;
	return false;
}

/*
 * The short cut
 */

/* Whether a class is one of letters or digits. */
static inline bool
is_alnum(CharacterClass class)
{
	return class == CLASS_LETTER || class == CLASS_DIGIT;
}

/* Whether a letter or digit stands at a byte of the text. */
static inline bool
is_alnum_at(const WordReader *reader, size_t at)
{
	return at < reader->size && is_alnum(class_at(reader, at));
}

/*
 * Whether the short cut may be taken from a byte on: it knows all up to the
 * next white space.  Where that is.
 */
static bool
is_chunk(const WordReader *reader, size_t start, size_t *end)
{
	size_t at = start;

	if (!reader->breaker->knows_ascii || (reader->options & WORDS_ONLY_ICU))
		return false;
	for (; at < reader->size && at - start < WORDS_MAX_SEGMENT; at += size_at(reader, at))
	{
		CharacterClass class = class_at(reader, at);

		if (class <= CLASS_SPACE || (class == CLASS_COLON && is_alnum_at(reader, at + 1)))
			break;
	}
	*end = at;
	return at - start <= WORDS_MAX_SEGMENT && (at == reader->size || is_space_at(reader, at));
}

/* Whether a character of a chunk, which is neither letter nor digit, joins the one before it and that at a byte. */
static bool
joins(const WordReader *reader, CharacterClass class, CharacterClass before, size_t next)
{
	if (next >= reader->chunk_end || class_at(reader, next) != before)
		return false;
	switch (class)
	{
		case CLASS_APOSTROPHE:
		case CLASS_PERIOD:
			return before == CLASS_LETTER || before == CLASS_DIGIT;
		case CLASS_COMMA:
			return before == CLASS_DIGIT;
		default:
			return false;
	}
}

/* Spell a character of a chunk; how many bytes that takes. */
static inline int32_t
spell_at(const WordReader *reader, size_t at, char *spelling)
{
	const KnownCharacter *known;

	if ((uint8_t) reader->text[at] < 0x80)
	{
		*spelling = to_lower(reader->text[at]);
		return 1;
	}
	known = known_at(reader, at);
	memcpy(spelling, known->spelling, sizeof(known->spelling));
	return known->length;
}

/* The word that starts at a letter or digit of a chunk. */
static bool
chunk_word(WordReader *reader, Word *word)
{
	size_t start = reader->at;
	size_t at = start;
	size_t next;
	int32_t length = 0;
	CharacterClass before = CLASS_OTHER;

	for (; at < reader->chunk_end; at = next)
	{
		CharacterClass class = class_at(reader, at);

		next = at + size_at(reader, at);
		if (!is_alnum(class) && !joins(reader, class, before, next))
			break;
		if (at - start < WORD_MAX_BYTES)
			length += spell_at(reader, at, reader->spelling + length);
		before = class;
	}
	if (at - start <= WORD_MAX_BYTES)
		return report(reader, start, at, length, word);
	reader->at = at;
	return false;
}

/* The next word of the chunk that the reader is in. */
static bool
chunk_next(WordReader *reader, Word *word)
{
	while (reader->at < reader->chunk_end)
	{
		size_t at = reader->at;
		size_t next = at + size_at(reader, at);

		if (!is_alnum(class_at(reader, at)))
		{
			if (between_words(reader, at, next, word))
				return true;
		}
		else if (chunk_word(reader, word))
			return true;
	}
	return false;
}

/*
 * ICU's way
 */

/* Where a segment ends that begins at a byte: after white space that is followed by what the short cut knows, if it may be used. */
static size_t
find_segment(const WordReader *reader, size_t at)
{
	size_t most = reader->size - at > WORDS_MAX_SEGMENT ? at + WORDS_MAX_SEGMENT : reader->size;
	size_t best = 0;
	size_t end;

	while (at < most)
	{
		while (at < most && !is_space_at(reader, at))
			at++;
		while (at < most && is_space_at(reader, at))
			at++;
		if (at == most)
			break;
		best = at;
		if (is_chunk(reader, at, &end))
			return at;
	}
	if (most == reader->size || best == 0)
		best = most;
	while (best < reader->size && best > 0 && U8_IS_TRAIL((uint8_t) reader->text[best]) &&
		   most - best < 3)
		best--;
	return best;
}

/* Give ICU the segment that begins here. */
static void
start_segment(WordReader *reader)
{
	UErrorCode error = U_ZERO_ERROR;
	WordBreaker *breaker = reader->breaker;

	reader->segment = reader->at;
	reader->segment_end = find_segment(reader, reader->at);
	utext_openUTF8(&breaker->text, reader->text + reader->segment,
				   (int64_t) (reader->segment_end - reader->segment), &error);
	ubrk_setUText(breaker->iterator, &breaker->text, &error);
	ubrk_first(breaker->iterator);
	if (U_FAILURE(error))
		reader->at = reader->segment_end;
}

/* The next word of the segment that ICU was given. */
static bool
segment_next(WordReader *reader, Word *word)
{
	UBreakIterator *iterator = reader->breaker->iterator;

	while (reader->at < reader->segment_end)
	{
		size_t start = reader->segment + (size_t) ubrk_current(iterator);
		int32_t next = ubrk_next(iterator);
		size_t end = next == UBRK_DONE ? reader->segment_end : reader->segment + (size_t) next;
		bool is_word = next != UBRK_DONE && ubrk_getRuleStatus(iterator) >= UBRK_WORD_NONE_LIMIT;
		int32_t length = 0;

		if (is_word)
			length =
				word_fold(reader->breaker, reader->text + start, end - start, reader->spelling);
		if (length > 0)
			return report(reader, start, end, length, word);
		if (is_word)
			reader->at = end;
		else if (between_words(reader, start, end, word))
			return true;
	}
	return false;
}

/*
 * Reading
 */

/* Step over white space, and say how the word after it is to be read: as a chunk, or by ICU. */
static void
start_run(WordReader *reader)
{
	size_t end;

	while (reader->at < reader->size && is_space_at(reader, reader->at))
		reader->after_stop |= reader->text[reader->at++] == '\n';
	if (reader->at == reader->size)
		return;
	if (is_chunk(reader, reader->at, &end))
		reader->chunk_end = end;
	else
		start_segment(reader);
}

/* Whether all of a text is ASCII. */
static bool
is_ascii(const char *text, size_t size)
{
	uint64_t seen = 0;
	size_t at = 0;

	for (; size - at >= sizeof(uint64_t); at += sizeof(uint64_t))
	{
		uint64_t bytes;

		memcpy(&bytes, text + at, sizeof(bytes));
		seen |= bytes;
	}
	for (; at < size; at++)
		seen |= (uint8_t) text[at];
	return (seen & UINT64_C(0x8080808080808080)) == 0;
}

/* Begin to read a text. */
void
words_start(WordReader *reader, WordBreaker *breaker, const char *text, size_t size,
			unsigned options)
{
	reader->breaker = breaker;
	reader->text = text;
	reader->size = size;
	reader->options = options;
	reader->at = reader->chunk_end = reader->segment = reader->segment_end = 0;
	reader->is_ascii = is_ascii(text, size);
	reader->after_stop = true;
	reader->counted = 0;
	reader->characters = 0;
}

/* Read the next word, if there is one. */
bool
words_next(WordReader *reader, Word *word)
{
	while (reader->at < reader->size)
	{
		if (reader->at < reader->chunk_end)
		{
			if (chunk_next(reader, word))
				return true;
		}
		else if (reader->at < reader->segment_end)
		{
			if (segment_next(reader, word))
				return true;
		}
		else
			start_run(reader);
	}
	return false;
}
