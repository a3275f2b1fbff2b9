/*
 * The text form of a series, and its binary form.
 *
 *     2026-01-05: 7 .6 25/2 . 36.6 (0.30000000000000004-2.7755575615628914e-17)/2
 *     empty
 *
 * After the first day come its sum, the next day's sum, and so on; a sum of
 * several observations is followed by a slash and how many there are, so that
 * a word is the day's mean, as a fraction.  A period is a day without
 * observations; a number after it repeats it.
 *
 * A sum is written as the float8 nearest to it, with as few digits as read
 * back exactly.  Where that is not all, what is left follows in the same way
 * until nothing is, and all stands in parentheses.  A sum beyond the range of
 * float8 is written as multiples of 2^32.
 */
#include "signal/observations.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "adherence/bytes.h"
#include "adherence/number_text.h"
#include "adherence/text_reader.h"

/* The one way to write that there are no days. */
#define EMPTY_WORD "empty"

/* What follows a number that is to be taken 2^32 times. */
#define SCALE_WORD "*2^32"
#define SCALE_BITS 32

/* Version of the binary form. */
#define WIRE_VERSION 1

/* Bytes of a day in the binary form before the magnitude of its sum. */
#define WIRE_DAY 13

/*
 * Terms: a sum as a sum of float8 numbers, each the nearest to what is left
 */

/* The first term of a sum that is not zero; whether it is a multiple of 2^32. */
bool
exact_term(const ExactSum *rest, double *term)
{
	ExactSum scaled;

	*term = exact_to_double(rest, 1);
	if (isfinite(*term))
		return false;
	scaled = *rest;
	scaled.exponent -= SCALE_BITS;
	*term = exact_to_double(&scaled, 1);
	return true;
}

/* Add a term, which is finite, to a sum; where the result cannot be one it has more than EXACT_TOP bits. */
void
exact_add_term(ExactSum *sum, double term, bool is_scaled)
{
	ExactSum by;

	exact_of_double(term, &by);
	if (is_scaled && by.nlimbs > 0)
		by.exponent += SCALE_BITS;
	if (exact_top(sum) <= EXACT_TOP)
		exact_add(sum, &by, 1);
}

/*
 * Text: writing
 */

/* Send one term of a sum, and take it from what is left. */
static void
put_term(const TextSink *sink, ExactSum *rest, bool is_first)
{
	char text[NUMBER_SIZE];
	double term;
	bool is_scaled = exact_term(rest, &term);

	if (!is_first && term > 0)
		sink_string(sink, "+");
	sink->put(sink->target, text, number_format(term, text));
	if (is_scaled)
		sink_string(sink, SCALE_WORD);
	exact_add_term(rest, -term, is_scaled);
}

/* Send a sum. */
static void
put_sum(const TextSink *sink, const ExactSum *sum)
{
	ExactSum rest = *sum;
	double number;

	if (exact_is_double(sum, &number))
	{
		char text[NUMBER_SIZE];

		sink->put(sink->target, text, number_format(number, text));
		return;
	}
	sink_string(sink, "(");
	put_term(sink, &rest, true);
	while (rest.nlimbs > 0)
		put_term(sink, &rest, false);
	sink_string(sink, ")");
}

/* Send days without observations. */
static void
put_gap(const TextSink *sink, int64_t ndays)
{
	char text[32];

	if (ndays > 1)
		snprintf(text, sizeof(text), " .%" PRId64, ndays);
	else
		snprintf(text, sizeof(text), " .");
	if (ndays > 0)
		sink_string(sink, text);
}

/* Write the text form. */
void
series_format(const PackedSeries *series, const TextSink *sink)
{
	SeriesScan scan;
	int64_t next = series->first;

	if (series->size == 0)
	{
		sink_string(sink, EMPTY_WORD);
		return;
	}
	day_format(series->first, sink);
	sink_string(sink, ":");
	scan_start(&scan, series);
	while (scan_next(&scan))
	{
		char text[32];

		put_gap(sink, scan.here.day - next);
		sink_string(sink, " ");
		put_sum(sink, &scan.here.sum);
		snprintf(text, sizeof(text), "/%" PRIu32, scan.here.count);
		if (scan.here.count > 1)
			sink_string(sink, text);
		next = (int64_t) scan.here.day + 1;
	}
}

/*
 * Text: reading.  Every reader steps over what it read.
 */

/* Read one term and add it to a sum.  A number starts with a digit: a period is a day. */
static SeriesFault
parse_term(const char **text, ExactSum *sum, bool in_parentheses)
{
	bool is_negative = **text == '-';
	double term;
	bool is_scaled;

	*text += **text == '-' || **text == '+';
	if (in_parentheses)
		skip_space(text);
	if (!is_digit(**text) || !number_parse(text, &term))
		return SERIES_SYNTAX;
	is_scaled = strncmp(*text, SCALE_WORD, strlen(SCALE_WORD)) == 0;
	if (is_scaled)
		*text += strlen(SCALE_WORD);
	if (!isfinite(term))
		return SERIES_SUM;
	exact_add_term(sum, is_negative ? -term : term, is_scaled);
	return exact_top(sum) <= EXACT_TOP ? SERIES_OK : SERIES_SUM;
}

/* Read the terms of a sum in parentheses, the opening one already read. */
static SeriesFault
parse_terms(const char **text, ExactSum *sum)
{
	do
	{
		SeriesFault fault;

		skip_space(text);
		fault = parse_term(text, sum, true);
		if (fault != SERIES_OK)
			return fault;
		skip_space(text);
	} while (**text == '+' || **text == '-');
	return parse_char(text, ')') ? SERIES_OK : SERIES_SYNTAX;
}

/* Whether a word is one for a number that is not finite. */
static bool
is_infinite_word(const char *text)
{
	text += *text == '-' || *text == '+';
	return parse_word(&text, "nan") || parse_word(&text, "infinity") || parse_word(&text, "inf");
}

/* Read what a day with observations holds. */
static SeriesFault
parse_observations(const char **text, Observations *day)
{
	SeriesFault fault;

	exact_of_double(0, &day->sum);
	day->count = 1;
	if (is_infinite_word(*text))
		return SERIES_SUM;
	if (parse_char(text, '('))
		fault = parse_terms(text, &day->sum);
	else
		fault = parse_term(text, &day->sum, false);
	if (fault == SERIES_OK && parse_char(text, '/'))
	{
		int64_t count = parse_whole(text);

		if (count < 0)
			return SERIES_SYNTAX;
		day->count = (uint32_t) (count <= SERIES_MAX_COUNT ? count : 0);
	}
	return fault;
}

/* Begin to read a text form: up to the first word. */
SeriesFault
series_text_start(SeriesText *text, const char *written)
{
	CalendarFault fault;
	int32_t first;

	text->at = written;
	skip_space(&text->at);
	text->is_empty = parse_word(&text->at, EMPTY_WORD);
	if (text->is_empty)
	{
		skip_space(&text->at);
		return *text->at == '\0' ? SERIES_OK : SERIES_SYNTAX;
	}
	fault = day_parse(&text->at, &first);
	if (fault == INPUT_RANGE)
		return SERIES_RANGE;
	if (fault != INPUT_OK)
		return fault == INPUT_DATE ? SERIES_DATE : SERIES_SYNTAX;
	text->day = first;
	skip_space(&text->at);
	if (!parse_char(&text->at, ':'))
		return SERIES_SYNTAX;
	skip_space(&text->at);
	return *text->at != '\0' ? SERIES_OK : SERIES_SYNTAX;
}

/*
 * Read the next word of a text form that has one: a day with observations, or
 * days without.  *day is the day that a fault is about.
 */
SeriesFault
series_text_next(SeriesText *text, Observations *day, bool *is_day)
{
	SeriesFault fault = SERIES_OK;
	int64_t ndays = 1;

	*is_day = *text->at != '.';
	if (*is_day && text->day > CALENDAR_LAST_DAY)
		return SERIES_RANGE;
	day->day = (int32_t) text->day;
	if (*is_day)
		fault = parse_observations(&text->at, day);
	else if (is_digit(*++text->at))
		ndays = parse_whole(&text->at);
	if (fault == SERIES_OK && (ndays < 1 || !at_word_end(text->at)))
		fault = SERIES_SYNTAX;
	if (fault != SERIES_OK)
		return fault;
	text->day += ndays;
	skip_space(&text->at);

	/* Far beyond the last day there is; gaps that go on there must not overflow. */
	if (text->day > TEXT_MAX_WHOLE)
		text->day = TEXT_MAX_WHOLE;
	return SERIES_OK;
}

/*
 * Binary form, all numbers in network byte order: the version (one byte) and
 * how many days have observations (four); then of each its day (four, from
 * 2000-01-01), how many observations it has (four), and their sum: 1 if it is
 * negative, else 0 (one), an exponent (two, signed), the length of a magnitude
 * (two) and the magnitude.  The sum is magnitude * 2^exponent.
 */

/* Write the header of a binary form. */
void
series_wire_header(uint8_t header[SERIES_WIRE_HEADER], uint32_t ndays)
{
	bytes_put(bytes_put(header, WIRE_VERSION, 1), ndays, 4);
}

/* Write one day; how many bytes that are. */
size_t
series_wire_put(uint8_t record[SERIES_MAX_RECORD], const Observations *day)
{
	int nbytes = (exact_bits(&day->sum) + 7) / 8;
	uint8_t *at = bytes_put(record, (uint32_t) day->day, 4);

	at = bytes_put(at, day->count, 4);
	at = bytes_put(at, day->sum.negative, 1);
	at = bytes_put(at, (uint32_t) day->sum.exponent, 2);
	at = bytes_put(at, (uint32_t) nbytes, 2);
	for (int i = nbytes - 1; i >= 0; i--)
		at = bytes_put(at, day->sum.limbs[i / 8] >> (i % 8 * 8), 1);
	return (size_t) (at - record);
}

/* Begin to read a binary form: how many days it has. */
SeriesFault
series_wire_start(SeriesWire *wire, const uint8_t *bytes, size_t size)
{
	if (size < SERIES_WIRE_HEADER || bytes[0] != WIRE_VERSION)
		return SERIES_SYNTAX;
	wire->at = bytes + SERIES_WIRE_HEADER;
	wire->end = bytes + size;
	wire->left = (size_t) bytes_get(bytes + 1, 4);
	wire->day = INT64_MIN;
	if ((size - SERIES_WIRE_HEADER) / WIRE_DAY < wire->left ||
		(wire->left == 0 && wire->at != wire->end))
		return SERIES_SYNTAX;
	return SERIES_OK;
}

/* Read the magnitude of a sum. */
static bool
get_magnitude(SeriesWire *wire, int nbytes, int exponent, ExactSum *sum)
{
	uint64_t field[EXACT_LIMBS] = { 0 };

	/* The highest bit is for the sign of the field. */
	if (wire->end - wire->at < nbytes || nbytes >= EXACT_LIMBS * 8)
		return false;
	for (int i = nbytes - 1; i >= 0; i--)
		field[i / 8] |= (uint64_t) *wire->at++ << (i % 8 * 8);
	exact_of_field(field, EXACT_LIMBS, exponent, sum);
	return true;
}

/* Read the next of the days that are left; after the last one nothing may follow. */
SeriesFault
series_wire_next(SeriesWire *wire, Observations *day)
{
	uint8_t sign;
	int16_t exponent;
	int nbytes;

	if (wire->end - wire->at < WIRE_DAY)
		return SERIES_SYNTAX;
	day->day = (int32_t) (uint32_t) bytes_get(wire->at, 4);
	day->count = (uint32_t) bytes_get(wire->at + 4, 4);
	sign = wire->at[8];
	exponent = (int16_t) (uint16_t) bytes_get(wire->at + 9, 2);
	nbytes = (int) bytes_get(wire->at + 11, 2);
	wire->at += WIRE_DAY;
	if (sign > 1 || !get_magnitude(wire, nbytes, exponent, &day->sum) || day->day < wire->day)
		return SERIES_SYNTAX;
	day->sum.negative = sign == 1 && day->sum.nlimbs > 0;
	wire->day = (int64_t) day->day + 1;
	wire->left--;
	return wire->left > 0 || wire->at == wire->end ? SERIES_OK : SERIES_SYNTAX;
}
