/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner/job_remains.h: what the store and the directory of logs hold of a job that is over, taken away
 * in bounded slices.
 *
 * Only names the collector, the keeper and log_trim give, found from the job's id; no link is followed.
 * What others put beside them stays, and with it their directory.  Doing it again does no harm.
 */
#ifndef RUNNER_JOB_REMAINS_H
#define RUNNER_JOB_REMAINS_H

#include <stdbool.h>
#include <stdint.h>

struct job_remains;

struct job_remains_spec {
	const char *store, *joblog_dir; /* of the node */
	const char
	    *definition_name; /* NULL: unknown, every directory of the store is looked into */
	int64_t job_id;
	int32_t attempts; /* numbers of attempts up to this one */
	bool all; /* false: logs and the files of paths stay, only what was never finished goes */
	const char *paths; /* registered, below the store, a line each */
};

/* Copies what it needs. */
struct job_remains *job_remains_new(const struct job_remains_spec *spec);

/* Look at about budget names.  0: call again; 1: done; -1: done, but something stays (errno says why). */
int job_remains_step(struct job_remains *remains, unsigned budget);

void job_remains_free(struct job_remains *remains);

/* The directory of this job's logs, which it shares with others, goes if it is empty. */
void job_remains_drop_log_dir(const char *joblog_dir, int64_t job_id);

/* Do two jobs share it? */
bool job_remains_same_log_dir(int64_t job_id, int64_t other_id);

#endif
