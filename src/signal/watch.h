/*
 * A detector with its parameters that watches a stream, as plain C: whether it
 * alarms on each of some days, and the spells in which a warning of it is open.
 * All of it is a function of a calendar or of the values of a series.
 */
#ifndef COACHIATRY_WATCH_H
#define COACHIATRY_WATCH_H

#include "signal/detector.h"

/* The detectors that a stream can be watched by; first those that read a calendar. */
typedef enum WatchDetector
{
	WATCH_MISSED_RUN,
	WATCH_UNRECORDED_RUN,
	WATCH_RATE_BELOW,
	WATCH_RATE_DROP,
	WATCH_OVER_USE,
	WATCH_MISS_CUSUM,
	WATCH_G_CHART,
	WATCH_CUSUM,
	WATCH_SELF_STARTING_CUSUM,
	WATCH_EWMA,
	WATCH_SHEWHART,
	WATCH_RELIABLE_CHANGE,
	WATCH_OFF_TRACK,
	WATCH_SILENCE, /* of a series: days since there was a value */
} WatchDetector;

/* A detector and its parameters; those that it does not have are 0. */
typedef struct Watch
{
	WatchDetector detector;
	Direction direction; /* of a series */
	int32_t n;			 /* days in a row, or in a window */
	int32_t days;		 /* of a window */
	int32_t before;		 /* days of the window before that */
	int32_t runs;
	int32_t rise; /* what the Bernoulli CUSUM adds for a miss */
	double rate;
	double drop;
	double p; /* what is usual */
	double h;
	double k;
	double l;
	double lambda;
	double headstart;
	double threshold;
	double reliability;
	double gain;  /* expected over the days, for the better */
	double band;  /* how far a value may be off it */
	double limit; /* of a gap, or of silence: days */
	Baseline baseline;
} Watch;

/* How long an alarm must last until a warning is opened, and be gone until it is cleared. */
typedef struct SpellRule
{
	int32_t hold;	   /* days in a row beyond the first */
	int32_t clear;	   /* days in a row, at least 1 */
	int32_t cool_down; /* days after a spell in which none begins */
} SpellRule;

/* How a spell ended. */
typedef enum SpellEnd
{
	SPELL_OPEN,	   /* not yet */
	SPELL_CLEARED, /* the alarm has been gone for long enough */
	SPELL_CLOSED,  /* somebody closed it */
} SpellEnd;

/* Days on which a warning was open: from opened to before the end of the day ended. */
typedef struct Spell
{
	int32_t opened;
	int32_t ended; /* unless it is open */
	SpellEnd how;
} Spell;

/* A walk over days. */
typedef struct SpellScan
{
	const AlarmDays *on;
	const SpellRule *rule;
	const int32_t *closings; /* days on which somebody closed such a warning, in order */
	int32_t nclosings;
	int32_t next;	   /* offset of the first day not yet walked */
	int32_t loud;	   /* days in a row with alarm */
	int32_t quiet;	   /* days in a row without */
	int64_t free_from; /* the first day on which a spell can begin */
	Spell spell;
} SpellScan;

/* Whether a detector reads a calendar, and not a series. */
static inline bool
watch_reads_calendar(WatchDetector detector)
{
	return detector <= WATCH_G_CHART;
}

extern bool watch_knows_all_of(const Calendar *calendar, int64_t day);
extern Signal watch_calendar(const Watch *watch, const Calendar *calendar, int64_t as_of,
							 Trace *trace);
extern Signal watch_series(const Watch *watch, DayValue *days, int32_t n, int32_t first,
						   int32_t as_of, Trace *trace);
extern void watch_calendar_days(const Watch *watch, const Calendar *calendar, int64_t last,
								Step *steps, const AlarmDays *on);
extern void watch_series_days(const Watch *watch, DayValue *days, int32_t n, Step *steps,
							  const AlarmDays *on);
extern void spells_start(SpellScan *scan, const AlarmDays *on, const SpellRule *rule,
						 const int32_t *closings, int32_t nclosings);
extern bool spells_next(SpellScan *scan);

#endif
