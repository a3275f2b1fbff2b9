/*
 * Reading the members of the JSON objects in a token.
 */
#ifndef COACHIATRY_CLAIMS_H
#define COACHIATRY_CLAIMS_H

#include "coachiatry.h"

#include "common/jsonapi.h"

/* A member that one asks for: its name, the type it must have, and, once it was read, its value. */
typedef struct Claim
{
	const char *name;
	JsonTokenType type; /* JSON_TOKEN_INVALID: it must not be there at all */
	char *value;		/* of a string what it stands for, of a number its text; NULL: not there */
} Claim;

/* Read an object; what is wrong with it, or NULL. */
extern const char *claims_read(char *json, size_t length, Claim *claims, int nclaims);

#endif
