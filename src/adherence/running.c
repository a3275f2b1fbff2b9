/*
 * Running totals.  Rows of a frame in order of time (either way) cost
 * amortised O(1): a look back or ahead passes over a day that then leaves the
 * frame before the next look.  Rows in any order give the same totals, slower.
 */
#include "adherence/running.h"

/* What a day adds to a streak under the default rule. */
static DayClass
class_on(const Calendar *calendar, int64_t day)
{
	return day_class(calendar_counts_on(calendar, day), &ADHERENCE_RULE_DEFAULT);
}

/* Adherent days after one day, up to and including another. */
static int32_t
adherent_between(const Calendar *calendar, int32_t after, int32_t until)
{
	int32_t days = 0;

	for (int64_t day = (int64_t) after + 1; day <= until; day++)
		days += class_on(calendar, day) == CLASS_ADHERENT;
	return days;
}

/* Let the streak begin after the last lapse before a day; the days from there on are counted. */
static void
find_lapse_before(RunningTotals *totals, const Calendar *calendar, int32_t day)
{
	totals->lapse = NO_LAPSE;
	for (int64_t at = (int64_t) day - 1; at >= totals->first; at--)
	{
		DayClass class = class_on(calendar, at);

		totals->adherent += class == CLASS_ADHERENT;
		if (class == CLASS_LAPSE)
		{
			totals->lapse = (int32_t) at;
			return;
		}
	}
}

/* The totals of a calendar, from its days. */
RunningTotals
running_totals(const Calendar *calendar)
{
	Calendar known = calendar_trim(calendar);
	Tally tally = calendar_tally(&known, &ADHERENCE_RULE_DEFAULT);
	RunningTotals totals = { .first = known.first, .last = known.first + known.ndays - 1 };

	totals.units = (RateWindow){ (int32_t) tally.prescribed, (int32_t) tally.taken };
	find_lapse_before(&totals, &known, totals.last + 1);
	return totals;
}

/* Widen or narrow the known days after a change on one day. */
static void
adjust_ends(RunningTotals *totals, const Calendar *calendar, int32_t day)
{
	bool none = totals->first > totals->last;

	if (none || day < totals->first)
		totals->first = day;
	if (none || day > totals->last)
		totals->last = day;
	while (totals->first <= totals->last &&
		   day_is_blank(calendar_counts_on(calendar, totals->first)))
		totals->first++;
	while (totals->first <= totals->last &&
		   day_is_blank(calendar_counts_on(calendar, totals->last)))
		totals->last--;
}

/* Bring the streak up to date after a day went from one class to another. */
static void
adjust_streak(RunningTotals *totals, const Calendar *calendar, int32_t day, DayClass before)
{
	DayClass after = class_on(calendar, day);

	if (before == after || day < totals->lapse)
		return;
	if (day == totals->lapse)
	{
		totals->adherent += after == CLASS_ADHERENT;
		find_lapse_before(totals, calendar, day);
		return;
	}
	totals->adherent += (after == CLASS_ADHERENT) - (before == CLASS_ADHERENT);
	if (after == CLASS_LAPSE)
	{
		totals->lapse = day;
		totals->adherent = adherent_between(calendar, day, totals->last);
	}
}

/* Change one day that the buffer covers, as calendar_change_day does, and the totals with it. */
CalendarResult
running_change(RunningTotals *totals, CalendarBuffer *buffer, int32_t day, DayCounts by, int sign)
{
	Calendar calendar = calendar_of_buffer(buffer);
	DayCounts before = calendar_counts_on(&calendar, day);
	CalendarResult result = calendar_change_day(buffer, day, by, sign);

	if (result != CALENDAR_OK)
		return result;
	rate_window_add(&totals->units, before, -1);
	rate_window_add(&totals->units, calendar_counts_on(&calendar, day), 1);
	adjust_ends(totals, &calendar, day);
	adjust_streak(totals, &calendar, day, day_class(before, &ADHERENCE_RULE_DEFAULT));
	return CALENDAR_OK;
}
