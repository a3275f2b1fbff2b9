/*
 * A float8 as text, the same in every locale.
 */
#ifndef COACHIATRY_NUMBER_TEXT_H
#define COACHIATRY_NUMBER_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Room for a number as text, its final zero included. */
#define NUMBER_SIZE 32

extern size_t number_format(double number, char text[NUMBER_SIZE]);
extern bool number_parse(const char **text, double *number);

#endif
