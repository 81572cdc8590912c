/* SPDX-License-Identifier: Apache-2.0 */
/*
 * model/parameter_type.h: what a definition says of one of its parameters.  The rules are the database's
 * (sql/schema/0042_parameter_types.sql), whatever door a definition or a job comes through.
 */
#ifndef MODEL_PARAMETER_TYPE_H
#define MODEL_PARAMETER_TYPE_H

#include "model/value.h"

struct memory;

struct parameter_type {
	const char *key;
	const char *type; /* TEXT, INTEGER, NUMBER, BOOLEAN, DATE, CHOICE; NULL: TEXT */
	bool required; /* a job must have a value, from wherever */
	const char *hint; /* for people who are asked for it; may be NULL */
	struct text_list choices; /* of CHOICE */
};

/* In the order in which people are asked. */
struct parameter_type_list {
	struct parameter_type *items;
	size_t len;
};

/*
 * Lines as jqm.parameter_type_lines() writes them (NULL: none) into out, in memory.  0, or -1: they are not of
 * that form.
 */
int parameter_types_from_lines(const char *lines, struct memory *memory,
			       struct parameter_type_list *out);

#endif
