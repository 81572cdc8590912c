/* SPDX-License-Identifier: Apache-2.0 */
/* store/purge_store.h: old history goes: ordered by administrators, worked off by runners. */
#ifndef STORE_PURGE_STORE_H
#define STORE_PURGE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "db/db.h"
#include "store/node_store.h"

struct err;

/* How many jobs ended longer than age_s seconds ago; dry: nothing is ordered.  0; -1 ERR_INVALID. */
int purge_order(struct db *db, int64_t age_s, bool dry, const char *login, int64_t *jobs_out,
		struct err *err);

/* Jobs whose logs and files a runner has removed, and jobs of which something stays. */
struct purge_told {
	const int64_t *done, *stuck;
	size_t n_done, n_stuck;
};

/* Tell that, and ask for more.  Rows: purge_row_read(); none: the runner was replaced. */
void purge_send(struct db_async *db, struct node_life life, const struct purge_told *told,
		db_done_fn *done_fn, void *arg);

/* Borrowed from the rows. */
struct purge_row {
	bool more; /* of any row: there is more to do in the database, ask again soon */
	int64_t job_id; /* whose logs and files are to be removed here; 0: none */
	const char *definition_name;
	int32_t attempt; /* the last one */
};
void purge_row_read(const struct db_result *rows, int row, struct purge_row *out);

#endif
