/* SPDX-License-Identifier: Apache-2.0 */
/* runner/job_run_finish.h: from a known end to nothing left of the run. */
#ifndef RUNNER_JOB_RUN_FINISH_H
#define RUNNER_JOB_RUN_FINISH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/job_turn_store.h"

struct err;
struct runner;

/*
 * Runs whose end is complete, for the next turn; they give their slot to the next job with it.
 * alone: those with which nothing else may go.
 */
size_t job_run_gather_ended(struct runner *runner, bool alone, const struct job_end **out,
			    struct job_key *keys, size_t max);

/* By when the next of them that do not go alone is to be told: it waits for company, but not for long. */
int64_t job_run_ends_due_ms(const struct runner *runner);

/* The answer; rows NULL: err says why not, and they are told again. */
void job_run_finished(struct runner *runner, const struct job_key *keys, size_t n,
		      const struct db_result *rows, const struct err *err);

/* Give back those that were taken and cannot be started here. */
void job_run_return_batch(struct runner *runner);

#endif
