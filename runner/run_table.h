/* SPDX-License-Identifier: Apache-2.0 */
/* runner/run_table.h: the job runs of this runner, by job id; and those that have work to do now. */
#ifndef RUNNER_RUN_TABLE_H
#define RUNNER_RUN_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct job_run;

#define RUN_TABLE_BUCKETS 4096

struct run_table {
	struct job_run *all; /* newest first, through run->all_next */
	struct job_run *buckets[RUN_TABLE_BUCKETS];
	size_t count;
	struct job_run *work_first, *work_last; /* through run->work_next */
};

/* There is no run of that job and attempt in it yet; the run stays the caller's. */
void run_table_add(struct run_table *table, struct job_run *run);
/* Out of the table and of the work queue; the run stays the caller's. */
void run_table_remove(struct run_table *table, struct job_run *run);

/* NULL when there is none. */
struct job_run *run_table_find(const struct run_table *table, int64_t job_id, int32_t attempt);
/* Another run of the same job: an earlier attempt that is not yet cleared away; or NULL. */
struct job_run *run_table_find_other(const struct run_table *table, const struct job_run *run);

/* Any run of the job, whatever its attempt. */
bool run_table_has(const struct run_table *table, int64_t job_id);

/* Queue run for work, unless it is queued already. */
void run_table_push(struct run_table *table, struct job_run *run);
/* The next run that has work to do, out of the queue; NULL: none. */
struct job_run *run_table_pop(struct run_table *table);

#endif
