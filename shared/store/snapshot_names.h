/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/snapshot_names.h: names by their ids.  Snapshots never change and are never deleted, so what was read
 * once is kept as long as the connection lasts, some thousand of them.
 */
#ifndef STORE_SNAPSHOT_NAMES_H
#define STORE_SNAPSHOT_NAMES_H

#include <stdint.h>

struct db;
struct err;

struct definition_names {
	const char *name, *keyword1, *keyword2, *keyword3; /* all but the name may be NULL */
};

/* Of a queue, node or user.  Borrowed: until the next call of either.  id 0: NULL.  -1 + err; an unknown id is ERR_INTERNAL. */
int snapshot_name(struct db *db, int64_t id, const char **out, struct err *err);
int snapshot_definition(struct db *db, int64_t id, struct definition_names *out, struct err *err);

#endif
