/*
 * Exact sums.  In order: fields (two's complement numbers of fixed width, in
 * which all adding is done), and sums as sign, magnitude and exponent.
 */
#include "signal/exact.h"

#include <math.h>
#include <string.h>

/* The parts of a float8. */
#define FRACTION_BITS 52
#define FRACTION_MASK ((UINT64_C(1) << FRACTION_BITS) - 1)
#define EXPONENT_MASK 0x7FF
#define PRECISION (FRACTION_BITS + 1)
#define LEAST_NORMAL_EXPONENT (-1022)

/* Limbs put below a magnitude that is divided, so that the quotient has more bits than a float8. */
#define QUOTIENT_LIMBS 2

/*
 * Fields
 */

/* What lies above the highest limb of a field: its sign, all over. */
static uint64_t
field_sign(const uint64_t *field, int width)
{
	return -(field[width - 1] >> (LIMB_BITS - 1));
}

/* The limb of a number that is shifted left by less than a limb. */
static uint64_t
shifted_limb(uint64_t limb, uint64_t below, int bits)
{
	return bits == 0 ? limb : limb << bits | below >> (LIMB_BITS - bits);
}

/* The i-th limb of a magnitude that is shifted left. */
static uint64_t
magnitude_limb(const ExactSum *sum, int i, int shift)
{
	int from = i - shift / LIMB_BITS;
	uint64_t limb = from >= 0 && from < sum->nlimbs ? sum->limbs[from] : 0;
	uint64_t below = from >= 1 && from <= sum->nlimbs ? sum->limbs[from - 1] : 0;

	return shifted_limb(limb, below, shift % LIMB_BITS);
}

/*
 * Add a sum, shifted left, to a field (sign 1) or take it away (sign -1); the
 * shifted sum fits the field.  Whether the result does; if not it is of no use.
 */
bool
field_add(uint64_t *field, int width, const ExactSum *by, int shift, int sign)
{
	uint64_t flip = by->negative == (sign > 0) ? UINT64_MAX : 0;
	uint64_t carry = flip & 1; /* minus x is the complement of x, and 1 */
	uint64_t before = field_sign(field, width);

	for (int i = by->nlimbs == 0 ? width : 0; i < width; i++)
	{
		uint64_t limb = magnitude_limb(by, i, shift) ^ flip;
		uint64_t sum = field[i] + limb;
		uint64_t carried = sum < limb;

		field[i] = sum + carry;
		carry = carried | (field[i] < sum);
	}
	/* Only numbers of one sign can give one of the other that is wrong. */
	return by->nlimbs == 0 || before != flip || field_sign(field, width) == before;
}

/* How many bits a field needs without its sign. */
int
field_bits(const uint64_t *field, int width)
{
	uint64_t sign = field_sign(field, width);

	for (int i = width - 1; i >= 0; i--)
		if (field[i] != sign)
			return i * LIMB_BITS + bit_length(field[i] ^ sign);
	return 0;
}

/* Write a field into another one in which the lowest bit means less; it fits. */
void
field_rescale(uint64_t *to, int to_width, const uint64_t *from, int from_width, int shift)
{
	int limbs = shift / LIMB_BITS;
	uint64_t sign = field_sign(from, from_width);
	uint64_t below = 0;

	for (int i = 0; i < to_width; i++)
	{
		uint64_t limb = 0;

		if (i >= limbs)
			limb = i - limbs < from_width ? from[i - limbs] : sign;
		to[i] = shifted_limb(limb, below, shift % LIMB_BITS);
		below = limb;
	}
}

/* Shift a magnitude right until its lowest bit is set, and leave out limbs that are 0. */
static void
exact_trim(ExactSum *sum)
{
	int zeros = 0;
	int bits;

	while (sum->nlimbs > 0 && sum->limbs[sum->nlimbs - 1] == 0)
		sum->nlimbs--;
	if (sum->nlimbs == 0)
	{
		sum->negative = false;
		sum->exponent = 0;
		return;
	}
	while (sum->limbs[zeros] == 0)
		zeros++;
	bits = __builtin_ctzll(sum->limbs[zeros]);
	sum->nlimbs -= zeros;
	sum->exponent += zeros * LIMB_BITS + bits;
	for (int i = 0; i < sum->nlimbs; i++)
	{
		uint64_t above = i + 1 < sum->nlimbs ? sum->limbs[i + zeros + 1] : 0;

		sum->limbs[i] = sum->limbs[i + zeros] >> bits;
		if (bits > 0)
			sum->limbs[i] |= above << (LIMB_BITS - bits);
	}
	if (sum->limbs[sum->nlimbs - 1] == 0)
		sum->nlimbs--;
}

/* The sum that a field in units of 2^exponent holds. */
void
exact_of_field(const uint64_t *field, int width, int exponent, ExactSum *sum)
{
	uint64_t sign = field_sign(field, width);
	uint64_t carry = sign & 1;

	sum->negative = sign != 0;
	sum->exponent = exponent;
	sum->nlimbs = width;
	for (int i = 0; i < width; i++)
	{
		sum->limbs[i] = (field[i] ^ sign) + carry;
		carry &= sum->limbs[i] == 0;
	}
	exact_trim(sum);
}

/*
 * Sums
 */

/* The sum of one number; false if it is not finite. */
bool
exact_of_double(double number, ExactSum *sum)
{
	uint64_t bits;
	uint64_t fraction;
	int exponent;
	int zeros;

	memcpy(&bits, &number, sizeof(bits));
	fraction = bits & FRACTION_MASK;
	exponent = (int) (bits >> FRACTION_BITS) & EXPONENT_MASK;
	sum->negative = false;
	sum->exponent = 0;
	sum->nlimbs = 0;
	if (exponent == EXPONENT_MASK)
		return false;
	if (exponent > 0)
		fraction |= UINT64_C(1) << FRACTION_BITS;
	else
		exponent = 1;
	if (fraction == 0)
		return true;
	zeros = __builtin_ctzll(fraction);
	sum->negative = bits >> 63 != 0;
	sum->exponent = exponent - 1 + EXACT_LEAST_EXPONENT + zeros;
	sum->nlimbs = 1;
	sum->limbs[0] = fraction >> zeros;
	return true;
}

/* Whether a sum is a float8, and which. */
bool
exact_is_double(const ExactSum *sum, double *number)
{
	if (exact_bits(sum) > PRECISION || exact_top(sum) > DOUBLE_TOP)
		return false;
	*number = sum->nlimbs == 0 ? 0 : ldexp((double) sum->limbs[0], sum->exponent);
	if (sum->negative)
		*number = -*number;
	return true;
}

/* Divide a magnitude of some limbs; whether there is a remainder. */
static bool
divide_limbs(uint64_t *limbs, int nlimbs, uint32_t divisor)
{
	uint64_t rest = 0;

	for (int i = nlimbs - 1; i >= 0; i--)
	{
		uint64_t high = rest << 32 | limbs[i] >> 32;
		uint64_t low = (high % divisor) << 32 | (limbs[i] & UINT32_MAX);

		limbs[i] = high / divisor << 32 | low / divisor;
		rest = low % divisor;
	}
	return rest != 0;
}

/* The 64 bits of a magnitude from its highest on, the lowest of them set if any below is. */
static uint64_t
leading_bits(const uint64_t *limbs, int nlimbs)
{
	int shift = LIMB_BITS - bit_length(limbs[nlimbs - 1]);
	uint64_t below = nlimbs > 1 ? limbs[nlimbs - 2] : 0;
	uint64_t bits = shifted_limb(limbs[nlimbs - 1], below, shift);
	uint64_t lost = below << shift;

	for (int i = nlimbs - 3; i >= 0; i--)
		lost |= limbs[i];
	return bits | (lost != 0);
}

/*
 * The float8 nearest to bits * 2^exponent, to an even one if two are as near.
 * The highest bit is set; the lowest stands for all that were lost.
 */
static double
round_bits(uint64_t bits, int exponent)
{
	int top = exponent + LIMB_BITS - 1;
	int kept = top >= LEAST_NORMAL_EXPONENT ? PRECISION : PRECISION - LEAST_NORMAL_EXPONENT + top;
	int dropped = LIMB_BITS - kept;
	uint64_t half;
	uint64_t whole;
	uint64_t rest;

	if (kept < 0)
		return 0;
	half = UINT64_C(1) << (dropped - 1);
	whole = kept == 0 ? 0 : bits >> dropped;
	rest = bits & (half | (half - 1));
	if (rest > half || (rest == half && whole % 2 == 1))
		whole++;
	return ldexp((double) whole, exponent + dropped);
}

/* The float8 nearest to a sum divided by a number above 0; infinite where that is too large. */
double
exact_to_double(const ExactSum *sum, uint32_t divisor)
{
	uint64_t quotient[EXACT_LIMBS + QUOTIENT_LIMBS] = { 0 };
	int n = sum->nlimbs + QUOTIENT_LIMBS;
	double number;
	bool inexact;

	if (sum->nlimbs == 0)
		return 0;
	memcpy(quotient + QUOTIENT_LIMBS, sum->limbs, (size_t) sum->nlimbs * sizeof(uint64_t));
	inexact = divide_limbs(quotient, n, divisor);
	quotient[0] |= inexact;
	while (quotient[n - 1] == 0)
		n--;
	number = round_bits(leading_bits(quotient, n), sum->exponent - QUOTIENT_LIMBS * LIMB_BITS +
													   (n - 1) * LIMB_BITS -
													   (LIMB_BITS - bit_length(quotient[n - 1])));
	return sum->negative && number > 0 ? -number : number;
}

/*
 * Add a sum to another (sign 1) or take it away (sign -1).  The result has to
 * be below 2^(EXACT_TOP + 1).
 */
void
exact_add(ExactSum *to, const ExactSum *by, int sign)
{
	uint64_t field[EXACT_LIMBS];
	int exponent = to->exponent < by->exponent ? to->exponent : by->exponent;
	int top = exact_top(to) > exact_top(by) ? exact_top(to) : exact_top(by);
	int width;

	if (by->nlimbs == 0)
		return;
	if (to->nlimbs == 0)
	{
		exponent = by->exponent;
		top = exact_top(by);
	}
	width = (top + 2 - exponent + LIMB_BITS - 1) / LIMB_BITS;
	memset(field, 0, (size_t) width * sizeof(uint64_t));
	field_add(field, width, to, to->exponent - exponent, 1);
	field_add(field, width, by, by->exponent - exponent, sign);
	exact_of_field(field, width, exponent, to);
}

/* Order of two sums: -1, 0 or 1. */
int
exact_compare(const ExactSum *a, const ExactSum *b)
{
	ExactSum difference = *a;

	exact_add(&difference, b, -1);
	if (difference.nlimbs == 0)
		return 0;
	return difference.negative ? -1 : 1;
}
