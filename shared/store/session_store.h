/* SPDX-License-Identifier: Apache-2.0 */
/* store/session_store.h: who is logged in (sql/schema/0027).  A session's token is known as its SHA-256 in hexadecimal. */
#ifndef STORE_SESSION_STORE_H
#define STORE_SESSION_STORE_H

#include <stdbool.h>
#include <stdint.h>

struct db;
struct err;
struct memory;
struct session_list;

struct session_life {
	int64_t idle_s; /* without use */
	int64_t max_s; /* in all */
};

/* Where its owner logged in. */
struct session_line {
	const char *address;
	bool tls; /* the session counts over such lines only */
};

/* A session of the account in that version: *id_out, 0 when the account is another one by now or may have none. */
int session_start(struct db *db, int64_t account_id, int64_t version, const char *token_hash,
		  const struct session_life *life, const struct session_line *line, int64_t *id_out,
		  struct err *err);

/* It was used just now. */
int session_touch(struct db *db, int64_t id, struct err *err);

/* Those of an account, newest first. */
int session_list(struct db *db, int64_t account_id, int64_t current_id, struct memory *memory,
		 struct session_list *out, struct err *err);

/* One of an account's; *count_out 0: it has no such. */
int session_end(struct db *db, int64_t account_id, int64_t id, int64_t *count_out, struct err *err);
int session_end_all(struct db *db, int64_t account_id, int64_t *count_out, struct err *err);
int session_end_by_token(struct db *db, const char *token_hash, struct err *err);

#endif
