/*
 * The front door: module magic, start-up, version.  Each room keeps its own
 * functions; what a room must do when the library is loaded is called from
 * _PG_init.
 */
#include "coachiatry.h"

#include "utils/builtins.h"
#include "utils/guc.h"

#include "identity/identity.h"
#include "program/program.h"

PG_MODULE_MAGIC_EXT(.name = "coachiatry", .version = COACHIATRY_VERSION);

/* Defines our settings, and reserves their prefix, so that a misspelt one is an error. */
void
_PG_init(void)
{
	identity_define_settings();
	program_define_settings();
	MarkGUCPrefixReserved("coachiatry");
}

PG_FUNCTION_INFO_V1(coachiatry_version);

/* Version of the loaded library. */
Datum
coachiatry_version(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(COACHIATRY_VERSION));
}
