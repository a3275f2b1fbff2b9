/*
 * Signatures of barriers in what people did: each is a statistic of calendars,
 * of when doses were taken, or of ratings, with the least data from which it
 * says something, and a Bayes factor.
 *
 * A recorded day is one that is planned, not excused, and known to be done (a
 * unit taken) or missed.
 */
#ifndef COACHIATRY_SIGNATURE_H
#define COACHIATRY_SIGNATURE_H

#include "adherence/calendar.h"
#include "adherence/timing.h"
#include "barrier/bayes.h"

/* Most figures that a signature is explained by. */
#define SIGNATURE_MAX_FIGURES 4

/* Most calendars that are compared. */
#define SIGNATURE_MAX_TASKS 200

/* Least data: fewer say nothing. */
#define LEAST_GROUP_DAYS 8	 /* recorded days of each of two groups */
#define LEAST_BREAK_DAYS 5	 /* recorded days after a break */
#define LEAST_OTHER_DAYS 10	 /* recorded days beside them */
#define LEAST_AFTER_DAYS 8	 /* recorded days after done ones, and after missed ones */
#define LEAST_MISSES 3		 /* missed days in all */
#define LEAST_DOSES 10		 /* doses that were due and taken */
#define LEAST_SHARED_DAYS 14 /* days on which two or more tasks are recorded */
#define LEAST_RATINGS 5		 /* ratings of a trend */
#define LEAST_OCCASIONS 5	 /* occasions, attempts */

/* Shares that are usual: a signature asks whether more than that is so. */
#define USUAL_LATE 0.25
#define USUAL_PARTIAL 0.3
#define USUAL_POSTPONED 0.2
#define USUAL_STOPPED_SHORT 0.2

/* What a signature says. */
typedef struct Signature
{
	const char *code;
	double factor; /* logarithm of the Bayes factor that it is there */
	int nfigures;
	double figures[SIGNATURE_MAX_FIGURES]; /* that explain it */
} Signature;

/* Each of these says whether there is data enough, and if so what it shows. */
extern bool weekend_split(const Calendar *calendars, size_t n, Signature *signature);
extern bool misses_after_breaks(const Calendar *calendars, size_t n, Signature *signature);
extern bool on_and_off(const Calendar *calendars, size_t n, Signature *signature);
extern bool late_starts(const DosePair *pairs, size_t npairs, uint64_t late, Signature *signature);
extern bool drifting_hours(const DosePair *pairs, size_t npairs, double *delays,
						   Signature *signature);
extern bool discomfort_misses(const Calendar *calendars, const bool *discomfort, size_t n,
							  Signature *signature);
extern bool shared_bursts(const Calendar *calendars, size_t n, void (*poll)(void),
						  Signature *signature);
extern bool started_not_completed(const double *extents, size_t n, Signature *signature);
extern bool no_improvement(const double *extents, size_t n, Signature *signature);
extern bool postponed(Share share, Signature *signature);
extern bool stopped_short(Share share, Signature *signature);
extern bool falling(const char *code, const double *ratings, size_t n, Signature *signature);

#endif
