/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/transfer_store.h: imports of files, whole or not at all, with what they changed (sql/schema/0029).
 *
 * An import sees the database as it was when it began, so that its report is of itself; what others changed
 * meanwhile makes it begin anew, and after some times ERR_BUSY.
 */
#ifndef STORE_TRANSFER_STORE_H
#define STORE_TRANSFER_STORE_H

#include <stdbool.h>
#include <stdint.h>

struct db;
struct err;
struct memory;
struct problem_list;
struct transfer_report;

/* How an import is to be done. */
struct transfer_wish {
	bool dry_run; /* do and report it all, then undo it */
	/* May the caller do what the report says?  -1 with err: nothing is done.  It may take out of the report what
	 * the caller may not know.  Called again when the transaction is.  NULL: may. */
	int (*approve)(void *arg, struct transfer_report *report, struct err *err);
	void *arg;
};

/*
 * Run work(db, arg) in a transaction, then tell what became of objects of these kinds ("{queue,node}").  named: the
 * objects the file is about, as JSON {"queue": ["A"]}; they are told even if unchanged, and of others only queues.
 */
int transfer_store_run(struct db *db, const struct transfer_wish *wish, const char *kinds,
		       int (*work)(struct db *db, void *arg, struct err *err), void *arg,
		       const char *named, struct memory *memory, struct transfer_report *out,
		       struct err *err);

/*
 * A configuration, as the JSON of codec/configuration_doc.c.  node: whose web API is asked; by: the caller.  -1 with
 * ERR_INVALID: problems (emptied before) has all of them.
 */
int configuration_store_import(struct db *db, const struct transfer_wish *wish, const char *json,
			       const char *node, const char *by, struct memory *memory,
			       struct transfer_report *out, struct problem_list *problems,
			       struct err *err);

/* The same JSON of what there is.  parts: "{nodes,queues,mappings,jobs,globalParameters,resources}"; id: only that queue
 * or resource (ERR_NOT_FOUND), or CONFIGURATION_EVERY. */
#define CONFIGURATION_EVERY (-1)
int configuration_store_export(struct db *db, const char *parts, int64_t id, struct memory *memory,
			       const char **json_out, struct err *err);

/* Make node name, or change it if may_change, to be like node id; dns "": also where it listens. */
int node_copy_store(struct db *db, int64_t id, const char *name, const char *dns, bool may_change,
		    int64_t *id_out, struct err *err);

#endif
