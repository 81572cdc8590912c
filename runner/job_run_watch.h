/* SPDX-License-Identifier: Apache-2.0 */
/* runner/job_run_watch.h: what the keeper says about jobs, and what the runs make of it. */
#ifndef RUNNER_JOB_RUN_WATCH_H
#define RUNNER_JOB_RUN_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/job_turn_store.h"

struct err;
struct job_run;
struct keeper_not_started;
struct keeper_report;
struct runner;

/* Each finds the run; a job nobody knows is an orphan: killed, cleared away, forgotten. */
void job_run_watch_started(struct runner *runner, const struct keeper_report *report);
void job_run_watch_not_started(struct runner *runner, const struct keeper_not_started *why);
void job_run_watch_ended(struct runner *runner, const struct keeper_report *report);

/* The process of a run lives, or is over: after any of the reports above, and for adopted jobs. */
void job_run_is_live(struct runner *runner, struct job_run *run,
		     const struct keeper_report *report);
void job_run_is_over(struct runner *runner, struct job_run *run,
		     const struct keeper_report *report);

/* The keeper does not know it any more: its table was lost. */
void job_run_is_lost(struct runner *runner, struct job_run *run);

/* Stop it, or let it go on. */
void job_run_pause(struct runner *runner, struct job_run *run, bool pause);

/*
 * Jobs the database is to be told of as RUNNING, and the answer (rows NULL: err says why not).  They
 * are due at job_run_next_mark_ms() at the latest.
 */
size_t job_run_gather_started(struct runner *runner, struct job_started *out, size_t max);
int64_t job_run_next_mark_ms(const struct runner *runner);
void job_run_marked(struct runner *runner, const struct job_key *keys, size_t n,
		    const struct db_result *rows, const struct err *err);
/* It was told, and the database has lost it. */
void job_run_mark_again(struct job_run *run);

#endif
