/*
 * The roles of a program.  They are made, or adopted where somebody asks for
 * that and they are as good as new.  A role that is just there is never used:
 * whoever is a member of it would be a member of the program.
 */
#include "coachiatry.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/pg_auth_members.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_db_role_setting.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/catcache.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/syscache.h"

#include "program/program.h"
#include "program/roles.h"

/* What the names of a program's roles end with. */
static const char *const role_kinds[] = {
	"owner",	   "person",		 "coach",	"supervisor", "prescriber", "therapist",
	"coordinator", "practice_coach", "analyst", "auditor",	  "app"
};

/* Those of them that somebody acts as: all between the owner and the application, which is a member of them. */
#define FIRST_ACTING 1
#define APPLICATION (lengthof(role_kinds) - 1)

static bool use_role(const char *name, const char *prefix, bool adopt);
static const char *what_disqualifies(HeapTuple role, const char *prefix);
static void join_application(const char *prefix);

/* The name of one of a program's roles. */
char *
roles_name(const char *prefix, const char *kind)
{
	return psprintf("%s_%s", prefix, kind);
}

/*
 * Make or adopt the roles with a prefix, as the current user; the names of
 * those that were made.  A pool's login is made a member of the application's,
 * which can become every other but the owner.
 */
ArrayType *
roles_make(const char *prefix, bool adopt)
{
	Datum made[lengthof(role_kinds)];
	int n = 0;

	for (size_t i = 0; i < lengthof(role_kinds); i++)
	{
		char *name = roles_name(prefix, role_kinds[i]);

		if (!use_role(name, prefix, adopt))
			made[n++] = CStringGetTextDatum(name);
	}
	for (int i = 0; i < n; i++)
		program_execute(psprintf("CREATE ROLE %s NOLOGIN", TextDatumGetCString(made[i])));
	join_application(prefix);
	return construct_array(made, n, TEXTOID, -1, false, TYPALIGN_INT);
}

/*
 * Make the application a member of the roles that somebody acts as, unless it
 * is one.  It can become them, and has none of their rights of itself.
 */
static void
join_application(const char *prefix)
{
	char *application = roles_name(prefix, role_kinds[APPLICATION]);
	Oid member = get_role_oid(application, false);

	program_execute(psprintf("ALTER ROLE %s NOINHERIT", application));
	for (size_t i = FIRST_ACTING; i < APPLICATION; i++)
	{
		char *name = roles_name(prefix, role_kinds[i]);

		if (!is_member_of_role_nosuper(member, get_role_oid(name, false)))
			program_execute(psprintf("GRANT %s TO %s", name, application));
	}
}

/* Whether a role exists and is to be used; false if it must be made. */
static bool
use_role(const char *name, const char *prefix, bool adopt)
{
	HeapTuple role = SearchSysCache1(AUTHNAME, CStringGetDatum(name));
	const char *reason;

	if (!HeapTupleIsValid(role))
		return false;
	if (!adopt)
		ereport(
			ERROR,
			(errcode(ERRCODE_DUPLICATE_OBJECT), errmsg("role \"%s\" already exists", name),
			 errhint("Choose another role_prefix, or, if the role and its members are meant for "
					 "this program, use it with adopt_roles => true.")));
	reason = what_disqualifies(role, prefix);
	if (reason != NULL)
		ereport(ERROR, (errcode(ERRCODE_DUPLICATE_OBJECT),
						errmsg("role \"%s\" cannot be adopted", name), errdetail("It %s.", reason),
						errhint("Choose another role_prefix, or alter the role.")));
	ReleaseSysCache(role);
	return true;
}

/* Whether a catalogue has a row for a role, by a cache whose first key is the role. */
static bool
is_listed(int cache, Oid role)
{
	CatCList *rows = SearchSysCacheList1(cache, ObjectIdGetDatum(role));
	bool found = rows->n_members > 0;

	ReleaseSysCacheList(rows);
	return found;
}

/* Whether a role has settings of its own, in any database. */
static bool
has_settings(Oid role)
{
	Relation settings = table_open(DbRoleSettingRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	bool found;

	ScanKeyInit(&key, Anum_pg_db_role_setting_setrole, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(role));
	scan = systable_beginscan(settings, InvalidOid, false, NULL, 1, &key);
	found = HeapTupleIsValid(systable_getnext(scan));
	systable_endscan(scan);
	table_close(settings, AccessShareLock);
	return found;
}

/* Whether a role is a member of another one than the application is of a program with a prefix. */
static bool
is_member_elsewhere(Oid member, const char *prefix)
{
	CatCList *memberships = SearchSysCacheList1(AUTHMEMMEMROLE, ObjectIdGetDatum(member));
	bool is_application = get_role_oid(roles_name(prefix, role_kinds[APPLICATION]), true) == member;
	bool found = false;

	for (int i = 0; i < memberships->n_members; i++)
	{
		Form_pg_auth_members grant =
			(Form_pg_auth_members) GETSTRUCT(&memberships->members[i]->tuple);
		bool is_ours = false;

		for (size_t k = FIRST_ACTING; is_application && k < APPLICATION; k++)
			is_ours |= get_role_oid(roles_name(prefix, role_kinds[k]), true) == grant->roleid;
		found |= !is_ours;
	}
	ReleaseSysCacheList(memberships);
	return found;
}

/* Why a role is not as good as new; NULL if it is. */
static const char *
what_disqualifies(HeapTuple role, const char *prefix)
{
	Form_pg_authid form = (Form_pg_authid) GETSTRUCT(role);
	bool has_no_password;

	SysCacheGetAttr(AUTHNAME, role, Anum_pg_authid_rolpassword, &has_no_password);
	if (form->rolsuper)
		return "is a superuser";
	if (form->rolcanlogin)
		return "can log in";
	if (form->rolcreatedb || form->rolcreaterole)
		return "can create databases or roles";
	if (form->rolreplication)
		return "can replicate";
	if (form->rolbypassrls)
		return "bypasses row-level security";
	if (!has_no_password)
		return "has a password";
	if (is_member_elsewhere(form->oid, prefix))
		return "is a member of another role";
	if (is_listed(DEFACLROLENSPOBJ, form->oid))
		return "has default privileges";
	return has_settings(form->oid) ? "has settings of its own" : NULL;
}

/*
 * Dropping them
 */

/* Whether a list of names has one. */
static bool
has_name(ArrayType *names, const char *name)
{
	Datum *items;
	bool *nulls;
	int n;

	deconstruct_array(names, TEXTOID, -1, false, TYPALIGN_INT, &items, &nulls, &n);
	for (int i = 0; i < n; i++)
		if (!nulls[i] && strcmp(TextDatumGetCString(items[i]), name) == 0)
			return true;
	return false;
}

/* Whether objects of any database belong to a role, or have privileges or policies for it. */
static bool
has_dependents(Oid role)
{
	Oid types[] = { OIDOID };
	Datum values[] = { ObjectIdGetDatum(role) };

	if (SPI_execute_with_args("SELECT FROM pg_catalog.pg_shdepend "
							  "WHERE refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass "
							  "AND refobjid = $1",
							  lengthof(types), types, values, NULL, false, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not look up what depends on a role");
	return SPI_processed > 0;
}

/* Why the current user cannot drop a role; NULL if nothing speaks against it. */
static const char *
what_keeps(Oid role)
{
	if (role == GetUserId() || role == GetOuterUserId() || role == GetSessionUserId())
		return "it is in use";
	if (!has_createrole_privilege(GetUserId()) || !may_grant_role(GetUserId(), role))
		return "it takes a right to drop it";
	return has_dependents(role) ? "other objects depend on it" : NULL;
}

/*
 * Drop the roles with a prefix that were made for a program, as the current
 * user.  What is not such a role's name is not believed: it stands in a table
 * that the program's owner can write.
 */
void
roles_drop(const char *prefix, ArrayType *made)
{
	for (size_t i = 0; i < lengthof(role_kinds); i++)
	{
		char *name = roles_name(prefix, role_kinds[i]);
		Oid role = get_role_oid(name, true);
		const char *reason;

		if (!OidIsValid(role) || !has_name(made, name))
			continue;
		reason = what_keeps(role);
		if (reason == NULL)
			program_execute(psprintf("DROP ROLE %s", name));
		else
			ereport(NOTICE, (errmsg("role \"%s\" is left: %s", name, reason)));
	}
}

/*
 * Acting as the owner
 */

/* Whether a role has granted itself something of another one. */
static bool
has_granted_itself(Oid member, Oid role)
{
	CatCList *memberships = SearchSysCacheList1(AUTHMEMMEMROLE, ObjectIdGetDatum(member));
	bool found = false;

	for (int i = 0; i < memberships->n_members; i++)
	{
		Form_pg_auth_members grant =
			(Form_pg_auth_members) GETSTRUCT(&memberships->members[i]->tuple);

		found |= grant->roleid == role && grant->grantor == member;
	}
	ReleaseSysCacheList(memberships);
	return found;
}

/* Refuse a current user who can neither act as a role nor grant itself that. */
void
roles_check_may_act_as(Oid role)
{
	if (!member_can_set_role(GetUserId(), role) && !may_grant_role(GetUserId(), role))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to act as role \"%s\"", GetUserNameFromId(role, false)),
				 errdetail("Only its members and those who may grant it can.")));
}

/* Let the current user act as a role until roles_leave, if it may grant itself that. */
Membership
roles_join(Oid role)
{
	Membership membership = { .role = role };

	roles_check_may_act_as(role);
	if (member_can_set_role(GetUserId(), role))
		return membership;
	membership.is_new = true;
	membership.had_grant = has_granted_itself(GetUserId(), role);
	program_execute(
		psprintf("GRANT %s TO CURRENT_USER", quote_identifier(GetUserNameFromId(role, false))));
	return membership;
}

/* Take back what roles_join has granted, and only that. */
void
roles_leave(const Membership *membership)
{
	if (membership->is_new)
		program_execute(psprintf("REVOKE %s %s FROM CURRENT_USER",
								 membership->had_grant ? "SET OPTION FOR" : "",
								 quote_identifier(GetUserNameFromId(membership->role, false))));
}

/*
 * Act as a role, and quietly.  Nothing that runs meanwhile can leave work
 * behind that would run as the caller (deferred triggers, cursors): a program's
 * objects belong to its owner, who need not be trusted by the superuser who
 * upgrades it.
 */
Actor
roles_act_as(Oid role)
{
	Actor before;

	GetUserIdAndSecContext(&before.user, &before.context);
	SetUserIdAndSecContext(role, before.context | SECURITY_LOCAL_USERID_CHANGE |
									 SECURITY_RESTRICTED_OPERATION);
	before.level = NewGUCNestLevel();
	if (client_min_messages < WARNING)
		program_fix_setting("client_min_messages", "warning");
	return before;
}

/* Act as before.  The server does that itself where an error ends a transaction or a part of it. */
void
roles_stop_acting(Actor before)
{
	AtEOXact_GUC(true, before.level);
	SetUserIdAndSecContext(before.user, before.context);
}
