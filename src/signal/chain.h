/*
 * Random walks with a limit as plain C: how long a statistic that moves in
 * normal steps takes on average until it is beyond its limits.
 *
 * The statistic goes from s to decay * s + drift + noise * Z, Z standard
 * normal; above high it has raised the alarm.  Below low it has done so too,
 * or else it sticks: it goes on from low.  A CUSUM sticks at 0 and does not
 * decay; an EWMA with two limits decays and does not stick.
 */
#ifndef COACHIATRY_CHAIN_H
#define COACHIATRY_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Most states that a walk is cut into; solving takes the cube of that. */
#define CHAIN_MAX_STATES 1024

/* Called now and then in long work; it may not return. */
typedef void (*InterruptCheck)(void);

typedef struct Chain
{
	double decay; /* the share of the statistic that is left after a step, 0 to 1 */
	double drift;
	double noise; /* above 0 */
	double low;
	double high; /* at least low */
	bool sticks; /* at low; else what falls below low raises the alarm */
} Chain;

/* Memory that chains are solved in, of chain_work_size() bytes and from the caller. */
typedef struct ChainWork
{
	InterruptCheck check;
	double states[CHAIN_MAX_STATES];
	double weights[CHAIN_MAX_STATES];
	double leave[CHAIN_MAX_STATES]; /* the probability of an alarm in the next step */
	double steps[CHAIN_MAX_STATES]; /* the answer for each state */
	double spare[CHAIN_MAX_STATES];
	double moves[]; /* a row for each state: the probabilities of the next */
} ChainWork;

/* A chain cut into states; the first is low itself, if it sticks there. */
typedef struct ChainGrid
{
	Chain chain;
	int nstates;
	int nodes; /* those that are no more than points at which an integral is taken */
	ChainWork *work;
} ChainGrid;

extern size_t chain_work_size(void);
extern double chain_nodes(double width);
extern void gauss_legendre(double from, double until, int n, double *nodes, double *weights);
extern double chain_density(const Chain *chain, double from, double to);
extern double chain_falls(const Chain *chain, double from);
extern double chain_alarms(const Chain *chain, double from);
extern bool chain_cut(ChainGrid *grid, const Chain *chain, ChainWork *work);
extern void chain_expect(ChainGrid *grid);
extern double chain_expected(const ChainGrid *grid, double start);
extern void chain_start_survival(ChainGrid *grid);
extern void chain_survive(ChainGrid *grid);
extern double chain_mean(const ChainGrid *grid, double start);
extern void solve_absorbing(double *moves, double *leave, double *steps, int n,
							InterruptCheck check);

#endif
