/*
 * The installed template: which files it has, and how they are run.
 */
#ifndef COACHIATRY_SCRIPT_H
#define COACHIATRY_SCRIPT_H

#include "nodes/pg_list.h"

#include "program/template.h"

/* A template's folder. */
typedef struct Template
{
	const char *folder;
	List *parts; /* names of its parts, in order */
	TemplateStep *steps;
	int nsteps;
	int newest; /* the version that the parts make */
} Template;

/* Define the setting coachiatry.template_directory. */
extern void script_define_setting(void);

extern Template *script_open_template(void);
extern void script_run(const Template *from, const char *file, const char *program,
					   const char *prefix);

#endif
