/*
 * Detectors over a series.  Each reads the values once, in order.  A statistic
 * is positive on the side on which a change is looked for, and the larger of
 * the two where both are: an alarm is a statistic above its limit.
 */
#include "signal/detector.h"

#include <float.h>
#include <math.h>

#include "signal/distribution.h"

/* Standard deviations beyond which a value says nothing more; sums of them stay finite. */
#define FARTHEST 1e100

/* Values from which on a self-starting CUSUM has something to compare. */
#define LEAST_VALUES 3

/* How far a value is from the mean, in standard deviations. */
static double
standardised(double value, const Baseline *baseline)
{
	double z = (value - baseline->mean) / baseline->sd;

	return fmax(-FARTHEST, fmin(z, FARTHEST));
}

/* A distance on the side that is looked at. */
static double
oriented(double distance, Direction direction)
{
	if (direction == DIRECTION_BOTH)
		return fabs(distance);
	return direction == DIRECTION_UP ? distance : 0.0 - distance; /* which is never -0 */
}

/* The side of 0 on which a distance is: -1, 0 or 1. */
static int
side_of(double distance)
{
	return (distance > 0.0) - (distance < 0.0);
}

/* The mean of the values from a day on; there is one. */
static double
mean_since(const DayValues *values, int32_t since)
{
	double mean = 0.0;
	int32_t n = 0;

	for (int32_t i = values->n - 1; i >= 0 && values->days[i].day >= since; i--)
		mean += (values->days[i].value - mean) / ++n;
	return mean;
}

/*
 * CUSUM
 */

/* One side of a CUSUM. */
typedef struct CusumSide
{
	double sum;
	int32_t length;		/* values since the sum was 0 */
	int32_t first;		/* day of the first of these */
	double mean_before; /* the mean of what came before it */
} CusumSide;

/* Both sides, and what is read of them. */
typedef struct Cusum
{
	CusumSide up;
	CusumSide down;
	Direction direction;
} Cusum;

/* Add to one side; how far a value is towards it beyond what is allowed. */
static void
side_step(CusumSide *side, int32_t day, double beyond, double mean_before)
{
	if (side->length == 0)
	{
		side->first = day;
		side->mean_before = mean_before;
	}
	side->sum = fmax(0.0, side->sum + beyond);
	side->length = side->sum > 0.0 ? side->length + 1 : 0;
}

/* Add a standardised value to both sides. */
static void
cusum_step(Cusum *cusum, int32_t day, double z, double k, double mean_before)
{
	side_step(&cusum->up, day, z - k, mean_before);
	side_step(&cusum->down, day, -z - k, mean_before);
}

/* The side that is looked at; of two the one with the larger sum. */
static const CusumSide *
cusum_side(const Cusum *cusum)
{
	if (cusum->direction == DIRECTION_BOTH)
		return cusum->up.sum >= cusum->down.sum ? &cusum->up : &cusum->down;
	return cusum->direction == DIRECTION_UP ? &cusum->up : &cusum->down;
}

/* What a CUSUM says. */
static Signal
cusum_signal(const Cusum *cusum, double h, const DayValues *values)
{
	const CusumSide *side = cusum_side(cusum);
	Signal signal = { .alarm = side->sum > h, .statistic = side->sum, .lim = h };

	if (signal.alarm)
	{
		signal.since = side->first;
		signal.shift = mean_since(values, side->first) - side->mean_before;
	}
	return signal;
}

/*
 * The CUSUM of a mean and standard deviation that are known (Page 1954), with
 * a headstart (Lucas and Crosier 1982).
 */
Signal
detect_cusum(const DayValues *values, double k, double h, const Baseline *baseline,
			 double headstart, Direction direction, Trace *trace)
{
	Cusum cusum = { .up.sum = headstart, .down.sum = headstart, .direction = direction };

	for (int32_t i = 0; i < values->n; i++)
	{
		const DayValue *at = &values->days[i];

		cusum_step(&cusum, at->day, standardised(at->value, baseline), k, baseline->mean);
		trace_add(trace, at->day, cusum_side(&cusum)->sum, cusum_side(&cusum)->sum > h);
	}
	return cusum_signal(&cusum, h, values);
}

/* The mean of some values and the squares around it. */
typedef struct Moments
{
	int32_t n;
	double mean;
	double squares;
} Moments;

/* Add a value (Welford 1962). */
static void
moments_add(Moments *moments, double value)
{
	double distance = value - moments->mean;

	moments->n++;
	moments->mean += distance / moments->n;
	moments->squares += distance * (value - moments->mean);
}

/* The value that is as unusual in a normal distribution as a value is after others. */
static double
as_normal(const Moments *before, double value)
{
	double sd = sqrt(before->squares / (before->n - 1));
	double n = before->n + 1.0;

	return student_to_normal((value - before->mean) / sd * sqrt((n - 1.0) / n), n - 2.0);
}

/* The power of two by which values become at most 1, so that their squares have a float8. */
static int
largest_exponent(const DayValue *days, int32_t n)
{
	double largest = 0.0;
	int exponent;

	for (int32_t i = 0; i < n; i++)
		largest = fmax(largest, fabs(days[i].value));
	frexp(largest, &exponent);
	return exponent;
}

/*
 * The CUSUM that learns the mean and standard deviation from the values before
 * (Hawkins 1987).  While these are all equal a value is learnt from, and not
 * compared.  Overwrites the values.
 */
Signal
detect_self_starting(DayValue *days, int32_t n, double k, double h, Direction direction,
					 Trace *trace)
{
	Cusum cusum = { .direction = direction };
	Moments before = { .n = 0 };
	DayValues values = { n, days };
	int exponent = largest_exponent(days, n);
	Signal signal;

	for (int32_t i = 0; i < n; i++)
	{
		days[i].value = ldexp(days[i].value, -exponent);
		if (before.n >= LEAST_VALUES - 1 && before.squares > 0.0)
			cusum_step(&cusum, days[i].day, as_normal(&before, days[i].value), k, before.mean);
		moments_add(&before, days[i].value);
		trace_add(trace, days[i].day, cusum_side(&cusum)->sum, cusum_side(&cusum)->sum > h);
	}
	signal = cusum_signal(&cusum, h, &values);
	signal.shift = ldexp(signal.shift, exponent);
	return signal;
}

/*
 * EWMA
 */

/* The limit after n values. */
static double
ewma_limit_after(int32_t n, double lambda, double l)
{
	return l * sqrt(lambda / (2.0 - lambda) * (1.0 - pow(1.0 - lambda, 2.0 * n)));
}

/* A smoothed mean with limits that widen as it settles (Roberts 1959; Lucas and Saccucci 1990). */
Signal
detect_ewma(const DayValues *values, double lambda, double l, const Baseline *baseline,
			Direction direction, Trace *trace)
{
	double smooth = 0.0;
	int32_t crossed = 0; /* the day on which it came to the side where it is */
	Signal signal = { .statistic = 0.0, .lim = ewma_limit_after(0, lambda, l) };

	for (int32_t i = 0; i < values->n; i++)
	{
		double before = smooth;

		smooth = (1.0 - lambda) * smooth + lambda * standardised(values->days[i].value, baseline);
		if (i == 0 || side_of(before) != side_of(smooth))
			crossed = values->days[i].day;
		signal.statistic = oriented(smooth, direction);
		signal.lim = ewma_limit_after(i + 1, lambda, l);
		signal.alarm = signal.statistic > signal.lim;
		trace_add(trace, values->days[i].day, signal.statistic, signal.alarm);
	}
	if (signal.alarm)
	{
		signal.since = crossed;
		signal.shift = mean_since(values, crossed) - baseline->mean;
	}
	return signal;
}

/*
 * Last values
 */

/* Values in a row of which something holds. */
typedef struct ValueRun
{
	int32_t length;
	int32_t first; /* day */
} ValueRun;

/* Go on with a run, begin another one, or end it. */
static void
run_step(ValueRun *run, int32_t day, bool holds, bool goes_on)
{
	if (!holds)
		run->length = 0;
	else if (goes_on && run->length > 0)
		run->length++;
	else
		*run = (ValueRun){ 1, day };
}

/* Individual values beyond a limit (Shewhart 1931), or so many in a row on one side of the mean. */
Signal
detect_shewhart(const DayValues *values, double l, int32_t runs, const Baseline *baseline,
				Direction direction, Trace *trace)
{
	ValueRun side = { .length = 0 };
	ValueRun beyond = { .length = 0 };
	double before = 0.0;
	Signal signal = { .statistic = NAN, .lim = l };

	for (int32_t i = 0; i < values->n; i++)
	{
		int32_t day = values->days[i].day;
		double z = standardised(values->days[i].value, baseline);
		bool same = side_of(before) == side_of(z);

		signal.statistic = oriented(z, direction);
		run_step(&side, day, signal.statistic > 0.0, same);
		run_step(&beyond, day, signal.statistic > l, same);
		signal.alarm = beyond.length > 0 || (runs > 0 && side.length >= runs);
		before = z;
		trace_add(trace, day, signal.statistic, signal.alarm);
	}
	if (signal.alarm)
	{
		signal.since = runs > 0 && side.length >= runs ? side.first : beyond.first;
		signal.shift = mean_since(values, signal.since) - baseline->mean;
	}
	return signal;
}

/*
 * How far the last value is from the first, in standard errors of a difference
 * between two measurements (Jacobson and Truax 1991).
 */
Signal
detect_reliable_change(const DayValues *values, double sd, double reliability, double l,
					   Direction direction, Trace *trace)
{
	Baseline first = { .mean = values->n > 0 ? values->days[0].value : 0.0,
					   .sd = sd * sqrt(2.0 * (1.0 - reliability)) };

	return detect_shewhart(values, l, 0, &first, direction, trace);
}

/* The value of a trajectory on a day: on a straight line between its days, as on its ends beyond them. */
static double
expected_on(const DayValues *expected, int32_t *next, int32_t day)
{
	const DayValue *after;
	double share;

	while (*next < expected->n && expected->days[*next].day < day)
		++*next;
	if (*next == expected->n)
		return expected->days[*next - 1].value;
	after = &expected->days[*next];
	if (*next == 0 || after->day == day)
		return after->value;
	share = ((double) after->day - day) / ((double) after->day - after[-1].day);
	return share * after[-1].value + (1.0 - share) * after->value;
}

/* How far the last distance from what was expected is beyond a band. */
static Signal
beyond_band(const DayValues *distances, double band, Direction direction, Trace *trace)
{
	return detect_shewhart(distances, band, 0, &(Baseline){ .mean = 0.0, .sd = 1.0 }, direction,
						   trace);
}

/*
 * How far the last value is beyond an expected trajectory that has a day.
 * Overwrites the values.
 */
Signal
detect_off_track(DayValue *days, int32_t n, const DayValues *expected, double band,
				 Direction direction, Trace *trace)
{
	DayValues distances = { n, days };
	int32_t next = 0;

	for (int32_t i = 0; i < n; i++)
		days[i].value -= expected_on(expected, &next, days[i].day);
	return beyond_band(&distances, band, direction, trace);
}

/*
 * How far the last value is beyond a gain that is expected after the first:
 * over some days in all, as the logarithm of time, so most of it early (Howard
 * and others 1986), and none after that.  Worse is in the direction, which is
 * not both.  Overwrites the values.
 */
Signal
detect_off_gain(DayValue *days, int32_t n, double gain, int32_t over, double band,
				Direction direction, Trace *trace)
{
	double better = direction == DIRECTION_UP ? -gain : gain;
	double before = n > 0 ? days[0].value : 0.0;
	int32_t start = n > 0 ? days[0].day : 0;

	for (int32_t i = 0; i < n; i++)
	{
		double since = fmin((double) days[i].day - start, over);

		days[i].value -= before + better * log1p(since) / log1p(over);
	}
	return beyond_band(&(DayValues){ n, days }, band, direction, trace);
}
