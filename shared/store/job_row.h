/* SPDX-License-Identifier: Apache-2.0 */
/* store/job_row.h: one job by its id, in one statement that costs little more than the row (view jqm.live_row). */
#ifndef STORE_JOB_ROW_H
#define STORE_JOB_ROW_H

#include <stdbool.h>
#include <stdint.h>

struct db;
struct err;
struct job_instance;
struct memory;

/*
 * A live or a past job with all that belongs to it.  *found_out false: there is none; or a past one is not where it would
 * be looked for first, so that past_job_of() has to be asked.  Not inside a transaction: a partition that a purge
 * has taken away is an error to the server.
 */
int job_row_read_live(struct db *db, int64_t id, struct memory *memory, struct job_instance *out,
		      bool *found_out, struct err *err);
int job_row_read_past(struct db *db, int64_t id, struct memory *memory, struct job_instance *out,
		      bool *found_out, struct err *err);

#endif
