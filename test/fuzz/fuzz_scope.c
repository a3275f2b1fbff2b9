/*
 * Fuzz target of the room of scope.  The first byte of an input says how many
 * of its bytes are phrases that were found, five for each; the rest is the
 * text whose quotes are looked for.
 */
#include "scope/check.h"
#include "scope/quotes.h"

#include <stdlib.h>
#include <string.h>

#define MAX_FOUND 255

extern int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = { "allowed",		"own_speech",		"others_speech",
									 "self_harm",	"violence",			"diagnosis",
									 "side_effect", "treatment_advice", "symptom" };

/* Stop here, so that the fuzzer keeps the input. */
static void
insist(bool condition)
{
	if (!condition)
		abort();
}

/* Memory of a run, given back at its end. */
static void *pieces[64];
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
		insist(npieces < 64);
		at = npieces++;
		piece = NULL;
	}
	pieces[at] = realloc(piece, size);
	insist(pieces[at] != NULL);
	return pieces[at];
}

static void
no_pause(void)
{
}

static const Memory memory = { .resize = resize, .pause = no_pause };

/* A phrase of five bytes: where it stands, how long it is, its label, its sentence, whether it is negated. */
static Found
read_found(const uint8_t *bytes, uint32_t entry)
{
	return (Found){ .entry = entry,
					.first = bytes[0],
					.last = bytes[0] + 1 + bytes[1] % 16,
					.first_word = bytes[0] / 2,
					.last_word = (bytes[0] + bytes[1] % 16) / 2,
					.sentence = bytes[3] % 4,
					.negated = bytes[4] & 1 };
}

/* What is said of hits, whatever the phrases are. */
static void
check_hits(const ScopeHits *hits, size_t nfound, bool as_coach)
{
	int32_t first = 0;

	insist(hits->n <= nfound);
	for (size_t i = 0; i < hits->n; i++)
	{
		const ScopeHit *hit = &hits->hits[i];

		insist(hit->label->part == PART_HIT && hit->found->first >= first);
		insist(as_coach || !hit->label->only_coaches);
		insist(hit->label->severity != SCOPE_SAFETY || hit->severity == SCOPE_SAFETY);
		first = hit->found->first;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Quotes quotes = { .memory = &memory };
	Findings findings = { .memory = &memory };
	Found found[MAX_FOUND];
	const ScopeLabel *labels[MAX_FOUND];
	ScopeHits hits;
	char *text;
	size_t at = 1;

	if (size == 0)
		return 0;
	findings.found = found;
	for (; findings.n < data[0] && at + 5 <= size; findings.n++, at += 5)
	{
		findings.found[findings.n] = read_found(data + at, (uint32_t) findings.n);
		labels[findings.n] = scope_label(names[data[at + 2] % 9]);
	}
	text = resize(NULL, NULL, size - at + 1);
	memcpy(text, data + at, size - at);
	quotes_find(&quotes, text, size - at);
	for (size_t i = 0; i < quotes.n; i++)
		insist(quotes.parts[i].first <= quotes.parts[i].last &&
			   (i == 0 || quotes.parts[i - 1].last < quotes.parts[i].first));
	hits = scope_hits(&findings, labels, &quotes, data[0] & 1);
	check_hits(&hits, findings.n, data[0] & 1);
	while (npieces > 0)
		free(pieces[--npieces]);
	return 0;
}
