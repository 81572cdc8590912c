/* SPDX-License-Identifier: Apache-2.0 */
/* store/account_store.h: accounts, and what people change of their own (sql/schema/0027). */
#ifndef STORE_ACCOUNT_STORE_H
#define STORE_ACCOUNT_STORE_H

#include <stdint.h>

struct db;
struct err;

/* Is there such an account?  0, or -1: ERR_NOT_FOUND when there is not. */
int account_store_check(struct db *db, int64_t account_id, struct err *err);

/* Another password for the account whose hash is old_hash: all its sessions end.  ERR_CONFLICT when it has another
 * one by now. */
int account_store_change_password(struct db *db, int64_t account_id, const char *old_hash,
				  const char *new_hash, int64_t *version_out, struct err *err);

#endif
