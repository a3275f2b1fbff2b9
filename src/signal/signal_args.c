/*
 * Checks of the parameters of detectors and run lengths.  Each returns the
 * value, or raises error 22023 that says what it must be.
 */
#include "signal/signal.h"

#include <math.h>

#include "signal/run_length.h"

/* Raise the error for a parameter that is out of range. */
void
parameter_error(const char *name, float8 value, const char *detail)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("%s is out of range: \"%g\"", name, value), errdetail("%s", detail)));
}

/* A number between two others. */
float8
check_within(const char *name, float8 value, float8 least, float8 most)
{
	if (!(value >= least && value <= most))
		parameter_error(name, value, psprintf("It must be between %g and %g.", least, most));
	return value;
}

/* A number that is finite. */
float8
check_finite(const char *name, float8 value)
{
	if (!isfinite(value))
		parameter_error(name, value, "It must be finite.");
	return value;
}

/* A finite number that is not below 0. */
float8
check_not_negative(const char *name, float8 value)
{
	if (!(isfinite(value) && value >= 0.0))
		parameter_error(name, value, "It must be finite and at least 0.");
	return value;
}

/* A finite number above 0. */
float8
check_positive(const char *name, float8 value)
{
	if (!(isfinite(value) && value > 0.0))
		parameter_error(name, value, "It must be finite and above 0.");
	return value;
}

/* A probability that is neither 0 nor 1. */
float8
check_share(const char *name, float8 value)
{
	if (!(value > 0.0 && value < 1.0))
		parameter_error(name, value, "It must be above 0 and below 1.");
	return value;
}

/* A part of a whole, which may be all of it. */
float8
check_part(const char *name, float8 value)
{
	if (!(value > 0.0 && value <= 1.0))
		parameter_error(name, value, "It must be above 0 and at most 1.");
	return value;
}

/* A whole number between two others. */
int32
check_whole(const char *name, int64 value, int32 least, int32 most)
{
	if (value < least || value > most)
		parameter_error(name, (float8) value,
						psprintf("It must be between %d and %d.", least, most));
	return (int32) value;
}

/* What a Bernoulli CUSUM for two probabilities adds for an event. */
int32
check_lattice(float8 p0, float8 p1)
{
	int32 rise;

	check_share("p0", p0);
	check_share("p1", p1);
	if (p0 >= p1)
		parameter_error("p0", p0, psprintf("It must be below p1, which is %g.", p1));
	rise = lattice_rise(p0, p1);
	if (rise < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("p0 and p1 are too high for a Bernoulli CUSUM: \"%g\", \"%g\"", p0, p1),
				 errdetail("A miss would add nothing.")));
	return rise;
}

/* The limit of a Bernoulli CUSUM: its sums are whole numbers, so the next one. */
int32
check_lattice_limit(float8 h)
{
	return (int32) ceil(check_within("h", h, 1.0, LATTICE_MAX_LIMIT));
}
