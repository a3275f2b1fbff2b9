/*
 * What a session keeps of the rules of a program, so that a check-in need not
 * read them: which detectors watch, whom to believe, and which answers are a
 * matter of safety.
 */
#ifndef COACHIATRY_RULES_H
#define COACHIATRY_RULES_H

#include "coachiatry.h"

#include "program/tables.h"
#include "signal/watch.h"

/* An enabled rule of tasks; or of measures, and then one for each measure that it watches. */
typedef struct WatchedRule
{
	int64 warning_rule_id;
	Watch watch;
	bool is_broken;		 /* its parameters cannot be read */
	int64 instrument_id; /* 0: of tasks */
	const char *item;
	const char *task_kind; /* NULL: of any */
	const char *tag;	   /* of tasks that have it; NULL: of all */
	int32 severity;
	int32 clear_days;
	int32 cool_down_days;
} WatchedRule;

/* An item that asks about self-harm. */
typedef struct WatchedItem
{
	int64 instrument_id;
	const char *item;
} WatchedItem;

typedef struct WatchedProgram
{
	ProgramTables tables;
	MemoryContext context;
	int nrules;
	WatchedRule *rules;
	int nitems;
	WatchedItem *items;
	int nsources;
	const char **sources; /* whom to believe, first things first */
	int64 day_start;	  /* when a day begins, us after midnight */
} WatchedProgram;

/* The rules of the program in a schema; NULL if it has none yet. To be asked as its owner. */
extern const WatchedProgram *rules_of(Oid schema);

#endif
