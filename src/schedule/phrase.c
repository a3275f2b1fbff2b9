/*
 * The check of message patterns: a reader of ICU's syntax, as far as phrases
 * need it.  An argument is {N}, {N,number}, {N,plural,...},
 * {N,selectordinal,...} or {N,select,...}, the last three with selectors and
 * messages in braces.
 */
#include "schedule/phrase.h"

#include <stddef.h>
#include <string.h>

/* How deep messages may lie in each other. */
#define MAX_DEPTH 8

typedef struct PatternReader
{
	const char *at;
	const bool *is_number;
	int nvalues;
	unsigned used; /* bits of the values */
} PatternReader;

static bool read_message(PatternReader *in, int depth);

/* Step over white space. */
static void
skip_spaces(PatternReader *in)
{
	in->at += strspn(in->at, " \t\r\n");
}

/* Step over a character, if it comes next. */
static bool
step_over(PatternReader *in, char wanted)
{
	skip_spaces(in);
	if (*in->at != wanted)
		return false;
	in->at++;
	return true;
}

/* The length of a word of small letters. */
static size_t
word_length(const char *text)
{
	return strspn(text, "abcdefghijklmnopqrstuvwxyz");
}

/* Selectors, each with a message in braces, up to the end of the argument. */
static bool
read_choices(PatternReader *in, int depth)
{
	while (!step_over(in, '}'))
	{
		size_t selector = strcspn(in->at, "{}'");

		if (selector == 0 || in->at[selector] != '{')
			return false;
		in->at += selector + 1;
		if (!read_message(in, depth + 1))
			return false;
	}
	return true;
}

/* What follows the comma after an argument's number. */
static bool
read_type(PatternReader *in, bool is_number, int depth)
{
	const char *word;
	size_t length;

	skip_spaces(in);
	word = in->at;
	length = word_length(word);
	in->at += length;
	if (length == 6 && strncmp(word, "number", length) == 0)
		return is_number && step_over(in, '}');
	if ((length == 6 && strncmp(word, "plural", length) == 0) ||
		(length == 13 && strncmp(word, "selectordinal", length) == 0))
		return is_number && step_over(in, ',') && read_choices(in, depth);
	if (length == 6 && strncmp(word, "select", length) == 0)
		return !is_number && step_over(in, ',') && read_choices(in, depth);
	return false;
}

/* An argument, after its opening brace. */
static bool
read_argument(PatternReader *in, int depth)
{
	int number;

	skip_spaces(in);
	number = *in->at - '0';
	if (number < 0 || number >= in->nvalues)
		return false;
	in->at++;
	in->used |= 1u << number;
	if (step_over(in, '}'))
		return !in->is_number[number];
	return step_over(in, ',') && read_type(in, in->is_number[number], depth);
}

/* Text and arguments, up to the closing brace or, outside of all, the end. */
static bool
read_message(PatternReader *in, int depth)
{
	if (depth > MAX_DEPTH)
		return false;
	for (;;)
	{
		char c = *in->at;

		if (c == '\0')
			return depth == 0;
		in->at++;
		if (c == '}')
			return depth > 0;
		if (c == '\'' && *in->at != '\0' && strchr("{}#|", *in->at) != NULL)
			return false;
		if (c == '{' && !read_argument(in, depth))
			return false;
	}
}

/* Whether a pattern uses each value, as the number or text that it is. */
bool
phrase_is_good(const char *pattern, const bool *is_number, int nvalues)
{
	PatternReader in = { pattern, is_number, nvalues, 0 };

	return read_message(&in, 0) && in.used == (1u << nvalues) - 1;
}
