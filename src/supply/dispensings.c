/*
 * Dispensings in plain C.  In order: names of medications, adding
 * dispensings, packing (the canonical order), and comparison.
 */
#include "supply/dispensings.h"

#include <stdlib.h>

/* Names that a new one is compared with; one that is older is stored again. */
#define NAMES_REMEMBERED 16

/*
 * Names
 */

/* The name that starts at a place. */
static MedicationName
name_at(const char *place)
{
	uint32_t length;

	memcpy(&length, place, sizeof(length));
	return (MedicationName){ place + sizeof(length), length };
}

/* The name of a medication of some dispensings. */
MedicationName
medication_name(const Dispensings *supply, uint32_t medication)
{
	if (medication == UNKNOWN_MEDICATION)
		return (MedicationName){ NULL, 0 };
	return name_at(supply->names_end - medication);
}

/* Bytewise order of two names, one that is not known last. */
static int
compare_names(MedicationName a, MedicationName b)
{
	int order;

	if (a.bytes == NULL || b.bytes == NULL)
		return (a.bytes == NULL) - (b.bytes == NULL);
	order = memcmp(a.bytes, b.bytes, a.length < b.length ? a.length : b.length);
	if (order != 0)
		return order < 0 ? -1 : 1;
	return (a.length > b.length) - (a.length < b.length);
}

/* The medication with a name among the latest ones of a buffer, or UNKNOWN_MEDICATION. */
static uint32_t
find_name(const DispensingsBuffer *buffer, MedicationName name)
{
	size_t at = buffer->names_size;

	for (int i = 0; i < NAMES_REMEMBERED && at > 0; i++)
	{
		MedicationName there = name_at(buffer->names_end - at);

		if (compare_names(there, name) == 0)
			return (uint32_t) at;
		at -= medication_name_size(there);
	}
	return UNKNOWN_MEDICATION;
}

/* Store a name in front of the others of a buffer; the medication that it then is. */
static uint32_t
store_name(DispensingsBuffer *buffer, MedicationName name)
{
	uint32_t length = (uint32_t) name.length;
	char *place;

	buffer->names_size += medication_name_size(name);
	place = buffer->names_end - buffer->names_size;
	memcpy(place, &length, sizeof(length));
	memcpy(place + sizeof(length), name.bytes, name.length);
	return (uint32_t) buffer->names_size;
}

/* The medication with a name, which is stored unless it is found. */
static uint32_t
find_or_store_name(DispensingsBuffer *buffer, MedicationName name)
{
	uint32_t medication = find_name(buffer, name);

	return medication != UNKNOWN_MEDICATION ? medication : store_name(buffer, name);
}

/* How many names are stored. */
size_t
dispensings_count_names(const Dispensings *supply)
{
	size_t n = 0;

	for (size_t at = supply->names_size; at > 0; n++)
		at -= medication_name_size(name_at(supply->names_end - at));
	return n;
}

/* Whether the names are distinct and sorted; they are read from the last one to the first. */
static bool
names_are_sorted(const Dispensings *supply)
{
	MedicationName last = { NULL, 0 };

	for (size_t at = supply->names_size; at > 0;)
	{
		MedicationName name = name_at(supply->names_end - at);

		if (compare_names(name, last) >= 0)
			return false;
		at -= medication_name_size(name);
		last = name;
	}
	return true;
}

/* Whether a name that starts at a place ends before the end of all names. */
static bool
name_is_inside(const Dispensings *supply, size_t at)
{
	return at <= supply->names_size && at >= sizeof(uint32_t) &&
		   name_at(supply->names_end - at).length <= at - sizeof(uint32_t);
}

/* Whether no name reaches beyond the others, and nothing is what no input lets through. */
bool
dispensings_are_sound(const Dispensings *supply)
{
	for (size_t at = supply->names_size; at > 0;)
	{
		if (!name_is_inside(supply, at))
			return false;
		at -= medication_name_size(name_at(supply->names_end - at));
	}
	for (size_t i = 0; i < supply->n; i++)
	{
		const Dispensing *item = &supply->items[i];

		if (item->day < CALENDAR_FIRST_DAY || item->day > CALENDAR_LAST_DAY ||
			!supply_number_is_valid(item->duration) || !(item->dose > 0) ||
			(item->medication != UNKNOWN_MEDICATION && !name_is_inside(supply, item->medication)))
			return false;
	}
	return true;
}

/* Order of names that move: by where they were. */
static int
compare_moves_by_from(const void *a, const void *b)
{
	uint32_t left = ((const NameMove *) a)->from;
	uint32_t right = ((const NameMove *) b)->from;

	return (left > right) - (left < right);
}

/* List the names of a supply, sorted by where they are; how many there are. */
static size_t
list_names(const Dispensings *supply, NameMove *moves)
{
	size_t count = dispensings_count_names(supply);
	size_t n = count;

	for (size_t at = supply->names_size; at > 0;)
	{
		MedicationName name = name_at(supply->names_end - at);

		moves[--n] = (NameMove){ .name = name, .from = (uint32_t) at };
		at -= medication_name_size(name);
	}
	return count;
}

/* Number the medications of n dispensings anew; the moves are sorted by where names were. */
static void
renumber(Dispensing *items, size_t n, const NameMove *moves, size_t nmoves)
{
	for (size_t i = 0; i < n; i++)
	{
		NameMove key = { .from = items[i].medication };
		const NameMove *move =
			bsearch(&key, moves, nmoves, sizeof(NameMove), compare_moves_by_from);

		if (move != NULL)
			items[i].medication = move->to;
	}
}

/*
 * Adding
 */

/* Add a dispensing behind those of a buffer that has room for it and for its name. */
void
dispensings_append(DispensingsBuffer *to, const DispensingInput *input)
{
	uint32_t medication = UNKNOWN_MEDICATION;

	if (input->medication.bytes != NULL)
		medication = find_or_store_name(to, input->medication);
	to->items[to->n++] = (Dispensing){ .day = input->day,
									   .medication = medication,
									   .duration = input->duration,
									   .dose = input->dose };
}

/* Add all dispensings of another supply; moves has room for dispensings_count_names(from). */
void
dispensings_append_all(DispensingsBuffer *to, const Dispensings *from, NameMove *moves)
{
	size_t nmoves = list_names(from, moves);

	for (size_t i = 0; i < nmoves; i++)
		moves[i].to = find_or_store_name(to, moves[i].name);
	if (from->n > 0)
		memcpy(&to->items[to->n], from->items, from->n * sizeof(Dispensing));
	renumber(&to->items[to->n], from->n, moves, nmoves);
	to->n += from->n;
}

/*
 * Packing
 */

/* Order of two dispensings whose medications are numbered in order. */
static int
compare_items(const Dispensing *a, const Dispensing *b)
{
	if (a->day != b->day)
		return a->day < b->day ? -1 : 1;
	if (a->medication != b->medication)
		return a->medication < b->medication ? -1 : 1;
	if (a->dose != b->dose)
		return a->dose < b->dose ? -1 : 1;
	return (a->duration > b->duration) - (a->duration < b->duration);
}

/* The same for qsort. */
static int
compare_for_sort(const void *a, const void *b)
{
	return compare_items(a, b);
}

/* Order of names that move: by name. */
static int
compare_moves_by_name(const void *a, const void *b)
{
	return compare_names(((const NameMove *) a)->name, ((const NameMove *) b)->name);
}

/* Whether dispensings are in order, by the numbers of their medications. */
static bool
items_are_sorted(const Dispensing *items, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (compare_items(&items[i - 1], &items[i]) > 0)
			return false;
	return true;
}

/* Whether dispensings are packed; all their names are in use wherever they come from. */
bool
dispensings_are_packed(const Dispensings *supply)
{
	return items_are_sorted(supply->items, supply->n) && names_are_sorted(supply);
}

/* Store the names of a supply again, each once and in order; where each of them went. */
static size_t
move_names(DispensingsBuffer *to, const Dispensings *from, NameMove *moves)
{
	size_t n = list_names(from, moves);

	qsort(moves, n, sizeof(NameMove), compare_moves_by_name);
	for (size_t i = 0; i < n; i++)
	{
		bool is_same = i > 0 && compare_names(moves[i - 1].name, moves[i].name) == 0;

		moves[i].to = is_same ? moves[i - 1].to : store_name(to, moves[i].name);
	}
	qsort(moves, n, sizeof(NameMove), compare_moves_by_from);
	return n;
}

/*
 * Pack dispensings into an empty buffer with room for as many, and for as many
 * bytes of names.  moves has room for dispensings_count_names(from).
 */
void
dispensings_pack(DispensingsBuffer *to, const Dispensings *from, NameMove *moves)
{
	to->n = from->n;
	if (from->n > 0)
		memcpy(to->items, from->items, from->n * sizeof(Dispensing));
	if (names_are_sorted(from))
	{
		to->names_size = from->names_size;
		memcpy(to->names_end - to->names_size, from->names_end - from->names_size,
			   from->names_size);
	}
	else
		renumber(to->items, to->n, moves, move_names(to, from, moves));
	if (!items_are_sorted(to->items, to->n))
		qsort(to->items, to->n, sizeof(Dispensing), compare_for_sort);
}

/*
 * Comparison
 */

/* Order of two dispensings of different packed supplies. */
static int
compare_across(const Dispensings *a, const Dispensings *b, size_t i)
{
	Dispensing left = a->items[i];
	Dispensing right = b->items[i];
	int order =
		compare_names(medication_name(a, left.medication), medication_name(b, right.medication));

	left.medication = order > 0;
	right.medication = order < 0;
	return compare_items(&left, &right);
}

/* Total order of packed supplies: by the first dispensing that differs, a beginning first. */
int
dispensings_compare(const Dispensings *a, const Dispensings *b)
{
	size_t n = a->n < b->n ? a->n : b->n;

	for (size_t i = 0; i < n; i++)
	{
		int order = compare_across(a, b, i);

		if (order != 0)
			return order;
	}
	return (a->n > b->n) - (a->n < b->n);
}
