/*
 * How far labels agree: between two raters or a model and the truth, from
 * records of kind confusion, and among any number of raters, from records of
 * kind ratings; and how good forecasts of events are.  Plain C.
 */
#ifndef COACHIATRY_AGREEMENT_H
#define COACHIATRY_AGREEMENT_H

#include "language/memory.h"
#include "language/records.h"

/* How often a label occurs. */
typedef struct LabelCount
{
	const char *label;
	double truth;	  /* on the first side */
	double predicted; /* on the second */
	double both;	  /* on both at once */
} LabelCount;

/* All labels of a table of confusion, in order; everything asked of it depends on no more. */
typedef struct Marginals
{
	LabelCount *labels;
	size_t n;
	double total;
} Marginals;

extern bool marginals_of(const Memory *memory, const uint8_t *records, size_t size,
						 Marginals *marginals);
extern double marginals_accuracy(const Marginals *marginals);
extern double marginals_macro_f1(const Marginals *marginals);
extern double marginals_kappa(const Marginals *marginals);
extern double marginals_ac1(const Marginals *marginals);
extern bool ratings_to_alpha(const Memory *memory, const uint8_t *records, size_t size,
							 double *alpha);

/* Bits of fractions by which forecasts are summed. */
#define UNIT_BITS 62
#define LOSS_BITS 56

/* A sum of numbers from 0 to 2^62 in two parts, which 2^31 of them do not fill. */
typedef struct SplitSum
{
	int64_t high;
	int64_t low;
} SplitSum;

/* Bins of a calibration. */
#define CALIBRATION_BINS 10

extern void split_add(SplitSum *sum, double number, int bits);
extern double split_value(const SplitSum *sum, int bits);
extern double brier_score(double p, bool hit);
extern double log_score(double p, bool hit);
extern int calibration_bin(double p);
extern int32_t fold_of(int64_t person, int32_t k, int64_t seed);

#endif
