/* SPDX-License-Identifier: Apache-2.0 */
/* store/event_store.h: by which key tickets of listeners are sealed. */
#ifndef STORE_EVENT_STORE_H
#define STORE_EVENT_STORE_H

struct db;
struct err;
struct memory;

/* *out: the cluster's key, as text.  0, or -1 with err. */
int event_key_read(struct db *db, struct memory *memory, const char **out, struct err *err);

#endif
