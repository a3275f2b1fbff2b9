/*
 * Programs: schemas of ordinary tables that are made from the installed
 * template.  create_program checks what it is told, makes the roles and the
 * schema as the caller, and runs the template as the owner of the program,
 * with settings of its own; whatever goes wrong leaves nothing behind, as all
 * of it is part of the caller's transaction.
 */
#include "program/program.h"

#include "catalog/namespace.h"
#include "catalog/pg_database.h"
#include "catalog/pg_type.h"
#include "commands/dbcommands.h"
#include "common/keywords.h"
#include "executor/spi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"

#include "program/clock.h"
#include "program/roles.h"
#include "program/script.h"

/* Most bytes of an argument that a message shows. */
#define EXCERPT_LENGTH 64

/* What a new program is to be. */
typedef struct NewProgram
{
	const char *name;
	const char *domain;
	const char *prefix;
	const char *creator;
	Oid owner;
	ArrayType *roles_made;
} NewProgram;

/* Define the settings of this room. */
void
program_define_settings(void)
{
	clock_define_setting();
	script_define_setting();
}

/*
 * Commands and settings
 */

/* Run a command through SPI as the current user. */
void
program_execute(const char *command)
{
	int result = SPI_execute(command, false, 0);

	if (result < 0)
		elog(ERROR, "%s: %s", SPI_result_code_string(result), command);
}

/* Change a setting until the level of settings ends. */
void
program_fix_setting(const char *name, const char *value)
{
	(void) set_config_option(name, value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0,
							 false);
}

/*
 * Settings under which a template means the same whoever runs it; the level
 * that AtEOXact_GUC ends, as the server does where an error ends a transaction
 * or a part of it.
 */
int
program_fix_settings(void)
{
	int level = NewGUCNestLevel();

	program_fix_setting("search_path", "pg_catalog, pg_temp");
	program_fix_setting("check_function_bodies", "on");
	program_fix_setting("standard_conforming_strings", "on");
	program_fix_setting("array_nulls", "on");
	program_fix_setting("transform_null_equals", "off");
	program_fix_setting("DateStyle", "ISO, YMD");
	program_fix_setting("IntervalStyle", "postgres");
	program_fix_setting("TimeZone", "UTC");
	return level;
}

/* The n-th argument as a string; an error where it is NULL. */
char *
program_text_argument(FunctionCallInfo fcinfo, int n, const char *what)
{
	if (PG_ARGISNULL(n))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("%s must not be null", what)));
	return text_to_cstring(PG_GETARG_TEXT_PP(n));
}

/* The start of an argument, to show in a message. */
char *
program_excerpt(const char *text)
{
	return pnstrdup(text, pg_mbcliplen(text, (int) strlen(text), EXCERPT_LENGTH));
}

/* Refuse a name that would need quotes somewhere, or that belongs to the server or to us. */
void
program_check_name(const char *name, const char *what)
{
	const char *reason = NULL;

	if (!template_name_is_plain(name))
		reason =
			"It must be a lower-case letter and up to 39 lower-case letters, digits and underscores.";
	else if (ScanKeywordLookup(name, &ScanKeywords) >= 0)
		reason = "It is a keyword of SQL.";
	else if (strncmp(name, "pg_", 3) == 0 || strcmp(name, "information_schema") == 0 ||
			 strcmp(name, "public") == 0 || strcmp(name, "coachiatry") == 0)
		reason = "It belongs to the server or to the extension.";
	if (reason != NULL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_NAME),
						errmsg("invalid %s: \"%s\"", what, program_excerpt(name)),
						errdetail("%s", reason)));
}

/*
 * What a new program is to be
 */

/* Refuse an unknown domain. */
static void
check_domain(const char *domain)
{
	static const char *const domains[] = { "psychiatry", "medicine", "education", "workplace" };

	for (size_t i = 0; i < lengthof(domains); i++)
		if (strcmp(domain, domains[i]) == 0)
			return;
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("unknown domain of a program: \"%s\"", program_excerpt(domain)),
					errhint("There are psychiatry, medicine, education and workplace.")));
}

/* Refuse a caller who may not make schemas or roles. */
static void
check_privileges(void)
{
	if (object_aclcheck(DatabaseRelationId, MyDatabaseId, GetUserId(), ACL_CREATE) != ACLCHECK_OK)
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("permission denied to create a program"),
						errdetail("It takes the privilege CREATE on database \"%s\".",
								  get_database_name(MyDatabaseId))));
	if (!has_createrole_privilege(GetUserId()))
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("permission denied to create a program"),
						errdetail("It takes the role attribute CREATEROLE.")));
}

/*
 * Making it
 */

/* Make the schema, which belongs to the owner. */
static void
make_schema(const NewProgram *program)
{
	Membership membership = roles_join(program->owner);

	program_execute(psprintf("CREATE SCHEMA %s AUTHORIZATION %s", program->name,
							 roles_name(program->prefix, "owner")));
	roles_leave(&membership);
}

/* Fill in the row that the first part of the template has made room for. */
static void
describe_program(const NewProgram *program, int version)
{
	Oid types[] = { TEXTOID, TEXTOID, INT4OID, TEXTOID, TEXTARRAYOID, TEXTOID };
	Datum values[] = { CStringGetTextDatum(program->name),
					   CStringGetTextDatum(program->domain),
					   Int32GetDatum(version),
					   CStringGetTextDatum(program->prefix),
					   PointerGetDatum(program->roles_made),
					   CStringGetTextDatum(program->creator) };

	if (SPI_execute_with_args(psprintf("INSERT INTO %s.program_info (name, domain, "
									   "template_version, role_prefix, roles_made, created_by) "
									   "VALUES ($1, $2, $3, $4, $5, $6)",
									   program->name),
							  lengthof(types), types, values, NULL, false, 0) != SPI_OK_INSERT)
		elog(ERROR, "could not describe the program");
}

/* Run the template, part by part, as the owner. */
static void
fill_schema(const NewProgram *program, const Template *template)
{
	Actor before = roles_act_as(program->owner);
	ListCell *part;

	foreach (part, template->parts)
	{
		script_run(template, lfirst(part), program->name, program->prefix);
		if (part == list_head(template->parts))
			describe_program(program, template->newest);
	}
	roles_stop_acting(before);
}

PG_FUNCTION_INFO_V1(program_create);

/* Make a program; its name. */
Datum
program_create(PG_FUNCTION_ARGS)
{
	NewProgram program = { .name = program_text_argument(fcinfo, 0, "name of a program"),
						   .domain = program_text_argument(fcinfo, 1, "domain of a program"),
						   .creator = GetUserNameFromId(GetUserId(), false) };
	bool adopt = !PG_ARGISNULL(3) && PG_GETARG_BOOL(3);
	Template *template;
	int level;

	program.prefix =
		PG_ARGISNULL(2) ? program.name : program_text_argument(fcinfo, 2, "role prefix");
	program_check_name(program.name, "name of a program");
	program_check_name(program.prefix, "role prefix");
	check_domain(program.domain);
	check_privileges();
	if (OidIsValid(get_namespace_oid(program.name, true)))
		ereport(ERROR, (errcode(ERRCODE_DUPLICATE_SCHEMA),
						errmsg("schema \"%s\" already exists", program.name)));
	template = script_open_template();

	level = program_fix_settings();
	SPI_connect();
	program.roles_made = roles_make(program.prefix, adopt);
	program.owner = get_role_oid(roles_name(program.prefix, "owner"), false);
	make_schema(&program);
	fill_schema(&program, template);
	SPI_finish();
	AtEOXact_GUC(true, level);
	PG_RETURN_TEXT_P(cstring_to_text(program.name));
}
