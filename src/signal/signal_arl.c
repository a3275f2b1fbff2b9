/*
 * Run lengths, limits and delays of SQL.  Each function checks its arguments
 * and asks run_length.h; long work can be interrupted.
 */
#include "signal/signal.h"

#include <math.h>

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

#include "adherence/adherence.h"
#include "signal/run_length.h"
#include "signal/watching.h"

/* Columns of expected_delay. */
#define DELAY_COLUMNS 3

/* Look at interrupts from within a core. */
static void
check_interrupts(void)
{
	CHECK_FOR_INTERRUPTS();
}

/* Memory to solve a chain in; only what is used of it is touched. */
static ChainWork *
chain_work(void)
{
	ChainWork *work = (ChainWork *) palloc(chain_work_size());

	work->check = check_interrupts;
	return work;
}

/* Raise the error for a question that has no answer, if it has none. */
static void
check_answer(RunLengthResult result)
{
	if (result == RUN_LENGTH_WORK)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("run length would take too much work"),
						errdetail("The limit is too far from the start for steps of this size.")));
	if (result == RUN_LENGTH_RANGE)
		ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						errmsg("run length is out of the range of float8")));
	if (result == RUN_LENGTH_SHORT)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("no limit has so short a run length"),
						errdetail("The lowest limit has a longer one.")));
	if (result == RUN_LENGTH_LONG)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("no limit has so long a run length"),
						errdetail("However high it is, the run length stays below that.")));
}

/* A run length that is wanted: the n-th argument. */
static float8
arl_arg(FunctionCallInfo fcinfo, int n)
{
	float8 arl = PG_GETARG_FLOAT8(n);

	return check_within("arl0", arl, 1.0, 1e300);
}

/* The number of sides that is the n-th argument. */
static int
sides_arg(FunctionCallInfo fcinfo, int n)
{
	return check_whole("sides", PG_GETARG_INT32(n), 1, 2);
}

/*
 * Run lengths
 */

PG_FUNCTION_INFO_V1(signal_cusum_arl);

/* Run length of a CUSUM. */
Datum
signal_cusum_arl(PG_FUNCTION_ARGS)
{
	CusumScheme scheme = { .k = check_not_negative("k", PG_GETARG_FLOAT8(0)),
						   .h = check_not_negative("h", PG_GETARG_FLOAT8(1)),
						   .sides = sides_arg(fcinfo, 4) };
	double shift = check_finite("shift", PG_GETARG_FLOAT8(2));
	double arl;

	scheme.headstart = check_within("headstart", PG_GETARG_FLOAT8(3), 0.0, scheme.h);
	check_answer(cusum_arl(&scheme, shift, chain_work(), &arl));
	PG_RETURN_FLOAT8(arl);
}

PG_FUNCTION_INFO_V1(signal_ewma_arl);

/* Run length of an EWMA with fixed limits. */
Datum
signal_ewma_arl(PG_FUNCTION_ARGS)
{
	EwmaScheme scheme = { .lambda = check_part("lambda", PG_GETARG_FLOAT8(0)),
						  .l = check_not_negative("l", PG_GETARG_FLOAT8(1)),
						  .sides = sides_arg(fcinfo, 3) };
	double shift = check_finite("shift", PG_GETARG_FLOAT8(2));
	double arl;

	check_answer(ewma_arl(&scheme, shift, chain_work(), &arl));
	PG_RETURN_FLOAT8(arl);
}

PG_FUNCTION_INFO_V1(signal_shewhart_arl);

/* Run length of a Shewhart chart. */
Datum
signal_shewhart_arl(PG_FUNCTION_ARGS)
{
	ShewhartScheme scheme = { .l = check_not_negative("l", PG_GETARG_FLOAT8(0)),
							  .runs = check_whole("runs", PG_GETARG_INT32(2), 0, RUN_MAX),
							  .sides = sides_arg(fcinfo, 3) };
	double shift = check_finite("shift", PG_GETARG_FLOAT8(1));
	double arl;

	check_answer(shewhart_arl(&scheme, shift, &arl));
	PG_RETURN_FLOAT8(arl);
}

PG_FUNCTION_INFO_V1(signal_bernoulli_cusum_arl);

/* Run length of a Bernoulli CUSUM. */
Datum
signal_bernoulli_cusum_arl(PG_FUNCTION_ARGS)
{
	LatticeScheme scheme = { .rise = check_lattice(PG_GETARG_FLOAT8(0), PG_GETARG_FLOAT8(1)),
							 .h = check_lattice_limit(PG_GETARG_FLOAT8(2)) };
	double p = check_part("p", PG_GETARG_FLOAT8(3));
	double arl;

	check_answer(lattice_arl(&scheme, p, chain_work(), &arl));
	PG_RETURN_FLOAT8(arl);
}

PG_FUNCTION_INFO_V1(signal_silence_arl);

/* Run length until so many in a row are silent. */
Datum
signal_silence_arl(PG_FUNCTION_ARGS)
{
	double p = check_share("p", PG_GETARG_FLOAT8(0));
	GapScheme scheme = { .n = check_whole("n", PG_GETARG_INT32(1), 1, RUN_MAX) };
	double arl;

	check_answer(gap_arl(&scheme, p, &arl));
	PG_RETURN_FLOAT8(arl);
}

/*
 * Limits
 */

PG_FUNCTION_INFO_V1(signal_cusum_limit);

/* The h of a CUSUM. */
Datum
signal_cusum_limit(PG_FUNCTION_ARGS)
{
	CusumScheme scheme = { .k = check_not_negative("k", PG_GETARG_FLOAT8(1)),
						   .headstart = check_not_negative("headstart", PG_GETARG_FLOAT8(2)),
						   .sides = sides_arg(fcinfo, 3) };

	check_answer(cusum_limit(arl_arg(fcinfo, 0), &scheme, chain_work()));
	PG_RETURN_FLOAT8(scheme.h);
}

PG_FUNCTION_INFO_V1(signal_ewma_limit);

/* The l of an EWMA. */
Datum
signal_ewma_limit(PG_FUNCTION_ARGS)
{
	EwmaScheme scheme = { .lambda = check_part("lambda", PG_GETARG_FLOAT8(1)),
						  .sides = sides_arg(fcinfo, 2) };

	check_answer(ewma_limit(arl_arg(fcinfo, 0), &scheme, chain_work()));
	PG_RETURN_FLOAT8(scheme.l);
}

PG_FUNCTION_INFO_V1(signal_shewhart_limit);

/* The l of a Shewhart chart. */
Datum
signal_shewhart_limit(PG_FUNCTION_ARGS)
{
	ShewhartScheme scheme = { .runs = check_whole("runs", PG_GETARG_INT32(1), 0, RUN_MAX),
							  .sides = sides_arg(fcinfo, 2) };

	check_answer(shewhart_limit(arl_arg(fcinfo, 0), &scheme));
	PG_RETURN_FLOAT8(scheme.l);
}

PG_FUNCTION_INFO_V1(signal_bernoulli_cusum_limit);

/* The h of a Bernoulli CUSUM. */
Datum
signal_bernoulli_cusum_limit(PG_FUNCTION_ARGS)
{
	double p0 = PG_GETARG_FLOAT8(1);
	LatticeScheme scheme = { .rise = check_lattice(p0, PG_GETARG_FLOAT8(2)) };

	check_answer(lattice_limit(arl_arg(fcinfo, 0), &scheme, p0, chain_work()));
	PG_RETURN_INT32(scheme.h);
}

PG_FUNCTION_INFO_V1(signal_silence_limit);

/* The number in a row that are silent. */
Datum
signal_silence_limit(PG_FUNCTION_ARGS)
{
	GapScheme scheme;

	check_answer(gap_run_limit(arl_arg(fcinfo, 0), &scheme, check_share("p", PG_GETARG_FLOAT8(1))));
	PG_RETURN_INT32(scheme.n);
}

/*
 * Delays
 */

/* A whole number among the parameters of a detector. */
static int32
whole_parameter(const Jsonb *parameters, const char *name, int32 otherwise, int32 least)
{
	return (int32) check_within(name, json_parameter(parameters, name, otherwise), least, RUN_MAX);
}

/* The delay of a CUSUM after a shift. */
static RunLengthResult
delay_of_cusum(const Jsonb *parameters, float8 change, Delay *delay)
{
	CusumScheme scheme = { .k = check_not_negative("k", json_parameter(parameters, "k", 0.5)),
						   .h = check_not_negative("h", json_parameter(parameters, "h", 5.0)),
						   .sides = 1 };

	scheme.headstart =
		check_within("headstart", json_parameter(parameters, "headstart", 0.0), 0.0, scheme.h);
	return cusum_delay(&scheme, check_finite("change", change), chain_work(), delay);
}

/* The delay of an EWMA after a shift. */
static RunLengthResult
delay_of_ewma(const Jsonb *parameters, float8 change, Delay *delay)
{
	EwmaScheme scheme = { .lambda = check_part("lambda", json_parameter(parameters, "lambda", 0.1)),
						  .l = check_not_negative("l", json_parameter(parameters, "l", 2.7)),
						  .sides = 1 };

	return ewma_delay(&scheme, check_finite("change", change), chain_work(), delay);
}

/* The delay of a Shewhart chart after a shift. */
static RunLengthResult
delay_of_shewhart(const Jsonb *parameters, float8 change, Delay *delay)
{
	ShewhartScheme scheme = { .l = check_not_negative("l", json_parameter(parameters, "l", 3.0)),
							  .runs = whole_parameter(parameters, "runs", 0, 0),
							  .sides = 1 };

	return shewhart_delay(&scheme, check_finite("change", change), delay);
}

/* The delay of a Bernoulli CUSUM after a change of the probability of a miss. */
static RunLengthResult
delay_of_miss_cusum(const Jsonb *parameters, float8 change, Delay *delay)
{
	LatticeScheme scheme = { .rise = check_lattice(json_parameter(parameters, "p0", 0.2),
												   json_parameter(parameters, "p1", 0.5)),
							 .h = check_lattice_limit(json_parameter(parameters, "h", 11.0)) };

	return lattice_delay(&scheme, check_part("change", change), chain_work(), delay);
}

/* The delay of a run of days of some kind after a change of their probability. */
static RunLengthResult
delay_of_run(const Jsonb *parameters, float8 change, Delay *delay)
{
	GapScheme scheme = { .n = whole_parameter(parameters, "n", 3, 1) };

	return gap_delay(&scheme, 1.0 - check_part("change", change), delay);
}

/* The delay of a g-chart after a change of the probability of an event. */
static RunLengthResult
delay_of_g_chart(const Jsonb *parameters, float8 change, Delay *delay)
{
	double p = check_share("p", json_parameter(parameters, "p", get_float8_nan()));
	double l = check_not_negative("l", json_parameter(parameters, "l", 3.0));
	GapScheme scheme = { .n = (int) Min(gap_limit(p, l), RUN_MAX) + 1 };

	return gap_delay(&scheme, check_within("change", change, 0.0, 1.0), delay);
}

/* How the delays of detectors are found, by name. */
static const struct
{
	const char *detector;
	RunLengthResult (*delay)(const Jsonb *parameters, float8 change, Delay *delay);
} delays[] = {
	{ "cusum", delay_of_cusum },	 { "self_starting_cusum", delay_of_cusum },
	{ "ewma", delay_of_ewma },		 { "shewhart", delay_of_shewhart },
	{ "missed_run", delay_of_run },	 { "unrecorded_run", delay_of_run },
	{ "g_chart", delay_of_g_chart }, { "miss_cusum", delay_of_miss_cusum },
};

/* What a detector catches how late. */
static Delay
find_delay(const char *detector, const Jsonb *parameters, float8 change)
{
	Delay delay = { .mean = 0.0 };

	for (size_t i = 0; i < lengthof(delays); i++)
		if (strcmp(detector, delays[i].detector) == 0)
		{
			check_answer(delays[i].delay(parameters, change, &delay));
			return delay;
		}
	ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					errmsg("no delay is known for detector \"%s\"", text_excerpt(detector)),
					errhint("There is one for cusum, self_starting_cusum, ewma, shewhart, "
							"miss_cusum, missed_run, unrecorded_run and g_chart.")));
}

PG_FUNCTION_INFO_V1(signal_expected_delay);

/* mean, missed_14, missed_30. */
Datum
signal_expected_delay(PG_FUNCTION_ARGS)
{
	const Jsonb *parameters = PG_GETARG_JSONB_P(1);
	bool nulls[DELAY_COLUMNS] = { false };
	Datum values[DELAY_COLUMNS];
	TupleDesc desc;
	Delay delay;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "expected_delay must return a row");
	if (!JB_ROOT_IS_OBJECT(parameters))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("parameters must be a JSON object")));
	delay = find_delay(text_to_cstring(PG_GETARG_TEXT_PP(0)), parameters, PG_GETARG_FLOAT8(2));
	values[0] = Float8GetDatum(delay.mean);
	values[1] = Float8GetDatum(delay.missed_soon);
	values[2] = Float8GetDatum(delay.missed_longer);
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls));
}
