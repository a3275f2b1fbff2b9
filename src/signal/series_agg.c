/*
 * The aggregates that build series, and the builder for C.  The state is a
 * series that holds a tally, which is changed in place while days, bits and
 * entries find room, and is laid out anew, larger, when they do not.  Called
 * outside an aggregate the same functions change nothing in place and return
 * packed values.
 */
#include "signal/series.h"

#include <math.h>

#include "miscadmin.h"
#include "nodes/execnodes.h"
#include "utils/memutils.h"

#include "adherence/adherence.h"
#include "signal/tally.h"

/* Days between two looks at interrupts. */
#define DAYS_PER_CHECK 4096

struct SeriesBuilder
{
	MemoryContext context;
	Series *state; /* NULL before the first observation */
};

/*
 * States
 */

/* The tally of a state. */
static DayTally *
state_tally(Series *state)
{
	return (DayTally *) state->bytes;
}

/* A state that holds what another one (or NULL) does, with room for a change. */
static Series *
state_lay_out(Series *held, const Observations *by)
{
	DayTally shape;
	SeriesFault fault = tally_plan(&shape, held == NULL ? NULL : state_tally(held), by);
	Size size;
	Series *state;

	if (fault != SERIES_OK)
		series_fault_error(fault, by->day);
	size = add_size(SERIES_HEADER_SIZE, tally_size(&shape));
	state = palloc0(size);
	SET_VARSIZE(state, size);
	state->flags = SERIES_FORMAT | SERIES_STATE;
	memcpy(state_tally(state), &shape, sizeof(shape));
	if (held != NULL)
		tally_move(state_tally(state), state_tally(held));
	return state;
}

/* Let observations enter (sign 1) or leave (sign -1) a state (or NULL, an empty one) that is ours. */
static Series *
state_change(Series *state, const Observations *by, int sign)
{
	SeriesResult result = sign > 0 ? RESULT_FULL : RESULT_BELOW;

	if (state != NULL)
		result = tally_change(state_tally(state), by, sign);
	while (result == RESULT_FULL)
	{
		state = state_lay_out(state, by);
		result = tally_change(state_tally(state), by, sign);
	}
	if (result != RESULT_OK)
		series_result_error(result, by->day);
	return state;
}

/* Let all days of a value or state enter or leave a state (or NULL) that is ours. */
static Series *
state_change_all(Series *state, Series *part, int sign)
{
	PackedSeries series = series_view(series_pack(part));
	SeriesScan scan;

	scan_start(&scan, &series);
	for (int i = 0; scan_next(&scan); i++)
	{
		if (i % DAYS_PER_CHECK == 0)
			CHECK_FOR_INTERRUPTS();
		state = state_change(state, &scan.here, sign);
	}
	if (scan.is_damaged)
		series_damaged();
	return state;
}

/* A value or state as a state that is ours to write: itself if it may be changed; NULL if it is empty. */
static Series *
state_open(Series *value, bool in_place)
{
	if (in_place && series_is_state(value))
		return value;
	return state_change_all(NULL, value, 1);
}

/* Let observations enter or leave a value or state. */
Series *
series_add(Series *state, bool in_place, const Observations *by, int sign)
{
	return state_change(state_open(state, in_place), by, sign);
}

/*
 * Aggregates
 */

/* Whether the first argument is a state that may be changed. */
static bool
is_in_aggregate(FunctionCallInfo fcinfo)
{
	return AggCheckCallContext(fcinfo, NULL) != 0;
}

/* Return a state as the caller may have it: as it is inside an aggregate, else packed. */
static Datum
return_state(FunctionCallInfo fcinfo, Series *state)
{
	if (!is_in_aggregate(fcinfo))
		state = series_pack(state);
	PG_RETURN_SERIES(state);
}

/* One observation, if it can be one. */
static void
one_observation(DateADT day, float8 value, Observations *one)
{
	if (DATE_NOT_FINITE(day))
		ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
						errmsg("day of series must be finite: \"%s\"",
							   DATE_IS_NOBEGIN(day) ? "-infinity" : "infinity")));
	one->day = day;
	one->count = 1;
	if (!exact_of_double(value, &one->sum))
		ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						errmsg("value of series must be finite: \"%s\"", isnan(value) ? "NaN"
																		 : value > 0  ? "Infinity"
																					 : "-Infinity"),
						errdetail("It is a value of the day \"%s\".", day_to_cstring(day))));
}

/* Let a row (day, value) enter (sign 1) or leave (sign -1) the state that is argument 0. */
static Datum
change_row(FunctionCallInfo fcinfo, int sign)
{
	Observations one;

	one_observation(PG_GETARG_DATEADT(1), PG_GETARG_FLOAT8(2), &one);
	return return_state(fcinfo,
						series_add(PG_GETARG_SERIES(0), is_in_aggregate(fcinfo), &one, sign));
}

PG_FUNCTION_INFO_V1(series_agg_add);

/* A row (day, value) enters. */
Datum
series_agg_add(PG_FUNCTION_ARGS)
{
	return change_row(fcinfo, 1);
}

PG_FUNCTION_INFO_V1(series_agg_remove);

/* A row (day, value) leaves. */
Datum
series_agg_remove(PG_FUNCTION_ARGS)
{
	return change_row(fcinfo, -1);
}

PG_FUNCTION_INFO_V1(series_agg_final);

/* The packed value of a state; NULL if it holds nothing. */
Datum
series_agg_final(PG_FUNCTION_ARGS)
{
	Series *value = series_pack(PG_GETARG_SERIES(0));

	if (series_view(value).size == 0)
		PG_RETURN_NULL();
	PG_RETURN_SERIES(value);
}

/* Let a series enter (sign 1) or leave (sign -1) the state that is argument 0. */
static Datum
change_days(FunctionCallInfo fcinfo, int sign)
{
	Series *value = PG_GETARG_SERIES(0);
	Series *part = PG_GETARG_SERIES(1);
	bool in_place = is_in_aggregate(fcinfo);
	Series *state;

	/* What comes into an empty state is one already: a partial state, when two are combined. */
	if (sign > 0 && in_place && !series_is_state(value) && series_view(value).size == 0)
		PG_RETURN_SERIES(part);
	state = state_change_all(state_open(value, in_place), part, sign);
	return return_state(fcinfo, state != NULL ? state : value);
}

PG_FUNCTION_INFO_V1(series_rollup_add);

/* A series enters; also combines two partial states. */
Datum
series_rollup_add(PG_FUNCTION_ARGS)
{
	return change_days(fcinfo, 1);
}

PG_FUNCTION_INFO_V1(series_rollup_remove);

/* A series leaves. */
Datum
series_rollup_remove(PG_FUNCTION_ARGS)
{
	return change_days(fcinfo, -1);
}

/*
 * The builder
 */

/* A builder of an empty series in the current memory context. */
SeriesBuilder *
series_builder_create(void)
{
	SeriesBuilder *builder = palloc0_object(SeriesBuilder);

	builder->context = CurrentMemoryContext;
	return builder;
}

/* Add one observation. */
void
series_builder_add(SeriesBuilder *builder, DateADT day, float8 value)
{
	MemoryContext before = MemoryContextSwitchTo(builder->context);
	Series *held = builder->state;
	Observations one;

	one_observation(day, value, &one);
	builder->state = state_change(held, &one, 1);
	if (held != NULL && held != builder->state)
		pfree(held);
	MemoryContextSwitchTo(before);
}

/* The series so far, empty if nothing was added, in the current memory context. */
Series *
series_builder_finish(const SeriesBuilder *builder)
{
	SeriesWriter writer;

	if (builder->state != NULL)
		return series_pack(builder->state);
	series_writer_start(&writer);
	return series_writer_finish(&writer);
}
