/* SPDX-License-Identifier: Apache-2.0 */
/* store/node_place_store.h: where a node's web server is. */
#ifndef STORE_NODE_PLACE_STORE_H
#define STORE_NODE_PLACE_STORE_H

#include <stdbool.h>

struct db;
struct err;
struct memory;

struct node_place {
	bool known; /* there is such a node; of any other nothing below is set */
	const char *dns;
	int port; /* 0: not said yet */
	bool alive; /* its runner holds the lease */
	const char *seen; /* when that was last so, "2026-01-31T12:00:00Z"; "" never */
	bool internal_pki; /* the cluster's own authority made its certificate */
};

/* 0, also when the node is not known; -1 with err. */
int node_place_read(struct db *db, const char *name, struct memory *memory, struct node_place *out,
		    struct err *err);

#endif
