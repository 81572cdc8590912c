/* SPDX-License-Identifier: Apache-2.0 */
/* store/metric_store.h: figures of the whole cluster, for monitoring. */
#ifndef STORE_METRIC_STORE_H
#define STORE_METRIC_STORE_H

struct db;
struct err;
struct memory;
struct metric_list;

/* All of them, in no order, in the caller's memory.  A histogram whose classes are not ours (of a runner of another
 * release) is left out. */
int metric_store_read(struct db *db, struct memory *memory, struct metric_list *out,
		      struct err *err);

#endif
