/*
 * Everything that differs between server versions, written as the newest API
 * emulated on older servers.  Supports PostgreSQL 15 to 18; no other file
 * looks at PG_VERSION_NUM.
 */
#ifndef COACHIATRY_COMPAT_H
#define COACHIATRY_COMPAT_H

#include "postgres.h"

#include "access/genam.h"
#include "common/jsonapi.h"
#include "executor/executor.h"
#include "fmgr.h"
#include "storage/shmem.h"
#include "utils/datetime.h"
#include "utils/palloc.h"
#include "utils/rangetypes.h"

#if PG_VERSION_NUM < 150000
#error "coachiatry needs PostgreSQL 15 or later"
#endif

/* 18: the module tells its name and version; pg_noreturn stands before a declaration. */
#if PG_VERSION_NUM < 180000
#define PG_MODULE_MAGIC_EXT(...) PG_MODULE_MAGIC
#define pg_noreturn pg_attribute_noreturn()
#endif

/*
 * 18: an executor runs once only, and need not be told; a scan of an index can
 * be counted for EXPLAIN; generated columns need not be stored.
 */
#if PG_VERSION_NUM < 180000
#define has_generated(constraints) ((constraints)->has_generated_stored)
#define index_beginscan(table, index, snapshot, counts, nkeys, norders) \
	((void) (counts), index_beginscan((table), (index), (snapshot), (nkeys), (norders)))
#define ExecutorRun(query, direction, count) ExecutorRun((query), (direction), (count), true)
#else
#define has_generated(constraints) \
	((constraints)->has_generated_stored || (constraints)->has_generated_virtual)
#endif

/*
 * 17: intervals can be infinite; the caller can have a lexer of JSON made in
 * memory of its own; a process has its local transaction in another field.
 */
#if PG_VERSION_NUM < 170000
#define INTERVAL_NOT_FINITE(interval) ((void) (interval), false)
#define makeJsonLexContextCstringLen(lexer, json, length, encoding, need_escapes) \
	((void) (lexer), \
	 makeJsonLexContextCstringLen((json), (int) (length), (encoding), (need_escapes)))
#define local_transaction_of(process) ((process)->lxid)
#else
#define local_transaction_of(process) ((process)->vxid.lxid)
#endif

/*
 * 16: varatt.h left postgres.h; an input function can return an error to a
 * caller that asked for that (escontext) instead of raising it; so can the
 * actions of a JSON parser.
 */
#if PG_VERSION_NUM >= 160000
#include "nodes/miscnodes.h"
#include "varatt.h"
#define may_grant_role(member, role) is_admin_of_role((member), (role))
#define list_settings(count) get_guc_variables(count)
typedef JsonParseErrorType JsonActionResult;
#define JSON_ACTION_DONE return JSON_SUCCESS
#else
#include "catalog/pg_database.h"
#define errsave(escontext, ...) \
	do \
	{ \
		(void) (escontext); \
		ereport(ERROR, __VA_ARGS__); \
	} while (0)
#define ereturn(escontext, result, ...) \
	do \
	{ \
		errsave(escontext, __VA_ARGS__); \
		return result; \
	} while (0)
typedef void JsonActionResult;
#define JSON_ACTION_DONE return
#define SOFT_ERROR_OCCURRED(escontext) ((void) (escontext), false)
#define make_range(typcache, lower, upper, empty, escontext) \
	((void) (escontext), make_range(typcache, lower, upper, empty))

extern PGDLLEXPORT void _PG_init(void);

/*
 * 16: one function checks the privileges on objects of any kind; SET ROLE is
 * a privilege of its own, CREATEROLE does not give away other roles; memory of
 * settings has allocators of its own, and their list a length; timestamps tell
 * more about errors; an update tells which indexes are to have the row.
 */
typedef bool TU_UpdateIndexes;
#define TU_None false
#define TU_All true
#define ExecInsertIndexTuples(table, slot, estate, update, soft, conflict, arbiters, summarizing) \
	((void) (summarizing), \
	 ExecInsertIndexTuples((table), (slot), (estate), (update), (soft), (conflict), (arbiters)))
#define object_aclcheck(classid, objectid, roleid, mode) \
	((classid) == DatabaseRelationId ? pg_database_aclcheck((objectid), (roleid), (mode)) \
									 : pg_namespace_aclcheck((objectid), (roleid), (mode)))
#define member_can_set_role(member, role) is_member_of_role((member), (role))
#define may_grant_role(member, role) \
	(is_admin_of_role((member), (role)) || \
	 (has_createrole_privilege(member) && !superuser_arg(role)))
#define list_settings(count) (*(count) = GetNumConfigOptions(), get_guc_variables())
#define guc_malloc(elevel, size) ((void) (elevel), malloc(size))
#define guc_strdup(elevel, text) ((void) (elevel), strdup(text))
#define guc_free(pointer) free(pointer)
typedef int DateTimeErrorExtra;
#define DecodeDateTime(field, ftype, nf, dtype, tm, fsec, tzp, extra) \
	((void) (extra), DecodeDateTime((field), (ftype), (nf), (dtype), (tm), (fsec), (tzp)))
#endif

/* 16, and late minor releases before it: allocation of arrays with a checked size. */
#ifndef palloc_array
#define palloc_array(type, count) ((type *) palloc(mul_size(sizeof(type), (count))))
#endif
#ifndef palloc0_array
#define palloc0_array(type, count) ((type *) palloc0(mul_size(sizeof(type), (count))))
#endif
#ifndef repalloc_array
#define repalloc_array(pointer, type, count) \
	((type *) repalloc((pointer), mul_size(sizeof(type), (count))))
#endif
#ifndef palloc_object
#define palloc_object(type) ((type *) palloc(sizeof(type)))
#endif
#ifndef palloc0_object
#define palloc0_object(type) ((type *) palloc0(sizeof(type)))
#endif

#endif
