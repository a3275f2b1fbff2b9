/*
 * The template's files outside the server: names against a list of good and
 * bad ones, chains of upgrade steps against a search through all paths, and
 * text with the names filled in against one put together piece by piece.
 * SEED=n repeats a run.
 */
#include "program/template.h"

#include "tap.h"

#define MAX_STEPS 12
#define MAX_VERSION 8

/*
 * Names
 */

static void
test_names(void)
{
	static const char *const good[] = { "c",		"care",
										"care_2",	"a__",
										"x1234567", "a234567890123456789012345678901234567890" };
	static const char *const bad[] = {
		"",		  "Care",	"2care",	  "_care",
		"care ",  " care",	"ca-re",	  "care\n",
		"c\"are", "c.are",	"pg\xc3\xa9", "c;are",
		"c'are",  "$care$", "care@",	  "a2345678901234567890123456789012345678901",
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		check(template_name_is_plain(good[i]), "\"%s\" is refused", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		check(!template_name_is_plain(bad[i]), "\"%s\" is taken", bad[i]);
	end_test("plain names are lower-case words of up to 40 bytes");
}

static void
test_parts(void)
{
	static const char *const good[] = { "01-program.sql", "99-a_b.sql", "10-2.sql" };
	static const char *const bad[] = { "01-program.sql~",
									   "1-program.sql",
									   "01-.sql",
									   "01-Program.sql",
									   "01-program.SQL",
									   "01_program.sql",
									   "001-program.sql",
									   "program.sql",
									   ".01-program.sql",
									   "01-program",
									   "",
									   "0",
									   "01",
									   "01-a.sql.sql" };

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		check(template_is_part(good[i]), "\"%s\" is left out", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		check(!template_is_part(bad[i]), "\"%s\" is taken", bad[i]);
	end_test("parts are files with two digits, a hyphen, a word and .sql");
}

static void
test_step_names(void)
{
	static const char *const bad[] = { "1-2.sql",	  "1--2.sql~",
									   "2--1.sql",	  "1--1.sql",
									   "01--2.sql",	  "0--1.sql",
									   "1--.sql",	  "--2.sql",
									   "1--2",		  "1--10000.sql",
									   "1--2--3.sql", "",
									   "1",			  "99999999999999999999--2.sql" };
	TemplateStep step = { 0 };

	check(template_read_step("1--2.sql", &step) && step.from == 1 && step.to == 2, "1--2");
	check(template_read_step("9--9999.sql", &step) && step.from == 9 && step.to == 9999, "9--9999");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		check(!template_read_step(bad[i], &step), "\"%s\" is taken", bad[i]);
	end_test("steps are files N--M.sql that lead upwards");
}

/*
 * Versions
 */

/* Random steps between few versions. */
static int
random_steps(TemplateStep *steps)
{
	int n = (int) between(0, MAX_STEPS);

	for (int i = 0; i < n; i++)
	{
		steps[i].from = (int) between(1, MAX_VERSION - 1);
		steps[i].to = (int) between(steps[i].from + 1, MAX_VERSION);
	}
	return n;
}

/* Whether steps lead from one version to another: all paths are tried. */
static bool
can_reach(const TemplateStep *steps, int n, int from, int to)
{
	if (from == to)
		return true;
	for (int i = 0; i < n; i++)
		if (steps[i].from == from && can_reach(steps, n, steps[i].to, to))
			return true;
	return false;
}

/* Whether there is such a step. */
static bool
has_step(const TemplateStep *steps, int n, const TemplateStep *wanted)
{
	for (int i = 0; i < n; i++)
		if (steps[i].from == wanted->from && steps[i].to == wanted->to)
			return true;
	return false;
}

/* Check the chain between two versions. */
static void
check_chain(TemplateStep *steps, int n, int from, int to)
{
	TemplateStep chain[MAX_STEPS];
	bool reachable = can_reach(steps, n, from, to);
	int length = template_chain(steps, n, from, to, chain);
	int at = from;

	check((length >= 0) == reachable, "%d to %d: %d of %d steps", from, to, length, n);
	for (int i = 0; i < length; i++)
	{
		check(chain[i].from == at && has_step(steps, n, &chain[i]), "%d to %d: %d--%d at %d", from,
			  to, chain[i].from, chain[i].to, at);
		at = chain[i].to;
	}
	check(length < 0 || at == to, "%d to %d: ends at %d", from, to, at);
}

static void
test_chains(void)
{
	for (int round = 0; round < 3000; round += stride())
	{
		TemplateStep steps[MAX_STEPS];
		TemplateStep chain[MAX_STEPS];
		int n = random_steps(steps);
		int newest = 1;

		for (int i = 0; i < n; i++)
			newest = steps[i].to > newest ? steps[i].to : newest;
		check(template_newest(steps, n) == newest, "newest of %d steps is not %d", n, newest);
		for (int from = 1; from <= newest; from++)
			check_chain(steps, n, from, newest);
		check(template_chain(steps, n, newest, newest - 1, chain) < 0, "a chain leads down");
	}
	end_test("a chain is found where there is one, and only then");
}

static void
test_shortcut(void)
{
	TemplateStep steps[] = {
		{ .from = 1, .to = 2 }, { .from = 2, .to = 3 }, { .from = 1, .to = 3 },
		{ .from = 2, .to = 4 }, { .from = 3, .to = 5 }, { .from = 1, .to = 4 }
	};
	TemplateStep chain[6];

	check(template_chain(steps, 6, 1, 5, chain) == 2 && chain[0].to == 3 && chain[1].to == 5,
		  "1 to 5 does not lead over 3");
	end_test("a longer step is preferred, unless it leads into a dead end");
}

/*
 * Text
 */

/* Text that a sink has got. */
typedef struct Got
{
	char text[400];
	size_t length;
} Got;

static void
put(void *target, const char *text, size_t length)
{
	Got *got = target;

	if (got->length + length >= sizeof(got->text))
		abort();
	memcpy(got->text + got->length, text, length);
	got->length += length;
	got->text[got->length] = '\0';
}

/* Fill a text in; what is left over where a placeholder is not known, else NULL. */
static const char *
fill_in(const char *text, Got *got)
{
	TextSink sink = { put, got };

	got->length = 0;
	got->text[0] = '\0';
	return template_fill_in(text, "care", "c", &sink);
}

/* Random pieces, as they are in the template and as they should become. */
static void
test_filling(void)
{
	static const char *const pieces[][2] = {
		{ "@program@", "care" },
		{ "@prefix@", "c" },
		{ "@prefix@_coach", "c_coach" },
		{ "@program@.x", "care.x" },
		{ " @> ", " @> " },
		{ " @@ ", " @@ " },
		{ "@", "@" },
		{ "\n", "\n" },
		{ "'a b' ", "'a b' " },
		{ "@ program @ ", "@ program @ " },
		{ "", "" },
	};

	for (int round = 0; round < 5000; round += stride())
	{
		char text[200] = "";
		char wanted[200] = "";
		Got got = { .length = 0 };

		for (int64_t n = between(0, 8); n > 0; n--)
		{
			const char *const *piece = pieces[between(0, 10)];

			strcat(strcat(text, piece[0]), " ");
			strcat(strcat(wanted, piece[1]), " ");
		}
		check(fill_in(text, &got) == NULL && strcmp(got.text, wanted) == 0,
			  "\"%s\" became \"%s\" and not \"%s\"", text, got.text, wanted);
	}
	end_test("placeholders are filled in, and nothing else");
}

static void
test_unknown_placeholder(void)
{
	static const char *const unknown[] = { "@programme@", "@Program@", "@PREFIX@",
										   "@x@",		  "@1@",	   "@program_@" };

	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
	{
		char text[100];
		Got got = { .length = 0 };
		const char *at;

		snprintf(text, sizeof(text), "a\n@program@ @> %s b", unknown[i]);
		at = fill_in(text, &got);
		check(at == text + 15 && template_placeholder_length(at) == strlen(unknown[i]),
			  "%s is not refused", unknown[i]);
		check(at != NULL && template_line(text, at) == 2, "%s is not in line 2", unknown[i]);
	}
	end_test("another placeholder is refused, and where it is");
}

static void
test_statement_start(void)
{
	static const char *const skipped[] = { " ",
										   "\n\t\r\f\v",
										   "-- SELECT\n",
										   "--\n",
										   "/* SELECT */",
										   "/**/",
										   "/* a /* b */ SELECT */",
										   "/*/ */",
										   "/* -- */" };

	for (int round = 0; round < 2000; round += stride())
	{
		char text[300] = "";
		size_t wanted;

		for (int64_t n = between(0, 6); n > 0; n--)
			strcat(text, skipped[between(0, 8)]);
		wanted = strlen(text);
		strcat(text, percent(50) ? "SELECT 1 -- 2" : "-1");
		check(template_statement_start(text) == wanted, "\"%s\": %zu", text,
			  template_statement_start(text));
	}
	check(template_statement_start("/* a") == 4, "a comment without an end");
	check(template_statement_start("-- a") == 4, "a last line without an end");
	check(template_statement_start("") == 0, "nothing");
	end_test("a statement begins behind white space and comments");
}

int
main(void)
{
	start_random();
	test_names();
	test_parts();
	test_step_names();
	test_chains();
	test_shortcut();
	test_filling();
	test_unknown_placeholder();
	test_statement_start();
	return end_tests();
}
