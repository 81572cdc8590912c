/* SPDX-License-Identifier: Apache-2.0 */
#include "store/transfer_store.h"

#include <string.h>

#include "base/err.h"
#include "db/db.h"
#include "model/memory.h"
#include "model/problem_list.h"
#include "model/transfer.h"
#include "store/int_param.h"

DB_STMT(state_stmt) = {
	.name = "transfer_state",
	.text = "SELECT jqm.transfer_state($1::text[], $2::jsonb)",
	.n_params = 2,
	.read_only = true,
};

DB_STMT(changes_stmt) = {
	.name = "transfer_changes",
	.text = "SELECT kind, name, result, field, was, becomes, named"
		" FROM jqm.transfer_changes($1::text[], $2::jsonb, $3::jsonb)",
	.n_params = 3,
	.read_only = true,
};

DB_STMT(names_stmt) = {
	.name = "configuration_names",
	.text = "SELECT jqm.configuration_names($1::jsonb)",
	.n_params = 1,
	.read_only = true,
};

DB_STMT(import_stmt) = {
	.name = "configuration_import",
	.text = "SELECT jqm.configuration_import($1::jsonb, $2, $3)",
	.n_params = 3,
};

DB_STMT(export_stmt) = {
	.name = "configuration_export",
	.text = "SELECT jqm.configuration_export($1::text[], nullif($2::bigint, -1))",
	.n_params = 2,
	.read_only = true,
};

DB_STMT(node_copy_stmt) = {
	.name = "node_copy",
	.text = "SELECT jqm.node_copy($1, $2, nullif($3, ''), $4)",
	.n_params = 4,
};

struct run {
	const struct transfer_wish *wish;
	const char *kinds;
	int (*work)(struct db *db, void *arg, struct err *err);
	void *arg;
	const char *named;
	struct memory *memory;
	struct transfer_report *out;
};

static enum transfer_result
result_of(const char *word)
{
	static const char *const words[] = { "created", "updated", "unchanged", "skipped" };
	int i = 0;

	while (i < 4 && strcmp(words[i], word) != 0)
		i++;
	return i < 4 ? (enum transfer_result)(TRANSFER_CREATED + i) : TRANSFER_UNKNOWN;
}

/* Rows of one object follow each other. */
static void
report_of_rows(const struct db_result *rows, struct memory *memory, struct transfer_report *out)
{
	enum { KIND, NAME, RESULT, FIELD, WAS, BECOMES, NAMED };
	size_t n = (size_t)db_rows(rows);
	struct transfer_change *changes = memory_alloc_array(memory, n, sizeof(*changes));
	struct transfer_object *object = NULL;

	out->objects.items = memory_alloc_array(memory, n, sizeof(out->objects.items[0]));
	out->objects.len = 0;
	for (int i = 0; i < (int)n; i++) {
		const char *kind = db_text(rows, i, KIND), *name = db_text(rows, i, NAME);

		if (object == NULL || strcmp(object->name, name) != 0 ||
		    strcmp(object->kind, kind) != 0) {
			object = &out->objects.items[out->objects.len++];
			*object = (struct transfer_object){ memory_dup(memory, kind),
							    memory_dup(memory, name),
							    result_of(db_text(rows, i, RESULT)),
							    { &changes[i], 0 },
							    db_bool(rows, i, NAMED) };
		}
		if (!db_is_null(rows, i, FIELD))
			object->changes.items[object->changes.len++] = (struct transfer_change){
				memory_dup(memory, db_text(rows, i, FIELD)),
				memory_dup(memory, db_text(rows, i, WAS)),
				memory_dup(memory, db_text(rows, i, BECOMES)),
			};
	}
}

static int
report_changes(struct run *run, struct db *db, const char *before, struct err *err)
{
	const char *const params[] = { run->kinds, before, run->named };
	struct db_result *rows = NULL;

	if (db_exec(db, &changes_stmt, params, &rows, err) == -1)
		return -1;
	run->out->dry_run = run->wish->dry_run;
	report_of_rows(rows, run->memory, run->out);
	db_result_free(rows);
	if (run->wish->approve == NULL)
		return 0;
	return run->wish->approve(run->wish->arg, run->out, err);
}

static int
run_in_tx(struct db *db, void *arg, struct err *err)
{
	struct run *run = arg;
	const char *const params[] = { run->kinds, run->named };
	struct db_result *before = NULL;
	int rc = -1;

	if (db_exec_sql(db, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", err) == -1 ||
	    db_exec(db, &state_stmt, params, &before, err) == -1)
		return -1;
	if (run->wish->dry_run && db_exec_sql(db, "SAVEPOINT dry_run", err) == -1)
		goto cleanup;
	if (run->work(db, run->arg, err) == 0 &&
	    report_changes(run, db, db_text(before, 0, 0), err) == 0)
		rc = 0;
	/* What is committed then is nothing. */
	if (rc == 0 && run->wish->dry_run)
		rc = db_exec_sql(db, "ROLLBACK TO SAVEPOINT dry_run", err);

cleanup:
	db_result_free(before);
	return rc;
}

int
transfer_store_run(struct db *db, const struct transfer_wish *wish, const char *kinds,
		   int (*work)(struct db *db, void *arg, struct err *err), void *arg,
		   const char *named, struct memory *memory, struct transfer_report *out,
		   struct err *err)
{
	struct run run = { wish, kinds, work, arg, named, memory, out };

	if (db_tx(db, run_in_tx, &run, err) == 0)
		return 0;
	if (wish->dry_run && err->kind == ERR_UNCERTAIN)
		err->kind = ERR_BUSY; /* there was nothing to lose */
	return -1;
}

/* --- configurations --- */

struct configuration_import {
	const char *json, *node, *by;
	struct memory *memory;
	struct problem_list *problems;
};

static int
import_configuration(struct db *db, void *arg, struct err *err)
{
	struct configuration_import *import = arg;
	const char *const params[] = { import->json, import->node, import->by };
	struct db_result *rows = NULL;

	*import->problems = (struct problem_list){ .len = 0 };
	if (db_exec(db, &import_stmt, params, &rows, err) == -1)
		return -1;
	for (int i = 0; i < db_rows(rows); i++)
		problem_list_add_text(import->problems, import->memory, db_text(rows, i, 0));
	db_result_free(rows);
	return problem_list_check(import->problems, err);
}

int
configuration_store_import(struct db *db, const struct transfer_wish *wish, const char *json,
			   const char *node, const char *by, struct memory *memory,
			   struct transfer_report *out, struct problem_list *problems,
			   struct err *err)
{
	struct configuration_import import = { json, node, by, memory, problems };
	struct db_result *rows = NULL;
	const char *named;

	if (db_exec(db, &names_stmt, &json, &rows, err) == -1)
		return -1;
	named = memory_dup(memory, db_text(rows, 0, 0));
	db_result_free(rows);
	return transfer_store_run(db, wish, "{node,param,queue,mapping,resource,definition}",
				  import_configuration, &import, named, memory, out, err);
}

int
configuration_store_export(struct db *db, const char *parts, int64_t id, struct memory *memory,
			   const char **json_out, struct err *err)
{
	char id_text[INT_PARAM_SIZE];
	const char *const params[] = { parts, int_param(id_text, id) };
	struct db_result *rows = NULL;

	if (db_exec(db, &export_stmt, params, &rows, err) == -1)
		return -1;
	*json_out = memory_dup(memory, db_text(rows, 0, 0));
	db_result_free(rows);
	return 0;
}

int
node_copy_store(struct db *db, int64_t id, const char *name, const char *dns, bool may_change,
		int64_t *id_out, struct err *err)
{
	char id_text[INT_PARAM_SIZE];
	const char *const params[] = { int_param(id_text, id), name, dns,
				       may_change ? "true" : "false" };
	struct db_result *rows = NULL;

	if (db_exec(db, &node_copy_stmt, params, &rows, err) == -1)
		return -1;
	*id_out = db_int64(rows, 0, 0);
	db_result_free(rows);
	return 0;
}
