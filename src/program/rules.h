/*
 * What a session keeps of the rules of a program, so that a check-in need not
 * read them: which detectors watch, whom to believe, and which answers are a
 * matter of safety.
 */
#ifndef COACHIATRY_RULES_H
#define COACHIATRY_RULES_H

#include "coachiatry.h"

#include "signal/watch.h"

/* An enabled rule of tasks; or of measures, and then one for each measure that it watches. */
typedef struct WatchedRule
{
	Watch watch;
	bool is_broken;		 /* its parameters cannot be read */
	int64 instrument_id; /* 0: of tasks */
	const char *item;
	int32 clear_days;
	int32 cool_down_days;
} WatchedRule;

/* An item that asks about self-harm. */
typedef struct WatchedItem
{
	int64 instrument_id;
	const char *item;
} WatchedItem;

/* The tables of a program that rules, and what they watch, are read from. */
typedef enum WatchedTable
{
	TABLE_RULE,
	TABLE_INSTRUMENT,
	TABLE_INFO,
	TABLE_TASK,
	TABLE_CALENDAR,
	TABLE_REVISION,
	TABLE_EXCUSED,
	TABLE_SERIES,
	TABLE_WARNING,
	TABLE_RECHECK,
	NTABLES,
} WatchedTable;

typedef struct WatchedProgram
{
	Oid schema;
	Oid tables[NTABLES];
	MemoryContext context;
	int nrules;
	WatchedRule *rules;
	int nitems;
	WatchedItem *items;
	int nsources;
	const char **sources; /* whom to believe, first things first */
} WatchedProgram;

/* The rules of the program in a schema; NULL if it has none yet. To be asked inside SPI, as its owner. */
extern const WatchedProgram *rules_of(Oid schema);

#endif
