/* SPDX-License-Identifier: Apache-2.0 */
/* hooks/delivery_row.h: the statements of sql/schema (webhooks) for who delivers. */
#ifndef HOOKS_DELIVERY_ROW_H
#define HOOKS_DELIVERY_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "db/db.h"
#include "hooks/post.h"

struct lanes;

/* One to be delivered; texts are borrowed from the rows. */
struct delivery {
	int64_t id, try, hook;
	const char *name, *url, *event_id, *body;
	int64_t seconds; /* when the try was claimed, since 1970, by the database's clock */
	const char *secret, *old_secret; /* sealed; NULL: there is no old one that still signs */
	bool slow; /* it was claimed for the second lane */
};

/* As many as the lanes have room for, for lease_ms; done gets rows for delivery_row_read(). */
void delivery_row_claim(struct db_async *db, const struct lanes *lanes, int64_t lease_ms,
			db_done_fn *done, void *arg);
void delivery_row_read(const struct db_result *rows, int row, struct delivery *out);

/* done gets a row with the state it is in now, NULL when it was not ours. */
void delivery_row_told(struct db_async *db, int64_t id, int64_t try, const char *node,
		       const struct post_result *result, db_done_fn *done, void *arg);

/* done gets a row with how many of those that were over days ago have gone; at most n do. */
void delivery_row_forget(struct db_async *db, int64_t days, int64_t n, db_done_fn *done, void *arg);

#endif
