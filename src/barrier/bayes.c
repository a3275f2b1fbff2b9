/*
 * Bayes factors in closed form.
 *
 * Two proportions are compared with independent uniform priors against one
 * common one (Gunel and Dickey 1974, independent binomials); a direction is
 * asked for by the encompassing prior (Klugkist, Kato and Hoijtink 2005): the
 * factor times how much more the data believe the direction than the prior.
 * One proportion is asked whether it lies above a reference (Morey and Rouder
 * 2011).  A trend is Kendall's tau with a uniform prior (van Doorn, Ly,
 * Marsman and Wagenmakers 2018).
 */
#include "barrier/bayes.h"

#include <math.h>

/* Weights are rounded to so many parts of 1, so that they have one value on every machine. */
#define WEIGHT_PARTS 10000.0

/* So are shares, which are never nothing and never all. */
#define SHARE_PARTS 1000000.0

/* A factor within what a factor says. */
static double
bounded(double factor)
{
	if (isnan(factor))
		return 0.0;
	return factor > FACTOR_MAX ? FACTOR_MAX : factor < -FACTOR_MAX ? -FACTOR_MAX : factor;
}

/* The logarithm of the beta function. */
static double
log_beta(double a, double b)
{
	return lgamma(a) + lgamma(b) - lgamma(a + b);
}

/* The logarithm of a sum of two numbers given by their logarithms. */
static double
log_sum(double a, double b)
{
	double larger = a > b ? a : b;

	if (isinf(larger))
		return larger;
	return larger + log1p(exp((a > b ? b : a) - larger));
}

/* Whether two proportions differ. */
double
factor_differ(Share a, Share b)
{
	double apart = log_beta((double) a.hits + 1, (double) (a.n - a.hits) + 1) +
				   log_beta((double) b.hits + 1, (double) (b.n - b.hits) + 1);
	double together =
		log_beta((double) (a.hits + b.hits) + 1, (double) (a.n + b.n - a.hits - b.hits) + 1);

	return bounded(apart - together);
}

/* The logarithm of the probability that proportion a is above b, both with uniform priors. */
static double
log_probability_above(Share a, Share b)
{
	double misses_a = (double) (a.n - a.hits) + 1;
	double hits_b = (double) b.hits + 1;
	double misses_b = (double) (b.n - b.hits) + 1;
	double sum = -INFINITY;

	for (int64_t i = 0; i <= a.hits; i++)
		sum = log_sum(sum, log_beta(hits_b + (double) i, misses_a + misses_b) -
							   log(misses_a + (double) i) - log_beta(1 + (double) i, misses_a) -
							   log_beta(hits_b, misses_b));
	return sum;
}

/* Whether proportion a is above b, rather than both the same; nothing is said where one is unseen. */
double
factor_above(Share a, Share b)
{
	if (a.n == 0 || b.n == 0)
		return 0.0;
	return bounded(factor_differ(a, b) + log(2.0) + log_probability_above(a, b));
}

/* The logarithm of the probability of from to before until hits of n, each with a probability. */
static double
log_binomial(int64_t n, double probability, int64_t from, int64_t until)
{
	double sum = -INFINITY;

	for (int64_t i = from; i < until; i++)
		sum = log_sum(sum, -log1p((double) n) - log_beta((double) i + 1, (double) (n - i) + 1) +
							   (double) i * log(probability) +
							   (double) (n - i) * log1p(-probability));
	return sum;
}

/* Whether a proportion with a uniform prior lies above a reference, rather than below. */
double
factor_exceeds(Share a, double reference)
{
	/* A beta distribution with whole numbers is a sum of binomial probabilities. */
	double above = log_binomial(a.n + 1, reference, 0, a.hits + 1);
	double below = log_binomial(a.n + 1, reference, a.hits + 1, a.n + 2);

	return a.n == 0 ? 0.0 : bounded(above - below - log((1.0 - reference) / reference));
}

/* The logarithm of the probability that a standard normal is between two bounds. */
static double
log_normal_between(double low, double high)
{
	double mass;

	if (low > 0)
		mass = erfc(low / sqrt(2.0)) - erfc(high / sqrt(2.0));
	else
		mass = erfc(-high / sqrt(2.0)) - erfc(-low / sqrt(2.0));
	return log(mass / 2.0);
}

/* How many values equal the i-th and come after it, if it is the first of them. */
static int64_t
count_ties(const double *values, size_t n, size_t i)
{
	int64_t ties = 1;

	for (size_t j = 0; j < i; j++)
		if (values[j] == values[i])
			return 0;
	for (size_t j = i + 1; j < n; j++)
		ties += values[j] == values[i];
	return ties;
}

/* Kendall's S over its standard deviation, both with ties (Kendall 1975); 0 if all are tied. */
static double
standardised_tau(const double *values, size_t n)
{
	int64_t sum = 0;
	double variance = (double) n * ((double) n - 1) * (2 * (double) n + 5);

	for (size_t i = 0; i < n; i++)
	{
		double ties = (double) count_ties(values, n, i);

		variance -= ties * (ties - 1) * (2 * ties + 5);
		for (size_t j = i + 1; j < n; j++)
			sum += (values[j] > values[i]) - (values[j] < values[i]);
	}
	return variance > 0 ? (double) sum / sqrt(variance / 18.0) : 0.0;
}

/* Whether ratings, in order of time, go up (or down), rather than neither; of the last TREND_MAX_VALUES. */
double
factor_trend(const double *values, size_t n, TrendDirection direction)
{
	size_t asked = n < TREND_MAX_VALUES ? n : TREND_MAX_VALUES;
	double tau = direction * standardised_tau(values + (n - asked), asked);
	double scale = 1.5 * sqrt((double) asked);

	return bounded(log_normal_between(tau - scale, tau) - log(scale) + tau * tau / 2 +
				   log(2 * acos(-1.0)) / 2);
}

/*
 * What a signature adds to the log-odds of a pattern, when its presence is
 * known by a Bayes factor only: it is shown by a share of the people with the
 * pattern (sensitivity) and of those without (false alarm), both between 0 and
 * 1.  It goes to ln(sensitivity / false alarm) as the factor grows.
 */
double
factor_to_weight(double factor, double sensitivity, double false_alarm)
{
	double with = log_sum(log(sensitivity) + factor, log1p(-sensitivity));
	double without = log_sum(log(false_alarm) + factor, log1p(-false_alarm));

	return round((with - without) * WEIGHT_PARTS) / WEIGHT_PARTS + 0.0;
}

/* How the logarithm of the posterior of a share changes as the share grows. */
static double
share_slope(const double *factors, size_t n, double mean, double counts_as, double share)
{
	double slope = counts_as * (mean / share - (1 - mean) / (1 - share));

	for (size_t i = 0; i < n; i++)
	{
		double more = expm1(bounded(factors[i]));

		slope += more / (1 + share * more);
	}
	return slope;
}

/*
 * The likeliest share of people who show a sign, when of each it is known by a
 * Bayes factor only, drawn towards a mean that counts as so many more.  The
 * slope falls all the way, so that it is 0 in one place.  Where every factor
 * is sure of itself this is (counts_as * mean + hits) / (counts_as + n).
 */
double
share_of_factors(const double *factors, size_t n, double mean, double counts_as)
{
	double low = 0.0;
	double high = 1.0;

	while (high - low > 0.1 / SHARE_PARTS)
	{
		double middle = (low + high) / 2;

		if (share_slope(factors, n, mean, counts_as, middle) > 0)
			low = middle;
		else
			high = middle;
	}
	return fmin(fmax(round(low * SHARE_PARTS), 1.0), SHARE_PARTS - 1) / SHARE_PARTS;
}
