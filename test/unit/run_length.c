/*
 * Distributions and run lengths outside the server, each against another way
 * to the same figure: closed forms, a chain of many small states solved by
 * plain elimination (Brook and Evans 1972), all sequences of events, players
 * of dice, and published values.  SEED=n repeats a run.
 */
#include "signal/run_length.h"

#include <float.h>
#include <math.h>

#include "signal/distribution.h"
#include "tap.h"

/* States of the chains that are solved by plain elimination. */
#define MOST_STATES 260

static ChainWork *work;

/* Whether two numbers agree to a share of them. */
static bool
close_to(double got, double wanted, double share)
{
	return fabs(got - wanted) <= share * fabs(wanted);
}

/* Check that two numbers agree. */
static void
check_close(double got, double wanted, double share, const char *about, double a, double b,
			double c)
{
	check(close_to(got, wanted, share), "%s (%g, %g, %g): got %.17g, wanted %.17g", about, a, b, c,
		  got, wanted);
}

/* A random number in a range. */
static double
real_between(double low, double high)
{
	return low + (high - low) * (double) (random_bits() >> 11) / 9007199254740992.0;
}

/* A random standard normal number (Box and Muller). */
static double
random_normal(void)
{
	double u = real_between(0.0, 1.0);

	return sqrt(-2.0 * log(1.0 - u)) * cos(2.0 * M_PI * real_between(0.0, 1.0));
}

/*
 * Distributions
 */

/* The normal distribution against values computed with many digits, and its quantile back. */
static void
test_normal(void)
{
	static const double tails[][2] = {
		{ 0.0, 0.5 },
		{ 1.0, 0.15865525393145705 },
		{ -1.0, 0.8413447460685429 },
		{ 1.959963984540054, 0.025 },
		{ 3.0, 0.0013498980316300946 },
		{ 6.361340902404056, 1e-10 },
		{ 10.0, 7.619853024160526e-24 },
		{ 37.0, 5.725571222524576e-300 },
	};

	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++)
	{
		double x = tails[i][0];

		check_close(normal_tail(x), tails[i][1], 1e-12, "tail", x, 0, 0);
		check(fabs(normal_tail_quantile(tails[i][1]) - x) < 1e-13 * (1 + fabs(x)), "quantile %g",
			  x);
	}
	for (int i = 0; i < 20000; i += stride())
	{
		double tail = percent(50) ? real_between(0, 1) : pow(10.0, real_between(-307, 0));

		if (tail > 0)
			check_close(normal_tail(normal_tail_quantile(tail)), tail, 1e-12, "there and back",
						tail, 0, 0);
	}
	check(normal_tail_quantile(0.0) > 37.0 && normal_tail_quantile(0.0) < 39.0, "no tail at all");
	check_close(normal_density(1.0), 0.24197072451914337, 1e-15, "density", 1, 0, 0);
	end_test("the normal distribution");
}

/* Student's tail for a whole number of degrees as a finite sum (Student 1908). */
static double
student_sum(double t, int degrees)
{
	double angle = atan2(t, sqrt(degrees));
	double cosine = cos(angle);
	double term = degrees % 2 == 1 ? cosine : 1.0;
	double sum = degrees == 1 ? 0.0 : term;

	for (int i = degrees % 2 == 1 ? 3 : 2; i <= degrees - 2; i += 2)
	{
		term *= cosine * cosine * (i - 1) / i;
		sum += term;
	}
	if (degrees % 2 == 1)
		return 0.5 - (angle + sin(angle) * sum) / M_PI;
	return 0.5 - 0.5 * sin(angle) * sum;
}

/* Student's distribution against sums, quantiles of tables and its limit. */
static void
test_student(void)
{
	static const double quantiles[][3] = {
		{ 1, 12.706204736174698, 0.025 },  { 3, 3.182446305284263, 0.025 },
		{ 10, 2.2281388519862744, 0.025 }, { 30, 2.0422724563012373, 0.025 },
		{ 5, 6.868826625877, 0.0005 },	   { 120, 1.9799304050824413, 0.025 },
	};

	for (size_t i = 0; i < sizeof(quantiles) / sizeof(quantiles[0]); i++)
		check_close(student_tail(quantiles[i][1], quantiles[i][0]), quantiles[i][2], 1e-11, "table",
					quantiles[i][0], quantiles[i][1], 0);
	for (int i = 0; i < 20000; i += stride())
	{
		int degrees = (int) between(1, percent(50) ? 12 : 2000);
		double t = real_between(0, percent(50) ? 3 : 40);

		check(fabs(student_tail(t, degrees) - student_sum(t, degrees)) < 2e-13,
			  "tail beyond %g of %d: got %.17g, wanted %.17g", t, degrees, student_tail(t, degrees),
			  student_sum(t, degrees));
	}
	for (double t = 1; t < 1e140; t *= 97)
	{
		check_close(student_tail(t, 1), atan(1 / t) / M_PI, 1e-12, "far out, 1", t, 0, 0);
		check_close(student_tail(t, 2), 1 / (sqrt(2 + t * t) * (sqrt(2 + t * t) + t)), 1e-12,
					"far out, 2", t, 0, 0);
	}
	check_close(student_tail(1.5, 1e9), normal_tail(1.5), 1e-8, "many degrees", 0, 0, 0);
	check_close(student_to_normal(-2.2281388519862744, 10), -1.959963984540054, 1e-11, "as normal",
				0, 0, 0);
	check(isfinite(student_to_normal(INFINITY, 73000)), "beyond all");
	check(fabs(student_to_normal(0, 5)) < 1e-15, "the middle");
	end_test("Student's distribution");
}

/* An n-point rule integrates polynomials of degree 2 n - 1. */
static void
test_quadrature(void)
{
	double nodes[64];
	double weights[64];

	for (int n = 1; n <= 40; n++)
	{
		gauss_legendre(-1.0, 3.0, n, nodes, weights);
		for (int power = 0; power < 2 * n && power < 30; power++)
		{
			double sum = 0;

			for (int i = 0; i < n; i++)
				sum += weights[i] * pow((nodes[i] - 1.0) / 2.0, power);
			check(fabs(sum - (power % 2 == 1 ? 0.0 : 4.0 / (power + 1))) < 1e-13,
				  "%d points, power %d: %.17g", n, power, sum);
		}
	}
	end_test("Gauss-Legendre rules");
}

/*
 * Chains of many small states
 */

/* Solve (I - moves) x = 1 by elimination with pivots; the i-th unknown. */
static double
solve_plainly(double moves[MOST_STATES][MOST_STATES], int n, int wanted)
{
	static double a[MOST_STATES][MOST_STATES + 1];

	for (int i = 0; i < n; i++)
	{
		for (int j = 0; j < n; j++)
			a[i][j] = (i == j) - moves[i][j];
		a[i][n] = 1.0;
	}
	for (int k = 0; k < n; k++)
	{
		int pivot = k;

		for (int i = k + 1; i < n; i++)
			if (fabs(a[i][k]) > fabs(a[pivot][k]))
				pivot = i;
		for (int j = k; j <= n; j++)
		{
			double kept = a[k][j];

			a[k][j] = a[pivot][j];
			a[pivot][j] = kept;
		}
		for (int i = 0; i < n; i++)
		{
			double factor = i == k ? 0.0 : a[i][k] / a[k][k];

			for (int j = k; factor != 0.0 && j <= n; j++)
				a[i][j] -= factor * a[k][j];
		}
	}
	return a[wanted][n] / a[wanted][wanted];
}

static double moves[MOST_STATES][MOST_STATES];

/* One side of a CUSUM cut into n states of the same width, the first half of that around 0. */
static double
brook_evans_cusum(double k, double h, double shift, int n)
{
	double width = 2.0 * h / (2 * n - 1);

	for (int i = 0; i < n; i++)
		for (int j = 0; j < n; j++)
		{
			double up = normal_tail((j - i - 0.5) * width + k - shift);
			double down = normal_tail((j - i + 0.5) * width + k - shift);

			moves[i][j] = (j == 0 ? 1.0 : up) - down;
		}
	return solve_plainly(moves, n, 0);
}

/* An EWMA cut into n (odd) states of the same width. */
static double
brook_evans_ewma(double lambda, double l, double shift, int n)
{
	double limit = l * sqrt(lambda / (2 - lambda));
	double width = 2.0 * limit / n;

	for (int i = 0; i < n; i++)
	{
		double from = (1 - lambda) * (-limit + (i + 0.5) * width) + lambda * shift;

		for (int j = 0; j < n; j++)
			moves[i][j] = normal_tail((-limit + j * width - from) / lambda) -
						  normal_tail((-limit + (j + 1) * width - from) / lambda);
	}
	return solve_plainly(moves, n, n / 2);
}

/* What two chains, the second of about three times as many states, would have in the limit. */
static double
extrapolated(double coarse, double fine, double ratio)
{
	return fine + (fine - coarse) / (ratio * ratio - 1);
}

static double
cusum(double k, double h, double headstart, int sides, double shift)
{
	CusumScheme scheme = { k, h, headstart, sides };
	double arl = -1;
	RunLengthResult result = cusum_arl(&scheme, shift, work, &arl);

	check(result == RUN_LENGTH_OK || (result == RUN_LENGTH_RANGE && isinf(arl)), "result %d of %g",
		  result, arl);
	return arl;
}

static double
ewma(double lambda, double l, int sides, double shift)
{
	EwmaScheme scheme = { lambda, l, sides };
	double arl = -1;

	check(ewma_arl(&scheme, shift, work, &arl) == RUN_LENGTH_OK, "no answer");
	return arl;
}

static double
shewhart(double l, int runs, int sides, double shift)
{
	ShewhartScheme scheme = { l, runs, sides };
	double arl = -1;

	check(shewhart_arl(&scheme, shift, &arl) == RUN_LENGTH_OK, "no answer");
	return arl;
}

/* Random CUSUMs against chains of 80 and 240 states. */
static void
test_cusum_states(void)
{
	for (int i = 0; i < 12; i += stride())
	{
		double k = real_between(0, percent(70) ? 1 : 3);
		double h = percent(20) ? real_between(0, 0.5) : real_between(0.5, 9);
		double shift = real_between(-0.5, 2.5);
		double coarse = brook_evans_cusum(k, h, shift, 80);
		double fine = brook_evans_cusum(k, h, shift, 240);

		if (fine > 1e9 || fine < 0)
			continue; /* more than plain elimination can tell */
		check_close(cusum(k, h, 0, 1, shift), extrapolated(coarse, fine, 479.0 / 159.0), 2e-4,
					"one side", k, h, shift);
	}
	end_test("CUSUMs against chains of small states");
}

/* Random EWMAs against chains of 81 and 243 states. */
static void
test_ewma_states(void)
{
	for (int i = 0; i < 12; i += stride())
	{
		double lambda = percent(30) ? real_between(0.02, 0.1) : real_between(0.1, 1);
		double l = real_between(0.5, 3.5);
		double shift = real_between(-2, 2);
		double coarse = brook_evans_ewma(lambda, l, shift, 81);
		double fine = brook_evans_ewma(lambda, l, shift, 243);

		check_close(ewma(lambda, l, 2, shift), extrapolated(coarse, fine, 3), 1e-3, "two sides",
					lambda, l, shift);
	}
	end_test("EWMAs against chains of small states");
}

/*
 * Published values
 */

/* A table of run lengths by shift, as printed. */
static void
check_table(double got[], const double printed[], const double halves[], int n, const char *about)
{
	for (int i = 0; i < n; i++)
		check(fabs(got[i] - printed[i]) <= halves[i], "%s, column %d: got %.5f, printed %g", about,
			  i, got[i], printed[i]);
}

static const double shifts[] = { 0, .25, .5, .75, 1, 1.5, 2, 3 };

#define NSHIFTS 8

/* The tables of Lucas and Crosier 1982, Lucas and Saccucci 1990, Champ and Woodall 1987, Hawkins 1993. */
static void
test_published(void)
{
	static const double halves[] = { .5, .051, .051, .051, .0051, .0051, .0051, .0056 };
	static const double whole[] = { .5, .5, .051, .051, .051, .0051, .0051, .0051 };
	static const double lucas[] = { 168, 74.2, 26.6, 13.3, 8.38, 4.75, 3.34, 2.19 };
	static const double fast[] = { 149, 62.7, 20.1, 8.97, 5.29, 2.86, 2.01, 1.32 };
	static const double five[] = { 465, 139, 38.0, 17.0, 10.4, 5.75, 4.01, 2.57 };
	static const double half[] = { 500, 255, 88.8, 35.9, 17.5, 6.53, 3.63, 1.93 };
	static const double slow[] = { 500, 76.7, 29.3, 17.6, 12.6, 8.07, 5.99, 4.03 };
	static const double hawkins[][2] = { { .25, 8.01 }, { .5, 4.77 },	{ .75, 3.34 },
										 { 1, 2.52 },	{ 1.25, 1.99 }, { 1.5, 1.61 } };
	double got[5][NSHIFTS];

	for (int i = 0; i < NSHIFTS; i++)
	{
		got[0][i] = cusum(.5, 4, 0, 2, shifts[i]);
		got[1][i] = cusum(.5, 4, 2, 2, shifts[i]);
		got[2][i] = cusum(.5, 5, 0, 2, shifts[i]);
		got[3][i] = ewma(.5, 3.071, 2, shifts[i]);
		got[4][i] = ewma(.03, 2.437, 2, shifts[i]);
	}
	check_table(got[0], lucas, halves, NSHIFTS, "h = 4");
	check_table(got[1], fast, halves, NSHIFTS, "with headstart");
	check_table(got[2], five, whole, NSHIFTS, "h = 5");
	check_table(got[3], half, whole, NSHIFTS, "lambda = .5");
	check_table(got[4], slow, halves, NSHIFTS, "lambda = .03");
	for (int i = 0; i < 6; i++)
		check(fabs(cusum(hawkins[i][0], hawkins[i][1], 0, 2, 0) - 372.5) < 4, "Hawkins, %d", i);
	check(fabs(ewma(.5, 2, 2, 1.25) - 3.59) < .005, "what Crowder's table misprints as 3.95");
	check(fabs(shewhart(3, 0, 2, 0) - 370.4) < .05, "Shewhart");
	check(fabs(shewhart(3, 0, 2, 1) - 43.9) < .05, "Shewhart, 1");
	check(fabs(shewhart(3, 8, 2, 0) - 152.7) < .05, "8 on a side");
	check(fabs(shewhart(3, 8, 2, 1) - 14.6) < .05, "8 on a side, 1");
	check(fabs(shewhart(3, 8, 2, 2) - 4.89) < .005, "8 on a side, 2");
	check(fabs(shewhart(3, 8, 2, 3) - 1.99) < .005, "8 on a side, 3");
	end_test("published run lengths");
}

/* Where schemes meet each other. */
static void
test_identities(void)
{
	for (int i = 0; i < 200; i += stride())
	{
		double k = real_between(0, 2);
		double h = real_between(0, 6);
		double shift = real_between(-2, 2);
		double l = real_between(0.1, 5);
		double up = cusum(k, h, 0, 1, shift);
		double down = cusum(k, h, 0, 1, -shift);

		check_close(cusum(k, h, 0, 2, shift), 1 / (1 / up + 1 / down), 1e-12, "sides", k, h, shift);
		check_close(cusum(k, 0, 0, 1, shift), 1 / normal_tail(k - shift), 1e-12, "h 0", k, 0,
					shift);
		check_close(ewma(1, l, 2, shift), shewhart(l, 0, 2, shift), 1e-11, "lambda 1", l, 0, shift);
		check_close(ewma(1, l, 1, shift), shewhart(l, 0, 1, shift), 1e-11, "lambda 1", l, 1, shift);
		check_close(cusum(k, h, 0, 2, shift), cusum(k, h, 0, 2, -shift), 1e-12, "mirror", k, h,
					shift);
		check_close(ewma(.3, l, 2, shift), ewma(.3, l, 2, -shift), 1e-11, "mirror", l, 0, shift);
		check(cusum(k, h, h / 2, 2, shift) < cusum(k, h, 0, 2, shift) + 1e-9, "headstart");
	}
	/*
	 * From some height on the run length grows by exp(2 k) for each step of
	 * one.  What is left falls as 2 k h exp(-2 k h), and, from the complex roots
	 * of E exp(t (Z - k)) = 1, as exp(-h (Re sqrt(k^2 + 4 pi i) - k)).
	 */
	for (int i = 0; i < 20; i += stride())
	{
		double k = real_between(0.2, 1.5);
		double h = fmax(20, 14 / k) + real_between(0, 20);

		check_close(cusum(k, h + 1, 0, 1, 0) / cusum(k, h, 0, 1, 0), exp(2 * k), 1e-7, "growth", k,
					h, 0);
	}
	end_test("identities between schemes, and run lengths up to 10^50");
}

/*
 * Dice
 */

/* A two-sided CUSUM played until it alarms. */
static int
play_cusum(double k, double h, double headstart, double shift)
{
	double up = headstart;
	double down = headstart;
	int t = 0;

	do
	{
		double z = random_normal() + shift;

		up = fmax(0, up + z - k);
		down = fmax(0, down - z - k);
		t++;
	} while (up <= h && down <= h);
	return t;
}

/* CUSUMs with a headstart against many games, above h / 2 too, where both sides meet. */
static void
test_headstarts(void)
{
	static const double schemes[][4] = { { .5, 4, 2, .25 }, { .5, 4, 4, .3 },  { .1, 4, 3.2, -.3 },
										 { 0, 3, 2.5, 0 },	{ .25, 3, 1, .8 }, { 0, 2, 2, .5 } };

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
	{
		const double *s = schemes[i];
		int games = 40000 / stride();
		double sum = 0;
		double squares = 0;
		double mean;
		double error;

		for (int game = 0; game < games; game++)
		{
			double t = play_cusum(s[0], s[1], s[2], s[3]);

			sum += t;
			squares += t * t;
		}
		mean = sum / games;
		error = sqrt((squares / games - mean * mean) / games);
		check(fabs(mean - cusum(s[0], s[1], s[2], 2, s[3])) <= 4.5 * error + 1e-9,
			  "k %g h %g headstart %g shift %g: played %.4f +- %.4f, got %.4f", s[0], s[1], s[2],
			  s[3], mean, error, cusum(s[0], s[1], s[2], 2, s[3]));
	}
	end_test("headstarts against games");
}

/*
 * Events
 */

/* The chain of a Bernoulli CUSUM by plain elimination. */
static double
lattice_plainly(const LatticeScheme *scheme, double p)
{
	memset(moves, 0, sizeof(moves));
	for (int i = 0; i < scheme->h; i++)
	{
		moves[i][i > 0 ? i - 1 : 0] += 1 - p;
		if (i + scheme->rise < scheme->h)
			moves[i][i + scheme->rise] += p;
	}
	return solve_plainly(moves, scheme->h, 0);
}

static double
lattice(int rise, int h, double p)
{
	LatticeScheme scheme = { rise, h };
	double arl = -1;
	RunLengthResult result = lattice_arl(&scheme, p, work, &arl);

	check(result == RUN_LENGTH_OK || (result == RUN_LENGTH_RANGE && isinf(arl)), "result %d",
		  result);
	return arl;
}

/* Bernoulli CUSUMs. */
static void
test_lattice(void)
{
	check(lattice_rise(.2, .5) == 2, "m = 3");
	check(lattice_rise(.1, .2) == 6, "m = 7");
	check(lattice_rise(.9, .95) == 0, "no whole steps");
	check(fabs(lattice(2, 11, .2) - 1051) < .5 && fabs(lattice(2, 11, .5) - 19.6) < .05, "facts");
	for (int i = 0; i < 400; i += stride())
	{
		LatticeScheme scheme = { (int) between(1, 20), (int) between(1, percent(20) ? 60 : 25) };
		double p = real_between(0.02, 1);
		double plain = lattice_plainly(&scheme, p);

		if (plain > 0 && plain < 1e9)
			check_close(lattice(scheme.rise, scheme.h, p), plain, 1e-6, "lattice", scheme.rise,
						scheme.h, p);
		check_close(lattice(scheme.h + (int) between(0, 1000000000), scheme.h, p), 1 / p, 1e-13,
					"one is enough", scheme.h, p, 0);
	}
	check(isfinite(lattice(9, LATTICE_MAX_LIMIT, .5)) && isinf(lattice(1, 10000, .2)), "the ends");
	end_test("Bernoulli CUSUMs against plain elimination");
}

/* The chain of a Shewhart chart with runs by plain elimination: 0 nothing yet, then up, then down. */
static double
runs_plainly(double l, int runs, int sides, double shift)
{
	double up = normal_tail(-shift) - normal_tail(l - shift);
	double down = normal_tail(shift) - (sides == 2 ? normal_tail(l + shift) : 0.0);
	int n = 2 * runs - 1;

	memset(moves, 0, sizeof(moves));
	for (int i = 0; i < n; i++)
	{
		int in_up = i >= 1 && i < runs ? i : 0;
		int in_down = i >= runs ? i - runs + 1 : 0;

		if (in_up + 1 < runs)
			moves[i][in_up + 1] += up;
		if (sides == 1)
			moves[i][0] += down;
		else if (in_down + 1 < runs)
			moves[i][runs + in_down] += down;
	}
	return solve_plainly(moves, n, 0);
}

/* Runs on one side, and of silence. */
static void
test_runs(void)
{
	double arl;

	for (int i = 0; i < 300; i += stride())
	{
		double l = real_between(0.3, 3.5);
		double shift = real_between(-2, 2);
		int runs = (int) between(1, 15);
		int sides = (int) between(1, 2);

		double got = shewhart(l, runs, sides, shift);

		/* Elimination loses what there is between 1 and the probability to go on. */
		check_close(got, runs_plainly(l, runs, sides, shift), 1e-9 + DBL_EPSILON * got, "runs", l,
					runs, shift);
	}
	for (int i = 0; i < 300; i += stride())
	{
		double p = real_between(0.01, 0.99);
		double q = 1 - p;
		GapScheme scheme = { (int) between(1, 40) };
		double sum = 0;

		for (int j = 1; j <= scheme.n; j++)
			sum += pow(q, -j); /* the same, as a sum */
		check(gap_arl(&scheme, p, &arl) == RUN_LENGTH_OK, "no answer");
		check_close(arl, sum, 1e-12, "silence", p, scheme.n, 0);
	}
	check(gap_arl(&(GapScheme){ 3 }, .8, &arl) == RUN_LENGTH_OK && fabs(arl - 155) < 1e-9, "155");
	check(gap_arl(&(GapScheme){ 12 }, .5, &arl) == RUN_LENGTH_OK && close_to(arl, 8190, 1e-13),
		  "8190");
	check(gap_arl(&(GapScheme){ 5 }, 1e-300, &arl) == RUN_LENGTH_OK && arl == 5, "never");
	check(gap_arl(&(GapScheme){ 5 }, 0, &arl) == RUN_LENGTH_OK && arl == 5, "never at all");
	check(gap_arl(&(GapScheme){ 5 }, 1, &arl) == RUN_LENGTH_RANGE, "always");
	check(gap_arl(&(GapScheme){ RUN_MAX }, .5, &arl) == RUN_LENGTH_RANGE, "a long run");
	check_close(gap_limit(.5, 8), 12.313708498984761, 1e-12, "g-chart", 0, 0, 0);
	end_test("runs against plain elimination and sums");
}

/*
 * Limits
 */

/* Limits have the run length that they were asked for. */
static void
test_limits(void)
{
	for (int i = 0; i < 60; i += stride())
	{
		double arl0 = pow(10, real_between(0.5, 7));
		int sides = (int) between(1, 2);
		CusumScheme c = { .k = real_between(0.1, 1), .headstart = 0, .sides = sides };
		EwmaScheme e = { .lambda = real_between(0.03, 1), .sides = sides };
		ShewhartScheme s = { .runs = 0, .sides = sides };
		LatticeScheme b = { .rise = (int) between(1, 12) };
		GapScheme g;
		double p = real_between(0.05, 0.6);
		double arl;

		if (cusum_limit(arl0, &c, work) == RUN_LENGTH_OK)
			check_close(cusum(c.k, c.h, 0, sides, 0), arl0, 1e-11, "CUSUM", c.k, arl0, sides);
		else
			check(arl0 < cusum(c.k, 0, 0, sides, 0), "no limit for %g, k %g", arl0, c.k);
		if (ewma_limit(arl0, &e, work) == RUN_LENGTH_OK)
			check_close(ewma(e.lambda, e.l, sides, 0), arl0, 1e-11, "EWMA", e.lambda, arl0, sides);
		else
			check(arl0 < ewma(e.lambda, 0, sides, 0), "no limit for %g, lambda %g", arl0, e.lambda);
		check(shewhart_limit(arl0, &s) == RUN_LENGTH_OK, "no limit");
		check_close(shewhart(s.l, 0, sides, 0), arl0, 1e-11, "Shewhart", arl0, sides, 0);
		check(gap_run_limit(arl0, &g, p) == RUN_LENGTH_OK, "no limit");
		check(gap_arl(&g, p, &arl) == RUN_LENGTH_OK && arl >= arl0, "silence, enough");
		g.n--;
		check(g.n == 0 || (gap_arl(&g, p, &arl) == RUN_LENGTH_OK && arl < arl0), "silence, least");
		if ((b.rise + 1) * p > 1)
			continue; /* it climbs by itself: the limit would be as far as arl0 */
		check(lattice_limit(arl0, &b, p, work) == RUN_LENGTH_OK, "no limit");
		check(lattice(b.rise, b.h, p) >= arl0, "lattice, enough");
		check(b.h == 1 || lattice(b.rise, b.h - 1, p) < arl0, "lattice, least");
	}
	end_test("limits and back");
}

/* Limits that do not exist, or are too far. */
static void
test_no_limits(void)
{
	CusumScheme c = { .k = 3, .sides = 1 };
	ShewhartScheme s = { .runs = 8, .sides = 2 };
	LatticeScheme b = { .rise = 1 };
	EwmaScheme e = { .lambda = 1e-7, .sides = 2 };
	CusumScheme far = { .k = 0, .h = 600, .sides = 2 };
	CusumScheme meet = { .k = 0, .h = 400, .headstart = 300, .sides = 2 };
	GapScheme g;
	double arl;

	check(cusum_limit(700, &c, work) == RUN_LENGTH_SHORT, "h below 0");
	check(shewhart_limit(400, &s) == RUN_LENGTH_LONG, "runs alone");
	check(shewhart_limit(200, &s) == RUN_LENGTH_OK && close_to(shewhart(s.l, 8, 2, 0), 200, 1e-11),
		  "runs, and a limit");
	check(lattice_limit(1e9, &b, .5, work) == RUN_LENGTH_WORK, "too high a lattice");
	check(ewma_limit(1e6, &e, work) == RUN_LENGTH_WORK, "too small steps");
	check(cusum_arl(&far, 0, work, &arl) == RUN_LENGTH_WORK, "too far");
	c.k = 0;
	check(cusum_limit(3e3, &c, work) == RUN_LENGTH_OK, "near enough");
	check_close(cusum(0, c.h, 0, 1, 0), 3e3, 1e-10, "without a slope", c.h, 0, 0);
	if (stride() == 1) /* minutes under valgrind */
	{
		check(cusum_limit(1e7, &c, work) == RUN_LENGTH_WORK, "not near enough");
		check(cusum_arl(&meet, 0, work, &arl) == RUN_LENGTH_WORK, "two sides for too long");
	}
	check(gap_run_limit(1e300, &g, 1e-5) == RUN_LENGTH_WORK, "too long a silence");
	check(gap_run_limit(1, &g, .5) == RUN_LENGTH_OK && g.n == 1, "any silence");
	end_test("limits that there are not");
}

/*
 * Delays
 */

/* Whether a sequence of events, a bit each, makes a Bernoulli CUSUM alarm. */
static bool
lattice_alarms(const LatticeScheme *scheme, int events, int n)
{
	int sum = 0;

	for (int i = 0; i < n; i++)
	{
		sum = (events >> i & 1) != 0 ? sum + scheme->rise : sum > 0 ? sum - 1 : 0;
		if (sum >= scheme->h)
			return true;
	}
	return false;
}

/* Whether it has so many in a row that are none. */
static bool
run_alarms(int run, int events, int n)
{
	int length = 0;

	for (int i = 0; i < n; i++)
	{
		length = (events >> i & 1) != 0 ? 0 : length + 1;
		if (length >= run)
			return true;
	}
	return false;
}

/* What is missed after 14 values: over all sequences of them. */
static void
test_event_delays(void)
{
	for (int i = 0; i < 20; i += stride())
	{
		LatticeScheme scheme = { (int) between(1, 5), (int) between(1, 15) };
		GapScheme gap = { (int) between(1, 16) };
		double p = real_between(0.05, 0.95);
		double lattice_missed = 0;
		double gap_missed = 0;
		Delay delay = { 0 };

		for (int events = 0; events < 1 << DELAY_SOON; events++)
		{
			int n = __builtin_popcount((unsigned) events);
			double chance = pow(p, n) * pow(1 - p, DELAY_SOON - n);

			lattice_missed += lattice_alarms(&scheme, events, DELAY_SOON) ? 0 : chance;
			gap_missed += run_alarms(gap.n, events, DELAY_SOON) ? 0 : chance;
		}
		check(lattice_delay(&scheme, p, work, &delay) == RUN_LENGTH_OK, "no answer");
		check_close(delay.missed_soon, lattice_missed, 1e-10, "lattice", scheme.rise, scheme.h, p);
		check_close(delay.mean, lattice(scheme.rise, scheme.h, p), 1e-12, "mean", 0, 0, 0);
		check(delay.missed_longer <= delay.missed_soon, "later");
		check(gap_delay(&gap, p, &delay) == RUN_LENGTH_OK, "no answer");
		check(fabs(delay.missed_soon - gap_missed) < 1e-12, "gap %d, %g: %g for %g", gap.n, p,
			  delay.missed_soon, gap_missed);
		check(delay.missed_longer <= delay.missed_soon, "later");
	}
	end_test("delays against all sequences of 14 events");
}

/* Of games of one side, the shares that last longer. */
static void
play_side(const Chain *chain, double start, int games, Delay *shares)
{
	*shares = (Delay){ 0 };
	for (int game = 0; game < games; game++)
	{
		double sum = start;
		int t = 0;

		do
		{
			sum = chain->decay * sum + chain->drift + chain->noise * random_normal();
			sum = chain->sticks ? fmax(chain->low, sum) : sum;
		} while (sum <= chain->high && ++t < DELAY_LONGER);
		shares->missed_soon += t >= DELAY_SOON ? 1.0 / games : 0;
		shares->missed_longer += t >= DELAY_LONGER ? 1.0 / games : 0;
	}
}

/* Check the shares of a delay against played ones. */
static void
check_played(const Delay *got, const Delay *played, int games, const char *about)
{
	double soon = got->missed_soon;
	double longer = got->missed_longer;

	check(fabs(soon - played->missed_soon) <= 4.5 * sqrt(soon * (1 - soon) / games) + 2.0 / games,
		  "%s: missed after 14 %g, played %g", about, soon, played->missed_soon);
	check(fabs(longer - played->missed_longer) <=
			  4.5 * sqrt(longer * (1 - longer) / games) + 2.0 / games,
		  "%s: missed after 30 %g, played %g", about, longer, played->missed_longer);
}

/* Delays of charts of normal values. */
static void
test_normal_delays(void)
{
	CusumScheme c = { .5, 4, 0, 2 };
	CusumScheme fast = { .5, 4, 2, 1 };
	EwmaScheme e = { .1, 2.7, 2 };
	ShewhartScheme s = { 3, 0, 2 };
	Chain chain = { 1, .25, 1, 0, 4, true };
	Chain smooth = { .9, .05, .1, -2, 2.7 * sqrt(.1 / 1.9), true };
	int games = 20000 / stride() / stride();
	Delay delay = { 0 };
	Delay played;
	double q = 1 - normal_tail(3 - 1.5);

	check(cusum_delay(&c, -.75, work, &delay) == RUN_LENGTH_OK, "no answer");
	check_close(delay.mean, cusum(.5, 4, 0, 1, .75), 1e-12, "mean of a CUSUM", 0, 0, 0);
	play_side(&chain, 0, games, &played);
	check_played(&delay, &played, games, "CUSUM");
	check(cusum_delay(&fast, .75, work, &delay) == RUN_LENGTH_OK, "no answer");
	play_side(&chain, 2, games, &played);
	check_played(&delay, &played, games, "CUSUM with headstart");
	check(ewma_delay(&e, .5, work, &delay) == RUN_LENGTH_OK, "no answer");
	play_side(&smooth, 0, games, &played);
	check_played(&delay, &played, games, "EWMA");
	check(shewhart_delay(&s, -1.5, &delay) == RUN_LENGTH_OK, "no answer");
	check_close(delay.missed_soon, pow(q, 14), 1e-12, "Shewhart", 0, 0, 0);
	check_close(delay.missed_longer, pow(q, 30), 1e-12, "Shewhart", 0, 0, 0);
	check_close(delay.mean, 1 / (1 - q), 1e-12, "Shewhart", 0, 0, 0);
	s.runs = 8;
	check(shewhart_delay(&s, 1, &delay) == RUN_LENGTH_OK, "no answer");
	check(delay.missed_longer < delay.missed_soon && delay.missed_soon < 1, "with runs");
	end_test("delays against games");
}

int
main(void)
{
	work = calloc(1, chain_work_size());
	if (work == NULL)
		abort();
	start_random();
	test_normal();
	test_student();
	test_quadrature();
	test_cusum_states();
	test_ewma_states();
	test_published();
	test_identities();
	test_headstarts();
	test_lattice();
	test_runs();
	test_limits();
	test_no_limits();
	test_event_delays();
	test_normal_delays();
	free(work);
	return end_tests();
}
