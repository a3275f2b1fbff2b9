/*
 * The SQL type supply as a varlena, and what the files of this room that bind
 * it to the server share.
 */
#ifndef COACHIATRY_SUPPLY_H
#define COACHIATRY_SUPPLY_H

#include "coachiatry.h"

#include "supply/dispensings.h"

/* Flags of the one format there is; all other bits are refused. */
#define SUPPLY_FORMAT 0x00000100
#define SUPPLY_STATE 0x00000001 /* state of an aggregate: any order, and slack */

/*
 * A value is packed: dispensings in order, then, with nothing between, the
 * names of their medications.  A state of an aggregate may have dispensings in
 * any order, names more than once, and slack before the names.  Every function
 * reads both.
 */
typedef struct Supply
{
	int32 vl_len_; /* never touched directly */
	uint32 flags;
	uint32 n;
	uint32 names_size; /* bytes at the end */
	Dispensing items[FLEXIBLE_ARRAY_MEMBER];
} Supply;

#define SUPPLY_HEADER_SIZE offsetof(Supply, items)

/* Size of a value of some dispensings. */
#define SUPPLY_SIZE(n, names_size) \
	add_size(SUPPLY_HEADER_SIZE, add_size(mul_size(n, sizeof(Dispensing)), names_size))

#define DatumGetSupply(datum) ((Supply *) PG_DETOAST_DATUM(datum))
#define PG_GETARG_SUPPLY(n) DatumGetSupply(PG_GETARG_DATUM(n))
#define PG_RETURN_SUPPLY(value) PG_RETURN_POINTER(value)

/* supply.c */
extern Supply *supply_empty(void);
extern Dispensings supply_view(const Supply *value);
extern Dispensings supply_sound_view(const Supply *value);
extern Supply *supply_pack(Supply *value);
extern Dispensings supply_arg(FunctionCallInfo fcinfo, int n);
extern void supply_check_input(const DispensingInput *input, bool has_dose);

/* supply_agg.c */
extern Supply *supply_add(Supply *state, bool in_place, const DispensingInput *input);
extern Supply *supply_add_all(Supply *state, bool in_place, const Supply *part);

#endif
