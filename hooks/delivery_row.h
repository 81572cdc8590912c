/* SPDX-License-Identifier: Apache-2.0 */
/* hooks/delivery_row.h: the statements of sql/schema (webhooks) for who delivers. */
#ifndef HOOKS_DELIVERY_ROW_H
#define HOOKS_DELIVERY_ROW_H

#include <stddef.h>
#include <stdint.h>

#include "db/db.h"
#include "hooks/post.h"

/* One to be delivered; texts are borrowed from the rows. */
struct delivery {
	int64_t id, try, hook;
	const char *name, *url, *event_id, *body;
	int64_t seconds; /* when the try was claimed, since 1970, by the database's clock */
	const char *secret, *old_secret; /* sealed; NULL: there is no old one that still signs */
};

/*
 * At most room of them for lease_ms, of each hook at most each less those of it that busy (n_busy hooks, one for each
 * delivery) has already; done gets rows for delivery_row_read().
 */
void delivery_row_claim(struct db_async *db, size_t room, size_t each, const int64_t *busy,
			size_t n_busy, int64_t lease_ms, db_done_fn *done, void *arg);
void delivery_row_read(const struct db_result *rows, int row, struct delivery *out);

/* done gets a row with the state it is in now, NULL when it was not ours. */
void delivery_row_told(struct db_async *db, int64_t id, int64_t try, const char *node,
		       const struct post_result *result, db_done_fn *done, void *arg);

/* done gets a row with how many of those that were over days ago have gone; at most n do. */
void delivery_row_forget(struct db_async *db, int64_t days, int64_t n, db_done_fn *done, void *arg);

#endif
