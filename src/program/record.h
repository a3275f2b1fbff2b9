/*
 * What a program keeps of a task or a measure, read straight from its tables:
 * a query would take longer than all that is asked of it.
 */
#ifndef COACHIATRY_RECORD_H
#define COACHIATRY_RECORD_H

#include "coachiatry.h"

#include "utils/array.h"
#include "utils/date.h"
#include "utils/timestamp.h"

#include "adherence/calendar.h"
#include "program/changes.h"
#include "program/rules.h"
#include "program/tables.h"
#include "signal/observations.h"

/* Days by which a local day differs at most from that of UTC, a late start of the day included. */
#define NEAR_DAYS 2

/* A kept calendar of a person. */
typedef struct FoundCalendar
{
	int64 task_id;
	const char *source;
	ItemPointerData at;	  /* where the index finds it */
	ItemPointerData self; /* the version that was read */
} FoundCalendar;

/* The kept calendars of a person, as they were found. */
typedef struct FoundCalendars
{
	int64 person_id;
	int n;
	FoundCalendar *list;
	bool is_behind; /* a plan of them has fallen behind */
	bool are_all;	/* this statement has made no other */
} FoundCalendars;

/* What a program keeps of a record, open to be read. */
typedef struct RecordReader
{
	const WatchedProgram *program;
	TableReader tables;
	MemoryContext of_person;
	FoundCalendars found; /* of the person that was written to last */
	bool is_ahead;		  /* it has met what the queries of this transaction do not see */
} RecordReader;

/* A warning that a rule has opened. */
typedef struct OpenWarning
{
	int64 warning_rule_id;
	DateADT raised_on;
	int32 severity;
	bool stands; /* the record still says so */
} OpenWarning;

/* Which warnings of something are open. */
typedef struct OpenWarnings
{
	bool safety; /* some are of safety; those are not in the list */
	int n;
	OpenWarning *list;
} OpenWarnings;

/* The time where a person is. */
typedef struct LocalTime
{
	Datum time_zone; /* text */
	int64 day_start;
} LocalTime;

/* Whether a person is coached: else no rule watches them. */
typedef struct Coached
{
	bool yes;
	TimestampTz look_at; /* when they are looked at again at the latest; infinity: nobody will */
} Coached;

/* A task as it is kept: its row and warnings, and once they are read its calendars. */
typedef struct TaskRecord
{
	int64 person_id;
	int64 task_id;
	bool is_there;
	bool is_scheduled;
	Datum schedule;
	Datum starts_at;
	DateADT ends;	 /* the first day without it; DATEVAL_NOEND */
	int32 max_units; /* 0: no limit */
	int32 gap_days;	 /* 0: no hazard */
	const char *kind;
	ArrayType *tags;
	OpenWarnings open;
	bool is_doubtful;	/* it is not simply plan and record, or not all that matters is there */
	Calendar effective; /* from the first to the last day that something is recorded of */
	int nsources;
	Calendar *sources; /* whom is believed first, first; absent ones are empty */
} TaskRecord;

/* What all sources report of a day. */
typedef struct DayReports
{
	int32 units;	  /* taken or missed */
	int32 most_units; /* of one source */
	int32 most_taken;
} DayReports;

/* Whose record there is of a task beside what a statement adds. */
typedef enum RecordBy
{
	BY_NOBODY, /* it will be the first, of whatever source */
	BY_ITSELF, /* the same source, and no other */
	BY_OTHERS,
} RecordBy;

/* A measure as it is kept. */
typedef struct MeasureRecord
{
	bool is_doubtful;
	OpenWarnings open;
	PackedSeries series;
} MeasureRecord;

extern RecordReader record_begin(const WatchedProgram *program);
extern void record_refresh(RecordReader *reader, const WatchedProgram *program);
extern void record_end(RecordReader *reader);
extern LocalTime record_local_time(RecordReader *reader, int64 person_id);
extern int32 local_today(const LocalTime *local);
extern TimestampTz local_beginning(const LocalTime *local, int32 day);
extern Coached record_coached(RecordReader *reader, int64 person_id);
extern TaskRecord record_of_task(RecordReader *reader, int64 person_id, int64 task_id);
extern void record_calendars(RecordReader *reader, TaskRecord *task);
extern bool record_has_tag(const TaskRecord *task, const char *tag);
extern int64 record_closed_on(RecordReader *reader, int64 person_id, int64 task_id,
							  int64 warning_rule_id);
extern MeasureRecord record_of_measure(RecordReader *reader, int64 person_id, int64 instrument_id,
									   const char *item);
extern void find_calendars(RecordReader *reader, int64 person_id);
extern const FoundCalendar *found_calendar(const FoundCalendars *found, const Change *change);
extern RecordBy record_by(const FoundCalendars *found, const Change *change, const Change *end);
extern DayReports record_reports(const TaskRecord *task, int32 day);
extern int32 utc_today(void);

#endif
