/*
 * Measures of a calendar.  Streaks are read 64 days at a time as bit masks:
 * one mask of adherent and one of non-adherent planned days; days in neither
 * are not there for a streak.  Rates count how often each value of a narrow
 * day occurs and then look at each value once.
 */
#include "adherence/measures.h"

#include <math.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Days in one pair of masks, and in one vector of narrow days. */
#define BLOCK_DAYS 64
#define VECTOR_DAYS 16

/* Powers of two below the days of a block. */
#define RUN_POWERS 6

/* The usual narrow days: one unit prescribed, and taken or missed. */
#define USUAL_TAKEN 0x05
#define USUAL_MISSED 0x11

/* Days over which a habit of less than seven times a week is looked at. */
#define HABIT_WINDOW 14

/* Days after which a daily habit's score halves without it. */
#define HABIT_HALF_LIFE 13.0

/*
 * Days
 */

/* Whether the units taken reach the threshold's share of those prescribed. */
static bool
day_reaches(DayCounts day, double threshold)
{
	return (double) day.taken / day.prescribed >= threshold;
}

/* What a day is to a streak under a rule. */
DayClass
day_class(DayCounts day, const AdherenceRule *rule)
{
	if (!day_is_planned(day))
		return CLASS_NEUTRAL;
	if (rule->skip_unrecorded && day.taken == 0 && day.missed == 0)
		return CLASS_NEUTRAL;
	if (!rule->over_adheres && day.taken > day.prescribed)
		return CLASS_LAPSE;
	return day_reaches(day, rule->threshold) ? CLASS_ADHERENT : CLASS_LAPSE;
}

/*
 * The calendar as it stood on a day: without later days, and without that day
 * itself while it may yet become adherent.
 */
Calendar
calendar_as_of(const Calendar *calendar, int64_t as_of, const AdherenceRule *rule)
{
	DayCounts day = calendar_counts_on(calendar, as_of);
	bool pending = day.prescribed > 0 && day.missed == 0 && !day_reaches(day, rule->threshold);

	return calendar_slice(calendar, INT64_MIN, pending ? as_of : as_of + 1);
}

/*
 * Masks
 */

/* Number of set bits; the compilers' own calls a function where no flag allows popcnt. */
static inline int
bit_count(uint64_t bits)
{
	bits -= (bits >> 1) & UINT64_C(0x5555555555555555);
	bits = (bits & UINT64_C(0x3333333333333333)) + ((bits >> 2) & UINT64_C(0x3333333333333333));
	bits = (bits + (bits >> 4)) & UINT64_C(0x0F0F0F0F0F0F0F0F);
	return (int) ((bits * UINT64_C(0x0101010101010101)) >> 56);
}

/* Sixteen narrow days, the same as words, and a truth (all bits or none) for each day. */
typedef uint8_t DayVector __attribute__((vector_size(VECTOR_DAYS)));
typedef uint16_t WordVector __attribute__((vector_size(VECTOR_DAYS)));
typedef int8_t TruthVector __attribute__((vector_size(VECTOR_DAYS)));

/* Planned days of 64, and those on which enough was done, planned or not. */
typedef struct DayTruths
{
	uint64_t planned;
	uint64_t done;
} DayTruths;

/* One bit for each truth, the first day's lowest. */
static inline uint64_t
gather_truths(TruthVector truths)
{
#ifdef __SSE2__
	return (uint64_t) _mm_movemask_epi8((__m128i) truths);
#else
	uint64_t bits = 0;

	for (int i = 0; i < VECTOR_DAYS; i++)
		bits |= (uint64_t) (truths[i] & 1) << i;
	return bits;
#endif
}

/* Days whose units taken are short of those prescribed but reach the threshold. */
static TruthVector
short_but_enough(DayVector prescribed, DayVector taken, double threshold)
{
	TruthVector enough = { 0 };

	for (uint8_t of = 2; of <= CALENDAR_MAX_NARROW; of++)
		for (uint8_t units = 1; units < of; units++)
			if (day_reaches((DayCounts){ .prescribed = of, .taken = units }, threshold))
				enough |= (prescribed == of) & (taken == units);
	return enough;
}

/* The truths of sixteen narrow days: day_class for all of them at once. */
static inline DayTruths
vector_truths(DayVector days, const AdherenceRule *rule)
{
	DayVector prescribed = days & 3;
	DayVector taken = (DayVector) ((WordVector) days >> 2) & 3;
	/* prescribed and excusing are the outer bits of the byte: 1 to 3 is planned. */
	TruthVector planned = (DayVector) ((days & 0xC3) - 1) < 3;
	TruthVector done = taken >= prescribed;

	if (rule->threshold < 1.0)
		done |= short_but_enough(prescribed, taken, rule->threshold);
	if (!rule->over_adheres)
		done &= taken <= prescribed;
	if (rule->skip_unrecorded)
		planned &= (days & 0x3C) != 0;
	return (DayTruths){ gather_truths(planned), gather_truths(done) };
}

/* Set the bits of the sixteen days from an offset on. */
static inline void
add_truths(DayTruths *truths, const uint8_t *days, int32_t from, const AdherenceRule *rule)
{
	DayVector vector;
	DayTruths some;

	memcpy(&vector, days + from, sizeof(vector));
	some = vector_truths(vector, rule);
	truths->planned |= some.planned << from;
	truths->done |= some.done << from;
}

/*
 * The masks of up to 64 narrow days; days past the end are in neither.  A last
 * vector that would not be full begins earlier and sees some days again.
 */
static inline DayMasks
narrow_masks(const uint8_t *days, int32_t n, const AdherenceRule *rule)
{
	DayTruths truths = { 0, 0 };
	uint8_t padded[VECTOR_DAYS] = { 0 };

	if (n < VECTOR_DAYS)
		add_truths(&truths, memcpy(padded, days, (size_t) n), 0, rule);
	else
	{
		for (int32_t i = 0; i + VECTOR_DAYS <= n; i += VECTOR_DAYS)
			add_truths(&truths, days, i, rule);
		if (n % VECTOR_DAYS != 0)
			add_truths(&truths, days, n - VECTOR_DAYS, rule);
	}
	return (DayMasks){ truths.planned & truths.done, truths.planned & ~truths.done };
}

/* The same for wide days. */
static DayMasks
wide_masks(const Calendar *calendar, int32_t from, int32_t n, const AdherenceRule *rule)
{
	DayMasks masks = { 0, 0 };

	for (int32_t i = 0; i < n; i++)
	{
		DayClass class = day_class(calendar_counts(calendar, from + i), rule);

		masks.adherent |= (uint64_t) (class == CLASS_ADHERENT) << i;
		masks.lapse |= (uint64_t) (class == CLASS_LAPSE) << i;
	}
	return masks;
}

/* Days of the calendar in the block of 64 from an offset on; none past the end. */
static int32_t
block_days(const Calendar *calendar, int32_t from)
{
	int32_t n = calendar->ndays - from;

	if (n < 0)
		return 0;
	return n < BLOCK_DAYS ? n : BLOCK_DAYS;
}

/*
 * The masks of a block of narrow days if all are usual ones, which every rule
 * judges alike; else false.  A last block that is not full is read with days
 * before it.
 */
static inline bool
usual_block(const Calendar *calendar, int32_t from, int32_t n, DayMasks *masks)
{
	int32_t before = BLOCK_DAYS - n;
	const uint8_t *days = calendar->days + from - before;

	if (from < before || n == 0)
		return false;
	*masks = (DayMasks){ 0, 0 };
#pragma GCC unroll 4
	for (int32_t i = 0; i < BLOCK_DAYS; i += VECTOR_DAYS)
	{
		DayVector vector;

		memcpy(&vector, days + i, sizeof(vector));
		masks->adherent |= gather_truths(vector == USUAL_TAKEN) << i;
		masks->lapse |= gather_truths(vector == USUAL_MISSED) << i;
	}
	masks->adherent >>= before;
	masks->lapse >>= before;
	return (masks->adherent | masks->lapse) == UINT64_MAX >> before;
}

/* The masks of the block of 64 days from an offset on. */
static inline DayMasks
block_masks(const Calendar *calendar, int32_t from, const AdherenceRule *rule)
{
	int32_t n = block_days(calendar, from);
	DayMasks usual;

	if (calendar->width == CALENDAR_WIDE)
		return wide_masks(calendar, from, n, rule);
	if (usual_block(calendar, from, n, &usual))
		return usual;
	return narrow_masks(calendar->days + from, n, rule);
}

/*
 * Streaks
 */

/* Begin a walk over the streaks of a calendar. */
void
streak_scan_init(StreakScan *scan, const Calendar *calendar, const AdherenceRule *rule)
{
	*scan = (StreakScan){ .calendar = calendar, .rule = rule };
	scan->left = block_masks(calendar, 0, rule);
}

/* Let adherent days of the current block, all of one streak, feed the open one. */
static void
streak_feed(StreakScan *scan, uint64_t days)
{
	int32_t base = scan->calendar->first + scan->block;

	if (days == 0)
		return;
	if (scan->open.days == 0)
		scan->open.first = base + __builtin_ctzll(days);
	scan->open.last = base + (BLOCK_DAYS - 1) - __builtin_clzll(days);
	scan->open.days += bit_count(days);
	scan->lapses = 0;
}

/* Close the open streak; whether there was one. */
static bool
streak_close(StreakScan *scan, DayRun *streak)
{
	*streak = scan->open;
	scan->open = (DayRun){ 0 };
	return streak->days > 0;
}

/* The next streak, in order of time; false after the last. */
bool
streak_next(StreakScan *scan, DayRun *streak)
{
	while (scan->block < scan->calendar->ndays)
	{
		while (scan->left.lapse != 0)
		{
			uint64_t before = (scan->left.lapse & -scan->left.lapse) - 1;

			streak_feed(scan, scan->left.adherent & before);
			scan->left.adherent &= ~before;
			scan->left.lapse &= scan->left.lapse - 1;
			if (scan->lapses++ >= scan->rule->grace && streak_close(scan, streak))
				return true;
		}
		streak_feed(scan, scan->left.adherent);
		scan->block += BLOCK_DAYS;
		scan->left = block_masks(scan->calendar, scan->block, scan->rule);
	}
	return streak_close(scan, streak);
}

/*
 * The longest run of set bits in a word in which not all are set.  The same
 * steps whatever the bits are: of the places at which a run of `length`
 * begins, keep those at which one of length + 32, 16, 8, ... does, if any.
 * Branches would be guessed wrongly for every calendar anew.
 */
static int32_t
longest_inside(uint64_t bits)
{
	uint64_t runs[RUN_POWERS]; /* where runs of 1, 2, 4, ... begin */
	uint64_t at = UINT64_MAX;
	int32_t length = 0;

	runs[0] = bits;
#pragma GCC unroll 6
	for (int power = 1; power < RUN_POWERS; power++)
		runs[power] = runs[power - 1] & runs[power - 1] >> (1 << (power - 1));
#pragma GCC unroll 6
	for (int power = RUN_POWERS - 1; power >= 0; power--)
	{
		uint64_t longer = at & runs[power] >> length;
		uint64_t any = longer != 0 ? UINT64_MAX : 0;

		at = (longer & any) | (at & ~any);
		length += (1 << power) & (int32_t) any;
	}
	return length;
}

/*
 * Longest streak without grace.  The same walk as streak_next without the
 * ends of the streaks, and for 64 planned days without a step for each lapse:
 * this is what a query over all people runs.
 */
static int32_t
longest_unforgiving(const Calendar *calendar, const AdherenceRule *rule)
{
	int32_t longest = 0;
	int32_t open = 0;

	for (int32_t block = 0; block < calendar->ndays; block += BLOCK_DAYS)
	{
		DayMasks left = block_masks(calendar, block, rule);
		int32_t n = block_days(calendar, block);

		/* Past the end a lapse changes nothing, and lets the last block count as full. */
		if (n < BLOCK_DAYS)
			left.lapse |= UINT64_MAX << n;
		if (left.lapse == ~left.adherent && left.lapse != 0)
		{
			int32_t inside = longest_inside(left.adherent);

			open += __builtin_ctzll(left.lapse);
			longest = open > longest ? open : longest;
			longest = inside > longest ? inside : longest;
			open = __builtin_clzll(left.lapse);
			continue;
		}
		for (; left.lapse != 0; left.lapse &= left.lapse - 1)
		{
			uint64_t before = (left.lapse & -left.lapse) - 1;

			open += bit_count(left.adherent & before);
			left.adherent &= ~before;
			longest = open > longest ? open : longest;
			open = 0;
		}
		open += bit_count(left.adherent);
	}
	return open > longest ? open : longest;
}

/* Adherent days in the longest streak. */
int32_t
longest_streak(const Calendar *calendar, const AdherenceRule *rule)
{
	StreakScan scan;
	DayRun streak;
	int32_t longest = 0;

	if (rule->grace == 0)
		return longest_unforgiving(calendar, rule);
	streak_scan_init(&scan, calendar, rule);
	while (streak_next(&scan, &streak))
		longest = streak.days > longest ? streak.days : longest;
	return longest;
}

/* Adherent days in the streak that the last planned days belong to; read backwards. */
int32_t
trailing_streak(const Calendar *calendar, const AdherenceRule *rule)
{
	int32_t days = 0;
	int32_t lapses = 0;

	for (int32_t i = calendar->ndays - 1; i >= 0 && lapses <= rule->grace; i--)
	{
		switch (day_class(calendar_counts(calendar, i), rule))
		{
			case CLASS_ADHERENT:
				days++;
				lapses = 0;
				break;
			case CLASS_LAPSE:
				lapses++;
				break;
			case CLASS_NEUTRAL:
				break;
		}
	}
	return days;
}

/* The next run of planned days with nothing taken; false after the last. */
bool
gap_next(GapScan *scan, DayRun *gap)
{
	*gap = (DayRun){ 0 };
	while (scan->next < scan->calendar->ndays)
	{
		DayCounts day = calendar_counts(scan->calendar, scan->next);
		int32_t at = scan->calendar->first + scan->next++;

		if (day.taken > 0 && gap->days > 0)
			break;
		if (day.taken > 0 || !day_is_planned(day) || (scan->skip_unrecorded && day.missed == 0))
			continue;
		if (gap->days++ == 0)
			gap->first = at;
		gap->last = at;
	}
	return gap->days > 0;
}

/*
 * Rates
 */

/* Count a number of equal days. */
static void
tally_days(Tally *tally, DayCounts day, int64_t days, const AdherenceRule *rule)
{
	int unrecorded = day_unrecorded_units(day);
	int taken = day.taken < day.prescribed ? day.taken : day.prescribed;
	int possible = day.taken + unrecorded;
	DayStatus status = day_status(day);

	tally->status[status] += days;
	if (!day_is_planned(day) || (rule->skip_unrecorded && status == DAY_UNRECORDED))
		return;
	tally->planned += days;
	tally->adherent += day_class(day, rule) == CLASS_ADHERENT ? days : 0;
	tally->prescribed += days * day.prescribed;
	tally->taken += days * taken;
	tally->possible += days * (possible < day.prescribed ? possible : day.prescribed);
	tally->unrecorded += days * unrecorded;
}

/* Sums over all days of a calendar. */
Tally
calendar_tally(const Calendar *calendar, const AdherenceRule *rule)
{
	Tally tally = { .planned = 0 };
	int32_t seen[UINT8_MAX + 1] = { 0 };

	if (calendar->width == CALENDAR_WIDE)
	{
		for (int32_t i = 0; i < calendar->ndays; i++)
			tally_days(&tally, calendar_counts(calendar, i), 1, rule);
		return tally;
	}
	for (int32_t from = 0; from < calendar->ndays; from += BLOCK_DAYS)
	{
		int32_t n = block_days(calendar, from);
		DayMasks usual;

		if (usual_block(calendar, from, n, &usual))
		{
			seen[USUAL_TAKEN] += bit_count(usual.adherent);
			seen[USUAL_MISSED] += bit_count(usual.lapse);
			continue;
		}
		for (int32_t i = from; i < from + n; i++)
			seen[calendar->days[i]]++;
	}
	for (int value = 0; value <= UINT8_MAX; value++)
	{
		uint8_t byte = (uint8_t) value;
		Calendar day = { .ndays = 1, .width = CALENDAR_NARROW, .days = &byte };

		if (seen[value] > 0)
			tally_days(&tally, calendar_counts(&day, 0), seen[value], rule);
	}
	return tally;
}

/* Let a day enter (sign 1) or leave (sign -1) a window; only planned days count. */
void
rate_window_add(RateWindow *window, DayCounts day, int sign)
{
	if (!day_is_planned(day))
		return;
	window->prescribed += sign * day.prescribed;
	window->taken += sign * (day.taken < day.prescribed ? day.taken : day.prescribed);
}

/* Sums over the days of each day of the week, Monday first. */
void
weekday_tallies(const Calendar *calendar, Tally tallies[DAYS_A_WEEK])
{
	memset(tallies, 0, DAYS_A_WEEK * sizeof(Tally));
	for (int32_t i = 0; i < calendar->ndays; i++)
		tally_days(&tallies[day_weekday((int64_t) calendar->first + i)],
				   calendar_counts(calendar, i), 1, &ADHERENCE_RULE_DEFAULT);
}

/*
 * Phases
 */

/* First day with anything taken; false if there is none. */
bool
first_taken(const Calendar *calendar, int32_t *day)
{
	for (int32_t i = 0; i < calendar->ndays; i++)
		if (calendar_counts(calendar, i).taken > 0)
		{
			*day = calendar->first + i;
			return true;
		}
	return false;
}

/* Last day with anything taken, in a calendar that has one. */
static int32_t
last_taken(const Calendar *calendar)
{
	int32_t i = calendar->ndays - 1;

	while (calendar_counts(calendar, i).taken == 0)
		i--;
	return calendar->first + i;
}

/*
 * Initiation, discontinuation (a gap of at least min_gap days) and what was
 * done between.  A gap that precedes initiation is none.
 */
Phases
calendar_phases(const Calendar *calendar, int32_t min_gap)
{
	Phases phases = { .initiated = false };
	Calendar taking;
	GapScan scan;
	DayRun gap;

	phases.initiated = first_taken(calendar, &phases.initiated_on);
	if (!phases.initiated)
		return phases;
	taking = calendar_slice(calendar, phases.initiated_on, INT64_MAX);
	scan = (GapScan){ .calendar = &taking };
	while (!phases.discontinued && gap_next(&scan, &gap))
	{
		phases.discontinued = gap.days >= min_gap;
		phases.discontinued_on = gap.first;
	}
	if (phases.discontinued)
		taking = calendar_slice(&taking, INT64_MIN, phases.discontinued_on);
	taking = calendar_slice(&taking, INT64_MIN, (int64_t) last_taken(&taking) + 1);
	phases.implementation = calendar_tally(&taking, &ADHERENCE_RULE_DEFAULT);
	return phases;
}

/*
 * Habits
 */

/* One ISO week: the days before `until` on which something was taken, unless excused. */
Week
week_of(const Calendar *calendar, int64_t monday, int64_t until)
{
	Week week = { .monday = monday };
	int excused = 0;

	for (int64_t day = monday; day < monday + DAYS_A_WEEK && day < until; day++)
	{
		DayCounts counts = calendar_counts_on(calendar, day);

		excused += counts.excusing > 0;
		week.days += counts.excusing == 0 && counts.taken > 0;
	}
	week.wholly_excused = excused == DAYS_A_WEEK;
	return week;
}

/* ISO weeks in a row, up to that of as_of, that reach the target. */
int32_t
weekly_streak(const Calendar *calendar, int64_t as_of, int32_t target)
{
	Calendar known = calendar_slice(calendar, INT64_MIN, as_of + 1);
	int64_t this_week = as_of - day_weekday(as_of);
	int64_t monday;
	int32_t streak = 0;

	known = calendar_trim(&known);
	monday = known.first - day_weekday(known.first);
	if (known.ndays == 0)
		return 0;
	/* From the second week after the last day's on, an empty week lies between. */
	if (this_week > calendar_end(&known) - 1 + DAYS_A_WEEK)
		return 0;
	for (; monday <= this_week; monday += DAYS_A_WEEK)
	{
		Week week = week_of(&known, monday, as_of + 1);

		if (week.days >= target)
			streak++;
		else if (!week.wholly_excused && monday < this_week)
			streak = 0;
	}
	return streak;
}

/* Whether anything is known of a day. */
static bool
day_is_recorded(DayCounts day)
{
	return day.taken > 0 || day.missed > 0;
}

/* First day of which anything is known; false if there is none. */
static bool
first_recorded(const Calendar *calendar, int32_t *day)
{
	for (int32_t i = 0; i < calendar->ndays; i++)
		if (day_is_recorded(calendar_counts(calendar, i)))
		{
			*day = calendar->first + i;
			return true;
		}
	return false;
}

/*
 * Strength of a habit: the score of Loop Habit Tracker with per_week times in
 * 7 days, on the done days of the trailing window.
 */
double
habit_score(const Calendar *calendar, int64_t as_of, double per_week)
{
	bool daily = per_week == DAYS_A_WEEK;
	int window = daily ? 1 : HABIT_WINDOW;
	double target = daily ? 1.0 : per_week * HABIT_WINDOW / DAYS_A_WEEK;
	double keep = pow(0.5, sqrt(per_week / DAYS_A_WEEK) / HABIT_HALF_LIFE);
	int64_t last = day_is_recorded(calendar_counts_on(calendar, as_of)) ? as_of : as_of - 1;
	int64_t slid = calendar_end(calendar) + window; /* from here on the window is empty */
	double score = 0.0;
	int done = 0;
	int32_t first;

	if (!first_recorded(calendar, &first))
		return 0.0;
	for (int64_t day = first; day <= last && day < slid; day++)
	{
		DayCounts counts = calendar_counts_on(calendar, day);

		done += counts.taken > 0;
		if (day - window >= first)
			done -= calendar_counts_on(calendar, day - window).taken > 0;
		if (counts.excusing == 0)
			score = score * keep + fmin(1.0, done / target) * (1.0 - keep);
	}
	return last >= slid ? score * pow(keep, (double) (last - slid + 1)) : score;
}
