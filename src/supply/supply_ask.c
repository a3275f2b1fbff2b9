/*
 * What SQL asks of a supply.  Each function reads its arguments and calls a
 * measure of cma.c or pdc.c.  A window that is no parameter but a mistake is
 * an error; one that fits no person's data gives NULL or no rows.
 */
#include "supply/supply.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/multirangetypes.h"
#include "utils/rangetypes.h"
#include "utils/tuplestore.h"
#include "utils/typcache.h"

#include "adherence/adherence.h"
#include "supply/cma.h"

/*
 * Arguments
 */

/* A boolean option, or false if NULL. */
static bool
bool_option(FunctionCallInfo fcinfo, int n)
{
	return !PG_ARGISNULL(n) && PG_GETARG_BOOL(n);
}

/* Refuse an integer below a least one, or above a most one. */
static int32
check_integer(const char *name, int32 value, int32 least, int32 most)
{
	if (value < least || value > most)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s is out of range: \"%d\"", name, value),
				 most == PG_INT32_MAX ? errdetail("It must be at least %d.", least)
									  : errdetail("It must be between %d and %d.", least, most)));
	return value;
}

/* The number of a measure. */
static int
measure_arg(FunctionCallInfo fcinfo, int n)
{
	return check_integer("n", PG_GETARG_INT32(n), CMA_FIRST, CMA_LAST);
}

/* The server's knowledge of date ranges. */
static TypeCacheEntry *
daterange_typcache(void)
{
	return lookup_type_cache(DATERANGEOID, TYPECACHE_RANGE_INFO);
}

/* Whether one bound of a range is a day. */
static bool
is_day(const RangeBound *bound)
{
	return !bound->infinite && !DATE_NOT_FINITE(DatumGetDateADT(bound->val));
}

/* A window of days; false if it is empty. */
static bool
window_arg(FunctionCallInfo fcinfo, int n, const char *name, SupplyWindow *window)
{
	RangeBound lower;
	RangeBound upper;
	bool empty;

	range_deserialize(daterange_typcache(), PG_GETARG_RANGE_P(n), &lower, &upper, &empty);
	if (empty)
		return false;
	if (!is_day(&lower) || !is_day(&upper))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must have a first and a last day: \"%s\"", name,
						DatumGetCString(OidFunctionCall1(F_RANGE_OUT, PG_GETARG_DATUM(n))))));
	window->start = DatumGetDateADT(lower.val);
	window->end = DatumGetDateADT(upper.val);
	return true;
}

/* The windows of a question, followup NULL being the observation; false if there is no answer. */
static bool
windows_arg(FunctionCallInfo fcinfo, int observation, int followup, CmaQuestion *question)
{
	if (PG_ARGISNULL(observation) ||
		!window_arg(fcinfo, observation, "observation", &question->observation))
		return false;
	question->followup = question->observation;
	if (!PG_ARGISNULL(followup) && !window_arg(fcinfo, followup, "followup", &question->followup))
		return false;
	return windows_fit(question);
}

/* What becomes of stock: two options from the n-th argument on. */
static StockRule
stock_rule(FunctionCallInfo fcinfo, int n)
{
	return (StockRule){ .same_medication = bool_option(fcinfo, n),
						.dosage = bool_option(fcinfo, n + 1) };
}

/*
 * Results
 */

/* A date range from one day up to another. */
static Datum
date_range(int32 from, int32 until)
{
	RangeBound lower = { .val = DateADTGetDatum(from), .inclusive = true, .lower = true };
	RangeBound upper = { .val = DateADTGetDatum(until) };

	return RangeTypePGetDatum(make_range(daterange_typcache(), &lower, &upper, false, NULL));
}

/* Add a row to the result of a set-returning function. */
static void
put_row(FunctionCallInfo fcinfo, Datum *values, bool *nulls)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	CHECK_FOR_INTERRUPTS();
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/*
 * Availability
 */

PG_FUNCTION_INFO_V1(supply_cma);

/* One of the measures CMA1 to CMA9. */
Datum
supply_cma(PG_FUNCTION_ARGS)
{
	CmaQuestion question = { .rule = stock_rule(fcinfo, 4) };
	Dispensings supply;
	int measure;
	double value;

	if (PG_ARGISNULL(1))
		PG_RETURN_NULL();
	measure = measure_arg(fcinfo, 1);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	supply = supply_arg(fcinfo, 0);
	if (supply.n == 0 || !windows_arg(fcinfo, 2, 3, &question) ||
		!cma(&supply, measure, &question, &value))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(value);
}

/* Add a row with a measure in the observation window of a question: during, cma. */
static void
put_window(FunctionCallInfo fcinfo, const Dispensings *supply, int measure,
		   const CmaQuestion *question)
{
	double value = 0;
	bool is_defined = cma(supply, measure, question, &value);
	Datum values[] = { date_range(question->observation.start, question->observation.end),
					   Float8GetDatum(value) };
	bool nulls[] = { false, !is_defined };

	put_row(fcinfo, values, nulls);
	pfree(DatumGetPointer(values[0]));
}

PG_FUNCTION_INFO_V1(supply_cma_sliding);

/* A measure in each window of a width, a step after the one before: during, cma. */
Datum
supply_cma_sliding(PG_FUNCTION_ARGS)
{
	CmaQuestion question = { 0 };
	Dispensings supply;
	SupplyWindow whole;
	int measure;
	int32 width;
	int32 step;

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3))
		return (Datum) 0;
	measure = measure_arg(fcinfo, 1);
	width = check_integer("window_days", PG_GETARG_INT32(2), 1, PG_INT32_MAX);
	step = check_integer("step_days", PG_GETARG_INT32(3), 1, PG_INT32_MAX);
	if (PG_ARGISNULL(0))
		return (Datum) 0;
	supply = supply_arg(fcinfo, 0);
	if (supply.n == 0 || !windows_arg(fcinfo, 4, 5, &question))
		return (Datum) 0;
	whole = question.observation;
	for (int64 i = 0; i < sliding_windows(whole, width, step); i++)
	{
		question.observation.start = (int32) (whole.start + i * step);
		question.observation.end = question.observation.start + width;
		put_window(fcinfo, &supply, measure, &question);
	}
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(supply_covered_days);

/* A calendar of the observation window: taken where stock is left, else missed. */
Datum
supply_covered_days(PG_FUNCTION_ARGS)
{
	CmaQuestion question = { 0 };
	Dispensings supply;
	Adherence *value;
	CalendarBuffer days;
	int64 ndays;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	supply = supply_arg(fcinfo, 0);
	if (supply.n == 0 || !windows_arg(fcinfo, 1, 2, &question))
		PG_RETURN_NULL();
	ndays = adherence_check_span(question.observation.start, question.observation.end);
	value = adherence_alloc(question.observation.start, ndays, CALENDAR_NARROW);
	days = adherence_buffer(value);
	if (!cover_days(&supply, &question, &days))
		PG_RETURN_NULL();
	PG_RETURN_ADHERENCE(value);
}

/*
 * Proportion of days covered
 */

/* The days that a multirange excuses. */
static ExcusedDays *
excused_arg(FunctionCallInfo fcinfo, int n, size_t *count)
{
	TypeCacheEntry *typcache = daterange_typcache();
	RangeType **ranges;
	int32 nranges;
	ExcusedDays *excused;

	*count = 0;
	if (PG_ARGISNULL(n))
		return NULL;
	multirange_deserialize(typcache, PG_GETARG_MULTIRANGE_P(n), &nranges, &ranges);
	excused = palloc_array(ExcusedDays, nranges);
	for (int32 i = 0; i < nranges; i++)
	{
		RangeBound lower;
		RangeBound upper;
		bool empty;

		range_deserialize(typcache, ranges[i], &lower, &upper, &empty);
		excused[i].from = lower.infinite ? PG_INT64_MIN : DatumGetDateADT(lower.val);
		excused[i].until = upper.infinite ? PG_INT64_MAX : DatumGetDateADT(upper.val);
	}
	*count = (size_t) nranges;
	return excused;
}

PG_FUNCTION_INFO_V1(supply_pdc);

/* Covered days / days from the first fill in the window on. */
Datum
supply_pdc(PG_FUNCTION_ARGS)
{
	PdcQuestion question = { 0 };
	Dispensings supply;
	CoveredSpan *spans;
	double value;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	supply = supply_arg(fcinfo, 0);
	if (supply.n == 0 || !window_arg(fcinfo, 1, "observation", &question.observation))
		PG_RETURN_NULL();
	question.excused = excused_arg(fcinfo, 2, &question.nexcused);
	spans = palloc_array(CoveredSpan, pdc_spans(&supply, question.observation));
	if (!pdc(&supply, &question, spans, &value))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(value);
}

/*
 * Episodes
 */

/* The rule of episodes: max_gap is the argument 1, the options are 3 to 6. */
static EpisodeRule
episode_rule(FunctionCallInfo fcinfo)
{
	EpisodeRule rule = { .stock = stock_rule(fcinfo, 4),
						 .max_gap = PG_GETARG_FLOAT8(1),
						 .gap_is_percent = bool_option(fcinfo, 3),
						 .on_medication_change = bool_option(fcinfo, 6) };

	if (!(rule.max_gap >= 0) || isinf(rule.max_gap))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("max_gap must be a finite number and not negative: \"%g\"", rule.max_gap)));
	return rule;
}

PG_FUNCTION_INFO_V1(supply_treatment_episodes);

/* Every episode of treatment: episode, during, duration, end_gap. */
Datum
supply_treatment_episodes(PG_FUNCTION_ARGS)
{
	EpisodeRule rule;
	EpisodeScan scan;
	Episode episode;
	SupplyWindow followup;
	Dispensings supply;

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(1))
		return (Datum) 0;
	rule = episode_rule(fcinfo);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(2))
		return (Datum) 0;
	supply = supply_arg(fcinfo, 0);
	if (supply.n == 0 || !window_arg(fcinfo, 2, "followup", &followup))
		return (Datum) 0;
	episode_scan_init(&scan, &supply, followup, &rule);
	for (int32 i = 1; episode_next(&scan, &episode); i++)
	{
		int32 end = episode.start + (int32) floor(episode.duration);
		Datum values[] = { Int32GetDatum(i), date_range(episode.start, end),
						   Float8GetDatum(episode.duration), Int32GetDatum((int32) episode.gap) };
		bool nulls[lengthof(values)] = { false };

		put_row(fcinfo, values, nulls);
	}
	return (Datum) 0;
}

/*
 * A look inside
 */

PG_FUNCTION_INFO_V1(supply_first_dispensed);

/* Day of the first dispensing. */
Datum
supply_first_dispensed(PG_FUNCTION_ARGS)
{
	Dispensings supply = supply_arg(fcinfo, 0);

	if (supply.n == 0)
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(supply.items[0].day);
}

PG_FUNCTION_INFO_V1(supply_last_dispensed);

/* Day of the last dispensing. */
Datum
supply_last_dispensed(PG_FUNCTION_ARGS)
{
	Dispensings supply = supply_arg(fcinfo, 0);

	if (supply.n == 0)
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(supply.items[supply.n - 1].day);
}

PG_FUNCTION_INFO_V1(supply_to_dispensings);

/* The dispensings as rows, in order. */
Datum
supply_to_dispensings(PG_FUNCTION_ARGS)
{
	Dispensings supply;

	InitMaterializedSRF(fcinfo, 0);
	supply = supply_arg(fcinfo, 0);
	for (size_t i = 0; i < supply.n; i++)
	{
		const Dispensing *item = &supply.items[i];
		MedicationName name = medication_name(&supply, item->medication);
		Datum values[] = { DateADTGetDatum(item->day), Float8GetDatum(item->duration),
						   Float8GetDatum(item->dose), (Datum) 0 };
		bool nulls[lengthof(values)] = { false };

		nulls[2] = item->dose == UNKNOWN_DOSE;
		nulls[3] = name.bytes == NULL;
		if (!nulls[3])
			values[3] = PointerGetDatum(cstring_to_text_with_len(name.bytes, (int) name.length));
		put_row(fcinfo, values, nulls);
		if (!nulls[3])
			pfree(DatumGetPointer(values[3]));
	}
	return (Datum) 0;
}
