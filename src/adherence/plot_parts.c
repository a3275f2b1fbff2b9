/*
 * What the pictures of a calendar share: the legend's order, rates in words,
 * and the months that a calendar touches.
 */
#include "adherence/plot_parts.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

/* The order of a legend: what is known of planned days first. */
const DayStatus plot_legend_order[STATUSES] = {
	DAY_TAKEN, DAY_PARTIAL, DAY_MISSED, DAY_UNRECORDED, DAY_OVER, DAY_EXCUSED, DAY_EXTRA, DAY_NONE,
};

/* Send formatted text of less than 256 bytes to a sink. */
void
plot_put_format(const TextSink *sink, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	sink_string(sink, text);
}

/* A share as a whole percent: 0 and 100 are exact, all else lies between. */
static int
percent(int64_t part, int64_t whole)
{
	int64_t rounded = (200 * part + whole) / (2 * whole);

	if (part > 0 && rounded == 0)
		return 1;
	if (part < whole && rounded == 100)
		return 99;
	return (int) rounded;
}

/* Write the rate of planned units taken as "87%" or its bounds, "87-91%"; nothing without a plan. */
void
plot_format_rate(char *text, size_t size, const Tally *tally, const char *between)
{
	int low;
	int high;

	text[0] = '\0';
	if (tally->prescribed == 0)
		return;
	low = percent(tally->taken, tally->prescribed);
	high = percent(tally->possible, tally->prescribed);
	if (low == high)
		snprintf(text, size, "%d%%", low);
	else
		snprintf(text, size, "%d%s%d%%", low, between, high);
}

/* Step to the month of the day at until, which is 0 before the first; false at the end. */
bool
plot_next_month(const Calendar *calendar, PlotMonth *month)
{
	int of_month;
	int left;

	month->from = month->until;
	if (month->from >= calendar->ndays)
		return false;
	day_to_civil(calendar->first + month->from, &month->year, &month->month, &of_month);
	month->first_column = of_month - 1;
	left = days_in_month(month->year, month->month) - month->first_column;
	month->until = left < calendar->ndays - month->from ? month->from + left : calendar->ndays;
	return true;
}

/* Whether nothing was planned, done or excused on the days from one index up to another. */
bool
plot_days_are_empty(const Calendar *calendar, int32_t from, int32_t until)
{
	for (int32_t i = from; i < until; i++)
	{
		if (day_status(calendar_counts(calendar, i)) != DAY_NONE)
			return false;
	}
	return true;
}

/* Write a year as dates have it, and return how many characters that took. */
int
plot_format_year(char *text, size_t size, int year)
{
	return snprintf(text, size, "%04d%s", year > 0 ? year : 1 - year, year > 0 ? "" : " BC");
}

/* Write the label of a month, as dates have it, and return how many characters that took. */
int
plot_format_month(char *text, size_t size, const PlotMonth *month)
{
	return snprintf(text, size, "%04d-%02d%s", month->year > 0 ? month->year : 1 - month->year,
					month->month, month->year > 0 ? "" : " BC");
}

/* Columns that the widest label of a month takes: years only get longer or lose their BC. */
int
plot_label_width(const Calendar *calendar)
{
	char text[32];
	PlotMonth month = { 0 };
	int first;
	int last;

	plot_next_month(calendar, &month);
	first = plot_format_month(text, sizeof(text), &month);
	month.until = calendar->ndays - 1;
	plot_next_month(calendar, &month);
	last = plot_format_month(text, sizeof(text), &month);
	return first > last ? first : last;
}
