/* SPDX-License-Identifier: Apache-2.0 */
/* store/job_log_store.h: on which node an attempt of a job left its logs. */
#ifndef STORE_JOB_LOG_STORE_H
#define STORE_JOB_LOG_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "model/job_state.h"

struct db;
struct err;
struct memory;
struct text_map;

struct job_log_place {
	enum job_state state; /* of the job */
	bool was; /* there was, or is, such an attempt; of attempt 0: always */
	const char *node_name; /* NULL: no node has it or had it */
	bool has_secrets; /* its job has secret parameters */
	int32_t before; /* of attempt 0: the last one that was followed by another; 0: none */
};

/* attempt 0: the newest that any node has or had.  ERR_NOT_FOUND: there is no such job. */
int job_log_place(struct db *db, int64_t job_id, int32_t attempt, struct memory *memory,
		  struct job_log_place *out, struct err *err);

/*
 * The secret parameters of a job, with their sealed values, and the name of the definition they are sealed for; none: an empty map.
 */
int job_log_secrets(struct db *db, int64_t job_id, struct memory *memory,
		    const char **definition_out, struct text_map *out, struct err *err);

#endif
