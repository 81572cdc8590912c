/* SPDX-License-Identifier: Apache-2.0 */
#include "store/job_order_row.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "db/db.h"
#include "model/job_order.h"

static void
take_text(char **out, const struct db_result *rows, int row, enum job_order_column col)
{
	const char *text = db_text(rows, row, (int)col);

	if (text == NULL)
		return;
	free(*out);
	*out = str_dup(text);
}

/* -1: the definition does not say. */
static int64_t
limit(const struct db_result *rows, int row, enum job_order_column col)
{
	return db_is_null(rows, row, (int)col) ? -1 : db_int64(rows, row, (int)col);
}

static void
read_limits(const struct db_result *rows, int row, struct job_limits *out)
{
	out->run_max_s = limit(rows, row, JOB_ORDER_COL_RUN_MAX_S);
	out->grace_ms = limit(rows, row, JOB_ORDER_COL_GRACE_MS);
	out->log_max_bytes = limit(rows, row, JOB_ORDER_COL_LOG_MAX_BYTES);
	out->files_max_bytes = limit(rows, row, JOB_ORDER_COL_FILES_MAX_BYTES);
	out->files_max_count = limit(rows, row, JOB_ORDER_COL_FILES_MAX_COUNT);
	out->memory_max_bytes = limit(rows, row, JOB_ORDER_COL_MEMORY_MAX_BYTES);
	out->cpu_max_s = limit(rows, row, JOB_ORDER_COL_CPU_MAX_S);
	out->processes_max = limit(rows, row, JOB_ORDER_COL_PROCESSES_MAX);
	out->umask = limit(rows, row, JOB_ORDER_COL_UMASK);
}

int
job_order_read(const struct db_result *rows, int row, struct job_order *out, struct err *err)
{
	job_order_init(out, db_int64(rows, row, JOB_ORDER_COL_ID),
		       (int32_t)db_int64(rows, row, JOB_ORDER_COL_ATTEMPT));
	out->running = strcmp(db_text(rows, row, JOB_ORDER_COL_STATE), "RUNNING") == 0;
	out->queue_id = db_int64(rows, row, JOB_ORDER_COL_QUEUE_ID);
	out->parent_id = db_int64(rows, row, JOB_ORDER_COL_PARENT_ID);
	out->definition_priority = (int32_t)db_int64(rows, row, JOB_ORDER_COL_DEFINITION_PRIORITY);
	out->lease_bound = db_bool(rows, row, JOB_ORDER_COL_LEASE_BOUND);
	out->definition_enabled = db_bool(rows, row, JOB_ORDER_COL_DEFINITION_ENABLED);
	out->priority = (int32_t)db_int64(rows, row, JOB_ORDER_COL_PRIORITY);
	out->consumption = (int32_t)db_int64(rows, row, JOB_ORDER_COL_CONSUMPTION);
	out->waited_us = db_int64(rows, row, JOB_ORDER_COL_WAITED_US);
	read_limits(rows, row, &out->limits);
	take_text(&out->items, rows, row, JOB_ORDER_COL_ITEMS);
	take_text(&out->items_name, rows, row, JOB_ORDER_COL_ITEMS_NAME);
	take_text(&out->working_directory, rows, row, JOB_ORDER_COL_WORKING_DIRECTORY);
	take_text(&out->signature, rows, row, JOB_ORDER_COL_SIGNATURE);
	take_text(&out->run_as, rows, row, JOB_ORDER_COL_RUN_AS);
	take_text(&out->instruction, rows, row, JOB_ORDER_COL_INSTRUCTION);
	take_text(&out->instruction_by, rows, row, JOB_ORDER_COL_INSTRUCTION_BY);
	take_text(&out->queue_name, rows, row, JOB_ORDER_COL_QUEUE_NAME);
	take_text(&out->definition_name, rows, row, JOB_ORDER_COL_DEFINITION_NAME);
	take_text(&out->path, rows, row, JOB_ORDER_COL_PATH);
	take_text(&out->path_type, rows, row, JOB_ORDER_COL_PATH_TYPE);
	take_text(&out->definition_module, rows, row, JOB_ORDER_COL_DEFINITION_MODULE);
	take_text(&out->definition_keyword[0], rows, row, JOB_ORDER_COL_DEFINITION_KEYWORD1);
	take_text(&out->definition_keyword[1], rows, row, JOB_ORDER_COL_DEFINITION_KEYWORD2);
	take_text(&out->definition_keyword[2], rows, row, JOB_ORDER_COL_DEFINITION_KEYWORD3);
	take_text(&out->module, rows, row, JOB_ORDER_COL_MODULE);
	take_text(&out->keyword[0], rows, row, JOB_ORDER_COL_KEYWORD1);
	take_text(&out->keyword[1], rows, row, JOB_ORDER_COL_KEYWORD2);
	take_text(&out->keyword[2], rows, row, JOB_ORDER_COL_KEYWORD3);
	take_text(&out->user_name, rows, row, JOB_ORDER_COL_USER_NAME);
	take_text(&out->trace_id, rows, row, JOB_ORDER_COL_TRACE_ID);
	take_text(&out->token, rows, row, JOB_ORDER_COL_TOKEN);
	if (job_order_read_parameters(out, db_text(rows, row, JOB_ORDER_COL_PARAMETERS_HEX), err) ==
	    -1) {
		job_order_free(out);
		return -1;
	}
	return 0;
}
