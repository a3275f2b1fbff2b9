/*
 * Calendars outside the server: dates against a walk day by day, the text and
 * binary forms there and back and damaged, and the algebra against an array of
 * counts.  SEED=n repeats a run.
 */
#include "model.h"

#define MAX_TEXT (2 * 1024 * 1024)

/* The ends of the walk over dates, from 2000: years before and after. */
#define WALK_YEARS 800

/*
 * Text
 */

/* The text being written. */
static struct
{
	char text[MAX_TEXT];
	size_t length;
} out;

static void
put(void *target, const char *text, size_t length)
{
	(void) target;
	if (length >= MAX_TEXT - out.length)
		abort();
	memcpy(out.text + out.length, text, length);
	out.length += length;
	out.text[out.length] = '\0';
}

static const TextSink sink = { .put = put };

/* A text of the core's; good until the next one. */
static const char *
formatted(const Calendar *calendar)
{
	out.length = 0;
	calendar_format(calendar, &sink);
	return out.text;
}

static const char *
day_text(int32_t day)
{
	out.length = 0;
	day_format(day, &sink);
	return out.text;
}

/* A copy of a text that ends with its last byte. */
static const char *
exact(const char *text)
{
	return memcpy(hold(strlen(text) + 1), text, strlen(text) + 1);
}

/* Read a text as the header says: measure, then fill memory of just that size. */
static CalendarFault
parse(const char *text, Calendar *calendar, int32_t *bad_day)
{
	CalendarBuffer measured = { 0 };
	CalendarBuffer buffer;
	const char *copy = exact(text);
	CalendarFault fault = calendar_parse(copy, &measured, bad_day);

	if (fault != INPUT_OK)
		return fault;
	buffer = measured;
	buffer.days = hold((size_t) measured.ndays * measured.width);
	fault = calendar_parse(copy, &buffer, bad_day);
	check(fault == INPUT_OK, "\"%s\" was measured and cannot be read", text);
	check(buffer.first == measured.first && buffer.ndays == measured.ndays &&
			  buffer.width == measured.width,
		  "\"%s\" measures otherwise when it is read", text);
	*calendar = calendar_of_buffer(&buffer);
	return fault;
}

/*
 * Dates
 */

/* A date as people write it; years before 1 are 0 (1 BC), -1 (2 BC) ... */
typedef struct Date
{
	int year;
	int month;
	int day;
} Date;

static bool
is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int
month_days(int64_t year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* Step to the next date. */
static void
date_next(Date *date)
{
	if (++date->day <= month_days(date->year, date->month))
		return;
	date->day = 1;
	if (++date->month <= 12)
		return;
	date->month = 1;
	date->year++;
}

/* Step to the date before. */
static void
date_previous(Date *date)
{
	if (--date->day > 0)
		return;
	if (--date->month == 0)
	{
		date->month = 12;
		date->year--;
	}
	date->day = month_days(date->year, date->month);
}

static Date
date_of(int32_t day)
{
	Date date;

	day_to_civil(day, &date.year, &date.month, &date.day);
	return date;
}

static bool
same_date(Date a, Date b)
{
	return a.year == b.year && a.month == b.month && a.day == b.day;
}

/* A date as ISO has it. */
static const char *
date_text(Date date)
{
	static char text[64];

	snprintf(text, sizeof(text), "%04d-%02d-%02d%s", date.year > 0 ? date.year : 1 - date.year,
			 date.month, date.day, date.year > 0 ? "" : " BC");
	return text;
}

/* One day of the walk: its date, and its text both ways. */
static void
check_date(int32_t day, Date date)
{
	const char *text = date_text(date);
	const char *at = text;
	int32_t parsed = day + 1;

	check(same_date(date_of(day), date), "day %d is not %s", day, text);
	check(strcmp(day_text(day), text) == 0, "day %d is written \"%s\", not \"%s\"", day, out.text,
		  text);
	check(day_parse(&at, &parsed) == INPUT_OK && parsed == day && *at == '\0',
		  "\"%s\" is read as day %d, not %d", text, parsed, day);
}

/* Every day of some centuries around 2000. */
static void
test_walk(void)
{
	Date later = { 2000, 1, 1 };
	Date earlier = later;

	for (int32_t day = 0; later.year < 2000 + WALK_YEARS / stride(); day++, date_next(&later))
		check_date(day, later);
	for (int32_t day = 0; earlier.year >= 2000 - WALK_YEARS / stride();
		 day--, date_previous(&earlier))
		check_date(day, earlier);
	end_test("dates: every day of 800 years back and ahead");
}

/* Days all over the range, two in a row each, and the years before 1. */
static void
test_whole_range(void)
{
	Date bc = { 0, 12, 31 };
	int32_t before_christ = -730120; /* 0001-12-31 BC, by PostgreSQL */

	check_date(CALENDAR_FIRST_DAY, (Date){ -4713, 11, 24 });
	check_date(CALENDAR_LAST_DAY, (Date){ 5874897, 12, 31 });
	check_date(before_christ + 1, (Date){ 1, 1, 1 });
	for (int32_t day = before_christ; day >= CALENDAR_FIRST_DAY; day--, date_previous(&bc))
		if (day % 17 == 0 || (bc.month == 2 && bc.day > 27))
			check_date(day, bc);
	for (int i = 0; i < 30000; i += stride())
	{
		int32_t day = (int32_t) between(CALENDAR_FIRST_DAY, CALENDAR_LAST_DAY - 146097);
		Date next = date_of(day);
		Date era = next;

		date_next(&next);
		check_date(day + 1, next);
		era.year += 400;
		check_date(day + 146097, era);
	}
	end_test("dates: years before Christ, the ends and days all over the range");
}

/* Every month and day that two digits can write, of leap and other years. */
static void
test_days_of_months(void)
{
	static const int years[] = { 1, -3, 5, 100, -99, 400, 1900, 2000, 2024, 2100, 9999, -4711 };

	for (size_t y = 0; y < sizeof(years) / sizeof(years[0]); y++)
		for (int i = 0; i < 10000; i++)
		{
			Date date = { years[y], i / 100, i % 100 };
			char text[64];
			const char *at = text;
			int32_t day;
			bool valid;

			valid = date.month >= 1 && date.month <= 12 && date.day >= 1 &&
					date.day <= month_days(date.year, date.month);
			strcpy(text, date_text(date));
			check(day_parse(&at, &day) == (valid ? INPUT_OK : INPUT_DATE), "\"%s\" should be %s",
				  text, valid ? "a date" : "no date");
			check(!valid || same_date(date_of(day), date), "\"%s\" is read as another", text);
		}
	end_test("dates: every month and day of month, leap years and others");
}

/* Texts that are no dates, and what is left of those that begin with one. */
static void
test_date_faults(void)
{
	static const struct
	{
		const char *text;
		CalendarFault fault;
		const char *rest;
	} cases[] = {
		{ "", INPUT_SYNTAX, NULL },
		{ "2026", INPUT_SYNTAX, NULL },
		{ "2026-", INPUT_SYNTAX, NULL },
		{ "2026-01", INPUT_SYNTAX, NULL },
		{ "2026-01-", INPUT_SYNTAX, NULL },
		{ "2026-1-05", INPUT_SYNTAX, NULL },
		{ "2026-01-5", INPUT_SYNTAX, NULL },
		{ "2026-001-05", INPUT_SYNTAX, NULL },
		{ "2026-01-005", INPUT_SYNTAX, NULL },
		{ "202-01-05", INPUT_SYNTAX, NULL },
		{ "12345678-01-05", INPUT_SYNTAX, NULL },
		{ "99999999999999999999-01-05", INPUT_SYNTAX, NULL },
		{ "-2026-01-05", INPUT_SYNTAX, NULL },
		{ "+2026-01-05", INPUT_SYNTAX, NULL },
		{ " 2026-01-05", INPUT_SYNTAX, NULL },
		{ "2026/01/05", INPUT_SYNTAX, NULL },
		{ "infinity", INPUT_SYNTAX, NULL },
		{ "0000-01-01", INPUT_DATE, NULL },
		{ "0000-01-01 BC", INPUT_DATE, NULL },
		{ "2026-00-05", INPUT_DATE, NULL },
		{ "2026-13-05", INPUT_DATE, NULL },
		{ "2026-02-29", INPUT_DATE, NULL },
		{ "1900-02-29", INPUT_DATE, NULL },
		{ "0002-02-29 BC", INPUT_DATE, NULL },
		{ "4714-11-23 BC", INPUT_RANGE, NULL },
		{ "4715-12-31 BC", INPUT_RANGE, NULL },
		{ "9999999-12-31 BC", INPUT_RANGE, NULL },
		{ "5874898-01-01", INPUT_RANGE, NULL },
		{ "9999999-12-31", INPUT_RANGE, NULL },
		{ "2000-02-29", INPUT_OK, "" },
		{ "0001-02-29 BC", INPUT_OK, "" },
		{ "0005-02-29 BC", INPUT_OK, "" },
		{ "4714-11-24 BC", INPUT_OK, "" },
		{ "5874897-12-31", INPUT_OK, "" },
		{ "2026-01-05: +5", INPUT_OK, ": +5" },
		{ "2026-01-05 AD", INPUT_OK, " AD" },
		{ "2026-01-05 BC: +5", INPUT_OK, ": +5" },
		{ "2026-01-05  BC", INPUT_OK, "  BC" },
		{ "2026-01-05B", INPUT_OK, "B" },
		{ "2026-01-05 B", INPUT_OK, " B" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		const char *at = exact(cases[i].text);
		int32_t day;
		CalendarFault fault = day_parse(&at, &day);

		check(fault == cases[i].fault, "\"%s\": fault %d", cases[i].text, fault);
		check(fault != INPUT_OK || strcmp(at, cases[i].rest) == 0, "\"%s\": left \"%s\"",
			  cases[i].text, at);
		release_all();
	}
	end_test("dates: what is none, and what follows one");
}

/*
 * Text form
 */

/* The sign of a day's counts, or 0 if there is none. */
static char
day_sign(const int day[NCOUNTS])
{
	switch (day[0] * 1000000 + day[1] * 10000 + day[2] * 100 + day[3])
	{
		case 1010000:
			return '+';
		case 1000100:
			return '-';
		case 1000000:
			return '?';
		case 0:
			return '.';
		case 1:
			return 'x';
		case 10000:
			return '*';
		default:
			return '\0';
	}
}

/* Write a model's text form by the rules for the canonical one. */
static const char *
model_text(const Model *model)
{
	static char text[MODEL_DAYS * 16 + 64];
	Model known = model_trim(model);
	int n;
	int next;

	if (known.ndays == 0)
		return "empty";
	n = sprintf(text, "%s:", date_text(date_of((int32_t) known.first)));
	for (int i = 0; i < known.ndays; i = next)
	{
		const int *day = known.days[i];
		char *wide = text + n;
		int last = NCOUNTS - 1;

		for (next = i + 1; next < known.ndays; next++)
			if (memcmp(known.days[next], day, sizeof(known.days[0])) != 0)
				break;
		while (last > 0 && day[last] == 0)
			last--;
		if (day_sign(day) != '\0')
			n += sprintf(wide, " %c", day_sign(day));
		else
			for (int c = 0; c <= last; c++)
				n += sprintf(text + n, "%s%d%s", c == 0 ? " (" : ",", day[c], c == last ? ")" : "");
		if (next - i > 1)
			n += sprintf(text + n, "%d", next - i);
	}
	return text;
}

/* Check that a text is read as a model at its narrowest, without slack. */
static void
check_parses(const char *text, const Model *model)
{
	Model known = model_trim(model);
	Calendar read = { 0 };
	int32_t bad_day = 0;
	CalendarFault fault = parse(text, &read, &bad_day);

	if (!check(fault == INPUT_OK, "\"%.300s\" is refused: fault %d, day %d", text, fault, bad_day))
		return;
	check(calendar_is(&read, &known), "\"%.300s\" is read as other days", text);
	check(read.width == model_width(&known), "\"%.300s\" has %d bytes a day", text, read.width);
	check(read.ndays > 0 || read.first == 0, "an empty calendar has day %d", read.first);
}

/* Random calendars to text and back, narrow, wide and with slack. */
static void
test_text_round_trip(void)
{
	for (int i = 0; i < 6000; i += stride())
	{
		Habits habits = random_habits();
		int ndays = (int) between(0, i % 20 == 0 ? MODEL_DAYS : 40);
		Model model;
		Calendar calendar;
		const char *text;

		random_model(&model, random_first(ndays), ndays, &habits);
		text = model_text(&model);
		calendar = model_calendar(&model, percent(50) ? CALENDAR_WIDE : model_width(&model));
		check(strcmp(formatted(&calendar), text) == 0, "got \"%.300s\", wanted \"%.300s\"",
			  out.text, text);
		check_parses(text, &model);
		release_all();
	}
	end_test("text: there and back, by the rules of the canonical form");
}

/* Append space that input may have, at times. */
static char *
sloppy_space(char *at)
{
	static const char spaces[] = " \t\n\r\f\v";

	while (percent(20))
		*at++ = spaces[between(0, 5)];
	return at;
}

/* Append a number, at times with zeros before it. */
static char *
sloppy_number(char *at, int number)
{
	return at + sprintf(at, "%0*d", percent(10) ? (int) between(1, 5) : 1, number);
}

/* Append a day, with its sign or as counts with any trailing zeros. */
static char *
sloppy_day(char *at, const int day[NCOUNTS])
{
	int last = NCOUNTS - 1;

	if (day_sign(day) != '\0' && percent(70))
	{
		*at++ = day_sign(day);
		return at;
	}
	while (last > 0 && day[last] == 0 && percent(50))
		last--;
	*at++ = '(';
	for (int c = 0; c <= last; c++)
	{
		at = sloppy_space(sloppy_number(sloppy_space(at), day[c]));
		*at++ = c < last ? ',' : ')';
	}
	return at;
}

/* Append a model's days as runs that are split anywhere. */
static char *
sloppy_runs(char *at, const Model *model)
{
	for (int i = 0; i < model->ndays;)
	{
		int run = 1;

		while (i + run < model->ndays && percent(80) &&
			   memcmp(model->days[i], model->days[i + run], sizeof(model->days[0])) == 0)
			run++;
		at = sloppy_day(at, model->days[i]);
		if (run > 1 || percent(10))
			at = sloppy_number(at, run);
		i += run;
		if (i < model->ndays)
			*at++ = ' ';
		at = sloppy_space(at);
	}
	return at;
}

/* Text as people may write it gives the same calendar as the canonical form. */
static void
test_text_sloppy(void)
{
	static char text[MODEL_DAYS * 100 + 256];

	for (int i = 0; i < 6000; i += stride())
	{
		Habits habits = random_habits();
		int ndays = (int) between(1, 30);
		Model model;
		char *at = sloppy_space(text);

		random_model(&model, random_first(ndays), ndays, &habits);
		at += sprintf(at, "%s", date_text(date_of((int32_t) model.first)));
		at = sloppy_space(at);
		*at++ = ':';
		at = sloppy_runs(sloppy_space(at), &model);
		*at = '\0';
		check_parses(text, &model);
		release_all();
	}
	end_test("text: split runs, counts for signs, spaces, zeros and dots are made canonical");
}

/* Texts and their canonical forms, by hand. */
static void
test_text_examples(void)
{
	static const char *const cases[][2] = {
		{ "empty", "empty" },
		{ "  EmPtY \n", "empty" },
		{ "2026-01-05: .", "empty" },
		{ "2026-01-05: .999999999", "empty" },
		{ "2026-01-05: (0)5 (0,0,0,0)", "empty" },
		{ "2026-01-05: +5 .2 + - ?3 (2,1,1) (0,0,0,2)3",
		  "2026-01-05: +5 .2 + - ?3 (2,1,1) (0,0,0,2)3" },
		{ "2026-01-05:+", "2026-01-05: +" },
		{ "2026-01-05 :+ +\n-", "2026-01-05: +2 -" },
		{ "2026-01-05: .2 + .2", "2026-01-07: +" },
		{ "2026-02-27: .2 +", "2026-03-01: +" },
		{ "2024-02-27: .2 +", "2024-02-29: +" },
		{ "2026-01-05: +2 +3", "2026-01-05: +5" },
		{ "2026-01-05: +1", "2026-01-05: +" },
		{ "2026-01-05: (1,1) (1,0,1) (1) (0) (0,0,0,1) (0,1)", "2026-01-05: + - ? . x *" },
		{ "2026-01-05: (2,0,0,0)", "2026-01-05: (2)" },
		{ "2026-01-05: (2,2,0,0)", "2026-01-05: (2,2)" },
		{ "2026-01-05: (0,0,1)", "2026-01-05: (0,0,1)" },
		{ "2026-01-05: (99,99,99,99)", "2026-01-05: (99,99,99,99)" },
		{ "2026-01-05: (007,00000000000000000001)", "2026-01-05: (7,1)" },
		{ "2026-01-05: +00000000000000000000000002", "2026-01-05: +2" },
		{ "0001-12-31 BC: +2", "0001-12-31 BC: +2" },
		{ "0001-12-31 BC: . +", "0001-01-01: +" },
		{ "4714-11-24 BC: +", "4714-11-24 BC: +" },
		{ "5874897-12-31: +", "5874897-12-31: +" },
		{ "10000-01-01: x", "10000-01-01: x" },
		{ "0026-01-05: x", "0026-01-05: x" },
		{ "2026-01-05: + .73048 +", "2026-01-05: + .73048 +" },
		{ "2026-01-05: .999999 +73050 .999999", "4763-12-02: +73050" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		Calendar calendar = { 0 };
		int32_t bad_day;
		CalendarFault fault = parse(cases[i][0], &calendar, &bad_day);

		if (check(fault == INPUT_OK, "\"%s\" is refused: fault %d", cases[i][0], fault))
			check(strcmp(formatted(&calendar), cases[i][1]) == 0, "\"%s\" is written \"%s\"",
				  cases[i][0], out.text);
		release_all();
	}
	end_test("text: examples");
}

/* Texts that are no calendars. */
static void
test_text_syntax(void)
{
	static const char *const cases[] = {
		"",
		" ",
		"empt",
		"emptyx",
		"empty: +",
		"empty empty",
		"em pty",
		"2026-01-05",
		"2026-01-05:",
		"2026-01-05: ",
		"2026-01-05 +",
		"2026-01-05: 5",
		"2026-01-05: + 5",
		"2026-01-05: +0",
		"2026-01-05: +00000000000000000000000000",
		"2026-01-05: +-5 0",
		"2026-01-05: ++",
		"2026-01-05: +-5",
		"2026-01-05: +2+3",
		"2026-01-05: +5.5",
		"2026-01-05: (1)(1)",
		"2026-01-05: (1)+",
		"2026-01-05: +(1)",
		"2026-01-05: (1)2x",
		"2026-01-05: X",
		"2026-01-05: y",
		"2026-01-05: +,",
		"2026-01-05: ()",
		"2026-01-05: (",
		"2026-01-05: (1",
		"2026-01-05: (1,",
		"2026-01-05: (1,)",
		"2026-01-05: (,1)",
		"2026-01-05: (1 1)",
		"2026-01-05: (1;1)",
		"2026-01-05: (-1)",
		"2026-01-05: (+1)",
		"2026-01-05: (1,1,1,1,1)",
		"2026-01-05: (1,1,1,1,)",
		"2026-01-05: ((1))",
		"2026-01-05: (1)0",
		"2026-01-05: 1)",
		"2026-01-05: +\x80",
		"2026-01-05:: +",
		": +",
		"BC: +",
		"2026-01-05 bc: +",
		"2026-01-05: + 2026-01-06: +",
		"{}",
		"null",
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		Calendar calendar;
		int32_t bad_day;
		CalendarFault fault = parse(cases[i], &calendar, &bad_day);

		check(fault == INPUT_SYNTAX, "\"%s\": fault %d", cases[i], fault);
		release_all();
	}
	end_test("text: what is not of the form");
}

/* Texts of the form that no calendar can hold, and the day that is at fault. */
static void
test_text_limits(void)
{
	static const struct
	{
		const char *text;
		CalendarFault fault;
		const char *bad_day; /* NULL: not said */
	} cases[] = {
		{ "2026-02-29: +", INPUT_DATE, NULL },
		{ "0000-01-01: +", INPUT_DATE, NULL },
		{ "4714-11-23 BC: +", INPUT_RANGE, NULL },
		{ "5874898-01-01: +", INPUT_RANGE, NULL },
		{ "5874897-12-31: +2", INPUT_RANGE, NULL },
		{ "5874897-12-31: . +", INPUT_RANGE, NULL },
		{ "5874897-12-31: .2", INPUT_RANGE, NULL },
		{ "5874897-12-01: +32", INPUT_RANGE, NULL },
		{ "2026-01-05: .999999999 .999999999 .999999999", INPUT_RANGE, NULL },
		{ "2026-01-05: .9999999999999999999999999999999", INPUT_RANGE, NULL },
		{ "2026-01-05: (100)", INPUT_COUNT, "2026-01-05" },
		{ "2026-01-05: (0,100)", INPUT_COUNT, "2026-01-05" },
		{ "2026-01-05: (0,0,100)", INPUT_COUNT, "2026-01-05" },
		{ "2026-01-05: (0,0,0,100)", INPUT_COUNT, "2026-01-05" },
		{ "2026-01-05: (999999999)", INPUT_COUNT, "2026-01-05" },
		{ "2026-01-05: (4294967297)", INPUT_COUNT, "2026-01-05" },
		{ "2026-01-05: + (1,18446744073709551617)", INPUT_COUNT, "2026-01-06" },
		{ "2026-01-05: (99999999999999999999999999999999)", INPUT_COUNT, "2026-01-05" },
		{ "2026-01-05: +26 (99) (100)", INPUT_COUNT, "2026-02-01" },
		{ "2026-01-05: .26 . (256)", INPUT_COUNT, "2026-02-01" },
		{ "0001-12-31 BC: + (100)5", INPUT_COUNT, "0001-01-01" },
		{ "2000-01-01: +73051", INPUT_SPAN, "2200-01-02" },
		{ "2000-01-01: + .73049 +", INPUT_SPAN, "2200-01-02" },
		{ "1999-12-31: . + .73049 x", INPUT_SPAN, "2200-01-02" },
		{ "2000-01-01: +73050 .5 x3", INPUT_SPAN, "2200-01-02" },
		{ "2000-01-01: ? .80000000 *", INPUT_SPAN, "2200-01-02" },
		{ "2000-01-01: +999999999", INPUT_SPAN, "2200-01-02" },
		{ "2000-01-01: +4294967297", INPUT_SPAN, "2200-01-02" },
		{ "2000-01-01: +18446744073709551617", INPUT_SPAN, "2200-01-02" },
		{ "2000-01-01: +99999999999999999999999999999999", INPUT_SPAN, "2200-01-02" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		Calendar calendar;
		int32_t bad_day = INT32_MIN;
		CalendarFault fault = parse(cases[i].text, &calendar, &bad_day);

		check(fault == cases[i].fault, "\"%s\": fault %d", cases[i].text, fault);
		if (cases[i].bad_day != NULL)
			check(strcmp(day_text(bad_day), cases[i].bad_day) == 0, "\"%s\": day %s", cases[i].text,
				  out.text);
		release_all();
	}
	end_test("text: counts, days and spans beyond the limits, and the day at fault");
}

/* Any damage to a text is refused or gives a calendar whose own text is stable. */
static void
test_text_damage(void)
{
	static const char letters[] = "0123456789-:+.?x*(), BCempty";

	for (int i = 0; i < 30000; i += stride())
	{
		char text[] = "2026-01-05: +12 .2 (2,1,1)3 x (0,0,12) -";
		Calendar calendar;
		Calendar again;
		int32_t bad_day;
		const char *written;

		for (int64_t n = between(1, 3); n > 0; n--)
			text[between(0, sizeof(text) - 2)] = letters[between(0, sizeof(letters) - 2)];
		if (parse(text, &calendar, &bad_day) == INPUT_OK)
		{
			written = exact(formatted(&calendar));
			check(parse(written, &again, &bad_day) == INPUT_OK &&
					  calendar_compare(&calendar, &again) == 0,
				  "\"%s\" is written as \"%s\", which is another", text, written);
			check(strcmp(formatted(&again), written) == 0, "\"%s\" is not stable", written);
		}
		release_all();
	}
	end_test("text: damaged ones are refused, or written and read as the same");
}

/*
 * Binary form
 */

/* The binary form of a calendar. */
static uint8_t *
encoded(const Calendar *calendar, size_t *size)
{
	uint8_t header[CALENDAR_WIRE_HEADER_SIZE];
	uint8_t *bytes;

	*size = sizeof(header) + (size_t) calendar->ndays * calendar->width;
	bytes = hold(*size);
	calendar_encode(calendar, header);
	memcpy(bytes, header, sizeof(header));
	if (calendar->ndays > 0)
		memcpy(bytes + sizeof(header), calendar->days, *size - sizeof(header));
	return bytes;
}

/* The first bytes of a message, in memory that ends with them. */
static CalendarFault
decode_part(const uint8_t *bytes, size_t size, Calendar *calendar, int32_t *bad_day)
{
	return calendar_decode(memcpy(hold(size), bytes, size), size, calendar, bad_day);
}

/* A random model and its calendar at a width that holds it. */
static Calendar
random_calendar(Model *model, int max_days)
{
	Habits habits = random_habits();
	int ndays = (int) between(0, max_days);

	random_model(model, random_first(ndays), ndays, &habits);
	return model_calendar(model, percent(50) ? CALENDAR_WIDE : model_width(model));
}

/* Calendars to bytes and back; no beginning of a message is one, nor is it with a byte more. */
static void
test_wire_round_trip(void)
{
	for (int i = 0; i < 3000; i += stride())
	{
		Model model;
		Calendar calendar = random_calendar(&model, 30);
		Calendar read = { 0 };
		int32_t bad_day = 0;
		size_t size;
		uint8_t *bytes = encoded(&calendar, &size);
		uint8_t *longer = memcpy(hold(size + 1), bytes, size);

		check(calendar_decode(bytes, size, &read, &bad_day) == INPUT_OK, "a message is refused");
		check(calendar_is(&read, &model) && read.width == calendar.width &&
				  read.days == bytes + CALENDAR_WIRE_HEADER_SIZE,
			  "a message is read as another calendar");
		for (size_t part = 0; part < size; part++)
			check(decode_part(bytes, part, &read, &bad_day) == INPUT_SYNTAX,
				  "%zu bytes of %zu are read", part, size);
		check(calendar_decode(longer, size + 1, &read, &bad_day) == INPUT_SYNTAX,
			  "a byte too many is read");
		release_all();
	}
	end_test("bytes: there and back; cut off and too long");
}

/* What a message with one bit changed must give. */
static CalendarFault
fault_of_flip(const uint8_t *bytes, size_t at, int bit, const Calendar *calendar)
{
	int64_t first;

	if (at < 2 || (at >= 6 && at < CALENDAR_WIRE_HEADER_SIZE))
		return INPUT_SYNTAX;
	if (at < 6)
	{
		first = (int32_t) ((uint32_t) calendar->first ^ (1u << bit) << (5 - at) * 8);
		if (first < CALENDAR_FIRST_DAY || first + calendar->ndays - 1 > CALENDAR_LAST_DAY)
			return INPUT_RANGE;
		return INPUT_OK;
	}
	return calendar->width == CALENDAR_WIDE && (bytes[at] ^ 1 << bit) > 99 ? INPUT_COUNT : INPUT_OK;
}

/* Every single bit of a message changed. */
static void
test_wire_flips(void)
{
	for (int i = 0; i < 800; i++)
	{
		Model model;
		Calendar calendar = random_calendar(&model, 24);
		Calendar read = { 0 };
		int32_t bad_day = 0;
		size_t size;
		uint8_t *bytes = encoded(&calendar, &size);

		for (size_t bit = 0; bit < size * 8; bit++)
		{
			size_t at = bit / 8;
			CalendarFault wanted = fault_of_flip(bytes, at, (int) (bit % 8), &calendar);
			CalendarFault fault;

			bytes[at] ^= (uint8_t) (1 << bit % 8);
			fault = calendar_decode(bytes, size, &read, &bad_day);
			check(fault == wanted, "byte %zu bit %zu: fault %d, wanted %d", at, bit % 8, fault,
				  wanted);
			check(fault != INPUT_COUNT ||
					  bad_day == calendar.first + (int32_t) (at - CALENDAR_WIRE_HEADER_SIZE) / 4,
				  "byte %zu bit %zu: day %d", at, bit % 8, bad_day);
			bytes[at] ^= (uint8_t) (1 << bit % 8);
		}
		release_all();
	}
	end_test("bytes: every bit flipped is refused, or a calendar");
}

/* Headers that say anything, with the bytes they ask for or not. */
static void
test_wire_hostile(void)
{
	/* clang-format off */
	static const int32_t edges[] = {
		INT32_MIN, -1, 0, 1, 73050, 73051, 1 << 30, INT32_MAX,
		CALENDAR_FIRST_DAY - 1, CALENDAR_FIRST_DAY, CALENDAR_LAST_DAY, CALENDAR_LAST_DAY + 1,
	};
	/* clang-format on */
	size_t room = CALENDAR_WIRE_HEADER_SIZE + (size_t) 73051 * 4;
	uint8_t *bytes = hold(room);

	for (int i = 0; i < 12 * 12 * 2; i++)
	{
		Calendar hostile = { edges[i % 12], edges[i / 12 % 12], i < 144 ? 1 : 4, NULL };
		int64_t last = (int64_t) hostile.first + hostile.ndays - 1;
		bool fits = hostile.ndays >= 0 && hostile.ndays <= 73051;
		size_t size =
			fits ? CALENDAR_WIRE_HEADER_SIZE + (size_t) hostile.ndays * hostile.width : room;
		CalendarFault wanted = !fits ? INPUT_SYNTAX
							   : hostile.first < CALENDAR_FIRST_DAY || last > CALENDAR_LAST_DAY
								   ? INPUT_RANGE
							   : hostile.ndays > CALENDAR_MAX_DAYS ? INPUT_SPAN
																   : INPUT_OK;
		Calendar read;
		int32_t bad_day;
		CalendarFault fault;

		calendar_encode(&hostile, bytes);
		fault = calendar_decode(bytes, size, &read, &bad_day);
		check(fault == wanted, "%d days from %d: fault %d, wanted %d", hostile.ndays, hostile.first,
			  fault, wanted);
		check(fault != INPUT_SPAN || bad_day == hostile.first + 73050, "day %d ends the span",
			  bad_day);
	}
	release_all();
	end_test("bytes: headers that ask for too much");
}

/*
 * Algebra
 */

/* What a change must do. */
typedef struct Change
{
	CalendarResult result;
	int64_t bad_day; /* if above or below */
	Model after;	 /* if all is well */
} Change;

/* Whether a day is one of a model's. */
static bool
model_has(const Model *model, int64_t day)
{
	return day >= model->first && day < model->first + model->ndays;
}

/* Add or take away counts as the definition says, day by day. */
static Change
model_change(const Model *to, const Model *from, int sign, CalendarWidth width)
{
	Change change = { .result = CALENDAR_OK, .after = *to };

	for (int64_t day = from->first; day < from->first + from->ndays; day++)
		for (int c = 0; c < NCOUNTS; c++)
		{
			int count = model_on(to, day)[c] + sign * model_on(from, day)[c];

			if (count < 0 || count > 99)
			{
				change.result = count < 0 ? CALENDAR_BELOW : CALENDAR_ABOVE;
				change.bad_day = day;
				return change;
			}
			if (count > 3 && width == CALENDAR_NARROW)
				change.result = CALENDAR_NEEDS_WIDE;
			if (model_has(to, day))
				change.after.days[day - to->first][c] = count;
		}
	return change;
}

/* Change a buffer by a calendar, and compare with what it must do. */
static void
check_change(const Model *to, CalendarWidth to_width, const Model *from, CalendarWidth from_width,
			 int sign)
{
	CalendarBuffer buffer = model_buffer(to, to_width);
	Calendar by = model_calendar(from, from_width);
	Change wanted = model_change(to, from, sign, to_width);
	int32_t bad_day = INT32_MIN;
	CalendarResult result =
		sign > 0 ? calendar_add(&buffer, &by, &bad_day) : calendar_subtract(&buffer, &by, &bad_day);
	Calendar after = calendar_of_buffer(&buffer);
	bool good = check(result == wanted.result, "%s: result %d, wanted %d",
					  sign > 0 ? "add" : "subtract", result, wanted.result);

	if (wanted.result == CALENDAR_ABOVE || wanted.result == CALENDAR_BELOW)
		good &= check(bad_day == wanted.bad_day, "day %d is bad, wanted %" PRId64, bad_day,
					  wanted.bad_day);
	good &= check(calendar_is(&after, wanted.result == CALENDAR_OK ? &wanted.after : to),
				  "%s: other days than wanted, result %d", sign > 0 ? "add" : "subtract", result);
	good &= check(calendar_is(&by, from), "the other calendar has changed");
	if (!good && describes())
	{
		describe_model("to", to);
		describe_model("from", from);
	}
}

/* Make up days whose counts added to (or taken from) others' lie around a limit. */
static void
random_change(Model *from, const Model *to, int sign, int limit)
{
	for (int i = 0; i < from->ndays * NCOUNTS; i++)
	{
		int count = model_on(to, from->first + i / NCOUNTS)[i % NCOUNTS];
		int room = sign > 0 ? limit - count : count;

		from->days[i / NCOUNTS][i % NCOUNTS] = room <= 0 ? 0 : (int) between(0, room);
	}
	if (from->ndays > 0 && percent(50)) /* one count too many somewhere, or just enough */
	{
		int i = (int) between(0, from->ndays * NCOUNTS - 1);
		int count = model_on(to, from->first + i / NCOUNTS)[i % NCOUNTS];
		int most = sign > 0 ? limit - count : count;

		most += percent(50);
		from->days[i / NCOUNTS][i % NCOUNTS] = most < 0 ? 0 : most > 99 ? 99 : most;
	}
}

/* One change with from so many days after the beginning of to. */
static void
random_check_change(int offset, int ndays, CalendarWidth to_width, CalendarWidth from_width,
					int sign)
{
	int most_to = to_width == CALENDAR_NARROW ? 3 : 99;
	int most_from = from_width == CALENDAR_NARROW ? 3 : 99;
	Habits habits = { (int) between(0, 30), (int) between(0, 50), most_to };
	int room = offset + ndays + (int) between(0, 10);
	Model to;
	Model from = { .ndays = ndays };

	random_model(&to, random_first(room), room, &habits);
	from.first = to.first + offset;
	random_change(&from, &to, sign, percent(30) ? 3 : most_to);
	for (int i = 0; i < ndays * NCOUNTS; i++)
		if (from.days[i / NCOUNTS][i % NCOUNTS] > most_from)
			from.days[i / NCOUNTS][i % NCOUNTS] = most_from;
	check_change(&to, to_width, &from, from_width, sign);
}

/* Every length up to some words, at every alignment, all widths, both ways. */
static void
test_add_subtract(void)
{
	static const CalendarWidth widths[] = { CALENDAR_NARROW, CALENDAR_WIDE };

	for (int ndays = 0; ndays <= 80; ndays++)
		for (int offset = 0; offset <= 17; offset++)
			for (int kind = 0; kind < 16; kind++)
			{
				random_check_change(offset, ndays, widths[kind & 1], widths[kind >> 1 & 1],
									kind & 4 ? 1 : -1);
				release_all();
			}
	end_test("add, subtract: every length and alignment, all widths");
}

/* All pairs of narrow days, at every place in a word. */
static void
test_all_narrow_days(void)
{
	for (int pair = 0; pair < 256 * 256; pair += stride())
	{
		int place = pair % 11;
		Model to = { .first = 9000, .ndays = 12 };
		Model from = to;

		for (int c = 0; c < NCOUNTS; c++)
		{
			to.days[place][c] = pair >> 2 * c & 3;
			from.days[place][c] = pair >> (8 + 2 * c) & 3;
		}
		check_change(&to, CALENDAR_NARROW, &from, CALENDAR_NARROW, 1);
		check_change(&to, CALENDAR_NARROW, &from, CALENDAR_NARROW, -1);
		release_all();
	}
	end_test("add, subtract: every pair of narrow days");
}

/* Take away days of which some lie beyond those that are there. */
static void
test_subtract_outside(void)
{
	for (int i = 0; i < 20000; i += stride())
	{
		Habits some = random_habits();
		Habits few = { 80, 90, 3 };
		Model to;
		Model from;

		random_model(&to, random_first(40), (int) between(0, 30), &some);
		random_model(&from, to.first + between(-15, 35), (int) between(0, 30), &few);
		check_change(&to, percent(50) ? CALENDAR_WIDE : model_width(&to), &from,
					 percent(50) ? CALENDAR_WIDE : CALENDAR_NARROW, -1);
		release_all();
	}
	end_test("subtract: days that are not there have nothing to take");
}

/* Change one day after another, each as one row does. */
static void
test_change_day(void)
{
	for (int i = 0; i < 60000; i += stride())
	{
		Habits habits = random_habits();
		CalendarWidth width;
		Model to;
		Model row = { .ndays = 1 };
		CalendarBuffer buffer;
		Change wanted;
		CalendarResult result;
		DayCounts by;
		Calendar after;
		int sign = percent(50) ? 1 : -1;

		random_model(&to, random_first(9), 9, &habits);
		row.first = to.first + between(0, 8);
		random_day(row.days[0], &habits);
		width = percent(50) ? CALENDAR_WIDE : model_width(&to);
		buffer = model_buffer(&to, width);
		wanted = model_change(&to, &row, sign, width);
		by = (DayCounts){ (uint8_t) row.days[0][0], (uint8_t) row.days[0][1],
						  (uint8_t) row.days[0][2], (uint8_t) row.days[0][3] };
		result = calendar_change_day(&buffer, (int32_t) row.first, by, sign);
		after = calendar_of_buffer(&buffer);
		check(result == wanted.result, "result %d, wanted %d", result, wanted.result);
		check(calendar_is(&after, result == CALENDAR_OK ? &wanted.after : &to),
			  "other days than wanted, result %d", result);
		release_all();
	}
	end_test("a row's counts added to a day or taken from it");
}

/* A blank model that covers two, and some days more. */
static Model
model_union(const Model *a, const Model *b)
{
	int64_t first = a->first < b->first ? a->first : b->first;
	int64_t until = a->first + a->ndays;

	if (b->first + b->ndays > until)
		until = b->first + b->ndays;
	first -= between(0, 3);
	return (Model){ .first = first, .ndays = (int) (until - first + between(0, 3)) };
}

/* What two sources of the same doses say together. */
static void
test_prefer(void)
{
	for (int i = 0; i < 20000; i += stride())
	{
		Habits habits[2] = { random_habits(), random_habits() };
		Model a;
		Model b;
		Model both;
		CalendarBuffer buffer;
		Calendar after;
		Calendar in_a;
		Calendar in_b;

		random_model(&a, between(9000, 9030), (int) between(0, 40), &habits[0]);
		random_model(&b, between(9000, 9030), (int) between(0, 40), &habits[1]);
		both = model_union(&a, &b);
		buffer = model_buffer(&both, model_max(&a) > 3 ? CALENDAR_WIDE : model_width(&b));
		for (int d = 0; d < both.ndays; d++)
		{
			const int *of_a = model_on(&a, both.first + d);
			const int *of_b = model_on(&b, both.first + d);
			bool a_knows = of_a[TAKEN] > 0 || of_a[MISSED] > 0;

			for (int c = 0; c < NCOUNTS; c++)
				both.days[d][c] = c == TAKEN || c == MISSED ? (a_knows ? of_a[c] : of_b[c])
								  : of_a[c] > of_b[c]		? of_a[c]
															: of_b[c];
		}
		in_a = model_calendar(&a, percent(50) ? CALENDAR_WIDE : model_width(&a));
		in_b = model_calendar(&b, percent(50) ? CALENDAR_WIDE : model_width(&b));
		calendar_prefer(&buffer, &in_a, &in_b);
		after = calendar_of_buffer(&buffer);
		if (!check(calendar_is(&after, &both), "prefer gives other days") && describes())
		{
			describe_model("a", &a);
			describe_model("b", &b);
		}
		release_all();
	}
	end_test("prefer: what the first has recorded, else the second; the larger plan");
}

/* What one task adds to a day of all that somebody has to do, by the sentences of its comment. */
static void
add_task_to_day(int all[NCOUNTS], const int task[NCOUNTS])
{
	int taken = task[TAKEN] < task[PRESCRIBED] ? task[TAKEN] : task[PRESCRIBED];
	int rest = task[PRESCRIBED] - taken;
	int more[NCOUNTS] = { 0 };

	if (task[EXCUSING] > 0)
	{
		all[EXCUSING] = 1;
		return;
	}
	more[PRESCRIBED] = task[PRESCRIBED];
	more[TAKEN] = taken;
	more[MISSED] = task[MISSED] < rest ? task[MISSED] : rest;
	for (int c = 0; c < NCOUNTS; c++)
		all[c] = all[c] + more[c] < CALENDAR_MAX_COUNT ? all[c] + more[c] : CALENDAR_MAX_COUNT;
}

static void
test_together(void)
{
	for (int i = 0; i < 20000; i += stride())
	{
		Habits habits[2] = { random_habits(), random_habits() };
		Model a;
		Model b;
		Model all;
		CalendarBuffer buffer;
		Calendar after;
		Calendar in_a;
		Calendar in_b;

		random_model(&a, between(9000, 9030), (int) between(0, 40), &habits[0]);
		random_model(&b, between(9000, 9030), (int) between(0, 40), &habits[1]);
		all = model_union(&a, &b);
		for (int d = 0; d < all.ndays; d++)
		{
			memset(all.days[d], 0, sizeof(all.days[d]));
			add_task_to_day(all.days[d], model_on(&a, all.first + d));
			add_task_to_day(all.days[d], model_on(&b, all.first + d));
			if (all.days[d][PRESCRIBED] > 0)
				all.days[d][EXCUSING] = 0;
		}
		buffer = model_buffer(&all, CALENDAR_WIDE);
		memset(buffer.days, 0, (size_t) buffer.ndays * buffer.width);
		in_a = model_calendar(&a, percent(50) ? CALENDAR_WIDE : model_width(&a));
		in_b = model_calendar(&b, percent(50) ? CALENDAR_WIDE : model_width(&b));
		calendar_add_task(&buffer, &in_a);
		calendar_add_task(&buffer, &in_b);
		calendar_end_tasks(&buffer);
		after = calendar_of_buffer(&buffer);
		if (!check(calendar_is(&after, &all), "together gives other days") && describes())
		{
			describe_model("a", &a);
			describe_model("b", &b);
		}
		release_all();
	}
	end_test("together: nothing of one task hides what another lacks");
}

/* Copies between widths into buffers with room before and after. */
static void
test_copy(void)
{
	for (int i = 0; i < 10000; i += stride())
	{
		Model model;
		Calendar from = random_calendar(&model, 60);
		Model wanted = model_union(&model, &model);
		CalendarWidth width = percent(50) ? CALENDAR_WIDE : model_width(&model);
		CalendarBuffer to = model_buffer(&wanted, width);
		Calendar after;

		for (int d = 0; d < wanted.ndays; d++)
			memcpy(wanted.days[d], model_on(&model, wanted.first + d), sizeof(wanted.days[0]));
		calendar_copy(&to, &from);
		after = calendar_of_buffer(&to);
		check(calendar_is(&after, &wanted), "a copy has other days");
		release_all();
	}
	end_test("copy: between widths, to any place");
}

/* An end of a slice: near the calendar, or as far as can be. */
static int64_t
random_end(const Model *model)
{
	switch (between(0, 9))
	{
		case 0:
			return INT64_MIN;
		case 1:
			return INT64_MAX;
		case 2:
			return between(INT32_MIN, INT32_MAX);
		default:
			return between(model->first - 4, model->first + model->ndays + 4);
	}
}

/* A random model and its calendar, with blank days at its ends as the server's states have. */
static Calendar
slack_calendar(Model *model)
{
	Model known;
	int before = percent(50) ? 0 : (int) between(0, 70);
	int after = percent(30) ? 0 : (int) between(0, 140);

	random_calendar(&known, 50);
	if (known.first - before < CALENDAR_FIRST_DAY)
		before = 0;
	if (known.first + known.ndays + after > CALENDAR_LAST_DAY)
		after = 0;
	*model = (Model){ .first = known.first - before, .ndays = before + known.ndays + after };
	memcpy(model->days[before], known.days, (size_t) known.ndays * sizeof(known.days[0]));
	return model_calendar(model, percent(30) ? CALENDAR_WIDE : model_width(model));
}

/* Views: a part, without blank ends, one day; and whether one byte a day would do. */
static void
test_views(void)
{
	for (int i = 0; i < 20000; i += stride())
	{
		Model model;
		Calendar calendar = slack_calendar(&model);
		int64_t from = random_end(&model);
		int64_t until = random_end(&model);
		Model part = model_slice(&model, from, until);
		Model known = model_trim(&model);
		Calendar slice = calendar_slice(&calendar, from, until);
		Calendar trimmed = calendar_trim(&calendar);
		DayCounts day = calendar_counts_on(&calendar, from);
		const int *counts = model_on(&model, from);

		check(calendar_is(&slice, &part) && slice.width == calendar.width,
			  "slice from %" PRId64 " to %" PRId64 " has other days", from, until);
		check(slice.ndays > 0 || slice.first == 0, "an empty slice has day %d", slice.first);
		check(calendar_is(&trimmed, &known), "trim leaves other days");
		check(trimmed.ndays > 0 || trimmed.first == 0, "nothing has day %d", trimmed.first);
		check(day.prescribed == counts[0] && day.taken == counts[1] && day.missed == counts[2] &&
				  day.excusing == counts[3],
			  "day %" PRId64 " has other counts", from);
		check(calendar_fits_narrow(&calendar) == (model_max(&model) <= 3),
			  "a largest count of %d: fits_narrow", model_max(&model));
		release_all();
	}
	end_test("slice, trim, counts_on, fits_narrow");
}

/* Sign of a number. */
static int
sign_of(int64_t number)
{
	return (number > 0) - (number < 0);
}

/* Order of two models: the empty one, then first day, counts of the days, and the shorter. */
static int
model_compare(const Model *x, const Model *y)
{
	Model a = model_trim(x);
	Model b = model_trim(y);

	if (a.ndays == 0 || b.ndays == 0 || a.first != b.first)
		return a.ndays == 0 || b.ndays == 0 ? (a.ndays > 0) - (b.ndays > 0)
											: sign_of(a.first - b.first);
	for (int i = 0; i < a.ndays && i < b.ndays; i++)
		for (int c = 0; c < NCOUNTS; c++)
			if (a.days[i][c] != b.days[i][c])
				return sign_of(a.days[i][c] - b.days[i][c]);
	return sign_of(a.ndays - b.ndays);
}

/* The order is total, by the days alone, and the same whatever the width and slack. */
static void
test_compare(void)
{
	for (int i = 0; i < 30000; i += stride())
	{
		Habits habits = { (int) between(0, 80), (int) between(0, 90), percent(50) ? 2 : 5 };
		int ndays = percent(80) ? 4 : 40;
		int64_t first = i % 2 ? between(9000, 9001) : random_first(ndays + 2);
		Model models[3];
		Calendar calendars[3];
		int order[3][3];

		for (int n = 0; n < 3; n++)
		{
			int64_t from = first + between(0, 1);

			random_model(&models[n], from, (int) between(0, ndays), &habits);
			if (n > 0 && percent(50))
				models[n] = models[0]; /* of other width and slack, or almost the same */
			if (n > 0 && models[n].ndays > 0 && percent(30))
				random_day(models[n].days[between(0, models[n].ndays - 1)], &habits);
			calendars[n] =
				model_calendar(&models[n], percent(50) ? CALENDAR_WIDE : model_width(&models[n]));
		}
		for (int p = 0; p < 9; p++)
		{
			order[p / 3][p % 3] = calendar_compare(&calendars[p / 3], &calendars[p % 3]);
			check(sign_of(order[p / 3][p % 3]) == model_compare(&models[p / 3], &models[p % 3]),
				  "two calendars compare as %d", order[p / 3][p % 3]);
		}
		for (int p = 0; p < 9; p++)
			check(sign_of(order[p / 3][p % 3]) == -sign_of(order[p % 3][p / 3]),
				  "the order has no direction");
		check(!(order[0][1] <= 0 && order[1][2] <= 0) || order[0][2] <= 0,
			  "the order is not transitive");
		release_all();
	}
	end_test("compare: a total order of the days, whatever width and slack");
}

/* Merge and difference of calendars: commutative, and exactly undone. */
static void
test_merge_laws(void)
{
	for (int i = 0; i < 10000; i += stride())
	{
		Habits habits = { 20, 60, 49 };
		Model a;
		Model b;
		Model covers;
		Calendar in_a;
		Calendar in_b;
		CalendarBuffer sums[2];
		Calendar ab;
		Calendar ba;
		int32_t bad_day;

		random_model(&a, between(9000, 9020), (int) between(0, 40), &habits);
		random_model(&b, between(9000, 9020), (int) between(0, 40), &habits);
		for (int d = 0; d < a.ndays * NCOUNTS; d++)
			a.days[d / NCOUNTS][d % NCOUNTS] %= 50;
		covers = model_union(&a, &b);
		for (int n = 0; n < 2; n++)
			sums[n] = model_buffer(&covers, CALENDAR_WIDE);
		in_a = model_calendar(&a, percent(50) ? CALENDAR_WIDE : model_width(&a));
		in_b = model_calendar(&b, percent(50) ? CALENDAR_WIDE : model_width(&b));
		calendar_copy(&sums[0], &in_a);
		check(calendar_add(&sums[0], &in_b, &bad_day) == CALENDAR_OK, "a || b fails");
		check(calendar_add(&sums[1], &in_b, &bad_day) == CALENDAR_OK &&
				  calendar_add(&sums[1], &in_a, &bad_day) == CALENDAR_OK,
			  "b || a fails");
		ab = calendar_of_buffer(&sums[0]);
		ba = calendar_of_buffer(&sums[1]);
		check(calendar_compare(&ab, &ba) == 0, "a || b is not b || a");
		check(calendar_subtract(&sums[0], &in_b, &bad_day) == CALENDAR_OK &&
				  calendar_compare(&ab, &in_a) == 0,
			  "(a || b) - b is not a");
		release_all();
	}
	end_test("merge laws: a || b = b || a, (a || b) - b = a");
}

/* The status of every day of small counts, by the table of the definition. */
static void
test_status(void)
{
	for (int i = 0; i < 6 * 6 * 6 * 6; i++)
	{
		int p = i % 6;
		int t = i / 6 % 6;
		int m = i / 36 % 6;
		int e = i / 216;
		DayCounts day = { (uint8_t) p, (uint8_t) t, (uint8_t) m, (uint8_t) e };
		const char *wanted = e > 0				? "excused"
							 : p == 0 && t == 0 ? "none"
							 : p == 0			? "extra"
							 : t > p			? "over"
							 : t == p			? "taken"
							 : t > 0			? "partial"
							 : m > 0			? "missed"
												: "unrecorded";

		check(strcmp(day_status_name(day_status(day)), wanted) == 0,
			  "%d prescribed, %d taken, %d missed, %d excusing: %s, wanted %s", p, t, m, e,
			  day_status_name(day_status(day)), wanted);
		check(day_is_planned(day) == (p > 0 && e == 0), "whether a day is planned");
		check(day_is_blank(day) == (i == 0), "whether a day is blank");
		check(day_unrecorded_units(day) == (p - t - m > 0 ? p - t - m : 0), "unrecorded units");
	}
	end_test("status: every day of counts up to 5");
}

int
main(void)
{
	start_random();
	test_walk();
	test_whole_range();
	test_days_of_months();
	test_date_faults();
	test_text_round_trip();
	test_text_sloppy();
	test_text_examples();
	test_text_syntax();
	test_text_limits();
	test_text_damage();
	test_wire_round_trip();
	test_wire_flips();
	test_wire_hostile();
	test_add_subtract();
	test_all_narrow_days();
	test_subtract_outside();
	test_change_day();
	test_prefer();
	test_together();
	test_copy();
	test_views();
	test_compare();
	test_merge_laws();
	test_status();
	return end_tests();
}
