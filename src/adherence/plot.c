/*
 * Pictures of a calendar in text: sparkline and heatmap.
 *
 * One rule draws a day in both: blocks for what is known of a planned
 * day, higher the more of it was taken, and a mark of its own for each of the
 * other statuses.  Text goes to a sink in small pieces, so that a picture of
 * 200 years needs no memory here.
 */
#include "adherence/plot_parts.h"

#include <inttypes.h>
#include <stdio.h>

/* Heights of a block: eighths, and the highest says that all was taken. */
#define LEVELS 8

/* One character a status, and one for each height of a block. */
typedef struct MarkSet
{
	const char *levels[LEVELS];
	const char *partial; /* what a legend shows for all heights between */
	const char *statuses[STATUSES];
} MarkSet;

static const MarkSet mark_sets[] = {
	[PLOT_UTF8] = {
		.levels = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" },
		.partial = "▂-▇",
		.statuses = {
			[DAY_NONE] = "·", [DAY_EXCUSED] = "x", [DAY_EXTRA] = "*",
			[DAY_OVER] = "!", [DAY_UNRECORDED] = "?",
		},
	},
	[PLOT_ASCII] = {
		.levels = { "_", "2", "3", "4", "5", "6", "7", "#" },
		.partial = "2-7",
		.statuses = {
			[DAY_NONE] = ".", [DAY_EXCUSED] = "x", [DAY_EXTRA] = "*",
			[DAY_OVER] = "!", [DAY_UNRECORDED] = "?",
		},
	},
};

/* The days of a calendar from one index up to, not including, another. */
static Calendar
days_between(const Calendar *calendar, int32_t from, int32_t until)
{
	return calendar_slice(calendar, (int64_t) calendar->first + from,
						  (int64_t) calendar->first + until);
}

/* The height of a block, from 0: the lowest and the highest are for nothing and all. */
static int
block_level(int64_t taken, int64_t prescribed)
{
	int64_t eighths = LEVELS * taken / prescribed;

	if (taken == 0 || taken == prescribed)
		return taken == 0 ? 0 : LEVELS - 1;
	return (int) (eighths < 2 ? 1 : eighths - 1);
}

/*
 * The mark of a calendar's days together.  Any day with too much shows, as
 * that is a matter of safety; silence shows where it is more than half; and a
 * block is as high as the rate of the days that are recorded.
 */
static const char *
mark_days(const Calendar *days, const MarkSet *marks)
{
	static const AdherenceRule recorded_only = { .threshold = 1.0,
												 .skip_unrecorded = true,
												 .over_adheres = true };
	Tally recorded = calendar_tally(days, &recorded_only);

	if (recorded.status[DAY_OVER] > 0)
		return marks->statuses[DAY_OVER];
	if (recorded.status[DAY_UNRECORDED] > recorded.planned)
		return marks->statuses[DAY_UNRECORDED];
	if (recorded.planned > 0)
		return marks->levels[block_level(recorded.taken, recorded.prescribed)];
	if (recorded.status[DAY_EXCUSED] > 0)
		return marks->statuses[DAY_EXCUSED];
	return marks->statuses[recorded.status[DAY_EXTRA] > 0 ? DAY_EXTRA : DAY_NONE];
}

/*
 * Write the days from one up to, not including, another as one line: a
 * character a day while they fit in width, else width characters that each
 * stand for an equal share of the days.  Days that the calendar does not have
 * are drawn as days of nothing, so that lines of one range stand in step.
 */
void
calendar_sparkline(const Calendar *calendar, int64_t from, int64_t until, int width,
				   PlotMarks marks, const TextSink *sink)
{
	int64_t n = until > from ? until - from : 0;
	int64_t columns = n < width ? n : width;

	for (int64_t i = 0; i < columns; i++)
	{
		Calendar share =
			calendar_slice(calendar, from + i * n / columns, from + (i + 1) * n / columns);

		sink_string(sink, mark_days(&share, &mark_sets[marks]));
	}
}

/*
 * Heatmap: a line a month, a column a day of the month
 */

/* A run of more empty months than this is one line. */
#define MAX_EMPTY_MONTHS 12

/* The empty months from this one on; last becomes the last of them. */
static int
count_empty_months(const Calendar *calendar, const PlotMonth *month, PlotMonth *last)
{
	PlotMonth next = *month;
	int months = 0;

	do
	{
		if (!plot_days_are_empty(calendar, next.from, next.until))
			break;
		*last = next;
		months++;
	} while (plot_next_month(calendar, &next));
	return months;
}

/* Write the two lines above the months: tens and units of the day of the month. */
static void
put_heatmap_header(const TextSink *sink, int indent)
{
	plot_put_format(sink, "%*s         1         2         3\n", indent, "");
	plot_put_format(sink, "%*s1234567890123456789012345678901    rate\n", indent, "");
}

/* Write the line of one month, without blanks at its end. */
static void
put_month(const Calendar *calendar, const PlotMonth *month, PlotMarks marks, const TextSink *sink,
		  int indent)
{
	Calendar days = days_between(calendar, month->from, month->until);
	Tally total = calendar_tally(&days, &ADHERENCE_RULE_DEFAULT);
	char text[32];
	int end = month->first_column + month->until - month->from;

	plot_format_month(text, sizeof(text), month);
	plot_put_format(sink, "%-*s%*s", indent, text, month->first_column, "");
	for (int32_t i = month->from; i < month->until; i++)
	{
		Calendar day = days_between(calendar, i, i + 1);

		sink_string(sink, mark_days(&day, &mark_sets[marks]));
	}
	plot_format_rate(text, sizeof(text), &total, "-");
	if (text[0] != '\0')
		plot_put_format(sink, "%*s%8s", 31 - end, "", text);
	sink_string(sink, "\n");
}

/* Write what the marks mean. */
static void
put_legend(PlotMarks marks, const TextSink *sink)
{
	const MarkSet *set = &mark_sets[marks];

	for (int i = 0; i < STATUSES; i++)
	{
		DayStatus status = plot_legend_order[i];
		const char *mark = set->statuses[status];

		if (status == DAY_TAKEN)
			mark = set->levels[LEVELS - 1];
		else if (status == DAY_PARTIAL)
			mark = set->partial;
		else if (status == DAY_MISSED)
			mark = set->levels[0];
		plot_put_format(sink, "%s%s %s", i > 0 ? "  " : "", mark, day_status_name(status));
	}
}

/* Write a calendar as a month grid with rates and a legend; nothing for an empty one. */
void
calendar_heatmap(const Calendar *calendar, PlotMarks marks, const TextSink *sink)
{
	PlotMonth month = { 0 };
	PlotMonth last;
	int indent;
	int empty;

	if (calendar->ndays == 0)
		return;
	indent = plot_label_width(calendar) + 1;
	put_heatmap_header(sink, indent);
	while (plot_next_month(calendar, &month))
	{
		empty = count_empty_months(calendar, &month, &last);
		if (empty > MAX_EMPTY_MONTHS)
		{
			plot_put_format(sink, "... %d empty months\n", empty);
			month = last;
		}
		else
			put_month(calendar, &month, marks, sink, indent);
	}
	put_legend(marks, sink);
}
