/* SPDX-License-Identifier: Apache-2.0 */
/* store/account_store.h: what people change of their own account (sql/schema/0027). */
#ifndef STORE_ACCOUNT_STORE_H
#define STORE_ACCOUNT_STORE_H

#include <stdint.h>

struct db;
struct err;

/* Another password for the account whose hash is old_hash: all its sessions end.  ERR_CONFLICT when it has another
 * one by now. */
int account_store_change_password(struct db *db, int64_t account_id, const char *old_hash,
				  const char *new_hash, int64_t *version_out, struct err *err);

#endif
