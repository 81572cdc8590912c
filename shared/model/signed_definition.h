/* SPDX-License-Identifier: Apache-2.0 */
/*
 * model/signed_definition.h: which bytes a signature of a job definition is over.
 *
 * One table names every member a definition has in the admin API and says whether it is signed.  Signed is what
 * decides what a node executes and what it allows it; not signed is what decides when, where and for whom.
 * tests/unit/test_signed_definition.c compares the table with the wire object, so that a new member has to be
 * put on one side or the other.
 */
#ifndef MODEL_SIGNED_DEFINITION_H
#define MODEL_SIGNED_DEFINITION_H

#include <stddef.h>

#include "model/job_order.h"

struct admin_definition;
struct buf;
struct err;
struct job_def;

/* The signed part, from whatever source.  Texts are borrowed; NULL and "" are the same: none. */
struct signed_definition {
	const char *name; /* so that no other definition can have the signature */
	const char *path, *path_type, *working_directory, *run_as;
	struct job_limits limits; /* -1: none */
};

enum signed_kind { SIGNED_TEXT, SIGNED_NUMBER, SIGNED_NOT };

struct signed_member {
	const char *member; /* of the admin API's definition */
	enum signed_kind kind;
	size_t offset; /* in struct signed_definition, unless SIGNED_NOT */
	const char *remark; /* SIGNED_NOT: why */
};
extern const struct signed_member signed_members[];
extern const size_t signed_members_len;

/*
 * Append the bytes: "jqm definition 1\n", then for each signed member that is there, in the order of the table,
 * "member length\nvalue\n"; length counts bytes, numbers are decimal.  What is not there is left out, so that
 * a member that is added to the table some day leaves signatures of definitions without it valid.
 */
void signed_definition_bytes(const struct signed_definition *def, struct buf *out);

/* As the runner has it: exactly what it is about to run. */
struct signed_definition signed_definition_of_order(const struct job_order *order);

/* As a descriptor has it. */
struct signed_definition signed_definition_of_def(const struct job_def *def);

/* As the admin API tells it.  0, or -1 with ERR_INVALID: its umask is no octal number. */
int signed_definition_of_admin(const struct admin_definition *def, struct signed_definition *out,
			       struct err *err);

#endif
