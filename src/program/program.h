/*
 * What the files of this room share: commands, settings, arguments, and the
 * programs that exist.
 */
#ifndef COACHIATRY_PROGRAM_H
#define COACHIATRY_PROGRAM_H

#include "coachiatry.h"

#include "nodes/pg_list.h"
#include "storage/lockdefs.h"
#include "utils/array.h"
#include "utils/relcache.h"
#include "utils/snapshot.h"

/* A program that exists. */
typedef struct Program
{
	Oid schema;
	Oid owner;
	Oid info; /* the table program_info */
	char *name;

	/* What its row says, if it was read and there is one */
	bool is_described;
	Datum domain;
	int version;
	char *prefix;
	ArrayType *roles_made;
	Datum created_at;
} Program;

/* Define the settings of this room. */
extern void program_define_settings(void);

/* Commands, settings and arguments */
extern void program_execute(const char *command);
extern int program_fix_settings(void);
extern void program_fix_setting(const char *name, const char *value);
extern char *program_text_argument(FunctionCallInfo fcinfo, int n, const char *what);
extern char *program_excerpt(const char *text);
extern void program_check_name(const char *name, const char *what);

/* Programs that exist */
extern List *program_list(Oid schema);
extern Relation program_open(Program *program, LOCKMODE mode);
extern void program_read(Program *program, Relation info, Snapshot snapshot);

#endif
