/*
 * Rules of other calendars than the Gregorian (RSCALE, RFC 7529), and rules
 * that SKIP: libical finds their days, one after the other; recurrence.c does
 * the rest.  libical 3.0 with ICU takes 4 to 10 microseconds a day, knows the
 * years up to 2582, and looks for the next match without an end; so only
 * rules that match soon come here (see check_rscale in recurrence_text.c).
 */
#include "schedule/recurrence.h"

#include <libical/ical.h>
#include <stdlib.h>
#include <string.h>

/* The years that libical expands; before the first ICU's calendar is the Julian. */
#define FIRST_YEAR 1583
#define LAST_YEAR 2582

/* libical's mark of a leap month, and of the end of a list. */
#define LEAP_MONTH 0x1000

struct RscaleScan
{
	icalrecur_iterator *iterator; /* NULL: nothing matches */
	int64_t last;				  /* the day returned last */
	char rscale[24];			  /* libical keeps a pointer to it */
};

/* Whether a rule is one of those that libical expands. */
bool
recurrence_needs_rscale(const Recurrence *rule)
{
	return rule->rscale > 0 || rule->skip != SKIP_OMIT;
}

/* Whether libical takes a start. */
bool
rscale_can_start(int64_t start)
{
	int64_t day = floor_div(start, SECONDS_A_DAY);

	return day >= civil_to_day(FIRST_YEAR, 1, 1) && rscale_can_reach(start);
}

/* Whether libical expands rules up to a time. */
bool
rscale_can_reach(int64_t until)
{
	return floor_div(until, SECONDS_A_DAY) < civil_to_day(LAST_YEAR + 1, 1, 1);
}

/* Add a number to one of libical's lists. */
static void
append(short *list, int *n, int number)
{
	list[(*n)++] = (short) number;
	list[*n] = ICAL_RECURRENCE_ARRAY_MAX;
}

/* The lists of months and days of the month. */
static void
fill_lists(struct icalrecurrencetype *to, const Recurrence *rule)
{
	int months = 0;
	int days = 0;

	for (int n = 1; n <= 13; n++)
	{
		if (bit_is_set(rule->months, n))
			append(to->by_month, &months, n);
		if (bit_is_set(rule->leap_months, n))
			append(to->by_month, &months, n | LEAP_MONTH);
	}
	for (int n = 1; n <= 31; n++)
	{
		if (bit_is_set(rule->month_days.forward[0], n))
			append(to->by_month_day, &days, n);
		if (bit_is_set(rule->month_days.backward[0], n))
			append(to->by_month_day, &days, -n);
	}
}

/* The rule as libical's, days only. */
static struct icalrecurrencetype
libical_rule(const Recurrence *rule, char *rscale)
{
	static const icalrecurrencetype_skip skips[] = {
		[SKIP_OMIT] = ICAL_SKIP_OMIT,
		[SKIP_BACKWARD] = ICAL_SKIP_BACKWARD,
		[SKIP_FORWARD] = ICAL_SKIP_FORWARD,
	};
	struct icalrecurrencetype result;

	icalrecurrencetype_clear(&result);
	result.freq =
		rule->frequency == FREQUENCY_YEARLY ? ICAL_YEARLY_RECURRENCE : ICAL_MONTHLY_RECURRENCE;
	result.interval = (short) rule->interval;
	result.rscale = rscale;
	result.skip = skips[rule->skip];
	fill_lists(&result, rule);
	return result;
}

/*
 * Begin with the days of a rule from a start that rscale_can_start; NULL
 * without memory.  To be closed.
 */
RscaleScan *
rscale_open(const Recurrence *rule, int64_t start)
{
	RscaleScan *scan = malloc(sizeof(RscaleScan));
	int64_t day = floor_div(start, SECONDS_A_DAY);
	struct icaltimetype dtstart = icaltime_null_time();

	if (scan == NULL)
		return NULL;
	icalerror_set_errors_are_fatal(0);
	dtstart.is_date = 1;
	day_to_civil((int32_t) day, &dtstart.year, &dtstart.month, &dtstart.day);
	strcpy(scan->rscale, recurrence_rscales[rule->rscale]);
	scan->last = day - 1;
	scan->iterator = icalrecur_iterator_new(libical_rule(rule, scan->rscale), dtstart);
	icalerror_clear_errno();
	return scan;
}

/* The next day; what two periods skip to comes once. */
bool
rscale_next(RscaleScan *scan, int64_t *day)
{
	while (scan->iterator != NULL)
	{
		struct icaltimetype found = icalrecur_iterator_next(scan->iterator);

		if (icaltime_is_null_time(found))
			return false;
		*day = civil_to_day(found.year, found.month, found.day);
		if (*day > scan->last)
		{
			scan->last = *day;
			return true;
		}
	}
	return false;
}

/* Give back all that libical holds. */
void
rscale_close(RscaleScan *scan)
{
	if (scan->iterator != NULL)
		icalrecur_iterator_free(scan->iterator);
	free(scan);
}
