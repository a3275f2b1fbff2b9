/*
 * The heatmap as SVG: a column a week, a row a day of the week.  As many weeks
 * as a year can touch are one grid; longer calendars get a grid a calendar
 * year, so that the same weeks of all years are in line.
 */
#include "adherence/plot_parts.h"

#include <inttypes.h>
#include <stdio.h>

/* Sizes in user units, which are pixels unless scaled. */
#define CELL 12		  /* side of a day, without its outline */
#define PITCH 15	  /* from one day to the next */
#define MARGIN 12	  /* around everything */
#define CAPTION 24	  /* height of the line above */
#define HEAD 20		  /* height of the months' names above a grid */
#define GAP 10		  /* between grids, and above the legend */
#define SKIPPED 22	  /* height of the line for empty years */
#define LEGEND 20	  /* height of a line of the legend */
#define SWATCH 97	  /* width of an entry of the legend */
#define MIN_WIDTH 420 /* room for the caption and four entries of the legend */

/* The most weeks that the days of one year lie in. */
#define WEEKS_IN_YEAR 54

/* Least height of what is filled, and of what is not, of a partial day's cell, in tenths. */
#define MIN_FILL 25

/* How a status is drawn: its cell, and the glyph inside for those who see no colour. */
typedef struct Look
{
	const char *cell;
	const char *glyph;
} Look;

static const Look looks[STATUSES] = {
	[DAY_TAKEN] = { "fill=\"#0072b2\" stroke=\"#0072b2\"", NULL },
	[DAY_PARTIAL] = { "fill=\"#fff\" stroke=\"#0072b2\"", "fill=\"#0072b2\" stroke=\"none\"" },
	[DAY_MISSED] = { "fill=\"#c44e00\" stroke=\"#c44e00\"", "stroke=\"#fff\" stroke-width=\"2\"" },
	[DAY_UNRECORDED] = { "fill=\"#fff\" stroke=\"#5f6368\" stroke-dasharray=\"2\"", NULL },
	[DAY_OVER] = { "fill=\"#7a1f6b\" stroke=\"#7a1f6b\"", "fill=\"#fff\" stroke=\"none\"" },
	[DAY_EXCUSED] = { "fill=\"#fff\" stroke=\"#5f6368\"", "stroke=\"#5f6368\"" },
	[DAY_EXTRA] = { "fill=\"#eceff1\" stroke=\"#eceff1\"", "fill=\"#0072b2\" stroke=\"none\"" },
	[DAY_NONE] = { "fill=\"#eceff1\" stroke=\"#eceff1\"", "fill=\"#5f6368\" stroke=\"none\"" },
};

/* Colours where the reader prefers a dark page. */
static const char *const dark_style =
	".adherence-heatmap{max-width:100%;height:auto}"
	"@media (prefers-color-scheme:dark){"
	".adherence-ground{fill:#15191e}"
	".adherence-text{fill:#e3e6ea}"
	".adherence-taken{fill:#56b4e9;stroke:#56b4e9}"
	".adherence-partial{fill:#15191e;stroke:#56b4e9}"
	".adherence-partial .adherence-glyph{fill:#56b4e9}"
	".adherence-missed{fill:#ff9248;stroke:#ff9248}"
	".adherence-missed .adherence-glyph{stroke:#15191e}"
	".adherence-unrecorded{fill:#15191e;stroke:#a8b0b9}"
	".adherence-over{fill:#e58fd4;stroke:#e58fd4}"
	".adherence-over .adherence-glyph{fill:#15191e}"
	".adherence-excused{fill:#15191e;stroke:#a8b0b9}"
	".adherence-excused .adherence-glyph{stroke:#a8b0b9}"
	".adherence-extra,.adherence-none{fill:#272d34;stroke:#272d34}"
	".adherence-extra .adherence-glyph{fill:#56b4e9}"
	".adherence-none .adherence-glyph{fill:#a8b0b9}"
	"}";

/* What the parts of one picture share. */
typedef struct Picture
{
	const Calendar *calendar;
	const TextSink *sink;
	Tally total;
	bool by_year; /* a grid a calendar year, else one for all */
	int left;	  /* x of the first week */
	int width;
	int bottom; /* y below the last grid */
} Picture;

/* A grid, or the line that stands for a run of empty years. */
typedef struct Block
{
	int32_t from; /* indexes of days */
	int32_t until;
	int64_t monday; /* day at the top of the first column */
	int top;		/* y */
	int year;
	int empty_years; /* 0 for a grid */
} Block;

/* The Monday on or before a day. */
static int64_t
monday_of(int64_t day)
{
	return day - day_weekday(day);
}

/* How many weeks, Monday to Sunday, all days of a calendar lie in. */
static int64_t
count_weeks(const Calendar *calendar)
{
	if (calendar->ndays == 0)
		return 0;
	return (monday_of(calendar_end(calendar) - 1) - monday_of(calendar->first)) / DAYS_A_WEEK + 1;
}

/* Height of a block, with the gap below it. */
static int
block_height(const Block *block)
{
	return block->empty_years > 0 ? SKIPPED : HEAD + DAYS_A_WEEK * PITCH + GAP;
}

/* Set a block to the days of the year in which the day at from lies. */
static void
enter_year(const Calendar *calendar, Block *block)
{
	int month;
	int of_month;
	int64_t january = (int64_t) calendar->first + block->from;
	int64_t december;

	day_to_civil(calendar->first + block->from, &block->year, &month, &of_month);
	december = january - of_month;
	for (int i = 1; i < month; i++)
		january -= days_in_month(block->year, i);
	january -= of_month - 1;
	for (int i = month; i <= 12; i++)
		december += days_in_month(block->year, i);
	block->monday = monday_of(january);
	block->until = december - calendar->first < calendar->ndays
					   ? (int32_t) (december - calendar->first) + 1
					   : calendar->ndays;
}

/* Let a block stand for all empty years from its own on, if that is empty. */
static void
skip_empty_years(const Calendar *calendar, Block *block)
{
	Block next = *block;

	block->empty_years = 0;
	while (next.from < calendar->ndays)
	{
		enter_year(calendar, &next);
		if (!plot_days_are_empty(calendar, next.from, next.until))
			break;
		block->until = next.until;
		block->empty_years++;
		next.from = next.until;
	}
}

/* Step to the next block of a picture, starting from {0}; false at the end. */
static bool
next_block(const Picture *picture, Block *block)
{
	const Calendar *calendar = picture->calendar;

	block->top += block->top == 0 ? MARGIN + CAPTION : block_height(block);
	block->from = block->until;
	if (block->from >= calendar->ndays)
		return false;
	if (picture->by_year)
	{
		enter_year(calendar, block);
		skip_empty_years(calendar, block);
		return true;
	}
	block->monday = monday_of(calendar->first);
	block->until = calendar->ndays;
	return true;
}

/* Where a day's cell is. */
static void
locate(const Picture *picture, const Block *block, int32_t i, int *x, int *y)
{
	int64_t days = (int64_t) picture->calendar->first + i - block->monday;

	*x = picture->left + (int) (days / DAYS_A_WEEK) * PITCH;
	*y = block->top + HEAD + (int) (days % DAYS_A_WEEK) * PITCH;
}

/* Decide the layout of a picture. */
static void
lay_out(Picture *picture)
{
	const Calendar *calendar = picture->calendar;
	int64_t weeks = count_weeks(calendar);
	Block block = { 0 };

	picture->by_year = weeks > WEEKS_IN_YEAR;
	picture->left = MARGIN + (picture->by_year && plot_label_width(calendar) > 7 ? 56 : 30);
	picture->width =
		picture->left + (picture->by_year ? WEEKS_IN_YEAR : (int) weeks) * PITCH + MARGIN;
	if (picture->width < MIN_WIDTH)
		picture->width = MIN_WIDTH;
	while (next_block(picture, &block))
		;
	picture->bottom = block.top;
}

/* A number that differs between calendars that differ (FNV-1a), to make ids of. */
static uint64_t
fingerprint(const Calendar *calendar)
{
	const uint64_t prime = UINT64_C(0x100000001b3);
	uint64_t hash = (UINT64_C(0xcbf29ce484222325) ^ (uint32_t) calendar->first) * prime;

	for (int32_t i = 0; i < calendar->ndays; i++)
	{
		DayCounts day = calendar_counts(calendar, i);
		const uint8_t counts[] = { day.prescribed, day.taken, day.missed, day.excusing };

		for (size_t j = 0; j < sizeof(counts); j++)
			hash = (hash ^ counts[j]) * prime;
	}
	return hash;
}

/* Write the first and the last day. */
static void
put_span(const Picture *picture)
{
	const Calendar *calendar = picture->calendar;

	if (calendar->ndays == 0)
	{
		sink_string(picture->sink, "no days");
		return;
	}
	day_format(calendar->first, picture->sink);
	sink_string(picture->sink, " to ");
	day_format((int32_t) (calendar_end(calendar) - 1), picture->sink);
}

/* Write the picture in words: how many days of each status, and the rate. */
static void
put_description(const Picture *picture)
{
	const TextSink *sink = picture->sink;
	char rate[32];
	const char *between = ": ";

	plot_put_format(sink, "%" PRId32 " %s", picture->calendar->ndays,
					picture->calendar->ndays == 1 ? "day" : "days");
	for (int i = 0; i < STATUSES; i++)
	{
		int64_t days = picture->total.status[plot_legend_order[i]];

		if (days == 0)
			continue;
		plot_put_format(sink, "%s%" PRId64 " %s", between, days,
						day_status_name(plot_legend_order[i]));
		between = ", ";
	}
	plot_format_rate(rate, sizeof(rate), &picture->total, "% to ");
	if (rate[0] == '\0')
		sink_string(sink, ". Nothing was planned.");
	else
		plot_put_format(sink, ". Of the planned units %s were taken%s.", rate,
						strstr(rate, "to") == NULL ? "" : ", depending on those unrecorded");
}

/* Write the start of the document: what screen readers say, and the dark colours. */
static void
put_opening(const Picture *picture)
{
	const TextSink *sink = picture->sink;
	uint64_t id = fingerprint(picture->calendar);
	int columns = (picture->width - 2 * MARGIN) / SWATCH;
	int height = picture->bottom + (STATUSES + columns - 1) / columns * LEGEND + MARGIN;

	sink_string(sink, "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"adherence-heatmap\"");
	plot_put_format(sink,
					" role=\"img\" lang=\"en\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\"",
					picture->width, height, picture->width, height);
	plot_put_format(sink, " aria-labelledby=\"adherence-%016" PRIx64 "-title", id);
	plot_put_format(sink, " adherence-%016" PRIx64 "-desc\"", id);
	sink_string(sink, " font-family=\"system-ui,sans-serif\" font-size=\"11\">\n");
	plot_put_format(sink, "<title id=\"adherence-%016" PRIx64 "-title\">Adherence, ", id);
	put_span(picture);
	plot_put_format(sink, "</title>\n<desc id=\"adherence-%016" PRIx64 "-desc\">", id);
	put_description(picture);
	sink_string(sink, "</desc>\n<style>");
	sink_string(sink, dark_style);
	sink_string(sink, "</style>\n<path class=\"adherence-ground\" fill=\"#fff\"");
	plot_put_format(sink, " d=\"M0 0h%dv%dh-%dz\"/>\n", picture->width, height, picture->width);
}

/* Write the line above the grids. */
static void
put_caption(const Picture *picture)
{
	char rate[32];

	plot_put_format(picture->sink, "<text x=\"%d\" y=\"%d\" font-size=\"13\">", MARGIN,
					MARGIN + 11);
	put_span(picture);
	plot_format_rate(rate, sizeof(rate), &picture->total, "-");
	if (rate[0] != '\0')
		plot_put_format(picture->sink, ": %s of planned units taken", rate);
	sink_string(picture->sink, "</text>\n");
}

/* Write the names of the months above a grid, where there is room before the next. */
static void
put_month_names(const Picture *picture, const Block *block)
{
	static const char *const names[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
										 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	PlotMonth month = { .until = block->from };
	int x;
	int next_x;
	int y;

	while (month.until < block->until && plot_next_month(picture->calendar, &month))
	{
		locate(picture, block, month.from, &x, &y);
		locate(picture, block, month.until, &next_x, &y);
		if (month.until < block->until && next_x - x < 2 * PITCH)
			continue;
		plot_put_format(picture->sink, "<text x=\"%d\" y=\"%d\">%s</text>\n", x,
						block->top + HEAD - 6, names[month.month - 1]);
	}
}

/* Write the names of days, and the year if grids are years, left of a grid. */
static void
put_row_names(const Picture *picture, const Block *block)
{
	static const char *const names[] = { "Mon", "", "Wed", "", "Fri", "", "Sun" };
	char year[32];

	plot_put_format(picture->sink, "<g text-anchor=\"end\">\n");
	if (picture->by_year)
	{
		plot_format_year(year, sizeof(year), block->year);
		plot_put_format(picture->sink, "<text x=\"%d\" y=\"%d\" font-weight=\"bold\">%s</text>\n",
						picture->left - 6, block->top + HEAD - 6, year);
	}
	for (int i = 0; i < DAYS_A_WEEK; i += 2)
		plot_put_format(picture->sink, "<text x=\"%d\" y=\"%d\">%s</text>\n", picture->left - 6,
						block->top + HEAD + i * PITCH + 10, names[i]);
	sink_string(picture->sink, "</g>\n");
}

/* Write the line that stands for a run of empty years. */
static void
put_skipped_years(const Picture *picture, const Block *block)
{
	char first[32];
	char last[32];

	plot_format_year(first, sizeof(first), block->year);
	plot_format_year(last, sizeof(last), block->year + block->empty_years - 1);
	plot_put_format(picture->sink,
					"<text x=\"%d\" y=\"%d\">%s%s%s: nothing planned, done or excused</text>\n",
					picture->left, block->top + 11, first, block->empty_years > 1 ? " to " : "",
					block->empty_years > 1 ? last : "");
}

/* Write all text around the grids. */
static void
put_labels(const Picture *picture)
{
	Block block = { 0 };

	sink_string(picture->sink, "<g class=\"adherence-text\" fill=\"#24292f\">\n");
	put_caption(picture);
	while (next_block(picture, &block))
	{
		if (block.empty_years > 0)
		{
			put_skipped_years(picture, &block);
			continue;
		}
		put_month_names(picture, &block);
		put_row_names(picture, &block);
	}
	sink_string(picture->sink, "</g>\n");
}

/* Write the cell of one day, with what it says when pointed at. */
static void
put_cell(const Picture *picture, const Block *block, int32_t i)
{
	const TextSink *sink = picture->sink;
	DayCounts day = calendar_counts(picture->calendar, i);
	int x;
	int y;

	locate(picture, block, i, &x, &y);
	plot_put_format(sink, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"2\"><title>", x,
					y, CELL, CELL);
	day_format(picture->calendar->first + i, sink);
	plot_put_format(sink, ": %s", day_status_name(day_status(day)));
	if (day.prescribed > 0 || day.taken > 0)
		plot_put_format(sink, ", %d of %d", day.taken, day.prescribed);
	sink_string(sink, "</title></rect>\n");
}

/* How high a partial day's cell is filled, in tenths: neither empty nor full to the eye. */
static int
fill_height(DayCounts day)
{
	int tenths = 10 * CELL * day.taken / day.prescribed;

	if (tenths < MIN_FILL)
		return MIN_FILL;
	return tenths > 10 * CELL - MIN_FILL ? 10 * CELL - MIN_FILL : tenths;
}

/* Write the part of a path that draws a day's glyph in the cell at (x, y). */
static void
put_glyph(const TextSink *sink, DayCounts day, int x, int y)
{
	int fill;

	switch (day_status(day))
	{
		case DAY_PARTIAL:
			fill = fill_height(day);
			plot_put_format(sink, "M%d %dv-%d.%dh%dv%d.%dz", x, y + CELL, fill / 10, fill % 10,
							CELL, fill / 10, fill % 10);
			break;
		case DAY_MISSED:
			plot_put_format(sink, "M%d %dh6", x + 3, y + 6);
			break;
		case DAY_OVER:
			plot_put_format(sink, "M%d %dl4.5 8h-9z", x + 6, y + 2);
			break;
		case DAY_EXCUSED:
			plot_put_format(sink, "M%d %dl12-12", x, y + 12);
			break;
		case DAY_EXTRA:
			plot_put_format(sink, "M%d %da3 3 0 1 0 6 0a3 3 0 1 0-6 0z", x + 3, y + 6);
			break;
		case DAY_NONE:
			plot_put_format(sink, "M%d %dh2v2h-2z", x + 5, y + 5);
			break;
		case DAY_TAKEN:
		case DAY_UNRECORDED:
			break;
	}
}

/* Write the cells of all days of a status, or their glyphs, block by block. */
static void
put_days_of_status(const Picture *picture, DayStatus status, bool glyphs)
{
	Block block = { 0 };
	int x;
	int y;

	while (next_block(picture, &block))
	{
		for (int32_t i = block.from; block.empty_years == 0 && i < block.until; i++)
		{
			DayCounts day = calendar_counts(picture->calendar, i);

			if (day_status(day) != status)
				continue;
			if (!glyphs)
			{
				put_cell(picture, &block, i);
				continue;
			}
			locate(picture, &block, i, &x, &y);
			put_glyph(picture->sink, day, x, y);
		}
	}
}

/* Open the group of a status, which gives its cells their colours. */
static void
open_group(const TextSink *sink, DayStatus status)
{
	plot_put_format(sink, "<g class=\"adherence-%s\" %s transform=\"translate(.5 .5)\">\n",
					day_status_name(status), looks[status].cell);
}

/* Open the path of a status' glyphs; pointing goes through it to the cells. */
static void
open_glyphs(const TextSink *sink, DayStatus status)
{
	plot_put_format(sink, "<path class=\"adherence-glyph\" pointer-events=\"none\" %s d=\"",
					looks[status].glyph);
}

/* Write the days of one status: all cells, then all glyphs as one path. */
static void
put_status(const Picture *picture, DayStatus status)
{
	if (picture->total.status[status] == 0)
		return;
	open_group(picture->sink, status);
	put_days_of_status(picture, status, false);
	if (looks[status].glyph != NULL)
	{
		open_glyphs(picture->sink, status);
		put_days_of_status(picture, status, true);
		sink_string(picture->sink, "\"/>\n");
	}
	sink_string(picture->sink, "</g>\n");
}

/* Write one entry of the legend: a cell drawn as the days are, and the status. */
static void
put_swatch(const TextSink *sink, DayStatus status, int x, int y)
{
	static const DayCounts samples[STATUSES] = {
		[DAY_NONE] = { 0 },
		[DAY_EXCUSED] = { .excusing = 1 },
		[DAY_EXTRA] = { 0, 1, 0, 0 },
		[DAY_OVER] = { 1, 2, 0, 0 },
		[DAY_TAKEN] = { 1, 1, 0, 0 },
		[DAY_PARTIAL] = { 2, 1, 0, 0 },
		[DAY_MISSED] = { 1, 0, 1, 0 },
		[DAY_UNRECORDED] = { 1, 0, 0, 0 },
	};

	open_group(sink, status);
	plot_put_format(sink, "<path d=\"M%d %dh%dv%dh-%dz\"/>\n", x, y, CELL, CELL, CELL);
	if (looks[status].glyph != NULL)
	{
		open_glyphs(sink, status);
		put_glyph(sink, samples[status], x, y);
		sink_string(sink, "\"/>\n");
	}
	plot_put_format(
		sink, "</g>\n<text class=\"adherence-text\" fill=\"#24292f\" x=\"%d\" y=\"%d\">%s</text>\n",
		x + CELL + 6, y + 10, day_status_name(status));
}

/* Write what the cells mean. */
static void
put_svg_legend(const Picture *picture)
{
	int columns = (picture->width - 2 * MARGIN) / SWATCH;

	sink_string(picture->sink, "<g>\n");
	for (int i = 0; i < STATUSES; i++)
		put_swatch(picture->sink, plot_legend_order[i], MARGIN + i % columns * SWATCH,
				   picture->bottom + i / columns * LEGEND);
	sink_string(picture->sink, "</g>\n");
}

/*
 * Write a calendar as an SVG element that stands alone or inside a page: days
 * are grouped by status, as attributes of the group work where a page's policy
 * forbids styles.
 */
void
calendar_heatmap_svg(const Calendar *calendar, const TextSink *sink)
{
	Picture picture = { .calendar = calendar, .sink = sink };

	picture.total = calendar_tally(calendar, &ADHERENCE_RULE_DEFAULT);
	lay_out(&picture);
	put_opening(&picture);
	put_labels(&picture);
	for (int i = 0; i < STATUSES; i++)
		put_status(&picture, plot_legend_order[i]);
	put_svg_legend(&picture);
	sink_string(sink, "</svg>");
}
