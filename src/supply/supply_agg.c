/*
 * The aggregates that build supplies.  The state is a supply with slack
 * between its dispensings, which grow from the front, and the names of their
 * medications, which grow from the back.  It is changed in place while there
 * is room; a larger one is made in the caller's context, from which the
 * executor copies it, so that growing takes amortised constant time a row.
 * Called outside an aggregate, the same functions change nothing in place and
 * return canonical values.
 */
#include "supply/supply.h"

#include "utils/builtins.h"
#include "utils/date.h"

/* Smallest size of a state; all are powers of two. */
#define FIRST_STATE_SIZE 256

/* Names above which a growing state is packed, as some may be there more than once. */
#define NAMES_UNPACKED 16

/* Bytes of names, some perhaps more than once, that a state can hold. */
#define MAX_STATE_NAMES (4 * (size_t) SUPPLY_MAX_NAMES)

/*
 * States
 */

/* The dispensings of a state that is ours to write. */
static DispensingsBuffer
state_buffer(Supply *state)
{
	return (DispensingsBuffer){ .items = state->items,
								.n = state->n,
								.names_end = (char *) state + VARSIZE(state),
								.names_size = state->names_size };
}

/* Say in the header what a buffer has. */
static void
state_update(Supply *state, const DispensingsBuffer *buffer)
{
	state->n = (uint32) buffer->n;
	state->names_size = (uint32) buffer->names_size;
}

/* Refuse more dispensings than a value can hold. */
static void
check_count(size_t n)
{
	if (n > SUPPLY_MAX_DISPENSINGS)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("supply holds at most %d dispensings", SUPPLY_MAX_DISPENSINGS)));
}

/*
 * Refuse far more bytes of names than a value can hold.  A state may have
 * names more than once; how many there are is known when it is packed.
 */
static void
check_names(size_t names_size)
{
	if (names_size > MAX_STATE_NAMES)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("names of medications of a supply take at most %d bytes",
							   SUPPLY_MAX_NAMES)));
}

/* A state that holds some dispensings and has room for more. */
static Supply *
state_lay_out(const Dispensings *from, Size more)
{
	Size needed = add_size(SUPPLY_SIZE(from->n, from->names_size), more);
	Size size = FIRST_STATE_SIZE;
	Supply *state;
	DispensingsBuffer buffer;

	while (size < needed)
		size *= 2;
	state = palloc0(size);
	SET_VARSIZE(state, size);
	state->flags = SUPPLY_FORMAT | SUPPLY_STATE;
	buffer = state_buffer(state);
	buffer.n = from->n;
	buffer.names_size = from->names_size;
	memcpy(buffer.items, from->items, from->n * sizeof(Dispensing));
	memcpy(buffer.names_end - buffer.names_size, from->names_end - from->names_size,
		   from->names_size);
	state_update(state, &buffer);
	return state;
}

/*
 * A state as something to write on, with room for more dispensings and bytes
 * of names: itself, if it may be changed, else a copy.  A state with many
 * names is packed before it grows, and then gets room for half as much again,
 * so that it takes as long to fill that as to pack.
 */
static Supply *
state_open(Supply *state, bool in_place, size_t more_items, size_t more_names)
{
	Dispensings held = in_place ? supply_view(state) : supply_sound_view(state);
	Size more = add_size(mul_size(more_items, sizeof(Dispensing)), more_names);
	Size needed = add_size(SUPPLY_SIZE(held.n, held.names_size), more);

	check_count(held.n + more_items);
	if (in_place && (state->flags & SUPPLY_STATE) && needed <= VARSIZE(state))
		return state;
	if ((state->flags & SUPPLY_STATE) && dispensings_count_names(&held) > NAMES_UNPACKED)
	{
		held = supply_view(supply_pack(state));
		more = add_size(more, needed / 2);
	}
	check_names(held.names_size + more_names);
	return state_lay_out(&held, more);
}

/* Add a dispensing to a state. */
Supply *
supply_add(Supply *state, bool in_place, const DispensingInput *input)
{
	DispensingsBuffer buffer;

	state = state_open(state, in_place, 1, medication_name_size(input->medication));
	buffer = state_buffer(state);
	dispensings_append(&buffer, input);
	state_update(state, &buffer);
	return state;
}

/* Add all dispensings of a supply to a state. */
Supply *
supply_add_all(Supply *state, bool in_place, const Supply *part)
{
	Dispensings added = supply_sound_view(part);
	NameMove *moves = palloc_array(NameMove, dispensings_count_names(&added));
	DispensingsBuffer buffer;

	state = state_open(state, in_place, added.n, added.names_size);
	buffer = state_buffer(state);
	dispensings_append_all(&buffer, &added, moves);
	state_update(state, &buffer);
	pfree(moves);
	return state;
}

/*
 * Aggregates
 */

/* Whether the first argument is a state that may be changed. */
static bool
is_in_aggregate(FunctionCallInfo fcinfo)
{
	return AggCheckCallContext(fcinfo, NULL) != 0;
}

/* The name that a text is. */
static MedicationName
name_of_text(text *name)
{
	return (MedicationName){ VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name) };
}

/* The state that is the first argument; a new one for NULL. */
static Supply *
state_arg(FunctionCallInfo fcinfo)
{
	return PG_ARGISNULL(0) ? supply_empty() : PG_GETARG_SUPPLY(0);
}

/* Return a state, or, outside an aggregate, its canonical value. */
static Datum
return_state(FunctionCallInfo fcinfo, Supply *state)
{
	if (!is_in_aggregate(fcinfo))
		state = supply_pack(state);
	PG_RETURN_SUPPLY(state);
}

PG_FUNCTION_INFO_V1(supply_agg_add);

/* Transition of supply_agg: day, duration and, where given, dose and medication. */
Datum
supply_agg_add(PG_FUNCTION_ARGS)
{
	DispensingInput input = { .dose = UNKNOWN_DOSE };
	bool has_dose = PG_NARGS() > 3 && !PG_ARGISNULL(3);

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return return_state(fcinfo, state_arg(fcinfo));
	input.day = PG_GETARG_DATEADT(1);
	input.duration = PG_GETARG_FLOAT8(2);
	if (has_dose)
		input.dose = PG_GETARG_FLOAT8(3);
	if (PG_NARGS() > 4 && !PG_ARGISNULL(4))
		input.medication = name_of_text(PG_GETARG_TEXT_PP(4));
	supply_check_input(&input, has_dose);
	return return_state(fcinfo, supply_add(state_arg(fcinfo), is_in_aggregate(fcinfo), &input));
}

PG_FUNCTION_INFO_V1(supply_rollup_add);

/* Transition of rollup, and combination of two states: the dispensings of both. */
Datum
supply_rollup_add(PG_FUNCTION_ARGS)
{
	return return_state(
		fcinfo, supply_add_all(state_arg(fcinfo), is_in_aggregate(fcinfo), PG_GETARG_SUPPLY(1)));
}

PG_FUNCTION_INFO_V1(supply_agg_final);

/* Final function: the canonical value of a state; NULL if it has no dispensings. */
Datum
supply_agg_final(PG_FUNCTION_ARGS)
{
	Supply *value = supply_pack(PG_GETARG_SUPPLY(0));

	if (supply_view(value).n == 0)
		PG_RETURN_NULL();
	PG_RETURN_SUPPLY(value);
}
