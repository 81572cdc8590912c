/* SPDX-License-Identifier: Apache-2.0 */
#include "store/job_claim_store.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "model/job_order.h"
#include "store/int_param.h"

#define ORDER_COLUMNS                                                                      \
	"id, attempt, state, queue_id, parent_id, definition_priority, "                   \
	"definition_enabled, instruction, instruction_by, queue_name, definition_name, "   \
	"path, path_type, definition_module, definition_keyword1, definition_keyword2, "   \
	"definition_keyword3, module, keyword1, keyword2, keyword3, user_name, trace_id, " \
	"token, parameters_hex"
enum order_column {
	COL_ID,
	COL_ATTEMPT,
	COL_STATE,
	COL_QUEUE_ID,
	COL_PARENT_ID,
	COL_DEFINITION_PRIORITY,
	COL_DEFINITION_ENABLED,
	COL_INSTRUCTION,
	COL_INSTRUCTION_BY,
	COL_QUEUE_NAME,
	COL_DEFINITION_NAME,
	COL_PATH,
	COL_PATH_TYPE,
	COL_DEFINITION_MODULE,
	COL_DEFINITION_KEYWORD1,
	COL_DEFINITION_KEYWORD2,
	COL_DEFINITION_KEYWORD3,
	COL_MODULE,
	COL_KEYWORD1,
	COL_KEYWORD2,
	COL_KEYWORD3,
	COL_USER_NAME,
	COL_TRACE_ID,
	COL_TOKEN,
	COL_PARAMETERS_HEX
};

DB_STMT(job_claim) = {
	.name = "job_claim",
	.text = "select " ORDER_COLUMNS " from jqm.claim($1, $2, $3, $4)",
	.n_params = 4,
};

void
job_claim_send(struct db_async *db, struct node_life life, int64_t queue_id, int max,
	       db_done_fn *done, void *arg)
{
	char node[INT_PARAM_SIZE], incarnation[INT_PARAM_SIZE];
	char queue[INT_PARAM_SIZE], most[INT_PARAM_SIZE];
	const char *const params[] = { int_param(node, life.node_id),
				       int_param(incarnation, life.incarnation),
				       int_param(queue, queue_id), int_param(most, max) };

	db_async_send(db, &job_claim, params, done, arg);
}

DB_STMT(job_take_back) = {
	.name = "job_take_back",
	.text = "select " ORDER_COLUMNS " from jqm.take_back($1, $2, $3)",
	.n_params = 3,
};

DB_STMT(job_give_back) = {
	.name = "job_give_back",
	.text = "select jqm.give_back($1, $2, $3)",
	.n_params = 3,
};

static void
send_jobs(struct db_async *db, const struct db_stmt *stmt, struct node_life life,
	  const struct job_key *jobs, size_t n, db_done_fn *done, void *arg)
{
	char node[INT_PARAM_SIZE], incarnation[INT_PARAM_SIZE];
	char *list = json_param_jobs(jobs, n);
	const char *const params[] = { int_param(node, life.node_id),
				       int_param(incarnation, life.incarnation), list };

	db_async_send(db, stmt, params, done, arg);
	free(list);
}

void
job_take_back_send(struct db_async *db, struct node_life life, const struct job_key *known,
		   size_t n, db_done_fn *done, void *arg)
{
	send_jobs(db, &job_take_back, life, known, n, done, arg);
}

void
job_give_back_send(struct db_async *db, struct node_life life, const struct job_key *jobs, size_t n,
		   db_done_fn *done, void *arg)
{
	send_jobs(db, &job_give_back, life, jobs, n, done, arg);
}

DB_STMT(job_started) = {
	.name = "job_started",
	.text = "select jqm.mark_started($1, $2, $3)",
	.n_params = 3,
};

void
job_started_send(struct db_async *db, struct node_life life, const struct job_started *jobs,
		 size_t n, db_done_fn *done, void *arg)
{
	char node[INT_PARAM_SIZE], incarnation[INT_PARAM_SIZE];
	struct buf buf = BUF_INIT(SIZE_MAX);
	const char *params[] = { int_param(node, life.node_id),
				 int_param(incarnation, life.incarnation), NULL };

	buf_putc(&buf, '[');
	for (size_t i = 0; i < n; i++)
		buf_printf(&buf,
			   "%s{\"id\":%" PRId64 ",\"attempt\":%" PRId32 ",\"ago_ms\":%" PRId64 "}",
			   i == 0 ? "" : ",", jobs[i].key.id, jobs[i].key.attempt, jobs[i].ago_ms);
	buf_putc(&buf, ']');
	if (buf.failed)
		abort();
	params[2] = buf_text(&buf);
	db_async_send(db, &job_started, params, done, arg);
	buf_free(&buf);
}

static void
take_text(char **out, const struct db_result *rows, int row, enum order_column col)
{
	const char *text = db_text(rows, row, (int)col);

	if (text == NULL)
		return;
	free(*out);
	*out = str_dup(text);
}

int
job_order_read(const struct db_result *rows, int row, struct job_order *out, struct err *err)
{
	job_order_init(out, db_int64(rows, row, COL_ID), (int32_t)db_int64(rows, row, COL_ATTEMPT));
	out->running = strcmp(db_text(rows, row, COL_STATE), "RUNNING") == 0;
	out->queue_id = db_int64(rows, row, COL_QUEUE_ID);
	out->parent_id = db_int64(rows, row, COL_PARENT_ID);
	out->definition_priority = (int32_t)db_int64(rows, row, COL_DEFINITION_PRIORITY);
	out->definition_enabled = db_bool(rows, row, COL_DEFINITION_ENABLED);
	take_text(&out->instruction, rows, row, COL_INSTRUCTION);
	take_text(&out->instruction_by, rows, row, COL_INSTRUCTION_BY);
	take_text(&out->queue_name, rows, row, COL_QUEUE_NAME);
	take_text(&out->definition_name, rows, row, COL_DEFINITION_NAME);
	take_text(&out->path, rows, row, COL_PATH);
	take_text(&out->path_type, rows, row, COL_PATH_TYPE);
	take_text(&out->definition_module, rows, row, COL_DEFINITION_MODULE);
	take_text(&out->definition_keyword[0], rows, row, COL_DEFINITION_KEYWORD1);
	take_text(&out->definition_keyword[1], rows, row, COL_DEFINITION_KEYWORD2);
	take_text(&out->definition_keyword[2], rows, row, COL_DEFINITION_KEYWORD3);
	take_text(&out->module, rows, row, COL_MODULE);
	take_text(&out->keyword[0], rows, row, COL_KEYWORD1);
	take_text(&out->keyword[1], rows, row, COL_KEYWORD2);
	take_text(&out->keyword[2], rows, row, COL_KEYWORD3);
	take_text(&out->user_name, rows, row, COL_USER_NAME);
	take_text(&out->trace_id, rows, row, COL_TRACE_ID);
	take_text(&out->token, rows, row, COL_TOKEN);
	if (job_order_read_parameters(out, db_text(rows, row, COL_PARAMETERS_HEX), err) == -1) {
		job_order_free(out);
		return -1;
	}
	return 0;
}
