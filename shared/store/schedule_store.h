/* SPDX-License-Identifier: Apache-2.0 */
/* store/schedule_store.h: schedules, for callers and for the runners that watch them (sql/schema/0014). */
#ifndef STORE_SCHEDULE_STORE_H
#define STORE_SCHEDULE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "db/db.h"

struct err;
struct job_request;
struct memory;
struct schedule;
struct schedule_due;
struct schedule_list;
struct schedule_step;

/*
 * A schedule from a request with a recurrence: its definition, queue, priority, parameters and what the
 * request says of the schedule.  Expression and zone must have been checked.  ERR_INVALID names the field.
 */
int schedule_create(struct db *db, const struct job_request *request, int64_t *id_out,
		    struct err *err);

/* All by id; those of n definitions by their ids, then its own; one: ERR_NOT_FOUND. */
int schedule_list_all(struct db *db, struct memory *memory, struct schedule_list *out,
		      struct err *err);
int schedule_list_of(struct db *db, const int64_t *job_defs, size_t n, struct memory *memory,
		     struct schedule_list *out, struct err *err);
int schedule_read(struct db *db, int64_t id, struct memory *memory, struct schedule *out,
		  struct err *err);

/* ERR_NOT_FOUND: no such schedule or queue.  queue_id, priority 0: the definition's. */
int schedule_set_cron(struct db *db, int64_t id, const char *cron, struct err *err);
int schedule_set_queue(struct db *db, int64_t id, int64_t queue_id, struct err *err);
int schedule_set_priority(struct db *db, int64_t id, int64_t priority, struct err *err);
int schedule_set_enabled(struct db *db, int64_t id, bool enabled, struct err *err);
int schedule_delete(struct db *db, int64_t id, struct err *err);

#define SCHEDULE_DUE_MAX 100 /* more are named when these have been told */

/*
 * Rows of housekeeping_send(): jobs found late, a number that is another one when the node's mappings are, and
 * the queues of the node in which jobs wait (into out, as many as fit) are in the first; false: this row names no
 * schedule.
 */
int64_t schedule_late_jobs(const struct db_result *rows);
int64_t housekeeping_mappings(const struct db_result *rows);
size_t housekeeping_waiting(const struct db_result *rows, int64_t *out, size_t max);
bool schedule_due_read(const struct db_result *rows, int row, struct schedule_due *out);

/* Its slots have come; see schedule_fire_read(). */
void schedule_fire_send(struct db_async *db, const struct schedule_due *due,
			const struct schedule_step *step, db_done_fn *done, void *arg);

/* How many jobs were made of them; false: another runner was faster, or somebody has its row. */
bool schedule_fire_read(const struct db_result *rows, int64_t *jobs_out);

#endif
