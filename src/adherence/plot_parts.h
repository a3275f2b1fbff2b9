/*
 * What the pictures of plot.c and plot_svg.c share.
 */
#ifndef COACHIATRY_PLOT_PARTS_H
#define COACHIATRY_PLOT_PARTS_H

#include "adherence/measures.h"
#include "adherence/plot.h"

/* How many statuses there are. */
#define STATUSES (DAY_UNRECORDED + 1)

/* The days of one month that a calendar holds. */
typedef struct PlotMonth
{
	int year; /* astronomical: 0 is 1 BC */
	int month;
	int first_column; /* day of the month of the first, from 0 */
	int32_t from;	  /* indexes of days */
	int32_t until;
} PlotMonth;

extern const DayStatus plot_legend_order[STATUSES];

extern void plot_put_format(const TextSink *sink, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
extern void plot_format_rate(char *text, size_t size, const Tally *tally, const char *between);
extern bool plot_next_month(const Calendar *calendar, PlotMonth *month);
extern bool plot_days_are_empty(const Calendar *calendar, int32_t from, int32_t until);
extern int plot_format_month(char *text, size_t size, const PlotMonth *month);
extern int plot_label_width(const Calendar *calendar);
extern int plot_format_year(char *text, size_t size, int year);

#endif
