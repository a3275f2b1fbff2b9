/*
 * Running totals beside a calendar that rows enter and leave, so that the
 * current streak and the rate of a sliding frame need no look at its days.
 * Plain C on measures.h.
 */
#ifndef COACHIATRY_RUNNING_H
#define COACHIATRY_RUNNING_H

#include "adherence/measures.h"

/* A day before all days: no lapse has been seen. */
#define NO_LAPSE INT32_MIN

/* All int32, as the totals lie in a value that is aligned for that. */
typedef struct RunningTotals
{
	int32_t first;	  /* first day of which anything is known; > last if none */
	int32_t last;	  /* last such day */
	int32_t lapse;	  /* last planned day that is not adherent, or NO_LAPSE */
	int32_t adherent; /* adherent days after it: the current streak */
	RateWindow units; /* of all days */
} RunningTotals;

extern RunningTotals running_totals(const Calendar *calendar);
extern CalendarResult running_change(RunningTotals *totals, CalendarBuffer *buffer, int32_t day,
									 DayCounts by, int sign);

#endif
