/*
 * Reading a watch from its name and its parameters as JSON, for whatever
 * evaluates rules.
 */
#ifndef COACHIATRY_WATCHING_H
#define COACHIATRY_WATCHING_H

#include "coachiatry.h"

#include "utils/jsonb.h"

#include "signal/watch.h"

/* watch_parameters.c */
extern float8 json_parameter(const Jsonb *parameters, const char *name, float8 otherwise);
extern Watch watch_read(const char *detector, const Jsonb *parameters, const char *direction);

#endif
