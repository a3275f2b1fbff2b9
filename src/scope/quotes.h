/*
 * What a text quotes: the parts between quotation marks, as plain C over
 * UTF-8; nothing here knows the server.
 */
#ifndef COACHIATRY_QUOTES_H
#define COACHIATRY_QUOTES_H

#include "language/memory.h"

/* A part that is quoted, without its marks, in characters of the text. */
typedef struct Quote
{
	int32_t first;
	int32_t last;
} Quote;

/* All of a text, in order; none lies in another. */
typedef struct Quotes
{
	const Memory *memory;
	Quote *parts;
	size_t n;
	size_t room;
} Quotes;

extern void quotes_find(Quotes *quotes, const char *text, size_t size);

#endif
