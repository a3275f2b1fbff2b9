/*
 * Verifying a token: a JWT (RFC 7519) that is signed by HMAC with SHA-256 with
 * a key of the program that it is meant for, holds now, was not revoked, and
 * whose subject is exactly one of the program's people.
 *
 * Whatever is wrong with it, the error is the same: it must not tell whoever
 * tries which part to change.  The reason goes to the server's log, and no
 * part of the token does, nor the statement that may hold it.
 *
 * The time is that of the server, when the statement began; it is the same in
 * parallel workers, and not that of coachiatry.clock: a replay revives no
 * token.
 */
#include "identity/verify.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "commands/dbcommands.h"
#include "common/hmac.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "identity/claims.h"

/* Raise the one error for a token that is refused; its context would have the parameters of the statement where a server shows them with errors. */
void
refuse_token(const char *why)
{
	error_context_stack = NULL;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION), errmsg("token refused"),
			 errdetail_log("Sign-in token: %s.", why), errhidestmt(true), errhidecontext(true)));
}

/* The signature of a text. */
void
sign_text(const char *text, size_t length, const uint8 *secret, size_t secret_length,
		  uint8 signature[TOKEN_SIGNATURE_LENGTH])
{
	pg_hmac_ctx *hmac = pg_hmac_create(PG_SHA256);
	bool is_signed = hmac != NULL && pg_hmac_init(hmac, secret, secret_length) >= 0 &&
					 pg_hmac_update(hmac, (const uint8 *) text, length) >= 0 &&
					 pg_hmac_final(hmac, signature, TOKEN_SIGNATURE_LENGTH) >= 0;

	pg_hmac_free(hmac);
	if (!is_signed)
		ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not sign a token")));
}

/* Whether a token is signed with a key. */
static bool
is_signed_with(const TokenParts *parts, const TokenKey *key)
{
	uint8 signature[TOKEN_SIGNATURE_LENGTH];
	uint8 wanted[TOKEN_SIGNATURE_LENGTH];

	if (token_decoded_size(parts->signature.length) != sizeof(signature) ||
		!token_decode(&parts->signature, signature))
		return false;
	sign_text(parts->is_signed.text, parts->is_signed.length, key->secret, (size_t) key->length,
			  wanted);
	return timingsafe_bcmp(signature, wanted, sizeof(wanted)) == 0;
}

/* Read the members of a part; what is wrong with it, or NULL. */
static const char *
read_part(const TokenPart *part, Claim *claims, int nclaims)
{
	size_t length = token_decoded_size(part->length);
	char *json = palloc(length + 1);

	if (!token_decode(part, (uint8_t *) json))
		return "it is no base64url";
	json[length] = '\0';
	return claims_read(json, length, claims, nclaims);
}

/* Read the header; the key's id. */
static const char *
read_header(const TokenPart *part, const char **key_id)
{
	enum
	{
		ALG,
		KID,
		TYP,
		CRIT
	};
	Claim claims[] = { [ALG] = { "alg", JSON_TOKEN_STRING, NULL },
					   [KID] = { "kid", JSON_TOKEN_STRING, NULL },
					   [TYP] = { "typ", JSON_TOKEN_STRING, NULL },
					   [CRIT] = { "crit", JSON_TOKEN_INVALID, NULL } };
	const char *fault = read_part(part, claims, lengthof(claims));

	if (fault != NULL)
		return fault;
	if (claims[ALG].value == NULL || strcmp(claims[ALG].value, "HS256") != 0)
		return "its algorithm is not HS256";
	if (claims[KID].value == NULL)
		return "it names no key";
	*key_id = claims[KID].value;
	return NULL;
}

/* What is asked of the claims. */
typedef struct TokenClaims
{
	const char *subject;
	const char *audience;
	const char *token_id; /* NULL: it has none */
	TokenTimes times;
} TokenClaims;

/* Take a time, if there is one; false if it is none that can be. */
static bool
take_seconds(const Claim *claim, bool *is_there, double *seconds)
{
	*is_there = claim->value != NULL;
	return !*is_there || token_read_seconds(claim->value, seconds);
}

/* Read the claims. */
static const char *
read_claims(const TokenPart *part, TokenClaims *told)
{
	enum
	{
		SUB,
		AUD,
		EXP,
		NBF,
		IAT,
		JTI
	};
	Claim claims[] = {
		[SUB] = { "sub", JSON_TOKEN_STRING, NULL }, [AUD] = { "aud", JSON_TOKEN_STRING, NULL },
		[EXP] = { "exp", JSON_TOKEN_NUMBER, NULL }, [NBF] = { "nbf", JSON_TOKEN_NUMBER, NULL },
		[IAT] = { "iat", JSON_TOKEN_NUMBER, NULL }, [JTI] = { "jti", JSON_TOKEN_STRING, NULL }
	};
	const char *fault = read_part(part, claims, lengthof(claims));
	TokenTimes *times = &told->times;

	if (fault != NULL)
		return fault;
	told->subject = claims[SUB].value;
	told->audience = claims[AUD].value;
	told->token_id = claims[JTI].value;
	if (told->subject == NULL || told->audience == NULL)
		return "it has no subject or no audience";
	if (!take_seconds(&claims[EXP], &times->has_expires, &times->expires) ||
		!take_seconds(&claims[NBF], &times->has_not_before, &times->not_before) ||
		!take_seconds(&claims[IAT], &times->has_issued, &times->issued))
		return "a time is out of range";
	return NULL;
}

/* Find the program of this database that a token is meant for. */
static const char *
find_program(const char *audience, ProgramSchema *program)
{
	const char *name = token_program(audience);
	Oid schema;

	if (name == NULL || strlen(name) >= NAMEDATALEN)
		return "its audience is no program";
	if (strcmp(psprintf("%s/%s", get_database_name(MyDatabaseId), name), audience) != 0)
		return "it is for another database";
	schema = get_namespace_oid(name, true);
	if (!OidIsValid(schema) || !lookup_program(schema, program))
		return "its audience is no program";
	return NULL;
}

/* Seconds since 1970. */
static double
seconds_of(TimestampTz time)
{
	return (double) time / USECS_PER_SEC +
		   (double) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY;
}

/* The timestamp of seconds since 1970. */
static TimestampTz
time_of(double seconds)
{
	return (TimestampTz) ((seconds -
						   (double) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY) *
						  USECS_PER_SEC);
}

/* Check the signature; nothing that the token says is believed before. */
static const char *
check_signature(const TokenParts *parts, const ProgramSchema *program, const char *key_id,
				const char *token_id, TimestampTz now)
{
	TokenKey key;
	const char *fault = NULL;

	if (!lookup_key(program, key_id, token_id, now, &key))
		return "its key is unknown or has retired";
	if (!is_signed_with(parts, &key))
		fault = "its signature is wrong";
	else if (key.is_revoked)
		fault = "it was revoked";
	explicit_bzero(&key, sizeof(key));
	return fault;
}

/* Why a token is refused; NULL if it is not, and then whose it is. */
static const char *
check_token(const char *text, size_t length, Identity *identity)
{
	TimestampTz now = GetCurrentStatementStartTimestamp();
	TokenParts parts;
	const char *key_id;
	TokenClaims claims;
	ProgramSchema program;
	const char *fault;
	int found;

	if (!token_split(text, length, &parts))
		return "it has not three parts or is too long";
	fault = read_header(&parts.header, &key_id);
	if (fault == NULL)
		fault = read_claims(&parts.claims, &claims);
	if (fault == NULL)
		fault = find_program(claims.audience, &program);
	if (fault == NULL)
		fault = check_signature(&parts, &program, key_id, claims.token_id, now);
	if (fault == NULL)
		fault = token_fault_of_times(&claims.times, seconds_of(now));
	if (fault != NULL)
		return fault;
	found = lookup_subject(&program, claims.subject, now, identity);
	if (found != 1)
		return found == 0 ? "its subject is nobody" : "its subject is ambiguous";
	if (!OidIsValid(identity->role))
		return "there is no role for its subject";
	identity->expires = time_of(claims.times.expires);
	return NULL;
}

/* Verify a token, and say whose it is. */
void
verify_token(const char *text, size_t length, Identity *identity)
{
	MemoryContext work =
		AllocSetContextCreate(CurrentMemoryContext, "sign-in token", ALLOCSET_SMALL_SIZES);
	MemoryContext outside = MemoryContextSwitchTo(work);
	const char *fault = check_token(text, length, identity);

	MemoryContextSwitchTo(outside);
	MemoryContextDelete(work);
	if (fault != NULL)
		refuse_token(fault);
}
