/*
 * The text form of dispensings, and their binary form.
 *
 * The text form lists them in order; what is not known is left out:
 *
 *     2026-01-05 30 days at 1.5 a day of "sertraline", 2026-02-04 7.5 days
 *     empty
 *
 * Numbers have as few digits as read back exactly.  A quotation mark inside a
 * name is doubled; all else in it stands as it is.
 */
#include "supply/dispensings.h"

#include "adherence/bytes.h"
#include "adherence/number_text.h"
#include "adherence/text_reader.h"

/* Version of the binary form. */
#define WIRE_VERSION 1

/* What a dispensing of the binary form holds besides day and duration. */
#define HAS_DOSE 1
#define HAS_MEDICATION 2

/* Least bytes of a dispensing in the binary form: what it holds, day and duration. */
#define WIRE_LEAST 13

/* The one way to write that nothing was dispensed. */
#define EMPTY_WORD "empty"

/*
 * Text: writing
 */

/* Send a number to a sink. */
static void
put_number(const TextSink *sink, double number)
{
	char text[NUMBER_SIZE];

	sink->put(sink->target, text, number_format(number, text));
}

/* Send a name in quotation marks, those inside it doubled. */
static void
put_name(const TextSink *sink, MedicationName name)
{
	const char *end = name.bytes + name.length;

	sink_string(sink, "\"");
	for (const char *at = name.bytes; at < end;)
	{
		const char *mark = memchr(at, '"', (size_t) (end - at));
		const char *until = mark != NULL ? mark + 1 : end;

		sink->put(sink->target, at, (size_t) (until - at));
		if (mark != NULL)
			sink_string(sink, "\"");
		at = until;
	}
	sink_string(sink, "\"");
}

/* Write the text form. */
void
dispensings_format(const Dispensings *supply, const TextSink *sink)
{
	if (supply->n == 0)
		sink_string(sink, EMPTY_WORD);
	for (size_t i = 0; i < supply->n; i++)
	{
		const Dispensing *item = &supply->items[i];

		if (i > 0)
			sink_string(sink, ", ");
		day_format(item->day, sink);
		sink_string(sink, " ");
		put_number(sink, item->duration);
		sink_string(sink, item->duration == 1 ? " day" : " days");
		if (item->dose != UNKNOWN_DOSE)
		{
			sink_string(sink, " at ");
			put_number(sink, item->dose);
			sink_string(sink, " a day");
		}
		if (item->medication != UNKNOWN_MEDICATION)
		{
			sink_string(sink, " of ");
			put_name(sink, medication_name(supply, item->medication));
		}
	}
}

/*
 * Text: reading.  Every reader steps over what it read.
 */

/* Step over white space, and over a word in any case if it is there and ends there. */
static bool
parse_next_word(const char **text, const char *word)
{
	skip_space(text);
	return parse_word(text, word);
}

/* Read a number, or a word for one that is not finite; on a fault it is not that of a duration. */
static SupplyFault
parse_number(const char **text, double *number, SupplyFault fault)
{
	const char *at;

	skip_space(text);
	at = *text;
	if (number_parse(&at, number))
	{
		if (!supply_number_is_valid(*number))
			return fault;
		*text = at;
		return SUPPLY_OK;
	}
	at += *at == '-' || *at == '+';
	if (parse_next_word(&at, "nan") || parse_next_word(&at, "infinity") ||
		parse_next_word(&at, "inf"))
		return fault;
	return SUPPLY_SYNTAX;
}

/* Read a name in quotation marks into memory with room for the rest of the text. */
static SupplyFault
parse_name(const char **text, char *name, MedicationName *medication)
{
	size_t length = 0;
	const char *at;

	skip_space(text);
	at = *text;
	if (*at++ != '"')
		return SUPPLY_SYNTAX;
	for (; *at != '"' || at[1] == '"'; at++)
	{
		if (*at == '\0')
			return SUPPLY_SYNTAX;
		at += *at == '"';
		name[length++] = *at;
	}
	*text = at + 1;
	*medication = (MedicationName){ name, length };
	return SUPPLY_OK;
}

/* Read a day. */
static SupplyFault
parse_day(const char **text, int32_t *day)
{
	const char *at;
	CalendarFault fault;

	skip_space(text);
	at = *text + (**text == '-' || **text == '+');
	if (parse_next_word(&at, "infinity"))
		return SUPPLY_INFINITE;
	at = *text;
	fault = day_parse(&at, day);
	if (fault == INPUT_SYNTAX)
		return SUPPLY_SYNTAX;
	if (fault != INPUT_OK)
		return SUPPLY_DATE;
	*text = at;
	return SUPPLY_OK;
}

/* Read a duration. */
static SupplyFault
parse_duration(const char **text, double *duration)
{
	SupplyFault fault = parse_number(text, duration, SUPPLY_DURATION);

	if (fault == SUPPLY_OK && !parse_next_word(text, "days") && !parse_next_word(text, "day"))
		fault = SUPPLY_SYNTAX;
	return fault;
}

/* Read a dose, if there is one. */
static SupplyFault
parse_dose(const char **text, double *dose)
{
	SupplyFault fault;

	*dose = UNKNOWN_DOSE;
	if (!parse_next_word(text, "at"))
		return SUPPLY_OK;
	fault = parse_number(text, dose, SUPPLY_DOSE);
	if (fault == SUPPLY_OK && !(parse_next_word(text, "a") && parse_next_word(text, "day")))
		fault = SUPPLY_SYNTAX;
	return fault;
}

/* Begin to read a text form: whether it is the empty one. */
SupplyFault
supply_text_start(const char **text, bool *is_empty)
{
	*is_empty = parse_next_word(text, EMPTY_WORD);
	skip_space(text);
	return *is_empty && **text != '\0' ? SUPPLY_SYNTAX : SUPPLY_OK;
}

/*
 * Read the next dispensing of a text form; name has room for the whole text.
 * On a fault the text is where the fault is.
 */
SupplyFault
supply_text_next(const char **text, char *name, DispensingInput *input, bool *is_last)
{
	SupplyFault fault = parse_day(text, &input->day);

	input->medication = (MedicationName){ NULL, 0 };
	if (fault == SUPPLY_OK)
		fault = parse_duration(text, &input->duration);
	if (fault == SUPPLY_OK)
		fault = parse_dose(text, &input->dose);
	if (fault == SUPPLY_OK && parse_next_word(text, "of"))
		fault = parse_name(text, name, &input->medication);
	if (fault != SUPPLY_OK)
		return fault;
	skip_space(text);
	*is_last = **text == '\0';
	if (*is_last)
		return SUPPLY_OK;
	if (**text != ',')
		return SUPPLY_SYNTAX;
	++*text;
	return SUPPLY_OK;
}

/*
 * Binary form, all numbers in network byte order: version and number of
 * dispensings, four bytes each; then for each a byte that says what it holds
 * besides, its day (four bytes), its duration (eight), its dose (eight), and
 * the length of the name of its medication (four) with the name.
 */

/* Send a number of some bytes. */
static void
put_bytes(const ByteSink *sink, uint64_t number, int nbytes)
{
	uint8_t bytes[8];

	bytes_put(bytes, number, nbytes);
	sink->put(sink->target, bytes, (size_t) nbytes);
}

/* Send a float8 as its eight bytes. */
static void
put_double(const ByteSink *sink, double number)
{
	uint64_t bits;

	memcpy(&bits, &number, sizeof(bits));
	put_bytes(sink, bits, 8);
}

/* Send the header of a binary form. */
void
supply_wire_header(size_t n, const ByteSink *sink)
{
	put_bytes(sink, WIRE_VERSION, 4);
	put_bytes(sink, n, 4);
}

/* Send one dispensing. */
void
supply_wire_put(const DispensingInput *input, const ByteSink *sink)
{
	bool has_dose = input->dose != UNKNOWN_DOSE;
	bool has_medication = input->medication.bytes != NULL;

	put_bytes(sink, (has_dose ? HAS_DOSE : 0) | (has_medication ? HAS_MEDICATION : 0), 1);
	put_bytes(sink, (uint32_t) input->day, 4);
	put_double(sink, input->duration);
	if (has_dose)
		put_double(sink, input->dose);
	if (has_medication)
	{
		put_bytes(sink, input->medication.length, 4);
		sink->put(sink->target, input->medication.bytes, input->medication.length);
	}
}

/* Read a number of some bytes, if they are there, and step over it. */
static bool
get_bytes(SupplyWire *wire, int nbytes, uint64_t *number)
{
	if (wire->end - wire->at < nbytes)
		return false;
	*number = bytes_get(wire->at, nbytes);
	wire->at += nbytes;
	return true;
}

/* Read a float8 that is a duration or dose. */
static SupplyFault
get_double(SupplyWire *wire, double *number, SupplyFault fault)
{
	uint64_t bits;

	if (!get_bytes(wire, 8, &bits))
		return SUPPLY_SYNTAX;
	memcpy(number, &bits, sizeof(bits));
	return supply_number_is_valid(*number) ? SUPPLY_OK : fault;
}

/* Read a day. */
static SupplyFault
get_day(SupplyWire *wire, int32_t *day)
{
	uint64_t bits;

	if (!get_bytes(wire, 4, &bits))
		return SUPPLY_SYNTAX;
	*day = (int32_t) (uint32_t) bits;
	if (*day == INT32_MIN || *day == INT32_MAX)
		return SUPPLY_INFINITE;
	return *day >= CALENDAR_FIRST_DAY && *day <= CALENDAR_LAST_DAY ? SUPPLY_OK : SUPPLY_DATE;
}

/* Read a name; it stays where it is. */
static SupplyFault
get_name(SupplyWire *wire, MedicationName *name)
{
	uint64_t length;

	if (!get_bytes(wire, 4, &length) || (uint64_t) (wire->end - wire->at) < length)
		return SUPPLY_SYNTAX;
	*name = (MedicationName){ (const char *) wire->at, (size_t) length };
	wire->at += length;
	return SUPPLY_OK;
}

/* Begin to read a binary form: how many dispensings it has. */
SupplyFault
supply_wire_start(const uint8_t *bytes, size_t size, SupplyWire *wire)
{
	uint64_t version;
	uint64_t n;

	*wire = (SupplyWire){ bytes, bytes + size, 0 };
	if (size < SUPPLY_WIRE_HEADER || !get_bytes(wire, 4, &version) || !get_bytes(wire, 4, &n))
		return SUPPLY_SYNTAX;
	if (version != WIRE_VERSION)
		return SUPPLY_VERSION;
	if (n > SUPPLY_MAX_DISPENSINGS)
		return SUPPLY_MANY;
	wire->left = (size_t) n;

	/* No memory will be asked for beyond what was sent. */
	if ((size - SUPPLY_WIRE_HEADER) / WIRE_LEAST < n || (n == 0 && wire->at != wire->end))
		return SUPPLY_SYNTAX;
	return SUPPLY_OK;
}

/* Read the next of the dispensings that are left; after the last one nothing may follow. */
SupplyFault
supply_wire_next(SupplyWire *wire, DispensingInput *input)
{
	uint64_t holds;
	SupplyFault fault;

	if (!get_bytes(wire, 1, &holds))
		return SUPPLY_SYNTAX;
	if (holds > (HAS_DOSE | HAS_MEDICATION))
		return SUPPLY_VERSION;
	input->dose = UNKNOWN_DOSE;
	input->medication = (MedicationName){ NULL, 0 };
	fault = get_day(wire, &input->day);
	if (fault == SUPPLY_OK)
		fault = get_double(wire, &input->duration, SUPPLY_DURATION);
	if (fault == SUPPLY_OK && (holds & HAS_DOSE))
		fault = get_double(wire, &input->dose, SUPPLY_DOSE);
	if (fault == SUPPLY_OK && (holds & HAS_MEDICATION))
		fault = get_name(wire, &input->medication);
	wire->left--;
	if (fault == SUPPLY_OK && wire->left == 0 && wire->at != wire->end)
		fault = SUPPLY_SYNTAX;
	return fault;
}
