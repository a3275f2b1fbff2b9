/*
 * Signatures of barriers as SQL sees them: rows (signature, factor, figures)
 * of what there is data enough for; and the Bayes factors by themselves.
 */
#include "coachiatry.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "adherence/adherence.h"
#include "adherence/dose_timing.h"
#include "barrier/signature.h"
#include "signal/series.h"
#include "signal/signal.h"

/* Largest count that is asked about. */
#define MAX_COUNT 1000000

/* Add a signature to the result of a set-returning function. */
static void
put_signature(FunctionCallInfo fcinfo, const Signature *signature)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Datum figures[SIGNATURE_MAX_FIGURES];
	Datum values[3] = { CStringGetTextDatum(signature->code), Float8GetDatum(signature->factor) };
	bool nulls[3] = { false };

	for (int i = 0; i < signature->nfigures; i++)
		figures[i] = Float8GetDatum(signature->figures[i]);
	values[2] = PointerGetDatum(construct_array(figures, signature->nfigures, FLOAT8OID,
												sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* Let the session be interrupted. */
static void
look_at_interrupts(void)
{
	CHECK_FOR_INTERRUPTS();
}

/*
 * Calendars
 */

/* Add the signatures that one calendar can show, of some together. */
static void
put_calendar_signatures(FunctionCallInfo fcinfo, const Calendar *calendars, size_t n)
{
	Signature signature;

	if (weekend_split(calendars, n, &signature))
		put_signature(fcinfo, &signature);
	if (misses_after_breaks(calendars, n, &signature))
		put_signature(fcinfo, &signature);
	if (on_and_off(calendars, n, &signature))
		put_signature(fcinfo, &signature);
}

PG_FUNCTION_INFO_V1(barrier_calendar_signatures);

/* What one calendar shows. */
Datum
barrier_calendar_signatures(PG_FUNCTION_ARGS)
{
	Calendar calendar;

	InitMaterializedSRF(fcinfo, 0);
	calendar = calendar_arg(fcinfo, 0);
	put_calendar_signatures(fcinfo, &calendar, 1);
	return (Datum) 0;
}

/* The elements of an array of at most one dimension; there are not too many. */
static Datum *
array_elements(ArrayType *array, bool **nulls, int *n)
{
	Oid type = ARR_ELEMTYPE(array);
	int16 length;
	bool by_value;
	char align;
	Datum *elements;

	if (ARR_NDIM(array) > 1)
		ereport(ERROR, (errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
						errmsg("array must have one dimension, not %d", ARR_NDIM(array))));
	get_typlenbyvalalign(type, &length, &by_value, &align);
	deconstruct_array(array, type, length, by_value, align, &elements, nulls, n);
	if (*n > SIGNATURE_MAX_TASKS)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("at most %d calendars can be compared", SIGNATURE_MAX_TASKS)));
	return elements;
}

/* Several tasks of a person. */
typedef struct Tasks
{
	int n;
	Calendar *calendars;
	bool *discomfort;
} Tasks;

/* Say of each of n tasks whether it brings discomfort; NULL: it does not. */
static void
read_discomfort(ArrayType *array, int n, bool *discomfort)
{
	bool *nulls;
	int given;
	Datum *elements = array_elements(array, &nulls, &given);

	if (given != n)
		ereport(ERROR, (errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
						errmsg("there are %d calendars but %d marks of discomfort", n, given)));
	for (int i = 0; i < n; i++)
		discomfort[i] = !nulls[i] && DatumGetBool(elements[i]);
}

/* The tasks that the arguments give; NULL calendars are left out. */
static Tasks
tasks_args(FunctionCallInfo fcinfo)
{
	bool *nulls;
	Tasks tasks = { .n = 0 };
	int n;
	Datum *elements = array_elements(PG_GETARG_ARRAYTYPE_P(0), &nulls, &n);

	tasks.calendars = palloc0_array(Calendar, Max(n, 1));
	tasks.discomfort = palloc0_array(bool, Max(n, 1));
	if (!PG_ARGISNULL(1))
		read_discomfort(PG_GETARG_ARRAYTYPE_P(1), n, tasks.discomfort);
	for (int i = 0; i < n; i++)
	{
		if (nulls[i])
			continue;
		tasks.calendars[tasks.n] = adherence_calendar(DatumGetAdherence(elements[i]));
		tasks.discomfort[tasks.n++] = tasks.discomfort[i];
	}
	return tasks;
}

PG_FUNCTION_INFO_V1(barrier_task_signatures);

/* What several calendars of a person show together. */
Datum
barrier_task_signatures(PG_FUNCTION_ARGS)
{
	Tasks tasks;
	Signature signature;

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(0))
		return (Datum) 0;
	tasks = tasks_args(fcinfo);
	put_calendar_signatures(fcinfo, tasks.calendars, (size_t) tasks.n);
	if (discomfort_misses(tasks.calendars, tasks.discomfort, (size_t) tasks.n, &signature))
		put_signature(fcinfo, &signature);
	if (shared_bursts(tasks.calendars, (size_t) tasks.n, look_at_interrupts, &signature))
		put_signature(fcinfo, &signature);
	return (Datum) 0;
}

/*
 * Timing
 */

PG_FUNCTION_INFO_V1(barrier_timing_signatures);

/* What the times of doses, or starts, show. */
Datum
barrier_timing_signatures(PG_FUNCTION_ARGS)
{
	Interval *interval = PG_GETARG_INTERVAL_P(1);
	DoseTiming *timing;
	double delays[TREND_MAX_VALUES];
	uint64_t late;
	Signature signature;

	InitMaterializedSRF(fcinfo, 0);
	timing = dose_timing_arg(fcinfo, 0);
	if (!timing_tolerance(interval->month, interval->day, interval->time, &late))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("late must not be negative: \"%s\"",
							   DatumGetCString(DirectFunctionCall1(interval_out,
																   IntervalPGetDatum(interval))))));
	if (late_starts(timing->pairs, timing->npairs, late, &signature))
		put_signature(fcinfo, &signature);
	if (drifting_hours(timing->pairs, timing->npairs, delays, &signature))
		put_signature(fcinfo, &signature);
	return (Datum) 0;
}

/*
 * Ratings and attempts
 */

/* The means of the last days of a series; how many there are. */
static size_t
last_values(Series *value, double values[TREND_MAX_VALUES])
{
	PackedSeries series = series_view(series_pack(value));
	SeriesScan scan;
	size_t n = 0;

	scan_start(&scan, &series);
	while (scan_next(&scan))
	{
		if (n == TREND_MAX_VALUES)
			memmove(values, values + 1, --n * sizeof(*values));
		values[n++] = exact_to_double(&scan.here.sum, scan.here.count);
		CHECK_FOR_INTERRUPTS();
	}
	if (scan.is_damaged)
		series_damaged();
	return n;
}

PG_FUNCTION_INFO_V1(barrier_practice_signatures);

/* What the extents of attempts, day by day, show. */
Datum
barrier_practice_signatures(PG_FUNCTION_ARGS)
{
	double extents[TREND_MAX_VALUES];
	size_t n;
	Signature signature;

	InitMaterializedSRF(fcinfo, 0);
	n = last_values(PG_GETARG_SERIES(0), extents);
	if (started_not_completed(extents, n, &signature))
		put_signature(fcinfo, &signature);
	if (no_improvement(extents, n, &signature))
		put_signature(fcinfo, &signature);
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(barrier_commitment_signatures);

/* What a person's ratings of confidence and importance show. */
Datum
barrier_commitment_signatures(PG_FUNCTION_ARGS)
{
	static const char *const codes[] = { "falling_confidence", "falling_importance" };
	double ratings[TREND_MAX_VALUES];
	Signature signature;

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < (int) lengthof(codes); i++)
	{
		if (PG_ARGISNULL(i))
			continue;
		if (falling(codes[i], ratings, last_values(PG_GETARG_SERIES(i), ratings), &signature))
			put_signature(fcinfo, &signature);
	}
	return (Datum) 0;
}

/* A share, if it can be one. */
static Share
check_counts(int64 hits, int64 n)
{
	if (n < 0 || n > MAX_COUNT)
		ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						errmsg("count is out of range: \"" INT64_FORMAT "\"", n),
						errdetail("It must be between 0 and %d.", MAX_COUNT)));
	if (hits < 0 || hits > n)
		ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						errmsg("count of a part is out of range: \"" INT64_FORMAT "\"", hits),
						errdetail("It must be between 0 and the whole, " INT64_FORMAT ".", n)));
	return (Share){ hits, n };
}

/* Hits and size of a share, which are two arguments. */
static Share
share_args(FunctionCallInfo fcinfo, int n)
{
	return check_counts(PG_GETARG_INT64(n), PG_GETARG_INT64(n + 1));
}

PG_FUNCTION_INFO_V1(barrier_occasion_signatures);

/* What counts of occasions to begin show. */
Datum
barrier_occasion_signatures(PG_FUNCTION_ARGS)
{
	int64 all = PG_ARGISNULL(0) ? 0 : PG_GETARG_INT64(0);
	Signature signature;

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(0))
		return (Datum) 0;
	if (!PG_ARGISNULL(1) && postponed(check_counts(PG_GETARG_INT64(1), all), &signature))
		put_signature(fcinfo, &signature);
	if (!PG_ARGISNULL(2) && stopped_short(check_counts(PG_GETARG_INT64(2), all), &signature))
		put_signature(fcinfo, &signature);
	return (Datum) 0;
}

/*
 * Bayes factors
 */

PG_FUNCTION_INFO_V1(barrier_proportion_factor);

/* Whether a proportion lies above a reference. */
Datum
barrier_proportion_factor(PG_FUNCTION_ARGS)
{
	Share share = share_args(fcinfo, 0);

	PG_RETURN_FLOAT8(factor_exceeds(share, check_share("reference", PG_GETARG_FLOAT8(2))));
}

PG_FUNCTION_INFO_V1(barrier_proportions_factor);

/* Whether a proportion lies above another. */
Datum
barrier_proportions_factor(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(factor_above(share_args(fcinfo, 0), share_args(fcinfo, 2)));
}

PG_FUNCTION_INFO_V1(barrier_evidence_weight);

/* What a signature adds to the log-odds of a pattern. */
Datum
barrier_evidence_weight(PG_FUNCTION_ARGS)
{
	float8 factor = check_finite("factor", PG_GETARG_FLOAT8(0));
	float8 sensitivity = check_share("sensitivity", PG_GETARG_FLOAT8(1));
	float8 false_alarm = check_share("false_alarm", PG_GETARG_FLOAT8(2));

	PG_RETURN_FLOAT8(factor_to_weight(factor, sensitivity, false_alarm));
}

PG_FUNCTION_INFO_V1(barrier_posterior_rate);

/* The mean of a beta-binomial. */
Datum
barrier_posterior_rate(PG_FUNCTION_ARGS)
{
	Share share = share_args(fcinfo, 0);
	float8 mean = check_share("mean", PG_GETARG_FLOAT8(2));
	float8 counts_as = check_positive("counts_as", PG_GETARG_FLOAT8(3));

	PG_RETURN_FLOAT8((counts_as * mean + (double) share.hits) / (counts_as + (double) share.n));
}

PG_FUNCTION_INFO_V1(barrier_posterior_share);

/* The share of people who show a sign, of each of whom a Bayes factor says whether they do. */
Datum
barrier_posterior_share(PG_FUNCTION_ARGS)
{
	ArrayType *array = PG_GETARG_ARRAYTYPE_P(0);
	float8 mean = check_share("mean", PG_GETARG_FLOAT8(1));
	float8 counts_as = check_positive("counts_as", PG_GETARG_FLOAT8(2));
	Datum *elements;
	bool *nulls;
	int given;
	double *factors;
	size_t n = 0;

	deconstruct_array(array, FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE, &elements,
					  &nulls, &given);
	if (given > MAX_COUNT)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("at most %d factors make a share", MAX_COUNT)));
	factors = palloc(mul_size(sizeof(double), (Size) given + 1));
	for (int i = 0; i < given; i++)
		if (!nulls[i])
			factors[n++] = check_finite("factor", DatumGetFloat8(elements[i]));
	PG_RETURN_FLOAT8(share_of_factors(factors, n, mean, counts_as));
}
