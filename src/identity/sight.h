/*
 * Whom the actor sees in a program.
 */
#ifndef COACHIATRY_SIGHT_H
#define COACHIATRY_SIGHT_H

#include "identity/lookup.h"

/* How much of the persons of a program an actor sees. */
typedef enum SightScope
{
	SIGHT_NOBODY,
	SIGHT_LISTED,	/* those of a list */
	SIGHT_ENROLLED, /* those of an organisation, of whom one is asked for at a time at first */
	SIGHT_EVERYBODY
} SightScope;

/* Whether an actor sees a person. */
extern bool sight_has(const Identity *actor, int64 person_id);

/* How far an actor's sight reaches; of a list, how many persons it has. */
extern SightScope sight_scope(const Identity *actor, int *persons);

/* All persons whom an actor sees, in ascending order; they last until the next question. */
extern int sight_list(const Identity *actor, const int64 **persons);

/* Forget what was seen: the time by which one looks is another. */
extern void sight_forget(void);

#endif
