/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner/job_secrets.h: secret parameters are open for no longer than it takes to build the environment of their job.
 *
 * The keys are read from secrets:key_file for each job that has such parameters, so that a new key counts at once.
 */
#ifndef RUNNER_JOB_SECRETS_H
#define RUNNER_JOB_SECRETS_H

struct err;
struct job_order;
struct settings;

/* Are there keys where there should be some?  0, also when no file is named; -1 ERR_NOT_FOUND, ERR_DENIED, ERR_INVALID. */
int job_secrets_check(const struct settings *settings, struct err *err);

/*
 * Open all secret parameters of order, in place.  0; -1 with err, and none is left open: no key file, its key is not in it,
 * it was sealed for another definition or parameter.  The text names the parameter, never a value.
 */
int job_secrets_open(const struct settings *settings, struct job_order *order, struct err *err);

/* Clear their values: from now on they are "". */
void job_secrets_forget(struct job_order *order);

#endif
