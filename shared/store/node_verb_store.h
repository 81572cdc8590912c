/* SPDX-License-Identifier: Apache-2.0 */
/* store/node_verb_store.h: orders to nodes (sql/schema/0016). */
#ifndef STORE_NODE_VERB_STORE_H
#define STORE_NODE_VERB_STORE_H

#include <stdint.h>

struct db;
struct err;

/* ERR_NOT_FOUND; stop and drain: ERR_CONFLICT when no runner serves it.  by: who ordered it, for the record. */
int node_verb_pause(struct db *db, int64_t id, const char *by, struct err *err);
int node_verb_resume(struct db *db, int64_t id, const char *by, struct err *err);
int node_verb_stop(struct db *db, int64_t id, const char *by, struct err *err);
int node_verb_drain(struct db *db, int64_t id, const char *by, struct err *err);

#endif
