/*
 * Sign-in tokens as text.  Everything here is strict: of the texts that stand
 * for the same bytes only one is taken, so that no edit of a token leaves it
 * valid.
 */
#include "identity/token.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The last second that a token may name: of the year 9999. */
#define LAST_SECOND 253402300799.0

/* Longest number that is read. */
#define MAX_NUMBER_LENGTH 40

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/*
 * Text
 */

/* Take the text up to the next dot, or to the end, as a part; what follows it. */
static const char *
take_part(const char *at, const char *end, TokenPart *part)
{
	const char *dot = memchr(at, '.', (size_t) (end - at));

	part->text = at;
	part->length = (size_t) ((dot != NULL ? dot : end) - at);
	return dot != NULL ? dot + 1 : NULL;
}

/* Split a token at its two dots; false if it has not three parts, all of them filled, or is too long. */
bool
token_split(const char *text, size_t length, TokenParts *parts)
{
	const char *end = text + length;
	const char *at;

	if (length > TOKEN_MAX_LENGTH)
		return false;
	at = take_part(text, end, &parts->header);
	if (at == NULL)
		return false;
	at = take_part(at, end, &parts->claims);
	if (at == NULL)
		return false;
	parts->is_signed = (TokenPart){ text, (size_t) (at - 1 - text) };
	at = take_part(at, end, &parts->signature);
	return at == NULL && parts->header.length > 0 && parts->claims.length > 0 &&
		   parts->signature.length > 0;
}

/* How many bytes a part of so many characters stands for. */
size_t
token_decoded_size(size_t length)
{
	return length / 4 * 3 + length % 4 * 3 / 4;
}

/* The value of a digit of base64url; -1 for another character. */
static int
digit_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '-')
		return 62;
	return c == '_' ? 63 : -1;
}

/* Decode a part into token_decoded_size bytes; false if it is not base64url without padding. */
bool
token_decode(const TokenPart *part, uint8_t *bytes)
{
	uint32_t held = 0;
	int bits = 0;

	if (part->length % 4 == 1)
		return false;
	for (size_t i = 0; i < part->length; i++)
	{
		int value = digit_value(part->text[i]);

		if (value < 0)
			return false;
		held = (held << 6) | (uint32_t) value;
		bits += 6;
		if (bits >= 8)
		{
			bits -= 8;
			*bytes++ = (uint8_t) (held >> bits);
		}
	}
	/* The bits that are left over are zero in one text only. */
	return (held & ((UINT32_C(1) << bits) - 1)) == 0;
}

/* How many characters so many bytes take. */
size_t
token_encoded_size(size_t size)
{
	return size / 3 * 4 + (size % 3 * 8 + 5) / 6;
}

/* Write bytes as token_encoded_size characters of base64url. */
void
token_encode(const uint8_t *bytes, size_t size, char *text)
{
	uint32_t held = 0;
	int bits = 0;

	for (size_t i = 0; i < size; i++)
	{
		held = (held << 8) | bytes[i];
		for (bits += 8; bits >= 6; bits -= 6)
			*text++ = digits[(held >> (bits - 6)) & 63];
	}
	if (bits > 0)
		*text = digits[(held << (6 - bits)) & 63];
}

/*
 * What the parts say
 */

/* Whether a JSON text has few objects and arrays; brackets in strings count as well. */
bool
token_is_shallow(const char *json, size_t length)
{
	int brackets = 0;

	for (size_t i = 0; i < length; i++)
		brackets += json[i] == '{' || json[i] == '[';
	return brackets <= TOKEN_MAX_BRACKETS;
}

/* Whether a JSON text stands for ASCII only, so that it means the same in every encoding. */
bool
token_is_plain(const char *json, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if ((json[i] & 0x80) != 0 || (json[i] == '\\' && i + 1 < length && json[i + 1] == 'u'))
			return false;
	return true;
}

/* Read a JSON number as seconds since 1970; false if it lies before that or after the year 9999. */
bool
token_read_seconds(const char *number, double *seconds)
{
	char *end;

	if (strlen(number) > MAX_NUMBER_LENGTH)
		return false;
	*seconds = strtod(number, &end);
	return end != number && *end == '\0' && isfinite(*seconds) && *seconds >= 0 &&
		   *seconds <= LAST_SECOND;
}

/* Why a token does not hold at a time; NULL if it does. */
const char *
token_fault_of_times(const TokenTimes *times, double now)
{
	if (!times->has_expires)
		return "it has no time of expiry";
	if (times->expires <= now)
		return "it has expired";
	if (times->has_not_before && times->not_before > now + TOKEN_LEEWAY)
		return "it does not hold yet";
	if (times->has_issued && times->issued > now + TOKEN_LEEWAY)
		return "it was issued in the future";
	return NULL;
}

/* The program in an audience, database/program; NULL if there is none. */
const char *
token_program(const char *audience)
{
	const char *slash = strrchr(audience, '/');

	return slash != NULL && slash != audience && slash[1] != '\0' ? slash + 1 : NULL;
}
