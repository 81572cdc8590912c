/* SPDX-License-Identifier: Apache-2.0 */
/* store/life_send.h: statements about one life of a node, for the runner's event loop. */
#ifndef STORE_LIFE_SEND_H
#define STORE_LIFE_SEND_H

#include "store/node_store.h"

/* Send stmt with parameters $1 node, $2 incarnation and, when it has a third, $3 more (which may be NULL). */
void life_send(struct db_async *db, const struct db_stmt *stmt, struct node_life life,
	       const char *more, db_done_fn *done, void *arg);

#endif
