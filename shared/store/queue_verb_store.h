/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/queue_verb_store.h: verbs on a queue as a whole (sql/schema/0011).  All: 0, or -1 with
 * ERR_NOT_FOUND.
 */
#ifndef STORE_QUEUE_VERB_STORE_H
#define STORE_QUEUE_VERB_STORE_H

#include <stdint.h>

struct db;
struct err;
struct memory;

/* No node takes jobs of it any more, or all that are mapped to it do again. */
int queue_verb_pause(struct db *db, int64_t id, struct err *err);
int queue_verb_resume(struct db *db, int64_t id, struct err *err);

/* Cancel every job that waits in it; how many.  by: who asked, for the record. */
int queue_verb_clear(struct db *db, int64_t id, const char *by, int64_t *count_out,
		     struct err *err);

/* RUNNING, PARTIALLY_RUNNING or PAUSED. */
int queue_verb_status(struct db *db, int64_t id, struct memory *memory, const char **out,
		      struct err *err);

/* How many of its jobs may run at the same time, on all nodes that are on. */
int queue_verb_capacity(struct db *db, int64_t id, int64_t *out, struct err *err);

#endif
