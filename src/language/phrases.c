/*
 * The automaton of a lexicon.  Each word of a phrase is a symbol: the word
 * itself, or, with a star, all words that begin so.  A word of a text is looked
 * up once, by hashing it byte by byte: on the way for the beginnings that are
 * symbols, at its end for itself.  Most words of a text are no symbol, and
 * that is all there is to do.  Otherwise the ways through a trie of symbols
 * that are open go on, and a new one begins at its root; there are never
 * more of them than phrases have words.
 *
 * A gap is a step of the trie that no word takes: who reaches a node with one
 * is also at the node behind it, and stays there for a few words.  Ways that
 * began at the same word and wait at the same gap are one.
 *
 * A word can be two or more symbols (walking: walk*, walking), so that ways
 * fork; a failure function, with which no way would have to be followed from
 * its own start, would need an automaton of sets of symbols.
 */
#include "language/phrases.h"

#include <stdlib.h>
#include <string.h>

#include "language/table.h"

/* What a symbol is of a text's word. */
#define IS_WHOLE 0
#define IS_BEGINNING 1

/* No symbol, node, or entry. */
#define NONE TABLE_NONE

/* The symbol of a gap: none that a word has. */
#define GAP (NONE - 1)

/* What a text is that phrases have, or that negates. */
typedef struct Symbol
{
	uint32_t id[2]; /* as a whole word, as a beginning; NONE: it is not that */
	bool negates;
	bool begins_negation;
} Symbol;

/* A step in the trie. */
typedef struct Edge
{
	uint32_t node;
	uint32_t symbol;
	uint32_t child; /* NONE: a free place */
} Edge;

/* A way through the trie that is open. */
typedef struct Way
{
	uint32_t node;
	int32_t first;
	int32_t first_word;
	int32_t patience; /* at a gap: how many more words it may pass over; else -1 */
	bool negated;
} Way;

struct Automaton
{
	const Memory *memory;
	const Negation *negation;

	Record *entries;
	size_t nentries;
	size_t entry_room;
	uint32_t *next_entry; /* of the same phrase */

	TextTable texts;
	Symbol *symbols; /* by the number of their texts */
	size_t nsymbols;
	size_t symbol_room;
	uint32_t nids;
	uint64_t beginnings[256]; /* lengths, modulo 64, of the beginnings with that first byte */

	Edge *edges;
	size_t nplaces_of_edges; /* a power of two */
	uint32_t *ends;			 /* by node: the first entry whose phrase ends there */
	uint32_t nnodes;
};

/*
 * Phrases
 */

/* Whether a byte is white space. */
static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/* Add a word to a phrase. */
static bool
append_word(char *phrase, size_t room, size_t *length, const Word *word, bool has_star)
{
	size_t needed = *length + (*length > 0) + word->length + has_star;

	if (needed >= room)
		return false;
	if (*length > 0)
		phrase[(*length)++] = ' ';
	memcpy(phrase + *length, word->spelling, word->length);
	*length += word->length;
	if (has_star)
		phrase[(*length)++] = PHRASE_STAR;
	return true;
}

/* Whether a star stands alone between two places of a text. */
static bool
has_gap(const char *text, size_t start, size_t end)
{
	for (size_t at = start; at < end; at++)
		if (text[at] == PHRASE_STAR && (at == 0 || is_blank(text[at - 1])) &&
			(at + 1 == end || is_blank(text[at + 1])))
			return true;
	return false;
}

/*
 * Spell a phrase as a lexicon keeps it: its words, separated by single spaces;
 * one that a star follows stands for all words that begin so, and a star alone
 * between two of them for a gap.
 */
RecordFault
phrase_spell(WordBreaker *breaker, const char *text, size_t size, char *phrase, size_t room,
			 size_t *length)
{
	static const char star[] = { PHRASE_STAR };
	const Word gap = { .spelling = star, .length = sizeof(star) };
	WordReader reader;
	Word word;
	size_t end = 0;
	int nwords = 0;

	*length = 0;
	words_start(&reader, breaker, text, size, 0);
	for (; words_next(&reader, &word); end = word.end)
	{
		bool has_star = word.end < size && text[word.end] == PHRASE_STAR;
		bool after_gap = has_gap(text, end, word.start);

		if (has_star && word.end + 1 < size && !is_blank(text[word.end + 1]))
			return RECORD_PHRASE;
		nwords += 1 + after_gap;
		if (nwords > PHRASE_MAX_WORDS)
			return RECORD_TOO_LONG;
		if (after_gap && !append_word(phrase, room, length, &gap, false))
			return RECORD_TOO_LONG;
		if (!append_word(phrase, room, length, &word, has_star))
			return RECORD_TOO_LONG;
	}
	phrase[*length] = '\0';
	return nwords > 0 && !has_gap(text, end, size) && phrase_is_spelt(breaker, phrase)
			   ? RECORD_OK
			   : RECORD_PHRASE;
}

/* Whether a piece of a phrase is a word that a text can have: spelt for comparison, and words from end to end. */
static bool
is_spelt_word(WordBreaker *breaker, const char *piece, size_t length)
{
	WordReader reader;
	Word word;
	size_t end = 0;
	int32_t folded;

	if (length == 0 || length > PHRASE_MAX_WORD)
		return false;
	folded = word_fold(breaker, piece, length, reader.spelling);
	if (folded != (int32_t) length || memcmp(reader.spelling, piece, length) != 0)
		return false;
	words_start(&reader, breaker, piece, length, 0);
	while (words_next(&reader, &word))
	{
		if (word.start != end)
			return false;
		end = word.end;
	}
	return end == length;
}

/* Whether a word of a phrase is a gap. */
static bool
is_gap(const char *piece, size_t length)
{
	return length == 1 && *piece == PHRASE_STAR;
}

/* Whether a phrase is spelt as a lexicon keeps it: no gap begins or ends it, or follows another. */
bool
phrase_is_spelt(WordBreaker *breaker, const char *phrase)
{
	bool may_be_gap = false;

	for (int n = 1; n <= PHRASE_MAX_WORDS; n++)
	{
		size_t length = strcspn(phrase, " ");
		bool has_star = length > 0 && phrase[length - 1] == PHRASE_STAR;
		bool gap = is_gap(phrase, length);

		if (gap ? !may_be_gap : !is_spelt_word(breaker, phrase, length - has_star))
			return false;
		may_be_gap = !gap;
		phrase += length;
		if (*phrase == '\0')
			return !gap;
		phrase++;
	}
	return false;
}

/*
 * Symbols
 */

/* The symbol of a text; NULL if it is none. */
static const Symbol *
find_symbol(const Automaton *automaton, uint64_t hash, const char *text, size_t length)
{
	uint32_t number = table_find(&automaton->texts, hash, text, length);

	return number == NONE ? NULL : &automaton->symbols[number];
}

/* The symbol of a text, a new one if there was none. */
static Symbol *
add_symbol(Automaton *automaton, const char *text, size_t length)
{
	uint32_t number = table_add(&automaton->texts, text, length);

	if (number == automaton->nsymbols)
	{
		MEMORY_GROW(automaton->memory, automaton->symbols, automaton->nsymbols,
					automaton->symbol_room);
		automaton->symbols[automaton->nsymbols++] = (Symbol){ .id = { NONE, NONE } };
	}
	return &automaton->symbols[number];
}

/* Note that words which begin with a text have to be looked at. */
static void
note_beginning(Automaton *automaton, const char *text, size_t length)
{
	automaton->beginnings[(uint8_t) text[0]] |= UINT64_C(1) << (length & 63);
}

/* The number of the symbol that one word of a phrase is. */
static uint32_t
phrase_symbol(Automaton *automaton, const char *piece, size_t length)
{
	int what = piece[length - 1] == PHRASE_STAR ? IS_BEGINNING : IS_WHOLE;
	Symbol *symbol;

	if (is_gap(piece, length))
		return GAP;
	if (what == IS_BEGINNING)
		note_beginning(automaton, piece, --length);
	symbol = add_symbol(automaton, piece, length);
	if (symbol->id[what] == NONE)
		symbol->id[what] = automaton->nids++;
	return symbol->id[what];
}

/* Let the words of a language negate.  Those that only end so are looked at by ends_negation. */
static void
add_negation(Automaton *automaton)
{
	const char *at = automaton->negation == NULL ? "" : automaton->negation->words;

	while (*at != '\0')
	{
		size_t length = strcspn(at, " ");
		size_t whole = at[length - 1] == PHRASE_STAR ? length - 1 : length;

		if (at[0] != PHRASE_STAR)
		{
			Symbol *symbol = add_symbol(automaton, at, whole);

			if (whole < length)
			{
				symbol->begins_negation = true;
				note_beginning(automaton, at, whole);
			}
			else
				symbol->negates = true;
		}
		at += length + (at[length] == ' ');
	}
}

/* Whether a word negates by its end: in English, n't. */
static bool
ends_negation(const Automaton *automaton, const Word *word)
{
	if (automaton->negation == NULL || word->length < 4 || word->spelling[word->length - 1] != 't')
		return false;
	return strstr(automaton->negation->words, "*n't") != NULL &&
		   memcmp(word->spelling + word->length - 3, "n't", 3) == 0;
}

/*
 * The trie
 */

/* Where a step stands, or could. */
static Edge *
find_edge(const Automaton *automaton, uint32_t node, uint32_t symbol)
{
	size_t mask = automaton->nplaces_of_edges - 1;
	size_t at = table_hash_end((uint64_t) node << 32 | symbol) & mask;

	while (automaton->edges[at].child != NONE &&
		   (automaton->edges[at].node != node || automaton->edges[at].symbol != symbol))
		at = (at + 1) & mask;
	return &automaton->edges[at];
}

/* The node that a phrase leads to. */
static uint32_t
add_phrase(Automaton *automaton, const char *phrase)
{
	uint32_t node = 0;

	while (*phrase != '\0')
	{
		size_t length = strcspn(phrase, " ");
		uint32_t symbol = phrase_symbol(automaton, phrase, length);
		Edge *edge = find_edge(automaton, node, symbol);

		if (edge->child == NONE)
			*edge = (Edge){ .node = node, .symbol = symbol, .child = automaton->nnodes++ };
		node = edge->child;
		phrase += length + (phrase[length] == ' ');
	}
	return node;
}

/* How many words all phrases have together. */
static size_t
count_words(const Automaton *automaton)
{
	size_t nwords = 0;

	for (size_t i = 0; i < automaton->nentries; i++)
	{
		const char *phrase = field_after(&automaton->entries[i], automaton->entries[i].key);

		for (nwords++; *phrase != '\0'; phrase++)
			nwords += *phrase == ' ';
	}
	return nwords;
}

/* Make the trie of all entries. */
static void
build_trie(Automaton *automaton)
{
	const Memory *memory = automaton->memory;
	size_t nwords = count_words(automaton);
	size_t n = 16;

	while (n < 2 * nwords)
		n *= 2;
	automaton->edges = memory->resize(memory->owner, NULL, n * sizeof(Edge));
	memset(automaton->edges, 0xFF, n * sizeof(Edge));
	automaton->nplaces_of_edges = n;
	automaton->ends = memory->resize(memory->owner, NULL, (nwords + 1) * sizeof(uint32_t));
	memset(automaton->ends, 0xFF, (nwords + 1) * sizeof(uint32_t));
	automaton->next_entry =
		memory->resize(memory->owner, NULL, (automaton->nentries + 1) * sizeof(uint32_t));
	automaton->nnodes = 1;
	for (size_t i = automaton->nentries; i-- > 0;)
	{
		const Record *entry = &automaton->entries[i];
		uint32_t node = add_phrase(automaton, field_after(entry, entry->key));

		if (i % 1024 == 0)
			memory->pause();
		automaton->next_entry[i] = automaton->ends[node];
		automaton->ends[node] = (uint32_t) i;
	}
}

/* Whether a phrase has the form of words with single spaces between them, and gaps only between words. */
static bool
has_form(const char *phrase)
{
	bool may_be_gap = false;

	for (;;)
	{
		size_t length = strcspn(phrase, " ");
		bool gap = is_gap(phrase, length);

		if (length == 0 || (gap && !may_be_gap) || length > PHRASE_MAX_WORD + 1)
			return false;
		may_be_gap = !gap;
		phrase += length;
		if (*phrase == '\0')
			return !gap;
		phrase++;
	}
}

/* Compile the records of a lexicon, which have to stay where they are; NULL if they are damaged. */
Automaton *
automaton_compile(const Memory *memory, const uint8_t *records, size_t size,
				  const Negation *negation)
{
	Automaton *automaton = memory->resize(memory->owner, NULL, sizeof(Automaton));
	RecordScan scan;

	memset(automaton, 0, sizeof(*automaton));
	automaton->memory = memory;
	automaton->negation = negation;
	record_scan(&scan, records, size);
	while (record_next(&scan))
	{
		MEMORY_GROW(memory, automaton->entries, automaton->nentries, automaton->entry_room);
		automaton->entries[automaton->nentries++] = scan.here;
		if (record_check(RECORD_LEXICON, &scan.here) != RECORD_OK ||
			!has_form(field_after(&scan.here, scan.here.key)))
			return NULL;
	}
	if (scan.is_damaged)
		return NULL;
	table_start(&automaton->texts, memory);
	add_negation(automaton);
	build_trie(automaton);
	return automaton;
}

/* How many records the lexicon has that was compiled. */
size_t
automaton_size(const Automaton *automaton)
{
	return automaton->nentries;
}

/* A record of the lexicon that was compiled. */
const Record *
automaton_entry(const Automaton *automaton, uint32_t entry)
{
	return &automaton->entries[entry];
}

/*
 * Searching
 */

/* Most symbols that one word can be: itself, and each of its beginnings. */
#define MAX_SYMBOLS (PHRASE_MAX_WORD + 1)

/* What one word of a text is. */
typedef struct Looked
{
	uint32_t symbols[MAX_SYMBOLS];
	int nsymbols;
	bool negates;
} Looked;

/* Look a word up. */
static void
look_up(const Automaton *automaton, const Word *word, Looked *looked)
{
	uint64_t lengths = automaton->beginnings[(uint8_t) word->spelling[0]];
	uint64_t hash = TABLE_HASH_START;
	const Symbol *symbol;

	looked->nsymbols = 0;
	looked->negates = ends_negation(automaton, word);
	for (uint32_t i = 0; i < word->length; i++)
	{
		hash = table_hash_byte(hash, word->spelling[i]);
		if (!(lengths >> ((i + 1) & 63) & 1))
			continue;
		symbol = find_symbol(automaton, table_hash_end(hash), word->spelling, i + 1);
		if (symbol == NULL)
			continue;
		looked->negates |= symbol->begins_negation;
		if (symbol->id[IS_BEGINNING] != NONE)
			looked->symbols[looked->nsymbols++] = symbol->id[IS_BEGINNING];
	}
	symbol = find_symbol(automaton, table_hash_end(hash), word->spelling, word->length);
	if (symbol == NULL)
		return;
	looked->negates |= symbol->negates;
	if (symbol->id[IS_WHOLE] != NONE)
		looked->symbols[looked->nsymbols++] = symbol->id[IS_WHOLE];
}

/* The ways that are open before a word, and those after it. */
typedef struct Search
{
	const Automaton *automaton;
	Findings *findings;
	Way *ways;
	size_t nways;
	size_t room;
	Way *next;
	size_t nnext;
	size_t next_room;
	int32_t nth;	  /* number of the word */
	int32_t negator;  /* of the last word that negates */
	int32_t sentence; /* of the first word of the sentence */
} Search;

/* Report all phrases that end at a node. */
static void
report_phrases(Search *search, uint32_t node, const Way *way, const Word *word)
{
	Findings *findings = search->findings;

	for (uint32_t entry = search->automaton->ends[node]; entry != NONE;
		 entry = search->automaton->next_entry[entry])
	{
		MEMORY_GROW(findings->memory, findings->found, findings->n, findings->room);
		findings->found[findings->n++] = (Found){ .entry = entry,
												  .first = way->first,
												  .last = word->last,
												  .first_word = way->first_word,
												  .last_word = search->nth,
												  .sentence = search->sentence,
												  .negated = way->negated };
	}
}

/* Have a way be open after the word. */
static void
keep_way(Search *search, const Way *way)
{
	MEMORY_GROW(search->findings->memory, search->next, search->nnext, search->next_room);
	search->next[search->nnext++] = *way;
}

/* Have a way wait at a gap after the word, if none waits there that began where it did; the one that may wait longer is kept. */
static void
wait_at_gap(Search *search, const Way *way)
{
	for (size_t i = 0; i < search->nnext; i++)
	{
		Way *other = &search->next[i];

		if (other->node != way->node || other->first_word != way->first_word)
			continue;
		if (other->patience < way->patience)
			*other = *way;
		return;
	}
	keep_way(search, way);
}

/* Go on with a way by each symbol that a word is. */
static void
go_on(Search *search, const Way *way, const Word *word, const Looked *looked)
{
	for (int i = 0; i < looked->nsymbols; i++)
	{
		uint32_t child = find_edge(search->automaton, way->node, looked->symbols[i])->child;
		Way after = *way;

		if (child == NONE)
			continue;
		report_phrases(search, child, way, word);
		after.node = child;
		after.patience = -1;
		keep_way(search, &after);
		after.node = find_edge(search->automaton, child, GAP)->child;
		after.patience = PHRASE_GAP;
		if (after.node != NONE)
			wait_at_gap(search, &after);
	}
}

/* Go on with the ways that were open before a word: those at a gap may pass over it, unless it begins a sentence. */
static void
go_on_with_all(Search *search, const Word *word, const Looked *looked)
{
	for (size_t i = 0; i < search->nways; i++)
	{
		Way way = search->ways[i];

		if (way.patience >= 0 && word->after_stop)
			continue;
		go_on(search, &way, word, looked);
		if (way.patience-- <= 0)
			continue;
		wait_at_gap(search, &way);
	}
}

/* Note a word that negates, for phrases to come and those that it follows. */
static void
note_negator(Search *search)
{
	const Negation *negation = search->automaton->negation;
	Findings *findings = search->findings;

	search->negator = search->nth;
	for (size_t i = findings->n; negation->after > 0 && i-- > 0;)
	{
		Found *found = &findings->found[i];

		if (found->last_word < search->sentence || found->last_word < search->nth - negation->after)
			break;
		found->negated |= found->last_word < search->nth;
	}
}

/* Let the ways go on by a word. */
static void
take_word(Search *search, const Word *word)
{
	const Negation *negation = search->automaton->negation;
	Looked looked;
	Way *before = search->ways;
	size_t room = search->room;

	if (word->after_stop)
		search->sentence = search->nth;
	look_up(search->automaton, word, &looked);
	search->nnext = 0;
	go_on_with_all(search, word, &looked);
	if (looked.nsymbols > 0)
	{
		Way fresh = { .node = 0,
					  .first = word->first,
					  .first_word = search->nth,
					  .patience = -1,
					  .negated = search->negator >= search->sentence && negation != NULL &&
								 search->nth - search->negator <= negation->before };

		go_on(search, &fresh, word, &looked);
	}
	if (looked.negates)
		note_negator(search);
	search->ways = search->next;
	search->nways = search->nnext;
	search->room = search->next_room;
	search->next = before;
	search->next_room = room;
	search->nth++;
}

/* Order of findings: as they stand in the text, the shorter first, then that of their records. */
static int
compare_found(const void *left, const void *right)
{
	const Found *a = left;
	const Found *b = right;

	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	if (a->last != b->last)
		return a->last < b->last ? -1 : 1;
	return (a->entry > b->entry) - (a->entry < b->entry);
}

/* Find all phrases in a text. */
void
automaton_search(const Automaton *automaton, WordReader *reader, Findings *findings)
{
	Search search = { .automaton = automaton, .findings = findings, .negator = INT32_MIN / 2 };
	Word word;

	while (words_next(reader, &word))
	{
		if (search.nth % 1024 == 0)
			findings->memory->pause();
		take_word(&search, &word);
	}
	if (findings->n > 1)
		qsort(findings->found, findings->n, sizeof(Found), compare_found);
}
