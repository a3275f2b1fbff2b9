/*
 * Watching outside the server: whether there is an alarm on each of many days
 * is what the detector says as of that day of a calendar that ends there, and
 * spells are what a search for them finds, day by day from the definition.
 * SEED=n repeats a run.
 */
#include "signal/watch.h"

#include <math.h>

#include "model.h"

#include "signal/run_length.h"

/* Most days that are watched, and days beyond what is known of them. */
#define MOST_DAYS 150
#define MOST_AHEAD 40

static bool alarms[MOST_DAYS + MOST_AHEAD];
static Step steps[MODEL_DAYS];
static DayValue days[MOST_DAYS];
static int ndays;

/* A random number in a range. */
static double
real_between(double low, double high)
{
	return low + (high - low) * (double) (random_bits() >> 11) / 9007199254740992.0;
}

/*
 * Spells
 */

/* What a search for spells works on. */
typedef struct Case
{
	AlarmDays on;
	SpellRule rule;
	int32_t closings[8];
	int nclosings;
	bool taken[MOST_DAYS + MOST_AHEAD]; /* alarms, as they are taken where they are not known */
} Case;

/* Make up alarms that last for a while, a rule, and days on which somebody closed. */
static void
make_case(Case *test)
{
	bool alarm = percent(30);

	test->on = (AlarmDays){ .first = (int32_t) between(-50, 9000),
							.n = (int32_t) between(0, MOST_DAYS),
							.alarms = alarms };
	test->on.known = percent(50) ? test->on.n : (int32_t) between(0, test->on.n);
	for (int i = 0; i < test->on.n; i++)
	{
		alarm = percent(25) ? !alarm : alarm;
		test->taken[i] = alarms[i] = alarm;
	}
	test->rule = (SpellRule){ .hold = (int32_t) (percent(50) ? 0 : between(0, 5)),
							  .clear = (int32_t) (percent(50) ? 1 : between(1, 6)),
							  .cool_down = (int32_t) (percent(50) ? 0 : between(0, 20)) };
	test->nclosings = (int) (percent(50) ? 0 : between(0, 8));
	for (int i = 0; i < test->nclosings; i++)
		test->closings[i] =
			(i == 0 ? test->on.first - 5 : test->closings[i - 1]) + (int32_t) between(0, 20);
}

/* Whether somebody closed on a day. */
static bool
is_closing_on(const Case *test, int day)
{
	for (int i = 0; i < test->nclosings; i++)
		if (test->closings[i] == test->on.first + day)
			return true;
	return false;
}

/* Whether all of so many days through one are of one kind; there must be as many. */
static bool
are_all(const Case *test, int through, int n, bool alarm)
{
	if (through - n + 1 < 0)
		return false;
	for (int i = through - n + 1; i <= through; i++)
		if (test->taken[i] != alarm)
			return false;
	return true;
}

/* Whether the cool-down after what ended on a day is over on another. */
static bool
is_free(const Case *test, int day, int last_end)
{
	for (int i = 0; i < test->nclosings; i++)
	{
		int closing = test->closings[i] - test->on.first;

		if (closing >= 0 && closing < day && day - closing <= test->rule.cool_down)
			return false;
	}
	return last_end < 0 || day - last_end > test->rule.cool_down;
}

/* The first day of the next spell after a day; the number of days if there is none. */
static int
find_opening(const Case *test, int after, int last_end)
{
	int day = after + 1;

	while (day < test->on.n &&
		   !(are_all(test, day, test->rule.hold + 1, true) && is_free(test, day, last_end)))
		day++;
	return day;
}

/* The day on which a spell ends; the number of days if it does not. */
static int
find_end(Case *test, int opened, bool *is_closed)
{
	for (int day = opened; day < test->on.n; day++)
	{
		if (opened < test->on.known && day >= test->on.known)
			test->taken[day] = alarms[test->on.known - 1];
		*is_closed = is_closing_on(test, day);
		if (*is_closed ||
			(day - opened >= test->rule.clear && are_all(test, day, test->rule.clear, false)))
			return day;
	}
	return test->on.n;
}

static void
test_spells(void)
{
	for (int i = 0; i < 40000; i += stride())
	{
		Case test;
		SpellScan scan;
		int opened;
		bool is_closed;

		make_case(&test);
		spells_start(&scan, &test.on, &test.rule, test.closings, test.nclosings);
		opened = find_opening(&test, -1, -1);
		while (opened < test.on.n)
		{
			int ended = find_end(&test, opened, &is_closed);
			SpellEnd how = ended == test.on.n ? SPELL_OPEN
						   : is_closed		  ? SPELL_CLOSED
											  : SPELL_CLEARED;

			if (!check(spells_next(&scan), "a spell from day %d on is not there", opened))
				break;
			check(scan.spell.opened == test.on.first + opened && scan.spell.how == how &&
					  (how == SPELL_OPEN || scan.spell.ended == test.on.first + ended),
				  "spell of days %d to %d (%d), wanted %d to %d (%d)",
				  scan.spell.opened - test.on.first, scan.spell.ended - test.on.first,
				  scan.spell.how, opened, ended, how);
			if (how == SPELL_OPEN)
				break;
			opened = find_opening(&test, ended, ended);
		}
		if (opened >= test.on.n)
			check(!spells_next(&scan), "one spell more");
	}
	end_test("spells");
}

/*
 * Alarms of a calendar
 */

/* A random watch of a calendar. */
static Watch
calendar_watch(void)
{
	Watch watch = { .detector = (WatchDetector) between(WATCH_MISSED_RUN, WATCH_G_CHART),
					.n = (int32_t) between(1, 5),
					.rise = (int32_t) between(1, 4),
					.rate = real_between(0, 1),
					.drop = real_between(0, 0.5),
					.p = real_between(0.05, 0.95),
					.threshold = percent(50) ? 1.0 : 0.5,
					.limit = real_between(0, 6) };

	if (watch.detector == WATCH_RATE_BELOW || watch.detector == WATCH_OVER_USE ||
		watch.detector == WATCH_RATE_DROP)
		watch.days = (int32_t) (percent(90) ? between(1, 20) : CALENDAR_MAX_DAYS);
	if (watch.detector == WATCH_RATE_DROP)
		watch.before = (int32_t) (percent(90) ? between(1, 30) : CALENDAR_MAX_DAYS);
	return watch;
}

/* A model through a day, after which all days up to another are planned, and nothing is recorded. */
static Model
model_ahead(const Model *model, int64_t last, int64_t through)
{
	Model ahead = { .first = model->first };

	ahead.ndays = (int) (through - ahead.first + 1);
	for (int i = 0; i < ahead.ndays; i++)
		if (ahead.first + i > last)
			ahead.days[i][PRESCRIBED] = 1;
		else
			memcpy(ahead.days[i], model_on(model, ahead.first + i), sizeof(ahead.days[i]));
	return ahead;
}

/* Whether there is an alarm as of a day, asked of the detector itself. */
static bool
alarms_as_of(const Watch *watch, const Model *model, int64_t last, int64_t as_of)
{
	Trace nothing = { .statistics = NULL };
	Model known = model_slice(model, model->first, (as_of < last ? as_of : last) + 1);
	Calendar calendar;

	if (watch->detector == WATCH_UNRECORDED_RUN && as_of > last && as_of >= model->first)
		known = model_ahead(model, last, as_of);
	calendar = model_calendar(&known, model_width(&known));
	return watch_calendar(watch, &calendar, as_of, &nothing).alarm;
}

static void
test_calendar_days(void)
{
	for (int i = 0; i < 4000; i += stride())
	{
		Watch watch = calendar_watch();
		Habits habits = random_habits();
		Model model;
		Calendar calendar;
		AlarmDays on = { .alarms = alarms };
		int64_t last;

		random_model(&model, between(9000, 9100), (int) between(1, 90), &habits);
		calendar = model_calendar(&model, model_width(&model));
		last = model.first + between(-3, model.ndays + 3);
		on.first = (int32_t) (model.first + between(-20, model.ndays + 5));
		on.n = (int32_t) between(0, MOST_DAYS);
		if (watch.detector == WATCH_UNRECORDED_RUN && last < model.first - 1)
			last = model.first - 1; /* nothing is planned before */
		watch_calendar_days(&watch, &calendar, last, steps, &on);
		for (int day = 0; day < on.n; day++)
			check(alarms[day] == alarms_as_of(&watch, &model, last, (int64_t) on.first + day),
				  "detector %d: %d on day %d of the calendar, of which %d are known",
				  watch.detector, alarms[day], (int) (on.first + day - model.first),
				  (int) (last - model.first + 1));
		for (int day = 0; day < model.ndays; day += 7)
			check(watch_knows_all_of(&calendar, model.first + day) ==
					  (model.days[day][PRESCRIBED] > 0 &&
					   model.days[day][TAKEN] + model.days[day][MISSED] >=
						   model.days[day][PRESCRIBED]),
				  "what is known of a day");
		check(!watch_knows_all_of(&calendar, model.first - 1), "nothing is planned before");
		release_all();
	}
	end_test("alarms of a calendar, day by day");
}

/*
 * Alarms of a series
 */

/* A random watch of a series. */
static Watch
series_watch(void)
{
	return (Watch){ .detector = (WatchDetector) between(WATCH_CUSUM, WATCH_SILENCE),
					.direction = (Direction) between(0, 2),
					.runs = (int32_t) between(0, 4),
					.k = real_between(0, 1),
					.h = real_between(0, 4),
					.l = real_between(0, 3),
					.lambda = real_between(0.05, 1),
					.headstart = 0,
					.reliability = real_between(0, 0.95),
					.gain = real_between(0, 4),
					.days = (int32_t) between(1, 40),
					.band = real_between(0, 3),
					.limit = real_between(0, 12),
					.baseline = { real_between(-1, 1), real_between(0.2, 3) } };
}

/* Make up a series. */
static void
make_series(void)
{
	int32_t day = (int32_t) between(8900, 9100);

	ndays = (int) between(0, 60);
	for (int i = 0; i < ndays; i++)
	{
		day += (int32_t) (percent(70) ? 1 : between(1, 12));
		days[i] = (DayValue){ day, percent(10) ? 1.0 : real_between(-3, 3) };
	}
}

/* Whether there is an alarm as of a day, asked of the detector itself, of the values up to then. */
static bool
series_alarms_as_of(const Watch *watch, int32_t first, int32_t as_of)
{
	Trace nothing = { .statistics = NULL };
	DayValue *copy = hold(sizeof(days));
	int n = 0;

	for (; n < ndays && days[n].day <= as_of; n++)
		copy[n] = days[n];
	return watch_series(watch, copy, n, first, as_of, &nothing).alarm;
}

static void
test_series_days(void)
{
	for (int i = 0; i < 3000; i += stride())
	{
		Watch watch = series_watch();
		AlarmDays on = { .alarms = alarms };
		DayValue copy[MOST_DAYS];

		make_series();
		on.first = (int32_t) between(8890, 9200);
		on.n = (int32_t) between(0, MOST_DAYS);
		memcpy(copy, days, sizeof(copy));
		watch_series_days(&watch, copy, ndays, steps, &on);
		for (int day = 0; day < on.n; day++)
		{
			check(alarms[day] == series_alarms_as_of(&watch, on.first, on.first + day),
				  "detector %d: %d on day %d", watch.detector, alarms[day], on.first + day);
			release_all();
		}
	}
	end_test("alarms of a series, day by day");
}

/* Silence counts from the first day where nothing was heard, or only before. */
static void
test_silence(void)
{
	Watch watch = { .detector = WATCH_SILENCE, .limit = 2.5 };
	Trace nothing = { .statistics = NULL };
	DayValue heard[] = { { 90, 1 }, { 105, 1 } };
	Signal none = watch_series(&watch, NULL, 0, 100, 102, &nothing);
	Signal long_ago = watch_series(&watch, heard, 1, 100, 103, &nothing);
	Signal lately = watch_series(&watch, heard, 2, 100, 107, &nothing);

	check(!none.alarm && none.statistic == 2 && none.since == 100 && none.lim == 2.5, "never");
	check(long_ago.alarm && long_ago.statistic == 3 && long_ago.since == 100, "before");
	check(!lately.alarm && lately.statistic == 2 && lately.since == 105, "lately");
	end_test("silence");
}

/* An open spell of which the days ahead are not known stays as it is; a next one opens as soon as it can. */
static void
test_unknown_days(void)
{
	bool ahead[] = { true, true, false, true, true, true, true };
	AlarmDays on = { .first = 10, .n = 7, .known = 3, .alarms = ahead };
	SpellRule rule = { .hold = 0, .clear = 2, .cool_down = 0 };
	SpellScan scan;

	spells_start(&scan, &on, &rule, NULL, 0);
	check(spells_next(&scan) && scan.spell.opened == 10 && scan.spell.ended == 13 &&
			  scan.spell.how == SPELL_CLEARED,
		  "it may end on day 13");
	check(spells_next(&scan) && scan.spell.opened == 14 && scan.spell.how == SPELL_OPEN,
		  "and another may open on day 14");
	check(!spells_next(&scan), "no more");
	on.known = 7;
	spells_start(&scan, &on, &rule, NULL, 0);
	check(spells_next(&scan) && scan.spell.opened == 10 && scan.spell.how == SPELL_OPEN &&
			  !spells_next(&scan),
		  "known, they keep it open");
	end_test("days of which nothing is known");
}

int
main(void)
{
	start_random();
	test_spells();
	test_calendar_days();
	test_series_days();
	test_silence();
	test_unknown_days();
	release_all();
	return end_tests();
}
