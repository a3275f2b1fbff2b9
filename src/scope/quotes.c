/*
 * Quotation marks.  A quote ends where its own mark closes; other marks inside
 * it count as text, and the end of a line gives up one that has not closed.
 * The plain apostrophe and the single curly one are also letters' neighbours
 * (don't, the boys' room): they open only before a letter or digit that none
 * precedes, and close only where none follows.
 */
#include "scope/quotes.h"

#include <stdbool.h>

#include <unicode/uchar.h>
#include <unicode/utf8.h>

/* A kind of quotation marks. */
typedef struct Marks
{
	UChar32 open;
	UChar32 close[2];
	bool is_shy; /* may be an apostrophe */
} Marks;

static const Marks all_marks[] = {
	{ '"', { '"', '"' }, false },		   /* plain */
	{ 0x201C, { 0x201D, '"' }, false },	   /* curly */
	{ 0x201E, { 0x201C, 0x201D }, false }, /* low */
	{ 0xAB, { 0xBB, 0xBB }, false },	   /* angular */
	{ 0x2018, { 0x2019, '\'' }, true },	   /* single curly */
	{ '\'', { '\'', 0x2019 }, true },	   /* single plain */
};

/* A text being read. */
typedef struct QuoteReader
{
	const char *text;
	size_t size;
	size_t at; /* the byte after the character */
	UChar32 before;
	UChar32 here;
	int32_t nth;	   /* characters before it */
	const Marks *open; /* of the quote that it is in; NULL: none */
	int32_t first;	   /* where that begins */
} QuoteReader;

/* Go on by a character; whether there is one.  Characters are counted as words.c does, whatever the bytes are. */
static bool
next_character(QuoteReader *reader)
{
	size_t from = reader->at;

	if (reader->at >= reader->size)
		return false;
	reader->before = reader->here;
	U8_NEXT_OR_FFFD(reader->text, reader->at, reader->size, reader->here);
	for (; from < reader->at; from++)
		reader->nth += !U8_IS_TRAIL((uint8_t) reader->text[from]);
	return true;
}

/* The character after this one; a space at the end. */
static UChar32
peek(const QuoteReader *reader)
{
	size_t at = reader->at;
	UChar32 c = ' ';

	if (at < reader->size)
		U8_NEXT_OR_FFFD(reader->text, at, reader->size, c);
	return c;
}

/* The marks that open here; NULL if none do. */
static const Marks *
opening(const QuoteReader *reader)
{
	for (size_t i = 0; i < sizeof(all_marks) / sizeof(all_marks[0]); i++)
	{
		const Marks *marks = &all_marks[i];

		if (reader->here != marks->open)
			continue;
		if (reader->here < 0x80 && u_isalnum(reader->before))
			return NULL;
		return !marks->is_shy || u_isalnum(peek(reader)) ? marks : NULL;
	}
	return NULL;
}

/* Whether the open quote closes here. */
static bool
closes(const QuoteReader *reader)
{
	const Marks *marks = reader->open;

	if (reader->here != marks->close[0] && reader->here != marks->close[1])
		return false;
	return !marks->is_shy || !u_isalnum(peek(reader));
}

/* Find what a text quotes. */
void
quotes_find(Quotes *quotes, const char *text, size_t size)
{
	QuoteReader reader = { .text = text, .size = size, .here = ' ' };

	for (size_t n = 0; next_character(&reader); n++)
	{
		if (n % 65536 == 65535)
			quotes->memory->pause();
		if (reader.here == '\n')
			reader.open = NULL;
		else if (reader.open == NULL)
		{
			reader.open = opening(&reader);
			reader.first = reader.nth;
		}
		else if (closes(&reader))
		{
			MEMORY_GROW(quotes->memory, quotes->parts, quotes->n, quotes->room);
			quotes->parts[quotes->n++] = (Quote){ .first = reader.first, .last = reader.nth - 1 };
			reader.open = NULL;
		}
	}
}
