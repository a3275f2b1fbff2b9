/*
 * Template files are read by the server, as the scripts of extensions are, and
 * run statement by statement as the current user, with the settings that the
 * caller of script_run has made.  An error tells the file and the line.
 */
#include "coachiatry.h"

#include <sys/stat.h>

#include "access/xact.h"
#include "executor/executor.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "parser/parser.h"
#include "storage/fd.h"
#include "tcop/dest.h"
#include "tcop/tcopprot.h"
#include "tcop/utility.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "adherence/adherence.h"
#include "program/script.h"

/* Bytes of a file that are read at a time. */
#define CHUNK 65536

/* The file that runs, for error messages. */
typedef struct ScriptPlace
{
	const char *file;
	const char *text;
	const char *statement; /* in the text; NULL before the first one */
} ScriptPlace;

static char *template_directory;

static bool check_directory(char **newval, void **extra, GucSource source);
static char *read_file(const char *path);
static char *fill_in(const char *file, const char *text, const char *program, const char *prefix);
static void run_text(ScriptPlace *place);

/* Define the setting coachiatry.template_directory. */
void
script_define_setting(void)
{
	DefineCustomStringVariable(
		"coachiatry.template_directory", "Sets the folder that programs are made from.",
		"An absolute path on the server. Empty: the folder that was installed.",
		&template_directory, "", PGC_SUSET, 0, check_directory, NULL, NULL);
}

static bool
check_directory(char **newval, void **extra pg_attribute_unused(),
				GucSource source pg_attribute_unused())
{
	if (**newval == '\0' || is_absolute_path(*newval))
		return true;
	GUC_check_errdetail("It must be an absolute path, or empty.");
	return false;
}

/*
 * The folder
 */

/*
 * Where the template lies: beside the extension's own files, in the server's
 * share folder.  Under PostgreSQL 18 an extension can be installed elsewhere
 * (extension_control_path), and the setting must then say where.
 */
static const char *
template_folder(void)
{
	char share[MAXPGPATH];

	if (*template_directory != '\0')
		return template_directory;
	get_share_path(my_exec_path, share);
	return psprintf("%s/coachiatry/program", share);
}

/* Order of names by their bytes. */
static int
compare_names(const ListCell *a, const ListCell *b)
{
	return strcmp(lfirst(a), lfirst(b));
}

/* The parts in a folder, in order. */
static List *
list_parts(const char *folder)
{
	List *parts = NIL;
	DIR *dir = AllocateDir(folder);
	struct dirent *entry;

	while ((entry = ReadDir(dir, folder)) != NULL)
		if (template_is_part(entry->d_name))
			parts = lappend(parts, pstrdup(entry->d_name));
	FreeDir(dir);
	if (parts == NIL)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_FILE),
						errmsg("no program template in folder \"%s\"", folder),
						errhint("Its files are named as in 01-program.sql.")));
	list_sort(parts, compare_names);
	return parts;
}

/* Find the upgrade steps of a template; it need not have any. */
static void
list_steps(Template *template)
{
	char *folder = psprintf("%s/upgrade", template->folder);
	DIR *dir = AllocateDir(folder);
	struct dirent *entry;
	int room = 8;

	template->steps = palloc_array(TemplateStep, room);
	template->nsteps = 0;
	if (dir == NULL && errno == ENOENT)
		return;
	while ((entry = ReadDir(dir, folder)) != NULL)
	{
		if (template->nsteps == room)
			template->steps = repalloc_array(template->steps, TemplateStep, room *= 2);
		if (template_read_step(entry->d_name, &template->steps[template->nsteps]))
			template->nsteps++;
	}
	FreeDir(dir);
}

/* The template that is installed, or that the setting names. */
Template *
script_open_template(void)
{
	Template *template = palloc_object(Template);

	template->folder = template_folder();
	template->parts = list_parts(template->folder);
	list_steps(template);
	template->newest = template_newest(template->steps, template->nsteps);
	return template;
}

/*
 * Running a file
 */

/* How many bytes of a text its first so many characters take. */
static size_t
bytes_of_characters(const char *text, int characters)
{
	const char *at = text;

	for (; characters > 0 && *at != '\0'; characters--)
		at += pg_mblen(at);
	return (size_t) (at - text);
}

/*
 * Say where in the file an error is.  What the parser knows is a position in
 * our text, and the client would look for it in the query that called us.
 */
static void
tell_place(void *arg)
{
	const ScriptPlace *place = arg;
	const char *at = place->statement;
	int position = geterrposition();

	if (position > 0)
	{
		at = place->text + bytes_of_characters(place->text, position - 1);
		errposition(0);
	}
	if (at == NULL)
		errcontext("file \"%s\" of the program template", place->file);
	else
		errcontext("file \"%s\" of the program template, line %d", place->file,
				   template_line(place->text, at));
}

/* Run a file of the template as the current user. */
void
script_run(const Template *from, const char *file, const char *program, const char *prefix)
{
	ScriptPlace place = { .file = file };
	ErrorContextCallback callback = { .callback = tell_place,
									  .arg = &place,
									  .previous = error_context_stack };
	char *text = read_file(psprintf("%s/%s", from->folder, file));

	place.text = fill_in(file, text, program, prefix);
	error_context_stack = &callback;
	run_text(&place);
	error_context_stack = callback.previous;
}

/* The text of a file, which is UTF-8, in the encoding of the database. */
static char *
read_file(const char *path)
{
	FILE *file = AllocateFile(path, PG_BINARY_R);
	StringInfoData text;
	size_t got;

	if (file == NULL)
		ereport(ERROR, (errcode_for_file_access(), errmsg("could not open file \"%s\": %m", path)));
	initStringInfo(&text);
	do
	{
		enlargeStringInfo(&text, CHUNK);
		got = fread(text.data + text.len, 1, CHUNK, file);
		text.len += (int) got;
	} while (got > 0);
	if (ferror(file))
		ereport(ERROR, (errcode_for_file_access(), errmsg("could not read file \"%s\": %m", path)));
	FreeFile(file);
	text.data[text.len] = '\0';
	return pg_any_to_server(text.data, text.len, PG_UTF8);
}

/* A file's text with the names filled in. */
static char *
fill_in(const char *file, const char *text, const char *program, const char *prefix)
{
	StringInfoData filled;
	TextSink sink = stringinfo_sink(&filled);
	const char *unknown;

	initStringInfo(&filled);
	unknown = template_fill_in(text, program, prefix, &sink);
	if (unknown != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_SYNTAX_ERROR),
				 errmsg("unknown placeholder \"%.*s\" in the program template",
						(int) template_placeholder_length(unknown), unknown),
				 errdetail("It is in file \"%s\", line %d.", file, template_line(text, unknown)),
				 errhint("There are @program@ and @prefix@.")));
	return filled.data;
}

/* Run a planned query, and throw its rows away. */
static void
run_query(PlannedStmt *planned, const char *text, DestReceiver *nowhere)
{
	QueryDesc *query = CreateQueryDesc(planned, text, GetActiveSnapshot(), InvalidSnapshot, nowhere,
									   NULL, NULL, 0);

	ExecutorStart(query, 0);
	ExecutorRun(query, ForwardScanDirection, 0);
	ExecutorFinish(query);
	ExecutorEnd(query);
	FreeQueryDesc(query);
}

/* Run one statement of a text. */
static void
run_statement(RawStmt *raw, const char *text)
{
	List *queries;
	ListCell *cell;

	if (IsA(raw->stmt, TransactionStmt))
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						errmsg("transaction control is not allowed in a program template")));
	queries = pg_analyze_and_rewrite_fixedparams(raw, text, NULL, 0, NULL);
	foreach (cell, pg_plan_queries(queries, text, CURSOR_OPT_PARALLEL_OK, NULL))
	{
		PlannedStmt *planned = lfirst_node(PlannedStmt, cell);

		CommandCounterIncrement();
		PushActiveSnapshot(GetTransactionSnapshot());
		if (planned->utilityStmt == NULL)
			run_query(planned, text, None_Receiver);
		else
			ProcessUtility(planned, text, false, PROCESS_UTILITY_QUERY, NULL, NULL, None_Receiver,
						   NULL);
		PopActiveSnapshot();
	}
	CommandCounterIncrement();
}

/* Run a text, one statement after the other. */
static void
run_text(ScriptPlace *place)
{
	MemoryContext context = AllocSetContextCreate(
		CurrentMemoryContext, "statement of a program template", ALLOCSET_DEFAULT_SIZES);
	ListCell *cell;

	foreach (cell, pg_parse_query(place->text))
	{
		RawStmt *raw = lfirst_node(RawStmt, cell);
		MemoryContext before = MemoryContextSwitchTo(context);

		CHECK_FOR_INTERRUPTS();
		place->statement = place->text + raw->stmt_location;
		place->statement += template_statement_start(place->statement);
		run_statement(raw, place->text);
		MemoryContextSwitchTo(before);
		MemoryContextReset(context);
	}
	MemoryContextDelete(context);
}
