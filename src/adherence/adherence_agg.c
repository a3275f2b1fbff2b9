/*
 * The aggregates that build calendars.  The state is an adherence value with
 * slack: a window of days, most of them blank at first, that is changed in
 * place while the days stay inside and the counts fit, and is laid out anew
 * when they do not.  A window grows to the side on which the day lies, to a
 * size that fills what the allocator rounds up to.  Called outside an aggregate
 * the same functions change nothing in place and return canonical values.
 */
#include "adherence/adherence.h"

#include "nodes/execnodes.h"
#include "utils/builtins.h"

#include "adherence/running.h"

/* Smallest state: 116 days. */
#define MIN_STATE_SIZE 128

/* One unit prescribed and taken, or prescribed and missed, as a narrow day. */
#define NARROW_TAKEN ((uint8) (1 | 1 << 2))
#define NARROW_MISSED ((uint8) (1 | 1 << 4))

/* Both bits set of a count that is 3, seen in its lower bit. */
#define NARROW_FULL(day) ((day) & (day) >> 1)

/*
 * The window
 */

/* Bytes between the header and the days of a state. */
static Size
totals_size(uint16 flags)
{
	return flags & ADHERENCE_RUNNING ? sizeof(RunningTotals) : 0;
}

/* Where the running totals of a state lie. */
static RunningTotals *
state_totals(Adherence *state)
{
	return (RunningTotals *) state->days;
}

/* Days that the window of a state should have to hold a number of days. */
static int64
window_days(int64 needed, uint16 flags)
{
	Size width = flags & ADHERENCE_WIDE ? CALENDAR_WIDE : CALENDAR_NARROW;
	Size before = ADHERENCE_HEADER_SIZE + totals_size(flags);
	Size size = MIN_STATE_SIZE;

	while (size < before + needed * width)
		size *= 2;
	return Min((int64) ((size - before) / width), CALENDAR_MAX_DAYS);
}

/*
 * A state with these flags that holds a calendar's days and has room for those
 * of [first, until) and, beyond them, slack on the side on which they extend it.
 */
static Adherence *
state_lay_out(const Calendar *calendar, int64 first, int64 until, uint16 flags)
{
	Calendar known = calendar_trim(calendar);
	bool backwards = known.ndays > 0 && first < known.first;
	CalendarBuffer buffer;
	Adherence *state;
	int64 ndays;
	Size size;

	if (known.ndays > 0)
	{
		first = Min(first, known.first);
		until = Max(until, calendar_end(&known));
	}
	ndays = window_days(adherence_check_span(first, until), flags);
	if (backwards)
		first = until - ndays;
	size = ADHERENCE_HEADER_SIZE + totals_size(flags) +
		   ndays * (flags & ADHERENCE_WIDE ? CALENDAR_WIDE : CALENDAR_NARROW);
	state = palloc0(size);
	SET_VARSIZE(state, size);
	state->flags = flags;
	state->first = (DateADT) first;
	buffer = adherence_buffer(state);
	calendar_copy(&buffer, &known);
	return state;
}

/* Whether a buffer has room for all days of [first, until). */
static bool
covers(const CalendarBuffer *buffer, int64 first, int64 until)
{
	return first >= buffer->first && until <= (int64) buffer->first + buffer->ndays;
}

/*
 * The state as something to write on: itself inside an aggregate (unless
 * toasted, which no state of ours is), else a copy; with room for the days of
 * [first, until) and with these kinds of flags.
 */
static Adherence *
state_open(FunctionCallInfo fcinfo, int64 first, int64 until, uint16 kind)
{
	Adherence *state = PG_GETARG_ADHERENCE(0);
	Calendar calendar = adherence_calendar(state);
	uint16 width = state->flags & ADHERENCE_WIDE;
	CalendarBuffer buffer = adherence_buffer(state);
	Adherence *opened;

	if (AggCheckCallContext(fcinfo, NULL) && covers(&buffer, first, until) &&
		(state->flags & ADHERENCE_RUNNING) == kind)
		return state;
	opened = state_lay_out(&calendar, first, until, ADHERENCE_VERSION | width | kind);
	if (kind == ADHERENCE_RUNNING)
	{
		RunningTotals totals =
			state->flags & ADHERENCE_RUNNING ? *state_totals(state) : running_totals(&calendar);

		memcpy(state_totals(opened), &totals, sizeof(totals));
	}
	return opened;
}

/* The same state with four bytes a day. */
static Adherence *
state_widen(Adherence *state)
{
	Calendar calendar = adherence_calendar(state);
	Adherence *wide = state_lay_out(&calendar, calendar.first, calendar_end(&calendar),
									state->flags | ADHERENCE_WIDE);

	if (state->flags & ADHERENCE_RUNNING)
		memcpy(state_totals(wide), state_totals(state), sizeof(RunningTotals));
	return wide;
}

/* A state as the caller may have it: as it is inside an aggregate, else canonical. */
static Datum
state_close(FunctionCallInfo fcinfo, Adherence *state)
{
	Calendar calendar;

	if (AggCheckCallContext(fcinfo, NULL))
		PG_RETURN_ADHERENCE(state);
	calendar = adherence_calendar(state);
	PG_RETURN_ADHERENCE(adherence_from_calendar(&calendar));
}

/*
 * Rows
 */

/* Refuse a day that is not one. */
static void
check_day(DateADT day)
{
	if (DATE_NOT_FINITE(day))
		ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
						errmsg("day of adherence must be finite: \"%s\"",
							   DATE_IS_NOBEGIN(day) ? "-infinity" : "infinity")));
}

/* The n-th argument as a count of the row's day, if it can be one. */
static uint8
count_arg(FunctionCallInfo fcinfo, int n)
{
	int64 count = PG_GETARG_INT64(n);

	if (count < 0 || count > CALENDAR_MAX_COUNT)
	{
		check_day(PG_GETARG_DATEADT(1));
		ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						errmsg("count of adherence must be between 0 and %d: \"%lld\"",
							   CALENDAR_MAX_COUNT, (long long) count),
						errdetail("It is a count of the day \"%s\".",
								  day_to_cstring(PG_GETARG_DATEADT(1)))));
	}
	return (uint8) count;
}

/* Change one day of an open state, and its totals if it has any. */
static CalendarResult
state_change_day(Adherence *state, DateADT day, DayCounts by, int sign)
{
	CalendarBuffer buffer = adherence_buffer(state);

	if (state->flags & ADHERENCE_RUNNING)
		return running_change(state_totals(state), &buffer, day, by, sign);
	return calendar_change_day(&buffer, day, by, sign);
}

/* Change one day of an open state, which becomes wide if it must. */
static Adherence *
state_change(Adherence *state, DateADT day, DayCounts by, int sign)
{
	CalendarResult result = state_change_day(state, day, by, sign);

	if (result == CALENDAR_NEEDS_WIDE)
	{
		state = state_widen(state);
		result = state_change_day(state, day, by, sign);
	}
	if (result != CALENDAR_OK)
		adherence_count_error(result, day);
	return state;
}

/* Let a row of counts enter (sign 1) or leave (sign -1) the state that is argument 0. */
static Datum
change_day(FunctionCallInfo fcinfo, DayCounts by, int sign, uint16 kind)
{
	DateADT day = PG_GETARG_DATEADT(1);
	Adherence *state;

	check_day(day);
	if (day_is_blank(by))
		return state_close(fcinfo, PG_GETARG_ADHERENCE(0));
	state = state_open(fcinfo, day, (int64) day + 1, kind);
	return state_close(fcinfo, state_change(state, day, by, sign));
}

/*
 * Let counts enter a state of one's own, which begins with NULL, may move, and
 * is not canonical until its calendar is.
 */
Adherence *
adherence_state_add(Adherence *state, DateADT day, DayCounts by)
{
	Calendar calendar = { .width = CALENDAR_NARROW };
	CalendarBuffer buffer = { 0 };

	check_day(day);
	if (state != NULL)
	{
		calendar = adherence_calendar(state);
		buffer = adherence_buffer(state);
	}
	if (state == NULL || !covers(&buffer, day, (int64) day + 1))
		state = state_lay_out(&calendar, day, (int64) day + 1,
							  state == NULL ? ADHERENCE_VERSION : state->flags);
	return state_change(state, day, by, 1);
}

/* Counts of a row that prescribes one unit and says whether it was taken. */
static DayCounts
counts_taken(FunctionCallInfo fcinfo)
{
	bool taken = PG_GETARG_BOOL(2);

	return (DayCounts){ .prescribed = 1, .taken = taken, .missed = !taken };
}

/* Counts of a row (day, taken, prescribed): what is not taken of the prescribed is missed. */
static DayCounts
counts_units(FunctionCallInfo fcinfo)
{
	DayCounts day = { .taken = count_arg(fcinfo, 2), .prescribed = count_arg(fcinfo, 3) };

	if (day.taken < day.prescribed)
		day.missed = day.prescribed - day.taken;
	return day;
}

/* Counts of a row (day, prescribed, taken, missed). */
static DayCounts
counts_all(FunctionCallInfo fcinfo)
{
	return (DayCounts){ .prescribed = count_arg(fcinfo, 2),
						.taken = count_arg(fcinfo, 3),
						.missed = count_arg(fcinfo, 4) };
}

/* Counts of a row that names a status. */
static DayCounts
counts_status(FunctionCallInfo fcinfo)
{
	static const struct
	{
		DayStatus status;
		DayCounts day;
	} words[] = {
		{ DAY_TAKEN, { .prescribed = 1, .taken = 1 } },
		{ DAY_MISSED, { .prescribed = 1, .missed = 1 } },
		{ DAY_UNRECORDED, { .prescribed = 1 } },
		{ DAY_EXCUSED, { .excusing = 1 } },
		{ DAY_EXTRA, { .taken = 1 } },
	};
	text *word = PG_GETARG_TEXT_PP(2);
	size_t length = VARSIZE_ANY_EXHDR(word);

	for (size_t i = 0; i < lengthof(words); i++)
	{
		const char *name = day_status_name(words[i].status);

		if (strlen(name) == length && memcmp(name, VARDATA_ANY(word), length) == 0)
			return words[i].day;
	}
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("invalid adherence status: \"%s\"", text_to_cstring(word)),
					errhint("A row's status is taken, missed, unrecorded, excused or extra.")));
}

/*
 * Aggregates of rows
 */

/*
 * Whether a row (day, taken) has a NULL, or the state is NULL.  The functions
 * that take such rows are not STRICT: the server's own check costs more for
 * each row than this.
 */
static inline bool
skips_row(FunctionCallInfo fcinfo)
{
	return PG_ARGISNULL(1) | PG_ARGISNULL(2) | PG_ARGISNULL(0);
}

/* What a row that is skipped leaves: the state as it is; outside an aggregate NULL, as from STRICT. */
static Datum
unchanged(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0) || !AggCheckCallContext(fcinfo, NULL))
		PG_RETURN_NULL();
	return PG_GETARG_DATUM(0);
}

PG_FUNCTION_INFO_V1(adherence_agg_add_taken);

/*
 * A row (day, taken) enters.  This is where aggregating a table of check-ins
 * spends its time, so the usual case comes first and calls as little as can
 * be: a plain narrow state whose window holds the day, and counts below 3.
 */
Datum
adherence_agg_add_taken(PG_FUNCTION_ARGS)
{
	Adherence *state = (Adherence *) PG_GETARG_POINTER(0);

	if (skips_row(fcinfo))
		return unchanged(fcinfo);
	if (fcinfo->context != NULL && IsA(fcinfo->context, AggState) && VARATT_IS_4B_U(state) &&
		state->flags == ADHERENCE_VERSION)
	{
		int64 i = (int64) PG_GETARG_DATEADT(1) - state->first;
		uint8 by = PG_GETARG_BOOL(2) ? NARROW_TAKEN : NARROW_MISSED;

		if (i >= 0 && i < (int64) VARSIZE(state) - (int64) ADHERENCE_HEADER_SIZE &&
			(NARROW_FULL(state->days[i]) & by) == 0)
		{
			state->days[i] += by;
			PG_RETURN_ADHERENCE(state);
		}
	}
	return change_day(fcinfo, counts_taken(fcinfo), 1, 0);
}

PG_FUNCTION_INFO_V1(adherence_agg_remove_taken);

/* A row (day, taken) leaves. */
Datum
adherence_agg_remove_taken(PG_FUNCTION_ARGS)
{
	if (skips_row(fcinfo))
		return unchanged(fcinfo);
	return change_day(fcinfo, counts_taken(fcinfo), -1, 0);
}

PG_FUNCTION_INFO_V1(adherence_agg_add_units);

/* A row (day, taken, prescribed) enters. */
Datum
adherence_agg_add_units(PG_FUNCTION_ARGS)
{
	return change_day(fcinfo, counts_units(fcinfo), 1, 0);
}

PG_FUNCTION_INFO_V1(adherence_agg_remove_units);

/* A row (day, taken, prescribed) leaves. */
Datum
adherence_agg_remove_units(PG_FUNCTION_ARGS)
{
	return change_day(fcinfo, counts_units(fcinfo), -1, 0);
}

PG_FUNCTION_INFO_V1(adherence_agg_add_counts);

/* A row (day, prescribed, taken, missed) enters. */
Datum
adherence_agg_add_counts(PG_FUNCTION_ARGS)
{
	return change_day(fcinfo, counts_all(fcinfo), 1, 0);
}

PG_FUNCTION_INFO_V1(adherence_agg_remove_counts);

/* A row (day, prescribed, taken, missed) leaves. */
Datum
adherence_agg_remove_counts(PG_FUNCTION_ARGS)
{
	return change_day(fcinfo, counts_all(fcinfo), -1, 0);
}

PG_FUNCTION_INFO_V1(adherence_agg_add_status);

/* A row (day, status) enters. */
Datum
adherence_agg_add_status(PG_FUNCTION_ARGS)
{
	return change_day(fcinfo, counts_status(fcinfo), 1, 0);
}

PG_FUNCTION_INFO_V1(adherence_agg_remove_status);

/* A row (day, status) leaves. */
Datum
adherence_agg_remove_status(PG_FUNCTION_ARGS)
{
	return change_day(fcinfo, counts_status(fcinfo), -1, 0);
}

PG_FUNCTION_INFO_V1(adherence_agg_final);

/* The state without slack; NULL if it holds nothing. */
Datum
adherence_agg_final(PG_FUNCTION_ARGS)
{
	Calendar calendar = calendar_arg(fcinfo, 0);

	calendar = calendar_trim(&calendar);
	if (calendar.ndays == 0)
		PG_RETURN_NULL();
	PG_RETURN_ADHERENCE(adherence_from_calendar(&calendar));
}

/*
 * Aggregates of calendars
 */

/* Let a calendar enter (sign 1) or leave (sign -1) the state that is argument 0. */
static Datum
change_days(FunctionCallInfo fcinfo, int sign)
{
	Calendar by = calendar_arg(fcinfo, 1);
	Adherence *state;
	CalendarResult result = CALENDAR_OK;
	int32 day;

	/* What comes into an empty state is one already: a partial state, when two are combined. */
	if (sign > 0 && AggCheckCallContext(fcinfo, NULL) && calendar_arg(fcinfo, 0).ndays == 0)
		PG_RETURN_ADHERENCE(PG_GETARG_ADHERENCE(1));
	by = calendar_trim(&by);
	if (by.ndays == 0)
		return state_close(fcinfo, PG_GETARG_ADHERENCE(0));
	state = state_open(fcinfo, by.first, calendar_end(&by), 0);
	do
	{
		CalendarBuffer buffer;

		if (result == CALENDAR_NEEDS_WIDE)
			state = state_widen(state);
		buffer = adherence_buffer(state);
		result =
			sign > 0 ? calendar_add(&buffer, &by, &day) : calendar_subtract(&buffer, &by, &day);
	} while (result == CALENDAR_NEEDS_WIDE);
	if (result != CALENDAR_OK)
		adherence_count_error(result, day);
	return state_close(fcinfo, state);
}

PG_FUNCTION_INFO_V1(adherence_rollup_add);

/* A calendar enters; also combines two partial states. */
Datum
adherence_rollup_add(PG_FUNCTION_ARGS)
{
	return change_days(fcinfo, 1);
}

PG_FUNCTION_INFO_V1(adherence_rollup_remove);

/* A calendar leaves. */
Datum
adherence_rollup_remove(PG_FUNCTION_ARGS)
{
	return change_days(fcinfo, -1);
}

/*
 * One-step aggregates
 */

PG_FUNCTION_INFO_V1(adherence_running_add);

/* A row (day, taken) enters a state with running totals. */
Datum
adherence_running_add(PG_FUNCTION_ARGS)
{
	return change_day(fcinfo, counts_taken(fcinfo), 1, ADHERENCE_RUNNING);
}

PG_FUNCTION_INFO_V1(adherence_running_remove);

/* A row (day, taken) leaves a state with running totals. */
Datum
adherence_running_remove(PG_FUNCTION_ARGS)
{
	return change_day(fcinfo, counts_taken(fcinfo), -1, ADHERENCE_RUNNING);
}

/* The totals of the state that is argument 0: kept, or else made from its days. */
static RunningTotals
totals_arg(FunctionCallInfo fcinfo)
{
	Adherence *state = PG_GETARG_ADHERENCE(0);
	Calendar calendar = adherence_calendar(state);

	if (state->flags & ADHERENCE_RUNNING)
		return *state_totals(state);
	return running_totals(&calendar);
}

PG_FUNCTION_INFO_V1(adherence_longest_streak_final);

/* Adherent days in the longest streak of the rows; NULL if there were none. */
Datum
adherence_longest_streak_final(PG_FUNCTION_ARGS)
{
	Calendar calendar = calendar_arg(fcinfo, 0);

	calendar = calendar_trim(&calendar);
	if (calendar.ndays == 0)
		PG_RETURN_NULL();
	PG_RETURN_INT32(longest_streak(&calendar, &ADHERENCE_RULE_DEFAULT));
}

PG_FUNCTION_INFO_V1(adherence_current_streak_final);

/* Adherent days in the streak that reaches the last day; NULL if there were no rows. */
Datum
adherence_current_streak_final(PG_FUNCTION_ARGS)
{
	RunningTotals totals = totals_arg(fcinfo);

	if (totals.first > totals.last)
		PG_RETURN_NULL();
	PG_RETURN_INT32(totals.adherent);
}

PG_FUNCTION_INFO_V1(adherence_rate_final);

/* Share of the prescribed units that was taken; NULL if there were no rows. */
Datum
adherence_rate_final(PG_FUNCTION_ARGS)
{
	RunningTotals totals = totals_arg(fcinfo);

	if (totals.units.prescribed == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8((double) totals.units.taken / totals.units.prescribed);
}
