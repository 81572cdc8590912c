/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner/job_handover.h: the directories of a job that ran as another account are ours again.
 *
 * The keeper lends and takes back (keeper/handover.h); whether it has can be seen at their owners and groups, so nothing
 * has to be remembered, whoever died meanwhile.
 */
#ifndef RUNNER_JOB_HANDOVER_H
#define RUNNER_JOB_HANDOVER_H

#include <stdbool.h>

struct job_run;
struct runner;

/* Is the directory at path lent, or being taken back? */
bool job_handover_is_lent(const char *path);

/*
 * True: the run's directories are ours, or not there, or the keeper has not given them back for so long that it will not.
 * False: it was ordered to, look again soon.
 */
bool job_handover_is_over(struct runner *runner, struct job_run *run);

#endif
