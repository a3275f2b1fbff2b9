/*
 * Fuzz target of sign-in tokens as text.  Whatever splits is put together
 * again as it was, what is decoded is written again as the same text, and the
 * small readers see any bytes.
 */
#include "identity/token.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

extern int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Stop here, so that the fuzzer keeps the input. */
static void
insist(bool condition)
{
	if (!condition)
		abort();
}

/* Memory of exactly a size, so that the sanitizer sees its end. */
static void *
get(size_t size)
{
	void *memory = malloc(size > 0 ? size : 1);

	if (memory == NULL)
		abort();
	return memory;
}

/* Decode a part and write it again; feed what it says to the readers. */
static void
check_part(const TokenPart *part)
{
	size_t size = token_decoded_size(part->length);
	uint8_t *bytes = get(size);

	if (token_decode(part, bytes))
	{
		char *again = get(part->length);

		insist(token_encoded_size(size) == part->length);
		token_encode(bytes, size, again);
		insist(memcmp(again, part->text, part->length) == 0);
		free(again);
		(void) token_is_shallow((char *) bytes, size);
		(void) token_is_plain((char *) bytes, size);
	}
	free(bytes);
}

/* Read a text as a number and as an audience. */
static void
check_text(const uint8_t *data, size_t size)
{
	char *text = get(size + 1);
	double seconds;
	const char *program;

	memcpy(text, data, size);
	text[size] = '\0';
	if (token_read_seconds(text, &seconds))
	{
		TokenTimes times = { .has_expires = true, .expires = seconds };

		insist(isfinite(seconds) && seconds >= 0);
		insist((token_fault_of_times(&times, 1.8e9) == NULL) == (seconds > 1.8e9));
	}
	program = token_program(text);
	insist(program == NULL || (*program != '\0' && strchr(program, '/') == NULL));
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = get(size);
	TokenParts parts;

	memcpy(text, data, size);
	if (token_split(text, size, &parts))
	{
		insist(parts.header.length + parts.claims.length + parts.signature.length + 2 == size);
		insist(parts.is_signed.length + 1 + parts.signature.length == size);
		check_part(&parts.header);
		check_part(&parts.claims);
		check_part(&parts.signature);
	}
	check_part(&(TokenPart){ text, size });
	check_text(data, size);
	free(text);
	return 0;
}
