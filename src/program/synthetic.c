/*
 * A program filled with invented people, for demonstrations, training and
 * tests.  What fills it is plain SQL, the file synthetic.sql beside the parts
 * of the template; it runs as the owner of the new program.
 */
#include "program/program.h"

#include "executor/spi.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"

#include "program/roles.h"
#include "program/script.h"

/* Most people that a program can be filled with. */
#define MAX_PEOPLE 1000000

extern Datum program_create(PG_FUNCTION_ARGS);

/* The n-th argument as an integer; an error where it is NULL. */
static int
int_argument(FunctionCallInfo fcinfo, int n, const char *what)
{
	if (PG_ARGISNULL(n))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("%s must not be null", what)));
	return PG_GETARG_INT32(n);
}

/* Refuse more people than we can invent, or none. */
static void
check_people(int people)
{
	if (people < 1 || people > MAX_PEOPLE)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("number of people out of range: %d", people),
						errhint("A synthetic program has 1 to %d people.", MAX_PEOPLE)));
}

/* Make the program that is to be filled. */
static void
make_program(const char *name, bool adopt)
{
	Datum of_name = CStringGetTextDatum(name);

	(void) DirectFunctionCall4(program_create, of_name, CStringGetTextDatum("psychiatry"), of_name,
							   BoolGetDatum(adopt));
}

/* Tell the file what it cannot know: functions that it drops at its end. */
static void
tell_number(const char *program, const char *what, int number)
{
	program_execute(psprintf("CREATE FUNCTION %s.synthetic_%s() RETURNS integer "
							 "LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN (%d)",
							 program, what, number));
}

/* Fill a new program, as its owner. */
static void
fill_program(const char *name, int people, int seed)
{
	int level = program_fix_settings();
	Actor before;

	SPI_connect();
	before = roles_act_as(get_role_oid(roles_name(name, "owner"), false));
	tell_number(name, "people", people);
	tell_number(name, "seed", seed);
	script_run(script_open_template(), "synthetic.sql", name, name);
	roles_stop_acting(before);
	SPI_finish();
	AtEOXact_GUC(true, level);
}

PG_FUNCTION_INFO_V1(program_synthetic);

/* Make a program of invented people; its name. */
Datum
program_synthetic(PG_FUNCTION_ARGS)
{
	char *name = program_text_argument(fcinfo, 0, "name of a program");
	int people = int_argument(fcinfo, 1, "number of people");
	int seed = int_argument(fcinfo, 2, "seed");

	check_people(people);
	make_program(name, !PG_ARGISNULL(3) && PG_GETARG_BOOL(3));
	fill_program(name, people, seed);
	PG_RETURN_TEXT_P(cstring_to_text(name));
}
