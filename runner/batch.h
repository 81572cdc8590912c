/* SPDX-License-Identifier: Apache-2.0 */
/* runner/batch.h: the jobs a statement on its way is about, by key: runs may be gone by the answer. */
#ifndef RUNNER_BATCH_H
#define RUNNER_BATCH_H

#include <stddef.h>

#include "store/json_param.h"

struct runner;

#define BATCH_MAX 200

struct batch {
	struct runner *runner;
	struct batch *next, *prev;
	size_t n;
	struct job_key keys[BATCH_MAX];
};

/* Owned by the runner until batch_free(). */
struct batch *batch_new(struct runner *runner);
void batch_free(struct batch *batch);

#endif
