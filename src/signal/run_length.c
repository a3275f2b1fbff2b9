/*
 * Average run lengths, all exact: chains of normal steps by Nystroem's method
 * (chain.c), the Bernoulli CUSUM on its lattice, runs in closed form.  Nothing
 * is copied from a table: the printed ones hold misprints.
 */
#include "signal/run_length.h"

#include <math.h>

#include "signal/distribution.h"

/* A chart with one limit: so many standard deviations away on the other side it may as well stand still. */
#define FLOOR_SDS 9.0

/* What is left of a probability may be forgotten; and the most work, in densities, to get there. */
#define FORGOTTEN 1e-17
#define MAX_DENSITIES 1e8

/* Where an event adds so much, no more is needed. */
#define LARGEST_RISE 1000000000

/* Steps between two looks at interrupts. */
#define STEPS_PER_CHECK 64

/* A run that ends so seldom is reckoned in logarithms. */
#define SELDOM 0.01

/* Looking for a limit: precision of the logarithm of a run length, and of the limit; the farthest. */
#define LOG_PRECISION 1e-13
#define LIMIT_PRECISION 1e-14
#define FARTHEST_LIMIT 1e4
#define LIMIT_STEPS 100

/* A run length, if it is one. */
static RunLengthResult
checked(double arl)
{
	return isfinite(arl) ? RUN_LENGTH_OK : RUN_LENGTH_RANGE;
}

/*
 * CUSUM
 */

/* One side of a CUSUM under a shift towards it. */
static Chain
cusum_chain(const CusumScheme *scheme, double shift)
{
	return (Chain){ .decay = 1.0,
					.drift = shift - scheme->k,
					.noise = 1.0,
					.low = 0.0,
					.high = scheme->h,
					.sticks = true };
}

/* The density of a sum that has never been at 0, on nodes between two limits. */
typedef struct Unreset
{
	int n;
	double *nodes;
	double *weights;
	double *density;
} Unreset;

/* Where the i-th density of a sum lies in the memory for moves, once these have been used. */
static Unreset
unreset_at(ChainWork *work, int i)
{
	double *memory = work->moves + (size_t) i * 3 * CHAIN_MAX_STATES;

	return (Unreset){ .nodes = memory,
					  .weights = memory + CHAIN_MAX_STATES,
					  .density = memory + 2 * CHAIN_MAX_STATES };
}

/* The density one step later between two limits; before the first step (no nodes) all is at start. */
static void
unreset_step(Unreset *to, const Unreset *from, const Chain *chain, double start, double low,
			 double high)
{
	to->n = (int) chain_nodes((high - low) / chain->noise);
	gauss_legendre(low, high, to->n, to->nodes, to->weights);
	for (int j = 0; j < to->n; j++)
	{
		to->density[j] = from->n == 0 ? chain_density(chain, start, to->nodes[j]) : 0.0;
		for (int i = 0; i < from->n; i++)
			to->density[j] += from->weights[i] * from->density[i] *
							  chain_density(chain, from->nodes[i], to->nodes[j]);
	}
}

/* The probability that is left in a density. */
static double
unreset_mass(const Unreset *sum)
{
	double mass = 0.0;

	for (int i = 0; i < sum->n; i++)
		mass += sum->weights[i] * sum->density[i];
	return mass;
}

/* What a density adds to the expected run length beyond that from 0. */
static double
unreset_excess(const Unreset *sum, const ChainGrid *grid)
{
	double excess = 0.0;

	for (int i = 0; i < sum->n; i++)
		excess += sum->weights[i] * sum->density[i] *
				  (chain_expected(grid, sum->nodes[i]) - grid->work->steps[0]);
	return excess;
}

/*
 * With a headstart above h / 2 one side can alarm while the other has not been
 * at 0.  Until one of them has, both add up to 2 headstart - 2 k t, so that
 * the one says all; the expected further run length of this side beyond that
 * from 0, when the other one has alarmed.
 */
static RunLengthResult
cusum_overlap(const CusumScheme *scheme, const ChainGrid *grid, double *overlap)
{
	ChainWork *work = grid->work;
	Unreset now = unreset_at(work, 0);
	Unreset next = unreset_at(work, 1);
	Unreset lost = unreset_at(work, 2);
	double together = 2.0 * (scheme->headstart - scheme->k);
	double left = MAX_DENSITIES;

	*overlap = 0.0;
	now.n = 0;
	for (; together > scheme->h; together -= 2.0 * scheme->k)
	{
		Unreset before = now;

		if (work->check != NULL)
			work->check();
		unreset_step(&lost, &now, &grid->chain, scheme->headstart, 0.0, together - scheme->h);
		unreset_step(&next, &now, &grid->chain, scheme->headstart, together - scheme->h, scheme->h);
		*overlap += unreset_excess(&lost, grid);
		now = next;
		next = before;
		left -= (double) (lost.n + now.n) * (before.n + grid->nstates);
		if (unreset_mass(&now) < FORGOTTEN)
			break;
		if (left < 0.0)
			return RUN_LENGTH_WORK;
	}
	return RUN_LENGTH_OK;
}

/*
 * The run lengths of one side of a CUSUM, from 0 and from the headstart; of
 * the latter without what overlaps with the other side, if there is one.
 */
static RunLengthResult
cusum_side(const CusumScheme *scheme, double shift, ChainWork *work, double *from_zero,
		   double *from_start)
{
	Chain chain = cusum_chain(scheme, shift);
	ChainGrid grid;
	double overlap = 0.0;
	RunLengthResult result = RUN_LENGTH_OK;

	if (!chain_cut(&grid, &chain, work))
		return RUN_LENGTH_WORK;
	chain_expect(&grid);
	*from_zero = chain_expected(&grid, 0.0);
	*from_start = chain_expected(&grid, scheme->headstart);
	if (scheme->sides == 2 && scheme->headstart > 0.5 * scheme->h && isfinite(*from_zero))
		result = cusum_overlap(scheme, &grid, &overlap);
	*from_start -= overlap;
	return result;
}

/*
 * Two sides together.  When one alarms the other is at 0, so that each side's
 * own run length is the common one, and its own from 0 for as often as the
 * other was first (Lucas and Crosier 1982); without a headstart that is
 * 1 / ARL = 1 / ARL+ + 1 / ARL-.
 */
static double
both_sides(double up_zero, double up_start, double down_zero, double down_start)
{
	double up = isfinite(up_zero) ? up_start / up_zero : 1.0;
	double down = isfinite(down_zero) ? down_start / down_zero : 1.0;
	double arl = (up + down - 1.0) / (1.0 / up_zero + 1.0 / down_zero);

	return arl < 1.0 ? 1.0 : arl; /* less only by rounding, where both start at their limits */
}

/* The run length of a CUSUM after a shift, in standard deviations; one side is the upper one. */
RunLengthResult
cusum_arl(const CusumScheme *scheme, double shift, ChainWork *work, double *arl)
{
	double up_zero;
	double down_zero;
	double down_start;
	RunLengthResult result = cusum_side(scheme, shift, work, &up_zero, arl);

	if (result != RUN_LENGTH_OK)
		return result;
	if (scheme->sides == 2)
	{
		result = cusum_side(scheme, -shift, work, &down_zero, &down_start);
		if (result != RUN_LENGTH_OK)
			return result;
		*arl = both_sides(up_zero, *arl, down_zero, down_start);
	}
	return checked(*arl);
}

/*
 * EWMA
 */

/* An EWMA with fixed limits under a shift. */
static Chain
ewma_chain(const EwmaScheme *scheme, double shift)
{
	double sd = sqrt(scheme->lambda / (2.0 - scheme->lambda));
	double limit = scheme->l * sd;
	bool sticks = scheme->sides == 1;

	return (Chain){ .decay = 1.0 - scheme->lambda,
					.drift = scheme->lambda * shift,
					.noise = scheme->lambda,
					.low = sticks ? fmin(0.0, shift) - FLOOR_SDS * sd : -limit,
					.high = limit,
					.sticks = sticks };
}

/* The run length of an EWMA after a shift; one side is the upper one. */
RunLengthResult
ewma_arl(const EwmaScheme *scheme, double shift, ChainWork *work, double *arl)
{
	Chain chain = ewma_chain(scheme, shift);
	ChainGrid grid;

	if (!chain_cut(&grid, &chain, work))
		return RUN_LENGTH_WORK;
	chain_expect(&grid);
	*arl = chain_expected(&grid, 0.0);
	return checked(*arl);
}

/*
 * Runs.  A value goes on with a run (probability onward), ends it (back), or
 * alarms at once.
 */

/* The steps until a run is so long, or an alarm. */
static double
run_arl(double onward, double back, double alarm, int n)
{
	double ends = back + alarm;
	double log_whole = n * log1p(-ends);

	if (ends == 0.0)
		return n;
	if (ends < SELDOM)
		return -expm1(log_whole) / (alarm + back * exp(log_whole));
	return (1.0 - pow(onward, n)) / (alarm + back * pow(onward, n));
}

/* The steps of a run of other values until there is an event of probability p; after n of them an alarm. */
RunLengthResult
gap_arl(const GapScheme *scheme, double p, double *arl)
{
	*arl = run_arl(1.0 - p, p, 0.0, scheme->n);
	return checked(*arl);
}

/* The gap that a g-chart allows between events of probability p (Kaminsky and others 1992). */
double
gap_limit(double p, double l)
{
	return (1.0 - p) / p + l * sqrt(1.0 - p) / p;
}

/* Where the values of a Shewhart chart fall. */
typedef struct Sides
{
	double up;	  /* within the limits, above the mean */
	double down;  /* within them, below */
	double alarm; /* beyond a limit */
} Sides;

/* The probabilities of the sides under a shift; with one limit there is no other below. */
static Sides
shewhart_sides(const ShewhartScheme *scheme, double shift)
{
	double above = normal_tail(scheme->l - shift);
	double below = scheme->sides == 2 ? normal_tail(scheme->l + shift) : 0.0;

	return (Sides){ .up = fmax(0.0, normal_tail(-shift) - above),
					.down = fmax(0.0, normal_tail(shift) - below),
					.alarm = above + below };
}

/* The steps until a run on either side is so long, or an alarm (Champ and Woodall 1987). */
static double
two_runs_arl(const Sides *sides, int n)
{
	double up_run = pow(sides->up, n - 1);
	double down_run = pow(sides->down, n - 1);
	double not_up = sides->down + sides->alarm;
	double not_down = sides->up + sides->alarm;
	double steps_up = (1.0 - up_run) / not_up;
	double steps_down = (1.0 - down_run) / not_down;
	double ends_up = (sides->alarm + sides->down * up_run) / not_up;
	double ends_down = (sides->alarm + sides->up * down_run) / not_down;
	double ends = ends_up + ends_down * (1.0 - ends_up);

	return 1.0 + (sides->up * steps_up * (1.0 + sides->down * steps_down) +
				  sides->down * steps_down * (1.0 + sides->up * steps_up)) /
					 ends;
}

/* The run length of a Shewhart chart after a shift; one side is the upper one. */
RunLengthResult
shewhart_arl(const ShewhartScheme *scheme, double shift, double *arl)
{
	Sides sides = shewhart_sides(scheme, shift);

	if (scheme->runs == 0)
		*arl = 1.0 / sides.alarm;
	else if (scheme->sides == 1)
		*arl = run_arl(sides.up, sides.down, sides.alarm, scheme->runs);
	else
		*arl = two_runs_arl(&sides, scheme->runs);
	return checked(*arl);
}

/*
 * The Bernoulli CUSUM on its lattice
 */

/*
 * What an event adds to a CUSUM that looks for a change of its probability
 * from p0 to p1, when anything else takes away 1: the ratio of the two terms
 * of the log-likelihood ratio, rounded so that all sums are whole (Reynolds
 * and Stoumbos 1999).  Below 1 where both probabilities are too high for that.
 */
int
lattice_rise(double p0, double p1)
{
	double slope = 1.0 + log(p1 / p0) / (log1p(-p0) - log1p(-p1));

	return slope < LARGEST_RISE ? (int) lround(slope) - 1 : LARGEST_RISE;
}

/* A way down the lattice, one place at a time. */
typedef struct Descent
{
	double arrives; /* the probability of getting there */
	double alarms;	/* that of an alarm before */
	double steps;	/* expected, to either */
} Descent;

/* Descents from each place to the one below, in arrays of h. */
typedef struct Lattice
{
	double *arrives;
	double *alarms;
	double *steps;
} Lattice;

/* The descent from the place that an event leads to, down to where the event happened. */
static Descent
lattice_descent(const Lattice *lattice, const LatticeScheme *scheme, int place)
{
	int top = place + scheme->rise;
	Descent descent = { .arrives = 1.0 };

	if (scheme->rise >= scheme->h - place)
		return (Descent){ .alarms = 1.0 };
	for (int i = top; i > place; i--)
	{
		descent.steps += descent.arrives * lattice->steps[i];
		descent.alarms += descent.arrives * lattice->alarms[i];
		descent.arrives *= lattice->arrives[i];
	}
	return descent;
}

/*
 * The run length of a Bernoulli CUSUM from 0.  The sum comes down one place at
 * a time, so that from the highest place on the chances and steps of each
 * descent follow from those of higher ones, all by sums of positive numbers.
 */
RunLengthResult
lattice_arl(const LatticeScheme *scheme, double p, ChainWork *work, double *arl)
{
	Lattice lattice = { .arrives = work->moves,
						.alarms = work->moves + scheme->h,
						.steps = work->moves + 2 * (size_t) scheme->h };
	Descent descent;

	for (int place = scheme->h - 1; place > 0; place--)
	{
		double leaves;

		if (work->check != NULL && place % STEPS_PER_CHECK == 0)
			work->check();
		descent = lattice_descent(&lattice, scheme, place);
		leaves = 1.0 - p + p * descent.alarms; /* rather than come back here */
		lattice.arrives[place] = (1.0 - p) / leaves;
		lattice.alarms[place] = p * descent.alarms / leaves;
		lattice.steps[place] = (1.0 + p * descent.steps) / leaves;
	}
	descent = lattice_descent(&lattice, scheme, 0);
	*arl = (1.0 + p * descent.steps) / (p * descent.alarms);
	return checked(*arl);
}

/*
 * Limits
 */

/* The run length of a scheme that has been given a limit. */
typedef RunLengthResult (*ArlAtLimit)(void *scheme, double limit, ChainWork *work, double *arl);

/* How far, as a logarithm, the run length at a limit is above a wanted one. */
static RunLengthResult
log_excess(ArlAtLimit at, void *scheme, double limit, double arl0, ChainWork *work, double *excess)
{
	double arl;
	RunLengthResult result = at(scheme, limit, work, &arl);

	if (result == RUN_LENGTH_RANGE)
		*excess = INFINITY;
	else if (result == RUN_LENGTH_OK)
		*excess = log(arl) - log(arl0);
	return result == RUN_LENGTH_RANGE ? RUN_LENGTH_OK : result;
}

/* Two limits with the wanted run length between theirs. */
typedef struct Bracket
{
	double low;
	double high;
	double below; /* log_excess at low, at most 0 */
	double above; /* and at high, at least 0 */
} Bracket;

/* Find a bracket from the least limit on. */
static RunLengthResult
find_bracket(ArlAtLimit at, void *scheme, double arl0, ChainWork *work, Bracket *bracket)
{
	double step = 1.0;
	double growth = 2.0;
	RunLengthResult result = log_excess(at, scheme, bracket->low, arl0, work, &bracket->below);

	if (result == RUN_LENGTH_OK && bracket->below > LOG_PRECISION)
		return RUN_LENGTH_SHORT;
	while (result == RUN_LENGTH_OK)
	{
		bracket->high = bracket->low + step;
		result = log_excess(at, scheme, bracket->high, arl0, work, &bracket->above);
		if (result == RUN_LENGTH_OK && bracket->above >= 0.0)
			return RUN_LENGTH_OK;
		if (result == RUN_LENGTH_OK)
		{
			bracket->low = bracket->high;
			bracket->below = bracket->above;
			step *= growth;
			if (bracket->low > FARTHEST_LIMIT)
				return RUN_LENGTH_LONG;
		}
		else if (result == RUN_LENGTH_WORK && step > 1.0)
		{
			step *= 0.5;
			growth = 1.0;
			result = RUN_LENGTH_OK;
		}
	}
	return result;
}

/* The limit with a wanted run length: false position on the logarithms, with the Illinois rule. */
static RunLengthResult
find_limit(ArlAtLimit at, void *scheme, double arl0, double least, ChainWork *work)
{
	Bracket bracket = { .low = least };
	int kept = 0; /* which end the last step kept: -1 low, 1 high */
	RunLengthResult result = find_bracket(at, scheme, arl0, work, &bracket);

	for (int i = 0; result == RUN_LENGTH_OK && i < LIMIT_STEPS; i++)
	{
		double width = bracket.high - bracket.low;
		double share =
			isfinite(bracket.above) ? bracket.below / (bracket.below - bracket.above) : 0.5;
		double limit = bracket.low + width * (share > 0.0 && share < 1.0 ? share : 0.5);
		double excess = 0.0;

		result = log_excess(at, scheme, limit, arl0, work, &excess);
		if (fabs(excess) < LOG_PRECISION || width < LIMIT_PRECISION * (1.0 + limit))
			break;
		if (excess < 0.0)
		{
			bracket.low = limit;
			bracket.below = excess;
			bracket.above *= kept == 1 ? 0.5 : 1.0;
			kept = 1;
		}
		else
		{
			bracket.high = limit;
			bracket.above = excess;
			bracket.below *= kept == -1 ? 0.5 : 1.0;
			kept = -1;
		}
	}
	return result;
}

/* The run length of a CUSUM with a limit. */
static RunLengthResult
cusum_at(void *scheme, double limit, ChainWork *work, double *arl)
{
	((CusumScheme *) scheme)->h = limit;
	return cusum_arl(scheme, 0.0, work, arl);
}

/* Find the h of a CUSUM. */
RunLengthResult
cusum_limit(double arl0, CusumScheme *scheme, ChainWork *work)
{
	return find_limit(cusum_at, scheme, arl0, scheme->headstart, work);
}

/* The run length of an EWMA with a limit. */
static RunLengthResult
ewma_at(void *scheme, double limit, ChainWork *work, double *arl)
{
	((EwmaScheme *) scheme)->l = limit;
	return ewma_arl(scheme, 0.0, work, arl);
}

/* Find the l of an EWMA. */
RunLengthResult
ewma_limit(double arl0, EwmaScheme *scheme, ChainWork *work)
{
	return find_limit(ewma_at, scheme, arl0, 0.0, work);
}

/* The run length of a Shewhart chart with a limit. */
static RunLengthResult
shewhart_at(void *scheme, double limit, ChainWork *work, double *arl)
{
	(void) work;
	((ShewhartScheme *) scheme)->l = limit;
	return shewhart_arl(scheme, 0.0, arl);
}

/* Find the l of a Shewhart chart. */
RunLengthResult
shewhart_limit(double arl0, ShewhartScheme *scheme)
{
	return find_limit(shewhart_at, scheme, arl0, 0.0, NULL);
}

/* Find the least h with which a Bernoulli CUSUM has the wanted run length. */
RunLengthResult
lattice_limit(double arl0, LatticeScheme *scheme, double p, ChainWork *work)
{
	int low = 0; /* too low */
	int high = LATTICE_MAX_LIMIT;
	double arl;

	while (high - low > 1)
	{
		RunLengthResult result;

		/* Double it first: a high limit costs its square. */
		scheme->h =
			high == LATTICE_MAX_LIMIT && 2 * low + 1 < high ? 2 * low + 1 : low + (high - low) / 2;
		result = lattice_arl(scheme, p, work, &arl);
		if (result == RUN_LENGTH_RANGE || arl >= arl0)
			high = scheme->h;
		else
			low = scheme->h;
	}
	scheme->h = high;
	if (high < LATTICE_MAX_LIMIT)
		return RUN_LENGTH_OK;
	return lattice_arl(scheme, p, work, &arl) == RUN_LENGTH_OK && arl < arl0 ? RUN_LENGTH_WORK
																			 : RUN_LENGTH_OK;
}

/* Find the shortest run of other values that has the wanted run length. */
RunLengthResult
gap_run_limit(double arl0, GapScheme *scheme, double p)
{
	double n = p < 1.0 ? log1p(p * arl0) / -log1p(-p) : 0.0;
	double arl = 0.0;

	if (n > RUN_MAX)
		return RUN_LENGTH_WORK;
	scheme->n = (int) fmax(0.0, n - 2.0); /* too short, whatever is lost in rounding */
	while (arl < arl0)
	{
		scheme->n++;
		gap_arl(scheme, p, &arl);
	}
	return RUN_LENGTH_OK;
}

/*
 * Delays.  They begin with the statistic at its start, and count only alarms
 * on the side of the change.
 */

/* The delay of a chain from a start. */
static RunLengthResult
chain_delay(const Chain *chain, double start, ChainWork *work, Delay *delay)
{
	ChainGrid grid;

	if (!chain_cut(&grid, chain, work))
		return RUN_LENGTH_WORK;
	chain_expect(&grid);
	delay->mean = chain_expected(&grid, start);
	chain_start_survival(&grid);
	for (int t = 1; t <= DELAY_LONGER; t++)
	{
		if (work->check != NULL)
			work->check();
		delay->missed_longer = chain_mean(&grid, start);
		if (t == DELAY_SOON)
			delay->missed_soon = delay->missed_longer;
		chain_survive(&grid);
	}
	return checked(delay->mean);
}

/* What a CUSUM catches how late. */
RunLengthResult
cusum_delay(const CusumScheme *scheme, double shift, ChainWork *work, Delay *delay)
{
	Chain chain = cusum_chain(scheme, fabs(shift));

	return chain_delay(&chain, scheme->headstart, work, delay);
}

/* What an EWMA with fixed limits catches how late. */
RunLengthResult
ewma_delay(const EwmaScheme *scheme, double shift, ChainWork *work, Delay *delay)
{
	EwmaScheme one = { .lambda = scheme->lambda, .l = scheme->l, .sides = 1 };
	Chain chain = ewma_chain(&one, fabs(shift));

	return chain_delay(&chain, 0.0, work, delay);
}

/* The probabilities that no run is so long, nor any value beyond the limit, after some values. */
static void
run_delay(double onward, double back, int n, Delay *delay)
{
	double runs[DELAY_LONGER + 1] = { 1.0 }; /* of each length */

	for (int t = 1; t <= DELAY_LONGER; t++)
	{
		double all = 0.0;

		for (int i = 0; i < t; i++)
			all += runs[i];
		for (int i = t; i > 0; i--)
			runs[i] = i < n ? onward * runs[i - 1] : 0.0;
		runs[0] = back * all;
		delay->missed_longer = 0.0;
		for (int i = 0; i <= t; i++)
			delay->missed_longer += runs[i];
		if (t == DELAY_SOON)
			delay->missed_soon = delay->missed_longer;
	}
}

/* What a Shewhart chart catches how late. */
RunLengthResult
shewhart_delay(const ShewhartScheme *scheme, double shift, Delay *delay)
{
	ShewhartScheme one = { .l = scheme->l, .runs = scheme->runs, .sides = 1 };
	Sides sides = shewhart_sides(&one, fabs(shift));

	run_delay(sides.up, sides.down, one.runs == 0 ? DELAY_LONGER + 1 : one.runs, delay);
	return shewhart_arl(&one, fabs(shift), &delay->mean);
}

/* What a rule about values in a row that are no event catches how late. */
RunLengthResult
gap_delay(const GapScheme *scheme, double p, Delay *delay)
{
	run_delay(1.0 - p, p, scheme->n, delay);
	return gap_arl(scheme, p, &delay->mean);
}

/* What a Bernoulli CUSUM catches how late. */
RunLengthResult
lattice_delay(const LatticeScheme *scheme, double p, ChainWork *work, Delay *delay)
{
	RunLengthResult result = lattice_arl(scheme, p, work, &delay->mean);
	double *now = work->moves;
	double *next = work->moves + scheme->h;

	for (int i = 0; i < scheme->h; i++)
		now[i] = 1.0;
	for (int t = 1; t <= DELAY_LONGER; t++)
	{
		double *before = now;

		for (int i = 0; i < scheme->h; i++)
			next[i] = (1.0 - p) * now[i > 0 ? i - 1 : 0] +
					  (scheme->rise < scheme->h - i ? p * now[i + scheme->rise] : 0.0);
		now = next;
		next = before;
		delay->missed_longer = now[0];
		if (t == DELAY_SOON)
			delay->missed_soon = now[0];
	}
	return result;
}
