/*
 * Fuzz target of dose timing.  The first byte of an input says what the rest
 * is: a text form, a binary form, or doses to match.  What is read must be
 * canonical, be written, and be read again as the same; a matching must be
 * one, whatever the doses are.
 */
#include "adherence/timing.h"

#include <stdlib.h>

extern int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Most doses of a kind that one input matches. */
#define MAX_DOSES 200

/* A text being written. */
typedef struct Text
{
	char *text;
	size_t length;
	size_t room;
} Text;

/* Stop here, so that the fuzzer keeps the input. */
static void
insist(bool condition)
{
	if (!condition)
		abort();
}

/* Memory of exactly a size, so that the sanitizer sees its end. */
static void *
get(size_t size)
{
	void *memory = malloc(size > 0 ? size : 1);

	if (memory == NULL)
		abort();
	return memory;
}

static void
put(void *target, const char *text, size_t length)
{
	Text *to = target;

	insist(length < to->room - to->length);
	memcpy(to->text + to->length, text, length);
	to->length += length;
	to->text[to->length] = '\0';
}

/* Whether pairs are what every value holds: finite instants, a side each, in order. */
static bool
are_canonical(const DosePair *pairs, size_t n)
{
	for (size_t i = 0; i < n; i++)
	{
		if (pairs[i].due == TIMING_NONE && pairs[i].taken == TIMING_NONE)
			return false;
		if (pairs[i].due != TIMING_NONE && !timing_instant_is_valid(pairs[i].due))
			return false;
		if (pairs[i].taken != TIMING_NONE && !timing_instant_is_valid(pairs[i].taken))
			return false;
		if (i > 0 && dose_pair_compare(pairs[i - 1], pairs[i]) > 0)
			return false;
	}
	return true;
}

/* Write pairs as text, and read that again. */
static void
check_text(const DosePair *pairs, size_t n)
{
	Text text = { .room = (n + 1) * 2 * TIMING_INSTANT_SIZE };
	TextSink sink = { put, &text };
	const char *at;
	DosePair *again;
	size_t nagain;

	text.text = get(text.room);
	timing_format(pairs, n, &sink);
	at = text.text;
	again = get(timing_text_capacity(at) * sizeof(DosePair));
	insist(timing_parse(&at, again, &nagain) == TIMING_OK);
	insist(timing_compare(pairs, n, again, nagain) == 0);
	free(again);
	free(text.text);
}

/* Write pairs as bytes, and read those again. */
static void
check_bytes(const DosePair *pairs, size_t n)
{
	size_t size = timing_encoded_size(pairs, n);
	uint8_t *bytes = get(size);
	DosePair *again = get(n * sizeof(DosePair));
	size_t nagain;

	timing_encode(pairs, n, bytes);
	insist(timing_decode_count(bytes, size, &nagain) == TIMING_OK && nagain == n);
	insist(timing_decode(bytes, size, again) == TIMING_OK);
	insist(timing_compare(pairs, n, again, n) == 0);
	free(again);
	free(bytes);
}

/* Ask a value everything. */
static void
check_value(const DosePair *pairs, size_t n)
{
	TimingCounts counts = timing_count(pairs, n);
	int64_t *taken = get(n * sizeof(int64_t));
	double regularity = 0;

	insist(are_canonical(pairs, n));
	insist(counts.correct <= counts.due && counts.due <= n && counts.taken <= n);
	insist(timing_taken(pairs, n, taken) == counts.taken);
	insist(timing_regularity(taken, counts.taken, 0.25, &regularity) == (counts.taken > 1));
	insist(regularity >= 0 && regularity <= 1);
	insist(timing_count_within(pairs, n, 0) <= timing_count_within(pairs, n, UINT64_MAX));
	check_text(pairs, n);
	check_bytes(pairs, n);
	free(taken);
}

/* Read a text. */
static void
fuzz_text(const uint8_t *data, size_t size)
{
	char *text = get(size + 1);
	const char *at = text;
	DosePair *pairs;
	size_t n;

	memcpy(text, data, size);
	text[size] = '\0';
	pairs = get(timing_text_capacity(text) * sizeof(DosePair));
	if (timing_parse(&at, pairs, &n) == TIMING_OK)
		check_value(pairs, n);
	insist(at >= text && at <= text + strlen(text));
	free(pairs);
	free(text);
}

/* Read bytes. */
static void
fuzz_bytes(const uint8_t *data, size_t size)
{
	size_t n;
	DosePair *pairs;

	if (timing_decode_count(data, size, &n) != TIMING_OK)
		return;
	pairs = get(n * sizeof(DosePair));
	if (timing_decode(data, size, pairs) == TIMING_OK)
		check_value(pairs, n);
	free(pairs);
}

/* Whether a matching is one: in order, within tolerance, each dose used once. */
static void
check_match(const DoseMatch *match)
{
	int32_t last = -1;
	size_t npairs = 0;
	size_t nused = 0;
	DosePair *rows = get((match->ntaken + match->ndue) * sizeof(DosePair));

	for (size_t i = 0; i < match->ntaken; i++)
	{
		int32_t partner = match->partner[i];

		if (partner < 0)
			continue;
		insist(partner > last && (size_t) partner < match->ndue && match->due_is_taken[partner]);
		insist(timing_distance(match->taken[i], match->due[partner]) <= match->tolerance);
		last = partner;
		npairs++;
	}
	for (size_t j = 0; j < match->ndue; j++)
		nused += match->due_is_taken[j];
	insist(nused == npairs);
	insist(timing_match_rows(match, rows) == match->ntaken + match->ndue - npairs);
	free(rows);
}

/* Two-byte instants from the input, in order. */
static int64_t *
take_instants(const uint8_t *data, size_t n)
{
	int64_t *instants = get(n * sizeof(int64_t));

	for (size_t i = 0; i < n; i++)
		instants[i] = data[2 * i] << 8 | data[2 * i + 1];
	timing_sort_instants(instants, n);
	return instants;
}

/* Match doses: a tolerance of two bytes, how many are taken, then the doses. */
static void
fuzz_match(const uint8_t *data, size_t size)
{
	size_t n = size < 3 ? 0 : (size - 3) / 2;
	DoseMatch match = { 0 };
	MatchSize needs;
	MatchScratch scratch;
	int64_t *taken;
	int64_t *due;

	if (size < 3 || n > MAX_DOSES)
		return;
	match.ntaken = data[2] < n ? data[2] : n;
	match.ndue = n - match.ntaken;
	match.tolerance = (uint64_t) (data[0] << 8 | data[1]);
	match.taken = taken = take_instants(data + 3, match.ntaken);
	match.due = due = take_instants(data + 3 + 2 * match.ntaken, match.ndue);
	insist(timing_match_size(&match, &needs));
	scratch.best = get(needs.columns * sizeof(MatchScore));
	scratch.first = get(needs.rows * sizeof(uint32_t));
	scratch.offset = get((needs.rows + 1) * sizeof(uint64_t));
	scratch.choices = get(timing_choice_bytes(needs.cells));
	match.partner = get(match.ntaken * sizeof(int32_t));
	match.due_is_taken = get(match.ndue * sizeof(bool));
	timing_match(&match, &scratch);
	check_match(&match);
	free(scratch.best);
	free(scratch.first);
	free(scratch.offset);
	free(scratch.choices);
	free(match.partner);
	free(match.due_is_taken);
	free(taken);
	free(due);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	switch (data[0] % 3)
	{
		case 0:
			fuzz_text(data + 1, size - 1);
			break;
		case 1:
			fuzz_bytes(data + 1, size - 1);
			break;
		default:
			fuzz_match(data + 1, size - 1);
	}
	return 0;
}
