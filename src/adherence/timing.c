/*
 * Dose timing in plain C.  In order: the canonical order of pairs, the
 * measures, the text form, the binary form, and the matching of openings to
 * due doses.
 *
 * The text form lists the pairs in canonical order, instants in ISO 8601 and
 * UTC; a missed dose has no taken side and an extra one no due side:
 *
 *     due 2026-01-05T08:00:00Z taken 2026-01-05T08:03:20.5Z,
 *     due 2026-01-05T20:00:00Z, taken 2026-01-06T01:00:00Z
 *     empty
 */
#include "adherence/timing.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "adherence/bytes.h"
#include "adherence/text_reader.h"

#define MICROSECONDS_PER_SECOND INT64_C(1000000)
#define MICROSECONDS_PER_DAY INT64_C(86400000000)
#define DAYS_PER_MONTH 30

/* The last day on which an instant in some time zone can still be in range. */
#define LAST_PARSED_DAY (TIMING_LAST_INSTANT / MICROSECONDS_PER_DAY + 1)

/* Days that are longer than any distance of two instants. */
#define MANY_DAYS 200000000

/* Version of the binary form. */
#define ENCODING_VERSION 1

/* Bytes of a version and a count, before the pairs. */
#define ENCODING_HEADER 8

/* Which sides of a pair the binary form holds. */
#define HAS_DUE 1
#define HAS_TAKEN 2

/* Cells of a matching between two calls of poll. */
#define POLL_CELLS 65536

/*
 * Order and algebra
 */

/* Compare two pairs for qsort. */
static int
compare_pairs(const void *a, const void *b)
{
	return dose_pair_compare(*(const DosePair *) a, *(const DosePair *) b);
}

/* Compare two instants for qsort. */
static int
compare_instants(const void *a, const void *b)
{
	int64_t left = *(const int64_t *) a;
	int64_t right = *(const int64_t *) b;

	return (left > right) - (left < right);
}

/* Compare two lengths of time for qsort. */
static int
compare_lengths(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *) a;
	uint64_t right = *(const uint64_t *) b;

	return (left > right) - (left < right);
}

/* Put pairs into canonical order; those that are in order already take one pass. */
void
timing_sort(DosePair *pairs, size_t npairs)
{
	size_t sorted = npairs > 0 ? 1 : 0;

	while (sorted < npairs && dose_pair_compare(pairs[sorted - 1], pairs[sorted]) <= 0)
		sorted++;
	if (sorted < npairs)
		qsort(pairs, npairs, sizeof(DosePair), compare_pairs);
}

/* Put instants into order. */
void
timing_sort_instants(int64_t *instants, size_t n)
{
	size_t sorted = n > 0 ? 1 : 0;

	while (sorted < n && instants[sorted - 1] <= instants[sorted])
		sorted++;
	if (sorted < n)
		qsort(instants, n, sizeof(int64_t), compare_instants);
}

/* Write all pairs of two sorted arrays in order. */
void
timing_merge(DosePair *to, const DosePair *a, size_t na, const DosePair *b, size_t nb)
{
	size_t i = 0;
	size_t j = 0;

	while (i < na || j < nb)
	{
		bool from_a = j == nb || (i < na && dose_pair_compare(a[i], b[j]) <= 0);

		*to++ = from_a ? a[i++] : b[j++];
	}
}

/* Total order: by the first pair that differs, a prefix first. */
int
timing_compare(const DosePair *a, size_t na, const DosePair *b, size_t nb)
{
	size_t n = na < nb ? na : nb;

	for (size_t i = 0; i < n; i++)
	{
		int order = dose_pair_compare(a[i], b[i]);

		if (order != 0)
			return order;
	}
	return (na > nb) - (na < nb);
}

/*
 * Measures
 */

/*
 * Length of an interval in microseconds, as PostgreSQL compares intervals: a
 * day has 24 hours, a month 30 days.  False if it is negative; a length beyond
 * any distance of two instants becomes the largest number.
 */
bool
timing_tolerance(int32_t months, int32_t days, int64_t microseconds, uint64_t *tolerance)
{
	int64_t whole_days = (int64_t) months * DAYS_PER_MONTH + days;
	int64_t rest = microseconds % MICROSECONDS_PER_DAY;

	whole_days += microseconds / MICROSECONDS_PER_DAY;
	if (rest < 0)
	{
		rest += MICROSECONDS_PER_DAY;
		whole_days--;
	}
	if (whole_days < 0)
		return false;
	*tolerance = whole_days >= MANY_DAYS
					 ? UINT64_MAX
					 : (uint64_t) whole_days * MICROSECONDS_PER_DAY + (uint64_t) rest;
	return true;
}

/* Count due doses, taken doses and due doses taken exactly once. */
TimingCounts
timing_count(const DosePair *pairs, size_t npairs)
{
	TimingCounts counts = { 0 };
	size_t taken_of_this = 0;

	for (size_t i = 0; i < npairs; i++)
	{
		bool is_taken = pairs[i].taken != TIMING_NONE;

		counts.taken += is_taken;
		if (pairs[i].due == TIMING_NONE)
			continue;
		if (i == 0 || pairs[i].due != pairs[i - 1].due)
		{
			counts.due++;
			taken_of_this = 0;
		}
		if (is_taken && ++taken_of_this <= 2)
			counts.correct += taken_of_this == 1 ? 1 : -1;
	}
	return counts;
}

/* Count the pairs with both sides that lie no further apart than a tolerance. */
size_t
timing_count_within(const DosePair *pairs, size_t npairs, uint64_t tolerance)
{
	size_t n = 0;

	for (size_t i = 0; i < npairs; i++)
		if (pairs[i].due != TIMING_NONE && pairs[i].taken != TIMING_NONE)
			n += timing_distance(pairs[i].due, pairs[i].taken) <= tolerance;
	return n;
}

/* Copy the instants of the taken doses, in order of the pairs; say how many. */
size_t
timing_taken(const DosePair *pairs, size_t npairs, int64_t *taken)
{
	size_t n = 0;

	for (size_t i = 0; i < npairs; i++)
		if (pairs[i].taken != TIMING_NONE)
			taken[n++] = pairs[i].taken;
	return n;
}

/* Count the lengths within (1 +- share) x their median; they are sorted. */
static size_t
count_near_median(const uint64_t *lengths, size_t n, double share)
{
	/* Doubled, so that the median of an even count stays whole. */
	double median2 = (double) lengths[(n - 1) / 2] + (double) lengths[n / 2];

	/*
	 * A share such as 0.1 has no exact float8, and a length on the bound is to
	 * count: one more unit in the last place, far below a microsecond.
	 */
	double bound2 = share * median2 * (1.0 + DBL_EPSILON);
	size_t near = 0;

	for (size_t i = 0; i < n; i++)
		near += fabs(2.0 * (double) lengths[i] - median2) <= bound2;
	return near;
}

/*
 * Share of the intervals between consecutive taken doses that lie within
 * (1 +- share) x their median; false if there are none.  Uses up the array.
 */
bool
timing_regularity(int64_t *taken, size_t ntaken, double share, double *regularity)
{
	uint64_t *lengths = (uint64_t *) taken;

	if (ntaken < 2)
		return false;
	timing_sort_instants(taken, ntaken);
	for (size_t i = 0; i + 1 < ntaken; i++)
		lengths[i] = timing_distance(taken[i], taken[i + 1]);
	qsort(lengths, ntaken - 1, sizeof(uint64_t), compare_lengths);
	*regularity = (double) count_near_median(lengths, ntaken - 1, share) / (double) (ntaken - 1);
	return true;
}

/*
 * Text form: writing
 */

/* Write an instant in ISO 8601 and UTC, with as many decimals as it needs; its length. */
size_t
timing_instant_format(int64_t instant, char text[TIMING_INSTANT_SIZE])
{
	int64_t of_day = instant % MICROSECONDS_PER_DAY;
	int64_t day = instant / MICROSECONDS_PER_DAY;
	int year, month, day_of_month;
	int seconds, fraction;
	int n;

	if (of_day < 0)
	{
		of_day += MICROSECONDS_PER_DAY;
		day--;
	}
	day_to_civil((int32_t) day, &year, &month, &day_of_month);
	seconds = (int) (of_day / MICROSECONDS_PER_SECOND);
	fraction = (int) (of_day % MICROSECONDS_PER_SECOND);
	n = snprintf(text, TIMING_INSTANT_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d",
				 year > 0 ? year : 1 - year, month, day_of_month, seconds / 3600, seconds / 60 % 60,
				 seconds % 60);
	if (fraction != 0)
	{
		n += snprintf(text + n, TIMING_INSTANT_SIZE - n, ".%06d", fraction);
		while (text[n - 1] == '0')
			n--;
	}
	n += snprintf(text + n, TIMING_INSTANT_SIZE - n, "%s", year > 0 ? "Z" : "Z BC");
	return (size_t) n;
}

/* Write a word and an instant. */
static void
side_format(const char *word, int64_t instant, const TextSink *sink)
{
	char text[TIMING_INSTANT_SIZE];
	size_t length = timing_instant_format(instant, text);

	sink->put(sink->target, word, strlen(word));
	sink->put(sink->target, text, length);
}

/* Write the text form of pairs. */
void
timing_format(const DosePair *pairs, size_t npairs, const TextSink *sink)
{
	if (npairs == 0)
		sink->put(sink->target, "empty", strlen("empty"));
	for (size_t i = 0; i < npairs; i++)
	{
		bool is_due = pairs[i].due != TIMING_NONE;

		if (i > 0)
			sink->put(sink->target, ", ", 2);
		if (is_due)
			side_format("due ", pairs[i].due, sink);
		if (pairs[i].taken != TIMING_NONE)
			side_format(is_due ? " taken " : "taken ", pairs[i].taken, sink);
	}
}

/*
 * Text form: reading.  Every reader steps over what it read.
 */

/* Read exactly two digits; -1 if they are not there. */
static int
parse_two_digits(const char **text)
{
	int value;

	if (!is_digit((*text)[0]) || !is_digit((*text)[1]))
		return -1;
	value = ((*text)[0] - '0') * 10 + ((*text)[1] - '0');
	*text += 2;
	return value;
}

/* Read a point and one to six decimals, as microseconds; 0 if there is no point. */
static int
parse_decimals(const char **text)
{
	int value = 0;
	int n = 0;

	if (!parse_char(text, '.'))
		return 0;
	while (n < 6 && is_digit(**text))
	{
		value = value * 10 + (*(*text)++ - '0');
		n++;
	}
	if (n == 0 || is_digit(**text))
		return -1;
	for (; n < 6; n++)
		value *= 10;
	return value;
}

/* Read a time of day. */
static TimingFault
parse_time(const char **text, int64_t *of_day)
{
	int hour = parse_two_digits(text);
	int minute = hour >= 0 && parse_char(text, ':') ? parse_two_digits(text) : -1;
	int second = minute >= 0 && parse_char(text, ':') ? parse_two_digits(text) : -1;
	int fraction = second >= 0 ? parse_decimals(text) : -1;

	if (fraction < 0)
		return TIMING_SYNTAX;
	if (hour > 23 || minute > 59 || second > 59)
		return TIMING_INSTANT;
	*of_day = ((hour * 60 + minute) * 60 + second) * MICROSECONDS_PER_SECOND + fraction;
	return TIMING_OK;
}

/* Read a time zone, Z or a distance east of UTC, as microseconds. */
static TimingFault
parse_zone(const char **text, int64_t *east)
{
	int sign;
	int hours;
	int minutes = 0;

	*east = 0;
	if (parse_char(text, 'Z'))
		return TIMING_OK;
	if (**text != '+' && **text != '-')
		return TIMING_SYNTAX;
	sign = *(*text)++ == '+' ? 1 : -1;
	hours = parse_two_digits(text);
	if (hours >= 0 && parse_char(text, ':'))
		minutes = parse_two_digits(text);
	if (hours < 0 || minutes < 0)
		return TIMING_SYNTAX;
	if (hours > 15 || minutes > 59)
		return TIMING_INSTANT;
	*east = sign * (hours * 60 + minutes) * 60 * MICROSECONDS_PER_SECOND;
	return TIMING_OK;
}

/* Length of a date of four to seven, two and two digits; 0 if there is none. */
static size_t
date_length(const char *text)
{
	size_t year = strspn(text, "0123456789");

	if (year < 4 || year > 7 || text[year] != '-')
		return 0;
	if (strspn(text + year + 1, "0123456789") != 2 || text[year + 3] != '-')
		return 0;
	return strspn(text + year + 4, "0123456789") == 2 ? year + 6 : 0;
}

/* Read a date of which the era, if any, stands at the end of its instant. */
static TimingFault
parse_date(const char *text, size_t length, bool before_christ, int64_t *day)
{
	char date[sizeof("1234567-12-31 BC")];
	const char *at = date;
	int32_t parsed;

	snprintf(date, sizeof(date), "%.*s%s", (int) length, text, before_christ ? " BC" : "");
	if (day_parse(&at, &parsed) != INPUT_OK || parsed > LAST_PARSED_DAY)
		return TIMING_INSTANT;
	*day = parsed;
	return TIMING_OK;
}

/* Whether a text starts with PostgreSQL's word for an infinite instant. */
static bool
is_infinity(const char *text)
{
	parse_char(&text, '-');
	return parse_word(&text, "infinity");
}

/*
 * Read an instant: date, T or a space, time of day, time zone.  On a fault the
 * text stays at its start.
 */
TimingFault
timing_instant_parse(const char **text, int64_t *instant)
{
	const char *at = *text;
	size_t length = date_length(at);
	bool before_christ = false;
	int64_t day = 0;
	int64_t of_day = 0;
	int64_t east = 0;
	TimingFault fault;

	if (is_infinity(at))
		return TIMING_INFINITE;
	at += length;
	if (length == 0 || (!parse_char(&at, 'T') && !parse_char(&at, ' ')))
		return TIMING_SYNTAX;
	fault = parse_time(&at, &of_day);
	if (fault == TIMING_OK)
		fault = parse_zone(&at, &east);
	if (fault == TIMING_OK && strncmp(at, " BC", 3) == 0)
	{
		before_christ = true;
		at += 3;
	}
	if (fault == TIMING_OK)
		fault = parse_date(*text, length, before_christ, &day);
	if (fault != TIMING_OK)
		return fault;
	*instant = day * MICROSECONDS_PER_DAY + of_day - east;
	if (!timing_instant_is_valid(*instant))
		return TIMING_INSTANT;
	*text = at;
	return TIMING_OK;
}

/* Read one side, a word and an instant, if the word is there and the side still free. */
static TimingFault
parse_side(const char **text, const char *word, int64_t *instant, bool *found)
{
	*found = *instant == TIMING_NONE && parse_word(text, word);
	if (!*found)
		return TIMING_OK;
	skip_space(text);
	return timing_instant_parse(text, instant);
}

/* Read a pair: one or both sides in any order. */
static TimingFault
parse_pair(const char **text, DosePair *pair)
{
	int sides = 0;

	*pair = (DosePair){ TIMING_NONE, TIMING_NONE };
	for (;;)
	{
		bool found;
		TimingFault fault;

		skip_space(text);
		fault = parse_side(text, "due", &pair->due, &found);
		if (fault == TIMING_OK && !found)
			fault = parse_side(text, "taken", &pair->taken, &found);
		if (fault != TIMING_OK)
			return fault;
		if (!found)
			return sides > 0 ? TIMING_OK : TIMING_SYNTAX;
		sides++;
	}
}

/* Room for pairs that reading a text needs: one more than it has commas. */
size_t
timing_text_capacity(const char *text)
{
	size_t n = 1;

	for (; *text != '\0'; text++)
		n += *text == ',';
	return n;
}

/*
 * Read a text form into an array of timing_text_capacity(text) pairs and sort
 * it.  On a fault the text is where the fault is.
 */
TimingFault
timing_parse(const char **text, DosePair *pairs, size_t *npairs)
{
	*npairs = 0;
	skip_space(text);
	if (parse_word(text, "empty"))
		skip_space(text);
	else
		do
		{
			TimingFault fault = parse_pair(text, &pairs[*npairs]);

			if (fault != TIMING_OK)
				return fault;
			++*npairs;
		} while (parse_char(text, ','));
	if (**text != '\0')
		return TIMING_SYNTAX;
	timing_sort(pairs, *npairs);
	return TIMING_OK;
}

/*
 * Binary form, all numbers in network byte order: version and number of pairs,
 * four bytes each; then for each pair a byte that says which sides it has, and
 * eight bytes for each of them.
 */

/* Bytes that timing_encode writes. */
size_t
timing_encoded_size(const DosePair *pairs, size_t npairs)
{
	size_t size = ENCODING_HEADER + npairs;

	for (size_t i = 0; i < npairs; i++)
	{
		size += pairs[i].due != TIMING_NONE ? 8 : 0;
		size += pairs[i].taken != TIMING_NONE ? 8 : 0;
	}
	return size;
}

/* Write the binary form. */
void
timing_encode(const DosePair *pairs, size_t npairs, uint8_t *bytes)
{
	bytes = bytes_put(bytes, ENCODING_VERSION, 4);
	bytes = bytes_put(bytes, npairs, 4);
	for (size_t i = 0; i < npairs; i++)
	{
		bool is_due = pairs[i].due != TIMING_NONE;
		bool is_taken = pairs[i].taken != TIMING_NONE;

		*bytes++ = (uint8_t) ((is_due ? HAS_DUE : 0) | (is_taken ? HAS_TAKEN : 0));
		if (is_due)
			bytes = bytes_put(bytes, (uint64_t) pairs[i].due, 8);
		if (is_taken)
			bytes = bytes_put(bytes, (uint64_t) pairs[i].taken, 8);
	}
}

/* Read how many pairs a binary form has; they can then be allocated. */
TimingFault
timing_decode_count(const uint8_t *bytes, size_t length, size_t *npairs)
{
	if (length < ENCODING_HEADER)
		return TIMING_SYNTAX;
	if (bytes_get(bytes, 4) != ENCODING_VERSION)
		return TIMING_VERSION;
	*npairs = (size_t) bytes_get(bytes + 4, 4);
	if (*npairs > TIMING_MAX_PAIRS)
		return TIMING_MANY;

	/* A pair has at least one side: no allocation beyond what was sent. */
	return (length - ENCODING_HEADER) / 9 < *npairs ? TIMING_SYNTAX : TIMING_OK;
}

/* Read one side of a pair, if it is there, and step over it. */
static TimingFault
decode_side(const uint8_t **bytes, const uint8_t *end, bool is_there, int64_t *instant)
{
	*instant = TIMING_NONE;
	if (!is_there)
		return TIMING_OK;
	if (end - *bytes < 8)
		return TIMING_SYNTAX;
	*instant = (int64_t) bytes_get(*bytes, 8);
	*bytes += 8;
	if (*instant == INT64_MAX || *instant == INT64_MIN)
		return TIMING_INFINITE;
	return timing_instant_is_valid(*instant) ? TIMING_OK : TIMING_INSTANT;
}

/* Read the pairs of a binary form whose count has been read, and sort them. */
TimingFault
timing_decode(const uint8_t *bytes, size_t length, DosePair *pairs)
{
	size_t npairs = (size_t) bytes_get(bytes + 4, 4);
	const uint8_t *end = bytes + length;

	bytes += ENCODING_HEADER;
	for (size_t i = 0; i < npairs; i++)
	{
		uint8_t sides = bytes < end ? *bytes++ : 0;
		TimingFault fault = TIMING_SYNTAX;

		if (sides != 0 && sides <= (HAS_DUE | HAS_TAKEN))
			fault = decode_side(&bytes, end, (sides & HAS_DUE) != 0, &pairs[i].due);
		if (fault == TIMING_OK)
			fault = decode_side(&bytes, end, (sides & HAS_TAKEN) != 0, &pairs[i].taken);
		if (fault != TIMING_OK)
			return fault;
	}
	if (bytes != end)
		return TIMING_SYNTAX;
	timing_sort(pairs, npairs);
	return TIMING_OK;
}

/*
 * Matching: order-preserving, one to one, each pair within tolerance; most
 * pairs, then least total distance.  Of several such matchings the one that is
 * first when their pairs, in order of time, are compared one by one: the
 * earlier taken dose, then the earlier due dose.
 *
 * Doses further apart than the tolerance from all others before them start a
 * new component, since no pair can reach over such a gap.  Within a component
 * best[j], while row i is filled, is the score of the best matching of the
 * taken doses from the i-th on with the due doses from the j-th on.  Only the
 * due doses within tolerance of a taken one can change its row, so a row is a
 * narrow band, and bands only move forward; what was chosen in each of its
 * cells is kept in two bits, to read the matching off from the front.
 */

/* What is best for the i-th taken and j-th due dose, from there on. */
typedef enum MatchChoice
{
	CHOOSE_PAIR,	   /* they are a pair */
	CHOOSE_LATER_DUE,  /* the taken dose pairs with a later due dose */
	CHOOSE_SKIP_TAKEN, /* the taken dose is extra */
} MatchChoice;

/* A part of both arrays: from and until, which is not included. */
typedef struct MatchComponent
{
	size_t taken;
	size_t taken_until;
	size_t due;
	size_t due_until;
} MatchComponent;

/* Step to the next component; false at the end. */
static bool
next_component(const DoseMatch *match, MatchComponent *part)
{
	size_t i = part->taken_until;
	size_t j = part->due_until;
	int64_t last = 0;

	part->taken = i;
	part->due = j;
	while (i < match->ntaken || j < match->ndue)
	{
		bool is_taken = j == match->ndue || (i < match->ntaken && match->taken[i] <= match->due[j]);
		int64_t next = is_taken ? match->taken[i] : match->due[j];

		if (i + j > part->taken + part->due && timing_distance(last, next) > match->tolerance)
			break;
		last = next;
		if (is_taken)
			i++;
		else
			j++;
	}
	part->taken_until = i;
	part->due_until = j;
	return i + j > part->taken + part->due;
}

/* Whether a due dose is too early, or too late, for a taken one to pair with. */
static bool
is_too_far(const DoseMatch *match, int64_t earlier, int64_t later)
{
	return earlier < later && timing_distance(earlier, later) > match->tolerance;
}

/* Move the band of due doses [*first, *until) forward to that of the i-th taken dose. */
static void
move_band(const DoseMatch *match, const MatchComponent *part, size_t i, size_t *first,
		  size_t *until)
{
	int64_t taken = match->taken[i];

	while (*first < part->due_until && is_too_far(match, match->due[*first], taken))
		++*first;
	if (*until < *first)
		*until = *first;
	while (*until < part->due_until && !is_too_far(match, taken, match->due[*until]))
		++*until;
}

/* Combinations within tolerance in a component. */
static uint64_t
count_cells(const DoseMatch *match, const MatchComponent *part)
{
	size_t first = part->due;
	size_t until = first;
	uint64_t cells = 0;

	for (size_t i = part->taken; i < part->taken_until; i++)
	{
		move_band(match, part, i, &first, &until);
		cells += until - first;
	}
	return cells;
}

/* What the largest component takes; false if one has too many combinations. */
bool
timing_match_size(const DoseMatch *match, MatchSize *size)
{
	MatchComponent part = { 0 };

	*size = (MatchSize){ 0 };
	while (next_component(match, &part))
	{
		size_t rows = part.taken_until - part.taken;
		size_t columns = part.due_until - part.due + 1;
		uint64_t cells = count_cells(match, &part);

		if (cells > TIMING_MAX_CELLS)
			return false;
		if (rows > size->rows)
			size->rows = rows;
		if (columns > size->columns)
			size->columns = columns;
		if (cells > size->cells)
			size->cells = cells;
	}
	return true;
}

/* Whether score a is better than b (1), as good (0) or worse (-1). */
static inline int
compare_scores(MatchScore a, MatchScore b)
{
	if (a.pairs != b.pairs)
		return a.pairs > b.pairs ? 1 : -1;
	if (a.distance_high != b.distance_high)
		return a.distance_high < b.distance_high ? 1 : -1;
	return (a.distance_low < b.distance_low) - (a.distance_low > b.distance_low);
}

/* A score and one more pair. */
static inline MatchScore
score_with_pair(MatchScore score, uint64_t distance)
{
	score.pairs++;
	score.distance_low += distance;
	score.distance_high += score.distance_low < distance;
	return score;
}

/* Set the choice of a cell; choices start as zero. */
static inline void
set_choice(uint8_t *choices, uint64_t cell, MatchChoice choice)
{
	choices[cell / 4] |= (uint8_t) (choice << (cell % 4 * 2));
}

/* The choice of a cell. */
static inline MatchChoice
get_choice(const uint8_t *choices, uint64_t cell)
{
	return (MatchChoice) (choices[cell / 4] >> (cell % 4 * 2) & 3);
}

/* Find the bands of all rows, and clear scores and choices. */
static void
plan_rows(const DoseMatch *match, const MatchComponent *part, const MatchScratch *scratch)
{
	size_t first = part->due;
	size_t until = first;
	uint64_t cells = 0;

	for (size_t i = part->taken; i < part->taken_until; i++)
	{
		move_band(match, part, i, &first, &until);
		scratch->first[i - part->taken] = (uint32_t) (first - part->due);
		scratch->offset[i - part->taken] = cells;
		cells += until - first;
	}
	scratch->offset[part->taken_until - part->taken] = cells;
	memset(scratch->best, 0, (part->due_until - part->due + 1) * sizeof(MatchScore));
	memset(scratch->choices, 0, timing_choice_bytes(cells));
}

/* Fill a row: the scores of one taken dose from those of the next one. */
static void
fill_row(const DoseMatch *match, const MatchComponent *part, const MatchScratch *scratch,
		 size_t row)
{
	MatchScore *best = scratch->best;
	int64_t taken = match->taken[part->taken + row];
	uint32_t first = scratch->first[row];
	uint64_t offset = scratch->offset[row];
	size_t until = first + (size_t) (scratch->offset[row + 1] - offset);
	MatchScore below_right = best[until];
	bool pairs_later = false;

	for (size_t j = until; j-- > first;)
	{
		MatchScore below = best[j];
		uint64_t distance = timing_distance(taken, match->due[part->due + j]);
		MatchScore paired = score_with_pair(below_right, distance);
		MatchChoice choice = CHOOSE_SKIP_TAKEN;

		best[j] = below;
		if (pairs_later && compare_scores(best[j + 1], best[j]) >= 0)
		{
			best[j] = best[j + 1];
			choice = CHOOSE_LATER_DUE;
		}
		if (compare_scores(paired, best[j]) >= 0)
		{
			best[j] = paired;
			choice = CHOOSE_PAIR;
		}
		pairs_later = choice != CHOOSE_SKIP_TAKEN;
		set_choice(scratch->choices, offset + (j - first), choice);
		below_right = below;
	}
}

/* Fill all rows of a component, the last one first. */
static void
fill_rows(const DoseMatch *match, const MatchComponent *part, const MatchScratch *scratch)
{
	size_t rows = part->taken_until - part->taken;
	uint64_t polled_at = scratch->offset[rows];

	for (size_t row = rows; row-- > 0;)
	{
		/* Due doses that are too early for the next taken one score as its first. */
		if (row + 1 < rows)
			for (uint32_t j = scratch->first[row]; j < scratch->first[row + 1]; j++)
				scratch->best[j] = scratch->best[scratch->first[row + 1]];
		fill_row(match, part, scratch, row);
		if (match->poll != NULL && polled_at - scratch->offset[row] >= POLL_CELLS)
		{
			match->poll();
			polled_at = scratch->offset[row];
		}
	}
}

/* Read the matching off the choices. */
static void
read_matching(const DoseMatch *match, const MatchComponent *part, const MatchScratch *scratch)
{
	size_t rows = part->taken_until - part->taken;
	size_t j = 0;

	for (size_t row = 0; row < rows; row++)
	{
		size_t first = scratch->first[row];
		uint64_t offset = scratch->offset[row];
		size_t until = first + (size_t) (scratch->offset[row + 1] - offset);

		if (j < first)
			j = first;
		while (j < until && get_choice(scratch->choices, offset + (j - first)) == CHOOSE_LATER_DUE)
			j++;
		if (j < until && get_choice(scratch->choices, offset + (j - first)) == CHOOSE_PAIR)
		{
			match->partner[part->taken + row] = (int32_t) (part->due + j);
			match->due_is_taken[part->due + j] = true;
			j++;
		}
	}
}

/* Find the matching: sets partner and due_is_taken. */
void
timing_match(const DoseMatch *match, const MatchScratch *scratch)
{
	MatchComponent part = { 0 };

	for (size_t i = 0; i < match->ntaken; i++)
		match->partner[i] = -1;
	for (size_t j = 0; j < match->ndue; j++)
		match->due_is_taken[j] = false;
	while (next_component(match, &part))
	{
		if (part.taken == part.taken_until || part.due == part.due_until)
			continue;
		plan_rows(match, &part, scratch);
		fill_rows(match, &part, scratch);
		read_matching(match, &part, scratch);
	}
}

/*
 * Write a found matching as pairs, at most ntaken + ndue, in order of time (of
 * taken, else due; at one instant taken doses first); how many there are.
 */
size_t
timing_match_rows(const DoseMatch *match, DosePair *rows)
{
	size_t n = 0;
	size_t i = 0;
	size_t j = 0;

	while (i < match->ntaken || j < match->ndue)
	{
		if (j < match->ndue && match->due_is_taken[j])
			j++;
		else if (j == match->ndue || (i < match->ntaken && match->taken[i] <= match->due[j]))
		{
			int32_t partner = match->partner[i];

			rows[n].due = partner < 0 ? TIMING_NONE : match->due[partner];
			rows[n++].taken = match->taken[i++];
		}
		else
			rows[n++] = (DosePair){ match->due[j++], TIMING_NONE };
	}
	return n;
}
