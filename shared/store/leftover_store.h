/* SPDX-License-Identifier: Apache-2.0 */
/* store/leftover_store.h: what the database knows of jobs whose files a runner found on its disks. */
#ifndef STORE_LEFTOVER_STORE_H
#define STORE_LEFTOVER_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "db/db.h"
#include "store/node_store.h"

/* Rows: those of ids that are over or unknown; nothing may be done to any other. */
void leftover_send(struct db_async *db, struct node_life life, const int64_t *ids, size_t n,
		   db_done_fn *done, void *arg);

/* Borrowed from the rows. */
struct leftover_row {
	int64_t job_id;
	const char *definition_name; /* NULL: no such job any more */
	int32_t attempt; /* the last one */
	const char *paths; /* of its registered files, below a delivery store, a line each */
};
void leftover_read(const struct db_result *rows, int row, struct leftover_row *out);

#endif
