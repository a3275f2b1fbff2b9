/*
 * Sign-in tokens as text: three parts of base64url with dots between them (a
 * compact JWS, RFC 7515), bounded and strict.  What the parts say is read
 * elsewhere.  Plain C without the server.
 */
#ifndef COACHIATRY_TOKEN_H
#define COACHIATRY_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Most bytes of a token. */
#define TOKEN_MAX_LENGTH 8192

/* Most objects and arrays in one of its parts, which bounds how deeply they are nested. */
#define TOKEN_MAX_BRACKETS 64

/* Bytes of a signature by HMAC with SHA-256. */
#define TOKEN_SIGNATURE_LENGTH 32

/* Seconds by which the clock of whoever made a token may be ahead. */
#define TOKEN_LEEWAY 60

/* A part of a token: base64url, not terminated. */
typedef struct TokenPart
{
	const char *text;
	size_t length;
} TokenPart;

/* A token, split; what is signed is its text before the second dot. */
typedef struct TokenParts
{
	TokenPart header;
	TokenPart claims;
	TokenPart signature;
	TokenPart is_signed;
} TokenParts;

/* When a token holds, in seconds since 1970; not_before and issued if it says so. */
typedef struct TokenTimes
{
	double expires;
	double not_before;
	double issued;
	bool has_expires;
	bool has_not_before;
	bool has_issued;
} TokenTimes;

/* Text */
extern bool token_split(const char *text, size_t length, TokenParts *parts);
extern size_t token_decoded_size(size_t length);
extern bool token_decode(const TokenPart *part, uint8_t *bytes);
extern size_t token_encoded_size(size_t size);
extern void token_encode(const uint8_t *bytes, size_t size, char *text);

/* What the parts say */
extern bool token_is_shallow(const char *json, size_t length);
extern bool token_is_plain(const char *json, size_t length);
extern bool token_read_seconds(const char *number, double *seconds);
extern const char *token_fault_of_times(const TokenTimes *times, double now);
extern const char *token_program(const char *audience);

#endif
