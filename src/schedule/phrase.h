/*
 * Message patterns of ICU, checked before ICU sees them.  ICU's C interface
 * takes what a pattern says about its values on trust, so a pattern that took
 * a number for a text would read from a wild pointer; patterns are rows of a
 * table that anyone who owns it can write.
 */
#ifndef COACHIATRY_PHRASE_H
#define COACHIATRY_PHRASE_H

#include <stdbool.h>

/* Most values of a phrase. */
#define PHRASE_MAX_VALUES 2

/* Whether a pattern uses each of so many values, and each only as the number or text that it is. */
extern bool phrase_is_good(const char *pattern, const bool *is_number, int nvalues);

#endif
