/* SPDX-License-Identifier: Apache-2.0 */
/* store/webhook_store.h: what administrators see and order of webhooks' deliveries; sql/schema (webhooks) has the rules. */
#ifndef STORE_WEBHOOK_STORE_H
#define STORE_WEBHOOK_STORE_H

#include <stdint.h>

struct db;
struct err;
struct memory;

/*
 * Deliveries of a hook as a JSON array in memory, newest first: at most so many, older than number before (0: all); or,
 * id not 0, that one.  ERR_NOT_FOUND: no such hook, no such delivery of it.
 */
int webhook_store_deliveries(struct db *db, int64_t hook, int64_t id, int64_t before, int64_t most,
			     struct memory *memory, const char **json_out, struct err *err);

/* Send a ping; the number of its delivery.  ERR_NOT_FOUND, ERR_CONFLICT (disabled). */
int webhook_store_ping(struct db *db, int64_t hook, int64_t *id_out, struct err *err);

/* Deliver it once more, or before its time.  ERR_NOT_FOUND, ERR_CONFLICT (disabled, or on its way). */
int webhook_store_redeliver(struct db *db, int64_t hook, int64_t id, struct err *err);

#endif
