/*
 * Whom the actor sees.  Policies ask for every row, and the answer is that of
 * the program's sees_persons(): a list that is made once for each moment, and
 * searched.  So it costs a row little, whether one sees fifty persons or fifty
 * thousand, and a statement with many tables makes one list.
 *
 * A coordinator sees all of an organisation.  The list of those is long, and
 * often one of them is looked at; so the first questions are about one person
 * each, and where the organisation is the only one no list is needed.
 */
#include "identity/sight.h"

#include "common/int.h"
#include "utils/memutils.h"

#include "identity/moment.h"

/* So many questions are about one person each before a list is made. */
#define QUESTIONS_BEFORE_LIST 64

/* What the actor saw last. */
typedef struct Sight
{
	bool holds; /* whether the rest is anything */
	Moment moment;
	Oid program;
	int64 staff_id;

	bool is_coordinator;
	bool sees_everybody;
	int questions; /* about one person */
	bool is_listed;
	int npersons;
	int64 *persons; /* ascending */
	uint64 *
		bits; /* one for each number from the first to the last, where that takes no more room; else NULL */
	MemoryContext memory; /* of both */
} Sight;

static Sight sight;

/* Forget what was seen: the time by which one looks is another. */
void
sight_forget(void)
{
	sight.holds = false;
}

/* Whether what was seen last is what an actor sees at a moment. */
static bool
is_still(const Identity *actor, const Moment *now)
{
	return sight.holds && sight.program == actor->program && sight.staff_id == actor->id &&
		   moment_is(&sight.moment, now);
}

/* The program of an actor, which exists. */
static ProgramSchema
program_of(const Identity *actor)
{
	ProgramSchema program;

	if (!lookup_program(actor->program, &program))
		elog(ERROR, "the program of the actor is none");
	return program;
}

/* Look anew. */
static void
look(const Identity *actor, const Moment *now, bool is_moment)
{
	MemoryContext memory = sight.memory;

	if (memory == NULL)
		memory = AllocSetContextCreate(TopMemoryContext, "coachiatry sight", ALLOCSET_SMALL_SIZES);
	MemoryContextReset(memory);
	sight = (Sight){ .memory = memory,
					 .program = actor->program,
					 .staff_id = actor->id,
					 .moment = *now,
					 .is_coordinator = strcmp(actor->word, "coordinator") == 0 };
	if (sight.is_coordinator)
	{
		ProgramSchema program = program_of(actor);

		sight.sees_everybody = lookup_has_everybody(&program, actor->id);
	}
	sight.holds = is_moment;
}

/* Look, unless what was seen last is still so. */
static void
ensure(const Identity *actor)
{
	Moment now;
	bool is_moment = moment_take(&now);

	if (!is_moment || !is_still(actor, &now))
		look(actor, &now, is_moment);
}

/* Mark the persons of the list by a bit each, if their numbers lie close enough. */
static void
mark_bits(void)
{
	int64 first = sight.persons[0];
	int64 last = sight.persons[sight.npersons - 1];
	int64 span;

	if (pg_sub_s64_overflow(last, first, &span) || span / 64 >= sight.npersons)
		return;
	sight.bits = MemoryContextAllocZero(sight.memory, (Size) (span / 64 + 1) * sizeof(uint64));
	for (int i = 0; i < sight.npersons; i++)
	{
		uint64 place = (uint64) (sight.persons[i] - first);

		sight.bits[place / 64] |= UINT64CONST(1) << (place % 64);
	}
}

/* Make the list, unless it is made. */
static void
ensure_list(const Identity *actor)
{
	ProgramSchema program;

	if (sight.is_listed)
		return;
	program = program_of(actor);
	sight.npersons = lookup_persons(&program, actor->id, sight.memory, &sight.persons);
	if (sight.npersons > 0)
		mark_bits();
	sight.is_listed = true;
}

/* Whether the list has a person. */
static bool
list_has(int64 person_id)
{
	int low = 0;
	int high = sight.npersons;

	if (high == 0 || person_id < sight.persons[0] || person_id > sight.persons[high - 1])
		return false;
	if (sight.bits != NULL)
	{
		uint64 place = (uint64) (person_id - sight.persons[0]);

		return (sight.bits[place / 64] >> (place % 64) & 1) != 0;
	}
	while (low < high)
	{
		int middle = low + (high - low) / 2;

		if (sight.persons[middle] < person_id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < sight.npersons && sight.persons[low] == person_id;
}

/* Whether an actor sees a person. */
bool
sight_has(const Identity *actor, int64 person_id)
{
	ensure(actor);
	if (sight.sees_everybody)
		return true;
	if (sight.is_coordinator && !sight.is_listed && sight.questions < QUESTIONS_BEFORE_LIST)
	{
		ProgramSchema program = program_of(actor);

		sight.questions++;
		return lookup_has_person(&program, actor->id, person_id);
	}
	ensure_list(actor);
	return list_has(person_id);
}

/* How far an actor's sight reaches; of a list, how many persons it has. */
SightScope
sight_scope(const Identity *actor, int *persons)
{
	ensure(actor);
	if (sight.sees_everybody)
		return SIGHT_EVERYBODY;
	if (sight.is_coordinator)
		return SIGHT_ENROLLED;
	ensure_list(actor);
	*persons = sight.npersons;
	return sight.npersons > 0 ? SIGHT_LISTED : SIGHT_NOBODY;
}

/* All persons whom an actor sees, in ascending order; they last until the next question. */
int
sight_list(const Identity *actor, const int64 **persons)
{
	ensure(actor);
	ensure_list(actor);
	*persons = sight.persons;
	return sight.npersons;
}
