/*
 * Quotes and hits outside the server.  Quotes against looking at each opening
 * mark anew for its end; hits against deciding about each phrase alone, by the
 * definitions, over all others.  SEED=n repeats a run.
 */
#include "scope/check.h"
#include "scope/quotes.h"

#include "tap.h"

#define MAX_TEXT 400
#define MAX_FOUND 40

/* Memory for the cores, given back by release_all; what grows is copied. */
static void *
resize(void *owner, void *piece, size_t size)
{
	void *larger = hold(size);

	(void) owner;
	if (piece != NULL)
		memcpy(larger, piece, size / 2); /* arrays double */
	return larger;
}

static void
no_pause(void)
{
}

static const Memory test_memory = { .resize = resize, .pause = no_pause };

/*
 * Quotes
 */

/* Characters that matter, each as one piece; some hostile bytes. */
static const char *const morsels[] = { "a",		 "b1",	   " ",		 "\n",	   "\"",
									   "'",		 "\u2018", "\u2019", "\u201C", "\u201D",
									   "\u201E", "\u00AB", "\u00BB", "\u00E9", "\U0001F600",
									   ".",		 "\x80",   "\xE2" };

/* A text as numbers of morsels. */
typedef struct Pieces
{
	int piece[MAX_TEXT];
	int n;
	char text[MAX_TEXT * 4 + 1];
} Pieces;

static void
random_pieces(Pieces *pieces, int nmorsels)
{
	pieces->n = (int) between(0, 60);
	pieces->text[0] = '\0';
	for (int i = 0; i < pieces->n; i++)
	{
		pieces->piece[i] = (int) between(0, nmorsels - 1);
		strcat(pieces->text, morsels[pieces->piece[i]]);
	}
}

/* Whether a morsel is one of those named. */
static bool
is_one_of(const Pieces *pieces, int i, const char *name, const char *other)
{
	const char *morsel = i >= 0 && i < pieces->n ? morsels[pieces->piece[i]] : " ";

	return strcmp(morsel, name) == 0 || strcmp(morsel, other) == 0;
}

/* Whether a morsel ends, or begins, with a letter or digit. */
static bool
is_alnum(const Pieces *pieces, int i)
{
	return is_one_of(pieces, i, "a", "b1") || is_one_of(pieces, i, "\u00E9", "\u00E9");
}

/* How a quote that opens at a morsel ends: the two marks, or NULL if none opens. */
static bool
closers(const Pieces *pieces, int i, const char *marks[2], bool *is_shy)
{
	static const char *const all[][3] = { { "\"", "\"", "\"" },
										  { "\u201C", "\u201D", "\"" },
										  { "\u201E", "\u201C", "\u201D" },
										  { "\u00AB", "\u00BB", "\u00BB" },
										  { "\u2018", "\u2019", "'" },
										  { "'", "'", "\u2019" } };

	for (int k = 0; k < 6; k++)
	{
		if (!is_one_of(pieces, i, all[k][0], all[k][0]))
			continue;
		marks[0] = all[k][1];
		marks[1] = all[k][2];
		*is_shy = k >= 4;
		if ((k == 0 || k == 5) && is_alnum(pieces, i - 1))
			return false;
		return !*is_shy || is_alnum(pieces, i + 1);
	}
	return false;
}

/* Where each morsel begins, in characters. */
static void
count_places(const Pieces *pieces, int32_t *places)
{
	int32_t n = 0;

	for (int i = 0; i <= pieces->n; i++)
	{
		places[i] = n;
		if (i == pieces->n)
			break;
		for (const char *c = morsels[pieces->piece[i]]; *c != '\0'; c++)
			n += ((uint8_t) *c & 0xC0) != 0x80;
	}
}

static void
check_quotes(const Pieces *pieces)
{
	Quotes quotes = { .memory = &test_memory };
	int32_t places[MAX_TEXT + 1];
	size_t nth = 0;

	count_places(pieces, places);
	quotes_find(&quotes, pieces->text, strlen(pieces->text));
	for (int i = 0; i < pieces->n; i++)
	{
		const char *marks[2];
		bool is_shy;
		int end = i + 1;

		if (!closers(pieces, i, marks, &is_shy))
			continue;
		while (
			end < pieces->n && !is_one_of(pieces, end, "\n", "\n") &&
			!(is_one_of(pieces, end, marks[0], marks[1]) && !(is_shy && is_alnum(pieces, end + 1))))
			end++;
		if (end < pieces->n && !is_one_of(pieces, end, "\n", "\n"))
		{
			check(nth < quotes.n && quotes.parts[nth].first == places[i + 1] &&
					  quotes.parts[nth].last == places[end],
				  "quote %zu of \"%s\" should be %d to %d", nth, pieces->text, places[i + 1],
				  places[end]);
			nth++;
		}
		i = end;
	}
	check(quotes.n == nth, "\"%s\" has %zu quotes, not %zu", pieces->text, nth, quotes.n);
}

static void
test_quotes(void)
{
	Pieces pieces;

	for (int n = 0; n < 20000; n += stride())
	{
		random_pieces(&pieces, 16);
		check_quotes(&pieces);
		release_all();
	}
	end_test("quotes are what looking at each opening mark anew says");
}

/* Bytes that are no UTF-8: nothing is read beyond them, and parts stay in order. */
static void
test_hostile_quotes(void)
{
	for (int n = 0; n < 5000; n += stride())
	{
		Quotes quotes = { .memory = &test_memory };
		size_t size = (size_t) between(0, 50);
		char *text = hold(size);
		int32_t last = 0;

		for (size_t i = 0; i < size; i++)
			text[i] = percent(50) ? (char) random_bits() : "\"'\xE2\x80\x9C\x9D a\n"[between(0, 8)];
		quotes_find(&quotes, text, size);
		for (size_t i = 0; i < quotes.n; i++)
		{
			check(quotes.parts[i].first >= last && quotes.parts[i].last >= quotes.parts[i].first &&
					  quotes.parts[i].last <= (int32_t) size,
				  "quote %zu of %zu bytes is %d to %d", i, size, quotes.parts[i].first,
				  quotes.parts[i].last);
			last = quotes.parts[i].last;
		}
		check(true, " ");
		release_all();
	}
	end_test("quotes of any bytes are in order and inside the text");
}

/*
 * Hits
 */

static const char *const names[] = { "allowed",	  "own_speech",	 "others_speech", "self_harm",
									 "diagnosis", "side_effect", "symptom",		  "therapy" };

/* A random case: phrases of one text, each an entry with a label of its own. */
typedef struct Case
{
	Found found[MAX_FOUND];
	const ScopeLabel *labels[MAX_FOUND];
	int n;
	Quote quotes[2];
	Quotes quoted;
	bool as_coach;
} Case;

static void
random_case(Case *it)
{
	it->n = (int) between(0, MAX_FOUND);
	it->as_coach = percent(50);
	for (int i = 0; i < it->n; i++)
	{
		int32_t first = (int32_t) between(0, 40);
		int32_t last = first + (int32_t) between(0, 6);

		it->labels[i] = scope_label(names[between(0, 7)]);
		it->found[i] = (Found){ .entry = (uint32_t) i,
								.first = 2 * first,
								.last = 2 * last + 1,
								.first_word = first,
								.last_word = last,
								.sentence = last / 20 * 20,
								.negated = percent(30) };
	}
	it->quotes[0] = (Quote){ .first = 5, .last = (int32_t) between(6, 30) };
	it->quotes[1] = (Quote){ .first = it->quotes[0].last + 3, .last = (int32_t) between(34, 80) };
	it->quoted =
		(Quotes){ .memory = &test_memory, .parts = it->quotes, .n = (size_t) between(0, 2) };
}

/* Whether phrase i is looked at before phrase j. */
static bool
is_before(const Case *it, int i, int j)
{
	const Found *a = &it->found[i];
	const Found *b = &it->found[j];

	if (a->first != b->first)
		return a->first < b->first;
	if (a->last != b->last)
		return a->last > b->last;
	if (it->labels[i]->part != it->labels[j]->part)
		return it->labels[i]->part > it->labels[j]->part;
	return i < j;
}

static bool
is_within(const Case *it, int i, int j)
{
	return it->found[j].first <= it->found[i].first && it->found[i].last <= it->found[j].last;
}

/* Whether a phrase is a hit but for others of its label. */
static bool
may_count(const Case *it, int i)
{
	if (it->labels[i]->part != PART_HIT || (it->labels[i]->only_coaches && !it->as_coach))
		return false;
	for (int j = 0; j < it->n; j++)
		if (it->labels[j]->part == PART_ALLOWED && is_within(it, i, j))
			return false;
	return true;
}

/* Whether a phrase that says who speaks counts. */
static bool
may_speak(const Case *it, int i)
{
	if (it->labels[i]->part != PART_OTHERS_SPEECH)
		return it->labels[i]->part == PART_OWN_SPEECH;
	for (int j = 0; j < it->n; j++)
		if (it->labels[j]->part == PART_OWN_SPEECH && is_before(it, j, i) &&
			it->found[j].last > it->found[i].first)
			return false;
	return true;
}

static bool
is_reported(const Case *it, int i)
{
	const Found *found = &it->found[i];
	bool quoted = false;
	int speaker = -1;

	for (size_t q = 0; q < it->quoted.n; q++)
		quoted |= it->quotes[q].first <= found->first && found->last <= it->quotes[q].last;
	for (int j = 0; j < it->n; j++)
		if (may_speak(it, j) && is_before(it, j, i) && (speaker < 0 || is_before(it, speaker, j)))
			speaker = j;
	if (speaker < 0 || it->found[speaker].sentence != found->sentence ||
		it->found[speaker].last_word >= found->first_word)
		return quoted;
	if (it->labels[speaker]->part == PART_OWN_SPEECH)
		return false;
	return quoted || found->first_word - it->found[speaker].last_word <= SCOPE_SPEECH_REACH;
}

/* Whether a phrase is a hit. */
static bool
counts(const Case *it, int i)
{
	if (!may_count(it, i))
		return false;
	for (int j = 0; j < it->n; j++)
		if (it->labels[j] == it->labels[i] && is_before(it, j, i) && may_count(it, j) &&
			is_within(it, i, j))
			return false;
	return true;
}

static void
check_case(Case *it)
{
	Findings findings = { .memory = &test_memory, .found = it->found, .n = (size_t) it->n };
	ScopeHits hits = scope_hits(&findings, it->labels, &it->quoted, it->as_coach);
	size_t wanted = 0;

	for (int i = 0; i < it->n; i++)
		wanted += counts(it, i);
	check(hits.n == wanted, "%zu hits, not %zu", wanted, hits.n);
	for (size_t h = 0; h < hits.n; h++)
	{
		int i = (int) hits.hits[h].found->entry;
		bool reported = is_reported(it, i);

		check(counts(it, i) && hits.hits[h].reported == reported, "hit %d: reported %d", i,
			  reported);
		check(h == 0 || is_before(it, (int) hits.hits[h - 1].found->entry, i),
			  "hit %d is out of order", i);
		check(strcmp(it->labels[i]->name, "self_harm") != 0 ||
				  hits.hits[h].severity == SCOPE_SAFETY,
			  "hit %d concerns safety", i);
		check(hits.hits[h].severity == SCOPE_NOTE || !reported || !it->labels[i]->reported_is_note,
			  "hit %d is reported", i);
	}
}

static void
test_hits(void)
{
	Case it;

	for (int n = 0; n < 20000; n += stride())
	{
		random_case(&it);
		check_case(&it);
		release_all();
	}
	end_test("hits are what deciding about each phrase alone says");
}

/* Labels, writers and severities by name. */
static void
test_names(void)
{
	bool as_coach;

	check(scope_label("overdose")->severity == SCOPE_SAFETY, "overdose");
	check(scope_label("")->severity == SCOPE_REFERRAL && scope_label("")->name == NULL, "no label");
	check(scope_writes_as_coach("coach", &as_coach) && as_coach, "coach");
	check(scope_writes_as_coach("therapist", &as_coach) && !as_coach, "therapist");
	check(!scope_writes_as_coach("", &as_coach), "nobody");
	for (int s = SCOPE_NOT_CHECKED; s <= SCOPE_SAFETY; s++)
		check(scope_severity_name((ScopeSeverity) s)[0] != '\0', "severity %d", s);
	end_test("names");
}

int
main(void)
{
	start_random();
	test_quotes();
	test_hostile_quotes();
	test_hits();
	test_names();
	return end_tests();
}
