/* SPDX-License-Identifier: Apache-2.0 */
/* store/queue_store.h: where jobs wait. */
#ifndef STORE_QUEUE_STORE_H
#define STORE_QUEUE_STORE_H

struct db;
struct err;
struct memory;
struct text_list;
struct queue_list;

/* All queues of the scope (jqm.in_scope(); NULL: all), by id. */
int queue_list_read(struct db *db, const struct text_list *scope, struct memory *memory,
		    struct queue_list *out, struct err *err);

#endif
