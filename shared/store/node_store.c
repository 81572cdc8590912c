/* SPDX-License-Identifier: Apache-2.0 */
#include "store/node_store.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "store/int_param.h"
#include "store/life_send.h"

DB_STMT(node_register) = {
	.name = "node_register",
	.text = "select node_id, incarnation"
		" from jqm.node_register($1, $2, $3, $4, $5, $6, $7, $8, $9)",
	.n_params = 9,
};

void
node_register_send(struct db_async *db, const struct node_registration *reg, db_done_fn *done,
		   void *arg)
{
	char lease[INT_PARAM_SIZE], port[INT_PARAM_SIZE];
	const char *const params[] = {
		reg->name,           reg->instance_id,           int_param(lease, reg->lease_ms),
		reg->job_repository, reg->delivery_store,        reg->temp_dir,
		reg->host,           int_param(port, reg->port), reg->log_level
	};

	db_async_send(db, &node_register, params, done, arg);
}

void
node_life_read(const struct db_result *rows, struct node_life *out)
{
	out->node_id = db_int64(rows, 0, 0);
	out->incarnation = db_int64(rows, 0, 1);
}

DB_STMT(node_look_stmt) = {
	.name = "node_look",
	.text = "select enabled, is_served, coalesce(instance_id::text, '') from jqm.node_look($1)",
	.n_params = 1,
	.read_only = true,
};

int
node_look(struct db *db, const char *name, struct node_look *out, struct err *err)
{
	struct db_result *rows = NULL;

	memset(out, 0, sizeof(*out));
	if (db_exec(db, &node_look_stmt, &name, &rows, err) == -1)
		return -1;
	if (db_rows(rows) == 1) {
		out->known = true;
		out->enabled = db_bool(rows, 0, 0);
		out->served = db_bool(rows, 0, 1);
		(void)str_copy(out->instance_id, sizeof(out->instance_id), db_text(rows, 0, 2));
	}
	db_result_free(rows);
	return 0;
}

DB_STMT(node_heartbeat) = {
	.name = "node_heartbeat",
	.text = "select enabled, stop, root_log_level, others_lost, draining,"
		" coalesce(ordered_by, '')"
		" from jqm.node_heartbeat($1, $2, $3, $4)",
	.n_params = 4,
};

void
node_heartbeat_send(struct db_async *db, struct node_life life, int64_t lease_ms,
		    const int64_t *polled, size_t n_polled, db_done_fn *done, void *arg)
{
	char node[INT_PARAM_SIZE], incarnation[INT_PARAM_SIZE], lease[INT_PARAM_SIZE];
	char *queues = int_array_param(polled, n_polled);
	const char *const params[] = { int_param(node, life.node_id),
				       int_param(incarnation, life.incarnation),
				       int_param(lease, lease_ms), queues };

	db_async_send(db, &node_heartbeat, params, done, arg);
	free(queues);
}

void
node_beat_read(const struct db_result *rows, struct node_beat *out)
{
	out->enabled = db_bool(rows, 0, 0);
	out->stop = db_bool(rows, 0, 1);
	out->log_level = db_text(rows, 0, 2);
	out->others_lost = db_bool(rows, 0, 3);
	out->draining = db_bool(rows, 0, 4);
	out->ordered_by = db_text(rows, 0, 5);
}

DB_STMT(node_figures) = {
	.name = "node_figures",
	.text = "select jqm.node_tell($1, $2, $3)",
	.n_params = 3,
};

void
node_figures_send(struct db_async *db, struct node_life life, const char *figures, db_done_fn *done,
		  void *arg)
{
	life_send(db, &node_figures, life, figures, done, arg);
}

DB_STMT(node_rescue) = {
	.name = "node_rescue",
	.text = "select node_name, jobs from jqm.rescue($1, $2)",
	.n_params = 2,
};

void
node_rescue_send(struct db_async *db, struct node_life life, db_done_fn *done, void *arg)
{
	life_send(db, &node_rescue, life, NULL, done, arg);
}

DB_STMT(node_leave) = {
	.name = "node_leave",
	.text = "select jqm.node_leave($1, $2)",
	.n_params = 2,
};

void
node_leave_send(struct db_async *db, struct node_life life, db_done_fn *done, void *arg)
{
	life_send(db, &node_leave, life, NULL, done, arg);
}

DB_STMT(node_drained) = {
	.name = "node_drained",
	.text = "select jqm.node_drained($1, $2)",
	.n_params = 2,
};

void
node_drained_send(struct db_async *db, struct node_life life, db_done_fn *done, void *arg)
{
	life_send(db, &node_drained, life, NULL, done, arg);
}

DB_STMT(node_mappings) = {
	.name = "node_mappings",
	.text = "select queue_id, queue_name, max_jobs, polling_interval_ms"
		" from jqm.node_mappings($1)",
	.n_params = 1,
	.read_only = true,
};

void
node_mappings_send(struct db_async *db, int64_t node_id, db_done_fn *done, void *arg)
{
	char node[INT_PARAM_SIZE];
	const char *const params[] = { int_param(node, node_id) };

	db_async_send(db, &node_mappings, params, done, arg);
}

void
node_mapping_read(const struct db_result *rows, int row, struct node_mapping *out)
{
	out->queue_id = db_int64(rows, row, 0);
	out->queue_name = db_text(rows, row, 1);
	out->max_jobs = (int)db_int64(rows, row, 2);
	out->polling_interval_ms = (int)db_int64(rows, row, 3);
}

DB_STMT(node_wait) = {
	.name = "node_wait",
	.text = "select jqm.runner_wait($1, $2, $3)",
	.n_params = 3,
};

void
node_wait_send(struct db_async *db, struct node_life life, const int64_t *queues, size_t n,
	       db_done_fn *done, void *arg)
{
	char node[INT_PARAM_SIZE], incarnation[INT_PARAM_SIZE];
	char *ids = int_array_param(queues, n);
	const char *const params[] = { int_param(node, life.node_id),
				       int_param(incarnation, life.incarnation), ids };

	db_async_send(db, &node_wait, params, done, arg);
	free(ids);
}

DB_STMT(node_wake) = {
	.name = "node_wake",
	.text = "select jqm.runner_wake($1, $2)",
	.n_params = 2,
};

void
node_wake_send(struct db_async *db, struct node_life life, db_done_fn *done, void *arg)
{
	char node[INT_PARAM_SIZE], incarnation[INT_PARAM_SIZE];
	const char *const params[] = { int_param(node, life.node_id),
				       int_param(incarnation, life.incarnation) };

	db_async_send(db, &node_wake, params, done, arg);
}

DB_STMT(node_orders) = {
	.name = "node_orders",
	.text = "select id, attempt, instruction, coalesce(instruction_by, '')"
		" from jqm.node_orders($1, $2)",
	.n_params = 2,
	.read_only = true,
};

void
node_orders_send(struct db_async *db, struct node_life life, db_done_fn *done, void *arg)
{
	life_send(db, &node_orders, life, NULL, done, arg);
}

void
node_job_order_read(const struct db_result *rows, int row, struct node_job_order *out)
{
	out->id = db_int64(rows, row, 0);
	out->attempt = (int32_t)db_int64(rows, row, 1);
	out->instruction = db_text(rows, row, 2);
	out->by = db_text(rows, row, 3);
}

DB_STMT(housekeeping) = {
	.name = "housekeeping",
	.text = "select late, schedule_id, version, cron_expression, time_zone, day_rule,"
		" misfire_window_s, next_fire_us, since_us, now_us, (select"
		" coalesce(hashtextextended(string_agg(m::text, ' '), 0), 0) from"
		" jqm.node_mappings($1) as m), (select string_agg(q::text, ' ') from"
		" jqm.queues_with_work($1) as q) from jqm.housekeeping()",
	.n_params = 1,
};

void
housekeeping_send(struct db_async *db, int64_t node_id, db_done_fn *done, void *arg)
{
	char node[INT_PARAM_SIZE];
	const char *const params[] = { int_param(node, node_id) };

	db_async_send(db, &housekeeping, params, done, arg);
}

DB_STMT(history_extend) = {
	.name = "history_extend",
	.text = "select jqm.history_extend()",
};

void
history_extend_send(struct db_async *db, db_done_fn *done, void *arg)
{
	db_async_send(db, &history_extend, NULL, done, arg);
}
