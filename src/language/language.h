/*
 * What the files of this room that bind it to the server share: texts as
 * UTF-8, whatever the database's encoding, ICU's means kept for each locale,
 * and memory for the cores.
 */
#ifndef COACHIATRY_LANGUAGE_H
#define COACHIATRY_LANGUAGE_H

#include "coachiatry.h"

#include "language/memory.h"
#include "language/words.h"

/* A text of the server as UTF-8. */
typedef struct Utf8Text
{
	const char *bytes;
	size_t size;
	const text *original;
	int32 *
		places; /* where a code point is in the original, if that is not its own number; else NULL */
} Utf8Text;

extern Utf8Text utf8_text(const text *value);
extern bool server_text_if_any(const char *bytes, size_t size, Datum *result);
extern Datum span_range(const Utf8Text *document, int32 first, int32 last);
extern text *text_of_span(const Utf8Text *document, int32 first, int32 last);
extern WordBreaker *word_breaker(const text *locale);
extern Memory server_memory(MemoryContext context);

#endif
