/*
 * The normal and Student's distribution.  The normal tail is the C library's
 * erfc; its quantile is found from it by Halley's method.  Student's tail is
 * an incomplete beta function, evaluated as a continued fraction.
 */
#include "signal/distribution.h"

#include <float.h>
#include <math.h>

/* Relative change below which a continued fraction has converged, and the most terms of one. */
#define CONVERGED 1e-15
#define MAX_TERMS 10000

/* Half the number of degrees of freedom from which on a ratio of gamma functions is a series. */
#define LARGE_HALF 20.0

/* Beyond this a value of Student's t says nothing more, and its square is still finite. */
#define LARGEST_T 1e150

/*
 * The normal distribution
 */

/* Density of the standard normal distribution. */
double
normal_density(double x)
{
	return exp(-0.5 * x * x) / sqrt(2.0 * M_PI);
}

/* P(Z > x) */
double
normal_tail(double x)
{
	return 0.5 * erfc(x * M_SQRT1_2);
}

/* The quantile of an upper tail of at most a half, within 0.00045 (Hastings 1955, sheet 67). */
static double
rough_quantile(double tail)
{
	double s = sqrt(-2.0 * log(tail));

	return s - (2.515517 + s * (0.802853 + s * 0.010328)) /
				   (1.0 + s * (1.432788 + s * (0.189269 + s * 0.001308)));
}

/*
 * The x with P(Z > x) = tail.  Two steps of Halley's method, each of which
 * triples the digits.  A tail below the least normal float8 counts as that.
 */
double
normal_tail_quantile(double tail)
{
	double x;

	if (tail > 0.5)
		return -normal_tail_quantile(1.0 - tail);
	tail = fmax(tail, DBL_MIN);
	x = rough_quantile(tail);
	for (int i = 0; i < 2; i++)
	{
		double step = (normal_tail(x) - tail) / normal_density(x);

		x += step / (1.0 - 0.5 * x * step);
	}
	return x;
}

/*
 * Student's distribution
 */

/* The logarithm of gamma(a + 1/2) / gamma(a). */
static double
log_gamma_ratio(double a)
{
	double square = 1.0 / (a * a);

	if (a < LARGE_HALF)
		return log(tgamma(a + 0.5) / tgamma(a));
	return 0.5 * log(a) +
		   (-1.0 / 8 + square * (1.0 / 192 + square * (-1.0 / 640 + square * 17.0 / 14336))) / a;
}

/* The i-th numerator of the continued fraction of the incomplete beta function. */
static double
beta_numerator(double a, double b, double x, int i)
{
	int m = i / 2;

	if (i % 2 == 0)
		return m * (b - m) * x / ((a + i - 1) * (a + i));
	return -(a + m) * (a + b + m) * x / ((a + i - 1) * (a + i));
}

/* The continued fraction 1 + n1 / (1 + n2 / (1 + ...)), from the front (Lentz 1976). */
static double
beta_fraction(double a, double b, double x)
{
	double fraction = 1.0;
	double c = 1.0;
	double d = 0.0;

	for (int i = 1; i <= MAX_TERMS; i++)
	{
		double numerator = beta_numerator(a, b, x, i);

		d = 1.0 / (1.0 + numerator * d);
		c = 1.0 + numerator / c;
		fraction *= c * d;
		if (fabs(c * d - 1.0) < CONVERGED)
			break;
	}
	return fraction;
}

/*
 * The regularised incomplete beta function with x below the mean of the
 * distribution, where the fraction converges fast.  One of a and b is a half,
 * log_beta the logarithm of B(a, b), and log_front that of x^a (1 - x)^b.
 */
static double
beta_share(double a, double b, double x, double log_front, double log_beta)
{
	return exp(log_front - log_beta) / (a * beta_fraction(a, b, x));
}

/* P(T > t) for t >= 0 and degrees > 0. */
double
student_tail(double t, double degrees)
{
	double half = 0.5 * degrees;
	double log_beta = 0.5 * log(M_PI) - log_gamma_ratio(half);
	double square;
	double x;
	double log_front;

	if (t <= 0.0)
		return 0.5;
	t = fmin(t, LARGEST_T);
	square = t * t;
	x = degrees / (degrees + square);
	log_front = -half * log1p(square / degrees) - 0.5 * log1p(degrees / square);
	if (x < (half + 1.0) / (half + 2.5))
		return 0.5 * beta_share(half, 0.5, x, log_front, log_beta);
	return 0.5 - 0.5 * beta_share(0.5, half, square / (degrees + square), log_front, log_beta);
}

/* The normal value that is as unusual as a value of Student's distribution. */
double
student_to_normal(double t, double degrees)
{
	return copysign(normal_tail_quantile(student_tail(fabs(t), degrees)), t);
}
