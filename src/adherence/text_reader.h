/*
 * Small steps of reading a text form, the same in every locale: white space,
 * characters, words, digits.  Each steps over what it read, and over nothing
 * where that is not there.
 */
#ifndef COACHIATRY_TEXT_READER_H
#define COACHIATRY_TEXT_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* White space between the parts of a text form. */
#define TEXT_SPACE " \t\n\v\f\r"

/* What a whole number of any size is read as at most: far more days or rows than there can be. */
#define TEXT_MAX_WHOLE INT64_C(1000000000000)

/* Step over white space. */
static inline void
skip_space(const char **text)
{
	*text += strspn(*text, TEXT_SPACE);
}

/* Whether a word ends here: at the end of the text or at white space. */
static inline bool
at_word_end(const char *text)
{
	return *text == '\0' || strchr(TEXT_SPACE, *text) != NULL;
}

/* Whether a character is a decimal digit. */
static inline bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Read a whole number of any length; -1 if there is none. */
static inline int64_t
parse_whole(const char **text)
{
	int64_t number = is_digit(**text) ? 0 : -1;

	for (; is_digit(**text); ++*text)
	{
		number = number * 10 + (**text - '0');
		if (number > TEXT_MAX_WHOLE)
			number = TEXT_MAX_WHOLE;
	}
	return number;
}

/* A letter in lower case. */
static inline char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char) (c - 'A' + 'a') : c;
}

/* Step over one character if it is there. */
static inline bool
parse_char(const char **text, char expected)
{
	if (**text != expected)
		return false;
	++*text;
	return true;
}

/* Step over a word in any case if it is there and no letter or digit follows. */
static inline bool
parse_word(const char **text, const char *word)
{
	const char *at = *text;

	while (*word != '\0' && lower(*at) == *word)
		at++, word++;
	if (*word != '\0' || is_digit(*at) || (lower(*at) >= 'a' && lower(*at) <= 'z'))
		return false;
	*text = at;
	return true;
}

#endif
