/* SPDX-License-Identifier: Apache-2.0 */
/* store/second_factor_store.h: second factors of accounts (sql/schema/0027).  Secrets and hashes are hexadecimal. */
#ifndef STORE_SECOND_FACTOR_STORE_H
#define STORE_SECOND_FACTOR_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct db;
struct err;
struct memory;

struct second_factor_row {
	const char *secret; /* NULL: there is none */
	bool confirmed;
	int64_t last_step, recovery_codes_left;
};
/* 0, also when the account has none; -1 with err. */
int second_factor_read(struct db *db, int64_t account_id, struct memory *memory,
		       struct second_factor_row *out, struct err *err);

/* Each: 1 done; 0 when it cannot be (any more), see the function of that name in the schema; -1 with err. */
int second_factor_enrol(struct db *db, int64_t account_id, const char *secret, struct err *err);
/* recovery: "{\\x..,\\x..}"; session_id: the only one of the account that goes on, 0: none. */
int second_factor_confirm(struct db *db, int64_t account_id, const char *secret, int64_t step,
			  const char *recovery, int64_t session_id, struct err *err);
/* A code is about to be tried.  0 and the seconds to wait before (0: none, it counts as tried); -1 with err. */
int second_factor_try(struct db *db, int64_t account_id, int *wait_s_out, struct err *err);
int second_factor_use(struct db *db, int64_t account_id, int64_t step, struct err *err);
int second_factor_use_recovery(struct db *db, int64_t account_id, const char *hash,
			       struct err *err);
int second_factor_drop(struct db *db, int64_t account_id, struct err *err);

#endif
