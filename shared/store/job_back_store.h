/* SPDX-License-Identifier: Apache-2.0 */
/* store/job_back_store.h: jobs that come back: to a runner that restarted, or to their queue. */
#ifndef STORE_JOB_BACK_STORE_H
#define STORE_JOB_BACK_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "db/db.h"
#include "store/json_param.h"
#include "store/node_store.h"

/*
 * After a restart: jobs of the node that are in known (the keeper's table) come back as rows (job_order_read()) under
 * this life; the others go back to their queue, or to history when they ran.
 */
void job_take_back_send(struct db_async *db, struct node_life life, const struct job_key *known,
			size_t n, db_done_fn *done, void *arg);

/*
 * Tell these server processes (db_async_lost()) to end, as far as they are sessions of a runner.  One row, lost_session_end_left():
 * how many there still were.
 */
void lost_session_end_send(struct db_async *db, const int64_t *pids, size_t n, db_done_fn *done,
			   void *arg);
int64_t lost_session_end_left(const struct db_result *rows);

/* ATTRIBUTED -> SUBMITTED.  Rows: the ids that were ours. */
void job_give_back_send(struct db_async *db, struct node_life life, const struct job_key *jobs,
			size_t n, db_done_fn *done, void *arg);

#endif
