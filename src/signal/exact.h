/*
 * Exact sums of finite float8 numbers as plain C.  Such a number is a whole
 * number times a power of two, so a sum of them is one too: here it is kept
 * with all its bits, as a sign, a magnitude and an exponent.  Nothing is ever
 * rounded but on the way out, so that no order of adding and taking away
 * matters, and equal sums have equal representations.
 */
#ifndef COACHIATRY_EXACT_H
#define COACHIATRY_EXACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The lowest bit that a finite float8 can have, as a power of two. */
#define EXACT_LEAST_EXPONENT (-1074)

/* Sums are below 2 to this power: 2^32 numbers below 2^1024. */
#define EXACT_TOP 1056

/* Finite float8 numbers are below 2 to this power. */
#define DOUBLE_TOP 1024

/* Bits of a limb, and limbs that hold every sum, a sign and a carry. */
#define LIMB_BITS 64
#define EXACT_LIMBS 34

/*
 * The number (-1)^negative * limbs * 2^exponent.  Canonical: the lowest bit of
 * the lowest limb and some bit of the highest one are set; zero has no limbs,
 * the exponent 0 and no sign.
 */
typedef struct ExactSum
{
	bool negative;
	int32_t exponent;
	int32_t nlimbs;
	uint64_t limbs[EXACT_LIMBS]; /* the lowest first; only nlimbs of them are set */
} ExactSum;

/* How many bits a number has up to its highest. */
static inline int
bit_length(uint64_t number)
{
	return number == 0 ? 0 : LIMB_BITS - __builtin_clzll(number);
}

/* How many bits the magnitude of a sum has. */
static inline int
exact_bits(const ExactSum *sum)
{
	return sum->nlimbs == 0
			   ? 0
			   : (sum->nlimbs - 1) * LIMB_BITS + bit_length(sum->limbs[sum->nlimbs - 1]);
}

/* The power of two that the magnitude of a sum is below; for zero EXACT_LEAST_EXPONENT. */
static inline int
exact_top(const ExactSum *sum)
{
	return sum->nlimbs == 0 ? EXACT_LEAST_EXPONENT : sum->exponent + exact_bits(sum);
}

extern bool exact_of_double(double number, ExactSum *sum);
extern bool exact_is_double(const ExactSum *sum, double *number);
extern double exact_to_double(const ExactSum *sum, uint32_t divisor);
extern void exact_add(ExactSum *to, const ExactSum *by, int sign);
extern int exact_compare(const ExactSum *a, const ExactSum *b);

/*
 * Fields: sums as numbers of a fixed width, two's complement, in units of a
 * power of two that the caller keeps.
 */
extern bool field_add(uint64_t *field, int width, const ExactSum *by, int shift, int sign);
extern int field_bits(const uint64_t *field, int width);
extern void field_rescale(uint64_t *to, int to_width, const uint64_t *from, int from_width,
						  int shift);
extern void exact_of_field(const uint64_t *field, int width, int exponent, ExactSum *sum);

#endif
