/*
 * Folding what a statement has changed into the kept values of a program.
 */
#ifndef COACHIATRY_FOLD_H
#define COACHIATRY_FOLD_H

#include "program/changes.h"

extern void fold_changes(Changes *changes, Oid schema, Oid owner);

#endif
