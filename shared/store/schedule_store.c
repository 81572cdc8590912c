/* SPDX-License-Identifier: Apache-2.0 */
/* store/schedule_store.c: schedules, for callers. */
#include "store/schedule_store.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "model/job_request.h"
#include "model/memory.h"
#include "model/queue.h"
#include "model/schedule.h"
#include "store/int_param.h"
#include "store/json_param.h"
#include "store/opt_value.h"

/* 1000 parameters of 50 and 1000 characters of 4 bytes, each byte escaped at worst to 6 */
#define PARAMETERS_BYTES_MAX (1000u * 1050 * 6)

#define US(column) DB_US("nullif(" column ", 'infinity')")
#define SELECT_SCHEDULES                                                                  \
	"SELECT s.id, s.job_def_id, d.name, s.cron_expression, s.time_zone, s.day_rule, " \
	"s.priority, q.id,"                                                               \
	" q.name, q.description, jqm.parameters_hex(s.parameters), s.enabled, s.overlap," \
	" s.misfire, s.misfire_window_s, " US("s.next_fire_at") ", s.problem, " US(       \
	    "s.last_updated") " FROM jqm.schedule AS s JOIN jqm.job_def AS d ON d.id = "  \
			      "s.job_def_id"                                              \
			      " LEFT JOIN jqm.queue AS q ON q.id = s.queue_id"
enum {
	COL_ID,
	COL_JOB_DEF_ID,
	COL_NAME,
	COL_CRON,
	COL_ZONE,
	COL_DAY_RULE,
	COL_PRIORITY,
	COL_QUEUE_ID,
	COL_QUEUE_NAME,
	COL_QUEUE_DESCRIPTION,
	COL_PARAMETERS,
	COL_ENABLED,
	COL_OVERLAP,
	COL_MISFIRE,
	COL_MISFIRE_WINDOW,
	COL_NEXT_FIRE,
	COL_PROBLEM,
	COL_LAST_UPDATED
};

DB_STMT(create_stmt) = {
	.name = "schedule_create",
	.text =
	    "SELECT jqm.schedule_create(application_name => $1, cron_expression => $2,"
	    " time_zone => $3, day_rule => $4, queue_name => nullif($5, ''), priority => $6::int,"
	    " parameters => $7::jsonb, overlap => $8, misfire => $9, misfire_window_s => $10::int)",
	.n_params = 10,
};

DB_STMT(list_all_stmt) = {
	.name = "schedule_list_all",
	.text = SELECT_SCHEDULES " ORDER BY s.id",
	.read_only = true,
};

/* $1: ids of definitions */
DB_STMT(list_of_stmt) = {
	.name = "schedule_list_of",
	.text = SELECT_SCHEDULES
	" WHERE s.job_def_id = ANY ($1::bigint[]) ORDER BY s.job_def_id, s.id",
	.n_params = 1,
	.read_only = true,
};

DB_STMT(read_stmt) = {
	.name = "schedule_read",
	.text = SELECT_SCHEDULES " WHERE s.id = $1",
	.n_params = 1,
	.read_only = true,
};

DB_STMT(set_cron_stmt) = {
	.name = "schedule_set_cron",
	.text = "SELECT jqm.schedule_set_cron($1, $2)",
	.n_params = 2,
};

DB_STMT(set_queue_stmt) = {
	.name = "schedule_set_queue",
	.text = "SELECT jqm.schedule_set_queue($1, nullif($2::bigint, 0))",
	.n_params = 2,
};

DB_STMT(set_priority_stmt) = {
	.name = "schedule_set_priority",
	.text = "SELECT jqm.schedule_set_priority($1, $2)",
	.n_params = 2,
};

DB_STMT(set_enabled_stmt) = {
	.name = "schedule_set_enabled",
	.text = "SELECT jqm.schedule_set_enabled($1, $2)",
	.n_params = 2,
};

DB_STMT(delete_stmt) = {
	.name = "schedule_delete",
	.text = "SELECT jqm.schedule_delete($1)",
	.n_params = 1,
};

int
schedule_create(struct db *db, const struct job_request *request, int64_t *id_out, struct err *err)
{
	char priority[INT_PARAM_SIZE], window[INT_PARAM_SIZE];
	struct buf parameters = BUF_INIT(PARAMETERS_BYTES_MAX);
	struct db_result *rows = NULL;
	int rc = -1;

	json_param_map(&parameters, &request->parameters);
	if (buf_check(&parameters, err) == 0) {
		const char *params[] = {
			request->application_name,
			request->recurrence,
			request->time_zone,
			request->day_rule,
			request->queue_name,
			request->priority.set ? int_param(priority, request->priority.value) : NULL,
			buf_text(&parameters),
			request->overlap,
			request->misfire,
			request->misfire_window_s.set
			    ? int_param(window, request->misfire_window_s.value)
			    : NULL,
		};

		rc = db_exec(db, &create_stmt, params, &rows, err);
	}
	if (rc == 0)
		*id_out = db_int64(rows, 0, 0);
	db_result_free(rows);
	buf_free(&parameters);
	return rc;
}

static const struct queue *
queue_of_row(const struct db_result *rows, int row, struct memory *memory)
{
	struct queue *queue;

	if (db_is_null(rows, row, COL_QUEUE_ID))
		return NULL;
	queue = memory_alloc(memory, sizeof(*queue));
	queue->id = db_int64(rows, row, COL_QUEUE_ID);
	queue->name = memory_dup(memory, db_text(rows, row, COL_QUEUE_NAME));
	queue->description = memory_dup(memory, db_text(rows, row, COL_QUEUE_DESCRIPTION));
	return queue;
}

static int
schedule_of_row(const struct db_result *rows, int row, struct memory *memory, struct schedule *out,
		struct err *err)
{
#define TEXT(column) memory_dup(memory, db_text(rows, row, column))
	out->id = db_int64(rows, row, COL_ID);
	out->job_def_id = db_int64(rows, row, COL_JOB_DEF_ID);
	out->application_name = TEXT(COL_NAME);
	out->cron_expression = TEXT(COL_CRON);
	out->time_zone = TEXT(COL_ZONE);
	out->day_rule = TEXT(COL_DAY_RULE);
	out->priority = opt_int64_of(rows, row, COL_PRIORITY);
	out->queue = queue_of_row(rows, row, memory);
	out->enabled = db_bool(rows, row, COL_ENABLED);
	out->overlap = TEXT(COL_OVERLAP);
	out->misfire = TEXT(COL_MISFIRE);
	out->misfire_window_s = db_int64(rows, row, COL_MISFIRE_WINDOW);
	out->next_fire = opt_time_of(rows, row, COL_NEXT_FIRE);
	out->problem = TEXT(COL_PROBLEM);
	out->last_updated = opt_time_of(rows, row, COL_LAST_UPDATED);
#undef TEXT
	if (text_map_from_hex(db_text(rows, row, COL_PARAMETERS), memory, &out->parameters) == -1)
		return err_set(err, ERR_INTERNAL,
			       "parameters of schedule %" PRId64 " could not be read", out->id);
	return 0;
}

static int
query(struct db *db, const struct db_stmt *stmt, const char *param, struct memory *memory,
      struct schedule_list *out, struct err *err)
{
	struct db_result *rows = NULL;
	int rc = 0;

	if (db_exec(db, stmt, (const char *const[]){ param }, &rows, err) == -1)
		return -1;
	out->len = (size_t)db_rows(rows);
	out->items = memory_alloc_array(memory, out->len, sizeof(out->items[0]));
	for (size_t i = 0; i < out->len && rc == 0; i++)
		rc = schedule_of_row(rows, (int)i, memory, &out->items[i], err);
	db_result_free(rows);
	return rc;
}

int
schedule_list_all(struct db *db, struct memory *memory, struct schedule_list *out, struct err *err)
{
	return query(db, &list_all_stmt, NULL, memory, out, err);
}

int
schedule_list_of(struct db *db, const int64_t *job_defs, size_t n, struct memory *memory,
		 struct schedule_list *out, struct err *err)
{
	char *ids = int_array_param(job_defs, n);
	int rc = query(db, &list_of_stmt, ids, memory, out, err);

	free(ids);
	return rc;
}

int
schedule_read(struct db *db, int64_t id, struct memory *memory, struct schedule *out,
	      struct err *err)
{
	struct schedule_list list;
	char text[INT_PARAM_SIZE];

	if (query(db, &read_stmt, int_param(text, id), memory, &list, err) == -1)
		return -1;
	if (list.len == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no schedule %" PRId64, id);
	*out = list.items[0];
	return 0;
}

static int
set(struct db *db, const struct db_stmt *stmt, int64_t id, const char *value, struct err *err)
{
	char id_text[INT_PARAM_SIZE];
	const char *params[] = { int_param(id_text, id), value };

	return db_exec(db, stmt, params, NULL, err);
}

static int
set_number(struct db *db, const struct db_stmt *stmt, int64_t id, int64_t value, struct err *err)
{
	char text[INT_PARAM_SIZE];

	return set(db, stmt, id, int_param(text, value), err);
}

int
schedule_set_cron(struct db *db, int64_t id, const char *cron, struct err *err)
{
	return set(db, &set_cron_stmt, id, cron, err);
}

int
schedule_set_queue(struct db *db, int64_t id, int64_t queue_id, struct err *err)
{
	return set_number(db, &set_queue_stmt, id, queue_id, err);
}

int
schedule_set_priority(struct db *db, int64_t id, int64_t priority, struct err *err)
{
	return set_number(db, &set_priority_stmt, id, priority, err);
}

int
schedule_set_enabled(struct db *db, int64_t id, bool enabled, struct err *err)
{
	return set(db, &set_enabled_stmt, id, enabled ? "true" : "false", err);
}

int
schedule_delete(struct db *db, int64_t id, struct err *err)
{
	return set(db, &delete_stmt, id, NULL, err);
}
