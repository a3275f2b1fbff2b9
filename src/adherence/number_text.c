/*
 * A float8 as text: written with as few digits as read back exactly, and read.
 */
#include "adherence/number_text.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "adherence/text_reader.h"

/*
 * Significant digits: those that float8 keeps, so that 15 of them without
 * trailing zeros are as few as can be, and those that tell all float8 apart.
 * Numbers below DBL_MIN keep fewer.
 */
#define DIGITS_KEPT 15
#define MOST_DIGITS 17

/* Write a finite number with as few digits as read back exactly; how many bytes that are. */
size_t
number_format(double number, char text[NUMBER_SIZE])
{
	int length = 0;

	for (int digits = fabs(number) < DBL_MIN ? 1 : DIGITS_KEPT; digits <= MOST_DIGITS; digits++)
	{
		length = snprintf(text, NUMBER_SIZE, "%.*g", digits, number);
		if (strtod(text, NULL) == number)
			break;
	}
	return (size_t) length;
}

/* How many digits a text starts with. */
static size_t
count_digits(const char *text)
{
	size_t n = 0;

	while (is_digit(text[n]))
		n++;
	return n;
}

/*
 * Read a decimal number, 1.5 or 2e-3, with or without a sign: no other form
 * that strtod knows.  One that is too large becomes infinite, one too small 0.
 */
bool
number_parse(const char **text, double *number)
{
	const char *at = *text + (**text == '-' || **text == '+');
	size_t whole = count_digits(at);
	size_t fraction = 0;

	at += whole;
	if (*at == '.')
	{
		fraction = count_digits(at + 1);
		at += 1 + fraction;
	}
	if (whole + fraction == 0)
		return false;
	if (*at == 'e' || *at == 'E')
	{
		const char *exponent = at + 1 + (at[1] == '-' || at[1] == '+');

		if (!is_digit(*exponent))
			return false;
		at = exponent + count_digits(exponent);
	}
	*number = strtod(*text, NULL);
	*text = at;
	return true;
}
