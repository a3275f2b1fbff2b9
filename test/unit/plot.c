/*
 * Pictures of calendars, outside the server: exact texts worked out by hand,
 * the ends of the calendar's range, and what must hold of any picture.  The
 * comparison with an independent rendering is test/pgtap/plot.sql.
 */
#include "adherence/plot.h"
#include "tap.h"

#define MAX_TEXT (16 * 1024 * 1024)

/* A test of one text; on failure shows both. */
static void
is_text(const char *got, const char *wanted, const char *about)
{
	if (!check(strcmp(got, wanted) == 0, "not the text wanted"))
		fprintf(stderr, "got:\n%.4000s\nwanted:\n%.4000s\n", got, wanted);
	end_test(about);
}

/* A test of one condition. */
static void
ok(bool passed, const char *about)
{
	check(passed, "it does not hold");
	end_test(about);
}

/* The text being written. */
static struct
{
	char text[MAX_TEXT + 1];
	size_t length;
} out;

static void
put(void *target, const char *text, size_t length)
{
	(void) target;
	if (length > MAX_TEXT - out.length)
		abort();
	memcpy(out.text + out.length, text, length);
	out.length += length;
	out.text[out.length] = '\0';
}

static const TextSink sink = { .put = put };

/* A calendar of its text form. */
static Calendar
parse(const char *text)
{
	CalendarBuffer buffer = { 0 };
	int32_t bad_day;

	if (calendar_parse(text, &buffer, &bad_day) != INPUT_OK)
		abort();
	buffer.days = hold((size_t) buffer.ndays * buffer.width);
	if (calendar_parse(text, &buffer, &bad_day) != INPUT_OK)
		abort();
	return calendar_of_buffer(&buffer);
}

typedef enum Kind
{
	SPARKLINE,
	HEATMAP,
	SVG,
} Kind;

/* Draw days; the result is good until the next call. */
static const char *
draw(const Calendar *calendar, Kind kind, int width, PlotMarks marks)
{
	out.length = 0;
	out.text[0] = '\0';
	if (kind == SPARKLINE)
		calendar_sparkline(calendar, calendar->first, calendar_end(calendar), width, marks, &sink);
	else if (kind == HEATMAP)
		calendar_heatmap(calendar, marks, &sink);
	else
		calendar_heatmap_svg(calendar, &sink);
	return out.text;
}

static const char *
draw_text(const char *text, Kind kind, int width, PlotMarks marks)
{
	Calendar calendar = parse(text);
	const char *drawn = draw(&calendar, kind, width, marks);

	release_all();
	return drawn;
}

/* Characters of a UTF-8 text. */
static int
count_characters(const char *text)
{
	int characters = 0;

	for (; *text != '\0'; text++)
		characters += (*text & 0xC0) != 0x80;
	return characters;
}

/* Where a piece of text is next; the sanitizers' strstr measures all of the text each time. */
static const char *
find(const char *text, const char *piece)
{
	size_t length = strlen(piece);

	for (; *text != '\0'; text++)
		if (*text == *piece && strncmp(text, piece, length) == 0)
			return text;
	return NULL;
}

static bool
holds(const char *text, const char *piece)
{
	return find(text, piece) != NULL;
}

static int
count_of(const char *text, const char *piece)
{
	int found = 0;

	for (; (text = find(text, piece)) != NULL; text++)
		found++;
	return found;
}

/* Read the number after the next piece of text, and step over both. */
static int
read_number(const char **text, const char *piece)
{
	char *end;
	long number;

	*text = find(*text, piece);
	if (*text == NULL)
		abort();
	number = strtol(*text + strlen(piece), &end, 10);
	*text = end;
	return (int) number;
}

/*
 * Sparkline
 */

static void
test_sparkline_marks(void)
{
	static const char eighths[] =
		"2026-01-05: (8,0,8) (8,1) (8,2) (8,3) (8,4) (8,5) (8,6) (8,7) (8,8)";
	static const char statuses[] = "2026-01-05: + (2,1) - ? (1,2) x * . (3,3,0,1) (0,0,1) +";

	is_text(draw_text(eighths, SPARKLINE, 30, PLOT_UTF8), "▁▂▂▃▄▅▆▇█", "heights are eighths");
	is_text(draw_text(eighths, SPARKLINE, 30, PLOT_ASCII), "_2234567#", "heights in ASCII");
	is_text(draw_text(statuses, SPARKLINE, 30, PLOT_UTF8), "█▄▁?!x*·x·█",
			"every status has its mark");
	is_text(draw_text(statuses, SPARKLINE, 30, PLOT_ASCII), "#4_?!x*.x.#", "marks in ASCII");
	is_text(draw_text("2026-01-05: (99,1) (99,98) (99,99)", SPARKLINE, 30, PLOT_UTF8), "▂▇█",
			"neither a unit of 99 nor 98 of them look like none or all");
	is_text(draw_text("empty", SPARKLINE, 30, PLOT_UTF8), "", "no days, no marks");
}

static void
test_sparkline_shares(void)
{
	is_text(draw_text("2026-01-05: +5 -5", SPARKLINE, 10, PLOT_UTF8), "█████▁▁▁▁▁",
			"as many days as characters: one each");
	is_text(draw_text("2026-01-05: +5 -6", SPARKLINE, 10, PLOT_UTF8), "█████▁▁▁▁▁",
			"11 days in 10: the last two share");
	is_text(draw_text("2026-01-05: +4 -4 +3 - + -2", SPARKLINE, 4, PLOT_UTF8), "█▂▆▂",
			"15 days in 4: shares of 3, 4, 4 and 4, the last with a rate of 1 in 4");
	is_text(draw_text("2026-01-05: +3 -", SPARKLINE, 1, PLOT_UTF8), "▆", "all days in one");
	is_text(draw_text("2026-01-05: + (9,0,9)", SPARKLINE, 1, PLOT_UTF8), "▂",
			"a rate is of units, not of days");
	is_text(draw_text("2026-01-05: +9 (1,2)", SPARKLINE, 1, PLOT_UTF8), "!", "one day over shows");
	is_text(draw_text("2026-01-05: +2 ?2", SPARKLINE, 1, PLOT_UTF8), "█",
			"half unrecorded: the rate of the other half");
	is_text(draw_text("2026-01-05: ?2 + .9 ?", SPARKLINE, 1, PLOT_UTF8), "?",
			"more than half of the planned days unrecorded");
	is_text(draw_text("2026-01-05: x5 .3 * -", SPARKLINE, 1, PLOT_UTF8), "▁",
			"a planned day goes before excused and extra ones");
	is_text(draw_text("2026-01-05: x .3 *4", SPARKLINE, 1, PLOT_UTF8), "x",
			"an excused day goes before extra ones");
	is_text(draw_text("2026-01-05: * .3 (0,0,1)", SPARKLINE, 1, PLOT_UTF8), "*",
			"an extra day goes before empty ones");
}

/* Any number of days in any width. */
static void
test_sparkline_widths(void)
{
	int wrong = 0;

	for (int days = 1; days <= 60; days++)
	{
		for (int width = 1; width <= 70; width++)
		{
			int wanted = days < width ? days : width;
			char text[64];

			snprintf(text, sizeof(text), "2026-01-05: -%d (1,2)", days);
			wrong += count_characters(draw_text(text, SPARKLINE, width, PLOT_UTF8)) !=
					 (days + 1 < width ? days + 1 : width);
			wrong += out.text[out.length - 1] != '!';
			snprintf(text, sizeof(text), "2026-01-05: (1,2)%d", days);
			wrong += count_of(draw_text(text, SPARKLINE, width, PLOT_UTF8), "!") != wanted;
		}
	}
	ok(wrong == 0, "4200 pairs of days and width: so many characters, the last day in the last");
}

/*
 * Heatmap
 */

#define LEGEND_UTF8 \
	"█ taken  ▂-▇ partial  ▁ missed  ? unrecorded  ! over  x excused  * extra  · none"

static void
test_heatmap(void)
{
	is_text(draw_text("2026-01-29: +2 (4,1,3) - ? x27 (1,2)", HEATMAP, 0, PLOT_UTF8),
			"                 1         2         3\n"
			"        1234567890123456789012345678901    rate\n"
			"2026-01                             ██▂     50%\n"
			"2026-02 ▁?xxxxxxxxxxxxxxxxxxxxxxxxxx      0-50%\n"
			"2026-03 x!                                 100%\n" LEGEND_UTF8,
			"a month grid with rates, bounds, and a short February");
	is_text(draw_text("2024-02-28: *3", HEATMAP, 0, PLOT_ASCII),
			"                 1         2         3\n"
			"        1234567890123456789012345678901    rate\n"
			"2024-02                            **\n"
			"2024-03 *\n"
			"# taken  2-7 partial  _ missed  ? unrecorded  ! over  x excused  * extra  . none",
			"no rate where nothing is planned, no trailing blanks, a leap day, ASCII");
	is_text(draw_text("1900-02-27: +32", HEATMAP, 0, PLOT_ASCII),
			"                 1         2         3\n"
			"        1234567890123456789012345678901    rate\n"
			"1900-02                           ##       100%\n"
			"1900-03 ##############################     100%\n"
			"# taken  2-7 partial  _ missed  ? unrecorded  ! over  x excused  * extra  . none",
			"no leap day in 1900, and the last day but one of a month is the last");
	is_text(draw_text("empty", HEATMAP, 0, PLOT_UTF8), "", "no days, no grid");
}

static void
test_heatmap_percent(void)
{
	ok(holds(draw_text("2026-01-01: (99,98,1) +2", HEATMAP, 0, PLOT_UTF8), "     99%\n"),
	   "100 of 101 is 99%");
	ok(holds(draw_text("2026-01-01: (99,0,99)2 (2,1,1)", HEATMAP, 0, PLOT_UTF8), "     1%\n"),
	   "1 of 200 rounds up to 1%");
	ok(holds(draw_text("2026-01-01: (99,0,99)10 (2,1,1)", HEATMAP, 0, PLOT_UTF8), "     1%\n"),
	   "1 of 992 is not 0%");
	ok(holds(draw_text("2026-01-01: (99,99)10 (2,1,1)", HEATMAP, 0, PLOT_UTF8), "     99%\n"),
	   "991 of 992 is not 100%");
	ok(holds(draw_text("2026-01-01: ?", HEATMAP, 0, PLOT_UTF8), "  0-100%\n"),
	   "nothing known is 0-100%");
	ok(holds(draw_text("2026-01-01: (2,1,1)3 (1,0,9)", HEATMAP, 0, PLOT_UTF8), "     43%\n"),
	   "more known misses than units prescribed leave nothing unrecorded");
}

static void
test_heatmap_ends(void)
{
	is_text(draw_text("0001-12-30 BC: +3", HEATMAP, 0, PLOT_UTF8),
			"                    1         2         3\n"
			"           1234567890123456789012345678901    rate\n"
			"0001-12 BC                              ██    100%\n"
			"0001-01    █                                  100%\n" LEGEND_UTF8,
			"1 BC is followed by 1 AD");
	is_text(draw_text("9999-12-31: +2", HEATMAP, 0, PLOT_UTF8),
			"                  1         2         3\n"
			"         1234567890123456789012345678901    rate\n"
			"9999-12                                █    100%\n"
			"10000-01 █                                  100%\n" LEGEND_UTF8,
			"labels are as wide as the widest");
	is_text(draw_text("5874897-12-31: +", HEATMAP, 0, PLOT_UTF8),
			"                    1         2         3\n"
			"           1234567890123456789012345678901    rate\n"
			"5874897-12                               █    100%\n" LEGEND_UTF8,
			"the last day there is");
	is_text(draw_text("4714-11-24 BC: +", HEATMAP, 0, PLOT_UTF8),
			"                    1         2         3\n"
			"           1234567890123456789012345678901    rate\n"
			"4714-11 BC                        █           100%\n" LEGEND_UTF8,
			"the first day there is");
}

static void
test_heatmap_pauses(void)
{
	/* from 2025-01-31 to 2026-02-01: twelve months lie between */
	const char *twelve = draw_text("2025-01-31: + .365 +", HEATMAP, 0, PLOT_UTF8);

	ok(count_of(twelve, "\n20") == 14 && !holds(twelve, "..."), "twelve empty months are drawn");
	is_text(draw_text("2025-01-31: + .393 +", HEATMAP, 0, PLOT_UTF8),
			"                 1         2         3\n"
			"        1234567890123456789012345678901    rate\n"
			"2025-01                               █    100%\n"
			"... 13 empty months\n"
			"2026-03 █                                  100%\n" LEGEND_UTF8,
			"thirteen are one line");
	is_text(draw_text("1826-01-01: + .73047 +", HEATMAP, 0, PLOT_UTF8),
			"                 1         2         3\n"
			"        1234567890123456789012345678901    rate\n"
			"1826-01 █······························    100%\n"
			"... 2398 empty months\n"
			"2025-12 ······························█    100%\n" LEGEND_UTF8,
			"200 years between two days");
}

/* The longest calendar there is. */
static void
test_longest(void)
{
	Calendar calendar = parse("1826-01-01: (3,2,1)73049 (3,3)");
	const char *drawn = draw(&calendar, HEATMAP, 0, PLOT_UTF8);

	ok(count_of(drawn, "\n") == 2 + 2401, "200 full years and a day are 2401 months");
	ok(!holds(drawn, " \n"), "no line ends with a blank");
	drawn = draw(&calendar, SVG, 0, PLOT_UTF8);
	ok(count_of(drawn, "<rect ") == 73050, "and 73050 cells");
	release_all();
}

/*
 * SVG
 */

/* Whether every tag is closed in turn and every attribute quoted; texts hold no markup by themselves. */
static bool
is_well_formed(const char *text)
{
	const char *open[32];
	int depth = 0;

	for (const char *at = strchr(text, '<'); at != NULL; at = strchr(at, '<'))
	{
		const char *end = strchr(at, '>');
		size_t name = strcspn(at + 1, " >");

		if (end == NULL)
			return false;
		if (at[1] == '/')
		{
			if (depth == 0 || strncmp(open[--depth], at + 2, name - 1) != 0)
				return false;
		}
		else if (end[-1] != '/')
		{
			if (depth == 32)
				return false;
			open[depth++] = at + 1;
		}
		at = end;
	}
	return depth == 0;
}

/* Where each cell must be: the row is the day of the week, by Sakamoto's rule. */
static bool
rows_are_weekdays(const char *text)
{
	static const int shifts[] = { 0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4 };
	int top[7] = { 0 };

	for (text = find(text, "<rect "); text != NULL; text = find(text, "<rect "))
	{
		int y = read_number(&text, " y=\"");
		int year = read_number(&text, "<title>");
		int month = read_number(&text, "-");
		int day = read_number(&text, "-");
		int weekday;

		year -= month < 3;
		weekday = (year + year / 4 - year / 100 + year / 400 + shifts[month - 1] + day + 6) % 7;
		if (top[weekday] == 0)
			top[weekday] = y;
		if (top[weekday] != y)
			return false;
	}
	for (int i = 1; i < 7; i++)
		if (top[i] != top[i - 1] + 15)
			return false;
	return true;
}

/* Whether no two cells share a place, and all lie inside the picture, below and right of the names. */
static bool
cells_are_apart(const char *text)
{
	static uint8_t seen[1024][4096];
	int width = read_number(&text, "viewBox=\"0 0 ");
	int height = read_number(&text, " ");

	memset(seen, 0, sizeof(seen));
	if (width > 1024 || height > 4096)
		return false;
	for (text = find(text, "<rect "); text != NULL; text = find(text, "<rect "))
	{
		int x = read_number(&text, "x=\"");
		int y = read_number(&text, "y=\"");

		if (x < 30 || y < 50 || x + 13 > width || y + 13 > height || seen[x][y])
			return false;
		seen[x][y] = 1;
	}
	return true;
}

/* The x of the name of a month, or -1 if it is not there. */
static int
month_at(const char *text, const char *name)
{
	char wanted[16];
	const char *at;

	snprintf(wanted, sizeof(wanted), ">%s<", name);
	at = find(text, wanted);
	while (at != NULL && at > text && *at != 'x')
		at--;
	return at == NULL ? -1 : read_number(&at, "x=\"");
}

static void
test_svg_cells(void)
{
	const char *drawn = draw_text(
		"2026-01-05: + (3,1,1) - ? (1,2) x * . (2,1,0,1) (0,0,1) +20 ?300", SVG, 0, PLOT_UTF8);
	static const char *const wanted[] = {
		"<title>2026-01-05: taken, 1 of 1</title></rect>",
		"<title>2026-01-06: partial, 1 of 3</title></rect>",
		"<title>2026-01-07: missed, 0 of 1</title></rect>",
		"<title>2026-01-08: unrecorded, 0 of 1</title></rect>",
		"<title>2026-01-09: over, 2 of 1</title></rect>",
		"<title>2026-01-10: excused</title></rect>",
		"<title>2026-01-11: extra, 1 of 0</title></rect>",
		"<title>2026-01-12: none</title></rect>",
		"<title>2026-01-13: excused, 1 of 2</title></rect>",
		"<title>2026-01-14: none</title></rect>",
	};

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		check(count_of(drawn, wanted[i]) == 1, "not there: %s", wanted[i]);
	end_test("a title for each status");
	ok(count_of(drawn, "<rect ") == 330, "a cell a day");
	ok(is_well_formed(drawn), "well formed");
	ok(rows_are_weekdays(drawn), "rows are days of the week");
	ok(cells_are_apart(drawn), "cells are apart and inside");
	ok(holds(drawn, "<desc id=\"") &&
		   holds(drawn,
				 ">330 days: 21 taken, 1 partial, 1 missed, 301 unrecorded, 1 over, 2 excused, "
				 "1 extra, 2 none. Of the planned units 7% to 99% were taken, depending on those "
				 "unrecorded.</desc>"),
	   "the description counts days and gives the rate");
	ok(count_of(drawn, "://") == 1 && !holds(drawn, "<script") && !holds(drawn, "href") &&
		   !holds(drawn, "url("),
	   "nothing is loaded or run: the one address is the name of SVG");
}

/* Names of months stand above the week of their first day, if the next has room. */
static void
test_svg_months(void)
{
	const char *drawn = draw_text("2026-01-31: +60", SVG, 0, PLOT_UTF8);

	ok(month_at(drawn, "Jan") == -1, "a name that would run into the next is left out");
	ok(month_at(drawn, "Feb") == 42 && month_at(drawn, "Mar") == 42 + 4 * 15,
	   "names are above the first week that has a day of the month");
	drawn = draw_text("2026-01-19: +14", SVG, 0, PLOT_UTF8);
	ok(month_at(drawn, "Jan") == -1 && month_at(drawn, "Feb") == 42 + 15, "the last name stays");
	drawn = draw_text("2026-01-18: +15", SVG, 0, PLOT_UTF8);
	ok(month_at(drawn, "Jan") == 42 && month_at(drawn, "Feb") == 42 + 2 * 15,
	   "two weeks are room enough");
}

/* The fill of a partial day, from the cell's bottom, in tenths. */
static int
fill_of(const char *text)
{
	const char *at = find(draw_text(text, SVG, 0, PLOT_UTF8), "adherence-partial\"");
	int whole;

	read_number(&at, "d=\"M");
	whole = read_number(&at, "v-");
	return whole * 10 + read_number(&at, ".");
}

static void
test_svg_fills(void)
{
	ok(fill_of("2026-01-05: (4,2)") == 60, "half taken, half filled");
	ok(fill_of("2026-01-05: (3,2)") == 80, "two thirds");
	ok(fill_of("2026-01-05: (99,1)") == 25, "a unit of 99 can be seen");
	ok(fill_of("2026-01-05: (99,98)") == 95, "and a unit that lacks");
}

static void
test_svg_years(void)
{
	const char *drawn = draw_text("2023-12-31: +3 .1100 x .3000 *400 -", SVG, 0, PLOT_UTF8);

	ok(is_well_formed(drawn), "by year: well formed");
	ok(cells_are_apart(drawn), "by year: cells are apart and inside");
	ok(count_of(drawn, "font-weight=\"bold\">") == 5, "a grid for each year with anything in it");
	ok(holds(drawn, ">2025 to 2026: nothing planned, done or excused<") &&
		   holds(drawn, ">2028 to 2034: nothing planned, done or excused<"),
	   "a line for years with nothing");
	ok(holds(drawn, " viewBox=\"0 0 864 787\""), "five grids and two lines of text are so high");
	drawn = draw_text("2026-01-05: +224", SVG, 0, PLOT_UTF8);
	ok(holds(drawn, " viewBox=\"0 0 534 223\""),
	   "a legend of five entries and three takes two lines");
	drawn = draw_text("2023-01-01: +365", SVG, 0, PLOT_UTF8);
	ok(count_of(drawn, "font-weight=\"bold\">") == 0 && cells_are_apart(drawn),
	   "a year is one grid");
	drawn = draw_text("2012-01-01: +366", SVG, 0, PLOT_UTF8);
	ok(count_of(drawn, "font-weight=\"bold\">") == 0 && cells_are_apart(drawn),
	   "a year that lies in 54 weeks is one grid");
	drawn = draw_text("2023-01-01: +373", SVG, 0, PLOT_UTF8);
	ok(count_of(drawn, "font-weight=\"bold\">") == 2 && cells_are_apart(drawn),
	   "days of 55 weeks are two grids");
}

static void
test_svg_ends(void)
{
	const char *drawn = draw_text("empty", SVG, 0, PLOT_UTF8);

	ok(is_well_formed(drawn) && count_of(drawn, "no days") == 2 && count_of(drawn, "<rect ") == 0,
	   "a picture of no days says so");
	drawn = draw_text("5874895-06-01: +800 .140 +", SVG, 0, PLOT_UTF8);
	ok(is_well_formed(drawn) && cells_are_apart(drawn) && holds(drawn, "5874897-"),
	   "the last years there are");
	ok(holds(drawn, "<text x=\"62\" y=\"50\" font-weight=\"bold\">5874895<") &&
		   holds(drawn, "<rect x=\"383\""),
	   "with room for long names of years");
	drawn = draw_text("4714-11-24 BC: +500", SVG, 0, PLOT_UTF8);
	ok(is_well_formed(drawn) && cells_are_apart(drawn) &&
		   holds(drawn, "4714-11-24 BC: taken, 1 of 1") && holds(drawn, ">4713 BC<"),
	   "the first years there are");
	drawn = draw_text("0002-06-01 BC: +700", SVG, 0, PLOT_UTF8);
	ok(is_well_formed(drawn) && cells_are_apart(drawn) && holds(drawn, ">0002 BC<") &&
		   holds(drawn, ">0001 BC<") && holds(drawn, ">0001<"),
	   "the change of era");
}

/* The id in the first aria-labelledby of a picture. */
static void
copy_id(char id[33], const char *text)
{
	snprintf(id, 33, "%.32s", find(text, "aria-labelledby=") + strlen("aria-labelledby=\""));
}

static void
test_svg_ids(void)
{
	static const char *const others[] = { "2026-01-06: +3", "2026-01-05: +2", "2026-01-05: +2 -",
										  "2026-01-05: +2 (1,1,0,1)", "2026-01-05: +2 (9,9)" };
	char first[33];
	char other[33];
	int same = 0;

	copy_id(first, draw_text("2026-01-05: +3", SVG, 0, PLOT_UTF8));
	ok(count_of(out.text, "id=\"") == 2, "two ids: of title and description");
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
	{
		copy_id(other, draw_text(others[i], SVG, 0, PLOT_UTF8));
		same += strcmp(first, other) == 0;
	}
	ok(same == 0, "other calendars have other ids");
	copy_id(first, draw_text("2026-01-06: +", SVG, 0, PLOT_UTF8));
	copy_id(other, draw_text("2026-01-07: *", SVG, 0, PLOT_UTF8));
	ok(strcmp(first, other) != 0, "a day and a count cannot make up for each other");
	ok(holds(out.text, ">1 day: 1 extra. Nothing was planned.<"), "one day is a day");
}

/* A wide and a narrow copy of the same days look the same. */
static void
test_width_of_days(void)
{
	Calendar narrow = parse("2026-01-05: + (3,1) - ? (1,2) x * . +40 -40");
	Calendar wide = parse("2026-01-05: + (3,1) - ? (1,2) x * . +40 -40 (4,4)");
	char *drawn;
	static const Kind kinds[] = { SPARKLINE, HEATMAP, SVG };

	ok(narrow.width == CALENDAR_NARROW && wide.width == CALENDAR_WIDE,
	   "a narrow and a wide calendar");
	wide.ndays--;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
	{
		drawn = strdup(draw(&narrow, kinds[i], 30, PLOT_UTF8));
		is_text(draw(&wide, kinds[i], 30, PLOT_UTF8), drawn, "both look the same");
		free(drawn);
	}
	release_all();
}

int
main(void)
{
	test_sparkline_marks();
	test_sparkline_shares();
	test_sparkline_widths();
	test_heatmap();
	test_heatmap_percent();
	test_heatmap_ends();
	test_heatmap_pauses();
	test_longest();
	test_svg_cells();
	test_svg_months();
	test_svg_fills();
	test_svg_years();
	test_svg_ends();
	test_svg_ids();
	test_width_of_days();
	return end_tests();
}
