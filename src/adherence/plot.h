/*
 * Pictures of a calendar: a line of blocks, a month grid in text, and a grid
 * of weeks in SVG.  Plain C on calendar.h; text goes out piece by piece.
 */
#ifndef COACHIATRY_PLOT_H
#define COACHIATRY_PLOT_H

#include "adherence/calendar.h"

/* Widths of a sparkline, in characters. */
#define PLOT_MIN_WIDTH 1
#define PLOT_MAX_WIDTH 1000

/* The characters that days are drawn with. */
typedef enum PlotMarks
{
	PLOT_UTF8,
	PLOT_ASCII,
} PlotMarks;

extern void calendar_sparkline(const Calendar *calendar, int64_t from, int64_t until, int width,
							   PlotMarks marks, const TextSink *sink);
extern void calendar_heatmap(const Calendar *calendar, PlotMarks marks, const TextSink *sink);
extern void calendar_heatmap_svg(const Calendar *calendar, const TextSink *sink);

#endif
