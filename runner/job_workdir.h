/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner/job_workdir.h: the two directories of a job, TEMP/<id> and TEMP/<id>_delivery, and the
 * places of its logs.
 */
#ifndef RUNNER_JOB_WORKDIR_H
#define RUNNER_JOB_WORKDIR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct dir_pool;
struct tree_remove;

/* Owns its paths. */
struct job_workdir {
	int64_t job_id;
	int32_t attempt;
	char *parent; /* the node's directory for temporary files */
	char *joblog_dir; /* the node's, for logs */
	char *temp;
	char *delivery;
	char *stdout_log; /* of this attempt: model/joblog_name.h */
	char *stderr_log;
	char *newest_logs[2]; /* links to them; NULL of the first attempt, which needs none */
	char *first_logs[2]; /* what the first attempt's are called then */
	char *log_dir; /* of all */
	struct dir_pool *pool; /* borrowed */
	bool
	    for_another; /* account: our group may look into them, and they are never a spare one's */
	bool tried; /* to make them */
	bool made; /* by us, for this attempt */
	bool dirty; /* somebody may still use them, or did before us: not for another job */
	bool found; /* they were there when this attempt was to begin */
	bool given[2]; /* temp, delivery: to the pool already */
	struct tree_remove *removing; /* a removal under way */
	int removed; /* of the two directories, in this removal */
	struct err *trouble; /* of this removal; NULL: none so far */
};

/* pool is that of temp_dir. */
void job_workdir_init(struct job_workdir *dir, struct dir_pool *pool, const char *joblog_dir,
		      int64_t job_id, int32_t attempt);
void job_workdir_free(struct job_workdir *dir);

/*
 * Make both directories (0700, for_another 0750) and the one of the logs, and give the job's newest logs to this
 * attempt: those of earlier ones stay.  What is left of an earlier attempt in both directories is
 * removed first, from the second call on, up to budget entries.  1 they are there, 0 call again (dirty: there is
 * something of an earlier attempt), -1: ERR_BUSY when it is for want of something this machine has too little of,
 * such as room on its disk, or because it may not write there, be it what is left that it cannot remove.
 */
int job_workdir_make(struct job_workdir *dir, unsigned budget, struct err *err);

/* One of them is there: before job_workdir_make() was called it is an earlier attempt's. */
bool job_workdir_is_there(const struct job_workdir *dir);

/*
 * The job is over: if it has left the delivery directory empty, keep that for another job, and the other one if
 * that is empty too.  True: it has delivered nothing.
 */
bool job_workdir_give(struct job_workdir *dir);

/*
 * Remove both, or keep them for another job if they are empty, up to budget entries.  1 both are
 * gone, 0 call again, -1 something stays (err says what; the other one was removed all the same).
 */
int job_workdir_remove(struct job_workdir *dir, unsigned budget, struct err *err);

/*
 * No log of an attempt is a link.  One that has its name is of a later attempt, which a database that came out of a
 * backup does not know of: remove it.  True: there was one, and the keeper may have refused to write where it leads.
 */
bool job_workdir_drop_links(const struct job_workdir *dir);

/* The attempt did not begin: it has no logs, and the newest are those of the last one here that did. */
void job_workdir_drop_logs(const struct job_workdir *dir);

/* The account the attempt ran as has nothing more to write to its logs (keeper/output_acl.h). */
void job_workdir_close_logs(const struct job_workdir *dir);

/* See to it that both logs exist, and append a line to stderr's if text is not NULL. */
void job_workdir_touch_logs(const struct job_workdir *dir, const char *text);

#endif
