/*
 * The text form of records:
 *
 *     "avoidance" "don't feel like", "avoidance" "put* off" = 2
 *     empty
 *
 * Each record has its fields in quotes, then, unless it is 1, an equals sign
 * and its number.  A quote or backslash in a field stands after a backslash;
 * \u{1f600} is a character by its number, in which way all but ASCII is written
 * where the encoding may lack it.
 */
#include "language/records.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <unicode/utf8.h>

/* The one way to write that there are no records. */
#define EMPTY_WORD "empty"

/* White space between the parts. */
#define SPACE " \t\n\v\f\r"

/*
 * Writing
 */

/* Write a finite number with as few digits as read back exactly; how many bytes that are. */
size_t
record_number(double number, char text[RECORD_NUMBER_SIZE])
{
	int length = 0;

	for (int digits = fabs(number) < DBL_MIN ? 1 : 15; digits <= 17; digits++)
	{
		length = snprintf(text, RECORD_NUMBER_SIZE, "%.*g", digits, number);
		if (strtod(text, NULL) == number)
			break;
	}
	return (size_t) length;
}

/* Send a character that has to be escaped, with those before it. */
static void
put_escaped(const RecordSink *sink, UChar32 c)
{
	char text[16];
	int length;

	if (c == '"' || c == '\\')
		length = snprintf(text, sizeof(text), "\\%c", (char) c);
	else
		length = snprintf(text, sizeof(text), "\\u{%" PRIx32 "}", (uint32_t) c);
	sink->put(sink->target, text, (size_t) length);
}

/* Send a field in quotes. */
void
record_quote(const char *field, const RecordSink *sink)
{
	int32_t length = (int32_t) strlen(field);
	int32_t sent = 0;
	int32_t at = 0;

	sink->put(sink->target, "\"", 1);
	while (at < length)
	{
		int32_t from = at;
		UChar32 c;

		U8_NEXT(field, at, length, c);
		if (c >= ' ' && c != '"' && c != '\\' && c != 0x7F && (c < 0x80 || !sink->ascii))
			continue;
		if (c < 0) /* not UTF-8: as it is */
			continue;
		sink->put(sink->target, field + sent, (size_t) (from - sent));
		put_escaped(sink, c);
		sent = at;
	}
	sink->put(sink->target, field + sent, (size_t) (length - sent));
	sink->put(sink->target, "\"", 1);
}

/* Send a record. */
void
record_format(RecordKind kind, const Record *record, bool is_first, const RecordSink *sink)
{
	char text[RECORD_NUMBER_SIZE];
	double number = record_has_count(kind) ? (double) record->value.count : record->value.number;

	if (!is_first)
		sink->put(sink->target, ", ", 2);
	for (const char *field = record->key; field != NULL; field = field_after(record, field))
	{
		if (field != record->key)
			sink->put(sink->target, " ", 1);
		record_quote(field, sink);
	}
	if (number == 1)
		return;
	sink->put(sink->target, " = ", 3);
	if (record_has_count(kind))
		sink->put(sink->target, text,
				  (size_t) snprintf(text, sizeof(text), "%" PRIu64, record->value.count));
	else
		sink->put(sink->target, text, record_number(number, text));
}

/*
 * Reading
 */

/* Step over white space. */
static void
skip_space(RecordText *text)
{
	text->at += strspn(text->at, SPACE);
}

/* Begin to read a text form; key is room for the fields of one record. */
RecordFault
record_text_start(RecordText *text, const char *written, char *key)
{
	text->at = written;
	text->key = key;
	skip_space(text);
	text->is_empty = strncmp(text->at, EMPTY_WORD, strlen(EMPTY_WORD)) == 0;
	if (!text->is_empty)
		return *text->at == '"' ? RECORD_OK : RECORD_SYNTAX;
	text->at += strlen(EMPTY_WORD);
	skip_space(text);
	return *text->at == '\0' ? RECORD_OK : RECORD_SYNTAX;
}

/* Read what follows a backslash: the character it stands for, 0 if it is none. */
static UChar32
parse_escape(const char **at)
{
	UChar32 c = 0;

	if (**at == '"' || **at == '\\')
		return *(*at)++;
	if ((*at)[0] != 'u' || (*at)[1] != '{')
		return 0;
	*at += 2;
	for (int digits = 0; digits < 6 && strchr("0123456789abcdefABCDEF", **at) && **at; digits++)
	{
		char digit = *(*at)++;

		c = c * 16 + (digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
	}
	if (**at != '}' || c > 0x10FFFF || U_IS_SURROGATE(c))
		return 0;
	++*at;
	return c;
}

/* Read a field in quotes behind those before it. */
static RecordFault
parse_field(RecordText *text, size_t *size)
{
	text->at++;
	while (*text->at != '"')
	{
		if (*text->at == '\0')
			return RECORD_SYNTAX;
		if (*size + U8_MAX_LENGTH >= RECORD_MAX_KEY)
			return RECORD_TOO_LONG;
		if (*text->at == '\\')
		{
			UChar32 c;

			text->at++;
			c = parse_escape(&text->at);
			if (c == 0)
				return RECORD_SYNTAX;
			U8_APPEND_UNSAFE(text->key, *size, c);
		}
		else
			text->key[(*size)++] = *text->at++;
	}
	text->at++;
	text->key[(*size)++] = '\0';
	return RECORD_OK;
}

/* Read the number of a record. */
static RecordFault
parse_number(RecordText *text, RecordKind kind, Record *record)
{
	bool is_negative = *text->at == '-';
	char *end;

	if (strspn(text->at + is_negative, "0123456789") == 0)
		return RECORD_SYNTAX;
	if (text->at[is_negative] == '0' && (text->at[is_negative + 1] | 0x20) == 'x')
		return RECORD_SYNTAX;
	if (record_has_count(kind))
	{
		/* Too many digits give the largest number, which is out of range. */
		record->value.count = is_negative ? 0 : strtoull(text->at, &end, 10);
		if (is_negative)
			end = (char *) text->at + 1 + strspn(text->at + 1, "0123456789");
	}
	else
		record->value.number = strtod(text->at, &end) + 0.0; /* no negative zero */
	text->at = end;
	return RECORD_OK;
}

/* Read the next record of a text form that is not at its end. */
RecordFault
record_text_next(RecordText *text, RecordKind kind, Record *record)
{
	RecordFault fault = RECORD_OK;

	record->key = text->key;
	record->size = 0;
	if (record_has_count(kind))
		record->value.count = 1;
	else
		record->value.number = 1;
	if (*text->at != '"')
		return RECORD_SYNTAX;
	while (fault == RECORD_OK && *text->at == '"')
	{
		fault = parse_field(text, &record->size);
		skip_space(text);
	}
	if (fault == RECORD_OK && *text->at == '=')
	{
		text->at++;
		skip_space(text);
		fault = parse_number(text, kind, record);
		skip_space(text);
	}
	if (fault != RECORD_OK || *text->at == '\0')
		return fault;
	if (*text->at++ != ',')
		return RECORD_SYNTAX;
	skip_space(text);
	return *text->at == '\0' ? RECORD_SYNTAX : RECORD_OK;
}
