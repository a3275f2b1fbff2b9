/*
 * Upgrading a program to the installed version of the template, and dropping
 * it.  Both are for members of its owner and those who could make themselves
 * one, and act as the owner.
 */
#include "program/program.h"

#include "access/table.h"
#include "access/tableam.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "executor/tuptable.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"

#include "program/roles.h"
#include "program/script.h"

/*
 * Tables whose rows are data: those about persons, the four that all of them
 * refer to, and what others have put into the schema.  The rest are catalogues
 * that the template has filled.
 */
static const char *const data_query =
	"SELECT c.oid FROM pg_catalog.pg_class AS c "
	"WHERE c.relnamespace = $1 AND c.relkind = 'r' AND (c.relowner <> $2 "
	"OR c.relname IN ('organization', 'site', 'staff', 'person') "
	"OR EXISTS (SELECT FROM pg_catalog.pg_attribute AS a "
	"WHERE a.attrelid = c.oid AND a.attname = 'person_id' AND NOT a.attisdropped)) ORDER BY c.oid";

/*
 * Objects outside the schema that depend on something in it.  Parts of an
 * object (columns, defaults, rules, triggers) have the address of the whole
 * with the schema first; what depends internally is such a part, as a TOAST
 * table is.
 */
static const char *const outside_query =
	"SELECT pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid) "
	"FROM (SELECT 'pg_catalog.pg_class'::regclass AS class, oid FROM pg_catalog.pg_class "
	"WHERE relnamespace = $1 UNION ALL "
	"SELECT 'pg_catalog.pg_type'::regclass, oid FROM pg_catalog.pg_type "
	"WHERE typnamespace = $1 UNION ALL "
	"SELECT 'pg_catalog.pg_proc'::regclass, oid FROM pg_catalog.pg_proc "
	"WHERE pronamespace = $1 UNION ALL "
	"SELECT 'pg_catalog.pg_operator'::regclass, oid FROM pg_catalog.pg_operator "
	"WHERE oprnamespace = $1) AS ours "
	"JOIN pg_catalog.pg_depend AS d ON d.refclassid = ours.class AND d.refobjid = ours.oid "
	"CROSS JOIN LATERAL pg_catalog.pg_identify_object_as_address(d.classid, d.objid, d.objsubid) AS a "
	"WHERE d.deptype NOT IN ('i', 'e') AND a.object_names[1] <> $2 "
	"GROUP BY 1 ORDER BY 1";

/* Read what a program says of itself as it is now, whatever the transaction sees else. */
static void
read_now(Program *program, Relation info)
{
	Snapshot now = RegisterSnapshot(GetLatestSnapshot());

	program_read(program, info, now);
	UnregisterSnapshot(now);
}

/* Find a program that the current user may change, and read it with its table locked. */
static Program *
find_program(const char *name)
{
	Oid schema = get_namespace_oid(name, true);
	List *programs = OidIsValid(schema) ? program_list(schema) : NIL;
	Program *program = programs != NIL ? linitial(programs) : NULL;
	Relation info = NULL;

	if (program != NULL)
	{
		roles_check_may_act_as(program->owner);
		info = program_open(program, ShareRowExclusiveLock);
	}
	if (info == NULL)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_SCHEMA),
						errmsg("program \"%s\" does not exist", program_excerpt(name)),
						errhint("Those of this database are the rows of coachiatry.programs().")));
	read_now(program, info);
	table_close(info, NoLock);
	if (!program->is_described || !template_name_is_plain(program->prefix))
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("table \"%s.program_info\" does not describe a program", name)));
	return program;
}

/*
 * Upgrade
 */

/* The steps from a program's version to the newest one, in order. */
static TemplateStep *
find_steps(const Program *program, const Template *template, int *nsteps)
{
	TemplateStep *chain = palloc_array(TemplateStep, template->nsteps);

	if (program->version > template->newest)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("program \"%s\" is of version %d and the installed template of %d",
							   program->name, program->version, template->newest),
						errhint("Install the release of coachiatry that made the program.")));
	*nsteps = template_chain(template->steps, template->nsteps, program->version, template->newest,
							 chain);
	if (*nsteps < 0)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("no upgrade of program \"%s\" from version %d to %d", program->name,
							   program->version, template->newest),
						errdetail("The files in folder \"%s/upgrade\" do not lead there.",
								  template->folder)));
	return chain;
}

/* Run the steps as the owner, and write down the version reached. */
static void
run_steps(const Program *program, const Template *template, const TemplateStep *steps, int nsteps)
{
	Actor before = roles_act_as(program->owner);

	for (int i = 0; i < nsteps; i++)
		script_run(template, psprintf("upgrade/%d--%d.sql", steps[i].from, steps[i].to),
				   program->name, program->prefix);
	program_execute(psprintf("UPDATE %s.program_info SET template_version = %d", program->name,
							 template->newest));
	roles_stop_acting(before);
}

PG_FUNCTION_INFO_V1(program_upgrade);

/* Upgrade a program; the version that it has then. */
Datum
program_upgrade(PG_FUNCTION_ARGS)
{
	char *name = program_text_argument(fcinfo, 0, "name of a program");
	Template *template = script_open_template();
	Program *program;
	TemplateStep *steps;
	int nsteps;
	int level = program_fix_settings();

	SPI_connect();
	program_check_name(name, "name of a program");
	program = find_program(name);
	steps = find_steps(program, template, &nsteps);
	if (nsteps > 0)
		run_steps(program, template, steps, nsteps);
	SPI_finish();
	AtEOXact_GUC(true, level);
	if (nsteps == 0)
		ereport(NOTICE,
				(errmsg("program \"%s\" is of version %d already", name, template->newest)));
	PG_RETURN_TEXT_P(cstring_to_text(psprintf("%d", template->newest)));
}

/*
 * Drop
 */

/* Run one of the queries above for a program. */
static void
ask(const char *query, const Program *program, Oid second_type, Datum second)
{
	Oid types[] = { OIDOID, second_type };
	Datum values[] = { ObjectIdGetDatum(program->schema), second };

	if (SPI_execute_with_args(query, lengthof(types), types, values, NULL, false, 0) !=
		SPI_OK_SELECT)
		elog(ERROR, "could not ask about program \"%s\"", program->name);
}

/* Refuse to drop what other schemas need. */
static void
check_outside(const Program *program)
{
	StringInfoData list;

	ask(outside_query, program, TEXTOID, CStringGetTextDatum(program->name));
	if (SPI_processed == 0)
		return;
	initStringInfo(&list);
	for (uint64 i = 0; i < SPI_processed; i++)
		appendStringInfo(&list, "%s%s", i > 0 ? "\n" : "",
						 SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1));
	ereport(ERROR, (errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
					errmsg("cannot drop program \"%s\" because objects outside of it depend on it",
						   program->name),
					errdetail_internal("%s", list.data), errhint("Drop those first.")));
}

/*
 * Whether a table has rows.  It stays locked, so that no more come.  The rows
 * are those that are there now: an older transaction does not see them all.
 */
static bool
has_rows(Oid table)
{
	Relation relation = try_table_open(table, AccessExclusiveLock);
	Snapshot now;
	TupleTableSlot *row;
	TableScanDesc scan;
	bool found;

	if (relation == NULL)
		return false;
	now = RegisterSnapshot(GetLatestSnapshot());
	row = table_slot_create(relation, NULL);
	scan = table_beginscan(relation, now, 0, NULL);
	found = table_scan_getnextslot(scan, ForwardScanDirection, row);
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(row);
	UnregisterSnapshot(now);
	table_close(relation, NoLock);
	return found;
}

/* Refuse to drop data. */
static void
check_empty(const Program *program)
{
	SPITupleTable *tables;
	uint64 n;

	ask(data_query, program, OIDOID, ObjectIdGetDatum(program->owner));
	tables = SPI_tuptable;
	n = SPI_processed;
	for (uint64 i = 0; i < n; i++)
	{
		bool isnull;
		Oid table = DatumGetObjectId(SPI_getbinval(tables->vals[i], tables->tupdesc, 1, &isnull));

		if (has_rows(table))
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("program \"%s\" has data", program->name),
					 errdetail("Table \"%s\" has rows.", get_rel_name(table)),
					 errhint("To drop it with all its data: SELECT coachiatry.drop_program('%s', "
							 "even_with_data => true, confirm => '%s').",
							 program->name, program->name)));
	}
}

/* Whether the caller says twice that data does not matter. */
static bool
is_confirmed(FunctionCallInfo fcinfo, const char *name)
{
	return !PG_ARGISNULL(1) && PG_GETARG_BOOL(1) && !PG_ARGISNULL(2) &&
		   strcmp(text_to_cstring(PG_GETARG_TEXT_PP(2)), name) == 0;
}

PG_FUNCTION_INFO_V1(program_drop);

/* Drop a program, and the roles that were made for it. */
Datum
program_drop(PG_FUNCTION_ARGS)
{
	char *name = program_text_argument(fcinfo, 0, "name of a program");
	bool confirmed = is_confirmed(fcinfo, name);
	Program *program;
	Actor before;
	int level = program_fix_settings();

	SPI_connect();
	program = find_program(name);
	check_outside(program);
	if (!confirmed)
		check_empty(program);
	before = roles_act_as(program->owner);
	program_execute(psprintf("DROP SCHEMA %s CASCADE", quote_identifier(program->name)));
	roles_stop_acting(before);
	roles_drop(program->prefix, program->roles_made);
	SPI_finish();
	AtEOXact_GUC(true, level);
	PG_RETURN_VOID();
}
