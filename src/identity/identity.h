/*
 * Who is acting: what the other rooms may ask of this one.
 */
#ifndef COACHIATRY_IDENTITY_H
#define COACHIATRY_IDENTITY_H

#include "coachiatry.h"

/* Define the settings of this room. */
extern void identity_define_settings(void);

/* Forget whom the actor sees: the time by which one looks is another. */
extern void identity_forget_sight(void);

#endif
