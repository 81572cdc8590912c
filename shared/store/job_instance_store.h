/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/job_instance_store.h: jobs as callers see and steer them.  One statement looks at live jobs
 * and history together, so it sees each job exactly once even while it ends.
 */
#ifndef STORE_JOB_INSTANCE_STORE_H
#define STORE_JOB_INSTANCE_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "model/job_state.h"

struct db;
struct err;
struct job_instance;
struct job_instance_list;
struct job_request;
struct memory;
struct text_list;

/*
 * Put a job into its queue.  0: it is on disk; *id_out is its number (of the one that waits
 * already, for a highlander).  -1: ERR_INVALID with a text for the caller; ERR_UNCERTAIN: it may be
 * there or not.  Empty texts count as absent for user and queue.
 */
int job_instance_enqueue(struct db *db, const struct job_request *request, int64_t *id_out,
			 struct err *err);

/* All n of them, or none: -1 names the first that is wrong by its place, from 0.  ids: room for n. */
int job_instance_enqueue_all(struct db *db, const struct job_request *requests, size_t n,
			     int64_t *ids, struct err *err);

/* One job in full, with its messages.  ERR_NOT_FOUND. */
int job_instance_read(struct db *db, int64_t id, struct memory *memory, struct job_instance *out,
		      struct err *err);

/* Those of n jobs that are there, in the order of ids (each given once). */
int job_instance_read_many(struct db *db, const int64_t *ids, size_t n, struct memory *memory,
			   struct job_instance_list *out, struct err *err);

/* The max oldest of all jobs, or of the live ones only, by id. */
int job_instance_list_all(struct db *db, size_t max, struct memory *memory,
			  struct job_instance_list *out, struct err *err);
int job_instance_list_live(struct db *db, size_t max, struct memory *memory,
			   struct job_instance_list *out, struct err *err);

/* The max newest of all jobs with an id below before_id, newest first. */
int job_instance_list_newest(struct db *db, int64_t before_id, size_t max, struct memory *memory,
			     struct job_instance_list *out, struct err *err);

/* The max oldest children of a job with an id above after_id, by id; the max newest below before_id,
 * newest first.  Live and past. */
int job_instance_list_children(struct db *db, int64_t parent_id, int64_t after_id, size_t max,
			       struct memory *memory, struct job_instance_list *out,
			       struct err *err);
int job_instance_list_children_newest(struct db *db, int64_t parent_id, int64_t before_id,
				      size_t max, struct memory *memory,
				      struct job_instance_list *out, struct err *err);

/* The max oldest jobs with an id above after_id that were told to wait for a job, live and past, by id; of those in
 * scope (NULL: all). */
int job_instance_list_dependents(struct db *db, int64_t id, const struct text_list *scope,
				 int64_t after_id, size_t max, struct memory *memory,
				 struct job_instance_list *out, struct err *err);

/* Where a job is: enough to answer for its state and to find its logs. */
struct job_place {
	enum job_state state;
	const char *node_name; /* NULL: no node has it or had it */
};
int job_instance_place(struct db *db, int64_t id, struct memory *memory, struct job_place *out,
		       struct err *err);

/* ERR_NOT_FOUND; ERR_CONFLICT when it is too late.  by: who asked, for the record. */
int job_instance_cancel(struct db *db, int64_t id, const char *by, struct err *err);
int job_instance_kill(struct db *db, int64_t id, const char *by, struct err *err);

#endif
