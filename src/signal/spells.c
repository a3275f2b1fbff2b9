/*
 * The spells of a rule as rows: when a warning of it was open, of one calendar
 * or series.
 */
#include "signal/watching.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/tuplestore.h"

#include "adherence/adherence.h"
#include "signal/series.h"
#include "signal/signal.h"

/* Arguments of the function. */
enum
{
	DETECTOR,
	PARAMETERS,
	CALENDAR,
	SERIES,
	DIRECTION,
	FIRST,
	THROUGH,
	AHEAD,
	HOLD,
	CLEAR,
	COOL_DOWN,
	CLOSINGS,
};

/* Columns of the rows. */
#define SPELL_COLUMNS 8

/* What is watched, and over which days. */
typedef struct Stream
{
	Watch watch;
	Calendar calendar;	 /* if the detector reads one */
	PackedSeries series; /* else */
	int32 first;
	int32 through; /* the last day that is read */
	int32 judged;  /* the last day that is over, or of which all is known */
	int32 ahead;   /* days to go on beyond those read, on which nothing more is recorded */
} Stream;

/* The watch that the arguments ask for. */
static Watch
watch_arg(FunctionCallInfo fcinfo)
{
	char *direction =
		PG_ARGISNULL(DIRECTION) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(DIRECTION));

	return watch_read(text_to_cstring(PG_GETARG_TEXT_PP(DETECTOR)), PG_GETARG_JSONB_P(PARAMETERS),
					  direction);
}

/* The stream that the arguments ask about. */
static Stream
stream_arg(FunctionCallInfo fcinfo)
{
	Stream stream = { .watch = watch_arg(fcinfo),
					  .first = PG_GETARG_DATEADT(FIRST),
					  .through = PG_GETARG_DATEADT(THROUGH),
					  .ahead = check_whole("ahead", PG_GETARG_INT32(AHEAD), 0, CALENDAR_MAX_DAYS) };

	if (DATE_NOT_FINITE(stream.first) || DATE_NOT_FINITE(stream.through))
		ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
						errmsg("first and through must be finite")));
	adherence_check_span(stream.first, (int64) stream.through + stream.ahead + 1);
	stream.judged = stream.through;
	if (!watch_reads_calendar(stream.watch.detector))
	{
		if (!PG_ARGISNULL(SERIES))
			stream.series = series_arg(fcinfo, SERIES);
		return stream;
	}
	if (!PG_ARGISNULL(CALENDAR))
		stream.calendar = calendar_arg(fcinfo, CALENDAR);
	if (!watch_knows_all_of(&stream.calendar, stream.through))
		stream.judged--;
	return stream;
}

/* Whether there is an alarm on each day from the first through the last and those ahead. */
static AlarmDays
alarms_of(const Stream *stream)
{
	AlarmDays on = { .first = stream->first,
					 .n = Max(0, stream->through - stream->first + 1 + stream->ahead) };

	/* Which days will be planned, only a run of unrecorded ones asks. */
	on.known = stream->watch.detector == WATCH_UNRECORDED_RUN
				   ? Max(0, stream->through - stream->first + 1)
				   : on.n;
	on.alarms = palloc0_array(bool, on.n + 1);
	if (watch_reads_calendar(stream->watch.detector))
	{
		Step *steps = palloc_array(Step, stream->calendar.ndays + 1);

		watch_calendar_days(&stream->watch, &stream->calendar, stream->through, steps, &on);
	}
	else
	{
		int32 n;
		DayValue *days = series_means(&stream->series, stream->through, &n);

		watch_series_days(&stream->watch, days, n, palloc_array(Step, n + 1), &on);
	}
	return on;
}

/* What the detector says as of the day on which a spell opened. */
static Signal
signal_on(const Stream *stream, int32 day)
{
	Trace nothing = { .statistics = NULL };
	int32 as_of = Min(day, stream->through);

	if (watch_reads_calendar(stream->watch.detector))
	{
		Calendar until = calendar_slice(&stream->calendar, PG_INT64_MIN, (int64) as_of + 1);

		return watch_calendar(&stream->watch, &until, as_of, &nothing);
	}
	else
	{
		int32 n;
		DayValue *days = series_means(&stream->series, as_of, &n);

		return watch_series(&stream->watch, days, n, stream->first, as_of, &nothing);
	}
}

/* The days on which somebody closed such a warning, in order. */
static int32 *
closings_arg(FunctionCallInfo fcinfo, int *n)
{
	Datum *elements;
	bool *nulls;
	int count;
	int32 *days;

	*n = 0;
	if (PG_ARGISNULL(CLOSINGS))
		return NULL;
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(CLOSINGS), DATEOID, sizeof(DateADT), true, TYPALIGN_INT,
					  &elements, &nulls, &count);
	days = palloc_array(int32, count + 1);
	for (int i = 0; i < count; i++)
	{
		if (nulls[i] || (*n > 0 && days[*n - 1] > DatumGetDateADT(elements[i])))
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("closings must be days in order")));
		days[(*n)++] = DatumGetDateADT(elements[i]);
	}
	return days;
}

/* Write a spell as a row. */
static void
put_spell(ReturnSetInfo *rows, const Stream *stream, const Spell *spell)
{
	Signal signal = signal_on(stream, spell->opened);
	bool is_known = spell->opened <= stream->through && signal.alarm;
	Datum values[SPELL_COLUMNS] = { DateADTGetDatum(spell->opened),
									DateADTGetDatum(spell->ended),
									BoolGetDatum(spell->how == SPELL_CLOSED),
									DateADTGetDatum(stream->judged),
									Float8GetDatum(signal.statistic),
									Float8GetDatum(signal.lim),
									DateADTGetDatum(signal.since),
									Float8GetDatum(signal.shift) };
	bool nulls[SPELL_COLUMNS] = { false,
								  spell->how == SPELL_OPEN,
								  false,
								  false,
								  !is_known || isnan(signal.statistic),
								  !is_known,
								  !is_known,
								  !is_known || !isfinite(signal.shift) };

	tuplestore_putvalues(rows->setResult, rows->setDesc, values, nulls);
}

PG_FUNCTION_INFO_V1(signal_alarm_spells);

/* The spells of a rule. */
Datum
signal_alarm_spells(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rows = (ReturnSetInfo *) fcinfo->resultinfo;
	Stream stream;
	SpellRule rule;
	AlarmDays on;
	SpellScan scan;
	int32 *closings;
	int nclosings;

	InitMaterializedSRF(fcinfo, 0);
	for (int i = DETECTOR; i < CLOSINGS; i++)
		if (i != CALENDAR && i != SERIES && i != DIRECTION && PG_ARGISNULL(i))
			return (Datum) 0;
	stream = stream_arg(fcinfo);
	rule = (SpellRule){
		.hold = check_whole("hold_days", PG_GETARG_INT32(HOLD), 0, CALENDAR_MAX_DAYS),
		.clear = check_whole("clear_days", PG_GETARG_INT32(CLEAR), 1, CALENDAR_MAX_DAYS),
		.cool_down = check_whole("cool_down_days", PG_GETARG_INT32(COOL_DOWN), 0, CALENDAR_MAX_DAYS)
	};
	closings = closings_arg(fcinfo, &nclosings);
	on = alarms_of(&stream);
	spells_start(&scan, &on, &rule, closings, nclosings);
	while (spells_next(&scan))
	{
		CHECK_FOR_INTERRUPTS();
		put_spell(rows, &stream, &scan.spell);
	}
	return (Datum) 0;
}
