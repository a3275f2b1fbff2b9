/*
 * A tally: a series while observations come and go, in any order, each in
 * constant time.  It is one piece of memory that the caller allocates: a
 * window of days, each with the number of its entry, then the entries, in the
 * order in which their days came.  All sums are fields of the same width in
 * units of the same power of two.  Where a day, a bit or an entry finds no
 * room, the caller lays out a larger tally and moves the entries.
 */
#ifndef COACHIATRY_TALLY_H
#define COACHIATRY_TALLY_H

#include "signal/observations.h"

typedef struct DayTally
{
	int32_t first;	   /* first day of the window */
	int32_t ndays;	   /* days in the window */
	uint32_t n;		   /* entries, those of days that have lost all observations included */
	uint32_t capacity; /* entries that there is room for */
	int32_t exponent;  /* sums are in units of 2^exponent */
	int32_t width;	   /* limbs of a sum */
	uint8_t bytes[];   /* no alignment */
} DayTally;

/* Reading the days of a tally in order. */
typedef struct TallyScan
{
	const DayTally *tally;
	int32_t next; /* place in the window */
	Observations here;
} TallyScan;

extern size_t tally_size(const DayTally *shape);
extern SeriesFault tally_plan(DayTally *shape, const DayTally *held, const Observations *by);
extern void tally_move(DayTally *to, const DayTally *from);
extern SeriesResult tally_change(DayTally *tally, const Observations *by, int sign);
extern void tally_scan_start(TallyScan *scan, const DayTally *tally);
extern bool tally_scan_next(TallyScan *scan);

#endif
