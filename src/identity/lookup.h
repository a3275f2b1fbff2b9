/*
 * What the tables of a program say of keys, revoked tokens and people.
 */
#ifndef COACHIATRY_LOOKUP_H
#define COACHIATRY_LOOKUP_H

#include "coachiatry.h"

#include "datatype/timestamp.h"
#include "utils/palloc.h"

/* Longest secret of a key. */
#define LOOKUP_MAX_SECRET 64

/* What somebody is in a program. */
typedef enum IdentityKind
{
	IDENTITY_STAFF,
	IDENTITY_PERSON,
	IDENTITY_PROXY
} IdentityKind;

/* Somebody in a program. */
typedef struct Identity
{
	Oid program; /* its schema */
	Oid role;	 /* the database role that this identity acts as */
	IdentityKind kind;
	int64 id;				/* of the member of staff, person or proxy */
	int64 person_id;		/* the person, or for whom the proxy acts; else 0 */
	char word[NAMEDATALEN]; /* the role in the program: coach, person, proxy ... */
	TimestampTz expires;	/* when the token ends; DT_NOEND for a login */
} Identity;

/* A schema with what identities need of a program. */
typedef struct ProgramSchema
{
	Oid schema;
	Oid owner;
	char *name;
	char *prefix; /* of the names of its roles */
} ProgramSchema;

/* A key, and whether the token that names it was revoked. */
typedef struct TokenKey
{
	uint8 secret[LOOKUP_MAX_SECRET];
	int length;
	bool is_revoked;
} TokenKey;

extern bool lookup_program(Oid schema, ProgramSchema *program);
extern bool lookup_key(const ProgramSchema *program, const char *key_id, const char *token_id,
					   TimestampTz now, TokenKey *key);
extern int lookup_subject(const ProgramSchema *program, const char *subject, TimestampTz now,
						  Identity *identity);
extern int lookup_login(const ProgramSchema *program, const char *login, TimestampTz now,
						Identity *identity);
extern bool lookup_has_everybody(const ProgramSchema *program, int64 staff_id);
extern bool lookup_has_person(const ProgramSchema *program, int64 staff_id, int64 person_id);
extern int lookup_persons(const ProgramSchema *program, int64 staff_id, MemoryContext context,
						  int64 **persons);

#endif
