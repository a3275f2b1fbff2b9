/*
 * Verifying a token, and signing one.
 */
#ifndef COACHIATRY_VERIFY_H
#define COACHIATRY_VERIFY_H

#include "identity/lookup.h"
#include "identity/token.h"

/* Verify a token, and say whose it is; an error if it is refused. */
extern void verify_token(const char *text, size_t length, Identity *identity);

/* Raise the one error for a token that is refused; only the log says why. */
pg_noreturn extern void refuse_token(const char *why);

/* The signature of a text. */
extern void sign_text(const char *text, size_t length, const uint8 *secret, size_t secret_length,
					  uint8 signature[TOKEN_SIGNATURE_LENGTH]);

#endif
