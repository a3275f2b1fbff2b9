/*
 * Running totals outside the server: rows enter and leave frames of all kinds,
 * and after each step the totals are those of the calendar, and those of a
 * count of its days.  The work of sliding frames is counted in a second copy
 * of the same source, whose looks at days are counted.  SEED=n repeats a run.
 */
#include "adherence/running.h"
#include "model.h"

/* Days of a calendar that rows enter and leave. */
#define DAYS 90

/* Rows of one frame's partition. */
#define MAX_ROWS 400

/* Days over which the work of a frame is counted. */
#define WORK_DAYS 6000

static long looks;

/* Look at a day, and count that. */
static DayCounts
counted_counts_on(const Calendar *calendar, int64_t day)
{
	looks++;
	return calendar_counts_on(calendar, day);
}

#define calendar_counts_on counted_counts_on
#define running_totals counted_running_totals
#define running_change counted_running_change
#include "adherence/running.c"
#undef calendar_counts_on
#undef running_totals
#undef running_change

/* A row: what it says of which day. */
typedef struct Row
{
	int day; /* offset */
	int counts[NCOUNTS];
} Row;

/* A calendar with its totals, and the model that both must agree with. */
typedef struct Frame
{
	Model model;
	CalendarBuffer buffer;
	RunningTotals totals;
} Frame;

static DayCounts
row_counts(const Row *row)
{
	return (DayCounts){ (uint8_t) row->counts[0], (uint8_t) row->counts[1],
						(uint8_t) row->counts[2], (uint8_t) row->counts[3] };
}

/* Whether a planned day has all its units taken. */
static bool
is_adherent(const int day[NCOUNTS])
{
	return day[PRESCRIBED] > 0 && day[EXCUSING] == 0 && day[TAKEN] >= day[PRESCRIBED];
}

/* Whether a planned day has not. */
static bool
is_lapse(const int day[NCOUNTS])
{
	return day[PRESCRIBED] > 0 && day[EXCUSING] == 0 && day[TAKEN] < day[PRESCRIBED];
}

/* The totals by their definitions. */
static RunningTotals
totals_of(const Model *model)
{
	Model known = model_trim(model);
	RunningTotals totals = {
		(int32_t) known.first, (int32_t) known.first + known.ndays - 1, NO_LAPSE, 0, { 0, 0 }
	};

	for (int i = 0; i < known.ndays; i++)
	{
		const int *day = known.days[i];

		if (is_lapse(day))
			totals.lapse = totals.first + i;
		totals.adherent = is_lapse(day) ? 0 : totals.adherent + is_adherent(day);
		if (is_lapse(day) || is_adherent(day))
		{
			totals.units.prescribed += day[PRESCRIBED];
			totals.units.taken += is_adherent(day) ? day[PRESCRIBED] : day[TAKEN];
		}
	}
	return totals;
}

/* Whether two totals are the same; where no day is known, the days that they name say nothing. */
static bool
same_totals(const RunningTotals *a, const RunningTotals *b)
{
	bool both_none = a->first > a->last && b->first > b->last;

	return (both_none || (a->first == b->first && a->last == b->last)) && a->lapse == b->lapse &&
		   a->adherent == b->adherent && a->units.prescribed == b->units.prescribed &&
		   a->units.taken == b->units.taken;
}

/* Compare a frame's totals with those of its calendar, and with a count. */
static void
check_frame(const Frame *frame)
{
	Calendar calendar = calendar_of_buffer(&frame->buffer);
	RunningTotals counted = totals_of(&frame->model);
	RunningTotals fresh = running_totals(&calendar);
	bool good = check(calendar_is(&calendar, &frame->model), "the calendar has other days");

	good &= check(same_totals(&fresh, &counted),
				  "fresh: %d to %d, lapse %d, streak %d, units %d of %d", fresh.first, fresh.last,
				  fresh.lapse, fresh.adherent, fresh.units.taken, fresh.units.prescribed);
	good &= check(same_totals(&frame->totals, &counted),
				  "running: %d to %d, lapse %d, streak %d, units %d of %d", frame->totals.first,
				  frame->totals.last, frame->totals.lapse, frame->totals.adherent,
				  frame->totals.units.taken, frame->totals.units.prescribed);
	good &= check(frame->totals.adherent == trailing_streak(&calendar, &ADHERENCE_RULE_DEFAULT),
				  "the trailing streak is another");
	if (!good && describes())
		describe_model("calendar", &frame->model);
}

/* Begin a frame without rows. */
static void
frame_init(Frame *frame, int64_t first, int ndays)
{
	Calendar calendar;

	frame->model = (Model){ .first = first, .ndays = ndays };
	frame->buffer = model_buffer(&frame->model, CALENDAR_NARROW);
	calendar = calendar_of_buffer(&frame->buffer);
	frame->totals = running_totals(&calendar);
}

/* What a change of a row must give, and the model after it if that is OK. */
static CalendarResult
model_change(Frame *frame, const Row *row, int sign)
{
	int changed[NCOUNTS];
	CalendarResult result = CALENDAR_OK;

	for (int c = 0; c < NCOUNTS; c++)
	{
		changed[c] = frame->model.days[row->day][c] + sign * row->counts[c];
		if (changed[c] < 0 || changed[c] > 99)
			return changed[c] < 0 ? CALENDAR_BELOW : CALENDAR_ABOVE;
		if (changed[c] > 3 && frame->buffer.width == CALENDAR_NARROW)
			result = CALENDAR_NEEDS_WIDE;
	}
	if (result == CALENDAR_OK)
		memcpy(frame->model.days[row->day], changed, sizeof(changed));
	return result;
}

/* A row enters (sign 1) or leaves; a frame that is too narrow is widened first. Whether it could. */
static bool
frame_change(Frame *frame, const Row *row, int sign)
{
	RunningTotals before = frame->totals;
	CalendarResult wanted = model_change(frame, row, sign);
	CalendarResult result =
		running_change(&frame->totals, &frame->buffer, (int32_t) frame->model.first + row->day,
					   row_counts(row), sign);

	check(result == wanted, "result %d instead of %d", result, wanted);
	if (result != CALENDAR_OK)
		check(memcmp(&before, &frame->totals, sizeof(before)) == 0, "a fault changed the totals");
	check_frame(frame);
	if (result != CALENDAR_NEEDS_WIDE)
		return result == CALENDAR_OK;
	frame->buffer = model_buffer(&frame->model, CALENDAR_WIDE);
	return frame_change(frame, row, sign);
}

/* Rows in order of day, none to several a day, of people who do what they plan or not. */
static int
random_rows(Row rows[MAX_ROWS])
{
	int taken = (int) between(0, 4) * 25;
	int most = (int) between(1, 3);
	int skipped = percent(50) ? 0 : 40;
	bool general = percent(30);
	Habits habits = random_habits();
	int n = 0;

	for (int day = 0; day < DAYS; day++)
		for (int64_t of_day = percent(skipped) ? 0 : between(1, most); of_day > 0; of_day--)
		{
			rows[n] = (Row){ day, { 1, 0, 0, 0 } };
			if (general)
				random_day(rows[n].counts, &habits);
			else
				rows[n].counts[percent(taken) ? TAKEN : MISSED] = 1;
			n++;
		}
	return n;
}

/* Put rows into the opposite order. */
static void
reverse_rows(Row *rows, int n)
{
	for (int i = 0; i < n / 2; i++)
	{
		Row row = rows[i];

		rows[i] = rows[n - 1 - i];
		rows[n - 1 - i] = row;
	}
}

/* Put rows into any order. */
static void
shuffle_rows(Row *rows, int n)
{
	for (int i = n - 1; i > 0; i--)
	{
		int other = (int) between(0, i);
		Row row = rows[i];

		rows[i] = rows[other];
		rows[other] = row;
	}
}

/* A frame of so many rows before and after the current one slides over rows in their order. */
static void
slide(const Row *rows, int n, int preceding, int following)
{
	static bool entered[MAX_ROWS]; /* rows that no day could hold stay outside */
	Frame frame;
	int head = 0; /* the first row not yet entered */
	int tail = 0; /* the first row not yet left */

	frame_init(&frame, random_first(DAYS), DAYS);
	check_frame(&frame);
	for (int row = 0; row < n; row++)
	{
		for (; head < n && head <= row + following; head++)
			entered[head] = frame_change(&frame, &rows[head], 1);
		for (; tail < row - preceding; tail++)
			if (entered[tail])
				check(frame_change(&frame, &rows[tail], -1), "a row cannot leave");
	}
	for (; tail < head; tail++)
		if (entered[tail])
			check(frame_change(&frame, &rows[tail], -1), "a row cannot leave");
	check(frame.totals.first > frame.totals.last && frame.totals.units.prescribed == 0,
		  "an empty frame knows of days");
}

/* Frames that slide over rows in order of time, against it, and in no order. */
static void
test_sliding(void)
{
	static const char *const orders[] = { "in order of time", "against it", "in any order" };
	static Row rows[MAX_ROWS];
	char about[80];

	for (int order = 0; order < 3; order++)
	{
		for (int i = 0; i < 40; i++)
		{
			int n = random_rows(rows);

			if (order == 1)
				reverse_rows(rows, n);
			if (order == 2)
				shuffle_rows(rows, n);
			slide(rows, n, (int) between(0, i % 6 == 0 ? n : 12),
				  percent(70) ? 0 : (int) between(0, 12));
			release_all();
		}
		snprintf(about, sizeof(about), "frames over rows %s", orders[order]);
		end_test(about);
	}
}

/* Rows that enter and leave as they like, with counts of any size, also ones that no day can hold. */
static void
test_any_changes(void)
{
	for (int i = 0; i < 100; i++)
	{
		Habits habits = random_habits();
		int ndays = (int) between(1, 30);
		Frame frame;

		frame_init(&frame, random_first(ndays), ndays);
		for (int step = 0; step < 150; step++)
		{
			Row row = { .day = (int) between(0, ndays - 1) };

			random_day(row.counts, &habits);
			if (percent(30)) /* all that is known of the day */
				memcpy(row.counts, frame.model.days[row.day], sizeof(row.counts));
			frame_change(&frame, &row, percent(50) ? 1 : -1);
		}
		release_all();
	}
	end_test("changes in any order, of any size");
}

/*
 * Work
 */

/* Whether the units of a day's rows are taken, for a pattern of days. */
typedef bool (*Pattern)(int day, int row);

static bool
always(int day, int row)
{
	return day + row >= 0;
}

static bool
never(int day, int row)
{
	return day + row < 0;
}

static bool
alternately(int day, int row)
{
	return (day + row) % 2 == 0;
}

static bool
mostly(int day, int row)
{
	return (day * 31 + row) % 97 != 0;
}

static bool
seldom(int day, int row)
{
	return day % 1500 != 700 || row > 0;
}

static bool
by_chance(int day, int row)
{
	return percent(day % 100) || row > 2;
}

/* Let all rows of a day enter or leave; whether they could. */
static bool
change_day(RunningTotals *totals, CalendarBuffer *buffer, const uint8_t *units, int day, int sign)
{
	bool all = true;

	for (int row = 0; row < 3; row++)
		if (units[day] >> (2 * row) & 3)
		{
			bool taken = units[day] >> (2 * row) & 1;
			DayCounts by = { 1, taken, !taken, 0 };

			all &= counted_running_change(totals, buffer, day, by, sign) == CALENDAR_OK;
		}
	return all;
}

/* Rows of each day as bits, two a row: 1 taken, 2 missed, 0 no row. */
static int
make_units(uint8_t *units, Pattern pattern, int rows)
{
	int n = 0;

	for (int day = 0; day < WORK_DAYS; day++)
		for (int row = 0; row < rows; row++, n++)
			units[day] |= (uint8_t) ((pattern(day, row) ? 1 : 2) << (2 * row));
	return n;
}

/* Count the looks that a frame of so many days takes over all days, one way or the other. */
static void
check_work(Pattern pattern, int frame, int rows, bool backwards)
{
	CalendarBuffer buffer = { 0, WORK_DAYS, CALENDAR_NARROW, hold(WORK_DAYS) };
	uint8_t *units = hold(WORK_DAYS);
	int changes = 2 * make_units(units, pattern, rows);
	Calendar calendar = calendar_of_buffer(&buffer);
	RunningTotals totals = running_totals(&calendar);
	bool all = true;

	looks = 0;
	for (int step = 0; step < WORK_DAYS + frame; step++)
	{
		int enters = backwards ? WORK_DAYS - 1 - step : step;
		int leaves = backwards ? enters + frame : enters - frame;

		if (step < WORK_DAYS)
			all &= change_day(&totals, &buffer, units, enters, 1);
		if (step >= frame)
			all &= change_day(&totals, &buffer, units, leaves, -1);
	}
	check(all, "some rows cannot enter or leave");
	check(looks >= changes && looks <= 8L * changes,
		  "%ld looks for %d changes of a frame of %d days, %d rows a day, %s", looks, changes,
		  frame, rows, backwards ? "backwards" : "forwards");
	release_all();
}

/* However long a frame is, a row costs a few looks at days, all rows taken together. */
static void
test_work(void)
{
	static const Pattern patterns[] = { always, never, alternately, mostly, seldom, by_chance };
	static const int frames[] = { 1, 7, 365, 3000 };

	for (int i = 0; i < 6 * 4 * 3 * 2; i += stride())
		check_work(patterns[i % 6], frames[i / 6 % 4], i / 24 % 3 + 1, i / 72);
	end_test("work: looks at days are linear in the rows, however long the frame");
}

int
main(void)
{
	start_random();
	test_sliding();
	test_any_changes();
	test_work();
	return end_tests();
}
