/*
 * Whether what changed in a record may have to do with warnings: a question
 * that is cheap, and answered yes in case of doubt.
 */
#ifndef COACHIATRY_SCREEN_H
#define COACHIATRY_SCREEN_H

#include "program/changes.h"
#include "program/record.h"

/* What may have to do with it. */
typedef struct Concern
{
	bool safety;
	bool rules;
	TimestampTz look_at; /* with rules, but not before that time; infinity: not by itself */
} Concern;

extern Concern screen_changes(RecordReader *reader, KeptKind kind, const Change *change,
							  const Change *end);

#endif
