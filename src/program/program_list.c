/*
 * The programs that exist.  There is no register of them: a program is a
 * schema with a table program_info that has the columns that matter here and a
 * default that asks coachiatry.clock().  So a program that was restored from a
 * dump is one, and no table becomes one by chance.
 *
 * The table may be anybody's, so it is read by a plain scan, which runs none of
 * its owner's code: views and tables with policies are not taken for it.
 */
#include "program/program.h"

#include "access/table.h"
#include "access/tableam.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "executor/tuptable.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"
#include "utils/tuplestore.h"

#include "program/template.h"

/* Columns of program_info that are read here. */
enum
{
	DOMAIN,
	TEMPLATE_VERSION,
	ROLE_PREFIX,
	ROLES_MADE,
	CREATED_AT,
	NCOLUMNS
};

static const struct
{
	const char *name;
	Oid type;
} columns[NCOLUMNS] = {
	[DOMAIN] = { "domain", TEXTOID },
	[TEMPLATE_VERSION] = { "template_version", INT4OID },
	[ROLE_PREFIX] = { "role_prefix", TEXTOID },
	[ROLES_MADE] = { "roles_made", TEXTARRAYOID },
	[CREATED_AT] = { "created_at", TIMESTAMPTZOID },
};

/* Programs by their names; with a schema, that one if it is a program. */
static const char *const list_query =
	"SELECT n.oid, n.nspowner, c.oid, n.nspname "
	"FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace "
	"WHERE c.relname = 'program_info' AND c.relkind = 'r' AND c.relpersistence <> 't' "
	"AND NOT c.relrowsecurity AND ($1 = 0 OR n.oid = $1) AND EXISTS (SELECT "
	"FROM pg_catalog.pg_attrdef AS a JOIN pg_catalog.pg_depend AS d "
	"ON d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.objid = a.oid "
	"WHERE a.adrelid = c.oid AND d.refclassid = 'pg_catalog.pg_proc'::regclass "
	"AND d.refobjid = 'coachiatry.clock()'::regprocedure) ORDER BY n.nspname COLLATE \"C\"";

/* A value of the current row of SPI. */
static Datum
spi_value(uint64 row, int column)
{
	bool isnull;

	return SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column, &isnull);
}

/* The programs of the database, not yet read, by name; with a schema, that one if it is a program. */
List *
program_list(Oid schema)
{
	Oid types[] = { OIDOID };
	Datum values[] = { ObjectIdGetDatum(schema) };
	List *programs = NIL;

	if (SPI_execute_with_args(list_query, lengthof(types), types, values, NULL, true, 0) !=
		SPI_OK_SELECT)
		elog(ERROR, "could not list the programs");
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		Program *program = palloc0_object(Program);

		program->schema = DatumGetObjectId(spi_value(i, 1));
		program->owner = DatumGetObjectId(spi_value(i, 2));
		program->info = DatumGetObjectId(spi_value(i, 3));
		program->name = pstrdup(NameStr(*DatumGetName(spi_value(i, 4))));
		programs = lappend(programs, program);
	}
	return programs;
}

/* Open a program's table; NULL if that is gone by now or no program's after all. */
Relation
program_open(Program *program, LOCKMODE mode)
{
	Relation info = try_table_open(program->info, mode);

	for (int i = 0; info != NULL && i < NCOLUMNS; i++)
	{
		AttrNumber column = get_attnum(program->info, columns[i].name);

		if (column <= 0 || get_atttype(program->info, column) != columns[i].type)
		{
			table_close(info, NoLock);
			info = NULL;
		}
	}
	return info;
}

/* Take what a row says, unless a column has no value. */
static void
take_row(Program *program, TupleTableSlot *row)
{
	Datum values[NCOLUMNS];
	bool isnull = false;

	for (int i = 0; i < NCOLUMNS && !isnull; i++)
		values[i] = slot_getattr(row, get_attnum(program->info, columns[i].name), &isnull);
	if (isnull)
		return;
	program->is_described = true;
	program->domain = PointerGetDatum(DatumGetTextPCopy(values[DOMAIN]));
	program->version = DatumGetInt32(values[TEMPLATE_VERSION]);
	program->prefix = TextDatumGetCString(values[ROLE_PREFIX]);
	program->roles_made = DatumGetArrayTypePCopy(values[ROLES_MADE]);
	program->created_at = values[CREATED_AT];
}

/* Read what a program says of itself, if it does. */
void
program_read(Program *program, Relation info, Snapshot snapshot)
{
	TupleTableSlot *row = table_slot_create(info, NULL);
	TableScanDesc scan = table_beginscan(info, snapshot, 0, NULL);

	if (table_scan_getnextslot(scan, ForwardScanDirection, row))
		take_row(program, row);
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(row);
}

/* Whether the current user may read a program's table. */
static bool
is_readable(const Program *program)
{
	return object_aclcheck(NamespaceRelationId, program->schema, GetUserId(), ACL_USAGE) ==
			   ACLCHECK_OK &&
		   pg_class_aclcheck(program->info, GetUserId(), ACL_SELECT) == ACLCHECK_OK;
}

/* Put a program into the result. */
static void
put_program(FunctionCallInfo fcinfo, const Program *program)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	bool unknown = !program->is_described;
	char *owner = GetUserNameFromId(program->owner, true);
	Datum values[] = { CStringGetTextDatum(program->name), program->domain,
					   Int32GetDatum(program->version),
					   owner != NULL ? CStringGetTextDatum(owner) : (Datum) 0,
					   program->created_at };
	bool nulls[] = { false, unknown, unknown, owner == NULL, unknown };

	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

PG_FUNCTION_INFO_V1(program_programs);

/* The programs of the database, a row each. */
Datum
program_programs(PG_FUNCTION_ARGS)
{
	ListCell *cell;

	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	foreach (cell, program_list(InvalidOid))
	{
		Program *program = lfirst(cell);
		Relation info;

		CHECK_FOR_INTERRUPTS();
		info = program_open(program, AccessShareLock);
		if (info == NULL)
			continue;
		if (is_readable(program))
			program_read(program, info, GetActiveSnapshot());
		table_close(info, AccessShareLock);
		put_program(fcinfo, program);
	}
	SPI_finish();
	return (Datum) 0;
}
