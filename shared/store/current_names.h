/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/current_names.h: what queues and nodes are called now, by their ids.  Whoever renames or deletes one changes the
 * stamp of each account (sql/schema/0003), so what was read for an account is so as long as its stamp is the same, which
 * the web API asks with each request anyway (fcgi/known_account.h).  It is kept as long as that, for some hundred of them.
 */
#ifndef STORE_CURRENT_NAMES_H
#define STORE_CURRENT_NAMES_H

#include <stdint.h>

struct db;
struct err;

/*
 * From now on the database is asked for this account, which had that stamp after the request had begun, or has it if what is
 * read counts at all.  0: for none, nothing that was kept is believed.
 */
void current_names_for(int64_t account, int64_t stamp);

/* Ids of snapshots (snapshot_names.h); 0: there is no such queue or node, or none was asked for (id 0). */
struct current_names {
	int64_t queue, node;
};
int current_names(struct db *db, int64_t queue_id, int64_t node_id, struct current_names *out,
		  struct err *err);

#endif
