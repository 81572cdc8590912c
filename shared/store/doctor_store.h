/* SPDX-License-Identifier: Apache-2.0 */
/* store/doctor_store.h: reports of "jqm doctor", told by nodes and read by administrators (sql/schema/0041). */
#ifndef STORE_DOCTOR_STORE_H
#define STORE_DOCTOR_STORE_H

#include <stdint.h>

#include "store/node_store.h"

struct db;
struct err;
struct memory;

/*
 * Replace the report of a node, as jqm_runner: json as "jqm doctor --json" prints it, of a look that began so long ago and
 * will be followed by another in every_s (0: when somebody asks).  ERR_NOT_FOUND: no node of that name has registered.
 */
int doctor_report_store(struct db *db, const char *node, int64_t began_ago_ms, int64_t every_s,
			const char *json, struct err *err);

/* One boolean: is a new report wanted of this runner? */
void doctor_asked_send(struct db_async *db, struct node_life life, db_done_fn *done, void *arg);

/* A JSON array in memory: of that node, with what was found (ERR_NOT_FOUND); node 0: of all, without. */
int doctor_reports_read(struct db *db, int64_t node, struct memory *memory, const char **json_out,
			struct err *err);

/* Have the node look again.  ERR_NOT_FOUND, ERR_CONFLICT (no runner serves it). */
int doctor_ask(struct db *db, int64_t node, struct err *err);

#endif
