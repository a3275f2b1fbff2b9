/*
 * Who is acting.  There are three ways to be somebody:
 *
 * - sign_in() has verified a token, and its result is in the setting
 *   coachiatry.actor, for this transaction.  A setting, because the server
 *   takes it to parallel workers, and back with ROLLBACK TO.  Nobody but this
 *   file can give it a value, by whatever way settings get theirs: a value is
 *   taken only while actor_sign_in() sets that very value, and in a parallel
 *   worker, which gets it from its leader.
 * - The setting coachiatry.token has a token, which is verified when somebody
 *   first asks.  Everybody may set it.  It counts only in the transaction in
 *   which it was set, so that nobody meets the token of a connection's previous
 *   user: its value begins with the number of that transaction.
 * - The login of the session is that of a member of staff.
 *
 * By either token one is somebody only while the role that SET ROLE has set is
 * the one that belongs to that identity.  Functions that run as another user
 * do not change that role.
 */
#include "identity/actor.h"

#include "access/parallel.h"
#include "access/xact.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/guc.h"
#include "utils/guc_tables.h"
#include "utils/timestamp.h"

#include "identity/moment.h"
#include "identity/verify.h"

/* Longest value of the setting coachiatry.actor. */
#define ACTOR_LENGTH (NAMEDATALEN + 128)

/* A value of the setting coachiatry.token, beside its text. */
typedef struct TokenValue
{
	LocalTransactionId set_in; /* the transaction that has set it */
	size_t start;			   /* of the token in the text */

	/* Whose it is, if it was verified in that transaction and no part of that was rolled back since */
	bool is_verified;
	uint64 rollbacks;
	Identity identity;
} TokenValue;

/* The login of a session as a member of staff, as it is at one moment. */
typedef struct LoginValue
{
	Oid program;
	Oid login;
	Moment moment;
	bool holds; /* at that moment */
	bool is_somebody;
	Identity identity;
} LoginValue;

static char *actor_text;
static const Identity *actor;	/* what it says; NULL where it is empty */
static const char *actor_to_be; /* the only value that may be set now */

static char *token_text;
static TokenValue *token; /* NULL where it is empty */
static uint64 token_changes;

static LoginValue last_login;

static bool check_actor(char **newval, void **extra, GucSource source);
static void assign_actor(const char *newval, void *extra);
static bool check_token(char **newval, void **extra, GucSource source);
static void assign_token(const char *newval, void *extra);
static const char *show_token(void);
static void forget_former_token(void);

/* Define the settings coachiatry.actor and coachiatry.token. */
void
actor_define_settings(void)
{
	DefineCustomStringVariable(
		"coachiatry.actor", "Shows who has signed in, for coachiatry's own functions.",
		"Only coachiatry.sign_in() can set it.", &actor_text, "", PGC_SUSET,
		GUC_NO_SHOW_ALL | GUC_NOT_IN_SAMPLE | GUC_DISALLOW_IN_FILE | GUC_SUPERUSER_ONLY,
		check_actor, assign_actor, NULL);
	DefineCustomStringVariable(
		"coachiatry.token", "Sets a sign-in token, for clients that can only set parameters.",
		"It is verified at its first use in the transaction that has set it, and counts in no other.",
		&token_text, "", PGC_USERSET, GUC_NO_SHOW_ALL | GUC_NOT_IN_SAMPLE | GUC_DISALLOW_IN_FILE,
		check_token, assign_token, show_token);
	forget_former_token();
	moment_watch();
}

/*
 * The setting coachiatry.actor
 */

/* Write an identity as the text of the setting. */
static void
format_actor(const Identity *identity, char text[ACTOR_LENGTH])
{
	snprintf(text, ACTOR_LENGTH, "%u %u %d %lld %lld %lld %s", identity->program, identity->role,
			 (int) identity->kind, (long long) identity->id, (long long) identity->person_id,
			 (long long) identity->expires, identity->word);
}

/* Read it back. */
static bool
parse_actor(const char *text, Identity *identity)
{
	int kind;
	long long id;
	long long person_id;
	long long expires;
	int word = 0;

	memset(identity, 0, sizeof(*identity));
	if (sscanf(text, "%u %u %d %lld %lld %lld %n", &identity->program, &identity->role, &kind, &id,
			   &person_id, &expires, &word) != 6 ||
		word == 0)
		return false;
	identity->kind = (IdentityKind) kind;
	identity->id = id;
	identity->person_id = person_id;
	identity->expires = expires;
	return strlcpy(identity->word, text + word, NAMEDATALEN) < NAMEDATALEN;
}

/* Take a value only from actor_sign_in(), or from the leader of a parallel worker; empty from anybody. */
static bool
check_actor(char **newval, void **extra, GucSource source pg_attribute_unused())
{
	Identity identity;

	if (**newval == '\0')
		return true;
	if (!InitializingParallelWorker && (actor_to_be == NULL || strcmp(*newval, actor_to_be) != 0))
	{
		GUC_check_errcode(ERRCODE_INSUFFICIENT_PRIVILEGE);
		GUC_check_errmsg("parameter \"coachiatry.actor\" cannot be set");
		GUC_check_errhint("Use coachiatry.sign_in().");
		return false;
	}
	if (!parse_actor(*newval, &identity))
		return false;
	*extra = guc_malloc(LOG, sizeof(identity));
	if (*extra == NULL)
		return false;
	memcpy(*extra, &identity, sizeof(identity));
	return true;
}

static void
assign_actor(const char *newval pg_attribute_unused(), void *extra)
{
	actor = extra;
}

/* Set a setting until the transaction ends, or a part of it is rolled back. */
static void
set_locally(const char *name, const char *value, GucContext context)
{
	(void) set_config_option(name, value, context, PGC_S_SESSION, GUC_ACTION_LOCAL, true, 0, false);
}

/* Make somebody the actor until the transaction ends, and take on the role. */
void
actor_sign_in(const Identity *identity)
{
	char text[ACTOR_LENGTH];
	char *role = GetUserNameFromId(identity->role, false);

	if (!member_can_set_role(GetSessionUserId(), identity->role))
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("permission denied to sign in as role \"%s\"", role),
						errdetail("The login of the session is no member of the role.")));
	set_locally("role", role, PGC_USERSET);
	format_actor(identity, text);
	actor_to_be = text;
	PG_TRY();
	{
		set_locally("coachiatry.actor", text, PGC_SUSET);
	}
	PG_FINALLY();
	{
		actor_to_be = NULL;
	}
	PG_END_TRY();
}

/*
 * The setting coachiatry.token
 */

/* Put the number of the transaction before a token; a parallel worker gets it with that. */
static bool
check_token(char **newval, void **extra, GucSource source pg_attribute_unused())
{
	TokenValue value = { .set_in = moment_transaction() };
	const char *slash;
	char *text;

	if (**newval == '\0')
		return true;
	if (!InitializingParallelWorker)
	{
		size_t size = strlen(*newval) + 16;

		text = guc_malloc(LOG, size);
		if (text == NULL)
			return false;
		snprintf(text, size, "%u/%s", value.set_in, *newval);
		guc_free(*newval);
		*newval = text;
	}
	slash = strchr(*newval, '/');
	if (slash == NULL)
		return false;
	value.set_in = (LocalTransactionId) strtoul(*newval, NULL, 10);
	value.start = (size_t) (slash + 1 - *newval);
	*extra = guc_malloc(LOG, sizeof(value));
	if (*extra == NULL)
		return false;
	memcpy(*extra, &value, sizeof(value));
	return true;
}

static void
assign_token(const char *newval pg_attribute_unused(), void *extra)
{
	token = extra;
	token_changes++;
}

/* Whether a setting was set in the transaction that runs. */
static bool
is_set_in_transaction(const char *name)
{
	int count;
	struct config_generic **settings = list_settings(&count);

	for (int i = 0; i < count; i++)
		if (strcmp(settings[i]->name, name) == 0)
			return settings[i]->stack != NULL;
	return false;
}

/*
 * A token that was set before the library was loaded looks as though it were
 * set now.  Unless it was, it does not count.
 */
static void
forget_former_token(void)
{
	if (token != NULL && !is_set_in_transaction("coachiatry.token"))
		token->set_in = InvalidLocalTransactionId;
}

/* Show nobody a token. */
static const char *
show_token(void)
{
	return token != NULL ? "(hidden)" : "";
}

/*
 * Verify the token that is set.  The program's owner may have put functions of
 * their own in the way, which may set another one meanwhile.
 */
static void
verify_setting(TokenValue *value)
{
	uint64 before = token_changes;
	char *text = pstrdup(token_text + value->start);
	Identity identity;

	verify_token(text, strlen(text), &identity);
	pfree(text);
	if (token_changes != before)
		refuse_token("another was set while it was verified");
	value->identity = identity;
	value->is_verified = true;
	value->rollbacks = moment_rollbacks();
}

/* Whose token is set, if one was set in this transaction; an error if it is refused. */
static const Identity *
token_identity(void)
{
	TokenValue *value = token;

	if (value == NULL || !LocalTransactionIdIsValid(value->set_in) ||
		value->set_in != moment_transaction())
		return NULL;
	if (!value->is_verified || value->rollbacks != moment_rollbacks())
	{
		value->is_verified = false;
		verify_setting(value);
	}
	return &value->identity;
}

/*
 * Database logins
 */

/* Whether the last answer about a login is that of a question. */
static bool
is_answered(const LoginValue *question)
{
	return last_login.holds && question->holds && last_login.program == question->program &&
		   last_login.login == question->login && moment_is(&last_login.moment, &question->moment);
}

/* Look up a login as a member of staff. */
static void
look_up_login(LoginValue *question)
{
	char *login = GetUserNameFromId(question->login, true);
	ProgramSchema program;

	question->is_somebody = login != NULL && lookup_program(question->program, &program) &&
							lookup_login(&program, login, GetCurrentStatementStartTimestamp(),
										 &question->identity) == 1;
	last_login = *question;
}

/* The member of staff whose login the session's is; NULL for nobody. */
static const Identity *
login_identity(Oid program)
{
	LoginValue question = { .program = program, .login = GetSessionUserId() };
	Oid role = GetOuterUserId();

	question.holds = moment_take(&question.moment);
	if (!is_answered(&question))
		look_up_login(&question);
	if (!last_login.is_somebody)
		return NULL;
	return role == last_login.login || role == last_login.identity.role ? &last_login.identity
																		: NULL;
}

/* Who has signed in by either token, in whichever program; NULL for nobody. */
static const Identity *
signed_in(void)
{
	return actor != NULL ? actor : token_identity();
}

/* The same while the role is theirs. */
const Identity *
actor_anywhere(void)
{
	const Identity *identity = signed_in();

	return identity != NULL && identity->role == GetOuterUserId() ? identity : NULL;
}

/* Who is acting in a program; NULL for nobody. */
const Identity *
actor_in(Oid program)
{
	const Identity *identity = signed_in();

	if (identity == NULL)
		return login_identity(program);
	return identity->program == program && identity->role == GetOuterUserId() ? identity : NULL;
}
