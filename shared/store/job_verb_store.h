/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/job_verb_store.h: verbs on one job that exists (sql/schema/0011; cancel and kill are in
 * job_instance_store.h).
 *
 * All: 0, or -1 with ERR_NOT_FOUND (no such job or queue), ERR_CONFLICT (the job's state forbids it;
 * the text names the state) or ERR_INVALID (the value is out of range).  by: who asked, for the record.
 */
#ifndef STORE_JOB_VERB_STORE_H
#define STORE_JOB_VERB_STORE_H

#include <stdint.h>

struct db;
struct err;
struct text_list;

/* A job that waits: hold and resume it, remove it without a trace. */
int job_verb_hold(struct db *db, int64_t id, const char *by, struct err *err);
int job_verb_resume(struct db *db, int64_t id, const char *by, struct err *err);
int job_verb_delete(struct db *db, int64_t id, struct err *err);

/* A job that runs, or will: let it stand still, and go on. */
int job_verb_pause_running(struct db *db, int64_t id, const char *by, struct err *err);
int job_verb_resume_running(struct db *db, int64_t id, const char *by, struct err *err);

/* How far a running one is: 0 to 2147483647.  attempt: the one that says it of itself, ERR_CONFLICT when that
 * is over; 0: somebody else says it. */
int job_verb_set_progress(struct db *db, int64_t id, int64_t attempt, int64_t progress,
			  struct err *err);

/* Where and when it runs.  place: 1 is the first; ms: since 1970 UTC. */
int job_verb_set_queue(struct db *db, int64_t id, int64_t queue_id, struct err *err);
int job_verb_set_priority(struct db *db, int64_t id, int64_t priority, struct err *err);
int job_verb_set_position(struct db *db, int64_t id, int64_t place, struct err *err);
int job_verb_set_run_after(struct db *db, int64_t id, int64_t ms, struct err *err);

/* A job that is over: once more; or, when it crashed or was killed, anew in its place.  by submits it; scope: what
 * that one may enqueue, see jqm.in_scope(); NULL: all. */
int job_verb_enqueue_again(struct db *db, int64_t id, const char *by, const struct text_list *scope,
			   int64_t *new_id_out, struct err *err);
int job_verb_restart(struct db *db, int64_t id, const char *by, const struct text_list *scope,
		     int64_t *new_id_out, struct err *err);

#endif
