/*
 * Measures of calendars outside the server, each against the plainest program
 * for its definition on an array of counts: lists of days, no masks and no
 * early ends.  SEED=n repeats a run.
 */
#include "adherence/measures.h"
#include "model.h"

#include <math.h>

/* Calendars of all lengths up to this are looked at. */
#define LENGTHS 300

static const double thresholds[] = { 1.0,  0.999, 2 / 3.0, 0.67, 0.66, 0.5,
									 0.51, 0.34,  1 / 3.0, 0.33, 1e-9 };

#define NTHRESHOLDS ((int) (sizeof(thresholds) / sizeof(thresholds[0])))

/* A model of every length in turn, its calendar narrow where that will do, and wide. */
typedef struct Case
{
	Model model;
	Calendar calendars[2];
	int ncalendars;
} Case;

static Case now;

/* Let all days but so many in a hundred be one unit that is taken or missed. */
static void
make_usual(Model *model, int others)
{
	int taken = (int) between(1, 99);

	for (int i = 0; i < model->ndays; i++)
		if (!percent(others))
		{
			memset(model->days[i], 0, sizeof(model->days[i]));
			model->days[i][PRESCRIBED] = 1;
			model->days[i][percent(taken) ? TAKEN : MISSED] = 1;
		}
}

/* Make up the case of a number. */
static void
next_case(int number, int64_t first)
{
	Habits habits = random_habits();
	int ndays = number % (LENGTHS + 1);

	if (percent(25))
		habits = (Habits){ 0, (int) between(85, 100), 3 }; /* every day planned */
	random_model(&now.model, first, ndays, &habits);
	if (percent(25))
		make_usual(&now.model, percent(50) ? 0 : (int) between(1, 10));
	now.ncalendars = model_width(&now.model) == CALENDAR_NARROW ? 2 : 1;
	now.calendars[0] = model_calendar(&now.model, CALENDAR_WIDE);
	if (now.ncalendars == 2)
		now.calendars[1] = model_calendar(&now.model, CALENDAR_NARROW);
}

/* Describe the case at hand after a check that has failed. */
static void
tell(bool good, const AdherenceRule *rule)
{
	if (good || !describes())
		return;
	if (rule != NULL)
		printf("#   threshold %.17g, grace %d, skip_unrecorded %d, over_adheres %d\n",
			   rule->threshold, rule->grace, rule->skip_unrecorded, rule->over_adheres);
	describe_model("calendar", &now.model);
}

/* A random rule. */
static AdherenceRule
random_rule(void)
{
	return (AdherenceRule){ .threshold = thresholds[between(0, NTHRESHOLDS - 1)],
							.grace = (int32_t) between(0, 4),
							.skip_unrecorded = percent(50),
							.over_adheres = percent(50) };
}

/*
 * Days
 */

static bool
planned(const int day[NCOUNTS])
{
	return day[PRESCRIBED] > 0 && day[EXCUSING] == 0;
}

static bool
recorded(const int day[NCOUNTS])
{
	return day[TAKEN] > 0 || day[MISSED] > 0;
}

/* Status of a day, by the table of the definition. */
static DayStatus
status_of(const int day[NCOUNTS])
{
	if (day[EXCUSING] > 0)
		return DAY_EXCUSED;
	if (day[PRESCRIBED] == 0 && day[TAKEN] == 0)
		return DAY_NONE;
	if (day[PRESCRIBED] == 0)
		return DAY_EXTRA;
	if (day[TAKEN] > 0)
		return day[TAKEN] > day[PRESCRIBED]	   ? DAY_OVER
			   : day[TAKEN] == day[PRESCRIBED] ? DAY_TAKEN
											   : DAY_PARTIAL;
	return day[MISSED] > 0 ? DAY_MISSED : DAY_UNRECORDED;
}

/* What a day is to a streak. */
static DayClass
class_of(const int day[NCOUNTS], const AdherenceRule *rule)
{
	DayStatus status = status_of(day);

	if (status == DAY_EXCUSED || status == DAY_NONE || status == DAY_EXTRA)
		return CLASS_NEUTRAL;
	if (status == DAY_UNRECORDED && rule->skip_unrecorded)
		return CLASS_NEUTRAL;
	if (status == DAY_OVER && !rule->over_adheres)
		return CLASS_LAPSE;
	return (double) day[TAKEN] / day[PRESCRIBED] >= rule->threshold ? CLASS_ADHERENT : CLASS_LAPSE;
}

/* Every day of small counts under every rule, and random large ones. */
static void
test_day_class(void)
{
	for (int i = 0; i < 5 * 5 * 3 * 2 * NTHRESHOLDS * 4 + 20000; i++)
	{
		int day[NCOUNTS] = { i % 5, i / 5 % 5, i / 25 % 3, i / 75 % 2 };
		AdherenceRule rule = { .threshold = thresholds[i / 600 % NTHRESHOLDS],
							   .skip_unrecorded = i / 150 % 2,
							   .over_adheres = i / 300 % 2 };
		DayCounts counts;
		DayClass got;

		if (i >= 5 * 5 * 3 * 2 * NTHRESHOLDS * 4)
			for (int c = 0; c < NCOUNTS; c++)
				day[c] = random_count(99);
		counts =
			(DayCounts){ (uint8_t) day[0], (uint8_t) day[1], (uint8_t) day[2], (uint8_t) day[3] };
		got = day_class(counts, &rule);
		check(got == class_of(day, &rule),
			  "%d,%d,%d,%d at %g, skip_unrecorded %d, over_adheres %d: class %d", day[0], day[1],
			  day[2], day[3], rule.threshold, rule.skip_unrecorded, rule.over_adheres, got);
	}
	end_test("day_class: small counts under every rule, random large ones");
}

/* Days of the week by counting them; 2000-01-03 is a Monday. */
static void
test_weekday(void)
{
	int weekday = 0;

	for (int64_t day = 2; day < 4000; day++, weekday = (weekday + 1) % 7)
		check(day_weekday(day) == weekday, "day %" PRId64 " is %d", day, day_weekday(day));
	weekday = 0;
	for (int64_t day = 2; day > -4000; day--, weekday = (weekday + 6) % 7)
		check(day_weekday(day) == weekday, "day %" PRId64 " is %d", day, day_weekday(day));
	for (int i = 0; i < 10000; i += stride())
	{
		int64_t day = between((int64_t) INT32_MIN - 80000, (int64_t) INT32_MAX + 80000);

		weekday = (day_weekday(day) + 1) % 7;
		check(day_weekday(day + 1) == weekday && day_weekday(day + 146097) == day_weekday(day) &&
				  day_weekday(day) >= 0,
			  "day %" PRId64 " is %d", day, day_weekday(day));
	}
	end_test("day_weekday");
}

/*
 * Streaks and gaps
 */

/* Streaks or gaps, in order. */
typedef struct Runs
{
	int n;
	DayRun runs[MODEL_DAYS];
	bool trailing; /* whether the last one has not ended */
} Runs;

/* The streaks: adherent days with at most so many lapses between neighbours. */
static void
streaks_of(const Model *model, const AdherenceRule *rule, Runs *streaks)
{
	int lapses = 0; /* since the last adherent day */

	streaks->n = 0;
	for (int i = 0; i < model->ndays; i++)
	{
		DayClass class = class_of(model->days[i], rule);
		int32_t day = (int32_t) model->first + i;

		if (class == CLASS_LAPSE)
			lapses++;
		if (class != CLASS_ADHERENT)
			continue;
		if (streaks->n == 0 || lapses > rule->grace)
			streaks->runs[streaks->n++] = (DayRun){ .first = day };
		streaks->runs[streaks->n - 1].last = day;
		streaks->runs[streaks->n - 1].days++;
		lapses = 0;
	}
	streaks->trailing = streaks->n > 0 && lapses <= rule->grace;
}

/* Days of the longest run. */
static int
longest_of(const Runs *runs)
{
	int longest = 0;

	for (int i = 0; i < runs->n; i++)
		longest = runs->runs[i].days > longest ? runs->runs[i].days : longest;
	return longest;
}

static bool
same_run(DayRun a, DayRun b)
{
	return a.first == b.first && a.last == b.last && a.days == b.days;
}

/* Compare the streaks of a calendar with those wanted; asked once more, there are no more. */
static bool
check_streaks(const Calendar *calendar, const AdherenceRule *rule, const Runs *wanted)
{
	StreakScan scan;
	DayRun streak;
	bool good = true;
	int n = 0;

	streak_scan_init(&scan, calendar, rule);
	for (; n <= wanted->n && streak_next(&scan, &streak); n++)
		good &= check(n < wanted->n && same_run(streak, wanted->runs[n]),
					  "streak %d: %d to %d, %d days", n, streak.first, streak.last, streak.days);
	good &= check(n == wanted->n, "%d streaks instead of %d", n, wanted->n);
	good &= check(!streak_next(&scan, &streak) && !streak_next(&scan, &streak),
				  "a streak after the last");
	return good;
}

/* Everything about streaks under one rule, of all widths. */
static void
check_rule(const AdherenceRule *rule)
{
	Runs streaks;
	int longest;
	int trailing;

	streaks_of(&now.model, rule, &streaks);
	longest = longest_of(&streaks);
	trailing = streaks.trailing ? streaks.runs[streaks.n - 1].days : 0;
	for (int w = 0; w < now.ncalendars; w++)
	{
		const Calendar *calendar = &now.calendars[w];
		bool good = check_streaks(calendar, rule, &streaks);

		good &= check(longest_streak(calendar, rule) == longest, "longest %d instead of %d",
					  longest_streak(calendar, rule), longest);
		good &= check(trailing_streak(calendar, rule) == trailing, "trailing %d instead of %d",
					  trailing_streak(calendar, rule), trailing);
		tell(good, rule);
	}
}

/* Every length with every threshold, grace and choice. */
static void
test_streaks(void)
{
	for (int i = 0; i <= LENGTHS * NTHRESHOLDS; i += stride())
	{
		next_case(i / NTHRESHOLDS, random_first(LENGTHS));
		for (int choice = 0; choice < 5 * 4; choice++)
		{
			AdherenceRule rule = { .threshold = thresholds[i % NTHRESHOLDS],
								   .grace = choice % 5 < 4 || percent(50) ? choice % 5 : INT32_MAX,
								   .skip_unrecorded = choice / 5 & 1,
								   .over_adheres = choice / 10 & 1 };

			check_rule(&rule);
		}
		release_all();
	}
	end_test("streaks, longest, trailing: every length under every rule");
}

/* All patterns of adherent and missed days in a short calendar, at every place in a block. */
static void
test_streak_patterns(void)
{
	for (int pattern = 0; pattern < 1 << 11; pattern++)
	{
		int before = (int) between(0, 2) * 64 + pattern % 64;

		now.model = (Model){ .first = 9000, .ndays = before + 11 };
		for (int i = 0; i < now.model.ndays; i++)
		{
			bool adherent = i < before ? pattern & 1 : pattern >> (i - before) & 1;

			now.model.days[i][PRESCRIBED] = 1;
			now.model.days[i][adherent ? TAKEN : MISSED] = 1;
		}
		now.ncalendars = 2;
		now.calendars[0] = model_calendar(&now.model, CALENDAR_WIDE);
		now.calendars[1] = model_calendar(&now.model, CALENDAR_NARROW);
		for (int grace = 0; grace < 3; grace++)
			check_rule(&(AdherenceRule){ .threshold = 1.0, .grace = grace, .over_adheres = true });
		release_all();
	}
	end_test("streaks: all patterns of eleven planned days, at every place in a block");
}

/* A run of each length that begins at each offset, alone among missed days. */
static void
test_streak_places(void)
{
	for (int start = 0; start < 130; start++)
		for (int length = 1; length <= 130; length += length < 70 ? 1 : 7)
		{
			AdherenceRule rule = ADHERENCE_RULE_DEFAULT;

			now.model = (Model){ .first = 9000, .ndays = start + length + (int) between(0, 70) };
			for (int i = 0; i < now.model.ndays; i++)
			{
				now.model.days[i][PRESCRIBED] = 1;
				now.model.days[i][i >= start && i < start + length ? TAKEN : MISSED] = 1;
			}
			now.ncalendars = 1;
			now.calendars[0] = model_calendar(&now.model, CALENDAR_NARROW);
			tell(check(longest_streak(&now.calendars[0], &rule) == length,
					   "from %d on %d days: longest %d", start, length,
					   longest_streak(&now.calendars[0], &rule)),
				 &rule);
			release_all();
		}
	end_test("longest: a run of each length from each offset on");
}

/* The calendar as it stood on a day. */
static void
test_as_of(void)
{
	for (int i = 0; i < 20000; i += stride())
	{
		AdherenceRule rule = random_rule();
		int64_t as_of;
		const int *day;
		bool pending;
		Model wanted;

		next_case(i % 20, random_first(20));
		as_of = percent(90) ? now.model.first + between(-3, now.model.ndays + 3)
							: (percent(50) ? INT32_MIN : INT32_MAX);
		day = model_on(&now.model, as_of);
		pending = day[PRESCRIBED] > 0 && day[MISSED] == 0 &&
				  (double) day[TAKEN] / day[PRESCRIBED] < rule.threshold;
		wanted = model_slice(&now.model, INT64_MIN, pending ? as_of : as_of + 1);
		for (int w = 0; w < now.ncalendars; w++)
		{
			Calendar got = calendar_as_of(&now.calendars[w], as_of, &rule);

			tell(check(calendar_is(&got, &wanted), "as of day %" PRId64 ": %d days, wanted %d",
					   as_of, got.ndays, wanted.ndays),
				 &rule);
		}
		release_all();
	}
	end_test("as_of: no later days, nor that day while it is pending");
}

/* The gaps: planned days with nothing taken, up to a day with something taken. */
static void
gaps_of(const Model *model, bool skip_unrecorded, Runs *gaps)
{
	bool open = false;

	gaps->n = 0;
	for (int i = 0; i < model->ndays; i++)
	{
		const int *day = model->days[i];
		int32_t at = (int32_t) model->first + i;

		if (day[TAKEN] > 0)
			open = false;
		if (!planned(day) || day[TAKEN] > 0 || (skip_unrecorded && !recorded(day)))
			continue;
		if (!open)
			gaps->runs[gaps->n++] = (DayRun){ .first = at };
		open = true;
		gaps->runs[gaps->n - 1].last = at;
		gaps->runs[gaps->n - 1].days++;
	}
}

/* Dosing gaps. */
static void
test_gaps(void)
{
	for (int i = 0; i < 8000; i += stride())
	{
		Runs wanted;

		next_case(i, random_first(LENGTHS));
		gaps_of(&now.model, i & 1, &wanted);
		for (int w = 0; w < now.ncalendars; w++)
		{
			GapScan scan = { .calendar = &now.calendars[w], .skip_unrecorded = i & 1 };
			DayRun gap;
			bool good = true;
			int n = 0;

			for (; n <= wanted.n && gap_next(&scan, &gap); n++)
				good &= check(n < wanted.n && same_run(gap, wanted.runs[n]),
							  "gap %d: %d to %d, %d days", n, gap.first, gap.last, gap.days);
			good &= check(n == wanted.n, "%d gaps instead of %d", n, wanted.n);
			good &= check(!gap_next(&scan, &gap), "a gap after the last");
			tell(good, NULL);
		}
		release_all();
	}
	end_test("gaps");
}

/*
 * Rates
 */

static int
least(int a, int b)
{
	return a < b ? a : b;
}

/* Sums over the days of a model that lie in [from, until), of one day of the week unless -1. */
static Tally
tally_of(const Model *model, int weekday, const AdherenceRule *rule)
{
	Tally tally = { .planned = 0 };

	for (int i = 0; i < model->ndays; i++)
	{
		const int *day = model->days[i];
		int unrecorded = day[PRESCRIBED] - day[TAKEN] - day[MISSED];

		if (weekday >= 0 && (model->first + i - 2 - weekday) % 7 != 0)
			continue;
		tally.status[status_of(day)]++;
		if (!planned(day) || (!recorded(day) && rule->skip_unrecorded))
			continue;
		unrecorded = unrecorded > 0 ? unrecorded : 0;
		tally.planned++;
		tally.adherent += class_of(day, rule) == CLASS_ADHERENT;
		tally.prescribed += day[PRESCRIBED];
		tally.taken += least(day[TAKEN], day[PRESCRIBED]);
		tally.possible += least(day[PRESCRIBED], day[TAKEN] + unrecorded);
		tally.unrecorded += unrecorded;
	}
	return tally;
}

static bool
check_tally(const Tally *got, const Tally *wanted, const char *about)
{
	return check(memcmp(got, wanted, sizeof(Tally)) == 0,
				 "%s: planned %" PRId64 "/%" PRId64 ", adherent %" PRId64 "/%" PRId64
				 ", taken %" PRId64 "/%" PRId64 " of %" PRId64 "/%" PRId64,
				 about, got->planned, wanted->planned, got->adherent, wanted->adherent, got->taken,
				 wanted->taken, got->prescribed, wanted->prescribed);
}

/* Sums over all days, and those of each day of the week. */
static void
test_tallies(void)
{
	for (int i = 0; i < 6000; i += stride())
	{
		AdherenceRule rule = random_rule();
		Tally wanted;
		Tally weekdays[DAYS_A_WEEK];

		next_case(i, random_first(LENGTHS));
		wanted = tally_of(&now.model, -1, &rule);
		for (int w = 0; w < now.ncalendars; w++)
		{
			Tally got = calendar_tally(&now.calendars[w], &rule);

			tell(check_tally(&got, &wanted, "all days"), &rule);
			weekday_tallies(&now.calendars[w], weekdays);
			for (int d = 0; d < DAYS_A_WEEK; d++)
			{
				Tally of_day = tally_of(&now.model, d, &ADHERENCE_RULE_DEFAULT);

				tell(check_tally(&weekdays[d], &of_day, "one day of the week"), NULL);
			}
		}
		release_all();
	}
	end_test("tallies: of all days, of each day of the week");
}

/* A window that slides over a calendar holds what its days sum up to. */
static void
test_rate_window(void)
{
	for (int i = 0; i < 1500; i += stride())
	{
		RateWindow window = { 0, 0 };
		int days = (int) between(1, 40);

		next_case(i, random_first(LENGTHS));
		for (int d = 0; d < now.model.ndays; d++)
		{
			Model part =
				model_slice(&now.model, now.model.first + d - days + 1, now.model.first + d + 1);
			Tally wanted = tally_of(&part, -1, &ADHERENCE_RULE_DEFAULT);

			rate_window_add(&window, calendar_counts(&now.calendars[0], d), 1);
			if (d >= days)
				rate_window_add(&window, calendar_counts(&now.calendars[0], d - days), -1);
			tell(check(window.prescribed == wanted.prescribed && window.taken == wanted.taken,
					   "%d days up to the %d-th: %d of %d", days, d, window.taken,
					   window.prescribed),
				 NULL);
		}
		release_all();
	}
	end_test("rate window: any number of days, sliding");
}

/*
 * Phases
 */

/* The phases by their definitions. */
static Phases
phases_of(const Model *model, int min_gap)
{
	Phases phases = { .initiated = false };
	int64_t last = 0;
	Model part;
	Runs gaps;

	for (int i = model->ndays - 1; i >= 0; i--)
		if (model->days[i][TAKEN] > 0)
		{
			phases.initiated = true;
			phases.initiated_on = (int32_t) model->first + i;
		}
	gaps_of(model, false, &gaps);
	for (int g = gaps.n - 1; g >= 0; g--)
		if (gaps.runs[g].days >= min_gap && gaps.runs[g].first > phases.initiated_on)
		{
			phases.discontinued = true;
			phases.discontinued_on = gaps.runs[g].first;
		}
	for (int i = 0; i < model->ndays; i++)
		if (model->days[i][TAKEN] > 0 &&
			(!phases.discontinued || model->first + i < phases.discontinued_on))
			last = model->first + i;
	part = model_slice(model, phases.initiated_on, last + 1);
	phases.implementation = tally_of(&part, -1, &ADHERENCE_RULE_DEFAULT);
	return phases;
}

/* Initiation, discontinuation, and what was done between. */
static void
test_phases(void)
{
	for (int i = 0; i < 8000; i += stride())
	{
		int min_gap = (int) between(1, i % 10 == 0 ? 100 : 6);
		Phases wanted;

		next_case(i, random_first(LENGTHS));
		wanted = phases_of(&now.model, min_gap);
		for (int w = 0; w < now.ncalendars; w++)
		{
			Phases got = calendar_phases(&now.calendars[w], min_gap);
			int32_t first = INT32_MIN;
			bool good = check(got.initiated == wanted.initiated, "initiated %d", got.initiated);

			good &= check(first_taken(&now.calendars[w], &first) == wanted.initiated &&
							  (!wanted.initiated || first == wanted.initiated_on),
						  "first taken on %d", first);
			if (wanted.initiated)
			{
				good &=
					check(got.initiated_on == wanted.initiated_on &&
							  got.discontinued == wanted.discontinued &&
							  (!got.discontinued || got.discontinued_on == wanted.discontinued_on),
						  "gap %d: from %d to %d", min_gap, got.initiated_on, got.discontinued_on);
				good &= check_tally(&got.implementation, &wanted.implementation, "implementation");
			}
			tell(good, NULL);
		}
		release_all();
	}
	end_test("phases");
}

/*
 * Weeks
 */

/* The Monday of a day's week, found by going back. */
static int64_t
monday_of(int64_t day)
{
	while ((day - 2) % 7 != 0)
		day--;
	return day;
}

/* Days of a week up to as_of that count, or -1 where all seven are excused. */
static int
days_in_week(const Model *model, int64_t monday, int64_t as_of)
{
	int days = 0;
	int excused = 0;

	for (int64_t day = monday; day < monday + 7 && day <= as_of; day++)
	{
		const int *counts = model_on(model, day);

		days += counts[TAKEN] > 0 && counts[EXCUSING] == 0;
		excused += counts[EXCUSING] > 0;
	}
	return excused == 7 ? -1 : days;
}

/* Weeks in a row that reach the target, counted back from the week of as_of. */
static int
weekly_streak_of(const Model *model, int64_t as_of, int target)
{
	Model known = model_slice(model, INT64_MIN, as_of + 1);
	int64_t this_week = monday_of(as_of);
	int streak = 0;

	known = model_trim(&known);
	if (known.ndays == 0)
		return 0;
	for (int64_t monday = this_week; monday >= monday_of(known.first); monday -= 7)
	{
		int days = days_in_week(model, monday, as_of);

		if (days >= target)
			streak++;
		else if (days >= 0 && monday < this_week)
			break;
	}
	return streak;
}

/* Make some weeks of the case wholly excused. */
static void
excuse_weeks(void)
{
	for (int64_t n = between(0, 3); n > 0 && now.model.ndays > 0; n--)
	{
		int64_t monday = monday_of(now.model.first + between(0, now.model.ndays - 1));

		for (int64_t day = monday; day < monday + between(6, 20); day++)
			if (day >= now.model.first && day < now.model.first + now.model.ndays)
				now.model.days[day - now.model.first][EXCUSING] = 1;
	}
	for (int w = 0; w < now.ncalendars; w++)
		now.calendars[w] = model_calendar(&now.model, now.calendars[w].width);
}

/* Weeks, and the streak of them up to a day. */
static void
test_weeks(void)
{
	for (int i = 0; i < 15000; i += stride())
	{
		int target = (int) between(1, 7);
		int64_t as_of;
		int64_t monday;
		int wanted;
		int days;

		next_case((int) between(0, 100), random_first(LENGTHS));
		excuse_weeks();
		as_of = now.model.first + between(-10, now.model.ndays + 30);
		wanted = weekly_streak_of(&now.model, as_of, target);
		monday = monday_of(as_of);
		days = days_in_week(&now.model, monday, as_of);
		for (int w = 0; w < now.ncalendars; w++)
		{
			const Calendar *calendar = &now.calendars[w];
			Week week = week_of(calendar, monday, as_of + 1);
			int streak = weekly_streak(calendar, as_of, target);
			bool good =
				check(week.monday == monday && week.wholly_excused == (days < 0) &&
						  (days < 0 || week.days == days),
					  "week of %" PRId64 ": %d days, %d", monday, week.days, week.wholly_excused);

			good &= check(streak == wanted, "target %d as of %" PRId64 ": %d weeks instead of %d",
						  target, as_of, streak, wanted);
			good &= check(weekly_streak(calendar, INT32_MIN, target) == 0 &&
							  weekly_streak(calendar, INT32_MAX, target) ==
								  weekly_streak_of(&now.model, INT32_MAX, target),
						  "a streak of weeks as of infinity");
			tell(good, NULL);
		}
		release_all();
	}
	end_test("weeks: days that count, streaks up to any day");
}

/*
 * Habits
 */

/* Share of a day's target: done days of the window that ends with it. */
static double
habit_share(const Model *model, int64_t first, int64_t day, double per_week)
{
	int window = per_week == 7 ? 1 : 14;
	double target = per_week == 7 ? 1 : 2 * per_week;
	int done = 0;

	for (int64_t d = day - window + 1; d <= day; d++)
		done += d >= first && model_on(model, d)[TAKEN] > 0;
	return done >= target ? 1 : done / target;
}

/* Score of a habit by the rule, day by day. */
static double
habit_score_of(const Model *model, int64_t as_of, double per_week)
{
	double keep = exp2(-sqrt(per_week / 7) / 13);
	double score = 0;
	int64_t first = model->first;

	while (first < model->first + model->ndays && !recorded(model_on(model, first)))
		first++;
	if (first == model->first + model->ndays)
		return 0;
	for (int64_t day = first; day <= as_of; day++)
	{
		if (day == as_of && !recorded(model_on(model, day)))
			break;
		if (model_on(model, day)[EXCUSING] == 0)
			score = score * keep + habit_share(model, first, day, per_week) * (1 - keep);
	}
	return score;
}

/* Scores of random habits. */
static void
test_habit_score(void)
{
	static const double frequencies[] = { 7, 7, 1, 2, 3, 3.5, 5, 6.999, 0.25 };

	for (int i = 0; i < 4000; i += stride())
	{
		double per_week = frequencies[between(0, 8)];
		int64_t as_of;
		double wanted;

		next_case((int) between(0, 120), random_first(LENGTHS));
		as_of =
			now.model.first + between(-3, now.model.ndays + (i % 50 == 0 ? 3000 : between(1, 30)));
		wanted = habit_score_of(&now.model, as_of, per_week);
		for (int w = 0; w < now.ncalendars; w++)
		{
			double got = habit_score(&now.calendars[w], as_of, per_week);

			tell(check(fabs(got - wanted) < 1e-12, "%g a week as of %" PRId64 ": %.15g not %.15g",
					   per_week, as_of, got, wanted),
				 NULL);
			check(habit_score(&now.calendars[w], INT32_MIN, per_week) == 0, "before all days");
			check(habit_score(&now.calendars[w], INT32_MAX, per_week) < 1e-300, "after all days");
		}
		release_all();
	}
	end_test("habit_score: by the rule, day by day");
}

/* A habit of some done days a week, then the other days not done; its score on the last day. */
static double
score_of_weeks(int weeks, int done_a_week, double per_week)
{
	Model model = { .first = 9000, .ndays = weeks * 7 };
	Calendar calendar;

	for (int i = 0; i < model.ndays; i++)
	{
		model.days[i][PRESCRIBED] = 1;
		model.days[i][i % 7 < done_a_week ? TAKEN : MISSED] = 1;
	}
	calendar = model_calendar(&model, CALENDAR_NARROW);
	return habit_score(&calendar, model.first + model.ndays - 1, per_week);
}

/* Score of so many done days in a row, on the last of them. */
static double
score_of_days(int days)
{
	Model model = { .first = 9000, .ndays = days };
	Calendar calendar;

	for (int i = 0; i < days; i++)
		model.days[i][PRESCRIBED] = model.days[i][TAKEN] = 1;
	calendar = model_calendar(&model, CALENDAR_NARROW);
	return habit_score(&calendar, model.first + days - 1, 7);
}

/* The figures that Loop Habit Tracker's own tests give. */
static void
test_loop_figures(void)
{
	double ones = score_of_days(1);
	double twenties = score_of_days(20);

	check(fabs(ones - 0.051922) < 1e-6, "one done day: %f", ones);
	check(fabs(twenties - 0.655747) < 1e-6, "20 done days: %f", twenties);
	for (int days = 1; days <= 100; days++)
		check(fabs(score_of_days(days) - (1 - exp2(-days / 13.0))) < 1e-12, "%d done days", days);
	check(score_of_days(90) >= 0.99, "90 done days: %f", score_of_days(90));
	check(score_of_days(86) < 0.99, "86 done days: %f", score_of_days(86));
	check(score_of_weeks(39, 1, 1) >= 0.99, "39 weeks: %f", score_of_weeks(39, 1, 1));
	check(score_of_weeks(19, 1, 1) < 0.99, "19 weeks: %f", score_of_weeks(19, 1, 1));
	check(fabs(score_of_weeks(57, 2, 3) - 2 / 3.0) < 2e-6, "2 of 3 a week: %f",
		  score_of_weeks(57, 2, 3));
	check(fabs(score_of_weeks(57, 4, 3) - 1) < 2e-6, "4 of 3 a week: %f", score_of_weeks(57, 4, 3));
	release_all();
	end_test("habit_score: the figures of Loop Habit Tracker");
}

/*
 * The longest calendars
 */

/* A calendar of the greatest length with the same planned day everywhere but on some days. */
static Calendar
long_calendar(CalendarWidth width, int lapse_every)
{
	uint8_t *days = hold((size_t) CALENDAR_MAX_DAYS * width);

	for (int i = 0; i < CALENDAR_MAX_DAYS; i++)
	{
		bool lapse = lapse_every > 0 && i % lapse_every == lapse_every - 1;

		if (width == CALENDAR_NARROW)
			days[i] = lapse ? 1 : 1 + 4;
		else
		{
			days[4 * i] = 99;
			days[4 * i + 1] = lapse ? 0 : 99;
		}
	}
	return (Calendar){ CALENDAR_FIRST_DAY, CALENDAR_MAX_DAYS, width, days };
}

/* Two hundred years, all adherent or with a lapse now and then. */
static void
test_longest_calendars(void)
{
	for (int i = 0; i < 12; i++)
	{
		static const int everies[] = { 0, 2, 63, 64, 65, 1000 };
		int every = everies[i / 2];
		int lapses = every > 0 ? CALENDAR_MAX_DAYS / every : 0;
		int units = i % 2 ? 99 : 1;
		Calendar calendar = long_calendar(i % 2 ? CALENDAR_WIDE : CALENDAR_NARROW, every);
		AdherenceRule rule = ADHERENCE_RULE_DEFAULT;
		AdherenceRule forgiving = { .threshold = 1.0, .grace = 1, .over_adheres = true };
		Tally tally = calendar_tally(&calendar, &rule);
		int trailing = every > 0 ? CALENDAR_MAX_DAYS % every : CALENDAR_MAX_DAYS;
		int adherent = CALENDAR_MAX_DAYS - lapses;

		check(longest_streak(&calendar, &rule) == (every > 0 ? every - 1 : CALENDAR_MAX_DAYS),
			  "a lapse every %d days: longest %d", every, longest_streak(&calendar, &rule));
		check(longest_streak(&calendar, &forgiving) == adherent, "grace 1, every %d: longest %d",
			  every, longest_streak(&calendar, &forgiving));
		check(trailing_streak(&calendar, &rule) == trailing, "every %d: trailing %d", every,
			  trailing_streak(&calendar, &rule));
		check(trailing_streak(&calendar, &forgiving) == adherent, "grace 1: trailing %d",
			  trailing_streak(&calendar, &forgiving));
		check(tally.planned == CALENDAR_MAX_DAYS && tally.adherent == adherent &&
				  tally.prescribed == (int64_t) units * CALENDAR_MAX_DAYS &&
				  tally.taken == (int64_t) units * adherent &&
				  tally.unrecorded == (int64_t) units * lapses,
			  "every %d: %" PRId64 " adherent", every, tally.adherent);
		release_all();
	}
	end_test("calendars of 73,050 days");
}

int
main(void)
{
	start_random();
	test_day_class();
	test_weekday();
	test_streaks();
	test_streak_patterns();
	test_streak_places();
	test_as_of();
	test_gaps();
	test_tallies();
	test_rate_window();
	test_phases();
	test_weeks();
	test_habit_score();
	test_loop_figures();
	test_longest_calendars();
	return end_tests();
}
