/* SPDX-License-Identifier: Apache-2.0 */
/* store/job_claim_store.h: how jobs come into a runner's hands, and leave them unrun. */
#ifndef STORE_JOB_CLAIM_STORE_H
#define STORE_JOB_CLAIM_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "db/db.h"
#include "store/json_param.h"
#include "store/node_store.h"

struct err;
struct job_order;

/* Take up to max waiting jobs of a queue.  Rows: job_order_read(). */
void job_claim_send(struct db_async *db, struct node_life life, int64_t queue_id, int max,
		    db_done_fn *done, void *arg);

/*
 * After a restart: jobs of the node that are in known (the keeper's table) come back as rows under
 * this life; the others go back to their queue, or to history when they ran.
 */
void job_take_back_send(struct db_async *db, struct node_life life, const struct job_key *known,
			size_t n, db_done_fn *done, void *arg);

/* A row of either into out (uninitialised before).  0; -1 ERR_INVALID and out needs no free. */
int job_order_read(const struct db_result *rows, int row, struct job_order *out, struct err *err);

/* ATTRIBUTED -> SUBMITTED.  Rows: the ids that were ours. */
void job_give_back_send(struct db_async *db, struct node_life life, const struct job_key *jobs,
			size_t n, db_done_fn *done, void *arg);

/* ATTRIBUTED -> RUNNING since ago_ms.  Rows: the ids that were ours. */
struct job_started {
	struct job_key key;
	int64_t ago_ms;
};
void job_started_send(struct db_async *db, struct node_life life, const struct job_started *jobs,
		      size_t n, db_done_fn *done, void *arg);

#endif
