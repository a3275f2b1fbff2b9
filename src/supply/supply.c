/*
 * The type supply: text and binary forms, merge, comparison and hashing.
 * Thin: the dispensings are handled in dispensings.c.
 */
#include "supply/supply.h"

#include "common/hashfn.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "adherence/adherence.h"

/* Most bytes of a text that a message shows. */
#define EXCERPT_LENGTH 40

/* Dispensings between two looks at interrupts. */
#define ITEMS_PER_CHECK 4096

/*
 * Values
 */

/* The dispensings of a value or state, after a look at its header. */
Dispensings
supply_view(const Supply *value)
{
	Size size = VARSIZE(value);
	Size needed;

	if (size < SUPPLY_HEADER_SIZE || (value->flags & ~SUPPLY_STATE) != SUPPLY_FORMAT)
		needed = 0;
	else
		needed = SUPPLY_SIZE(value->n, value->names_size);
	if (needed == 0 || needed > size || (!(value->flags & SUPPLY_STATE) && needed != size))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED), errmsg("damaged supply value"),
				 errdetail("Its size is %zu bytes and its header does not fit that.", size)));
	return (Dispensings){ .items = value->items,
						  .n = value->n,
						  .names_end = (const char *) value + size,
						  .names_size = value->names_size };
}

/* The dispensings of a value or state from elsewhere, after a look at all of it. */
Dispensings
supply_sound_view(const Supply *value)
{
	Dispensings supply = supply_view(value);

	if (!dispensings_are_sound(&supply))
		ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED), errmsg("damaged supply value"),
						errdetail("A dispensing or a name in it cannot be one.")));
	return supply;
}

/* A new value without dispensings. */
Supply *
supply_empty(void)
{
	Supply *value = palloc0(SUPPLY_HEADER_SIZE);

	SET_VARSIZE(value, SUPPLY_HEADER_SIZE);
	value->flags = SUPPLY_FORMAT;
	return value;
}

/* The canonical value of a value or state: itself, if it is one. */
Supply *
supply_pack(Supply *value)
{
	Dispensings from = supply_sound_view(value);
	Size size = SUPPLY_SIZE(from.n, from.names_size);
	NameMove *moves;
	DispensingsBuffer to;
	Supply *packed;

	if (!(value->flags & SUPPLY_STATE))
		return value;
	packed = palloc0(size);
	moves = palloc_array(NameMove, dispensings_count_names(&from));
	to = (DispensingsBuffer){ .items = packed->items, .names_end = (char *) packed + size };
	dispensings_pack(&to, &from, moves);
	pfree(moves);

	if (to.names_size > SUPPLY_MAX_NAMES)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("names of medications of a supply take at most %d bytes",
							   SUPPLY_MAX_NAMES)));

	/* Names that were there more than once have left a hole before the names. */
	packed->flags = SUPPLY_FORMAT;
	packed->n = (uint32) to.n;
	packed->names_size = (uint32) to.names_size;
	memmove(&packed->items[to.n], to.names_end - to.names_size, to.names_size);
	SET_VARSIZE(packed, SUPPLY_SIZE(to.n, to.names_size));
	return packed;
}

/* The dispensings of the n-th argument, packed. */
Dispensings
supply_arg(FunctionCallInfo fcinfo, int n)
{
	return supply_view(supply_pack(PG_GETARG_SUPPLY(n)));
}

/* Refuse a number that is no duration or dose. */
static void
check_number(const char *name, double number, int32 day)
{
	if (!supply_number_is_valid(number))
		ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						errmsg("%s must be a finite number above 0: \"%g\"", name, number),
						errdetail("It is that of a dispensing on \"%s\".", day_to_cstring(day))));
}

/* Refuse what a dispensing cannot have. */
void
supply_check_input(const DispensingInput *input, bool has_dose)
{
	if (input->day == PG_INT32_MAX || input->day == PG_INT32_MIN)
		ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
						errmsg("day of a dispensing must be finite: \"%s\"",
							   input->day > 0 ? "infinity" : "-infinity")));
	check_number("days_supply", input->duration, input->day);
	if (has_dose)
		check_number("daily_dose", input->dose, input->day);
}

/*
 * Text and binary
 */

/* The start of a rest of a text, to show in a message. */
static char *
excerpt(const char *text)
{
	return pnstrdup(text, pg_mbcliplen(text, (int) strlen(text), EXCERPT_LENGTH));
}

/* Raise, or leave in escontext, the error for a text that is no supply. */
static Datum
text_error(SupplyFault fault, const char *at, const char *text, Node *escontext)
{
	switch (fault)
	{
		case SUPPLY_DATE:
		case SUPPLY_INFINITE:
			ereturn(escontext, (Datum) 0,
					(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
					 errmsg("invalid day in supply: \"%s\"", text),
					 fault == SUPPLY_DATE
						 ? errdetail("There is no such day at \"%s\".", excerpt(at))
						 : errdetail("Days must be finite.")));
		case SUPPLY_DURATION:
		case SUPPLY_DOSE:
			ereturn(escontext, (Datum) 0,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("%s out of range in supply: \"%s\"",
							fault == SUPPLY_DOSE ? "daily dose" : "duration", text),
					 errdetail("It must be a finite number above 0, and is not at \"%s\".",
							   excerpt(at))));
		default:
			ereturn(escontext, (Datum) 0,
					(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					 errmsg("invalid input syntax for type supply: \"%s\"", text),
					 *at == '\0' ? errdetail("The text ends too early.")
								 : errdetail("It goes wrong at \"%s\".", excerpt(at)),
					 errhint("Write dispensings as in '2026-01-05 30 days at 1.5 a day of "
							 "\"sertraline\"', with commas between them, or 'empty'.")));
	}
}

/* Refuse, or leave in escontext the error for, a text with too many names or dispensings. */
static bool
text_is_too_long(const char *text, Node *escontext)
{
	size_t commas = 0;

	for (const char *at = text; *at != '\0'; at++)
		commas += *at == ',';
	if (strlen(text) <= SUPPLY_MAX_NAMES && commas < SUPPLY_MAX_DISPENSINGS)
		return false;
	ereturn(escontext, true,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("text of a supply is too long"),
			 errdetail("It may have at most %d bytes and %d commas.", SUPPLY_MAX_NAMES,
					   SUPPLY_MAX_DISPENSINGS - 1)));
}

PG_FUNCTION_INFO_V1(supply_in);

/* Text form -> supply. */
Datum
supply_in(PG_FUNCTION_ARGS)
{
	const char *text = PG_GETARG_CSTRING(0);
	const char *at = text;
	Supply *state = supply_empty();
	bool is_last;
	SupplyFault fault = supply_text_start(&at, &is_last);
	char *name;

	if (text_is_too_long(text, fcinfo->context))
		PG_RETURN_NULL();
	name = palloc(strlen(text) + 1);
	while (fault == SUPPLY_OK && !is_last)
	{
		DispensingInput input;

		fault = supply_text_next(&at, name, &input, &is_last);
		if (fault == SUPPLY_OK)
			state = supply_add(state, true, &input);
	}
	if (fault != SUPPLY_OK)
		return text_error(fault, at, text, fcinfo->context);
	PG_RETURN_SUPPLY(supply_pack(state));
}

PG_FUNCTION_INFO_V1(supply_out);

/* supply -> text form. */
Datum
supply_out(PG_FUNCTION_ARGS)
{
	Dispensings supply = supply_arg(fcinfo, 0);
	StringInfoData text;
	TextSink sink = stringinfo_sink(&text);

	initStringInfo(&text);
	dispensings_format(&supply, &sink);
	PG_RETURN_CSTRING(text.data);
}

/* Raise the error for bytes that are no supply. */
pg_noreturn static void
binary_error(SupplyFault fault)
{
	if (fault == SUPPLY_DATE || fault == SUPPLY_INFINITE)
		ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
						errmsg("day out of range in binary form of type supply"),
						errdetail("Days must be finite.")));
	if (fault == SUPPLY_DURATION || fault == SUPPLY_DOSE)
		ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						errmsg("number out of range in binary form of type supply"),
						errdetail("Durations and doses must be finite and above 0.")));
	if (fault == SUPPLY_MANY)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("supply holds at most %d dispensings", SUPPLY_MAX_DISPENSINGS)));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
			 errmsg("invalid binary form of type supply"),
			 fault == SUPPLY_VERSION ? errdetail("Its version or flags are unknown.")
									 : errdetail("Its length does not fit its dispensings.")));
}

/* A name that is in the client's encoding in the server's; checked even where both are the same. */
static MedicationName
name_from_client(MedicationName name)
{
	char *converted;

	if (name.bytes == NULL || name.length == 0)
		return name;
	converted = pg_client_to_server(name.bytes, (int) name.length);
	if (converted == name.bytes)
		return name;
	return (MedicationName){ converted, strlen(converted) };
}

PG_FUNCTION_INFO_V1(supply_recv);

/* Binary form -> supply; checked as text is, and packed. */
Datum
supply_recv(PG_FUNCTION_ARGS)
{
	StringInfo message = (StringInfo) PG_GETARG_POINTER(0);
	int length = message->len - message->cursor;
	Supply *state = supply_empty();
	SupplyWire wire;
	SupplyFault fault =
		supply_wire_start((const uint8 *) pq_getmsgbytes(message, length), (size_t) length, &wire);

	while (fault == SUPPLY_OK && wire.left > 0)
	{
		DispensingInput input;

		if (wire.left % ITEMS_PER_CHECK == 0)
			CHECK_FOR_INTERRUPTS();
		fault = supply_wire_next(&wire, &input);
		if (fault != SUPPLY_OK)
			break;
		input.medication = name_from_client(input.medication);
		state = supply_add(state, true, &input);
	}
	if (fault != SUPPLY_OK)
		binary_error(fault);
	PG_RETURN_SUPPLY(supply_pack(state));
}

/* Append bytes to a message; the put function of its sink. */
static void
message_put(void *target, const void *bytes, size_t length)
{
	pq_sendbytes(target, bytes, (int) length);
}

/* One dispensing with its name as the client's encoding has it. */
static DispensingInput
item_for_client(const Dispensings *supply, const Dispensing *item)
{
	MedicationName name = medication_name(supply, item->medication);

	if (name.bytes != NULL && name.length > 0)
	{
		char *converted = pg_server_to_client(name.bytes, (int) name.length);

		if (converted != name.bytes)
			name = (MedicationName){ converted, strlen(converted) };
	}
	return (DispensingInput){ item->day, item->duration, item->dose, name };
}

PG_FUNCTION_INFO_V1(supply_send);

/* supply -> binary form, as dispensings_text.c describes it. */
Datum
supply_send(PG_FUNCTION_ARGS)
{
	Dispensings supply = supply_arg(fcinfo, 0);
	StringInfoData message;
	ByteSink sink = { message_put, &message };

	pq_begintypsend(&message);
	supply_wire_header(supply.n, &sink);
	for (size_t i = 0; i < supply.n; i++)
	{
		DispensingInput item = item_for_client(&supply, &supply.items[i]);

		if (i % ITEMS_PER_CHECK == 0)
			CHECK_FOR_INTERRUPTS();
		supply_wire_put(&item, &sink);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

/*
 * Merge
 */

PG_FUNCTION_INFO_V1(supply_merge);

/* All dispensings of both; the other side when one is NULL. */
Datum
supply_merge(PG_FUNCTION_ARGS)
{
	Supply *state = supply_empty();

	if (PG_ARGISNULL(0) && PG_ARGISNULL(1))
		PG_RETURN_NULL();
	for (int i = 0; i < 2; i++)
		if (!PG_ARGISNULL(i))
			state = supply_add_all(state, true, PG_GETARG_SUPPLY(i));
	PG_RETURN_SUPPLY(supply_pack(state));
}

/*
 * Comparison and hashing
 */

/* Order of the first two arguments. */
static int
compare_args(FunctionCallInfo fcinfo)
{
	Supply *a = PG_GETARG_SUPPLY(0);
	Supply *b = PG_GETARG_SUPPLY(1);
	Dispensings in_a = supply_view(supply_pack(a));
	Dispensings in_b = supply_view(supply_pack(b));
	int order = dispensings_compare(&in_a, &in_b);

	PG_FREE_IF_COPY(a, 0);
	PG_FREE_IF_COPY(b, 1);
	return order;
}

PG_FUNCTION_INFO_V1(supply_lt);

/* a < b */
Datum
supply_lt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) < 0);
}

PG_FUNCTION_INFO_V1(supply_le);

/* a <= b */
Datum
supply_le(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) <= 0);
}

PG_FUNCTION_INFO_V1(supply_eq);

/* a = b */
Datum
supply_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) == 0);
}

PG_FUNCTION_INFO_V1(supply_ne);

/* a <> b */
Datum
supply_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) != 0);
}

PG_FUNCTION_INFO_V1(supply_ge);

/* a >= b */
Datum
supply_ge(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) >= 0);
}

PG_FUNCTION_INFO_V1(supply_gt);

/* a > b */
Datum
supply_gt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_args(fcinfo) > 0);
}

PG_FUNCTION_INFO_V1(supply_cmp);

/* -1, 0 or 1: order of a and b. */
Datum
supply_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(compare_args(fcinfo));
}

/* Hash of the dispensings of an argument and of their names, which follow them. */
static uint64
hash_arg(FunctionCallInfo fcinfo, int n, uint64 seed)
{
	Supply *given = PG_GETARG_SUPPLY(n);
	Supply *value = supply_pack(given);
	Dispensings supply = supply_view(value);
	Size size = supply.n * sizeof(Dispensing) + supply.names_size;
	uint64 hash =
		DatumGetUInt64(hash_any_extended((unsigned char *) value->items, (int) size, seed));

	PG_FREE_IF_COPY(given, n);
	return hash;
}

PG_FUNCTION_INFO_V1(supply_hash);

/* 32-bit hash. */
Datum
supply_hash(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32((int32) hash_arg(fcinfo, 0, 0));
}

PG_FUNCTION_INFO_V1(supply_hash_extended);

/* 64-bit hash with a seed. */
Datum
supply_hash_extended(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64((int64) hash_arg(fcinfo, 0, (uint64) PG_GETARG_INT64(1)));
}
