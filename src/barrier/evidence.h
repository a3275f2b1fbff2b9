/*
 * Evidence for barriers as plain C: pieces that each speak for or against one
 * of the implementation patterns, packed one after the other, and what they
 * add up to.  Nothing here knows the server; profile.c binds it.
 *
 * The pieces of a profile are a set: each stands in it once, in order.
 */
#ifndef COACHIATRY_EVIDENCE_H
#define COACHIATRY_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "adherence/calendar.h"

/* Most pieces of a profile, and most bytes of the texts of one. */
#define EVIDENCE_MAX_PIECES 4096
#define EVIDENCE_MAX_EXPLANATION 1000
#define EVIDENCE_MAX_POINTER 200

/* Largest weight of a piece, either way: odds of 500 million to one. */
#define EVIDENCE_MAX_WEIGHT 20.0

/* The most that a profile is ever sure of, either way. */
#define PROFILE_MAX_PROBABILITY 0.99
#define PROFILE_MIN_PROBABILITY 0.01

/* The five implementation patterns, and what has no home in them. */
typedef enum BarrierPattern
{
	PATTERN_EXECUTIVE_FUNCTION,
	PATTERN_AVOIDANCE,
	PATTERN_AMBIVALENCE,
	PATTERN_SKILL_DEFICIT,
	PATTERN_ENVIRONMENTAL,
	PATTERN_OTHER,
} BarrierPattern;

#define NPATTERNS (PATTERN_OTHER + 1)

/* Where a piece of evidence is from. */
typedef enum EvidenceKind
{
	EVIDENCE_CALENDAR,
	EVIDENCE_TIMING,
	EVIDENCE_WORDS,
	EVIDENCE_REASON,
	EVIDENCE_LABEL,
} EvidenceKind;

#define NKINDS (EVIDENCE_LABEL + 1)

/* A text that belongs to somebody else. */
typedef struct Piece
{
	const char *bytes;
	size_t size;
} Piece;

/* One piece of evidence. */
typedef struct Evidence
{
	BarrierPattern pattern;
	EvidenceKind kind;
	double weight;	   /* log-odds that it adds */
	Piece explanation; /* why, in words */
	Piece pointer;	   /* to what it is about; empty if to nothing */
} Evidence;

/* What is wrong with evidence. */
typedef enum EvidenceFault
{
	EVIDENCE_OK,
	EVIDENCE_SYNTAX,	  /* not of the form */
	EVIDENCE_PATTERN,	  /* no such pattern */
	EVIDENCE_KIND,		  /* no such kind */
	EVIDENCE_WEIGHT,	  /* a weight that is not finite or too large */
	EVIDENCE_UNEXPLAINED, /* no explanation */
	EVIDENCE_TOO_LONG,	  /* too long a text */
	EVIDENCE_MANY,		  /* too many pieces */
} EvidenceFault;

/* Reading packed pieces in order. */
typedef struct EvidenceScan
{
	const uint8_t *at;
	const uint8_t *end;
	bool is_damaged; /* the bytes are not what any packing writes */
	Evidence here;	 /* the piece that was read last */
} EvidenceScan;

/* What a profile says of a pattern. */
typedef struct PatternSum
{
	int pieces;
	double log_odds; /* what the pieces add, without the prior */
} PatternSum;

/* evidence.c */
extern const char *pattern_name(BarrierPattern pattern);
extern const char *kind_name_of_evidence(EvidenceKind kind);
extern bool pattern_by_name(const char *name, size_t size, BarrierPattern *pattern);
extern bool kind_by_name(const char *name, size_t size, EvidenceKind *kind);
extern double pattern_prior(BarrierPattern pattern);
extern EvidenceFault evidence_check(const Evidence *piece);
extern size_t evidence_size(const Evidence *piece);
extern uint8_t *evidence_write(uint8_t *at, const Evidence *piece);
extern void evidence_scan(EvidenceScan *scan, const uint8_t *bytes, size_t size);
extern bool evidence_next(EvidenceScan *scan);
extern int evidence_compare(const Evidence *a, const Evidence *b);
extern size_t evidence_fold(Evidence *pieces, size_t n);
extern void profile_add(PatternSum sums[NPATTERNS], const Evidence *piece);
extern double profile_log_odds(const PatternSum sums[NPATTERNS], BarrierPattern pattern);
extern double profile_probability(const PatternSum sums[NPATTERNS], BarrierPattern pattern);
extern void profile_rank(const PatternSum sums[NPATTERNS], BarrierPattern ranked[NPATTERNS]);

/* evidence_text.c: the text form */
typedef struct EvidenceText
{
	const char *at;
	bool is_empty; /* it is the word for no evidence */
	char explanation[EVIDENCE_MAX_EXPLANATION];
	char pointer[EVIDENCE_MAX_POINTER];
} EvidenceText;

extern void evidence_format(const Evidence *piece, bool is_first, const TextSink *sink);
extern EvidenceFault evidence_text_start(EvidenceText *text, const char *written);
extern EvidenceFault evidence_text_next(EvidenceText *text, Evidence *piece);

#endif
