/* SPDX-License-Identifier: Apache-2.0 */
/* cli/admin_task.h: one call of jqm NOUN list|show|create|set|delete; what the files of it share. */
#ifndef CLI_ADMIN_TASK_H
#define CLI_ADMIN_TASK_H

#include <stddef.h>
#include <stdint.h>

#include "model/memory.h"

#define ADMIN_ASSIGNMENTS_MAX 64

struct admin_noun;
struct api;
struct cli;
struct doc_given;
struct err;

/* What was typed, and what we learn on the way. */
struct admin_task {
	struct cli *cli;
	const struct admin_noun *noun;
	struct api *api;
	struct pool pool;
	const char *action, *name;
	const char *words[ADMIN_ASSIGNMENTS_MAX]; /* FIELD=VALUE */
	size_t n_words;
	const char *password_file, *secret_file; /* NULL: not said */
};

/* The number of the object that task names.  0, or -1: ERR_NOT_FOUND, ERR_INVALID. */
int admin_find(struct admin_task *task, int64_t *id_out, struct err *err);

/*
 * Put everything that was said into object, a struct of the noun's type: words FIELD=VALUE, with the numbers of those
 * they name, and secrets out of their files.  given learns which members that were.  0 or -1.
 */
int admin_assign(struct admin_task *task, void *object, struct doc_given *given, struct err *err);

#endif
