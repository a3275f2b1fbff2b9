/*
 * Everything that differs between server versions, written as the newest API
 * emulated on older servers.  Supports PostgreSQL 15 to 18; no other file
 * looks at PG_VERSION_NUM.
 */
#ifndef COACHIATRY_COMPAT_H
#define COACHIATRY_COMPAT_H

#include "postgres.h"

#include "fmgr.h"
#include "storage/shmem.h"
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

/* 17: intervals can be infinite. */
#if PG_VERSION_NUM < 170000
#define INTERVAL_NOT_FINITE(interval) ((void) (interval), false)
#endif

/*
 * 16: varatt.h left postgres.h; an input function can return an error to a
 * caller that asked for that (escontext) instead of raising it.
 */
#if PG_VERSION_NUM >= 160000
#include "nodes/miscnodes.h"
#include "varatt.h"
#else
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
#define SOFT_ERROR_OCCURRED(escontext) ((void) (escontext), false)
#define make_range(typcache, lower, upper, empty, escontext) \
	((void) (escontext), make_range(typcache, lower, upper, empty))

extern PGDLLEXPORT void _PG_init(void);
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
