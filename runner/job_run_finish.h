/* SPDX-License-Identifier: Apache-2.0 */
/* runner/job_run_finish.h: from a known end to nothing left of the run. */
#ifndef RUNNER_JOB_RUN_FINISH_H
#define RUNNER_JOB_RUN_FINISH_H

struct runner;

/* End all runs whose end is complete, many in one statement. */
void job_run_finish_batch(struct runner *runner);

/* Give back those that were taken and cannot be started here. */
void job_run_return_batch(struct runner *runner);

#endif
