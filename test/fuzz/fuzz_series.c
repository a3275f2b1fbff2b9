/*
 * Fuzz target of series.  The first byte of an input says what the rest is: a
 * text form, a binary form, packed days, or a script of observations that come
 * and go.  What is read must be written and read again as the same; what a
 * script leaves in a tally must be what merging and taking away leaves.
 */
#include "signal/tally.h"

#include <math.h>
#include <stdlib.h>

extern int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Bytes of one step of a script: day (two), sign, and a float8. */
#define STEP_BYTES 11

/* Stop here, so that the fuzzer keeps the input. */
static void
insist(bool condition)
{
	if (!condition)
		abort();
}

/* Memory of exactly a size, so that the sanitizer sees its end. */
static void *
get(size_t size)
{
	void *memory = calloc(size > 0 ? size : 1, 1);

	if (memory == NULL)
		abort();
	return memory;
}

/* A text or bytes being written. */
typedef struct Text
{
	char *text;
	size_t length;
	size_t room;
} Text;

static void
put(void *target, const char *text, size_t length)
{
	Text *to = target;

	if (length >= to->room - to->length)
	{
		size_t room = 2 * to->room + length + 1;
		char *grown = realloc(to->text, room);

		insist(grown != NULL);
		to->text = grown;
		to->room = room;
	}
	insist(to->text != NULL);
	memcpy(to->text + to->length, text, length);
	to->length += length;
	to->text[to->length] = '\0';
}

/* Packed days being written. */
typedef struct Packing
{
	Text bytes;
	int32_t first;
	int64_t next;
} Packing;

/* Add a day, if a series can have it; what is wrong with it if not. */
static SeriesFault
pack_day(Packing *packing, const Observations *day)
{
	uint8_t record[SERIES_MAX_RECORD];
	bool is_first = packing->bytes.length == 0;
	SeriesFault fault = observations_check(day, is_first ? day->day : packing->first);

	if (fault != SERIES_OK)
		return fault;
	if (is_first)
		packing->first = (int32_t) (packing->next = day->day);
	insist(day->day >= packing->next);
	put(&packing->bytes, (char *) record,
		record_put(record, (int32_t) (day->day - packing->next), day));
	packing->next = (int64_t) day->day + 1;
	return SERIES_OK;
}

/* Add a day of another series, if this one can have it. */
static bool
copy_day(Packing *packing, const PackedDay *day)
{
	uint8_t record[SERIES_MAX_RECORD];

	if (packing->bytes.length == 0)
		packing->first = (int32_t) (packing->next = day->day);
	if ((int64_t) day->day - packing->first >= SERIES_MAX_DAYS)
		return false;
	insist(day->day >= packing->next);
	put(&packing->bytes, (char *) record,
		record_copy(record, (int32_t) (day->day - packing->next), day));
	packing->next = (int64_t) day->day + 1;
	return true;
}

static PackedSeries
packed(const Packing *packing)
{
	const char *records = packing->bytes.text != NULL ? packing->bytes.text : "";

	return (PackedSeries){ packing->first, packing->bytes.length, (const uint8_t *) records };
}

static bool
same_series(const PackedSeries *a, const PackedSeries *b)
{
	return a->first == b->first && a->size == b->size &&
		   memcmp(a->records, b->records, a->size) == 0;
}

/* Read a text; whether it is one. */
static bool
read_text(const char *written, Packing *packing)
{
	SeriesText text;
	SeriesFault fault = series_text_start(&text, written);

	*packing = (Packing){ .first = 0 };
	while (fault == SERIES_OK && *text.at != '\0')
	{
		Observations day;
		bool is_day;

		fault = series_text_next(&text, &day, &is_day);
		if (fault == SERIES_OK && is_day)
			fault = pack_day(packing, &day);
	}
	return fault == SERIES_OK;
}

/* Read a binary form; whether it is one. */
static bool
read_bytes(const uint8_t *bytes, size_t size, Packing *packing)
{
	SeriesWire wire;
	SeriesFault fault = series_wire_start(&wire, bytes, size);

	*packing = (Packing){ .first = 0 };
	while (fault == SERIES_OK && wire.left > 0)
	{
		Observations day;

		fault = series_wire_next(&wire, &day);
		if (fault == SERIES_OK)
			fault = pack_day(packing, &day);
	}
	return fault == SERIES_OK;
}

/* Read packed days that may be damaged; whether they are not, and a series can have them. */
static bool
read_packed(const uint8_t *bytes, size_t size, Packing *packing)
{
	PackedSeries series = { 0, size, bytes };
	SeriesScan scan;

	*packing = (Packing){ .first = 0 };
	scan_start(&scan, &series);
	while (scan_next(&scan))
		if (pack_day(packing, &scan.here) != SERIES_OK)
			return false;
	return !scan.is_damaged;
}

/* Write a series as text and as bytes, and read both again. */
static void
check_forms(const PackedSeries *series)
{
	Text text = { .text = NULL };
	Text bytes = { .text = NULL };
	TextSink sink = { put, &text };
	uint8_t record[SERIES_MAX_RECORD] = { 0 };
	uint32_t ndays = 0;
	Packing again;
	PackedSeries got;
	SeriesScan scan;

	series_format(series, &sink);
	insist(read_text(text.text, &again));
	got = packed(&again);
	insist(same_series(series, &got) && series_compare(series, &got) == 0);
	free(again.bytes.text);
	free(text.text);

	put(&bytes, (char *) record, SERIES_WIRE_HEADER);
	scan_start(&scan, series);
	for (; scan_next(&scan); ndays++)
	{
		insist(isfinite(exact_to_double(&scan.here.sum, scan.here.count)));
		put(&bytes, (char *) record, series_wire_put(record, &scan.here));
	}
	insist(!scan.is_damaged);
	series_wire_header((uint8_t *) bytes.text, ndays);
	insist(read_bytes((uint8_t *) bytes.text, bytes.length, &again));
	got = packed(&again);
	insist(same_series(series, &got));
	free(again.bytes.text);
	free(bytes.text);
}

/* Merge one day into a series, or take it away; whether that can be. */
static bool
merge_one(Packing *held, const Observations *day, int sign)
{
	Packing one = { .first = 0 };
	Packing result = { .first = 0 };
	PackedSeries a = packed(held);
	PackedSeries b;
	SeriesMerge merge;
	SeriesResult how;
	bool is_good = true;

	insist(pack_day(&one, day) == SERIES_OK);
	b = packed(&one);
	merge_start(&merge, &a, &b, sign);
	while (is_good && merge_next(&merge, &how))
	{
		is_good = how == RESULT_OK;
		if (is_good && !merge.is_sum)
			is_good = copy_day(&result, &merge.copied);
		else if (is_good && merge.merged.count > 0)
			is_good = pack_day(&result, &merge.merged) == SERIES_OK;
	}
	free(one.bytes.text);
	free(is_good ? held->bytes.text : result.bytes.text);
	if (is_good)
		*held = result;
	return is_good;
}

/* The same with a tally (or NULL) that grows. */
static bool
tally_day(DayTally **tally, const Observations *day, int sign)
{
	SeriesResult result = sign > 0 ? RESULT_FULL : RESULT_BELOW;
	DayTally shape;

	if (*tally != NULL)
		result = tally_change(*tally, day, sign);
	if (result == RESULT_FULL && tally_plan(&shape, *tally, day) == SERIES_OK)
	{
		DayTally *grown = get(tally_size(&shape));

		memcpy(grown, &shape, sizeof(shape));
		if (*tally != NULL)
			tally_move(grown, *tally);
		free(*tally);
		*tally = grown;
		result = tally_change(*tally, day, sign);
		insist(result != RESULT_FULL);
	}
	return result == RESULT_OK;
}

/* Let observations come and go both ways; the series that is left. */
static void
run_script(const uint8_t *data, size_t size, Packing *packing)
{
	DayTally *tally = NULL;
	TallyScan scan;
	Packing from_tally = { .first = 0 };
	PackedSeries got;
	PackedSeries wanted;

	*packing = (Packing){ .first = 0 };
	for (; size >= STEP_BYTES; data += STEP_BYTES, size -= STEP_BYTES)
	{
		Observations day = { .day = data[0] * (data[1] % 4 == 0 ? 1 : data[1] * 4), .count = 1 };
		int sign = data[2] % 3 == 0 ? -1 : 1;
		double value;

		memcpy(&value, data + 3, sizeof(value));
		if (!exact_of_double(value, &day.sum))
			continue;
		insist(merge_one(packing, &day, sign) == tally_day(&tally, &day, sign));
	}
	if (tally != NULL)
	{
		tally_scan_start(&scan, tally);
		while (tally_scan_next(&scan))
			insist(pack_day(&from_tally, &scan.here) == SERIES_OK);
	}
	got = packed(&from_tally);
	wanted = packed(packing);
	insist(same_series(&got, &wanted));
	free(from_tally.bytes.text);
	free(tally);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Packing packing;
	bool is_read = true;
	uint8_t *copy;

	if (size < 1)
		return 0;
	copy = get(size); /* a text needs an end */
	memcpy(copy, data + 1, size - 1);
	switch (data[0] % 4)
	{
		case 0:
			is_read = read_text((char *) copy, &packing);
			break;
		case 1:
			is_read = read_bytes(data + 1, size - 1, &packing);
			break;
		case 2:
			is_read = read_packed(data + 1, size - 1, &packing);
			break;
		default:
			run_script(data + 1, size - 1, &packing);
	}
	if (is_read)
	{
		PackedSeries series = packed(&packing);

		check_forms(&series);
	}
	free(packing.bytes.text);
	free(copy);
	return 0;
}
