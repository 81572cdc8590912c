/* SPDX-License-Identifier: Apache-2.0 */
/* model/queue.h: where jobs wait. */
#ifndef MODEL_QUEUE_H
#define MODEL_QUEUE_H

#include <stddef.h>
#include <stdint.h>

struct queue {
	int64_t id; /* 0: deleted since (a past job still names it) */
	const char *name;
	const char *description; /* NULL when not asked for */
};

struct queue_list {
	struct queue *items;
	size_t len;
};

#endif
