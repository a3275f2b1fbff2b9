/*
 * The roles of a program, and acting as its owner.
 */
#ifndef COACHIATRY_ROLES_H
#define COACHIATRY_ROLES_H

#include "utils/array.h"

/* Membership in a role that lasts for a call. */
typedef struct Membership
{
	Oid role;
	bool is_new;	/* the member could not act as the role before */
	bool had_grant; /* though it had granted itself something of it */
} Membership;

/* Who acted before another role did. */
typedef struct Actor
{
	Oid user;
	int context;
	int level; /* of settings */
} Actor;

extern char *roles_name(const char *prefix, const char *kind);
extern ArrayType *roles_make(const char *prefix, bool adopt);
extern void roles_drop(const char *prefix, ArrayType *made);

extern void roles_check_may_act_as(Oid role);
extern Membership roles_join(Oid role);
extern void roles_leave(const Membership *membership);
extern Actor roles_act_as(Oid role);
extern void roles_stop_acting(Actor before);

#endif
