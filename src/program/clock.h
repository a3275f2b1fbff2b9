/*
 * The program's clock, for what depends on "now" and cannot be told as_of.
 */
#ifndef COACHIATRY_CLOCK_H
#define COACHIATRY_CLOCK_H

#include "datatype/timestamp.h"

/* Define the setting coachiatry.clock. */
extern void clock_define_setting(void);

/* The time by the clock: the setting, or the start of the transaction. */
extern TimestampTz clock_now(void);

#endif
