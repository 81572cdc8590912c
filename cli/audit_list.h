/* SPDX-License-Identifier: Apache-2.0 */
/* cli/audit_list.h: rows of the audit trail as a table: those there are, or those that come. */
#ifndef CLI_AUDIT_LIST_H
#define CLI_AUDIT_LIST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct api;
struct err;

/* What rows are asked for. */
struct audit_query {
	struct buf filter; /* "&account=bob&kind=q"; "" for all */
	int64_t limit; /* 0: as the server likes */
};

/* "PATH?limit=5&account=bob" appended to out. */
void audit_query_path(const struct audit_query *query, const char *path, struct buf *out);

/* A page of them on standard output, as the server's document or as a table. */
int audit_list(struct api *api, const struct audit_query *query, bool json, struct err *err);

/* The newest query->limit rows (0: none), then those that come, until whoever reads has had enough. */
int audit_follow(struct api *api, const struct audit_query *query, struct err *err);

#endif
