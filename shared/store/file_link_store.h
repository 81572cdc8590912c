/* SPDX-License-Identifier: Apache-2.0 */
/* store/file_link_store.h: links that open one file without an account (sql/schema/0028). */
#ifndef STORE_FILE_LINK_STORE_H
#define STORE_FILE_LINK_STORE_H

#include <stdint.h>

#include "model/value.h"

struct db;
struct err;
struct memory;

/* A link of that account to the file, for so many seconds: what its URL holds.  ERR_CONFLICT: it has too many. */
int file_link_make(struct db *db, int64_t file_id, int64_t account_id, int64_t seconds,
		   struct memory *memory, const char **token_out, struct opt_time *expires_out,
		   struct err *err);

/* What a link opens, and who made it. */
struct file_link_opened {
	int64_t file_id;
	int64_t account_id;
	const char *login;
	const char *const *permissions; /* of the maker, today; NULL-terminated */
};

/* ERR_NOT_FOUND: it is no link, was revoked, has expired, or its maker can no longer log in. */
int file_link_open(struct db *db, const char *token, struct memory *memory,
		   struct file_link_opened *out, struct err *err);

/* The links to the file that the account made go, or (0) all of them; how many. */
int file_link_revoke(struct db *db, int64_t file_id, int64_t account_id, int64_t *count_out,
		     struct err *err);

#endif
