/*
 * Average run lengths as plain C: how many values a detector reads on average
 * until it alarms, before and after a change; the limits that give a wanted
 * run length; and what is caught how late.
 */
#ifndef COACHIATRY_RUN_LENGTH_H
#define COACHIATRY_RUN_LENGTH_H

#include "signal/chain.h"

/* Largest limit of a Bernoulli CUSUM. */
#define LATTICE_MAX_LIMIT 10000

/* Longest run that a rule asks for. */
#define RUN_MAX 1000000

/* How a question ended. */
typedef enum RunLengthResult
{
	RUN_LENGTH_OK,
	RUN_LENGTH_WORK,  /* it would take too much work */
	RUN_LENGTH_RANGE, /* the answer is beyond the range of float8 */
	RUN_LENGTH_SHORT, /* no limit: every one has a longer run length than that */
	RUN_LENGTH_LONG,  /* no limit: every one has a shorter run length */
} RunLengthResult;

typedef struct CusumScheme
{
	double k;
	double h;
	double headstart; /* at most h */
	int sides;		  /* 1 or 2 */
} CusumScheme;

typedef struct EwmaScheme
{
	double lambda;
	double l;
	int sides;
} EwmaScheme;

typedef struct ShewhartScheme
{
	double l;
	int runs; /* 0: no rule */
	int sides;
} ShewhartScheme;

/* A Bernoulli CUSUM on whole numbers: an event adds rise, anything else takes 1. */
typedef struct LatticeScheme
{
	int rise;
	int h;
} LatticeScheme;

/* So many values in a row that are no event. */
typedef struct GapScheme
{
	int n;
} GapScheme;

/* What is caught how late. */
typedef struct Delay
{
	double mean;		  /* values until the alarm */
	double missed_soon;	  /* without one after DELAY_SOON values */
	double missed_longer; /* without one after DELAY_LONGER values */
} Delay;

#define DELAY_SOON 14
#define DELAY_LONGER 30

extern int lattice_rise(double p0, double p1);
extern double gap_limit(double p, double l);

extern RunLengthResult cusum_arl(const CusumScheme *scheme, double shift, ChainWork *work,
								 double *arl);
extern RunLengthResult ewma_arl(const EwmaScheme *scheme, double shift, ChainWork *work,
								double *arl);
extern RunLengthResult shewhart_arl(const ShewhartScheme *scheme, double shift, double *arl);
extern RunLengthResult lattice_arl(const LatticeScheme *scheme, double p, ChainWork *work,
								   double *arl);
extern RunLengthResult gap_arl(const GapScheme *scheme, double p, double *arl);

extern RunLengthResult cusum_limit(double arl0, CusumScheme *scheme, ChainWork *work);
extern RunLengthResult ewma_limit(double arl0, EwmaScheme *scheme, ChainWork *work);
extern RunLengthResult shewhart_limit(double arl0, ShewhartScheme *scheme);
extern RunLengthResult lattice_limit(double arl0, LatticeScheme *scheme, double p, ChainWork *work);
extern RunLengthResult gap_run_limit(double arl0, GapScheme *scheme, double p);

extern RunLengthResult cusum_delay(const CusumScheme *scheme, double shift, ChainWork *work,
								   Delay *delay);
extern RunLengthResult ewma_delay(const EwmaScheme *scheme, double shift, ChainWork *work,
								  Delay *delay);
extern RunLengthResult shewhart_delay(const ShewhartScheme *scheme, double shift, Delay *delay);
extern RunLengthResult lattice_delay(const LatticeScheme *scheme, double p, ChainWork *work,
									 Delay *delay);
extern RunLengthResult gap_delay(const GapScheme *scheme, double p, Delay *delay);

#endif
