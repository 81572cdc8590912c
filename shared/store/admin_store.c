/* SPDX-License-Identifier: Apache-2.0 */
#include "store/admin_store.h"

#include <stddef.h>

#include "db/db.h"
#include "model/admin.h"
#include "model/memory.h"
#include "store/int_param.h"
#include "store/opt_value.h"

DB_STMT(read_stmt) = {
	.name = "admin_read",
	.text = "SELECT document, etag FROM jqm.admin_read($1, nullif($2::bigint, -1))",
	.n_params = 2,
	.read_only = true,
};

DB_STMT(put_stmt) = {
	.name = "admin_put",
	.text = "SELECT id, etag"
		" FROM jqm.admin_put($1, nullif($2::bigint, -1), $3::jsonb, nullif($4, ''), $5,"
		" $6)",
	.n_params = 6,
};

DB_STMT(sync_stmt) = {
	.name = "admin_sync",
	.text = "SELECT jqm.admin_sync($1, $2::jsonb, nullif($3, ''), $4, $5)",
	.n_params = 5,
};

DB_STMT(delete_stmt) = {
	.name = "admin_delete",
	.text = "SELECT jqm.admin_delete($1, $2, nullif($3, ''))",
	.n_params = 3,
};

DB_STMT(usage_stmt) = {
	.name = "usage_stats",
	.text = "SELECT active_nodes, queues, paused, submitted, running, scheduled, late"
		" FROM jqm.usage_stats()",
	.read_only = true,
};

DB_STMT(history_stmt) = {
	.name = "history_stats",
	.text =
	    "SELECT slot_start, ended, crashed, killed, cancelled, wait_ms, wait_max_ms, run_ms,"
	    " run_max_ms FROM jqm.history_stats($1::int)",
	.n_params = 1,
	.read_only = true,
};

DB_STMT(queues_stmt) = {
	.name = "queue_stats",
	.text = "SELECT id, name, waiting, running, held, scheduled, capacity, " DB_US(
	    "waiting_since") " FROM jqm.queue_stats()",
	.read_only = true,
};

int
admin_store_read(struct db *db, const char *kind, int64_t id, struct memory *memory,
		 struct admin_document *out, struct err *err)
{
	char id_text[INT_PARAM_SIZE];
	const char *const params[] = { kind, int_param(id_text, id) };
	struct db_result *rows = NULL;

	if (db_exec(db, &read_stmt, params, &rows, err) == -1)
		return -1;
	out->id = id;
	out->json = memory_dup(memory, db_text(rows, 0, 0));
	out->etag = memory_dup(memory, db_text(rows, 0, 1));
	db_result_free(rows);
	return 0;
}

int
admin_store_put(struct db *db, const char *kind, int64_t id, const char *json, const char *if_match,
		const char *by, bool may_change, struct memory *memory, struct admin_document *out,
		struct err *err)
{
	char id_text[INT_PARAM_SIZE];
	const char *const params[] = { kind, int_param(id_text, id),       json, if_match,
				       by,   may_change ? "true" : "false" };
	struct db_result *rows = NULL;

	if (db_tx_exec(db, &put_stmt, params, &rows, err) == -1)
		return -1;
	out->id = db_int64(rows, 0, 0);
	out->json = NULL;
	out->etag = memory_dup(memory, db_text(rows, 0, 1));
	db_result_free(rows);
	return 0;
}

int
admin_store_sync(struct db *db, const char *kind, const char *json, const char *if_match,
		 const char *node, const char *by, struct err *err)
{
	const char *const params[] = { kind, json, if_match, node, by };

	return db_tx_exec(db, &sync_stmt, params, NULL, err);
}

int
admin_store_delete(struct db *db, const char *kind, int64_t id, const char *if_match,
		   struct err *err)
{
	char id_text[INT_PARAM_SIZE];
	const char *const params[] = { kind, int_param(id_text, id), if_match };

	return db_tx_exec(db, &delete_stmt, params, NULL, err);
}

int
usage_stats_read(struct db *db, struct usage_stats *out, struct err *err)
{
	struct db_result *rows = NULL;

	if (db_exec(db, &usage_stmt, NULL, &rows, err) == -1)
		return -1;
	*out = (struct usage_stats){
		.active_nodes = db_int64(rows, 0, 0),
		.queues = db_int64(rows, 0, 1),
		.paused_jobs = db_int64(rows, 0, 2),
		.submitted_jobs = db_int64(rows, 0, 3),
		.running_jobs = db_int64(rows, 0, 4),
		.scheduled_jobs = db_int64(rows, 0, 5),
		.late_jobs = db_int64(rows, 0, 6),
	};
	db_result_free(rows);
	return 0;
}

int
history_stats_read(struct db *db, int64_t hours, struct memory *memory,
		   struct history_slot_list *out, struct err *err)
{
	char hours_text[INT_PARAM_SIZE];
	const char *const params[] = { int_param(hours_text, hours) };
	struct db_result *rows = NULL;

	if (db_exec(db, &history_stmt, params, &rows, err) == -1)
		return -1;
	out->len = (size_t)db_rows(rows);
	out->items = memory_alloc_array(memory, out->len, sizeof(out->items[0]));
	for (size_t i = 0; i < out->len; i++)
		out->items[i] = (struct history_slot){
			.start = memory_dup(memory, db_text(rows, (int)i, 0)),
			.ended = db_int64(rows, (int)i, 1),
			.crashed = db_int64(rows, (int)i, 2),
			.killed = db_int64(rows, (int)i, 3),
			.cancelled = db_int64(rows, (int)i, 4),
			.wait_ms = opt_int64_of(rows, (int)i, 5),
			.wait_max_ms = opt_int64_of(rows, (int)i, 6),
			.run_ms = opt_int64_of(rows, (int)i, 7),
			.run_max_ms = opt_int64_of(rows, (int)i, 8),
		};
	db_result_free(rows);
	return 0;
}

int
queue_stats_read(struct db *db, struct memory *memory, struct queue_load_list *out, struct err *err)
{
	struct db_result *rows = NULL;

	if (db_exec(db, &queues_stmt, NULL, &rows, err) == -1)
		return -1;
	out->len = (size_t)db_rows(rows);
	out->items = memory_alloc_array(memory, out->len, sizeof(out->items[0]));
	for (int i = 0; i < db_rows(rows); i++)
		out->items[i] = (struct queue_load){
			.id = db_int64(rows, i, 0),
			.name = memory_dup(memory, db_text(rows, i, 1)),
			.waiting = db_int64(rows, i, 2),
			.running = db_int64(rows, i, 3),
			.held = db_int64(rows, i, 4),
			.scheduled = db_int64(rows, i, 5),
			.capacity = db_int64(rows, i, 6),
			.waiting_since = opt_time_of(rows, i, 7),
		};
	db_result_free(rows);
	return 0;
}
