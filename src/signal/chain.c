/*
 * Random walks with a limit.  The expected number of steps to the alarm solves
 * a Fredholm integral equation of the second kind (Page 1954 for the CUSUM,
 * Crowder 1987 for the EWMA), here by Nystroem's method: the integral becomes
 * a sum over Gauss-Legendre nodes, the equation one for each node, and the
 * solution between them follows from the equation itself.
 *
 * The equations are solved without a subtraction (Grassmann, Taksar and Heyman
 * 1985): what a state keeps is one minus what it gives away, the alarm
 * included, and the probability of an alarm is known to its last digit however
 * small it is.  So a run length of 10^12 is as exact as one of 10.
 */
#include "signal/chain.h"

#include <math.h>

#include "signal/distribution.h"

/*
 * Nodes over a range so many times as wide as the noise.  A sum over points a
 * distance d apart (in the middle, pi / 2 times the mean) gives the integral
 * of a normal density within exp(-2 pi^2 / d^2): 1e-14 of it.
 */
#define LEAST_NODES 30
#define NODES_PER_NOISE 2.0

/* Newton's method for the zeros of a polynomial has converged. */
#define NODE_PRECISION 1e-15
#define NODE_STEPS 10

/* The size of the memory that a chain is solved in. */
size_t
chain_work_size(void)
{
	return sizeof(ChainWork) + sizeof(double) * CHAIN_MAX_STATES * CHAIN_MAX_STATES;
}

/* Legendre's polynomial of degree n at x; its derivative there. */
static double
legendre(int n, double x, double *derivative)
{
	double before = 1.0;
	double value = x;

	for (int k = 2; k <= n; k++)
	{
		double next = ((2 * k - 1) * x * value - (k - 1) * before) / k;

		before = value;
		value = next;
	}
	*derivative = n * (x * value - before) / (x * x - 1.0);
	return value;
}

/* Nodes and weights of the n-point Gauss-Legendre rule on a range, the lowest node first. */
void
gauss_legendre(double from, double until, int n, double *nodes, double *weights)
{
	double middle = 0.5 * (from + until);
	double half = 0.5 * (until - from);

	for (int i = 0; i < (n + 1) / 2; i++)
	{
		double x = cos(M_PI * (i + 0.75) / (n + 0.5));
		double derivative = 1.0;
		double step = 1.0;

		for (int k = 0; k < NODE_STEPS && fabs(step) > NODE_PRECISION; k++)
		{
			step = legendre(n, x, &derivative) / derivative;
			x -= step;
		}
		nodes[i] = middle - half * x;
		nodes[n - 1 - i] = middle + half * x;
		weights[i] = weights[n - 1 - i] = 2.0 * half / ((1.0 - x * x) * derivative * derivative);
	}
}

/*
 * One step
 */

/* The density of going from one value to another. */
double
chain_density(const Chain *chain, double from, double to)
{
	double z = (to - chain->decay * from - chain->drift) / chain->noise;

	return normal_density(z) / chain->noise;
}

/* The probability of going below the lower limit. */
double
chain_falls(const Chain *chain, double from)
{
	return normal_tail((chain->decay * from + chain->drift - chain->low) / chain->noise);
}

/* The probability of an alarm in the next step. */
double
chain_alarms(const Chain *chain, double from)
{
	double above = normal_tail((chain->high - chain->decay * from - chain->drift) / chain->noise);

	return chain->sticks ? above : above + chain_falls(chain, from);
}

/*
 * States
 */

/* The probability, or the density times the weight, of going from a value to the j-th state. */
static double
grid_move(const ChainGrid *grid, double from, int j)
{
	if (j == 0 && grid->chain.sticks)
		return chain_falls(&grid->chain, from);
	return chain_density(&grid->chain, from, grid->work->states[j]) * grid->work->weights[j];
}

/* Write the probabilities of all moves between states, and of an alarm. */
static void
grid_fill(ChainGrid *grid)
{
	ChainWork *work = grid->work;

	for (int i = 0; i < grid->nstates; i++)
	{
		double *row = work->moves + (size_t) i * grid->nstates;

		for (int j = 0; j < grid->nstates; j++)
			row[j] = grid_move(grid, work->states[i], j);
		work->leave[i] = chain_alarms(&grid->chain, work->states[i]);
	}
}

/* How many nodes a range needs that is so many times as wide as the noise. */
double
chain_nodes(double width)
{
	return LEAST_NODES + ceil(NODES_PER_NOISE * width);
}

/* Cut a chain into states; false if it would need too many. */
bool
chain_cut(ChainGrid *grid, const Chain *chain, ChainWork *work)
{
	double nodes = chain_nodes((chain->high - chain->low) / chain->noise);
	int atoms = chain->sticks ? 1 : 0;

	if (!(nodes + atoms <= CHAIN_MAX_STATES))
		return false;
	grid->chain = *chain;
	grid->nodes = (int) nodes;
	grid->nstates = grid->nodes + atoms;
	grid->work = work;
	work->states[0] = chain->low;
	gauss_legendre(chain->low, chain->high, grid->nodes, work->states + atoms,
				   work->weights + atoms);
	return true;
}

/*
 * Expected steps
 */

/* Leave out the last state of a chain of k + 1: what goes through it goes on to where it leads. */
static void
eliminate_state(double *moves, double *leave, double *steps, int n, int k)
{
	double *out = moves + (size_t) k * n;
	double given = leave[k];

	for (int j = 0; j < k; j++)
		given += out[j];
	out[k] = given;
	for (int i = 0; i < k; i++)
	{
		double *row = moves + (size_t) i * n;
		double through = row[k] / given;

		for (int j = 0; j < k; j++)
			row[j] += through * out[j];
		leave[i] += through * leave[k];
		steps[i] += through * steps[k];
	}
}

/*
 * The expected steps to absorption from each of n states: moves[i * n + j] is
 * the probability of a move from i to j, leave[i] that of absorption, and
 * steps[i], overwritten with the answer, what a step from i counts.  moves[i *
 * n + i] is not read: it is one minus the rest.  Infinite where no way leads out.
 */
void
solve_absorbing(double *moves, double *leave, double *steps, int n, InterruptCheck check)
{
	for (int k = n - 1; k > 0; k--)
	{
		if (check != NULL)
			check();
		eliminate_state(moves, leave, steps, n, k);
	}
	steps[0] = leave[0] > 0.0 ? steps[0] / leave[0] : INFINITY;
	for (int k = 1; k < n; k++)
	{
		const double *out = moves + (size_t) k * n;

		for (int j = 0; j < k; j++)
			steps[k] += out[j] * steps[j];
		steps[k] /= out[k];
	}
}

/* Find the expected steps to the alarm from every state of a grid. */
void
chain_expect(ChainGrid *grid)
{
	ChainWork *work = grid->work;

	grid_fill(grid);
	for (int i = 0; i < grid->nstates; i++)
		work->steps[i] = 1.0;
	solve_absorbing(work->moves, work->leave, work->steps, grid->nstates, work->check);
}

/* The mean of the answer over the states one step after a value. */
double
chain_mean(const ChainGrid *grid, double start)
{
	double mean = 0.0;

	for (int j = 0; j < grid->nstates; j++)
		mean += grid_move(grid, start, j) * grid->work->steps[j];
	return mean;
}

/* The expected steps to the alarm from any value within the limits, after chain_expect. */
double
chain_expected(const ChainGrid *grid, double start)
{
	if (!isfinite(grid->work->steps[0]))
		return INFINITY;
	if (grid->chain.sticks && start <= grid->chain.low)
		return grid->work->steps[0];
	return 1.0 + chain_mean(grid, start);
}

/*
 * Survival
 */

/* Begin to follow a chain: before the first step no alarm has been raised. */
void
chain_start_survival(ChainGrid *grid)
{
	grid_fill(grid);
	for (int i = 0; i < grid->nstates; i++)
		grid->work->steps[i] = 1.0;
}

/* From the probabilities of no alarm within t steps of each state, make those within t + 1. */
void
chain_survive(ChainGrid *grid)
{
	ChainWork *work = grid->work;

	for (int i = 0; i < grid->nstates; i++)
	{
		const double *row = work->moves + (size_t) i * grid->nstates;

		work->spare[i] = 0.0;
		for (int j = 0; j < grid->nstates; j++)
			work->spare[i] += row[j] * work->steps[j];
	}
	for (int i = 0; i < grid->nstates; i++)
		work->steps[i] = work->spare[i];
}
