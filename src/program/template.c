/*
 * The template's files.  A folder holds NN-name.sql, the parts of the newest
 * version in the order of their names, and upgrade/N--M.sql, the steps between
 * versions.  In their text @program@ stands for the program's schema and
 * @prefix@ for what its roles' names begin with; both are plain lower-case
 * words, so that they need no quotes wherever a name may stand.
 */
#include "program/template.h"

#include <stdlib.h>
#include <string.h>

/*
 * Names
 */

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

/* Whether a name is a lower-case letter and up to 39 letters, digits and underscores. */
bool
template_name_is_plain(const char *name)
{
	size_t length = 0;

	if (!is_lower(name[0]))
		return false;
	while (is_lower(name[length]) || is_digit(name[length]) || name[length] == '_')
		if (++length > TEMPLATE_MAX_NAME)
			return false;
	return name[length] == '\0';
}

/* Whether a file's name is that of a part: two digits, a hyphen, a word, .sql. */
bool
template_is_part(const char *file)
{
	size_t length;

	if (!is_digit(file[0]) || !is_digit(file[1]) || file[2] != '-')
		return false;
	length = strspn(file + 3, "abcdefghijklmnopqrstuvwxyz0123456789_");
	return length > 0 && strcmp(file + 3 + length, ".sql") == 0;
}

/* Read a version, which has no leading zeros. */
static bool
read_version(const char **at, int *version)
{
	if (!is_digit(**at) || **at == '0')
		return false;
	for (*version = 0; is_digit(**at); (*at)++)
	{
		*version = 10 * *version + (**at - '0');
		if (*version > TEMPLATE_MAX_VERSION)
			return false;
	}
	return true;
}

/* The step that a file's name tells, as in 1--2.sql; false for another name. */
bool
template_read_step(const char *file, TemplateStep *step)
{
	if (!read_version(&file, &step->from) || strncmp(file, "--", 2) != 0)
		return false;
	file += 2;
	return read_version(&file, &step->to) && step->from < step->to && strcmp(file, ".sql") == 0;
}

/*
 * Versions
 */

/* The version of a fresh program: the highest that a step leads to. */
int
template_newest(const TemplateStep *steps, int nsteps)
{
	int newest = TEMPLATE_FIRST_VERSION;

	for (int i = 0; i < nsteps; i++)
		if (steps[i].to > newest)
			newest = steps[i].to;
	return newest;
}

/* Order of steps: those that start at a higher version first. */
static int
compare_steps(const void *a, const void *b)
{
	return ((const TemplateStep *) b)->from - ((const TemplateStep *) a)->from;
}

/* Of the steps from a version that lead on to the end, the one that goes furthest; NULL if there is none. */
static const TemplateStep *
step_from(const TemplateStep *steps, int nsteps, int from)
{
	const TemplateStep *best = NULL;

	for (int i = 0; i < nsteps; i++)
		if (steps[i].arrives && steps[i].from == from && (best == NULL || steps[i].to > best->to))
			best = &steps[i];
	return best;
}

/*
 * The steps that lead from one version to another, in order: how many, or -1
 * where none do.  Sorts the steps; the chain has room for as many.
 */
int
template_chain(TemplateStep *steps, int nsteps, int from, int to, TemplateStep *chain)
{
	int n = 0;

	/* A step leads upwards only, so that all steps that start where it ends stand before it. */
	qsort(steps, (size_t) nsteps, sizeof(TemplateStep), compare_steps);
	for (int i = 0; i < nsteps; i++)
		steps[i].arrives = steps[i].to == to || step_from(steps, i, steps[i].to) != NULL;

	while (from != to)
	{
		const TemplateStep *step = step_from(steps, nsteps, from);

		if (step == NULL)
			return -1;
		chain[n++] = *step;
		from = step->to;
	}
	return n;
}

/*
 * Text
 */

/* Length of a placeholder at an @, with both of them; 0 where that is none. */
size_t
template_placeholder_length(const char *at)
{
	size_t length =
		strspn(at + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

	return length > 0 && at[1 + length] == '@' ? length + 2 : 0;
}

/* Whether the placeholder at an @, of that length, is the one named. */
static bool
is_placeholder(const char *at, size_t length, const char *name)
{
	return length == strlen(name) && strncmp(at, name, length) == 0;
}

/* Send a text with the names filled in; where it has another placeholder, return that, else NULL. */
const char *
template_fill_in(const char *text, const char *program, const char *prefix, const TextSink *sink)
{
	const char *at;

	while ((at = strchr(text, '@')) != NULL)
	{
		size_t length = template_placeholder_length(at);

		sink->put(sink->target, text, (size_t) (at - text));
		if (length == 0)
			sink->put(sink->target, at, length = 1);
		else if (is_placeholder(at, length, "@program@"))
			sink_string(sink, program);
		else if (is_placeholder(at, length, "@prefix@"))
			sink_string(sink, prefix);
		else
			return at;
		text = at + length;
	}
	sink_string(sink, text);
	return NULL;
}

/* Length of the comment that a text begins with; 0 if it begins with none.  Comments may lie in each other. */
static size_t
comment_length(const char *text)
{
	size_t length = 2;
	int depth = 1;

	if (strncmp(text, "--", 2) == 0)
		return strcspn(text, "\n");
	if (strncmp(text, "/*", 2) != 0)
		return 0;
	while (depth > 0 && text[length] != '\0')
	{
		if (strncmp(text + length, "/*", 2) == 0 || strncmp(text + length, "*/", 2) == 0)
			depth += text[length++] == '/' ? 1 : -1;
		length++;
	}
	return length;
}

/* How far into a text its first statement begins, behind white space and comments. */
size_t
template_statement_start(const char *text)
{
	size_t at = 0;
	size_t skipped;

	do
	{
		at += strspn(text + at, " \t\r\n\f\v");
		skipped = comment_length(text + at);
		at += skipped;
	} while (skipped > 0);
	return at;
}

/* Number of the line of a text that a place in it lies on, from 1. */
int
template_line(const char *text, const char *at)
{
	int line = 1;

	for (; text < at; text++)
		line += *text == '\n';
	return line;
}
