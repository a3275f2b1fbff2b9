/*
 * Phrases of a lexicon, compiled to one automaton over words, and found in
 * texts.  Plain C over words.h; nothing here knows the server.
 */
#ifndef COACHIATRY_PHRASES_H
#define COACHIATRY_PHRASES_H

#include "language/memory.h"
#include "language/records.h"
#include "language/words.h"

/* Most words of a phrase. */
#define PHRASE_MAX_WORDS 32

/* Most bytes of one of them. */
#define PHRASE_MAX_WORD 255

/* Room for a phrase. */
#define PHRASE_MAX_SIZE (PHRASE_MAX_WORDS * (PHRASE_MAX_WORD + 2))

/* What ends a word of a phrase that stands for all words which begin so; alone, it is a gap. */
#define PHRASE_STAR '*'

/* Most words of a text, in one sentence, that a gap passes over. */
#define PHRASE_GAP 3

/* How a language negates: words, and how many words before and after a phrase one of them reaches. */
typedef struct Negation
{
	const char *language;
	int before;
	int after;
	const char *words; /* separated by spaces; a star stands for any beginning or end */
} Negation;

extern const Negation *find_negation(const char *locale);

/* The automaton. */
typedef struct Automaton Automaton;

/* A phrase that was found. */
typedef struct Found
{
	uint32_t entry; /* number of the record */
	int32_t first;	/* characters of the text */
	int32_t last;
	int32_t first_word; /* number of its first word */
	int32_t last_word;	/* and of its last */
	int32_t sentence;	/* number of the first word of the sentence in which it ends */
	bool negated;
} Found;

/* What was found so far. */
typedef struct Findings
{
	const Memory *memory;
	Found *found;
	size_t n;
	size_t room;
} Findings;

extern RecordFault phrase_spell(WordBreaker *breaker, const char *text, size_t size, char *phrase,
								size_t room, size_t *length);
extern bool phrase_is_spelt(WordBreaker *breaker, const char *phrase);
extern Automaton *automaton_compile(const Memory *memory, const uint8_t *records, size_t size,
									const Negation *negation);
extern size_t automaton_size(const Automaton *automaton);
extern const Record *automaton_entry(const Automaton *automaton, uint32_t entry);
extern void automaton_search(const Automaton *automaton, WordReader *reader, Findings *findings);

#endif
