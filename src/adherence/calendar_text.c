/*
 * The text form of a calendar, and ISO dates, which it starts with.
 *
 *     2026-01-05: +5 .2 + - ?3 (2,1,1) (0,0,0,2)3
 *     empty
 *
 * A run of equal days is a sign and how often it repeats; days for which there
 * is no sign give their counts, trailing zeros left out.  On output the runs
 * are as long as can be; input takes any runs, with white space between them.
 */
#include "adherence/calendar.h"

#include <inttypes.h>
#include <stdio.h>

#include "adherence/text_reader.h"

static const struct
{
	char sign;
	DayCounts day;
} signs[] = {
	{ '+', { 1, 1, 0, 0 } }, { '-', { 1, 0, 1, 0 } }, { '?', { 1, 0, 0, 0 } },
	{ '.', { 0, 0, 0, 0 } }, { 'x', { 0, 0, 0, 1 } }, { '*', { 0, 1, 0, 0 } },
};

#define NSIGNS (sizeof(signs) / sizeof(signs[0]))

/* Write a day as an ISO date, with a trailing BC for years before 1. */
void
day_format(int32_t day, const TextSink *sink)
{
	char text[32];
	int year;
	int month;
	int day_of_month;

	day_to_civil(day, &year, &month, &day_of_month);
	snprintf(text, sizeof(text), "%04d-%02d-%02d%s", year > 0 ? year : 1 - year, month,
			 day_of_month, year > 0 ? "" : " BC");
	sink_string(sink, text);
}

/* Read between min and max digits and step over them; -1 if they are not there. */
static int64_t
parse_digits(const char **text, int min, int max)
{
	int64_t value = 0;
	int n = 0;

	while (n < max && is_digit((*text)[n]))
		value = value * 10 + ((*text)[n++] - '0');
	if (n < min || is_digit((*text)[n]))
		return -1;
	*text += n;
	return value;
}

/* Read an ISO date (YYYY-MM-DD, more digits for later years, BC after it) and step over it. */
CalendarFault
day_parse(const char **text, int32_t *day)
{
	int64_t year = parse_digits(text, 4, 7);
	int64_t month = year >= 0 && parse_char(text, '-') ? parse_digits(text, 2, 2) : -1;
	int64_t of_month = month >= 0 && parse_char(text, '-') ? parse_digits(text, 2, 2) : -1;
	int64_t parsed;
	int check_year;
	int check_month;
	int check_day;

	if (of_month < 0)
		return INPUT_SYNTAX;
	if (year < 1 || month < 1 || month > 12)
		return INPUT_DATE;
	if (strncmp(*text, " BC", 3) == 0)
	{
		*text += 3;
		year = 1 - year;
	}
	parsed = civil_to_day(year, (int) month, (int) of_month);
	if (parsed < CALENDAR_FIRST_DAY || parsed > CALENDAR_LAST_DAY)
		return INPUT_RANGE;
	*day = (int32_t) parsed;
	day_to_civil(*day, &check_year, &check_month, &check_day);
	return check_month == month && check_day == of_month ? INPUT_OK : INPUT_DATE;
}

/* Whether two days hold the same counts. */
static bool
same_counts(DayCounts a, DayCounts b)
{
	return memcmp(&a, &b, sizeof(a)) == 0;
}

/* Write one run of equal days. */
static void
run_format(DayCounts day, int32_t repeat, const TextSink *sink)
{
	char text[64];
	int n = 0;

	for (size_t i = 0; i < NSIGNS && n == 0; i++)
		if (same_counts(signs[i].day, day))
			n = snprintf(text, sizeof(text), " %c", signs[i].sign);
	if (n == 0)
	{
		n = snprintf(text, sizeof(text), " (%d", day.prescribed);
		if (day.taken | day.missed | day.excusing)
			n += snprintf(text + n, sizeof(text) - n, ",%d", day.taken);
		if (day.missed | day.excusing)
			n += snprintf(text + n, sizeof(text) - n, ",%d", day.missed);
		if (day.excusing)
			n += snprintf(text + n, sizeof(text) - n, ",%d", day.excusing);
		n += snprintf(text + n, sizeof(text) - n, ")");
	}
	if (repeat > 1)
		snprintf(text + n, sizeof(text) - n, "%" PRId32, repeat);
	sink_string(sink, text);
}

/* Write the text form of a calendar, blank days at its ends left out. */
void
calendar_format(const Calendar *calendar, const TextSink *sink)
{
	Calendar trimmed = calendar_trim(calendar);
	int32_t start = 0;

	if (trimmed.ndays == 0)
	{
		sink_string(sink, "empty");
		return;
	}
	day_format(trimmed.first, sink);
	sink_string(sink, ":");
	while (start < trimmed.ndays)
	{
		DayCounts day = calendar_counts(&trimmed, start);
		int32_t end = start + 1;

		while (end < trimmed.ndays && same_counts(calendar_counts(&trimmed, end), day))
			end++;
		run_format(day, end - start, sink);
		start = end;
	}
}

/* A text being read: where we are, and what has been seen of the days. */
typedef struct TextReader
{
	const char *at;
	int64_t day;		/* the next run's first day */
	int64_t first;		/* first day that is not blank */
	int64_t end;		/* day after the last that is not blank */
	bool narrow;		/* no count above 3 so far */
	CalendarBuffer *to; /* where days go; NULL while only measuring */
} TextReader;

/* Read the counts of a day in parentheses, the opening one already read. */
static CalendarFault
read_counts(TextReader *reader, DayCounts *day)
{
	uint8_t *const counts[] = { &day->prescribed, &day->taken, &day->missed, &day->excusing };

	for (int i = 0; i < 4; i++)
	{
		int64_t count;

		skip_space(&reader->at);
		count = parse_whole(&reader->at);
		if (count < 0)
			return INPUT_SYNTAX;
		if (count > CALENDAR_MAX_COUNT)
			return INPUT_COUNT;
		*counts[i] = (uint8_t) count;
		skip_space(&reader->at);
		if (parse_char(&reader->at, ')'))
			return INPUT_OK;
		if (!parse_char(&reader->at, ','))
			return INPUT_SYNTAX;
	}
	return INPUT_SYNTAX;
}

/* Read what each day of a run holds: a sign or counts in parentheses. */
static CalendarFault
read_day(TextReader *reader, DayCounts *day)
{
	char sign = *reader->at;

	*day = (DayCounts){ 0 };
	if (sign == '\0')
		return INPUT_SYNTAX;
	reader->at++;
	if (sign == '(')
		return read_counts(reader, day);
	for (size_t i = 0; i < NSIGNS; i++)
		if (signs[i].sign == sign)
		{
			*day = signs[i].day;
			return INPUT_OK;
		}
	return INPUT_SYNTAX;
}

/* Take a run of days into account, and write it if there is a buffer. */
static CalendarFault
keep_run(TextReader *reader, DayCounts day, int64_t repeat)
{
	int64_t from = reader->day;

	reader->day += repeat;
	if (!day_is_blank(day))
	{
		if (reader->first == reader->end)
			reader->first = from;
		reader->end = reader->day;
	}
	if (reader->end - reader->first > CALENDAR_MAX_DAYS &&
		reader->first + CALENDAR_MAX_DAYS <= CALENDAR_LAST_DAY)
		return INPUT_SPAN;
	if (reader->day - 1 > CALENDAR_LAST_DAY)
		return INPUT_RANGE;
	if ((day.prescribed | day.taken | day.missed | day.excusing) > CALENDAR_MAX_NARROW)
		reader->narrow = false;
	if (reader->to != NULL && !day_is_blank(day))
		for (int64_t i = from; i < reader->day; i++)
			calendar_change_day(reader->to, (int32_t) i, day, 1);
	return INPUT_OK;
}

/* Read all runs up to the end of the text; there is at least one. */
static CalendarFault
read_runs(TextReader *reader)
{
	do
	{
		DayCounts day;
		int64_t repeat = 1;
		CalendarFault fault = read_day(reader, &day);

		if (fault == INPUT_COUNT && reader->day > CALENDAR_LAST_DAY)
			fault = INPUT_RANGE;
		if (fault == INPUT_OK && is_digit(*reader->at))
			repeat = parse_whole(&reader->at);
		if (fault == INPUT_OK && (repeat < 1 || !at_word_end(reader->at)))
			fault = INPUT_SYNTAX;
		if (fault == INPUT_OK)
			fault = keep_run(reader, day, repeat);
		if (fault != INPUT_OK)
			return fault;
		skip_space(&reader->at);
	} while (*reader->at != '\0');
	return INPUT_OK;
}

/* Whether what is left of the text is the word for no days. */
static bool
is_empty_word(const char *text)
{
	if (!parse_word(&text, "empty"))
		return false;
	skip_space(&text);
	return *text == '\0';
}

/*
 * Read a text form.  With calendar->days NULL only measure it: set first,
 * ndays and width of the canonical calendar.  Called again with a zeroed
 * buffer of that size, fill it.  *bad_day is the day that a count
 * above 99 is on, or the first that is too far from the first day.
 */
CalendarFault
calendar_parse(const char *text, CalendarBuffer *calendar, int32_t *bad_day)
{
	TextReader reader = { .at = text, .narrow = true };
	CalendarFault fault = INPUT_OK;
	int32_t first = 0;

	reader.to = calendar->days == NULL ? NULL : calendar;
	skip_space(&reader.at);
	if (!is_empty_word(reader.at))
	{
		fault = day_parse(&reader.at, &first);
		if (fault != INPUT_OK)
			return fault;
		reader.day = first;
		skip_space(&reader.at);
		if (!parse_char(&reader.at, ':'))
			return INPUT_SYNTAX;
		skip_space(&reader.at);
		fault = read_runs(&reader);
	}
	*bad_day = (int32_t) (fault == INPUT_SPAN ? reader.first + CALENDAR_MAX_DAYS : reader.day);
	calendar->first = (int32_t) reader.first;
	calendar->ndays = (int32_t) (reader.end - reader.first);
	calendar->width = reader.narrow ? CALENDAR_NARROW : CALENDAR_WIDE;
	return fault;
}
