/*
 * What every file that binds a core to the server includes first: the
 * server's own headers for that, and the differences between its versions.
 */
#ifndef COACHIATRY_H
#define COACHIATRY_H

#include "postgres.h"

#include "fmgr.h"

#include "compat.h"

#endif
