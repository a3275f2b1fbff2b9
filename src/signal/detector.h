/*
 * Detectors as plain C: what a series or a calendar says, read up to its last
 * day, about whether something has changed.  A detector is a pure function:
 * it keeps nothing, and is not reset by an alarm, so that an alarm means that
 * the statistic is beyond its limit now.  Days without a value are not there.
 * What lies after as_of is cut off first.
 */
#ifndef COACHIATRY_DETECTOR_H
#define COACHIATRY_DETECTOR_H

#include "adherence/calendar.h"
#include "adherence/measures.h"

/* The value of a day of a series. */
typedef struct DayValue
{
	int32_t day;
	double value;
} DayValue;

/* The values of a series in order. */
typedef struct DayValues
{
	int32_t n;
	const DayValue *days;
} DayValues;

/* A day with a value, and whether there was an alarm after it. */
typedef struct Step
{
	int32_t day;
	bool alarm;
} Step;

/* What is kept of each value: with room for every one, or NULL: not wanted. */
typedef struct Trace
{
	double *statistics; /* after it; NAN where there is none */
	int32_t n;
	Step *steps;
} Trace;

/*
 * Whether there is an alarm on each of some days in a row: it is known of the
 * first ones, and on the others there could be one.
 */
typedef struct AlarmDays
{
	int32_t first;
	int32_t n;
	int32_t known;
	bool *alarms;
} AlarmDays;

/* What a detector says. */
typedef struct Signal
{
	bool alarm;
	double statistic; /* NAN: none yet */
	double lim;
	int32_t since; /* with an alarm: the day on which the change is thought to have begun */
	double shift;  /* with an alarm: how large it is; NAN: not known */
} Signal;

/* The sides on which a detector looks for a change. */
typedef enum Direction
{
	DIRECTION_UP,
	DIRECTION_DOWN,
	DIRECTION_BOTH,
} Direction;

/* What is usual for a measure. */
typedef struct Baseline
{
	double mean;
	double sd; /* above 0 */
} Baseline;

/* Events that a g-chart counts the days between. */
typedef enum GapEvent
{
	EVENT_LAPSE,
	EVENT_ADHERENT,
} GapEvent;

/* Append to a trace what is wanted of a value. */
static inline void
trace_add(Trace *trace, int32_t day, double statistic, bool alarm)
{
	if (trace->statistics != NULL)
		trace->statistics[trace->n] = statistic;
	if (trace->steps != NULL)
		trace->steps[trace->n] = (Step){ day, alarm };
	trace->n++;
}

/* series_detectors.c */
extern Signal detect_cusum(const DayValues *values, double k, double h, const Baseline *baseline,
						   double headstart, Direction direction, Trace *trace);
extern Signal detect_self_starting(DayValue *days, int32_t n, double k, double h,
								   Direction direction, Trace *trace);
extern Signal detect_ewma(const DayValues *values, double lambda, double l,
						  const Baseline *baseline, Direction direction, Trace *trace);
extern Signal detect_shewhart(const DayValues *values, double l, int32_t runs,
							  const Baseline *baseline, Direction direction, Trace *trace);
extern Signal detect_reliable_change(const DayValues *values, double sd, double reliability,
									 double l, Direction direction, Trace *trace);
extern Signal detect_off_gain(DayValue *days, int32_t n, double gain, int32_t over, double band,
							  Direction direction, Trace *trace);
extern Signal detect_off_track(DayValue *days, int32_t n, const DayValues *expected, double band,
							   Direction direction, Trace *trace);

/* calendar_detectors.c */
extern Signal detect_missed_run(const Calendar *calendar, int32_t n, Trace *trace);
extern Signal detect_unrecorded_run(const Calendar *calendar, int32_t n, Trace *trace);
extern Signal detect_rate_below(const Calendar *calendar, int64_t as_of, int32_t days, double rate,
								Trace *trace);
extern Signal detect_rate_drop(const Calendar *calendar, int64_t as_of, int32_t days,
							   int32_t before, double drop, Trace *trace);
extern Signal detect_over_use(const Calendar *calendar, int64_t as_of, int32_t days, int32_t n,
							  Trace *trace);
extern Signal detect_miss_cusum(const Calendar *calendar, int32_t rise, double p0, int32_t h,
								double threshold, Trace *trace);
extern Signal detect_gap(const Calendar *calendar, double p, double limit, GapEvent event,
						 double threshold, Trace *trace);
extern void daily_rate_below(const Calendar *calendar, int32_t days, double rate,
							 const AlarmDays *on);
extern void daily_rate_drop(const Calendar *calendar, int32_t days, int32_t before, double drop,
							const AlarmDays *on);
extern void daily_over_use(const Calendar *calendar, int32_t days, int32_t n, const AlarmDays *on);

#endif
