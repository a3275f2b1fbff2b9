/*
 * The questions asked of a calendar: streaks, gaps, rates, phases, weeks and
 * habit strength.  Plain C on calendar.h.  What a question leaves out (days
 * outside a range, days after as_of) is cut off first with calendar_slice.
 */
#ifndef COACHIATRY_MEASURES_H
#define COACHIATRY_MEASURES_H

#include "adherence/calendar.h"

/* What makes a planned day adherent, and what a streak survives. */
typedef struct AdherenceRule
{
	double threshold; /* in (0, 1]: share of the prescribed units */
	int32_t grace;	  /* planned non-adherent days in a row that a streak survives */
	bool skip_unrecorded;
	bool over_adheres;
} AdherenceRule;

/* The rule that SQL's defaults give. */
#define ADHERENCE_RULE_DEFAULT ((AdherenceRule){ .threshold = 1.0, .over_adheres = true })

/* What a day is to a streak. */
typedef enum DayClass
{
	CLASS_NEUTRAL, /* neither breaks nor feeds it */
	CLASS_ADHERENT,
	CLASS_LAPSE,
} DayClass;

/* Days that belong together: first and last of them, and how many they are. */
typedef struct DayRun
{
	int32_t first;
	int32_t last;
	int32_t days; /* those that count; others may lie between */
} DayRun;

/* Adherent (or not) days of 64 consecutive days, the first in the lowest bit. */
typedef struct DayMasks
{
	uint64_t adherent;
	uint64_t lapse;
} DayMasks;

/* A walk over the streaks of a calendar. */
typedef struct StreakScan
{
	const Calendar *calendar;
	const AdherenceRule *rule;
	DayMasks left;	/* of the block being read: what is not yet read */
	int32_t block;	/* offset of that block */
	int32_t lapses; /* in a row, up to where we are */
	DayRun open;	/* the streak that may go on */
} StreakScan;

/* A walk over the dosing gaps of a calendar. */
typedef struct GapScan
{
	const Calendar *calendar;
	bool skip_unrecorded;
	int32_t next; /* offset of the first day not yet read */
} GapScan;

/* Sums over the days of a calendar. */
typedef struct Tally
{
	int64_t status[DAY_UNRECORDED + 1]; /* days of each status */
	int64_t planned;					/* planned days that count */
	int64_t adherent;					/* of these, adherent ones */
	int64_t prescribed;					/* units on these */
	int64_t taken;						/* units, at most those prescribed */
	int64_t possible;					/* had all unrecorded units been taken */
	int64_t unrecorded;					/* units */
} Tally;

/* Units in a window of days that slides. */
typedef struct RateWindow
{
	int32_t prescribed;
	int32_t taken; /* at most those prescribed */
} RateWindow;

/* Initiation, implementation and persistence. */
typedef struct Phases
{
	bool initiated;
	int32_t initiated_on;
	bool discontinued;
	int32_t discontinued_on;
	Tally implementation;
} Phases;

/* An ISO week of a calendar. */
typedef struct Week
{
	int64_t monday;
	int32_t days; /* that count */
	bool wholly_excused;
} Week;

extern DayClass day_class(DayCounts day, const AdherenceRule *rule);
extern Calendar calendar_as_of(const Calendar *calendar, int64_t as_of, const AdherenceRule *rule);

extern void streak_scan_init(StreakScan *scan, const Calendar *calendar, const AdherenceRule *rule);
extern bool streak_next(StreakScan *scan, DayRun *streak);
extern int32_t longest_streak(const Calendar *calendar, const AdherenceRule *rule);
extern int32_t trailing_streak(const Calendar *calendar, const AdherenceRule *rule);
extern bool gap_next(GapScan *scan, DayRun *gap);

extern Tally calendar_tally(const Calendar *calendar, const AdherenceRule *rule);
extern void rate_window_add(RateWindow *window, DayCounts day, int sign);
extern void weekday_tallies(const Calendar *calendar, Tally tallies[DAYS_A_WEEK]);
extern bool first_taken(const Calendar *calendar, int32_t *day);
extern Phases calendar_phases(const Calendar *calendar, int32_t min_gap);

extern Week week_of(const Calendar *calendar, int64_t monday, int64_t until);
extern int32_t weekly_streak(const Calendar *calendar, int64_t as_of, int32_t target);
extern double habit_score(const Calendar *calendar, int64_t as_of, double per_week);

#endif
