/* SPDX-License-Identifier: Apache-2.0 */
/* runner/job_run_claim.h: a row that became ours becomes a run. */
#ifndef RUNNER_JOB_RUN_CLAIM_H
#define RUNNER_JOB_RUN_CLAIM_H

struct db_result;
struct runner;

/*
 * What cannot be read is logged and becomes none; what comes while we stop goes back.  One that we have is not started a second
 * time: a server that took over without its last commits has lost the first claim, and our run goes on under the second.
 */
void job_run_claim(struct runner *runner, const struct db_result *rows, int row);

#endif
