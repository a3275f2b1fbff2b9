/*
 * The detectors of SQL.  Each function reads its arguments, cuts the series
 * or calendar off after as_of, calls a detector of detector.h and makes a row
 * of its answer.
 */
#include "signal/signal.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "adherence/adherence.h"
#include "signal/detector.h"
#include "signal/run_length.h"
#include "signal/series.h"

/* Columns of the type signal. */
#define SIGNAL_COLUMNS 6

/*
 * Arguments
 */

/* The calendar that is argument 0, up to the day that is argument 1. */
static Calendar
calendar_until(FunctionCallInfo fcinfo)
{
	Calendar calendar = calendar_arg(fcinfo, 0);

	return calendar_slice(&calendar, PG_INT64_MIN, (int64) PG_GETARG_DATEADT(1) + 1);
}

/* The means of the days of a series, up to a day. */
DayValue *
series_means(const PackedSeries *series, DateADT as_of, int32 *count)
{
	/* A packed day takes a byte at least. */
	DayValue *days = palloc_array(DayValue, Min(series->size, SERIES_MAX_DAYS) + 1);
	SeriesScan scan;

	*count = 0;
	scan_start(&scan, series);
	while (*count < SERIES_MAX_DAYS && scan_next(&scan) && scan.here.day <= as_of)
	{
		CHECK_FOR_INTERRUPTS();
		days[(*count)++] =
			(DayValue){ scan.here.day, exact_to_double(&scan.here.sum, scan.here.count) };
	}
	if (scan.is_damaged)
		series_damaged();
	return days;
}

/* The means of the days of the series that is the n-th argument, up to a day. */
static DayValue *
means_until(FunctionCallInfo fcinfo, int n, DateADT as_of, int32 *count)
{
	PackedSeries series = series_arg(fcinfo, n);

	return series_means(&series, as_of, count);
}

/* The values of the series that is argument 0, up to the day that is argument 1. */
static DayValues
values_until(FunctionCallInfo fcinfo)
{
	int32 n;
	const DayValue *days = means_until(fcinfo, 0, PG_GETARG_DATEADT(1), &n);

	return (DayValues){ n, days };
}

/* A trace with room for so many values, if the n-th argument wants one. */
static Trace
trace_arg(FunctionCallInfo fcinfo, int n, int32 room)
{
	return (Trace){ .statistics = PG_GETARG_BOOL(n) ? palloc_array(double, room + 1) : NULL };
}

/* The position among some words of the text that is the n-th argument. */
static int
word_arg(FunctionCallInfo fcinfo, int n, const char *name, const char *const *words, int nwords,
		 const char *detail)
{
	char *word = text_to_cstring(PG_GETARG_TEXT_PP(n));

	for (int i = 0; i < nwords; i++)
		if (strcmp(word, words[i]) == 0)
			return i;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid %s: \"%s\"", name, text_excerpt(word)), errdetail("%s", detail)));
}

/* A direction. */
static Direction
direction_arg(FunctionCallInfo fcinfo, int n)
{
	static const char *const words[] = {
		[DIRECTION_UP] = "up", [DIRECTION_DOWN] = "down", [DIRECTION_BOTH] = "both"
	};

	return (Direction) word_arg(fcinfo, n, "direction", words, lengthof(words),
								"It must be \"up\", \"down\" or \"both\".");
}

/* What a g-chart counts the days between. */
static GapEvent
event_arg(FunctionCallInfo fcinfo, int n)
{
	static const char *const words[] = { [EVENT_LAPSE] = "missed", [EVENT_ADHERENT] = "adherent" };

	return (GapEvent) word_arg(fcinfo, n, "event", words, lengthof(words),
							   "It must be \"missed\" or \"adherent\".");
}

/* A mean and a standard deviation, from the n-th argument on. */
static Baseline
baseline_arg(FunctionCallInfo fcinfo, int n)
{
	return (Baseline){ .mean = check_finite("mean", PG_GETARG_FLOAT8(n)),
					   .sd = check_positive("sd", PG_GETARG_FLOAT8(n + 1)) };
}

/* A number of days that is the n-th argument. */
static int32
days_arg(FunctionCallInfo fcinfo, int n, const char *name)
{
	return check_whole(name, PG_GETARG_INT32(n), 1, CALENDAR_MAX_DAYS);
}

/*
 * Results
 */

/* A trace as an array, NULL where there is no statistic. */
static Datum
trace_array(const Trace *trace)
{
	Datum *values = palloc_array(Datum, trace->n + 1);
	bool *nulls = palloc_array(bool, trace->n + 1);
	int dims[] = { trace->n };
	int bounds[] = { 1 };

	for (int32 i = 0; i < trace->n; i++)
	{
		values[i] = Float8GetDatum(trace->statistics[i]);
		nulls[i] = isnan(trace->statistics[i]);
	}
	return PointerGetDatum(construct_md_array(values, nulls, trace->n > 0 ? 1 : 0, dims, bounds,
											  FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL,
											  TYPALIGN_DOUBLE));
}

/* What a detector says as a row: alarm, statistic, lim, since, shift, trace. */
static Datum
signal_row(FunctionCallInfo fcinfo, const Signal *signal, const Trace *trace)
{
	Datum values[SIGNAL_COLUMNS] = { BoolGetDatum(signal->alarm), Float8GetDatum(signal->statistic),
									 Float8GetDatum(signal->lim), DateADTGetDatum(signal->since),
									 Float8GetDatum(signal->shift) };
	bool nulls[SIGNAL_COLUMNS] = { false,
								   isnan(signal->statistic),
								   false,
								   !signal->alarm,
								   !signal->alarm || !isfinite(signal->shift),
								   trace->statistics == NULL };
	TupleDesc desc;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE ||
		desc->natts != SIGNAL_COLUMNS)
		elog(ERROR, "a detector must return a signal");
	if (trace->statistics != NULL)
		values[SIGNAL_COLUMNS - 1] = trace_array(trace);
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls));
}

/*
 * Calendars
 */

PG_FUNCTION_INFO_V1(signal_missed_run);

/* Planned days in a row that are known to be missed. */
Datum
signal_missed_run(PG_FUNCTION_ARGS)
{
	Calendar calendar = calendar_until(fcinfo);
	int32 n = check_whole("n", PG_GETARG_INT32(2), 1, RUN_MAX);
	Trace trace = trace_arg(fcinfo, 3, calendar.ndays);
	Signal signal = detect_missed_run(&calendar, n, &trace);

	return signal_row(fcinfo, &signal, &trace);
}

PG_FUNCTION_INFO_V1(signal_unrecorded_run);

/* Planned days in a row of which nothing is known. */
Datum
signal_unrecorded_run(PG_FUNCTION_ARGS)
{
	Calendar calendar = calendar_until(fcinfo);
	int32 n = check_whole("n", PG_GETARG_INT32(2), 1, RUN_MAX);
	Trace trace = trace_arg(fcinfo, 3, calendar.ndays);
	Signal signal = detect_unrecorded_run(&calendar, n, &trace);

	return signal_row(fcinfo, &signal, &trace);
}

PG_FUNCTION_INFO_V1(signal_rate_below);

/* The rate of a window, where it is low. */
Datum
signal_rate_below(PG_FUNCTION_ARGS)
{
	Calendar calendar = calendar_until(fcinfo);
	int32 days = days_arg(fcinfo, 2, "days");
	double rate = check_within("rate", PG_GETARG_FLOAT8(3), 0.0, 1.0);
	Trace trace = trace_arg(fcinfo, 4, calendar.ndays);
	Signal signal = detect_rate_below(&calendar, PG_GETARG_DATEADT(1), days, rate, &trace);

	return signal_row(fcinfo, &signal, &trace);
}

PG_FUNCTION_INFO_V1(signal_rate_drop);

/* How far the rate of a window is below that of the one before it. */
Datum
signal_rate_drop(PG_FUNCTION_ARGS)
{
	Calendar calendar = calendar_until(fcinfo);
	int32 days = days_arg(fcinfo, 2, "days");
	int32 before = days_arg(fcinfo, 3, "before");
	double drop = check_within("drop", PG_GETARG_FLOAT8(4), 0.0, 1.0);
	Trace trace = trace_arg(fcinfo, 5, calendar.ndays);
	Signal signal = detect_rate_drop(&calendar, PG_GETARG_DATEADT(1), days, before, drop, &trace);

	return signal_row(fcinfo, &signal, &trace);
}

PG_FUNCTION_INFO_V1(signal_over_use);

/* Days of a window on which more was taken than prescribed. */
Datum
signal_over_use(PG_FUNCTION_ARGS)
{
	Calendar calendar = calendar_until(fcinfo);
	int32 days = days_arg(fcinfo, 2, "days");
	int32 n = check_whole("n", PG_GETARG_INT32(3), 1, RUN_MAX);
	Trace trace = trace_arg(fcinfo, 4, calendar.ndays);
	Signal signal = detect_over_use(&calendar, PG_GETARG_DATEADT(1), days, n, &trace);

	return signal_row(fcinfo, &signal, &trace);
}

PG_FUNCTION_INFO_V1(signal_miss_cusum);

/* The Bernoulli CUSUM of planned days that were not adherent. */
Datum
signal_miss_cusum(PG_FUNCTION_ARGS)
{
	Calendar calendar = calendar_until(fcinfo);
	double p0 = PG_GETARG_FLOAT8(2);
	int32 rise = check_lattice(p0, PG_GETARG_FLOAT8(3));
	int32 h = check_lattice_limit(PG_GETARG_FLOAT8(4));
	double threshold = check_part("threshold", PG_GETARG_FLOAT8(5));
	Trace trace = trace_arg(fcinfo, 6, calendar.ndays);
	Signal signal = detect_miss_cusum(&calendar, rise, p0, h, threshold, &trace);

	return signal_row(fcinfo, &signal, &trace);
}

PG_FUNCTION_INFO_V1(signal_g_chart);

/* The days between events. */
Datum
signal_g_chart(PG_FUNCTION_ARGS)
{
	Calendar calendar = calendar_until(fcinfo);
	double p = check_share("p", PG_GETARG_FLOAT8(2));
	double l = check_not_negative("l", PG_GETARG_FLOAT8(3));
	GapEvent event = event_arg(fcinfo, 4);
	double threshold = check_part("threshold", PG_GETARG_FLOAT8(5));
	Trace trace = trace_arg(fcinfo, 6, calendar.ndays);
	Signal signal = detect_gap(&calendar, p, gap_limit(p, l), event, threshold, &trace);

	return signal_row(fcinfo, &signal, &trace);
}

PG_FUNCTION_INFO_V1(signal_silence);

/* The days since an instant, against what a rate of so many a day lets expect. */
Datum
signal_silence(PG_FUNCTION_ARGS)
{
	TimestampTz last_at = PG_GETARG_TIMESTAMPTZ(0);
	TimestampTz as_of = PG_GETARG_TIMESTAMPTZ(1);
	double rate = check_positive("rate", PG_GETARG_FLOAT8(2));
	double alpha = check_share("alpha", PG_GETARG_FLOAT8(3));
	Trace trace = trace_arg(fcinfo, 4, 1);
	Signal signal = { .lim = -log(alpha) / rate, .shift = NAN };

	if (TIMESTAMP_NOT_FINITE(last_at) || TIMESTAMP_NOT_FINITE(as_of))
		ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
						errmsg("last_at and as_of must be finite")));
	signal.statistic = fmax(0.0, ((double) as_of - (double) last_at) / USECS_PER_DAY);
	signal.alarm = signal.statistic > signal.lim;
	signal.since = DatumGetDateADT(DirectFunctionCall1(timestamptz_date, PG_GETARG_DATUM(0)));
	trace_add(&trace, signal.since, signal.statistic, signal.alarm);
	return signal_row(fcinfo, &signal, &trace);
}

/*
 * Series
 */

PG_FUNCTION_INFO_V1(signal_cusum);

/* The CUSUM of a known mean and standard deviation. */
Datum
signal_cusum(PG_FUNCTION_ARGS)
{
	double k = check_not_negative("k", PG_GETARG_FLOAT8(2));
	double h = check_not_negative("h", PG_GETARG_FLOAT8(3));
	Baseline baseline = baseline_arg(fcinfo, 4);
	double headstart = check_within("headstart", PG_GETARG_FLOAT8(6), 0.0, h);
	Direction direction = direction_arg(fcinfo, 7);
	DayValues values = values_until(fcinfo);
	Trace trace = trace_arg(fcinfo, 8, values.n);
	Signal signal = detect_cusum(&values, k, h, &baseline, headstart, direction, &trace);

	return signal_row(fcinfo, &signal, &trace);
}

PG_FUNCTION_INFO_V1(signal_self_starting_cusum);

/* The CUSUM that learns mean and standard deviation as it goes. */
Datum
signal_self_starting_cusum(PG_FUNCTION_ARGS)
{
	double k = check_not_negative("k", PG_GETARG_FLOAT8(2));
	double h = check_not_negative("h", PG_GETARG_FLOAT8(3));
	Direction direction = direction_arg(fcinfo, 4);
	int32 n;
	DayValue *days = means_until(fcinfo, 0, PG_GETARG_DATEADT(1), &n);
	Trace trace = trace_arg(fcinfo, 5, n);
	Signal signal = detect_self_starting(days, n, k, h, direction, &trace);

	return signal_row(fcinfo, &signal, &trace);
}

PG_FUNCTION_INFO_V1(signal_ewma);

/* The smoothed mean. */
Datum
signal_ewma(PG_FUNCTION_ARGS)
{
	double lambda = check_part("lambda", PG_GETARG_FLOAT8(2));
	double l = check_not_negative("l", PG_GETARG_FLOAT8(3));
	Baseline baseline = baseline_arg(fcinfo, 4);
	Direction direction = direction_arg(fcinfo, 6);
	DayValues values = values_until(fcinfo);
	Trace trace = trace_arg(fcinfo, 7, values.n);
	Signal signal = detect_ewma(&values, lambda, l, &baseline, direction, &trace);

	return signal_row(fcinfo, &signal, &trace);
}

PG_FUNCTION_INFO_V1(signal_shewhart);

/* Single values, and runs on one side of the mean. */
Datum
signal_shewhart(PG_FUNCTION_ARGS)
{
	double l = check_not_negative("l", PG_GETARG_FLOAT8(2));
	int32 runs = check_whole("runs", PG_GETARG_INT32(3), 0, RUN_MAX);
	Baseline baseline = baseline_arg(fcinfo, 4);
	Direction direction = direction_arg(fcinfo, 6);
	DayValues values = values_until(fcinfo);
	Trace trace = trace_arg(fcinfo, 7, values.n);
	Signal signal = detect_shewhart(&values, l, runs, &baseline, direction, &trace);

	return signal_row(fcinfo, &signal, &trace);
}

PG_FUNCTION_INFO_V1(signal_reliable_change);

/* The last value against the first, in standard errors of their difference. */
Datum
signal_reliable_change(PG_FUNCTION_ARGS)
{
	double sd = check_positive("sd", PG_GETARG_FLOAT8(2));
	double reliability = PG_GETARG_FLOAT8(3);
	double l = check_not_negative("l", PG_GETARG_FLOAT8(4));
	Direction direction = direction_arg(fcinfo, 5);
	DayValues values = values_until(fcinfo);
	Trace trace = trace_arg(fcinfo, 6, values.n);
	Signal signal;

	if (!(reliability >= 0.0 && reliability < 1.0))
		parameter_error("reliability", reliability, "It must be at least 0 and below 1.");
	signal = detect_reliable_change(&values, sd, reliability, l, direction, &trace);
	return signal_row(fcinfo, &signal, &trace);
}

PG_FUNCTION_INFO_V1(signal_off_track);

/* The last value against what was expected by then. */
Datum
signal_off_track(PG_FUNCTION_ARGS)
{
	double band = check_not_negative("band", PG_GETARG_FLOAT8(3));
	Direction direction = direction_arg(fcinfo, 4);
	int32 n;
	DayValue *days = means_until(fcinfo, 0, PG_GETARG_DATEADT(1), &n);
	DayValues expected;
	Trace trace = trace_arg(fcinfo, 5, n);
	Signal signal = { .statistic = NAN, .lim = band };

	expected.days = means_until(fcinfo, 2, DATEVAL_NOEND, &expected.n);
	if (expected.n > 0)
		signal = detect_off_track(days, n, &expected, band, direction, &trace);
	return signal_row(fcinfo, &signal, &trace);
}
