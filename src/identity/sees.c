/*
 * Whom the actor sees, as policies ask it: sees(program, person, roles...) for
 * a row.  What the planner must know of it is here too: how many rows it lets
 * through, and that it is a condition for an index on persons, as
 * person = ANY (seen_persons(program, roles...)) would be.
 */
#include "coachiatry.h"

#include "access/stratnum.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/supportnodes.h"
#include "optimizer/optimizer.h"
#include "parser/parse_func.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/selfuncs.h"
#include "utils/snapmgr.h"

#include "identity/actor.h"
#include "identity/sight.h"

/*
 * Where more than this share of the persons of a table, or more than so many,
 * are seen, the planner is offered no index: a list is handed to it at each
 * start of a scan, which within a nested loop are many.
 */
#define INDEX_SHARE 0.2
#define INDEX_PERSONS 1000

/* What a share is taken for where it is not worth the time to find out. */
#define USUAL_SHARE 0.5

/* The roles that one asks for, in a form that is quick to compare. */
typedef struct Roles
{
	Datum array; /* the argument that they were read from */
	int n;
	char *words[FLEXIBLE_ARRAY_MEMBER];
} Roles;

/* Read an array of roles. */
static Roles *
read_roles(Datum array, MemoryContext memory)
{
	MemoryContext outside = MemoryContextSwitchTo(memory);
	Datum *items;
	bool *nulls;
	int n;
	Roles *roles;

	deconstruct_array(DatumGetArrayTypeP(array), TEXTOID, -1, false, TYPALIGN_INT, &items, &nulls,
					  &n);
	roles = palloc(add_size(sizeof(Roles), mul_size(sizeof(char *), (Size) n)));
	roles->array = array;
	roles->n = 0;
	for (int i = 0; i < n; i++)
		if (!nulls[i])
			roles->words[roles->n++] = TextDatumGetCString(items[i]);
	MemoryContextSwitchTo(outside);
	return roles;
}

/* The roles that a call asks for; those of a constant are read once. */
static const Roles *
roles_asked(FunctionCallInfo fcinfo, int n)
{
	Datum array = PG_GETARG_DATUM(n);
	Roles *roles = fcinfo->flinfo->fn_extra;

	if (roles != NULL && roles->array == array)
		return roles;
	if (!get_fn_expr_arg_stable(fcinfo->flinfo, n))
		return read_roles(array, CurrentMemoryContext);
	roles = read_roles(array, fcinfo->flinfo->fn_mcxt);
	fcinfo->flinfo->fn_extra = roles;
	return roles;
}

/* The member of staff who is acting in a program, if their role is one of those; else NULL. */
static const Identity *
staff_acting_as(Oid program, const Roles *roles)
{
	const Identity *actor = actor_in(program);

	if (actor == NULL || actor->kind != IDENTITY_STAFF)
		return NULL;
	for (int i = 0; i < roles->n; i++)
		if (strcmp(roles->words[i], actor->word) == 0)
			return actor;
	return NULL;
}

PG_FUNCTION_INFO_V1(identity_sees);

/* Whether whoever is acting sees a person, in one of some roles. */
Datum
identity_sees(PG_FUNCTION_ARGS)
{
	const Identity *actor = staff_acting_as(PG_GETARG_OID(0), roles_asked(fcinfo, 2));

	PG_RETURN_BOOL(actor != NULL && sight_has(actor, PG_GETARG_INT64(1)));
}

PG_FUNCTION_INFO_V1(identity_acts_as);

/* Whether a member of staff is acting, in one of some roles. */
Datum
identity_acts_as(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(staff_acting_as(PG_GETARG_OID(0), roles_asked(fcinfo, 1)) != NULL);
}

PG_FUNCTION_INFO_V1(identity_seen_persons);

/* The persons whom whoever is acting sees, in one of some roles. */
Datum
identity_seen_persons(PG_FUNCTION_ARGS)
{
	const Identity *actor = staff_acting_as(PG_GETARG_OID(0), roles_asked(fcinfo, 1));
	const int64 *persons;
	Datum *items;
	int n;

	if (actor == NULL)
		PG_RETURN_ARRAYTYPE_P(construct_empty_array(INT8OID));
	n = sight_list(actor, &persons);
	items = palloc_array(Datum, (Size) n);
	for (int i = 0; i < n; i++)
		items[i] = Int64GetDatum(persons[i]);
	PG_RETURN_ARRAYTYPE_P(
		construct_array(items, n, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

/*
 * For the planner
 */

/* A call of sees() that the planner asks about. */
typedef struct Call
{
	Const *program;
	Node *person;
	Const *roles;
} Call;

/* Take a call apart; false if its program or roles are not constants. */
static bool
take_call(List *args, Call *call)
{
	if (list_length(args) != 3)
		return false;
	call->person = lsecond(args);
	if (!IsA(linitial(args), Const) || !IsA(lthird(args), Const))
		return false;
	call->program = linitial(args);
	call->roles = lthird(args);
	return !call->program->constisnull && !call->roles->constisnull;
}

/* The share of the rows of a table that a call lets through; of how many persons, where they are listed. */
static double
share(PlannerInfo *root, const Call *call, int *seen)
{
	const Roles *roles = read_roles(call->roles->constvalue, CurrentMemoryContext);
	const Identity *actor = staff_acting_as(DatumGetObjectId(call->program->constvalue), roles);
	VariableStatData table;
	bool is_default;
	double persons;
	SightScope scope;

	*seen = 0;
	scope = actor != NULL ? sight_scope(actor, seen) : SIGHT_NOBODY;
	if (scope == SIGHT_EVERYBODY)
		return 1;
	if (scope == SIGHT_ENROLLED)
		return USUAL_SHARE;
	examine_variable(root, call->person, 0, &table);
	persons = get_variable_numdistinct(&table, &is_default);
	ReleaseVariableStats(table);
	return Min(1, *seen / Max(persons, 1));
}

/* person = ANY (seen_persons(program, roles)), by an operator of an index's. */
static Expr *
index_condition(const Call *call, Oid equals)
{
	ScalarArrayOpExpr *condition = makeNode(ScalarArrayOpExpr);
	Oid types[] = { REGNAMESPACEOID, TEXTARRAYOID };
	Oid function = LookupFuncName(list_make2(makeString("coachiatry"), makeString("seen_persons")),
								  lengthof(types), types, false);
	FuncExpr *seen = makeFuncExpr(function, INT8ARRAYOID,
								  list_make2(copyObject(call->program), copyObject(call->roles)),
								  InvalidOid, InvalidOid, COERCE_EXPLICIT_CALL);

	seen->funcvariadic = true;
	condition->opno = equals;
	condition->opfuncid = get_opcode(equals);
	condition->useOr = true;
	condition->args = list_make2(copyObject(call->person), seen);
	condition->location = -1;
	return (Expr *) condition;
}

/* Whether one of the conditions on a table pins the person: then the index has a better one. */
static bool
is_pinned(const RelOptInfo *table, const Node *person, Oid opfamily)
{
	ListCell *cell;

	foreach (cell, table->baserestrictinfo)
	{
		OpExpr *clause = (OpExpr *) lfirst_node(RestrictInfo, cell)->clause;
		Node *left;
		Node *right;

		if (!IsA(clause, OpExpr) || list_length(clause->args) != 2 ||
			get_op_opfamily_strategy(clause->opno, opfamily) != BTEqualStrategyNumber)
			continue;
		left = linitial(clause->args);
		right = lsecond(clause->args);
		if ((equal(left, person) && !contain_var_clause(right)) ||
			(equal(right, person) && !contain_var_clause(left)))
			return true;
	}
	return false;
}

/* Whether a table has a condition that is a call of the same function on a person. */
static bool
has_call(const RelOptInfo *table, Oid function, const Expr *person)
{
	ListCell *cell;

	foreach (cell, table->baserestrictinfo)
	{
		FuncExpr *clause = (FuncExpr *) lfirst_node(RestrictInfo, cell)->clause;

		if (IsA(clause, FuncExpr) && clause->funcid == function &&
			equal(lsecond(clause->args), person))
			return true;
	}
	return false;
}

/*
 * Whether the person is joined with that of a table before this one which asks
 * the same.  One of them is enough to begin with; for each of its persons this
 * table is then read by the join's own condition, without a list.
 */
static bool
is_led(PlannerInfo *root, const RelOptInfo *table, const Node *person, Oid function)
{
	ListCell *class;

	foreach (class, root->eq_classes)
	{
		EquivalenceClass *same = lfirst(class);
		bool has_person = false;
		bool has_leader = false;
		ListCell *cell;

		foreach (cell, same->ec_members)
		{
			EquivalenceMember *member = lfirst(cell);
			int relid;

			has_person |= equal(member->em_expr, person);
			if (bms_get_singleton_member(member->em_relids, &relid) && relid < (int) table->relid &&
				root->simple_rel_array[relid] != NULL)
				has_leader |= has_call(root->simple_rel_array[relid], function, member->em_expr);
		}
		if (has_person && has_leader)
			return true;
	}
	return false;
}

/* The condition for an index that a call is worth; NULL if it is none. */
static Expr *
offer_index(SupportRequestIndexCondition *request)
{
	Call call;
	Oid equals;
	int seen;

	if (request->indexarg != 1 || !request->index->amsearcharray || !is_funcclause(request->node) ||
		!take_call(((FuncExpr *) request->node)->args, &call))
		return NULL;
	equals = get_opfamily_member(request->opfamily, INT8OID, INT8OID, BTEqualStrategyNumber);
	if (!OidIsValid(equals) || is_pinned(request->index->rel, call.person, request->opfamily) ||
		is_led(request->root, request->index->rel, call.person, request->funcid) ||
		share(request->root, &call, &seen) > INDEX_SHARE || seen > INDEX_PERSONS)
		return NULL;
	request->lossy = false;
	return index_condition(&call, equals);
}

PG_FUNCTION_INFO_V1(identity_sees_support);

/* What the planner asks about sees(). */
Datum
identity_sees_support(PG_FUNCTION_ARGS)
{
	Node *request = (Node *) PG_GETARG_POINTER(0);
	void *reply = NULL;
	Call call;

	/* Without a snapshot nobody can be looked up. */
	if (!ActiveSnapshotSet())
		PG_RETURN_POINTER(NULL);
	if (IsA(request, SupportRequestSelectivity) &&
		take_call(((SupportRequestSelectivity *) request)->args, &call))
	{
		SupportRequestSelectivity *asked = (SupportRequestSelectivity *) request;
		int seen;

		asked->selectivity = share(asked->root, &call, &seen);
		reply = asked;
	}
	else if (IsA(request, SupportRequestIndexCondition))
	{
		Expr *condition = offer_index((SupportRequestIndexCondition *) request);

		if (condition != NULL)
			reply = list_make1(condition);
	}
	PG_RETURN_POINTER(reply);
}
