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

int
job_order_read(const struct db_result *rows, int row, struct job_order *out, struct err *err)
{
	job_order_init(out, db_int64(rows, row, JOB_ORDER_COL_ID),
		       (int32_t)db_int64(rows, row, JOB_ORDER_COL_ATTEMPT));
	out->running = strcmp(db_text(rows, row, JOB_ORDER_COL_STATE), "RUNNING") == 0;
	out->queue_id = db_int64(rows, row, JOB_ORDER_COL_QUEUE_ID);
	out->parent_id = db_int64(rows, row, JOB_ORDER_COL_PARENT_ID);
	out->definition_priority = (int32_t)db_int64(rows, row, JOB_ORDER_COL_DEFINITION_PRIORITY);
	out->definition_enabled = db_bool(rows, row, JOB_ORDER_COL_DEFINITION_ENABLED);
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
