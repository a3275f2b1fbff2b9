/*
 * Fuzz target of recurrence rules and phrases.  The first byte of an input
 * says what the rest is: a rule from a start, or a message pattern.  A rule
 * that is read must be written canonically and read again as the same, and its
 * occurrences must be in order, within bounds, and the same from a later
 * second on.  libical itself is not fuzzed: its rules are only opened.
 */
#include "schedule/phrase.h"
#include "schedule/recurrence.h"

#include <stdlib.h>

extern int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Occurrences and days that one input looks at, and how far ahead. */
#define MOST_TIMES 50
#define SPAN (40 * 366 * (int64_t) SECONDS_A_DAY)

/* A text being written. */
typedef struct Text
{
	char text[2 * RECURRENCE_MAX_TEXT];
	size_t length;
} Text;

/* Stop here, so that the fuzzer keeps the input. */
static void
insist(bool condition)
{
	if (!condition)
		abort();
}

/* Append to a text; the put function of its sink. */
static void
put(void *target, const char *text, size_t length)
{
	Text *to = target;

	insist(length < sizeof(to->text) - to->length);
	memcpy(to->text + to->length, text, length);
	to->length += length;
	to->text[to->length] = '\0';
}

/* Write a rule, read it again, and write that: the same text. */
static void
check_text(const Recurrence *rule)
{
	static Text once;
	static Text twice;
	TextSink sink = { put, &once };
	TextSink again = { put, &twice };
	Recurrence read;
	RecurrenceError error;

	once.length = twice.length = 0;
	recurrence_format(rule, &sink);
	insist(recurrence_parse(once.text, once.length, &read, &error));
	recurrence_format(&read, &again);
	insist(once.length == twice.length && memcmp(once.text, twice.text, once.length) == 0);
}

/* Occurrences from a second on; how many. */
static int
walk(const Recurrence *rule, int64_t start, int64_t from, int64_t until, int64_t *times)
{
	RecurrenceScan scan;
	int n = 0;

	recurrence_scan_init(&scan, rule, start, from, until);
	for (; n < MOST_TIMES && recurrence_next(&scan, &times[n]); n++)
		insist(times[n] >= from && times[n] >= start && times[n] <= until &&
			   (n == 0 || times[n] > times[n - 1]));
	return n;
}

/* Days are in order and hold occurrences. */
static void
check_days(const Recurrence *rule, int64_t start)
{
	RecurrenceScan scan;
	int64_t last = INT64_MIN;
	int64_t day;
	int64_t occurrences;

	recurrence_scan_init(&scan, rule, start, start, start + SPAN);
	for (int n = 0; n < MOST_TIMES && recurrence_next_day(&scan, &day, &occurrences); n++)
	{
		insist(day > last && occurrences > 0 && occurrences <= SECONDS_A_DAY);
		last = day;
	}
}

/* Expand a rule in three ways. */
static void
check_walks(const Recurrence *rule, int64_t start)
{
	int64_t times[MOST_TIMES];
	int64_t late[MOST_TIMES];
	int n = walk(rule, start, start, start + SPAN, times);

	if (n > 1)
		insist(walk(rule, start, times[n / 2], times[n - 1], late) == n - n / 2 &&
			   memcmp(late, times + n / 2, sizeof(int64_t) * (size_t) (n - n / 2)) == 0);
	check_days(rule, start);
}

/* Open a rule of another calendar, and close it. */
static void
check_other(const Recurrence *rule, int64_t start)
{
	RscaleScan *scan;

	if (!rscale_can_start(start) || rule->frequency == FREQUENCY_AS_NEEDED)
		return;
	scan = rscale_open(rule, start);
	insist(scan != NULL);
	rscale_close(scan);
}

/* A rule after the eight bytes of a start. */
static void
fuzz_rule(const uint8_t *data, size_t size)
{
	Recurrence rule;
	RecurrenceError error;
	uint64_t seed;
	int64_t start;

	if (size < sizeof(seed))
		return;
	memcpy(&seed, data, sizeof(seed));
	/* from 4713 BC to 290000 AD */
	start = (int64_t) (seed % (UINT64_C(290000) * 366 * SECONDS_A_DAY)) - INT64_C(211813488000);
	if (!recurrence_parse((const char *) data + sizeof(seed), size - sizeof(seed), &rule, &error))
	{
		insist(error.fault != RECURRENCE_OK && error.reason != NULL);
		return;
	}
	check_text(&rule);
	if (recurrence_needs_rscale(&rule))
		check_other(&rule, start);
	else
		check_walks(&rule, start);
}

/* A pattern; whether it is good is for ICU to contradict, here it must be read to its end. */
static void
fuzz_phrase(const uint8_t *data, size_t size)
{
	static const bool kinds[][PHRASE_MAX_VALUES] = { { true, false }, { false, true } };
	char *pattern = malloc(size + 1);

	if (pattern == NULL)
		abort();
	memcpy(pattern, data, size);
	pattern[size] = '\0';
	for (int n = 0; n <= PHRASE_MAX_VALUES; n++)
		for (int kind = 0; kind < 2; kind++)
			phrase_is_good(pattern, kinds[kind], n);
	free(pattern);
}

/* Run one input. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	if (data[0] % 8 == 0)
		fuzz_phrase(data + 1, size - 1);
	else
		fuzz_rule(data + 1, size - 1);
	return 0;
}
