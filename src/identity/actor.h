/*
 * Who is acting in this transaction.
 */
#ifndef COACHIATRY_ACTOR_H
#define COACHIATRY_ACTOR_H

#include "identity/lookup.h"

/* Define the settings coachiatry.actor and coachiatry.token. */
extern void actor_define_settings(void);

/* Make somebody the actor until the transaction ends, and take on the role. */
extern void actor_sign_in(const Identity *identity);

/* Who is acting in a program; NULL for nobody. */
extern const Identity *actor_in(Oid program);

/* Who has signed in by a token, in whichever program, and acts; NULL for nobody. */
extern const Identity *actor_anywhere(void);

#endif
