/*
 * The files that a program is made of: which there are, which steps lead from
 * one version to another, and what stands for the program's names in them.
 * Plain C without the server.
 */
#ifndef COACHIATRY_TEMPLATE_H
#define COACHIATRY_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "adherence/calendar.h"

/* Most bytes of a program's name and of a role prefix: the longest role's name still fits. */
#define TEMPLATE_MAX_NAME 40

/* The version of a template without upgrade steps. */
#define TEMPLATE_FIRST_VERSION 1

/* The highest version that a step can lead to. */
#define TEMPLATE_MAX_VERSION 9999

/* A file upgrade/N--M.sql: the step from version N to M. */
typedef struct TemplateStep
{
	int from;
	int to;
	bool arrives; /* other steps lead on from it to where a chain should end */
} TemplateStep;

/* Names */
extern bool template_name_is_plain(const char *name);
extern bool template_is_part(const char *file);
extern bool template_read_step(const char *file, TemplateStep *step);

/* Versions */
extern int template_newest(const TemplateStep *steps, int nsteps);
extern int template_chain(TemplateStep *steps, int nsteps, int from, int to, TemplateStep *chain);

/* Text */
extern const char *template_fill_in(const char *text, const char *program, const char *prefix,
									const TextSink *sink);
extern size_t template_placeholder_length(const char *at);
extern size_t template_statement_start(const char *text);
extern int template_line(const char *text, const char *at);

#endif
