/*
 * Bayes factors of simple questions about counts and ratings, as natural
 * logarithms: above 0 they speak for what is asked, below 0 against it, and
 * near 0 there is too little to say.
 */
#ifndef COACHIATRY_BAYES_H
#define COACHIATRY_BAYES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The most that a factor says, either way. */
#define FACTOR_MAX 50.0

/* The last ratings that a trend is asked of. */
#define TREND_MAX_VALUES 365

/* How often something happened, of how many times. */
typedef struct Share
{
	int64_t hits;
	int64_t n;
} Share;

/* A trend is asked for upwards or downwards. */
typedef enum TrendDirection
{
	DOWNWARDS = -1,
	UPWARDS = 1,
} TrendDirection;

extern double factor_differ(Share a, Share b);
extern double factor_above(Share a, Share b);
extern double factor_exceeds(Share a, double reference);
extern double factor_trend(const double *values, size_t n, TrendDirection direction);
extern double factor_to_weight(double factor, double sensitivity, double false_alarm);
extern double share_of_factors(const double *factors, size_t n, double mean, double counts_as);

#endif
