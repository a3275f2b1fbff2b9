/*
 * Packed pieces of evidence.  A piece is
 *
 *     a byte       the pattern
 *     a byte       the kind
 *     two bytes    length of the explanation, two more that of the pointer
 *     eight bytes  the weight, a float8
 *     the explanation, then the pointer
 *
 * with numbers in the order of bytes of the machine.  Pieces are ordered by
 * pattern, the strongest for it first, so that a sum over them has one value.
 */
#include "barrier/evidence.h"

#include <math.h>
#include <stdlib.h>

/* Bytes of a piece before its texts. */
#define PIECE_HEADER 14

static const char *const pattern_names[NPATTERNS] = { "executive_function", "avoidance",
													  "ambivalence",		"skill_deficit",
													  "environmental",		"other" };

static const char *const kind_names[NKINDS] = { "calendar", "timing", "words", "reason", "label" };

/*
 * How often each pattern was among the barriers that families named: 78
 * mentions of Table 4 in PMC8183976, shared out to the patterns.
 */
static const int mentions[NPATTERNS] = { 9, 10, 12, 8, 12, 27 };

#define ALL_MENTIONS 78

/* The name of a pattern. */
const char *
pattern_name(BarrierPattern pattern)
{
	return pattern_names[pattern];
}

/* The name of a kind of evidence. */
const char *
kind_name_of_evidence(EvidenceKind kind)
{
	return kind_names[kind];
}

/* Where a name stands in a list; -1 if it does not. */
static int
find_name(const char *const *names, int n, const char *name, size_t size)
{
	for (int i = 0; i < n; i++)
		if (strlen(names[i]) == size && memcmp(names[i], name, size) == 0)
			return i;
	return -1;
}

/* The pattern of a name, if there is one. */
bool
pattern_by_name(const char *name, size_t size, BarrierPattern *pattern)
{
	int found = find_name(pattern_names, NPATTERNS, name, size);

	*pattern = (BarrierPattern) (found < 0 ? 0 : found);
	return found >= 0;
}

/* The kind of evidence of a name, if there is one. */
bool
kind_by_name(const char *name, size_t size, EvidenceKind *kind)
{
	int found = find_name(kind_names, NKINDS, name, size);

	*kind = (EvidenceKind) (found < 0 ? 0 : found);
	return found >= 0;
}

/* The probability of a pattern before anything is known of a person. */
double
pattern_prior(BarrierPattern pattern)
{
	return (double) mentions[pattern] / ALL_MENTIONS;
}

/*
 * Packing
 */

/* Whether a text has a zero in it, which no text of the server has. */
static bool
has_zero(Piece text)
{
	return text.size > 0 && memchr(text.bytes, '\0', text.size) != NULL;
}

/* What is wrong with a piece, if anything. */
EvidenceFault
evidence_check(const Evidence *piece)
{
	if (!(fabs(piece->weight) <= EVIDENCE_MAX_WEIGHT))
		return EVIDENCE_WEIGHT;
	if (piece->explanation.size == 0)
		return EVIDENCE_UNEXPLAINED;
	if (piece->explanation.size > EVIDENCE_MAX_EXPLANATION ||
		piece->pointer.size > EVIDENCE_MAX_POINTER)
		return EVIDENCE_TOO_LONG;
	return has_zero(piece->explanation) || has_zero(piece->pointer) ? EVIDENCE_SYNTAX : EVIDENCE_OK;
}

/* How many bytes a piece takes. */
size_t
evidence_size(const Evidence *piece)
{
	return PIECE_HEADER + piece->explanation.size + piece->pointer.size;
}

/* Write a piece that has been checked; the place after it. */
uint8_t *
evidence_write(uint8_t *at, const Evidence *piece)
{
	uint16_t sizes[] = { (uint16_t) piece->explanation.size, (uint16_t) piece->pointer.size };
	double weight = piece->weight + 0.0; /* no negative zero */

	at[0] = (uint8_t) piece->pattern;
	at[1] = (uint8_t) piece->kind;
	memcpy(at + 2, sizes, sizeof(sizes));
	memcpy(at + 6, &weight, sizeof(weight));
	at += PIECE_HEADER;
	memcpy(at, piece->explanation.bytes, piece->explanation.size);
	at += piece->explanation.size;
	if (piece->pointer.size > 0)
		memcpy(at, piece->pointer.bytes, piece->pointer.size);
	return at + piece->pointer.size;
}

/* Begin to read packed pieces. */
void
evidence_scan(EvidenceScan *scan, const uint8_t *bytes, size_t size)
{
	*scan = (EvidenceScan){ .at = bytes, .end = bytes + size };
}

/* Read the head of a piece; how many bytes its texts have. */
static size_t
read_head(EvidenceScan *scan)
{
	const uint8_t *at = scan->at;
	uint16_t sizes[2];

	scan->here.pattern = (BarrierPattern) at[0];
	scan->here.kind = (EvidenceKind) at[1];
	memcpy(sizes, at + 2, sizeof(sizes));
	memcpy(&scan->here.weight, at + 6, sizeof(scan->here.weight));
	scan->here.explanation = (Piece){ (const char *) at + PIECE_HEADER, sizes[0] };
	scan->here.pointer = (Piece){ (const char *) at + PIECE_HEADER + sizes[0], sizes[1] };
	return (size_t) sizes[0] + sizes[1];
}

/* Read the next piece, if there is one. */
bool
evidence_next(EvidenceScan *scan)
{
	size_t left = (size_t) (scan->end - scan->at);
	size_t texts;

	if (left == 0 || scan->is_damaged)
		return false;
	scan->is_damaged = left < PIECE_HEADER || scan->at[0] >= NPATTERNS || scan->at[1] >= NKINDS;
	if (scan->is_damaged)
		return false;
	texts = read_head(scan);
	scan->is_damaged = texts > left - PIECE_HEADER || evidence_check(&scan->here) != EVIDENCE_OK;
	scan->at += PIECE_HEADER + (scan->is_damaged ? 0 : texts);
	return !scan->is_damaged;
}

/*
 * Order
 */

/* Order of texts: that of their bytes. */
static int
compare_texts(Piece a, Piece b)
{
	size_t shorter = a.size < b.size ? a.size : b.size;
	int order = shorter == 0 ? 0 : memcmp(a.bytes, b.bytes, shorter);

	return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

/* Order of pieces: by pattern, the largest weight first, then by kind, explanation and pointer. */
int
evidence_compare(const Evidence *a, const Evidence *b)
{
	int order;

	if (a->pattern != b->pattern)
		return a->pattern < b->pattern ? -1 : 1;
	if (a->weight != b->weight)
		return a->weight > b->weight ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	order = compare_texts(a->explanation, b->explanation);
	return order != 0 ? order : compare_texts(a->pointer, b->pointer);
}

/* The same, for qsort. */
static int
compare_pieces(const void *a, const void *b)
{
	return evidence_compare(a, b);
}

/* Bring pieces in order, each once; how many are left. */
size_t
evidence_fold(Evidence *pieces, size_t n)
{
	size_t kept = 0;

	if (n > 1)
		qsort(pieces, n, sizeof(Evidence), compare_pieces);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || evidence_compare(&pieces[kept - 1], &pieces[i]) != 0)
			pieces[kept++] = pieces[i];
	return kept;
}

/*
 * What evidence adds up to.  Several patterns can hold at once, so each has
 * log-odds of its own: those of its prior, and the weights of its pieces.
 */

/* Add a piece to the sums. */
void
profile_add(PatternSum sums[NPATTERNS], const Evidence *piece)
{
	sums[piece->pattern].pieces++;
	sums[piece->pattern].log_odds += piece->weight;
}

/* The log-odds of a pattern. */
double
profile_log_odds(const PatternSum sums[NPATTERNS], BarrierPattern pattern)
{
	double prior = pattern_prior(pattern);

	return log(prior / (1.0 - prior)) + sums[pattern].log_odds;
}

/* The probability of a pattern, never surer than there is reason for; the prior, if nothing is known. */
double
profile_probability(const PatternSum sums[NPATTERNS], BarrierPattern pattern)
{
	double probability = 1.0 / (1.0 + exp(-profile_log_odds(sums, pattern)));

	if (sums[pattern].pieces == 0)
		return pattern_prior(pattern);
	if (probability > PROFILE_MAX_PROBABILITY)
		return PROFILE_MAX_PROBABILITY;
	return probability > PROFILE_MIN_PROBABILITY ? probability : PROFILE_MIN_PROBABILITY;
}

/* Whether a pattern stands before another: those that evidence speaks for, the likeliest first. */
static bool
stands_before(const PatternSum sums[NPATTERNS], BarrierPattern a, BarrierPattern b)
{
	bool a_holds = sums[a].log_odds > 0;
	bool b_holds = sums[b].log_odds > 0;

	if (a_holds != b_holds)
		return a_holds;
	return profile_log_odds(sums, a) > profile_log_odds(sums, b);
}

/* All patterns, the best supported first; those that are equally so in their own order. */
void
profile_rank(const PatternSum sums[NPATTERNS], BarrierPattern ranked[NPATTERNS])
{
	for (int i = 0; i < NPATTERNS; i++)
	{
		int place = i;

		for (; place > 0 && stands_before(sums, (BarrierPattern) i, ranked[place - 1]); place--)
			ranked[place] = ranked[place - 1];
		ranked[place] = (BarrierPattern) i;
	}
}
