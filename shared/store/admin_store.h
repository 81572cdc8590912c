/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/admin_store.h: configuration as documents (sql/schema/0023).  A kind is the word of its path: q, jd,
 * user.  Each call is a transaction: on failure nothing has changed.  if_match "": whatever its state is,
 * else ERR_STALE unless it is one of these.
 */
#ifndef STORE_ADMIN_STORE_H
#define STORE_ADMIN_STORE_H

#include <stdbool.h>
#include <stdint.h>

struct db;
struct err;
struct history_slot_list;
struct queue_load_list;
struct memory;
struct usage_stats;

#define ADMIN_NO_ID (-1)

/* What was read or written; etag is its state, without quotes. */
struct admin_document {
	int64_t id;
	const char *json; /* NULL of what was written */
	const char *etag;
};

/* One (ERR_NOT_FOUND), or with ADMIN_NO_ID all of them by id. */
int admin_store_read(struct db *db, const char *kind, int64_t id, struct memory *memory,
		     struct admin_document *out, struct err *err);

/* Make or change one.  ADMIN_NO_ID: the document's own, and without one it is made.  ERR_DENIED when it is there
 * and the caller may not change it. */
int admin_store_put(struct db *db, const char *kind, int64_t id, const char *json,
		    const char *if_match, const char *by, bool may_change, struct memory *memory,
		    struct admin_document *out, struct err *err);

/* Make the list what json says.  node (may be NULL): whose admin API it came through; ERR_CONFLICT when it would be
 * turned off. */
int admin_store_sync(struct db *db, const char *kind, const char *json, const char *if_match,
		     const char *node, const char *by, struct err *err);

/* -1 with ERR_NOT_FOUND, or ERR_CONFLICT: something uses it. */
int admin_store_delete(struct db *db, const char *kind, int64_t id, const char *if_match,
		       struct err *err);

/* How many there are of what a console shows first. */
int usage_stats_read(struct db *db, struct usage_stats *out, struct err *err);
/* What each queue has to do, by name. */
int queue_stats_read(struct db *db, struct memory *memory, struct queue_load_list *out,
		     struct err *err);
/* hours: 1, 24 or 720. */
int history_stats_read(struct db *db, int64_t hours, struct memory *memory,
		       struct history_slot_list *out, struct err *err);

#endif
