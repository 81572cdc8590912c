/* SPDX-License-Identifier: Apache-2.0 */
/* store/job_together_store.h: requests of several callers, each for itself, in one transaction (jqm.enqueue_wishes()). */
#ifndef STORE_JOB_TOGETHER_STORE_H
#define STORE_JOB_TOGETHER_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct db;
struct err;
struct job_request;

/* Who asks: an account as its caller remembers it; actor as for db_set_actor(). */
struct job_asker {
	int64_t account, stamp;
	const char *actor;
};

/* The request as a text, for whoever enqueues it.  False: it is surely one to be enqueued alone. */
bool job_together_text(struct buf *out, const struct job_request *request,
		       const struct job_asker *asker);

/*
 * Enqueue each of texts, or leave it alone: ids[i], 0 for what was left, be it right or wrong.  -1 + err: none was enqueued, or with
 * ERR_UNCERTAIN all may have been.
 */
int job_together_enqueue(struct db *db, const char *const *texts, size_t n, int64_t *ids,
			 struct err *err);

#endif
