/*
 * A recurrence rule as plain C: what RFC 5545 (section 3.3.10) calls RECUR,
 * with UNITS for how many units one occurrence has, and AS-NEEDED for no plan
 * at all.  Nothing here knows the server; schedule.c binds it.
 *
 * Times are local: seconds since 2000-01-01 00:00 of the wall clock, without
 * a time zone.  Days are numbered from the same day, as PostgreSQL does.
 *
 * Rules of the Gregorian calendar are expanded by recurrence.c, those of other
 * calendars (RSCALE, RFC 7529) and those that SKIP by libical, through
 * recurrence_rscale.c.  libical could expand all of them, but its release 3.0
 * takes about 9 microseconds for an occurrence (3 milliseconds for a year of
 * days), cannot be interrupted, ends with the year 2582, and is wrong about
 * BYSETPOS but in months and years, BYWEEKNO, BYYEARDAY with other parts,
 * negative days that limit, and INTERVAL of hours and minutes with BYHOUR.
 * Where it is right, test/unit/schedule.c holds it to be the same.
 */
#ifndef COACHIATRY_RECURRENCE_H
#define COACHIATRY_RECURRENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adherence/calendar.h"

#define SECONDS_A_DAY 86400

/* Longest text that is read as a rule. */
#define RECURRENCE_MAX_TEXT 8192

/* Largest values of parts. */
#define RECURRENCE_MAX_UNITS 99
#define RECURRENCE_MAX_NUMBER 2147483647
#define RECURRENCE_MAX_YEAR_DAY 366

/* Days of the month that libical takes. */
#define RSCALE_MAX_MONTH_DAYS 30

/* Days of the longest period, a year. */
#define RECURRENCE_MAX_DAYS 366

typedef enum Frequency
{
	FREQUENCY_AS_NEEDED,
	FREQUENCY_MINUTELY,
	FREQUENCY_HOURLY,
	FREQUENCY_DAILY,
	FREQUENCY_WEEKLY,
	FREQUENCY_MONTHLY,
	FREQUENCY_YEARLY,
} Frequency;

/* The parts of a rule, in the order in which they are written. */
typedef enum RecurrencePart
{
	PART_FREQ,
	PART_INTERVAL,
	PART_RSCALE,
	PART_SKIP,
	PART_BYMONTH,
	PART_BYWEEKNO,
	PART_BYYEARDAY,
	PART_BYMONTHDAY,
	PART_BYDAY,
	PART_BYHOUR,
	PART_BYMINUTE,
	PART_BYSECOND,
	PART_BYSETPOS,
	PART_WKST,
	PART_COUNT,
	PART_UNTIL,
	PART_UNITS,
	RECURRENCE_PARTS,
} RecurrencePart;

/* What becomes of a day that a month or year does not have. */
typedef enum Skip
{
	SKIP_OMIT,
	SKIP_BACKWARD,
	SKIP_FORWARD,
} Skip;

#define SIGNED_SET_WORDS ((RECURRENCE_MAX_YEAR_DAY + 64) / 64)

/* Ordinals 1 to 366, counted from the start or (negative) from the end. */
typedef struct SignedSet
{
	uint64_t forward[SIGNED_SET_WORDS];
	uint64_t backward[SIGNED_SET_WORDS];
} SignedSet;

/* Ordinals of a weekday: 1 to 53. */
typedef struct WeekdayOrdinals
{
	uint64_t forward;
	uint64_t backward;
} WeekdayOrdinals;

/* A rule; a part that is missing has its default, and no bit in parts. */
typedef struct Recurrence
{
	Frequency frequency;
	uint32_t parts; /* bits of RecurrencePart */
	int32_t interval;
	int32_t count; /* 0: no end by number */
	int32_t units;
	int week_start; /* 0 Monday to 6 Sunday */
	bool until_is_day;
	int64_t until; /* the last second that can occur */
	int rscale;	   /* number of a calendar in recurrence_rscales; 0 Gregorian */
	Skip skip;
	uint64_t seconds; /* bits 0 to 60 */
	uint64_t minutes;
	uint32_t hours;
	uint32_t months;	  /* bits 1 to 13 */
	uint32_t leap_months; /* the same with the suffix L */
	uint32_t weekdays;	  /* without ordinal, bit 0 Monday */
	WeekdayOrdinals nth[7];
	SignedSet month_days;
	SignedSet year_days;
	SignedSet weeks;
	SignedSet positions;
} Recurrence;

/* What makes a text no rule. */
typedef enum RecurrenceFault
{
	RECURRENCE_OK,
	RECURRENCE_SYNTAX,		/* a part is not of its form */
	RECURRENCE_VALUE,		/* a value out of its range */
	RECURRENCE_CONFLICT,	/* parts that do not go together */
	RECURRENCE_UTC,			/* UNTIL in UTC */
	RECURRENCE_UNSUPPORTED, /* legal, and not expanded here */
} RecurrenceFault;

/* A fault with the piece of text that is at fault. */
typedef struct RecurrenceError
{
	RecurrenceFault fault;
	const char *text; /* NULL: the whole */
	size_t length;
	const char *reason; /* a sentence */
} RecurrenceError;

/* Whether a part is there. */
static inline bool
recurrence_has(const Recurrence *rule, RecurrencePart part)
{
	return (rule->parts >> part & 1) != 0;
}

/* Whether a bit is set. */
static inline bool
bit_is_set(uint64_t bits, int n)
{
	return (bits >> n & 1) != 0;
}

/* Whether an ordinal is in a set, where there are so many in all. */
static inline bool
signed_set_has(const SignedSet *set, int n, int of)
{
	int back = of - n + 1;

	return bit_is_set(set->forward[n >> 6], n & 63) ||
		   bit_is_set(set->backward[back >> 6], back & 63);
}

/* Quotient rounded down. */
static inline int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* recurrence_text.c */
extern const char *const recurrence_part_names[RECURRENCE_PARTS];
extern const char *const recurrence_frequency_names[];
extern const char *const recurrence_weekday_names[7];
extern const char *const recurrence_rscales[];

extern bool recurrence_parse(const char *text, size_t length, Recurrence *rule,
							 RecurrenceError *error);
extern void recurrence_format(const Recurrence *rule, const TextSink *sink);
extern void recurrence_format_part(const Recurrence *rule, RecurrencePart part,
								   const TextSink *sink);

/* recurrence_rscale.c */
typedef struct RscaleScan RscaleScan;

extern bool rscale_can_start(int64_t start);
extern bool rscale_can_reach(int64_t until);
extern RscaleScan *rscale_open(const Recurrence *rule, int64_t start);
extern bool rscale_next(RscaleScan *scan, int64_t *day);
extern void rscale_close(RscaleScan *scan);
extern bool recurrence_needs_rscale(const Recurrence *rule);

/* The occurrences of one period, in order. */
typedef struct Period
{
	int32_t days[RECURRENCE_MAX_DAYS];
	int ndays;
	uint8_t hours[24];
	uint8_t minutes[60];
	uint8_t seconds[60];
	int nhours;
	int nminutes;
	int nseconds;
	int32_t chosen[2 * RECURRENCE_MAX_YEAR_DAY]; /* by BYSETPOS */
	int n;										 /* occurrences, after BYSETPOS */
	int at;										 /* the next one */
} Period;

/* A walk through the occurrences of a rule in order of local time. */
typedef struct RecurrenceScan
{
	Recurrence rule; /* with what it leaves open taken from the start */
	int64_t start;
	int64_t until;		 /* last second of interest */
	int64_t from;		 /* first second of interest; earlier ones may be skipped */
	int64_t left;		 /* occurrences left of COUNT */
	int64_t first;		 /* number of the period with the start */
	int64_t last;		 /* number of the period with until */
	int64_t next;		 /* steps of INTERVAL to the next period */
	int64_t matched;	 /* step of the last period that had occurrences */
	int64_t cycle;		 /* steps after which everything repeats */
	uint64_t loaded;	 /* periods looked at */
	RscaleScan *other;	 /* days of another calendar */
	void (*pause)(void); /* called now and then; may not return */
	Period period;
} RecurrenceScan;

/* recurrence.c */
extern void recurrence_scan_init(RecurrenceScan *scan, const Recurrence *rule, int64_t start,
								 int64_t from, int64_t until);
extern bool recurrence_next(RecurrenceScan *scan, int64_t *local);
extern bool recurrence_next_day(RecurrenceScan *scan, int64_t *day, int64_t *occurrences);

#endif
