/* SPDX-License-Identifier: Apache-2.0 */
/* store/node_verb_store.h: nodes as administrators see and steer them (sql/schema/0016). */
#ifndef STORE_NODE_VERB_STORE_H
#define STORE_NODE_VERB_STORE_H

#include <stdint.h>

struct db;
struct err;
struct memory;
struct node_list;

/* All nodes, by name. */
int node_list_read(struct db *db, struct memory *memory, struct node_list *out, struct err *err);

/* ERR_NOT_FOUND; stop and drain: ERR_CONFLICT when no runner serves it.  by: who ordered it, for the record. */
int node_verb_pause(struct db *db, int64_t id, const char *by, struct err *err);
int node_verb_resume(struct db *db, int64_t id, const char *by, struct err *err);
int node_verb_stop(struct db *db, int64_t id, const char *by, struct err *err);
int node_verb_drain(struct db *db, int64_t id, const char *by, struct err *err);

#endif
