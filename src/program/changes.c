/*
 * Reading the transition tables of a statement.  All changes are gathered and
 * sorted before anything is written: so rows of one key are one write, and
 * everybody writes keys in the same order.
 */
#include "program/changes.h"

#include "access/htup_details.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

/* Changes that there is room for at first. */
#define FIRST_ROOM 8

/* Names of the columns of a fact, and where they are in its rows. */
#define FACT_COLUMNS 6
typedef struct FactShape
{
	const char *names[FACT_COLUMNS];
	Oid types[FACT_COLUMNS];
	int count;
} FactShape;

static const FactShape shapes[] = {
	[KEPT_CALENDAR] = { { "person_id", "task_id", "source", "due_on", "taken", "missed" },
						{ INT8OID, INT8OID, TEXTOID, DATEOID, INT2OID, INT2OID },
						6 },
	[KEPT_SERIES] = { { "person_id", "instrument_id", "item", "measured_on", "value" },
					  { INT8OID, INT8OID, TEXTOID, DATEOID, FLOAT8OID },
					  5 },
};

/* No changes yet; they will live in a context. */
void
changes_init(Changes *changes, KeptKind kind, MemoryContext context)
{
	*changes = (Changes){ .kind = kind, .context = context, .allocated = FIRST_ROOM };
	changes->list = MemoryContextAlloc(context, FIRST_ROOM * sizeof(Change));
}

/* Where the columns of a fact are in a table; an error if one is missing or of another type. */
static void
find_columns(const FactShape *shape, TupleDesc table, AttrNumber *columns)
{
	for (int i = 0; i < shape->count; i++)
	{
		int number = SPI_fnumber(table, shape->names[i]);

		if (number <= 0 || SPI_gettypeid(table, number) != shape->types[i])
			ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
							errmsg("table of the trigger must have a column \"%s\" of type %s",
								   shape->names[i], format_type_be(shape->types[i]))));
		columns[i] = (AttrNumber) number;
	}
}

/* A text as a string that lives as long as the changes; that of the change before, if it is the same. */
static const char *
keep_label(Changes *changes, Datum datum)
{
	const text *label = DatumGetTextPP(datum);
	Size length = VARSIZE_ANY_EXHDR(label);
	char *kept;

	if (changes->count > 0)
	{
		const char *before = changes->list[changes->count - 1].label;

		if (strlen(before) == length && memcmp(before, VARDATA_ANY(label), length) == 0)
			return before;
	}
	kept = MemoryContextAlloc(changes->context, length + 1);
	memcpy(kept, VARDATA_ANY(label), length);
	kept[length] = '\0';
	return kept;
}

/* Room for one more change. */
static Change *
next_change(Changes *changes)
{
	if (changes->count == changes->allocated)
	{
		changes->allocated = mul_size(changes->allocated, 2);
		changes->list = repalloc_huge(changes->list, mul_size(changes->allocated, sizeof(Change)));
	}
	return &changes->list[changes->count];
}

/* Add the row in a slot. */
static void
read_row(Changes *changes, TupleTableSlot *row, const AttrNumber *columns, int sign)
{
	Change *change = next_change(changes);
	Datum values[FACT_COLUMNS];

	for (int i = 0; i < shapes[changes->kind].count; i++)
	{
		bool isnull;

		values[i] = slot_getattr(row, columns[i], &isnull);
		if (isnull)
			ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
							errmsg("column \"%s\" of a fact that is kept must not be null",
								   shapes[changes->kind].names[i])));
	}
	*change = (Change){ .person_id = DatumGetInt64(values[0]),
						.of_id = DatumGetInt64(values[1]),
						.label = keep_label(changes, values[2]),
						.day = DatumGetDateADT(values[3]),
						.sign = (int8) sign };
	if (changes->kind == KEPT_CALENDAR)
	{
		change->taken = (int8) DatumGetInt16(values[4]);
		change->missed = (int8) DatumGetInt16(values[5]);
	}
	else
		change->value = DatumGetFloat8(values[4]);
	changes->count++;
}

/* Add the changes of another list, whose memory then belongs to the first. */
void
changes_take(Changes *changes, Changes *from)
{
	for (Size i = 0; i < from->count; i++)
	{
		*next_change(changes) = from->list[i];
		changes->count++;
	}
	MemoryContextSetParent(from->context, changes->context);
}

/* Add all rows of a transition table as facts that came or went. */
void
changes_read(Changes *changes, Tuplestorestate *rows, TupleDesc shape, int sign)
{
	AttrNumber columns[FACT_COLUMNS];
	TupleTableSlot *row;

	if (tuplestore_tuple_count(rows) == 0)
		return;
	find_columns(&shapes[changes->kind], shape, columns);
	row = MakeSingleTupleTableSlot(shape, &TTSOpsMinimalTuple);
	tuplestore_select_read_pointer(rows, 0);
	tuplestore_rescan(rows);
	while (tuplestore_gettupleslot(rows, true, false, row))
	{
		CHECK_FOR_INTERRUPTS();
		read_row(changes, row, columns, sign);
	}
	ExecDropSingleTupleTableSlot(row);
}

/* Order of two keys: person, task or instrument, label byte by byte. */
static int
compare_keys(const Change *a, const Change *b)
{
	if (a->person_id != b->person_id)
		return a->person_id < b->person_id ? -1 : 1;
	if (a->of_id != b->of_id)
		return a->of_id < b->of_id ? -1 : 1;
	return a->label == b->label ? 0 : strcmp(a->label, b->label);
}

/* Order of two changes: key, day, then value. */
static int
compare_changes(const void *first, const void *second)
{
	const Change *a = first;
	const Change *b = second;
	int order = compare_keys(a, b);

	if (order != 0)
		return order;
	if (a->day != b->day)
		return a->day < b->day ? -1 : 1;
	return a->value < b->value ? -1 : a->value > b->value;
}

/* Sort by key, day and value. */
void
changes_sort(Changes *changes)
{
	qsort(changes->list, changes->count, sizeof(Change), compare_changes);
}

/* Whether two changes are of one kept value. */
bool
changes_same_key(const Change *a, const Change *b)
{
	return compare_keys(a, b) == 0;
}

/* Whether two changes are of one thing that rules watch: a task, or an item of a measure. */
bool
changes_same_stream(KeptKind kind, const Change *a, const Change *b)
{
	return a->person_id == b->person_id && a->of_id == b->of_id &&
		   (kind == KEPT_CALENDAR || strcmp(a->label, b->label) == 0);
}
