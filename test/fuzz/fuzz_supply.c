/*
 * Fuzz target of supplies.  The first byte of an input says what the rest is:
 * a text form, a binary form, or dispensings made of small numbers.  What is
 * read must pack, be written, and be read again as the same; every measure
 * must be a number in its range, whatever the windows are, which the last
 * bytes give.
 */
#include "supply/cma.h"

#include <stdlib.h>

extern int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Most dispensings of an input that are asked about. */
#define MAX_ASKED 200

/* Bytes at the end of an input that say what is asked. */
#define QUESTION_BYTES 8

/* Bytes of a dispensing made of small numbers. */
#define SMALL_BYTES 5

/* A text or bytes being written. */
typedef struct Text
{
	char *text;
	size_t length;
	size_t room;
} Text;

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

static void
put(void *target, const void *bytes, size_t length)
{
	Text *to = target;

	while (length >= to->room - to->length)
	{
		to->room = 2 * to->room + length;
		to->text = realloc(to->text, to->room);
		insist(to->text != NULL);
	}
	memcpy(to->text + to->length, bytes, length);
	to->length += length;
	to->text[to->length] = '\0';
}

static void
put_text(void *target, const char *text, size_t length)
{
	put(target, text, length);
}

/* Dispensings being collected, with the memory of both their parts. */
typedef struct Collection
{
	DispensingsBuffer buffer;
	char *names;
} Collection;

static Collection
new_collection(size_t n, size_t names_size)
{
	char *names = get(names_size);

	return (Collection){ { get(n * sizeof(Dispensing)), 0, names + names_size, 0 }, names };
}

static void
free_collection(Collection *collection)
{
	free(collection->buffer.items);
	free(collection->names);
}

/* Collected dispensings in order. */
static Collection
packed(const Dispensings *from)
{
	Collection to = new_collection(from->n, from->names_size);
	NameMove *moves = get(dispensings_count_names(from) * sizeof(NameMove));

	dispensings_pack(&to.buffer, from, moves);
	free(moves);
	return to;
}

/* Read a text into a collection with room for it; whether it is one. */
static bool
read_text(const char *text, Collection *to)
{
	size_t length = strlen(text);
	const char *at = text;
	char *name = get(length + 1);
	bool is_last;
	SupplyFault fault = supply_text_start(&at, &is_last);

	*to = new_collection(length / 2 + 1, 4 * length);
	while (fault == SUPPLY_OK && !is_last)
	{
		DispensingInput input;

		fault = supply_text_next(&at, name, &input, &is_last);
		if (fault == SUPPLY_OK)
			dispensings_append(&to->buffer, &input);
	}
	insist(at >= text && at <= text + length);
	free(name);
	return fault == SUPPLY_OK;
}

/* Read bytes into a collection; whether they are a supply. */
static bool
read_bytes(const uint8_t *bytes, size_t size, Collection *to)
{
	SupplyWire wire;
	SupplyFault fault = supply_wire_start(bytes, size, &wire);

	*to = new_collection(fault == SUPPLY_OK ? wire.left : 0, size);
	while (fault == SUPPLY_OK && wire.left > 0)
	{
		DispensingInput input;

		fault = supply_wire_next(&wire, &input);
		if (fault == SUPPLY_OK)
			dispensings_append(&to->buffer, &input);
	}
	return fault == SUPPLY_OK;
}

/* Whether what was read again is what was written; gives its memory back. */
static void
insist_same(const Dispensings *supply, bool is_read, Collection *again)
{
	Dispensings loose = dispensings_of_buffer(&again->buffer);
	Collection other = packed(&loose);
	Dispensings view = dispensings_of_buffer(&other.buffer);

	insist(is_read && view.names_size == supply->names_size);
	insist(dispensings_compare(supply, &view) == 0);
	free_collection(&other);
	free_collection(again);
}

/* Write a supply as text and as bytes, and read both again. */
static void
check_forms(const Dispensings *supply)
{
	Text text = { get(1), 0, 1 };
	Text bytes = { get(1), 0, 1 };
	TextSink text_sink = { put_text, &text };
	ByteSink byte_sink = { put, &bytes };
	bool has_zero = false;
	Collection again;

	dispensings_format(supply, &text_sink);
	supply_wire_header(supply->n, &byte_sink);
	for (size_t i = 0; i < supply->n; i++)
	{
		const Dispensing *item = &supply->items[i];
		MedicationName name = medication_name(supply, item->medication);
		DispensingInput input = { item->day, item->duration, item->dose, name };

		has_zero |= name.length > 0 && memchr(name.bytes, 0, name.length) != NULL;
		supply_wire_put(&input, &byte_sink);
	}
	insist_same(supply, read_bytes((const uint8_t *) bytes.text, bytes.length, &again), &again);

	/* The server lets no name with a zero byte through, and text cannot have one. */
	if (!has_zero)
		insist_same(supply, read_text(text.text, &again), &again);
	free(text.text);
	free(bytes.text);
}

/* A window that starts some days after the first dispensing and has some length. */
static SupplyWindow
window_of(const Dispensings *supply, const uint8_t *bytes)
{
	int64_t start = (supply->n > 0 ? supply->items[0].day : 0) + (int64_t) bytes[0] - 50;
	int64_t length = 1 + bytes[1];

	if (start < CALENDAR_FIRST_DAY)
		start = CALENDAR_FIRST_DAY;
	if (start + length > CALENDAR_LAST_DAY)
		start = CALENDAR_LAST_DAY - length;
	return (SupplyWindow){ (int32_t) start, (int32_t) (start + length) };
}

/* Ask for every measure. */
static void
check_measures(const Dispensings *supply, const CmaQuestion *question)
{
	int32_t ndays = question->observation.end - question->observation.start;
	CalendarBuffer days = { question->observation.start, ndays, CALENDAR_NARROW,
							get((size_t) ndays) };
	double value;

	for (int n = CMA_FIRST; n <= CMA_LAST; n++)
		if (cma(supply, n, question, &value))
			insist(isfinite(value) && value >= 0 && (n < 3 || value <= 1));
	if (cover_days(supply, question, &days))
	{
		Calendar calendar = calendar_of_buffer(&days);

		for (int32_t i = 0; i < ndays; i++)
			insist(calendar_counts(&calendar, i).prescribed == 1);
	}
	free(days.days);
}

/* Ask for the days covered, and for episodes. */
static void
check_spans(const Dispensings *supply, const CmaQuestion *question, uint8_t flags)
{
	ExcusedDays stay = { question->followup.start + 7, question->followup.start + 20 };
	PdcQuestion days = { question->observation, &stay, flags & 1 };
	CoveredSpan *spans = get(pdc_spans(supply, days.observation) * sizeof(CoveredSpan));
	EpisodeRule rule = { question->rule, flags, (flags & 2) != 0, (flags & 4) != 0 };
	EpisodeScan scan;
	Episode episode;
	double value;

	if (pdc(supply, &days, spans, &value))
		insist(value >= 0 && value <= 1);
	free(spans);
	episode_scan_init(&scan, supply, question->followup, &rule);
	while (episode_next(&scan, &episode))
		insist(episode.duration >= 0 && episode.gap >= 0 &&
			   episode.start + episode.duration <= question->followup.end);
}

/* Ask a supply everything. */
static void
check_supply(const Collection *read, const uint8_t *asked)
{
	Dispensings loose = dispensings_of_buffer(&read->buffer);
	Collection collection = packed(&loose);
	Dispensings supply = dispensings_of_buffer(&collection.buffer);
	CmaQuestion question = { .rule = { asked[4] & 1, asked[4] & 2 } };

	insist(dispensings_are_packed(&supply));
	check_forms(&supply);
	question.followup = window_of(&supply, asked);
	question.observation = window_of(&supply, asked + 2);
	if (windows_fit(&question) && supply.n <= MAX_ASKED)
	{
		check_measures(&supply, &question);
		check_spans(&supply, &question, asked[5]);
	}
	free_collection(&collection);
}

/* Dispensings made of small numbers: gap, duration, dose, medication, fraction. */
static void
read_small(const uint8_t *data, size_t size, Collection *to)
{
	size_t n = size / SMALL_BYTES;
	int32_t day = 0;

	*to = new_collection(n, n * 6);
	for (size_t i = 0; i < n; i++)
	{
		const uint8_t *bytes = data + i * SMALL_BYTES;
		char letters[2] = { 'a', (char) bytes[3] };
		DispensingInput input = { .duration = 1 + bytes[1] + bytes[4] / 256.0,
								  .dose = bytes[2] > 0 ? bytes[2] : UNKNOWN_DOSE,
								  .medication = { letters, 1 + (bytes[3] > 2) } };

		input.day = day += bytes[0] % 64;
		if (bytes[3] > 250)
			input.medication.bytes = NULL;
		dispensings_append(&to->buffer, &input);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Collection read;
	bool is_read = true;
	const uint8_t *asked = data + size - QUESTION_BYTES;
	char *text;

	if (size < 1 + QUESTION_BYTES)
		return 0;
	size -= 1 + QUESTION_BYTES;
	switch (data[0] % 3)
	{
		case 0:
			text = get(size + 1);
			memcpy(text, data + 1, size);
			is_read = read_text(text, &read);
			free(text);
			break;
		case 1:
			is_read = read_bytes(data + 1, size, &read);
			break;
		default:
			read_small(data + 1, size, &read);
	}
	if (is_read)
		check_supply(&read, asked);
	free_collection(&read);
	return 0;
}
