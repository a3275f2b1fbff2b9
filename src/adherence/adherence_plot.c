/*
 * Pictures of a calendar as SQL functions: plot.c bound to the server.  Where
 * the database's encoding has no blocks, marks are ASCII; the encoding of a
 * database never changes, so the functions are immutable.
 */
#include "adherence/adherence.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "adherence/plot.h"

/* Characters of a sparkline where the caller does not say. */
#define DEFAULT_WIDTH 30

/* Append text to a StringInfo; a large picture can be cancelled. */
static void
put_text(void *target, const char *text, size_t length)
{
	CHECK_FOR_INTERRUPTS();
	appendBinaryStringInfo((StringInfo) target, text, (int) length);
}

/* A sink that appends to a StringInfo, which is made empty. */
static TextSink
open_text(StringInfo text)
{
	initStringInfo(text);
	return (TextSink){ .put = put_text, .target = text };
}

/* What a StringInfo holds as a value of type text. */
static text *
close_text(StringInfo text)
{
	return cstring_to_text_with_len(text->data, text->len);
}

/* The marks that the database's encoding can hold. */
static PlotMarks
database_marks(void)
{
	return GetDatabaseEncoding() == PG_UTF8 ? PLOT_UTF8 : PLOT_ASCII;
}

/* The days of the first argument, without slack, that lie in the range of the second. */
static Calendar
days_to_plot(FunctionCallInfo fcinfo)
{
	Calendar whole = calendar_arg(fcinfo, 0);
	Calendar days = calendar_arg_within(fcinfo, 0, 1);
	Calendar trimmed = calendar_trim(&whole);

	return calendar_slice(&days, trimmed.first, calendar_end(&trimmed));
}

/* The first day of a sparkline and the day after its last: an end without a bound is the calendar's. */
static void
days_to_line(FunctionCallInfo fcinfo, const Calendar *days, int64 *from, int64 *until)
{
	day_range_arg(fcinfo, 1, from, until);
	if (days->ndays == 0 && (*from == PG_INT64_MIN || *until == PG_INT64_MAX))
		*from = *until = 0;
	if (*from == PG_INT64_MIN)
		*from = days->first;
	if (*until == PG_INT64_MAX)
		*until = calendar_end(days);
}

PG_FUNCTION_INFO_V1(adherence_sparkline);

/* sparkline(a, within, width): a line of blocks; a bound of within is drawn even where no day is. */
Datum
adherence_sparkline(PG_FUNCTION_ARGS)
{
	int32 width = PG_ARGISNULL(2) ? DEFAULT_WIDTH : PG_GETARG_INT32(2);
	StringInfoData text;
	TextSink sink;
	Calendar days;
	int64 from;
	int64 until;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	if (width < PLOT_MIN_WIDTH || width > PLOT_MAX_WIDTH)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("invalid sparkline width \"%d\"", width),
						errdetail("A sparkline is from %d to %d characters wide.", PLOT_MIN_WIDTH,
								  PLOT_MAX_WIDTH)));
	days = calendar_arg(fcinfo, 0);
	days = calendar_trim(&days);
	days_to_line(fcinfo, &days, &from, &until);
	sink = open_text(&text);
	calendar_sparkline(&days, from, until, width, database_marks(), &sink);
	PG_RETURN_TEXT_P(close_text(&text));
}

PG_FUNCTION_INFO_V1(adherence_heatmap);

/* heatmap(a, within): a month grid in text. */
Datum
adherence_heatmap(PG_FUNCTION_ARGS)
{
	StringInfoData text;
	TextSink sink;
	Calendar days;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	days = days_to_plot(fcinfo);
	sink = open_text(&text);
	calendar_heatmap(&days, database_marks(), &sink);
	PG_RETURN_TEXT_P(close_text(&text));
}

PG_FUNCTION_INFO_V1(adherence_heatmap_svg);

/* heatmap_svg(a, within): a grid of weeks as SVG. */
Datum
adherence_heatmap_svg(PG_FUNCTION_ARGS)
{
	StringInfoData text;
	TextSink sink;
	Calendar days;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	days = days_to_plot(fcinfo);
	sink = open_text(&text);
	calendar_heatmap_svg(&days, &sink);
	PG_RETURN_TEXT_P(close_text(&text));
}
