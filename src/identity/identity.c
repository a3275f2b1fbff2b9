/*
 * Who is acting, as SQL asks it.  The functions that policies call name their
 * program: an identity in one program is nobody in another.
 */
#include "identity/identity.h"

#include "access/detoast.h"
#include "access/htup_details.h"
#include "access/xact.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "identity/actor.h"
#include "identity/sight.h"
#include "identity/verify.h"

/* Names of what somebody can be. */
static const char *const kinds[] = {
	[IDENTITY_STAFF] = "staff", [IDENTITY_PERSON] = "person", [IDENTITY_PROXY] = "proxy"
};

/* Define the settings of this room. */
void
identity_define_settings(void)
{
	actor_define_settings();
}

/* Forget whom the actor sees: the time by which one looks is another. */
void
identity_forget_sight(void)
{
	sight_forget();
}

/*
 * Signing in
 */

/* Refuse to sign in where the role of the session cannot be changed. */
static void
check_context(void)
{
	if (InLocalUserIdChange() || InSecurityRestrictedOperation())
		ereport(
			ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("cannot sign in within a function or operation that runs as another user")));
}

/* Warn that nothing of it will last, as SET LOCAL does. */
static void
warn_outside_of_transaction(void)
{
	if (!IsTransactionBlock())
		ereport(WARNING,
				(errcode(ERRCODE_NO_ACTIVE_SQL_TRANSACTION),
				 errmsg("sign_in holds until the end of the transaction only"),
				 errdetail("Outside of a transaction block that is the end of the statement.")));
}

PG_FUNCTION_INFO_V1(identity_sign_in);

/* Make whoever a token is for the actor of this transaction. */
Datum
identity_sign_in(PG_FUNCTION_ARGS)
{
	Identity identity;
	text *token;

	check_context();
	if (PG_ARGISNULL(0))
		refuse_token("it is null");
	if (toast_raw_datum_size(PG_GETARG_DATUM(0)) > TOKEN_MAX_LENGTH + VARHDRSZ)
		refuse_token("it has not three parts or is too long");
	token = PG_GETARG_TEXT_PP(0);
	verify_token(VARDATA_ANY(token), VARSIZE_ANY_EXHDR(token), &identity);
	warn_outside_of_transaction();
	actor_sign_in(&identity);
	PG_RETURN_VOID();
}

PG_FUNCTION_INFO_V1(identity_sign_token);

/* Write a text as base64url. */
static void
put_encoded(StringInfo token, const void *bytes, size_t size)
{
	size_t length = token_encoded_size(size);

	enlargeStringInfo(token, (int) length);
	token_encode(bytes, size, token->data + token->len);
	token->len += (int) length;
	token->data[token->len] = '\0';
}

/* A token with these claims, signed. */
Datum
identity_sign_token(PG_FUNCTION_ARGS)
{
	text *claims = PG_GETARG_TEXT_PP(0);
	char *header = text_to_cstring(PG_GETARG_TEXT_PP(1));
	bytea *secret = PG_GETARG_BYTEA_PP(2);
	uint8 signature[TOKEN_SIGNATURE_LENGTH];
	StringInfoData token;

	initStringInfo(&token);
	put_encoded(&token, header, strlen(header));
	appendStringInfoChar(&token, '.');
	put_encoded(&token, VARDATA_ANY(claims), VARSIZE_ANY_EXHDR(claims));
	sign_text(token.data, (size_t) token.len, (uint8 *) VARDATA_ANY(secret),
			  VARSIZE_ANY_EXHDR(secret), signature);
	appendStringInfoChar(&token, '.');
	put_encoded(&token, signature, sizeof(signature));
	PG_RETURN_TEXT_P(cstring_to_text_with_len(token.data, token.len));
}

/*
 * Who is acting
 */

/* Who is acting in the program that a function is asked about, if they are that. */
static const Identity *
asked(FunctionCallInfo fcinfo, IdentityKind kind)
{
	const Identity *identity = actor_in(PG_GETARG_OID(0));

	return identity != NULL && identity->kind == kind ? identity : NULL;
}

PG_FUNCTION_INFO_V1(identity_actor_staff_id);

/* The member of staff who is acting. */
Datum
identity_actor_staff_id(PG_FUNCTION_ARGS)
{
	const Identity *identity = asked(fcinfo, IDENTITY_STAFF);

	if (identity == NULL)
		PG_RETURN_NULL();
	PG_RETURN_INT64(identity->id);
}

PG_FUNCTION_INFO_V1(identity_actor_person_id);

/* The person who is acting. */
Datum
identity_actor_person_id(PG_FUNCTION_ARGS)
{
	const Identity *identity = asked(fcinfo, IDENTITY_PERSON);

	if (identity == NULL)
		PG_RETURN_NULL();
	PG_RETURN_INT64(identity->id);
}

PG_FUNCTION_INFO_V1(identity_actor_proxy_id);

/* The proxy who is acting. */
Datum
identity_actor_proxy_id(PG_FUNCTION_ARGS)
{
	const Identity *identity = asked(fcinfo, IDENTITY_PROXY);

	if (identity == NULL)
		PG_RETURN_NULL();
	PG_RETURN_INT64(identity->id);
}

PG_FUNCTION_INFO_V1(identity_actor_proxied_person_id);

/* The person for whom the proxy is acting. */
Datum
identity_actor_proxied_person_id(PG_FUNCTION_ARGS)
{
	const Identity *identity = asked(fcinfo, IDENTITY_PROXY);

	if (identity == NULL)
		PG_RETURN_NULL();
	PG_RETURN_INT64(identity->person_id);
}

PG_FUNCTION_INFO_V1(identity_actor_role);

/* The role in the program of whoever is acting. */
Datum
identity_actor_role(PG_FUNCTION_ARGS)
{
	const Identity *identity = actor_in(PG_GETARG_OID(0));

	if (identity == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(identity->word));
}

/* Columns of whoami(). */
enum
{
	PROGRAM,
	KIND,
	SIGNED_IN_BY,
	STAFF_ID,
	PERSON_ID,
	PROXY_ID,
	ROLE,
	EXPIRES,
	NCOLUMNS
};

/* Set a column. */
static void
put(Datum *values, bool *nulls, int column, Datum value)
{
	values[column] = value;
	nulls[column] = false;
}

/* Set the columns of somebody. */
static void
put_identity(const Identity *identity, Datum *values, bool *nulls)
{
	bool by_token = !TIMESTAMP_IS_NOEND(identity->expires);
	char *program = get_namespace_name(identity->program);
	int column = identity->kind == IDENTITY_STAFF	 ? STAFF_ID
				 : identity->kind == IDENTITY_PERSON ? PERSON_ID
													 : PROXY_ID;

	if (program != NULL)
		put(values, nulls, PROGRAM, CStringGetTextDatum(program));
	put(values, nulls, KIND, CStringGetTextDatum(kinds[identity->kind]));
	put(values, nulls, SIGNED_IN_BY, CStringGetTextDatum(by_token ? "token" : "login"));
	if (identity->kind == IDENTITY_PROXY)
		put(values, nulls, PERSON_ID, Int64GetDatum(identity->person_id));
	put(values, nulls, column, Int64GetDatum(identity->id));
	put(values, nulls, ROLE, CStringGetTextDatum(identity->word));
	if (by_token)
		put(values, nulls, EXPIRES, TimestampTzGetDatum(identity->expires));
}

PG_FUNCTION_INFO_V1(identity_whoami);

/* Who is acting, as a row. */
Datum
identity_whoami(PG_FUNCTION_ARGS)
{
	const Identity *identity = PG_ARGISNULL(0) ? actor_anywhere() : actor_in(PG_GETARG_OID(0));
	Datum values[NCOLUMNS] = { 0 };
	bool nulls[NCOLUMNS];
	TupleDesc row;

	if (get_call_result_type(fcinfo, NULL, &row) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "whoami() must return a row");
	memset(nulls, true, sizeof(nulls));
	if (identity != NULL)
		put_identity(identity, values, nulls);
	else
		put(values, nulls, KIND, CStringGetTextDatum("nobody"));
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(row), values, nulls)));
}
