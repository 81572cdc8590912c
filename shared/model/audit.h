/* SPDX-License-Identifier: Apache-2.0 */
/* model/audit.h: the audit trail as it is read: rows, pages of them, how far it is sealed. */
#ifndef MODEL_AUDIT_H
#define MODEL_AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/value.h"

#define AUDIT_PAGE 100
#define AUDIT_PAGE_MAX 1000
#define AUDIT_EXPORT_MAX 1000000 /* rows of one export */
#define AUDIT_LOOK_MAX 100000 /* rows looked at for one page */

struct audit_change {
	const char *field;
	const char *before, *after; /* NULL: nothing; a secret is not told */
};
struct audit_change_list {
	struct audit_change *items;
	size_t len;
};

struct audit_entry {
	int64_t id, tx;
	const char *at; /* "2026-01-31T10:20:30.123456Z", by the database's clock */
	const char *action, *kind;
	struct opt_int64 object;
	const char *name;
	/* Who: of the web API's callers the first four; of other sessions address and program. */
	const char *account, *credential, *address, *request, *program;
	const char *database_user;
	struct audit_change_list changes;
};
struct audit_entry_list {
	struct audit_entry *items;
	size_t len;
};

struct audit_page {
	struct audit_entry_list entries; /* newest first */
	const char *next; /* before= of the next page; NULL: there is none */
};

struct audit_state {
	int64_t seals, first_seal, purged, unsealed;
	struct opt_time sealed_at, unsealed_since;
	struct text_list blind; /* tables that are not watched */
};

/* What rows are asked for; NULL, 0, not set: any. */
struct audit_filter {
	const char *account, *kind, *action, *request;
	struct opt_time from, until;
	int64_t object;
	const char *before; /* "tx.id": older than that row */
};

#endif
