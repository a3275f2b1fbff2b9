/*
 * Who is acting: what the other rooms may ask of this one.
 */
#ifndef COACHIATRY_IDENTITY_H
#define COACHIATRY_IDENTITY_H

#include "coachiatry.h"

/* Define the settings of this room. */
extern void identity_define_settings(void);

#endif
