/*
 * The signatures.  Each counts, asks a Bayes factor of the counts, and gives
 * the figures that explain it.
 */
#include "barrier/signature.h"

#include <math.h>

/* First day of the weekend, Monday being 0. */
#define SATURDAY 5

/* Days that a look at several calendars passes between two calls of poll. */
#define DAYS_PER_POLL 1024

#define MICROSECONDS_PER_MINUTE 60e6

/* A whole task, as an extent. */
#define WHOLE 100.0

/* Whether a planned day is known to be done or missed. */
static bool
is_recorded(DayCounts day)
{
	return day_is_planned(day) && (day.taken > 0 || day.missed > 0);
}

/* Whether a recorded day was missed. */
static bool
is_miss(DayCounts day)
{
	return day.taken == 0;
}

/* Count a recorded day. */
static void
count_day(Share *share, DayCounts day)
{
	share->n++;
	share->hits += is_miss(day);
}

/* Whether a day is a Saturday or Sunday. */
static bool
is_weekend(int64_t day)
{
	return day_weekday(day) >= SATURDAY;
}

/* A signature of two shares: the figures are the hits and the size of both. */
static Signature
of_shares(const char *code, double factor, Share a, Share b)
{
	return (
		Signature){ .code = code,
					.factor = factor,
					.nfigures = 4,
					.figures = { (double) a.hits, (double) a.n, (double) b.hits, (double) b.n } };
}

/* A signature of one share: the figures are its hits and size. */
static Signature
of_share(const char *code, double factor, Share a)
{
	return (Signature){
		.code = code, .factor = factor, .nfigures = 2, .figures = { (double) a.hits, (double) a.n }
	};
}

/*
 * Calendars: of one task, or of several, whose days are counted together
 */

/* Count the recorded days of a calendar by whether they are on a weekend. */
static void
count_by_weekend(Share groups[2], const Calendar *calendar)
{
	for (int32_t i = 0; i < calendar->ndays; i++)
	{
		DayCounts day = calendar_counts(calendar, i);

		if (is_recorded(day))
			count_day(&groups[is_weekend((int64_t) calendar->first + i)], day);
	}
}

/* Whether misses differ between weekends and other days. */
bool
weekend_split(const Calendar *calendars, size_t n, Signature *signature)
{
	Share groups[2] = { { 0, 0 } }; /* other days, weekends */

	for (size_t i = 0; i < n; i++)
		count_by_weekend(groups, &calendars[i]);
	if (groups[0].n < LEAST_GROUP_DAYS || groups[1].n < LEAST_GROUP_DAYS ||
		groups[0].hits + groups[1].hits < LEAST_MISSES)
		return false;
	*signature =
		of_shares("weekend_split", factor_differ(groups[1], groups[0]), groups[1], groups[0]);
	return true;
}

/* Whether a day comes after a break of what was planned: a day off, or another number of units. */
static bool
is_after_break(const Calendar *calendar, int32_t i, DayCounts day)
{
	DayCounts before = calendar_counts(calendar, i - 1);

	return !day_is_planned(before) || before.prescribed != day.prescribed;
}

/* Count the recorded days of a calendar by whether they come after a break. */
static void
count_by_break(Share groups[2], const Calendar *calendar)
{
	for (int32_t i = 1; i < calendar->ndays; i++)
	{
		DayCounts day = calendar_counts(calendar, i);

		if (is_recorded(day))
			count_day(&groups[is_after_break(calendar, i, day)], day);
	}
}

/* Whether more is missed on the first day after a break than on others. */
bool
misses_after_breaks(const Calendar *calendars, size_t n, Signature *signature)
{
	Share groups[2] = { { 0, 0 } }; /* other days, days after a break */

	for (size_t i = 0; i < n; i++)
		count_by_break(groups, &calendars[i]);
	if (groups[1].n < LEAST_BREAK_DAYS || groups[0].n < LEAST_OTHER_DAYS ||
		groups[0].hits + groups[1].hits < LEAST_MISSES)
		return false;
	*signature =
		of_shares("misses_after_breaks", factor_above(groups[1], groups[0]), groups[1], groups[0]);
	return true;
}

/* Count the recorded days of a calendar by whether the planned day before was missed; if it is known. */
static void
count_by_before(Share after[2], const Calendar *calendar)
{
	int before = -1;

	for (int32_t i = 0; i < calendar->ndays; i++)
	{
		DayCounts day = calendar_counts(calendar, i);

		if (is_recorded(day) && before >= 0)
			count_day(&after[before], day);
		if (day_is_planned(day))
			before = is_recorded(day) ? is_miss(day) : -1;
	}
}

/*
 * Whether days done and missed alternate: fewer misses after a missed day than
 * after a done one.  It is the runs test (Wald and Wolfowitz 1940) as a test
 * of a Markov chain (Anderson and Goodman 1957).
 */
bool
on_and_off(const Calendar *calendars, size_t n, Signature *signature)
{
	Share after[2] = { { 0, 0 } }; /* a done day, a missed one */

	for (size_t i = 0; i < n; i++)
		count_by_before(after, &calendars[i]);
	if (after[0].n < LEAST_AFTER_DAYS || after[1].n < LEAST_AFTER_DAYS)
		return false;
	*signature = of_shares("on_and_off", factor_above(after[0], after[1]), after[0], after[1]);
	return true;
}

/*
 * When doses were taken
 */

/* Whether a pair is a dose that was due and taken. */
static bool
is_taken(DosePair pair)
{
	return pair.due != TIMING_NONE && pair.taken != TIMING_NONE;
}

/* Whether more doses than usual were taken late. */
bool
late_starts(const DosePair *pairs, size_t npairs, uint64_t late, Signature *signature)
{
	Share share = { 0, 0 };

	for (size_t i = 0; i < npairs; i++)
	{
		if (!is_taken(pairs[i]))
			continue;
		share.n++;
		share.hits +=
			pairs[i].taken > pairs[i].due && timing_distance(pairs[i].taken, pairs[i].due) > late;
	}
	if (share.n < LEAST_DOSES)
		return false;
	*signature = of_share("late_starts", factor_exceeds(share, USUAL_LATE), share);
	signature->figures[signature->nfigures++] = (double) late / MICROSECONDS_PER_MINUTE;
	return true;
}

/* The middle of some numbers that are in no order: the lower one of two. */
static double
middle(const double *values, size_t n)
{
	double found = 0;

	for (size_t i = 0; i < n; i++)
	{
		size_t below = 0;
		size_t same = 0;

		for (size_t j = 0; j < n; j++)
		{
			below += values[j] < values[i];
			same += values[j] == values[i];
		}
		if (below <= (n - 1) / 2 && (n - 1) / 2 < below + same)
			found = values[i];
	}
	return found;
}

/* Whether doses are taken later and later; delays is room for TREND_MAX_VALUES of them. */
bool
drifting_hours(const DosePair *pairs, size_t npairs, double *delays, Signature *signature)
{
	size_t n = 0;
	size_t half;

	for (size_t i = npairs; i > 0 && n < TREND_MAX_VALUES; i--)
		if (is_taken(pairs[i - 1]))
			delays[TREND_MAX_VALUES - ++n] =
				((double) pairs[i - 1].taken - (double) pairs[i - 1].due) / MICROSECONDS_PER_MINUTE;
	if (n < LEAST_DOSES)
		return false;
	delays += TREND_MAX_VALUES - n;
	half = n / 2;
	*signature = (Signature){ .code = "drifting_hours",
							  .factor = factor_trend(delays, n, UPWARDS),
							  .nfigures = 3,
							  .figures = { round(middle(delays, half)),
										   round(middle(delays + half, n - half)), (double) n } };
	return true;
}

/*
 * Several tasks
 */

/* Count the recorded days of a calendar. */
static void
count_days(Share *share, const Calendar *calendar)
{
	for (int32_t i = 0; i < calendar->ndays; i++)
	{
		DayCounts day = calendar_counts(calendar, i);

		if (is_recorded(day))
			count_day(share, day);
	}
}

/* Whether tasks that bring discomfort are missed more than others. */
bool
discomfort_misses(const Calendar *calendars, const bool *discomfort, size_t n, Signature *signature)
{
	Share groups[2] = { { 0, 0 } }; /* other tasks, those with discomfort */

	for (size_t i = 0; i < n; i++)
		count_days(&groups[discomfort[i]], &calendars[i]);
	if (groups[0].n < LEAST_OTHER_DAYS || groups[1].n < LEAST_OTHER_DAYS ||
		groups[0].hits + groups[1].hits < LEAST_MISSES)
		return false;
	*signature =
		of_shares("discomfort_misses", factor_above(groups[1], groups[0]), groups[1], groups[0]);
	return true;
}

/*
 * How one of several tasks goes on other days and on weekends: on all of them,
 * and on those on which other tasks are recorded too, by whether all of them
 * were missed.
 */
typedef struct TaskDays
{
	Share all[2];
	Share others_done[2];
	Share others_missed[2];
} TaskDays;

/* What is counted of days on which several tasks are recorded. */
typedef struct SharedDays
{
	Share all_missed;
	double expected; /* days with all missed, if tasks had nothing to do with each other */
	int64_t bursts;	 /* runs of such days */
	bool in_burst;
} SharedDays;

/* What is recorded of the tasks of one day. */
typedef struct OneDay
{
	int64_t at;
	size_t recorded;
	size_t missed;
	double chance; /* that all of them are missed */
} OneDay;

/* The share of misses on days like one, a little towards one half. */
static double
miss_rate(const TaskDays *task, int64_t day)
{
	Share group = task->all[is_weekend(day)];

	return ((double) group.hits + 0.5) / ((double) group.n + 1.0);
}

/* Look at the tasks of a day. */
static OneDay
look_at_day(const Calendar *calendars, const TaskDays *tasks, size_t n, int64_t at)
{
	OneDay one = { .at = at, .chance = 1.0 };

	for (size_t i = 0; i < n; i++)
	{
		DayCounts day = calendar_counts_on(&calendars[i], at);

		if (!is_recorded(day))
			continue;
		one.recorded++;
		one.missed += is_miss(day);
		one.chance *= miss_rate(&tasks[i], at);
	}
	return one;
}

/* Count a day for each task by what became of the others. */
static void
count_others(const Calendar *calendars, TaskDays *tasks, size_t n, const OneDay *one)
{
	int weekend = is_weekend(one->at);

	for (size_t i = 0; i < n; i++)
	{
		DayCounts day = calendar_counts_on(&calendars[i], one->at);

		if (!is_recorded(day))
			continue;
		if (one->missed - is_miss(day) == one->recorded - 1)
			count_day(&tasks[i].others_missed[weekend], day);
		else
			count_day(&tasks[i].others_done[weekend], day);
	}
}

/* Count a day on which several tasks are recorded. */
static void
count_shared_day(SharedDays *shared, const OneDay *one)
{
	bool all_missed = one->missed == one->recorded;

	shared->all_missed.n++;
	shared->all_missed.hits += all_missed;
	shared->bursts += all_missed && !shared->in_burst;
	shared->in_burst = all_missed;
	shared->expected += one->chance;
}

/* The days that calendars span: at most as many as one can, the last of them. */
static void
find_span(const Calendar *calendars, size_t n, int64_t *from, int64_t *until)
{
	*from = INT64_MAX;
	*until = INT64_MIN;
	for (size_t i = 0; i < n; i++)
	{
		if (calendars[i].ndays == 0)
			continue;
		*from = calendars[i].first < *from ? calendars[i].first : *from;
		*until = calendar_end(&calendars[i]) > *until ? calendar_end(&calendars[i]) : *until;
	}
	if (*until > *from && *until - *from > CALENDAR_MAX_DAYS)
		*from = *until - CALENDAR_MAX_DAYS;
}

/* Whether a task is missed more where all others are, on weekends and on other days: the mean of all tasks. */
static double
mean_factor(const TaskDays *tasks, size_t n)
{
	double sum = 0.0;
	int64_t asked = 0;

	for (size_t i = 0; i < n; i++)
	{
		const TaskDays *task = &tasks[i];

		if (task->others_missed[0].n + task->others_missed[1].n + task->others_done[0].n +
				task->others_done[1].n ==
			0)
			continue;
		sum += factor_above(task->others_missed[0], task->others_done[0]) +
			   factor_above(task->others_missed[1], task->others_done[1]);
		asked++;
	}
	return asked > 0 ? sum / (double) asked : 0.0;
}

/*
 * Whether tasks are missed together: each more where all others of the day
 * are, which is asked on weekends and on other days apart; poll is called now
 * and then.
 */
bool
shared_bursts(const Calendar *calendars, size_t n, void (*poll)(void), Signature *signature)
{
	TaskDays tasks[SIGNATURE_MAX_TASKS] = { { .all = { { 0, 0 } } } };
	SharedDays shared = { .expected = 0.0 };
	int64_t from;
	int64_t until;

	for (size_t i = 0; i < n; i++)
		count_by_weekend(tasks[i].all, &calendars[i]);
	find_span(calendars, n, &from, &until);
	for (int64_t day = from; day < until; day++)
	{
		OneDay one = look_at_day(calendars, tasks, n, day);

		if ((day - from) % DAYS_PER_POLL == 0)
			poll();
		if (one.recorded < 2)
			continue;
		count_others(calendars, tasks, n, &one);
		count_shared_day(&shared, &one);
	}
	if (shared.all_missed.n < LEAST_SHARED_DAYS)
		return false;
	*signature =
		(Signature){ .code = "shared_bursts",
					 .factor = mean_factor(tasks, n),
					 .nfigures = 4,
					 .figures = { (double) shared.all_missed.hits, (double) shared.all_missed.n,
								  round(shared.expected * 10) / 10, (double) shared.bursts } };
	return true;
}

/*
 * Attempts and ratings
 */

/* How many of the attempts that began were left before the end. */
static Share
count_partials(const double *extents, size_t n)
{
	Share partials = { 0, 0 };

	for (size_t i = 0; i < n; i++)
	{
		partials.n += extents[i] > 0;
		partials.hits += extents[i] > 0 && extents[i] < WHOLE;
	}
	return partials;
}

/* Whether more attempts than usual began and were not completed. */
bool
started_not_completed(const double *extents, size_t n, Signature *signature)
{
	Share partials = count_partials(extents, n);

	if (partials.n < LEAST_OCCASIONS)
		return false;
	*signature =
		of_share("started_not_completed", factor_exceeds(partials, USUAL_PARTIAL), partials);
	return true;
}

/* Whether what is left unfinished does not grow with practice; asked only where that is more than usual. */
bool
no_improvement(const double *extents, size_t n, Signature *signature)
{
	Share partials = count_partials(extents, n);

	if (n < LEAST_DOSES || (double) partials.hits < USUAL_PARTIAL * (double) partials.n ||
		partials.hits < LEAST_OCCASIONS)
		return false;
	*signature =
		(Signature){ .code = "no_improvement",
					 .factor = -factor_trend(extents, n, UPWARDS),
					 .nfigures = 3,
					 .figures = { round(middle(extents, n / 2)),
								  round(middle(extents + n / 2, n - n / 2)), (double) n } };
	return true;
}

/* Whether more occasions than usual are put off. */
bool
postponed(Share share, Signature *signature)
{
	if (share.n < LEAST_OCCASIONS)
		return false;
	*signature = of_share("postponed", factor_exceeds(share, USUAL_POSTPONED), share);
	return true;
}

/* Whether more approaches to a task than usual stop before it. */
bool
stopped_short(Share share, Signature *signature)
{
	if (share.n < LEAST_OCCASIONS)
		return false;
	*signature = of_share("stopped_short", factor_exceeds(share, USUAL_STOPPED_SHORT), share);
	return true;
}

/* Whether ratings fall. */
bool
falling(const char *code, const double *ratings, size_t n, Signature *signature)
{
	if (n < LEAST_RATINGS)
		return false;
	*signature = (Signature){ .code = code,
							  .factor = factor_trend(ratings, n, DOWNWARDS),
							  .nfigures = 3,
							  .figures = { ratings[0], ratings[n - 1], (double) n } };
	return true;
}
