/*
 * The type schedule: text and binary forms, comparison and hashing.  Thin:
 * rules are read and written in recurrence_text.c.
 */
#include "schedule/schedule.h"

#include "common/hashfn.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"

#include "adherence/adherence.h"

/* First byte of the binary form. */
#define SCHEDULE_WIRE_VERSION 1

/* Longest piece of an input that a message quotes. */
#define MAX_QUOTED 100

/*
 * Values
 */

/* Length of a value's text, after a look at its header. */
static Size
text_length(const Schedule *value)
{
	Size size = VARSIZE(value);

	if (size <= SCHEDULE_HEADER_SIZE || value->flags != SCHEDULE_VERSION || value->reserved != 0)
		ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED), errmsg("damaged schedule value"),
						errdetail("Its header has flags 0x%04X and its size is %zu bytes.",
								  value->flags, size)));
	return size - SCHEDULE_HEADER_SIZE;
}

/* The rule of a value. */
void
schedule_rule(const Schedule *value, Recurrence *rule)
{
	RecurrenceError error;

	if (!recurrence_parse(value->text, text_length(value), rule, &error))
		ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED), errmsg("damaged schedule value"),
						errdetail("Its text is no recurrence rule.")));
}

/* The value of a rule. */
Schedule *
schedule_from_rule(const Recurrence *rule)
{
	StringInfoData text;
	TextSink sink = stringinfo_sink(&text);
	Schedule *value;
	Size size;

	initStringInfo(&text);
	recurrence_format(rule, &sink);
	size = add_size(SCHEDULE_HEADER_SIZE, text.len);
	value = palloc0(size);
	SET_VARSIZE(value, size);
	value->flags = SCHEDULE_VERSION;
	memcpy(value->text, text.data, text.len);
	pfree(text.data);
	return value;
}

/* One part of a rule as text. */
char *
schedule_part_to_cstring(const Recurrence *rule, RecurrencePart part)
{
	StringInfoData text;
	TextSink sink = stringinfo_sink(&text);

	initStringInfo(&text);
	recurrence_format_part(rule, part, &sink);
	return text.data;
}

/*
 * Text and binary
 */

/* A piece of an input to quote, not too long and not cut inside a character. */
static char *
quotable(const char *text, size_t length)
{
	int shown = (int) Min(length, RECURRENCE_MAX_TEXT);

	if (shown > MAX_QUOTED)
		return psprintf("%.*s...", pg_mbcliplen(text, shown, MAX_QUOTED), text);
	return pnstrdup(text, shown);
}

/* SQLSTATE of a fault. */
static int
fault_errcode(RecurrenceFault fault)
{
	if (fault == RECURRENCE_UNSUPPORTED)
		return ERRCODE_FEATURE_NOT_SUPPORTED;
	return fault == RECURRENCE_SYNTAX ? ERRCODE_INVALID_TEXT_REPRESENTATION
									  : ERRCODE_INVALID_PARAMETER_VALUE;
}

/* Raise, or leave in escontext, the error for a text that is no rule. */
static Datum
input_error(const RecurrenceError *error, const char *text, Node *escontext)
{
	const char *at = error->text != NULL ? error->text : text;
	size_t length = error->text != NULL ? error->length : strlen(text);
	char *quoted = quotable(at, length);

	if (error->fault == RECURRENCE_SYNTAX && error->text == NULL)
		ereturn(escontext, (Datum) 0,
				(errcode(fault_errcode(error->fault)),
				 errmsg("invalid input syntax for type schedule: \"%s\"", quoted),
				 errdetail("%s", error->reason)));
	if (error->fault == RECURRENCE_UNSUPPORTED)
		ereturn(escontext, (Datum) 0,
				(errcode(fault_errcode(error->fault)),
				 errmsg("unsupported part of schedule: \"%s\"", quoted),
				 errdetail("%s", error->reason)));
	ereturn(escontext, (Datum) 0,
			(errcode(fault_errcode(error->fault)),
			 errmsg("invalid %s: \"%s\"",
					error->fault == RECURRENCE_CONFLICT ? "schedule" : "part of schedule", quoted),
			 errdetail("%s", error->reason),
			 error->fault == RECURRENCE_SYNTAX
				 ? errhint("Write a rule of RFC 5545, as in \"FREQ=DAILY;BYHOUR=8,20;BYMINUTE=0\", "
						   "a code such as \"BID\", or \"AS-NEEDED\".")
				 : 0));
}

/* The value of a text that must be a rule. */
Schedule *
schedule_from_cstring(const char *text)
{
	Recurrence rule;
	RecurrenceError error;

	if (!recurrence_parse(text, strlen(text), &rule, &error))
		input_error(&error, text, NULL);
	return schedule_from_rule(&rule);
}

PG_FUNCTION_INFO_V1(schedule_in);

/* Text form -> schedule. */
Datum
schedule_in(PG_FUNCTION_ARGS)
{
	const char *text = PG_GETARG_CSTRING(0);
	Recurrence rule;
	RecurrenceError error;

	if (!recurrence_parse(text, strlen(text), &rule, &error))
		return input_error(&error, text, fcinfo->context);
	PG_RETURN_SCHEDULE(schedule_from_rule(&rule));
}

PG_FUNCTION_INFO_V1(schedule_out);

/* schedule -> text form. */
Datum
schedule_out(PG_FUNCTION_ARGS)
{
	Schedule *value = PG_GETARG_SCHEDULE(0);

	PG_RETURN_CSTRING(pnstrdup(value->text, text_length(value)));
}

PG_FUNCTION_INFO_V1(schedule_send);

/* schedule -> binary form: a version and the text. */
Datum
schedule_send(PG_FUNCTION_ARGS)
{
	Schedule *value = PG_GETARG_SCHEDULE(0);
	StringInfoData message;

	pq_begintypsend(&message);
	pq_sendbyte(&message, SCHEDULE_WIRE_VERSION);
	pq_sendbytes(&message, value->text, (int) text_length(value));
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

PG_FUNCTION_INFO_V1(schedule_recv);

/* Binary form -> schedule; checked as text is, and made canonical. */
Datum
schedule_recv(PG_FUNCTION_ARGS)
{
	StringInfo message = (StringInfo) PG_GETARG_POINTER(0);
	int size = message->len - message->cursor;
	const char *bytes = pq_getmsgbytes(message, size);
	Recurrence rule;
	RecurrenceError error;

	if (size < 2 || bytes[0] != SCHEDULE_WIRE_VERSION)
		ereport(ERROR, (errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
						errmsg("invalid binary form of type schedule"),
						errdetail("It is a byte that says version %d, and the text form.",
								  SCHEDULE_WIRE_VERSION)));
	if (!recurrence_parse(bytes + 1, size - 1, &rule, &error))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary form of type schedule"), errdetail("%s", error.reason)));
	PG_RETURN_SCHEDULE(schedule_from_rule(&rule));
}

/*
 * Comparison and hashing
 */

/* Order of the two arguments: that of their texts, byte by byte. */
static int
compare_args(FunctionCallInfo fcinfo)
{
	Schedule *a = PG_GETARG_SCHEDULE(0);
	Schedule *b = PG_GETARG_SCHEDULE(1);
	Size in_a = text_length(a);
	Size in_b = text_length(b);
	int order = memcmp(a->text, b->text, Min(in_a, in_b));

	if (order == 0)
		order = (in_a > in_b) - (in_a < in_b);
	PG_FREE_IF_COPY(a, 0);
	PG_FREE_IF_COPY(b, 1);
	return order;
}

PG_FUNCTION_INFO_V1(schedule_lt);

/* a < b */
Datum
schedule_lt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) < 0);
}

PG_FUNCTION_INFO_V1(schedule_le);

/* a <= b */
Datum
schedule_le(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) <= 0);
}

PG_FUNCTION_INFO_V1(schedule_eq);

/* a = b */
Datum
schedule_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) == 0);
}

PG_FUNCTION_INFO_V1(schedule_ne);

/* a <> b */
Datum
schedule_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) != 0);
}

PG_FUNCTION_INFO_V1(schedule_ge);

/* a >= b */
Datum
schedule_ge(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) >= 0);
}

PG_FUNCTION_INFO_V1(schedule_gt);

/* a > b */
Datum
schedule_gt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) > 0);
}

PG_FUNCTION_INFO_V1(schedule_cmp);

/* -1, 0 or 1: order for btree. */
Datum
schedule_cmp(PG_FUNCTION_ARGS)
{
	int order = compare_args(fcinfo);

	PG_RETURN_INT32((order > 0) - (order < 0));
}

/* Hash of a value's text with a seed. */
static uint64
hash_arg(FunctionCallInfo fcinfo, uint64 seed)
{
	Schedule *value = PG_GETARG_SCHEDULE(0);
	uint64 hash = DatumGetUInt64(
		hash_any_extended((const uint8 *) value->text, (int) text_length(value), seed));

	PG_FREE_IF_COPY(value, 0);
	return hash;
}

PG_FUNCTION_INFO_V1(schedule_hash);

/* 32-bit hash. */
Datum
schedule_hash(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32((int32) hash_arg(fcinfo, 0));
}

PG_FUNCTION_INFO_V1(schedule_hash_extended);

/* 64-bit hash with a seed. */
Datum
schedule_hash_extended(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64((int64) hash_arg(fcinfo, (uint64) PG_GETARG_INT64(1)));
}
