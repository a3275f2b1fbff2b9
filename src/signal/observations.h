/*
 * A series as plain C: of some days, how many observations there were and
 * their exact sum.  Nothing here knows the server; series.c binds it.  Days
 * are numbered as in adherence/calendar.h.
 *
 * A series is packed into bytes, a record for each day with observations, in
 * order of days: a whole or one-decimal sum of one observation takes two or
 * three bytes, and days without observations take none or one a gap.  While
 * observations come and go it is a tally (tally.h).
 */
#ifndef COACHIATRY_OBSERVATIONS_H
#define COACHIATRY_OBSERVATIONS_H

#include "adherence/calendar.h"
#include "signal/exact.h"

/* Longest span of a series: 200 years, both ends included, as that of a calendar. */
#define SERIES_MAX_DAYS CALENDAR_MAX_DAYS

/* Most observations of a day. */
#define SERIES_MAX_COUNT INT32_MAX

/* What a day holds. */
typedef struct Observations
{
	int32_t day;
	uint32_t count; /* 1 to SERIES_MAX_COUNT */
	ExactSum sum;
} Observations;

/* Packed days to read; the bytes belong to somebody else. */
typedef struct PackedSeries
{
	int32_t first; /* the first day; 0 if there is none */
	size_t size;
	const uint8_t *records;
} PackedSeries;

/* A packed day as it stands: its record without what says how far it is from the one before. */
typedef struct PackedDay
{
	int32_t day;
	uint32_t count;
	uint8_t head;		 /* the first byte of the record */
	const uint8_t *rest; /* from the number of observations on */
	const uint8_t *sum;	 /* a part of that */
	const uint8_t *end;
} PackedDay;

/* Reading packed days in order. */
typedef struct SeriesScan
{
	const uint8_t *at;
	const uint8_t *end;
	int64_t day;	   /* the first day that the next record can be of */
	bool is_damaged;   /* the records are not what any packing writes */
	PackedDay packed;  /* the day that was stepped to or read last */
	Observations here; /* the day that was read last */
} SeriesScan;

/* What an input holds that is no series. */
typedef enum SeriesFault
{
	SERIES_OK,
	SERIES_SYNTAX, /* not of the form */
	SERIES_DATE,   /* no such day */
	SERIES_RANGE,  /* a day outside the range of date */
	SERIES_SPAN,   /* a day too far from the first */
	SERIES_COUNT,  /* a number of observations that is 0 or too large */
	SERIES_SUM,	   /* a sum that no finite numbers can have */
} SeriesFault;

/* Most bytes of one packed day. */
#define SERIES_MAX_RECORD (32 + EXACT_LIMBS * 8)

/* observations.c: packed days */
extern SeriesFault observations_check(const Observations *day, int64_t first);
extern size_t record_put(uint8_t record[SERIES_MAX_RECORD], int32_t skipped,
						 const Observations *day);
extern size_t record_copy(uint8_t record[SERIES_MAX_RECORD], int32_t skipped, const PackedDay *day);
extern void scan_start(SeriesScan *scan, const PackedSeries *series);
extern bool scan_next(SeriesScan *scan);
extern int series_compare(const PackedSeries *a, const PackedSeries *b);

/* How an addition or subtraction of observations ended. */
typedef enum SeriesResult
{
	RESULT_OK,
	RESULT_FULL,  /* a tally has to grow first */
	RESULT_ABOVE, /* a day with more observations than can be counted */
	RESULT_BELOW, /* a day with fewer than none */
	RESULT_REST,  /* a day without observations and a sum that is not 0 */
	RESULT_SUM,	  /* a day with a mean outside the range of float8 */
} SeriesResult;

/* Two packed series being merged (sign 1), or the second taken from the first (sign -1). */
typedef struct SeriesMerge
{
	SeriesScan a;
	SeriesScan b;
	bool has_a;
	bool has_b;
	int sign;
	bool is_sum;		 /* both sides had observations on the day that was merged last */
	Observations merged; /* what they give; there may be none */
	PackedDay copied;	 /* else the day of one side */
} SeriesMerge;

extern void merge_start(SeriesMerge *merge, const PackedSeries *a, const PackedSeries *b, int sign);
extern bool merge_next(SeriesMerge *merge, SeriesResult *result);

/* The day that was merged last. */
static inline int32_t
merge_day(const SeriesMerge *merge)
{
	return merge->is_sum ? merge->merged.day : merge->copied.day;
}

/* observations_text.c: text and binary forms */
#define SERIES_WIRE_HEADER 5

/* A text form being read. */
typedef struct SeriesText
{
	const char *at;
	int64_t day;   /* of the next word */
	bool is_empty; /* it is the word for no days */
} SeriesText;

/* A binary form being read. */
typedef struct SeriesWire
{
	const uint8_t *at;
	const uint8_t *end;
	size_t left; /* days still to be read */
	int64_t day; /* the first day that the next one can be */
} SeriesWire;

extern bool exact_term(const ExactSum *rest, double *term);
extern void exact_add_term(ExactSum *sum, double term, bool is_scaled);
extern void series_format(const PackedSeries *series, const TextSink *sink);
extern SeriesFault series_text_start(SeriesText *text, const char *written);
extern SeriesFault series_text_next(SeriesText *text, Observations *day, bool *is_day);
extern size_t series_wire_put(uint8_t record[SERIES_MAX_RECORD], const Observations *day);
extern void series_wire_header(uint8_t header[SERIES_WIRE_HEADER], uint32_t ndays);
extern SeriesFault series_wire_start(SeriesWire *wire, const uint8_t *bytes, size_t size);
extern SeriesFault series_wire_next(SeriesWire *wire, Observations *day);

#endif
