/* SPDX-License-Identifier: Apache-2.0 */
/* store/audit_seal_store.h: what a runner that seals the audit trail asks and tells the database. */
#ifndef STORE_AUDIT_SEAL_STORE_H
#define STORE_AUDIT_SEAL_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "db/db.h"
#include "model/audit_seal.h"

/* The seal that waits for its signature, or the next one of at most rows_max rows.  Rows: audit_seal_read(); none:
 * there is nothing to seal, or another runner is at it. */
void audit_seal_next_send(struct db_async *db, int64_t rows_max, db_done_fn *done, void *arg);
/* Its signature.  One row, audit_seal_is_ours(): false, another runner was given it too, and has signed it before. */
void audit_seal_sign_send(struct db_async *db, const struct audit_seal *seal, db_done_fn *done,
			  void *arg);
bool audit_seal_is_ours(const struct db_result *rows);

/* The last seal that could go, when it and all before it were made over keep_s seconds ago: as above. */
void audit_purgeable_send(struct db_async *db, int64_t keep_s, db_done_fn *done, void *arg);
/* They go, and the rows up to it: as floor says. */
void audit_purge_send(struct db_async *db, const struct audit_floor *floor, db_done_fn *done,
		      void *arg);

/* Partitions for the weeks to come. */
void audit_extend_send(struct db_async *db, db_done_fn *done, void *arg);

/* Borrowed from the rows. */
void audit_seal_read(const struct db_result *rows, int row, struct audit_seal *out);

/* Is that seal still there, and what was purged?  One row: audit_anchor_read(). */
void audit_anchor_send(struct db_async *db, int64_t no, db_done_fn *done, void *arg);
/* *mac_out: of the seal, NULL when it is not there; floor_out->no 0: nothing was purged.  Borrowed. */
void audit_anchor_read(const struct db_result *rows, const char **mac_out,
		       struct audit_floor *floor_out);

#endif
