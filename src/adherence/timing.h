/*
 * Dose timing as plain C: when doses were due and when they were taken, as a
 * sorted multiset of pairs, its measures, its text and binary forms, and the
 * matching of openings to due doses.  Nothing here knows the server;
 * dose_timing.c binds it.
 *
 * Instants are microseconds since 2000-01-01 00:00 UTC, as in PostgreSQL.
 */
#ifndef COACHIATRY_TIMING_H
#define COACHIATRY_TIMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adherence/calendar.h"

/* The side that a pair lacks: later than every instant, so it sorts last. */
#define TIMING_NONE INT64_MAX

/* The range of instants: PostgreSQL's timestamptz, 4714-11-24 BC to 294276-12-31. */
#define TIMING_FIRST_INSTANT INT64_C(-211813488000000000)
#define TIMING_LAST_INSTANT INT64_C(9223371331199999999)

/* Most pairs in one value: with its header it then has 16 MB. */
#define TIMING_MAX_PAIRS 1048575

/*
 * Most combinations of a taken and a due dose within tolerance that one
 * component of a matching may have; two bits of memory each.
 */
#define TIMING_MAX_CELLS (UINT64_C(1) << 28)

/* Room for the text of one instant, its final zero included. */
#define TIMING_INSTANT_SIZE 64

/* One dose: taken on time, missed (taken is NONE) or extra (due is NONE). */
typedef struct DosePair
{
	int64_t due;
	int64_t taken;
} DosePair;

/* What the measures divide; a due dose is a distinct due instant. */
typedef struct TimingCounts
{
	size_t due;
	size_t taken;
	size_t correct; /* due doses with exactly one taken */
} TimingCounts;

/* What a text or a binary form holds that is no dose timing. */
typedef enum TimingFault
{
	TIMING_OK,
	TIMING_SYNTAX,	 /* not of the form */
	TIMING_INSTANT,	 /* no such instant */
	TIMING_INFINITE, /* an infinite instant */
	TIMING_VERSION,	 /* a version or flag that we do not know */
	TIMING_MANY,	 /* more pairs than a value can hold */
} TimingFault;

/* Two sorted arrays to match, and where the answer goes. */
typedef struct DoseMatch
{
	const int64_t *taken; /* ascending */
	size_t ntaken;
	const int64_t *due; /* ascending */
	size_t ndue;
	uint64_t tolerance; /* largest distance within a pair, in microseconds */
	int32_t *partner;	/* ntaken: index of the due dose taken, or -1 */
	bool *due_is_taken; /* ndue */
	void (*poll)(void); /* called now and then; may not return; or NULL */
} DoseMatch;

/* Number of pairs of a matching and their total distance, 96 bits wide. */
typedef struct MatchScore
{
	uint32_t pairs;
	uint32_t distance_high;
	uint64_t distance_low;
} MatchScore;

/* What the largest component of a matching takes. */
typedef struct MatchSize
{
	size_t rows;	/* taken doses */
	size_t columns; /* due doses and one more */
	uint64_t cells; /* combinations within tolerance */
} MatchSize;

/* Memory for a matching, allocated by the caller after timing_match_size. */
typedef struct MatchScratch
{
	MatchScore *best; /* columns */
	uint32_t *first;  /* rows: first column within tolerance */
	uint64_t *offset; /* rows + 1: where a row's choices start */
	uint8_t *choices; /* timing_choice_bytes(cells) */
} MatchScratch;

/* Whether an instant is finite and one that PostgreSQL can hold. */
static inline bool
timing_instant_is_valid(int64_t instant)
{
	return instant >= TIMING_FIRST_INSTANT && instant <= TIMING_LAST_INSTANT;
}

/* Microseconds between two instants; they may be further apart than int64 counts. */
static inline uint64_t
timing_distance(int64_t a, int64_t b)
{
	return a > b ? (uint64_t) a - (uint64_t) b : (uint64_t) b - (uint64_t) a;
}

/* Canonical order: by due instant, then by taken instant, what is missing last. */
static inline int
dose_pair_compare(DosePair a, DosePair b)
{
	if (a.due != b.due)
		return a.due < b.due ? -1 : 1;
	return (a.taken > b.taken) - (a.taken < b.taken);
}

static inline size_t
timing_choice_bytes(uint64_t cells)
{
	return (size_t) (cells / 4 + 1);
}

/* Order and algebra */
extern void timing_sort(DosePair *pairs, size_t npairs);
extern void timing_merge(DosePair *to, const DosePair *a, size_t na, const DosePair *b, size_t nb);
extern int timing_compare(const DosePair *a, size_t na, const DosePair *b, size_t nb);

/* Measures of sorted pairs */
extern bool timing_tolerance(int32_t months, int32_t days, int64_t microseconds,
							 uint64_t *tolerance);
extern TimingCounts timing_count(const DosePair *pairs, size_t npairs);
extern size_t timing_count_within(const DosePair *pairs, size_t npairs, uint64_t tolerance);
extern size_t timing_taken(const DosePair *pairs, size_t npairs, int64_t *taken);
extern void timing_sort_instants(int64_t *instants, size_t n);
extern bool timing_regularity(int64_t *taken, size_t ntaken, double share, double *regularity);

/* Text and binary forms */
extern size_t timing_instant_format(int64_t instant, char text[TIMING_INSTANT_SIZE]);
extern TimingFault timing_instant_parse(const char **text, int64_t *instant);
extern void timing_format(const DosePair *pairs, size_t npairs, const TextSink *sink);
extern size_t timing_text_capacity(const char *text);
extern TimingFault timing_parse(const char **text, DosePair *pairs, size_t *npairs);
extern size_t timing_encoded_size(const DosePair *pairs, size_t npairs);
extern void timing_encode(const DosePair *pairs, size_t npairs, uint8_t *bytes);
extern TimingFault timing_decode_count(const uint8_t *bytes, size_t length, size_t *npairs);
extern TimingFault timing_decode(const uint8_t *bytes, size_t length, DosePair *pairs);

/* Matching */
extern bool timing_match_size(const DoseMatch *match, MatchSize *size);
extern void timing_match(const DoseMatch *match, const MatchScratch *scratch);
extern size_t timing_match_rows(const DoseMatch *match, DosePair *rows);

#endif
