/* SPDX-License-Identifier: Apache-2.0 */
/* store/job_bulk_store.h: one verb on many jobs (sql/schema/0025). */
#ifndef STORE_JOB_BULK_STORE_H
#define STORE_JOB_BULK_STORE_H

#include "store/job_search_store.h"

struct db;
struct err;
struct memory;
struct text_list;

/* A verb of jqm.do_to_all(). */
struct job_bulk {
	const char *verb; /* "kill", "hold", "resume", "set_queue", "enqueue_again" */
	const char *by; /* who orders it */
	int64_t number; /* set_queue: to that queue */
	const struct text_list *scope; /* what they may do it to, see jqm.in_scope(); NULL: all */
};

/*
 * Do it to those of ids whose state allows it; in portions, each of them a transaction.  *done_out: the ids
 * it was done to, or those of the new jobs.  -1: what was done up to there stays done, and err says how much
 * that is, if any.
 */
int job_bulk_do(struct db *db, const struct job_bulk *bulk, const struct job_ids *ids,
		struct memory *memory, struct job_ids *done_out, struct err *err);

/* Which of ids it would be done to now. */
int job_bulk_dry(struct db *db, const struct job_bulk *bulk, const struct job_ids *ids,
		 struct memory *memory, struct job_ids *out, struct err *err);

#endif
