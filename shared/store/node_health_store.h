/* SPDX-License-Identifier: Apache-2.0 */
/* store/node_health_store.h: does a node do its work? */
#ifndef STORE_NODE_HEALTH_STORE_H
#define STORE_NODE_HEALTH_STORE_H

#include <stdbool.h>

struct db;
struct err;
struct memory;

struct node_health {
	bool known; /* the node has registered once */
	bool alive; /* its runner holds the lease */
	/* A queue it should poll and has not for 3 intervals and 15 s; NULL: none. */
	const char *late_queue;
};

/* 0, also when the node is not known; -1 with err. */
int node_health_read(struct db *db, const char *node_name, struct memory *memory,
		     struct node_health *out, struct err *err);

#endif
