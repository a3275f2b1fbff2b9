/*
 * What SQL asks of a calendar.  Each function reads its arguments, cuts the
 * calendar to the days in question and calls a measure of measures.c.
 */
#include "adherence/adherence.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/rangetypes.h"
#include "utils/typcache.h"

/*
 * Arguments
 */

/* An integer option, or its default if NULL. */
static int32
int_option(FunctionCallInfo fcinfo, int n, int32 otherwise)
{
	return PG_ARGISNULL(n) ? otherwise : PG_GETARG_INT32(n);
}

/* A boolean option, or its default if NULL. */
static bool
bool_option(FunctionCallInfo fcinfo, int n, bool otherwise)
{
	return PG_ARGISNULL(n) ? otherwise : PG_GETARG_BOOL(n);
}

/* Refuse an option that lies outside its range. */
static int32
check_option(const char *name, int32 value, int32 least, int32 most)
{
	if (value < least || value > most)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s is out of range: \"%d\"", name, value),
				 most == PG_INT32_MAX ? errdetail("It must be at least %d.", least)
									  : errdetail("It must be between %d and %d.", least, most)));
	return value;
}

/* The threshold option, checked. */
static double
threshold_option(FunctionCallInfo fcinfo, int n)
{
	double threshold = PG_ARGISNULL(n) ? 1.0 : PG_GETARG_FLOAT8(n);

	if (!(threshold > 0.0 && threshold <= 1.0))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("threshold is out of range: \"%g\"", threshold),
						errdetail("It must be above 0 and at most 1.")));
	return threshold;
}

/* The rule of the streak functions: grace and what follows it, from argument n on. */
static AdherenceRule
streak_rule(FunctionCallInfo fcinfo, int n)
{
	return (AdherenceRule){
		.grace = check_option("grace", int_option(fcinfo, n, 0), 0, PG_INT32_MAX),
		.threshold = threshold_option(fcinfo, n + 1),
		.skip_unrecorded = bool_option(fcinfo, n + 2, false),
		.over_adheres = bool_option(fcinfo, n + 3, true),
	};
}

/*
 * Results
 */

/* A quotient, or NULL where nothing is divided. */
static Datum
ratio(FunctionCallInfo fcinfo, int64 part, int64 whole)
{
	if (whole == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8((double) part / whole);
}

/* A date range from the first day up to, not including, another. */
static Datum
date_range(int64 from, int64 until)
{
	TypeCacheEntry *typcache = lookup_type_cache(DATERANGEOID, TYPECACHE_RANGE_INFO);
	RangeBound lower = { .val = DateADTGetDatum((DateADT) from), .inclusive = true, .lower = true };
	RangeBound upper = { .val = DateADTGetDatum((DateADT) until) };

	if (until > CALENDAR_LAST_DAY) /* the day after the last that date has */
		upper.infinite = true;
	return RangeTypePGetDatum(make_range(typcache, &lower, &upper, false, NULL));
}

/* Add a row to the result of a set-returning function. */
static void
put_row(FunctionCallInfo fcinfo, Datum *values, bool *nulls)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	CHECK_FOR_INTERRUPTS();
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* Add a row (during, days). */
static void
put_run(FunctionCallInfo fcinfo, const DayRun *run)
{
	Datum values[] = { date_range(run->first, (int64) run->last + 1), Int32GetDatum(run->days) };
	bool nulls[lengthof(values)] = { false };

	put_row(fcinfo, values, nulls);
	pfree(DatumGetPointer(values[0]));
}

/* The composite result of a function with OUT parameters. */
static Datum
composite(FunctionCallInfo fcinfo, Datum *values, bool *nulls)
{
	TupleDesc desc;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						errmsg("function returning record called in context "
							   "that cannot accept type record")));
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls));
}

/*
 * Streaks and gaps
 */

PG_FUNCTION_INFO_V1(adherence_longest_streak);

/* Adherent days in the longest streak. */
Datum
adherence_longest_streak(PG_FUNCTION_ARGS)
{
	AdherenceRule rule = streak_rule(fcinfo, 2);
	Calendar calendar;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	calendar = calendar_arg_within(fcinfo, 0, 1);
	PG_RETURN_INT32(longest_streak(&calendar, &rule));
}

PG_FUNCTION_INFO_V1(adherence_current_streak);

/* Adherent days in the streak that reaches the last planned day on or before as_of. */
Datum
adherence_current_streak(PG_FUNCTION_ARGS)
{
	AdherenceRule rule = streak_rule(fcinfo, 2);
	Calendar calendar;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	calendar = calendar_arg(fcinfo, 0);
	calendar = calendar_as_of(&calendar, PG_GETARG_DATEADT(1), &rule);
	PG_RETURN_INT32(trailing_streak(&calendar, &rule));
}

PG_FUNCTION_INFO_V1(adherence_streaks);

/* Every streak: during, days. */
Datum
adherence_streaks(PG_FUNCTION_ARGS)
{
	AdherenceRule rule = streak_rule(fcinfo, 2);
	Calendar calendar;
	StreakScan scan;
	DayRun streak;

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(0))
		return (Datum) 0;
	calendar = calendar_arg_within(fcinfo, 0, 1);
	streak_scan_init(&scan, &calendar, &rule);
	while (streak_next(&scan, &streak))
		put_run(fcinfo, &streak);
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(adherence_gaps);

/* Every dosing gap of at least min_days: during, days. */
Datum
adherence_gaps(PG_FUNCTION_ARGS)
{
	int32 min_days = check_option("min_days", int_option(fcinfo, 1, 1), 1, PG_INT32_MAX);
	Calendar calendar;
	GapScan scan = { .skip_unrecorded = bool_option(fcinfo, 3, false) };
	DayRun gap;

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(0))
		return (Datum) 0;
	calendar = calendar_arg_within(fcinfo, 0, 2);
	scan.calendar = &calendar;
	while (gap_next(&scan, &gap))
		if (gap.days >= min_days)
			put_run(fcinfo, &gap);
	return (Datum) 0;
}

/*
 * Phases
 */

/* The phases of the calendar that is argument 0, with gap and as_of as the next two. */
static Phases
phases_args(FunctionCallInfo fcinfo)
{
	int32 gap = check_option("gap", PG_GETARG_INT32(1), 1, PG_INT32_MAX);
	Calendar calendar = calendar_arg(fcinfo, 0);

	calendar = calendar_as_of(&calendar, PG_GETARG_DATEADT(2), &ADHERENCE_RULE_DEFAULT);
	return calendar_phases(&calendar, gap);
}

/* Days from initiation to discontinuation, or to as_of while persistent. */
static int32
phases_persistence(const Phases *phases, DateADT as_of)
{
	if (phases->discontinued)
		return phases->discontinued_on - phases->initiated_on;
	if (DATE_NOT_FINITE(as_of))
		ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
						errmsg("as_of must be finite where persistence is counted up to it")));
	return as_of - phases->initiated_on;
}

PG_FUNCTION_INFO_V1(adherence_phases);

/* initiated_on, discontinued_on, persistence_days, censored, implementation_rate. */
Datum
adherence_phases(PG_FUNCTION_ARGS)
{
	Datum values[5] = { 0 };
	bool nulls[lengthof(values)] = { true, true, true, true, true };
	Phases phases = { .initiated = false };

	if (!PG_ARGISNULL(0) && !PG_ARGISNULL(1) && !PG_ARGISNULL(2))
		phases = phases_args(fcinfo);
	if (phases.initiated)
	{
		const Tally *done = &phases.implementation;

		memset(nulls, false, sizeof(nulls));
		values[0] = DateADTGetDatum(phases.initiated_on);
		values[1] = DateADTGetDatum(phases.discontinued_on);
		nulls[1] = !phases.discontinued;
		values[2] = Int32GetDatum(phases_persistence(&phases, PG_GETARG_DATEADT(2)));
		values[3] = BoolGetDatum(!phases.discontinued);
		nulls[4] = done->prescribed == 0;
		values[4] = Float8GetDatum(nulls[4] ? 0.0 : (double) done->taken / done->prescribed);
	}
	return composite(fcinfo, values, nulls);
}

PG_FUNCTION_INFO_V1(adherence_initiated_on);

/* First day with anything taken. */
Datum
adherence_initiated_on(PG_FUNCTION_ARGS)
{
	Calendar calendar = calendar_arg(fcinfo, 0);
	int32 day;

	if (!first_taken(&calendar, &day))
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(day);
}

PG_FUNCTION_INFO_V1(adherence_persistence_days);

/* persistence_days of phases(). */
Datum
adherence_persistence_days(PG_FUNCTION_ARGS)
{
	Phases phases = phases_args(fcinfo);

	if (!phases.initiated)
		PG_RETURN_NULL();
	PG_RETURN_INT32(phases_persistence(&phases, PG_GETARG_DATEADT(2)));
}

/*
 * Rates and counts
 */

/* Sums over the calendar that is argument 0, cut to the range that is argument 1. */
static Tally
tally_args(FunctionCallInfo fcinfo, const AdherenceRule *rule)
{
	Calendar calendar = calendar_arg_within(fcinfo, 0, 1);

	return calendar_tally(&calendar, rule);
}

PG_FUNCTION_INFO_V1(adherence_rate);

/* Share of the prescribed units that was taken. */
Datum
adherence_rate(PG_FUNCTION_ARGS)
{
	AdherenceRule rule = ADHERENCE_RULE_DEFAULT;
	Tally tally;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	rule.skip_unrecorded = bool_option(fcinfo, 2, false);
	tally = tally_args(fcinfo, &rule);
	return ratio(fcinfo, tally.taken, tally.prescribed);
}

PG_FUNCTION_INFO_V1(adherence_bounds);

/* low, high, completeness. */
Datum
adherence_bounds(PG_FUNCTION_ARGS)
{
	Datum values[3] = { 0 };
	bool nulls[lengthof(values)] = { true, true, true };
	Tally tally = { .prescribed = 0 };

	if (!PG_ARGISNULL(0))
		tally = tally_args(fcinfo, &ADHERENCE_RULE_DEFAULT);
	if (tally.prescribed > 0)
	{
		double prescribed = (double) tally.prescribed;

		memset(nulls, false, sizeof(nulls));
		values[0] = Float8GetDatum(tally.taken / prescribed);
		values[1] = Float8GetDatum(tally.possible / prescribed);
		values[2] = Float8GetDatum(1.0 - tally.unrecorded / prescribed);
	}
	return composite(fcinfo, values, nulls);
}

PG_FUNCTION_INFO_V1(adherence_pdc);

/* Adherent / planned days. */
Datum
adherence_pdc(PG_FUNCTION_ARGS)
{
	AdherenceRule rule = {
		.threshold = threshold_option(fcinfo, 2),
		.skip_unrecorded = bool_option(fcinfo, 3, false),
		.over_adheres = bool_option(fcinfo, 4, true),
	};
	Tally tally;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	tally = tally_args(fcinfo, &rule);
	return ratio(fcinfo, tally.adherent, tally.planned);
}

PG_FUNCTION_INFO_V1(adherence_correct_dosing);

/* Share of planned days with exactly the prescribed units. */
Datum
adherence_correct_dosing(PG_FUNCTION_ARGS)
{
	Tally tally;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	tally = tally_args(fcinfo, &ADHERENCE_RULE_DEFAULT);
	return ratio(fcinfo, tally.status[DAY_TAKEN], tally.planned);
}

PG_FUNCTION_INFO_V1(adherence_days_planned);

/* Planned days. */
Datum
adherence_days_planned(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_INT32((int32) tally_args(fcinfo, &ADHERENCE_RULE_DEFAULT).planned);
}

PG_FUNCTION_INFO_V1(adherence_days_adherent);

/* Planned days with at least the prescribed units. */
Datum
adherence_days_adherent(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_INT32((int32) tally_args(fcinfo, &ADHERENCE_RULE_DEFAULT).adherent);
}

/* Days of one status. */
static Datum
days_of_status(FunctionCallInfo fcinfo, DayStatus status)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_INT32((int32) tally_args(fcinfo, &ADHERENCE_RULE_DEFAULT).status[status]);
}

PG_FUNCTION_INFO_V1(adherence_days_missed);

/* Days of status missed. */
Datum
adherence_days_missed(PG_FUNCTION_ARGS)
{
	return days_of_status(fcinfo, DAY_MISSED);
}

PG_FUNCTION_INFO_V1(adherence_days_unrecorded);

/* Days of status unrecorded. */
Datum
adherence_days_unrecorded(PG_FUNCTION_ARGS)
{
	return days_of_status(fcinfo, DAY_UNRECORDED);
}

PG_FUNCTION_INFO_V1(adherence_days_over);

/* Days of status over. */
Datum
adherence_days_over(PG_FUNCTION_ARGS)
{
	return days_of_status(fcinfo, DAY_OVER);
}

PG_FUNCTION_INFO_V1(adherence_days_excused);

/* Days of status excused. */
Datum
adherence_days_excused(PG_FUNCTION_ARGS)
{
	return days_of_status(fcinfo, DAY_EXCUSED);
}

PG_FUNCTION_INFO_V1(adherence_status_on);

/* Status of one day. */
Datum
adherence_status_on(PG_FUNCTION_ARGS)
{
	Calendar calendar = calendar_arg(fcinfo, 0);
	DayCounts day = calendar_counts_on(&calendar, PG_GETARG_DATEADT(1));

	PG_RETURN_TEXT_P(cstring_to_text(day_status_name(day_status(day))));
}

PG_FUNCTION_INFO_V1(adherence_weekday_rates);

/* Rate of each day of the week, Monday first. */
Datum
adherence_weekday_rates(PG_FUNCTION_ARGS)
{
	Tally tallies[DAYS_A_WEEK];
	Datum values[DAYS_A_WEEK] = { 0 };
	bool nulls[DAYS_A_WEEK];
	int dims[] = { DAYS_A_WEEK };
	int bounds[] = { 1 };
	Calendar calendar;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	calendar = calendar_arg_within(fcinfo, 0, 1);
	weekday_tallies(&calendar, tallies);
	for (int i = 0; i < DAYS_A_WEEK; i++)
	{
		nulls[i] = tallies[i].prescribed == 0;
		if (!nulls[i])
			values[i] = Float8GetDatum((double) tallies[i].taken / tallies[i].prescribed);
	}
	PG_RETURN_ARRAYTYPE_P(construct_md_array(values, nulls, 1, dims, bounds, FLOAT8OID,
											 sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

PG_FUNCTION_INFO_V1(adherence_rolling_rate);

/* The rate over the trailing window of each day: day, rate. */
Datum
adherence_rolling_rate(PG_FUNCTION_ARGS)
{
	Calendar calendar;
	Calendar rows;
	int32 days;
	RateWindow window = { 0 };

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		return (Datum) 0;
	days = check_option("days", PG_GETARG_INT32(1), 1, PG_INT32_MAX);
	calendar = calendar_arg(fcinfo, 0);
	rows = calendar_arg_within(fcinfo, 0, 2);
	for (int64 day = calendar.first; rows.ndays > 0 && day < calendar_end(&rows); day++)
	{
		Datum values[2] = { DateADTGetDatum((DateADT) day) };
		bool nulls[2] = { false };

		rate_window_add(&window, calendar_counts_on(&calendar, day), 1);
		rate_window_add(&window, calendar_counts_on(&calendar, day - days), -1);
		nulls[1] = window.prescribed == 0;
		if (!nulls[1])
			values[1] = Float8GetDatum((double) window.taken / window.prescribed);
		if (day >= rows.first)
			put_row(fcinfo, values, nulls);
	}
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(adherence_to_days);

/* Every day: day, prescribed, taken, missed, excused, status. */
Datum
adherence_to_days(PG_FUNCTION_ARGS)
{
	Calendar calendar = calendar_arg(fcinfo, 0);

	InitMaterializedSRF(fcinfo, 0);
	calendar = calendar_trim(&calendar);
	for (int32 i = 0; i < calendar.ndays; i++)
	{
		DayCounts day = calendar_counts(&calendar, i);
		text *status = cstring_to_text(day_status_name(day_status(day)));
		Datum values[] = { DateADTGetDatum(calendar.first + i),
						   Int32GetDatum(day.prescribed),
						   Int32GetDatum(day.taken),
						   Int32GetDatum(day.missed),
						   Int32GetDatum(day.excusing),
						   PointerGetDatum(status) };
		bool nulls[lengthof(values)] = { false };

		put_row(fcinfo, values, nulls);
		pfree(status);
	}
	return (Datum) 0;
}

/*
 * Habits
 */

/* The target option: days a week. */
static int32
target_option(FunctionCallInfo fcinfo, int n)
{
	return check_option("target", int_option(fcinfo, n, 1), 1, DAYS_A_WEEK);
}

PG_FUNCTION_INFO_V1(adherence_weekly_streak);

/* ISO weeks in a row that reach the target. */
Datum
adherence_weekly_streak(PG_FUNCTION_ARGS)
{
	int32 target = target_option(fcinfo, 2);
	Calendar calendar;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	calendar = calendar_arg(fcinfo, 0);
	PG_RETURN_INT32(weekly_streak(&calendar, PG_GETARG_DATEADT(1), target));
}

PG_FUNCTION_INFO_V1(adherence_weeks);

/* Every ISO week: week, days, met. */
Datum
adherence_weeks(PG_FUNCTION_ARGS)
{
	int32 target = target_option(fcinfo, 1);
	Calendar calendar;

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(0))
		return (Datum) 0;
	calendar = calendar_arg(fcinfo, 0);
	calendar = calendar_trim(&calendar);
	for (int64 monday = calendar.first - day_weekday(calendar.first);
		 calendar.ndays > 0 && monday < calendar_end(&calendar); monday += DAYS_A_WEEK)
	{
		Week week = week_of(&calendar, monday, PG_INT64_MAX);
		Datum values[] = { date_range(monday, monday + DAYS_A_WEEK), Int32GetDatum(week.days),
						   BoolGetDatum(week.days >= target) };
		bool nulls[lengthof(values)] = { false };

		if (!week.wholly_excused)
			put_row(fcinfo, values, nulls);
	}
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(adherence_habit_score);

/* Strength of the habit on a day. */
Datum
adherence_habit_score(PG_FUNCTION_ARGS)
{
	double per_week = PG_ARGISNULL(2) ? DAYS_A_WEEK : PG_GETARG_FLOAT8(2);
	Calendar calendar;

	if (!(per_week > 0.0 && per_week <= DAYS_A_WEEK))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("per_week is out of range: \"%g\"", per_week),
						errdetail("It must be above 0 and at most %d.", DAYS_A_WEEK)));
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	calendar = calendar_arg(fcinfo, 0);
	PG_RETURN_FLOAT8(habit_score(&calendar, PG_GETARG_DATEADT(1), per_week));
}
