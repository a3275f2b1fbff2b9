/*
 * Detectors outside the server, each against its definition read off an array,
 * day by day and without a recursion where there is one: a CUSUM is the
 * largest of all sums that end today, a moving average a weighted sum, a
 * window is counted afresh each day.  SEED=n repeats a run.
 */
#include "signal/detector.h"

#include <float.h>
#include <math.h>

#include "model.h"

#include "signal/distribution.h"
#include "signal/run_length.h"

/* Values of a made-up series. */
#define MOST_VALUES 120

static DayValue days[MOST_VALUES];
static int ndays;
static double traced[MODEL_DAYS];
static Model model;
static Calendar calendar;

/* Whether two numbers, or two that are none, agree. */
static bool
same(double a, double b)
{
	return (isnan(a) && isnan(b)) || fabs(a - b) <= 1e-9 * (1 + fabs(b));
}

/* A random number in a range. */
static double
real_between(double low, double high)
{
	return low + (high - low) * (double) (random_bits() >> 11) / 9007199254740992.0;
}

/* A new trace. */
static Trace
tracing(void)
{
	return (Trace){ .statistics = traced };
}

/* Check that a signal is what it must be, and that a trace ends with it. */
static void
check_signal(const Signal *got, bool alarm, double statistic, double lim, const char *about)
{
	check(got->alarm == alarm && same(got->statistic, statistic) && same(got->lim, lim),
		  "%s: got %d %.12g of %.12g, wanted %d %.12g of %.12g", about, got->alarm, got->statistic,
		  got->lim, alarm, statistic, lim);
}

/* Check when a change began, and how large it is. */
static void
check_onset(const Signal *got, int64_t since, double shift, const char *about)
{
	if (got->alarm)
		check(got->since == since && same(got->shift, shift),
			  "%s: got since %d shift %.12g, wanted %" PRId64 " %.12g", about, got->since,
			  got->shift, since, shift);
}

/*
 * Series
 */

/* Make up a series: gaps, plateaus, jumps. */
static void
make_series(void)
{
	int32_t day = (int32_t) between(-1000, 10000);
	double level = 0;

	ndays = (int) between(0, MOST_VALUES);
	for (int i = 0; i < ndays; i++)
	{
		day += (int32_t) (percent(70) ? 1 : between(1, 40));
		if (percent(5))
			level = real_between(-3, 3);
		days[i] = (DayValue){ day, percent(20) ? level : level + real_between(-2, 2) };
		if (percent(5))
			days[i].value = (double) between(-1, 1);
	}
}

/* The side of a distance that is looked at. */
static double
facing(double distance, Direction direction)
{
	return direction == DIRECTION_BOTH ? fabs(distance)
		   : direction == DIRECTION_UP ? distance
									   : -distance;
}

/* The mean of values from the i-th on. */
static double
mean_from(int i)
{
	double sum = 0;

	for (int j = i; j < ndays; j++)
		sum += days[j].value;
	return sum / (ndays - i);
}

/*
 * One side of a CUSUM after n values: the largest of all sums of (sign z - k)
 * that end there, of none (0), and of all with the headstart; the first value
 * of the shortest of these.
 */
static double
largest_sum(int n, double k, double sign, double headstart, const Baseline *baseline, int *first)
{
	double sum = 0;
	double largest = 0;

	*first = n;
	for (int i = n - 1; i >= 0; i--)
	{
		sum += sign * (days[i].value - baseline->mean) / baseline->sd - k;
		if (sum > largest)
		{
			largest = sum;
			*first = i;
		}
	}
	if (headstart > 0 && sum + headstart > largest)
	{
		largest = sum + headstart;
		*first = 0;
	}
	return largest;
}

/* A CUSUM after n values on the side that is looked at. */
static double
cusum_after(int n, double k, double headstart, const Baseline *baseline, Direction direction,
			int *first)
{
	int first_down;
	double up = largest_sum(n, k, 1, headstart, baseline, first);
	double down = largest_sum(n, k, -1, headstart, baseline, &first_down);

	if (direction == DIRECTION_UP || (direction == DIRECTION_BOTH && up >= down))
		return up;
	*first = first_down;
	return down;
}

static void
test_cusum(void)
{
	for (int i = 0; i < 3000; i += stride())
	{
		double k = percent(20) ? 0 : real_between(0, 1);
		double h = real_between(0, 6);
		double headstart = percent(50) ? 0 : real_between(0, h);
		Baseline baseline = { real_between(-1, 1), real_between(0.2, 3) };
		Direction direction = (Direction) between(0, 2);
		DayValues values = { 0, days };
		Trace trace = tracing();
		Signal got;
		double wanted;
		int first;

		make_series();
		values.n = ndays;
		got = detect_cusum(&values, k, h, &baseline, headstart, direction, &trace);
		wanted = cusum_after(ndays, k, headstart, &baseline, direction, &first);
		if (ndays > 0 && fabs(wanted - h) > 1e-9)
		{
			check_signal(&got, wanted > h, wanted, h, "CUSUM");
			check_onset(&got, days[first < ndays ? first : 0].day,
						mean_from(first < ndays ? first : 0) - baseline.mean, "CUSUM");
		}
		check(trace.n == ndays, "trace");
		for (int n = 1; n <= ndays; n++)
			check(same(traced[n - 1], cusum_after(n, k, headstart, &baseline, direction, &first)),
				  "CUSUM after %d values", n);
	}
	check_signal(&(Signal){ false, 2, 4, 0, 0 }, false, 2, 4, "itself");
	end_test("CUSUM");
}

/* Hawkins' transform of a value after the first n, from sums over these; NAN where there is none. */
static double
hawkins(int n, double value)
{
	double mean = 0;
	double squares = 0;

	for (int i = 0; i < n; i++)
		mean += days[i].value / n;
	for (int i = 0; i < n; i++)
		squares += (days[i].value - mean) * (days[i].value - mean);
	if (n < 2 || squares < 1e-20)
		return NAN;
	return student_to_normal((value - mean) / sqrt(squares / (n - 1)) * sqrt(n / (n + 1.0)),
							 n - 1.0);
}

static void
test_self_starting(void)
{
	for (int i = 0; i < 1500; i += stride())
	{
		double k = real_between(0, 1);
		double h = real_between(0, 6);
		double scale = percent(50) ? 1 : ldexp(1, (int) between(-900, 900));
		double up = 0;
		double down = 0;
		Trace trace = tracing();
		DayValue copy[MOST_VALUES];
		double normal[MOST_VALUES] = { 0 };
		Signal got;

		make_series();
		for (int n = 0; n < ndays; n++)
		{
			copy[n] = (DayValue){ days[n].day, days[n].value * scale };
			normal[n] = hawkins(n, days[n].value);
		}
		got = detect_self_starting(copy, ndays, k, h, DIRECTION_BOTH, &trace);
		check(trace.n == ndays, "trace");
		for (int n = 0; n < ndays; n++)
		{
			if (!isnan(normal[n]))
			{
				up = fmax(0, up + normal[n] - k);
				down = fmax(0, down - normal[n] - k);
			}
			check(fabs(traced[n] - fmax(up, down)) < 1e-7, "after %d values: %.12g for %.12g",
				  n + 1, traced[n], fmax(up, down));
		}
		check(got.alarm == (got.statistic > h), "alarm");
		check(!got.alarm || (isfinite(got.shift) && got.since <= days[ndays - 1].day), "onset");
	}
	end_test("self-starting CUSUM");
}

/* Values that are all the same, and then are not; values at the ends of their range. */
static void
test_self_starting_ends(void)
{
	DayValue flat[] = { { 1, 36.6 }, { 2, 36.6 }, { 3, 36.6 }, { 4, 90 }, { 5, 36.6 }, { 6, 90 } };
	DayValue wide[] = { { 1, DBL_MAX },	 { 2, -DBL_MAX }, { 3, DBL_MAX },
						{ 4, -DBL_MAX }, { 5, 5e-324 },	  { 6, DBL_MAX } };
	DayValue tiny[] = { { 1, 5e-324 }, { 2, 0 }, { 3, 5e-324 }, { 4, 0 }, { 5, 5e-324 } };
	Trace trace = tracing();
	Signal got = detect_self_starting(flat, 6, 0, 100, DIRECTION_UP, &trace);

	check(traced[0] == 0 && traced[1] == 0 && traced[2] == 0 && traced[3] == 0,
		  "all the same: nothing to compare with");
	check(traced[4] >= 0 && traced[5] > 0 && got.statistic == traced[5], "and then there is");
	trace = tracing();
	got = detect_self_starting(wide, 6, .5, 1, DIRECTION_BOTH, &trace);
	check(isfinite(got.statistic) && got.statistic < 40, "as large as they come");
	trace = tracing();
	got = detect_self_starting(tiny, 5, .5, 1, DIRECTION_BOTH, &trace);
	check(isfinite(got.statistic) && got.statistic > 0, "as small: %g", got.statistic);
	trace = tracing();
	got = detect_self_starting(tiny, 0, .5, 1, DIRECTION_BOTH, &trace);
	check(!got.alarm && got.statistic == 0, "none");
	end_test("self-starting CUSUM at the ends");
}

/* Values of the longest game. */
#define LONGEST_GAME 40000

/* The values that a self-starting CUSUM reads until it alarms, from the very first on. */
static int
play_self_starting(double h, int guess)
{
	static DayValue game[LONGEST_GAME];
	static DayValue copy[LONGEST_GAME];
	static double after[LONGEST_GAME];
	int n = 0;

	for (int until = guess; until <= LONGEST_GAME; until *= 3)
	{
		Trace trace = { .statistics = after };

		for (; n < until; n++)
			game[n] = (DayValue){ n, sqrt(-2 * log(1 - real_between(0, 1))) *
										 cos(2 * M_PI * real_between(0, 1)) };
		memcpy(copy, game, sizeof(DayValue) * (size_t) n);
		detect_self_starting(copy, n, .5, h, DIRECTION_BOTH, &trace);
		for (int i = 0; i < n; i++)
			if (after[i] > h)
				return i + 1;
	}
	return LONGEST_GAME;
}

/*
 * Without any baseline its run lengths are those of a CUSUM that knows mean
 * and standard deviation: 168 and 465.  The games are the same in every run.
 */
static void
test_self_starting_arl(void)
{
	static const double schemes[][3] = { { 4, 167.684, 256 }, { 5, 465.444, 700 } };
	uint64_t random = tap.random;
	int games = 8000 / stride() / stride();

	tap.random = 1987;
	for (int i = 0; i < 2; i++)
	{
		double wanted = schemes[i][1];
		double sum = 0;

		for (int game = 0; game < games; game++)
			sum += play_self_starting(schemes[i][0], (int) schemes[i][2]);
		/* Fewer games, as under valgrind, are less exact. */
		check(fabs(sum / games - wanted) <= (stride() == 1 ? .03 : .45) * wanted,
			  "h %g: %.2f for %.2f", schemes[i][0], sum / games, wanted);
	}
	tap.random = random;
	end_test("run lengths of the self-starting CUSUM without a baseline");
}

static void
test_ewma(void)
{
	for (int i = 0; i < 2000; i += stride())
	{
		double lambda = percent(10) ? 1 : real_between(0.01, 1);
		double l = real_between(0, 4);
		Baseline baseline = { real_between(-1, 1), real_between(0.2, 3) };
		Direction direction = (Direction) between(0, 2);
		DayValues values = { 0, days };
		Trace trace = tracing();
		double smooth[MOST_VALUES + 1] = { 0 };
		double variance = 0;
		int first;
		Signal got;

		make_series();
		values.n = ndays;
		for (int n = 1; n <= ndays; n++)
			for (int j = 1; j <= n; j++)
				smooth[n] += lambda * pow(1 - lambda, n - j) * (days[j - 1].value - baseline.mean) /
							 baseline.sd;
		for (int j = 0; j < ndays; j++)
			variance += pow(lambda * pow(1 - lambda, j), 2);
		got = detect_ewma(&values, lambda, l, &baseline, direction, &trace);
		check(trace.n == ndays, "trace");
		for (int n = 1; n <= ndays; n++)
			check(same(traced[n - 1], facing(smooth[n], direction)), "EWMA after %d values", n);
		if (fabs(got.statistic - got.lim) < 1e-9)
			continue;
		check_signal(&got, facing(smooth[ndays], direction) > l * sqrt(variance),
					 facing(smooth[ndays], direction), l * sqrt(variance), "EWMA");
		for (first = ndays; first > 1 && (smooth[first - 1] > 0) == (smooth[ndays] > 0); first--)
			;
		if (ndays > 0)
			check_onset(&got, days[first - 1].day, mean_from(first - 1) - baseline.mean, "EWMA");
	}
	end_test("EWMA");
}

/* How many values in a row, the last one included, are on a side of the mean beyond a limit. */
static int
values_in_a_row(double sign, double limit, const Baseline *baseline)
{
	int n = 0;

	while (n < ndays && sign * (days[ndays - 1 - n].value - baseline->mean) / baseline->sd > limit)
		n++;
	return n;
}

static void
test_shewhart(void)
{
	for (int i = 0; i < 5000; i += stride())
	{
		double l = real_between(0, 3);
		int runs = percent(30) ? 0 : (int) between(1, 10);
		Baseline baseline = { (double) between(-1, 1), percent(50) ? 1 : real_between(0.2, 3) };
		Direction direction = (Direction) between(0, 2);
		double sign;
		double z;
		int beyond;
		int on_side;
		DayValues values = { 0, days };
		Trace trace = tracing();
		Signal got;

		make_series();
		values.n = ndays;
		got = detect_shewhart(&values, l, runs, &baseline, direction, &trace);
		if (ndays == 0)
		{
			check_signal(&got, false, NAN, l, "no value");
			continue;
		}
		z = (days[ndays - 1].value - baseline.mean) / baseline.sd;
		sign = direction == DIRECTION_BOTH ? (z > 0 ? 1 : -1) : direction == DIRECTION_UP ? 1 : -1;
		beyond = values_in_a_row(sign, l, &baseline);
		on_side = values_in_a_row(sign, 0, &baseline);
		check_signal(&got, beyond > 0 || (runs > 0 && on_side >= runs), facing(z, direction), l,
					 "Shewhart");
		if (got.alarm)
		{
			int length = runs > 0 && on_side >= runs ? on_side : beyond;

			check_onset(&got, days[ndays - length].day, mean_from(ndays - length) - baseline.mean,
						"Shewhart");
		}
		for (int n = 0; n < ndays; n++)
			check(same(traced[n], facing((days[n].value - baseline.mean) / baseline.sd, direction)),
				  "value %d", n);
	}
	end_test("Shewhart chart with runs");
}

static void
test_reliable_change(void)
{
	DayValue scores[] = { { 1, 47.5 }, { 2, 40 }, { 9, 32.5 } };
	DayValues values = { 3, scores };
	Trace trace = tracing();
	/* Jacobson and Truax 1991, p. 14: 47.5 before, 32.5 after, sd 7.5, reliability .80: RC = -3.16 */
	Signal got = detect_reliable_change(&values, 7.5, .8, 1.96, DIRECTION_DOWN, &trace);

	check(got.alarm && fabs(got.statistic - 3.16) < .005, "RC is %g", got.statistic);
	check(got.since == 9 && got.shift == -15, "since %d, %g", got.since, got.shift);
	check(trace.n == 3 && traced[0] == 0 && fabs(traced[1] - 1.58) < .005, "trace");
	trace = tracing();
	got = detect_reliable_change(&values, 7.5, .8, 1.96, DIRECTION_UP, &trace);
	check(!got.alarm && fabs(got.statistic + 3.16) < .005, "the other way");
	values.n = 0;
	got = detect_reliable_change(&values, 7.5, .8, 1.96, DIRECTION_BOTH, &trace);
	check(!got.alarm && isnan(got.statistic), "no value");
	end_test("reliable change");
}

static void
test_off_track(void)
{
	static const DayValue path[] = { { 10, 20 }, { 20, 40 }, { 30, 40 } };
	static const double on_path[][2] = { { 5, 20 },	 { 10, 20 }, { 11, 22 }, { 15, 30 }, { 20, 40 },
										 { 29, 40 }, { 30, 40 }, { 99, 40 }, { 1e6, 40 } };
	DayValues expected = { 3, path };
	DayValue copy[9];
	Trace trace = tracing();
	Signal got;

	for (int i = 0; i < 9; i++)
		copy[i] = (DayValue){ (int32_t) on_path[i][0], on_path[i][1] - i };
	got = detect_off_track(copy, 9, &expected, 4, DIRECTION_DOWN, &trace);
	for (int i = 0; i < 9; i++)
		check(same(traced[i], i), "day %g", on_path[i][0]);
	check_signal(&got, true, 8, 4, "off track");
	check_onset(&got, 29, -6.5, "off track");
	end_test("off track");
}

/*
 * Calendars
 */

static void
make_calendar(void)
{
	Habits habits = random_habits();
	int n = (int) between(0, 120);

	random_model(&model, random_first(n), n, &habits);
	calendar = model_calendar(&model, model_width(&model));
}

/* Whether the i-th day is planned, and whether something is known of it. */
static bool
planned(int i)
{
	return model.days[i][PRESCRIBED] > 0 && model.days[i][EXCUSING] == 0;
}

static bool
is_seen(int i)
{
	return planned(i) && (model.days[i][TAKEN] > 0 || model.days[i][MISSED] > 0);
}

static void
test_runs(void)
{
	for (int c = 0; c < 4000; c += stride())
	{
		int n = (int) between(1, 6);
		int missed = 0;
		int unrecorded = 0;
		int64_t missed_since = 0;
		int64_t unrecorded_since = 0;
		int values = 0;
		int all = 0;
		Trace trace = tracing();
		Signal got;

		make_calendar();
		got = detect_missed_run(&calendar, n, &trace);
		for (int i = 0; i < model.ndays; i++)
			values += is_seen(i);
		check(trace.n == values, "trace");
		for (int i = model.ndays - 1; i >= 0; i--)
		{
			if (!is_seen(i))
				continue;
			if (model.days[i][TAKEN] > 0)
				break;
			missed++;
			missed_since = model.first + i;
		}
		check_signal(&got, missed >= n, missed, n, "missed");
		check_onset(&got, missed_since, NAN, "missed");
		check(values == 0 || traced[values - 1] == missed, "end of trace");

		trace = tracing();
		got = detect_unrecorded_run(&calendar, n, &trace);
		for (int i = 0; i < model.ndays; i++)
			all += planned(i);
		check(trace.n == all, "trace");
		for (int i = model.ndays - 1; i >= 0 && !is_seen(i); i--)
			if (planned(i))
			{
				unrecorded++;
				unrecorded_since = model.first + i;
			}
		check_signal(&got, unrecorded >= n, unrecorded, n, "unrecorded");
		check_onset(&got, unrecorded_since, NAN, "unrecorded");
		release_all();
	}
	end_test("runs");
}

/* The rate of the known days from one day up to another, and the first of them that fell short. */
static double
rate_between(int64_t from, int64_t until, int64_t *first_short)
{
	int taken = 0;
	int prescribed = 0;

	*first_short = INT64_MIN;
	for (int i = 0; i < model.ndays; i++)
	{
		const int *day = model.days[i];

		if (model.first + i < from || model.first + i > until || !is_seen(i))
			continue;
		prescribed += day[PRESCRIBED];
		taken += day[TAKEN] < day[PRESCRIBED] ? day[TAKEN] : day[PRESCRIBED];
		if (day[TAKEN] < day[PRESCRIBED] && *first_short == INT64_MIN)
			*first_short = model.first + i;
	}
	return prescribed == 0 ? NAN : (double) taken / prescribed;
}

/* Days of more than enough from one day up to another, and the first of them. */
static int
over_between(int64_t from, int64_t until, int64_t *first)
{
	int n = 0;

	for (int i = model.ndays - 1; i >= 0; i--)
		if (model.first + i >= from && model.first + i <= until && planned(i) &&
			model.days[i][TAKEN] > model.days[i][PRESCRIBED])
		{
			n++;
			*first = model.first + i;
		}
	return n;
}

static void
test_windows(void)
{
	for (int c = 0; c < 3000; c += stride())
	{
		int length = (int) (percent(80) ? between(1, 30) : between(1, 73050));
		int before = (int) between(1, 40);
		int n = (int) between(1, 4);
		double rate = real_between(0, 1);
		int64_t as_of;
		int64_t since;
		int64_t ignored;
		double now;
		double then;
		int over;
		int value = 0;
		Trace trace = tracing();
		Signal got;

		make_calendar();
		as_of = percent(10) ? INT32_MAX : model.first + model.ndays - 1 + between(0, 40);
		now = rate_between(as_of - length + 1, as_of, &since);
		then = rate_between(as_of - length - before + 1, as_of - length, &ignored);
		got = detect_rate_below(&calendar, as_of, length, rate, &trace);
		check_signal(&got, now < rate, now, rate, "rate below");
		check_onset(&got, since, now - rate, "rate below");
		for (int i = 0; i < model.ndays; i++)
			if (is_seen(i))
				check(same(traced[value++],
						   rate_between(model.first + i - length + 1, model.first + i, &ignored)),
					  "rate on day %d", i);
		check(trace.n == value, "trace");

		trace = tracing();
		value = 0;
		got = detect_rate_drop(&calendar, as_of, length, before, rate, &trace);
		check_signal(&got, then - now > rate, then - now, rate, "rate drop");
		check_onset(&got, since, now - then, "rate drop");
		for (int i = 0; i < model.ndays; i++)
		{
			int64_t day = model.first + i;

			if (is_seen(i))
				check(same(traced[value++],
						   rate_between(day - length - before + 1, day - length, &ignored) -
							   rate_between(day - length + 1, day, &ignored)),
					  "drop on day %d", i);
		}

		trace = tracing();
		value = 0;
		over = over_between(as_of - length + 1, as_of, &since);
		got = detect_over_use(&calendar, as_of, length, n, &trace);
		check_signal(&got, over >= n, over, n, "over-use");
		check_onset(&got, since, NAN, "over-use");
		for (int i = 0; i < model.ndays; i++)
			if (is_seen(i))
				check(traced[value++] ==
						  over_between(model.first + i - length + 1, model.first + i, &ignored),
					  "over-use on day %d", i);
		release_all();
	}
	end_test("windows");
}

/* Whether a known day is not adherent. */
static bool
lapses(int i, double threshold)
{
	return (double) model.days[i][TAKEN] / model.days[i][PRESCRIBED] < threshold;
}

static void
test_miss_cusum(void)
{
	for (int c = 0; c < 4000; c += stride())
	{
		int rise = (int) (percent(90) ? between(1, 9) : 1000000000);
		int h = (int) between(1, 30);
		double threshold = percent(50) ? 1 : real_between(0.01, 1);
		int64_t sum = 0;
		int64_t largest = 0;
		int64_t since = 0;
		int misses = 0;
		int values = 0;
		double share = NAN;
		Trace trace = tracing();
		Signal got;

		make_calendar();
		got = detect_miss_cusum(&calendar, rise, .2, h, threshold, &trace);
		for (int i = model.ndays - 1; i >= 0; i--)
		{
			if (!is_seen(i))
				continue;
			values++;
			misses += lapses(i, threshold);
			sum += lapses(i, threshold) ? rise : -1;
			if (sum > largest)
			{
				largest = sum;
				since = model.first + i;
				share = (double) misses / values;
			}
		}
		check_signal(&got, largest >= h, (double) largest, h, "miss CUSUM");
		check_onset(&got, since, share - .2, "miss CUSUM");
		check(trace.n == values && (values == 0 || traced[values - 1] == (double) largest),
			  "trace");
		release_all();
	}
	end_test("CUSUM of misses");
}

static void
test_gaps(void)
{
	for (int c = 0; c < 4000; c += stride())
	{
		GapEvent event = percent(50) ? EVENT_LAPSE : EVENT_ADHERENT;
		double threshold = percent(50) ? 1 : real_between(0.01, 1);
		double p = real_between(0.02, 0.9);
		double limit = real_between(0, 30);
		int gap = 0;
		int64_t since = 0;
		Trace trace = tracing();
		Signal got;

		make_calendar();
		got = detect_gap(&calendar, p, limit, event, threshold, &trace);
		for (int i = model.ndays - 1; i >= 0; i--)
		{
			if (!is_seen(i))
				continue;
			since = model.first + i;
			if (lapses(i, threshold) == (event == EVENT_LAPSE))
				break;
			gap++;
		}
		check_signal(&got, gap > limit, gap, limit, "g-chart");
		check_onset(&got, since, 1.0 / (gap + 1) - p, "g-chart");
		check(trace.n == 0 || traced[trace.n - 1] == gap, "end of trace");
		release_all();
	}
	end_test("days between events");
}

/* A trace that is not wanted is not written. */
static void
test_no_trace(void)
{
	DayValue values[] = { { 1, 0 }, { 2, 9 } };
	DayValues series = { 2, values };
	Trace none = { .statistics = NULL };
	Signal got = detect_cusum(&series, .5, 4, &(Baseline){ 0, 1 }, 0, DIRECTION_UP, &none);

	check(got.alarm && got.statistic == 8.5 && got.since == 2 && got.shift == 9, "no trace");
	check(none.n == 2, "values are counted all the same");
	end_test("without a trace");
}

int
main(void)
{
	start_random();
	test_cusum();
	test_self_starting();
	test_self_starting_ends();
	test_self_starting_arl();
	test_ewma();
	test_shewhart();
	test_reliable_change();
	test_off_track();
	test_runs();
	test_windows();
	test_miss_cusum();
	test_gaps();
	test_no_trace();
	release_all();
	return end_tests();
}
