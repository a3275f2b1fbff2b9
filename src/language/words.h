/*
 * Words of a text in any language, as plain C over ICU: nothing here knows the
 * server.  A text is UTF-8; a word is where ICU finds one in it, spelt as
 * caseless comparison asks (NFKC_Casefold, typographic apostrophes as plain
 * ones), with its place in the text as it was given.
 */
#ifndef COACHIATRY_WORDS_H
#define COACHIATRY_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <unicode/ubrk.h>
#include <unicode/unorm2.h>
#include <unicode/utext.h>

/* Most bytes of a word as it is written; a longer run of letters is none. */
#define WORD_MAX_BYTES 1024

/* Room for its spelling: NFKC makes of one UTF-16 unit 18 at most, and UTF-8 of one unit 3 bytes. */
#define WORD_MAX_UNITS (18 * WORD_MAX_BYTES)
#define WORD_MAX_SPELLING 8192

/* Bytes that ICU is given at once: a run that long without white space is cut there. */
#define WORDS_MAX_SEGMENT 65536

/* What a number is spelt as, where numbers are folded. */
#define FOLDED_NUMBER "0"

/* Options of a reader. */
#define WORDS_KEEP_MARKS 0x01	/* ? and ! are words */
#define WORDS_FOLD_NUMBERS 0x02 /* all numbers are spelt the same */
#define WORDS_ONLY_ICU 0x04		/* no short cut: to test it */

/* What the short cut takes a character for. */
typedef enum CharacterClass
{
	CLASS_OTHER, /* left to ICU */
	CLASS_SPACE,
	CLASS_LETTER,
	CLASS_DIGIT,
	CLASS_APOSTROPHE, /* joins letters, and digits; so does the period */
	CLASS_PERIOD,
	CLASS_COMMA, /* joins digits */
	CLASS_MARK,	 /* joins nothing */
	CLASS_COLON, /* joins nothing at the end of a word; inside one it is left to ICU, as it depends on the locale */
} CharacterClass;

/* ASCII that never joins anything, or not at the end of a word.  Not among them: @ and _, whose rules depend on ICU's version. */
#define WORDS_MARKS ":;?!\"()-*+/%&#$<=>[]{}|~^\\`"

/* Typographic apostrophes are spelt as plain ones. */
#define RIGHT_QUOTE 0x2019
#define APOSTROPHE 0x27

/* Characters from this one on are left to ICU. */
#define WORDS_KNOWN_END 0x3000

/* What is known of a character that is not ASCII, once it was asked about. */
typedef struct KnownCharacter
{
	uint8_t is_asked : 1;
	uint8_t class : 4;
	uint8_t length : 3;
	char spelling[3];
} KnownCharacter;

/* ICU's means for one locale. */
typedef struct WordBreaker
{
	UBreakIterator *iterator;
	UText text;
	const UNormalizer2 *folding;
	bool knows_ascii; /* the short cut finds what ICU does */
	KnownCharacter known[WORDS_KNOWN_END];
} WordBreaker;

typedef struct Word
{
	size_t start; /* bytes of the text */
	size_t end;
	int32_t first;		  /* characters of the text before it */
	int32_t last;		  /* and through its end */
	const char *spelling; /* not terminated; good until the next word */
	uint32_t length;
	bool after_stop; /* a sentence ended, or the text began, since the word before */
} Word;

/* A text being read. */
typedef struct WordReader
{
	WordBreaker *breaker;
	const char *text;
	size_t size;
	unsigned options;
	size_t at;			/* the next byte to look at */
	size_t chunk_end;	/* of the ASCII run that at is in */
	size_t segment;		/* where what ICU was given begins */
	size_t segment_end; /* and ends; at or before at: it has nothing */
	bool is_ascii;		/* the whole text */
	bool after_stop;
	size_t counted; /* bytes whose characters are counted */
	int32_t characters;
	char spelling[WORD_MAX_SPELLING];
} WordReader;

extern bool word_breaker_open(WordBreaker *breaker, const char *locale);
extern void word_breaker_ask(WordBreaker *breaker, UChar32 c);
extern void word_breaker_close(WordBreaker *breaker);
extern void words_start(WordReader *reader, WordBreaker *breaker, const char *text, size_t size,
						unsigned options);
extern bool words_next(WordReader *reader, Word *word);
extern int32_t word_fold(const WordBreaker *breaker, const char *text, size_t size,
						 char spelling[WORD_MAX_SPELLING]);

#endif
