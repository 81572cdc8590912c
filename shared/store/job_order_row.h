/* SPDX-License-Identifier: Apache-2.0 */
/* store/job_order_row.h: the columns of jqm.job_order, and a row of them as a struct. */
#ifndef STORE_JOB_ORDER_ROW_H
#define STORE_JOB_ORDER_ROW_H

struct db_result;
struct err;
struct job_order;

#define JOB_ORDER_COLUMNS                                                                      \
	"id, attempt, state, queue_id, parent_id, definition_priority, "                       \
	"definition_enabled, instruction, instruction_by, queue_name, definition_name, "       \
	"path, path_type, definition_module, definition_keyword1, definition_keyword2, "       \
	"definition_keyword3, module, keyword1, keyword2, keyword3, user_name, trace_id, "     \
	"token, parameters_hex, priority, consumption, items, items_name, working_directory, " \
	"run_max_s, grace_ms, log_max_bytes, files_max_bytes, files_max_count, "               \
	"memory_max_bytes, cpu_max_s, processes_max, umask, lease_bound, signature, "          \
	"waited_us, run_as"
enum job_order_column {
	JOB_ORDER_COL_ID,
	JOB_ORDER_COL_ATTEMPT,
	JOB_ORDER_COL_STATE,
	JOB_ORDER_COL_QUEUE_ID,
	JOB_ORDER_COL_PARENT_ID,
	JOB_ORDER_COL_DEFINITION_PRIORITY,
	JOB_ORDER_COL_DEFINITION_ENABLED,
	JOB_ORDER_COL_INSTRUCTION,
	JOB_ORDER_COL_INSTRUCTION_BY,
	JOB_ORDER_COL_QUEUE_NAME,
	JOB_ORDER_COL_DEFINITION_NAME,
	JOB_ORDER_COL_PATH,
	JOB_ORDER_COL_PATH_TYPE,
	JOB_ORDER_COL_DEFINITION_MODULE,
	JOB_ORDER_COL_DEFINITION_KEYWORD1,
	JOB_ORDER_COL_DEFINITION_KEYWORD2,
	JOB_ORDER_COL_DEFINITION_KEYWORD3,
	JOB_ORDER_COL_MODULE,
	JOB_ORDER_COL_KEYWORD1,
	JOB_ORDER_COL_KEYWORD2,
	JOB_ORDER_COL_KEYWORD3,
	JOB_ORDER_COL_USER_NAME,
	JOB_ORDER_COL_TRACE_ID,
	JOB_ORDER_COL_TOKEN,
	JOB_ORDER_COL_PARAMETERS_HEX,
	JOB_ORDER_COL_PRIORITY,
	JOB_ORDER_COL_CONSUMPTION,
	JOB_ORDER_COL_ITEMS,
	JOB_ORDER_COL_ITEMS_NAME,
	JOB_ORDER_COL_WORKING_DIRECTORY,
	JOB_ORDER_COL_RUN_MAX_S,
	JOB_ORDER_COL_GRACE_MS,
	JOB_ORDER_COL_LOG_MAX_BYTES,
	JOB_ORDER_COL_FILES_MAX_BYTES,
	JOB_ORDER_COL_FILES_MAX_COUNT,
	JOB_ORDER_COL_MEMORY_MAX_BYTES,
	JOB_ORDER_COL_CPU_MAX_S,
	JOB_ORDER_COL_PROCESSES_MAX,
	JOB_ORDER_COL_UMASK,
	JOB_ORDER_COL_LEASE_BOUND,
	JOB_ORDER_COL_SIGNATURE,
	JOB_ORDER_COL_WAITED_US,
	JOB_ORDER_COL_RUN_AS
};

/* A row of them into out (uninitialised before).  0; -1 ERR_INVALID and out needs no free. */
int job_order_read(const struct db_result *rows, int row, struct job_order *out, struct err *err);

#endif
