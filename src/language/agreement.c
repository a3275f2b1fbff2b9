/*
 * Agreement.  With n pairs, p_a is the share of pairs with the same label on
 * both sides, and a coefficient is (p_a - p_e) / (1 - p_e); coefficients differ
 * in p_e, what chance would give.
 */
#include "language/agreement.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Records between two looks at interrupts. */
#define RECORDS_PER_PAUSE 4096

/*
 * Tables of confusion
 */

/* Order of labels. */
static int
compare_labels(const void *a, const void *b)
{
	return strcmp(((const LabelCount *) a)->label, ((const LabelCount *) b)->label);
}

/* Bring counts of labels in order, each label once. */
static void
fold_labels(LabelCount *labels, size_t *n)
{
	size_t kept = 0;

	if (*n > 1)
		qsort(labels, *n, sizeof(LabelCount), compare_labels);
	for (size_t i = 0; i < *n; i++)
	{
		LabelCount *last = &labels[kept - (kept > 0)];

		if (kept == 0 || strcmp(last->label, labels[i].label) != 0)
		{
			labels[kept++] = labels[i];
			continue;
		}
		last->truth += labels[i].truth;
		last->predicted += labels[i].predicted;
		last->both += labels[i].both;
	}
	*n = kept;
}

/* Count the labels of a table; false if it is damaged. */
bool
marginals_of(const Memory *memory, const uint8_t *records, size_t size, Marginals *marginals)
{
	size_t room = 0;
	RecordScan scan;

	*marginals = (Marginals){ .n = 0 };
	record_scan(&scan, records, size);
	for (size_t i = 1; record_next(&scan); i++)
	{
		const char *truth = scan.here.key;
		const char *predicted = field_after(&scan.here, truth);
		double count = (double) scan.here.value.count;

		if (predicted == NULL || record_check(RECORD_CONFUSION, &scan.here) != RECORD_OK)
			return false;
		if (i % RECORDS_PER_PAUSE == 0)
			memory->pause();
		marginals->total += count;
		MEMORY_GROW(memory, marginals->labels, marginals->n, room);
		marginals->labels[marginals->n++] = (LabelCount){
			.label = truth, .truth = count, .both = strcmp(truth, predicted) == 0 ? count : 0
		};
		MEMORY_GROW(memory, marginals->labels, marginals->n, room);
		marginals->labels[marginals->n++] = (LabelCount){ .label = predicted, .predicted = count };
	}
	fold_labels(marginals->labels, &marginals->n);
	return !scan.is_damaged;
}

/* The share of pairs with the same label on both sides: p_a. */
double
marginals_accuracy(const Marginals *marginals)
{
	double both = 0;

	for (size_t i = 0; i < marginals->n; i++)
		both += marginals->labels[i].both;
	return both / marginals->total;
}

/* The mean of F1 over labels: 2 TP / (2 TP + FP + FN). */
double
marginals_macro_f1(const Marginals *marginals)
{
	double sum = 0;

	for (size_t i = 0; i < marginals->n; i++)
	{
		const LabelCount *label = &marginals->labels[i];

		sum += 2 * label->both / (label->truth + label->predicted);
	}
	return sum / (double) marginals->n;
}

/* Cohen's kappa; not a number where both sides used one and the same label. */
double
marginals_kappa(const Marginals *marginals)
{
	double by_chance = 0;

	for (size_t i = 0; i < marginals->n; i++)
		by_chance += marginals->labels[i].truth / marginals->total *
					 (marginals->labels[i].predicted / marginals->total);
	if (marginals->n == 1)
		return NAN;
	return (marginals_accuracy(marginals) - by_chance) / (1 - by_chance);
}

/* Gwet's AC1. */
double
marginals_ac1(const Marginals *marginals)
{
	double by_chance = 0;

	for (size_t i = 0; i < marginals->n; i++)
	{
		const LabelCount *label = &marginals->labels[i];
		double share = (label->truth + label->predicted) / (2 * marginals->total);

		by_chance += share * (1 - share);
	}
	if (marginals->n == 1)
		return 1;
	by_chance /= (double) (marginals->n - 1);
	return (marginals_accuracy(marginals) - by_chance) / (1 - by_chance);
}

/*
 * Ratings
 */

/* What all units give together. */
typedef struct Coincidences
{
	const Memory *memory;
	LabelCount *unit; /* labels of the unit at hand, truth being how often it has them */
	size_t nunit;
	size_t unit_room;
	LabelCount *all;
	size_t nall;
	size_t all_room;
	double total;	 /* labels of units with two or more */
	double expected; /* pairs of a label with itself, o_cc, over all labels */
} Coincidences;

/* Let the labels of one unit enter. */
static void
end_unit(Coincidences *seen)
{
	double n = 0;
	double same = 0;

	fold_labels(seen->unit, &seen->nunit);
	for (size_t i = 0; i < seen->nunit; i++)
	{
		n += seen->unit[i].truth;
		same += seen->unit[i].truth * (seen->unit[i].truth - 1);
	}
	for (size_t i = 0; n >= 2 && i < seen->nunit; i++)
	{
		MEMORY_GROW(seen->memory, seen->all, seen->nall, seen->all_room);
		seen->all[seen->nall++] = seen->unit[i];
	}
	if (n >= 2)
	{
		seen->total += n;
		seen->expected += same / (n - 1);
	}
	seen->nunit = 0;
}

/* Alpha from all coincidences; false if there is none to be had. */
static bool
alpha_of(Coincidences *seen, double *alpha)
{
	double squares = 0;

	fold_labels(seen->all, &seen->nall);
	for (size_t i = 0; i < seen->nall; i++)
		squares += seen->all[i].truth * seen->all[i].truth;
	if (seen->nall < 2)
		return false;
	*alpha = 1 - (seen->total - 1) * (seen->total - seen->expected) /
					 (seen->total * seen->total - squares);
	return true;
}

/* Krippendorff's alpha for nominal labels; false if there is none.  A damaged value gives one that is not a number. */
bool
ratings_to_alpha(const Memory *memory, const uint8_t *records, size_t size, double *alpha)
{
	Coincidences seen = { .memory = memory };
	const char *unit = NULL;
	RecordScan scan;

	*alpha = NAN;
	record_scan(&scan, records, size);
	for (size_t i = 1; record_next(&scan); i++)
	{
		const char *rater = field_after(&scan.here, scan.here.key);

		if (rater == NULL || record_check(RECORD_RATINGS, &scan.here) != RECORD_OK)
			return true;
		if (i % RECORDS_PER_PAUSE == 0)
			memory->pause();
		if (unit != NULL && strcmp(unit, scan.here.key) != 0)
			end_unit(&seen);
		unit = scan.here.key;
		MEMORY_GROW(memory, seen.unit, seen.nunit, seen.unit_room);
		seen.unit[seen.nunit++] = (LabelCount){ .label = field_after(&scan.here, rater),
												.truth = (double) scan.here.value.count };
	}
	if (scan.is_damaged)
		return true;
	end_unit(&seen);
	return alpha_of(&seen, alpha);
}

/*
 * Forecasts
 */

/* The part of a split sum that is kept low. */
#define LOW_BITS 31

/* Add a number that is not negative, as the nearest multiple of a power of two. */
void
split_add(SplitSum *sum, double number, int bits)
{
	uint64_t scaled = (uint64_t) nearbyint(ldexp(number, bits));

	sum->high += (int64_t) (scaled >> LOW_BITS);
	sum->low += (int64_t) (scaled & ((UINT64_C(1) << LOW_BITS) - 1));
}

/* What a sum comes to. */
double
split_value(const SplitSum *sum, int bits)
{
	return ldexp((double) sum->high, LOW_BITS - bits) + ldexp((double) sum->low, -bits);
}

/* The score of one forecast by Brier. */
double
brier_score(double p, bool hit)
{
	double miss = hit ? 1 - p : p;

	return miss * miss;
}

/* How near to 0 or 1 a probability is taken to be at most. */
#define LEAST_CHANCE 1e-15

/* The logarithmic score of one forecast. */
double
log_score(double p, bool hit)
{
	double chance = hit ? p : 1 - p;

	return chance <= LEAST_CHANCE ? -log(LEAST_CHANCE) : chance >= 1 ? 0 : -log(chance);
}

/* The bin of a probability: of equal width, closed at their upper ends; 0 is in the first. */
int
calibration_bin(double p)
{
	int bin = (int) ceil(p * CALIBRATION_BINS) - 1;

	return bin < 0 ? 0 : bin;
}

/*
 * Folds
 */

/* Mix the bits of a number (the finaliser of splitmix64). */
static uint64_t
mix(uint64_t bits)
{
	bits = (bits ^ (bits >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	bits = (bits ^ (bits >> 27)) * UINT64_C(0x94D049BB133111EB);
	return bits ^ (bits >> 31);
}

/* The fold of a person, 1 to k. */
int32_t
fold_of(int64_t person, int32_t k, int64_t seed)
{
	uint64_t bits = mix((uint64_t) person + UINT64_C(0x9E3779B97F4A7C15));

	bits = mix(bits ^ mix((uint64_t) seed + UINT64_C(0x9E3779B97F4A7C15)));
	return (int32_t) (bits % (uint64_t) k) + 1;
}
