/* SPDX-License-Identifier: Apache-2.0 */
/* store/job_def_export_store.c: definitions, and what a descriptor describes with them, out of the database. */
#include <inttypes.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/num.h"
#include "db/db.h"
#include "model/job_def.h"
#include "model/memory.h"
#include "store/int_param.h"
#include "store/job_def_columns.h"
#include "store/job_def_store.h"
#include "store/opt_value.h"

#define STATEMENT_BYTES_MAX 4000
#define WANTED "($1::bigint = -1 OR d.id = $1)"

/* Behind the columns of the tables. */
enum {
	COL_HIGHLANDER,
	COL_RESTART,
	COL_ENABLED,
	COL_EXTERNAL,
	COL_QUEUE,
	COL_CONTEXT,
	COL_CODES,
	COL_PARAMETERS,
	COL_TYPES
};
#define MORE_COLUMNS                                                                   \
	"d.highlander, d.can_be_restarted, d.enabled, d.external, q.name, c.name,"     \
	" array_to_string(d.retry_exit_codes, ','), jqm.parameters_hex(d.parameters)," \
	" jqm.parameter_type_lines(d.parameter_types)"

DB_STMT(contexts_stmt) = {
	.name = "job_def_export_contexts",
	.text = "SELECT c.name, c.child_first, c.tracing, c.persistent, c.hidden_classes,"
		" c.allowed_runners, c.extra_classpath_dirs, c.excluded_class_prefixes,"
		" jsonb_array_length(c.handlers) FROM jqm.execution_context AS c"
		" WHERE $1::bigint = -1 OR EXISTS (SELECT FROM jqm.job_def AS d"
		" WHERE d.execution_context_id = c.id AND d.id = $1) ORDER BY c.name",
	.n_params = 1,
	.read_only = true,
};

DB_STMT(handlers_stmt) = {
	.name = "job_def_export_handlers",
	.text = "SELECT h.doc ->> 'className', jqm.parameters_hex(h.doc -> 'parameters')"
		" FROM jqm.execution_context AS c, jsonb_array_elements(c.handlers)"
		" WITH ORDINALITY AS h (doc, n) WHERE c.name = $1 ORDER BY h.n",
	.n_params = 1,
	.read_only = true,
};

/* The columns of the tables, then MORE_COLUMNS. */
static const char *
select_text(struct memory *memory)
{
	struct buf text = BUF_INIT(STATEMENT_BYTES_MAX);
	const char *copy;

	buf_puts(&text, "SELECT ");
	for (size_t i = 0; i < job_def_text_columns_len; i++)
		buf_printf(&text, "d.%s, ", job_def_text_columns[i].column);
	for (size_t i = 0; i < job_def_number_columns_len; i++)
		buf_printf(&text, "d.%s, ", job_def_number_columns[i].column);
	buf_puts(&text,
		 MORE_COLUMNS " FROM jqm.job_def AS d JOIN jqm.queue AS q ON q.id = d.queue_id"
			      " LEFT JOIN jqm.execution_context AS c"
			      " ON c.id = d.execution_context_id WHERE " WANTED
			      " ORDER BY d.path, d.path_type, d.name");
	copy = memory_dup(memory, buf_text(&text));
	buf_free(&text);
	return copy;
}

/* "75,76" */
static void
read_exit_codes(const char *text, struct memory *memory, struct job_def_retry *out)
{
	if (text == NULL)
		return;
	out->exit_codes = memory_alloc_array(memory, EXIT_CODES_MAX, sizeof(out->exit_codes[0]));
	while (*text != '\0' && out->exit_codes_len < EXIT_CODES_MAX) {
		size_t len = strcspn(text, ",");
		int64_t code = 0;

		(void)num_int64(memory_dup_len(memory, text, len), 0, 255, &code);
		out->exit_codes[out->exit_codes_len++] = (int)code;
		text += len + (text[len] == ',');
	}
}

static int
def_of_row(const struct db_result *rows, int row, struct memory *memory, struct job_def *out,
	   struct err *err)
{
	int more = (int)(job_def_text_columns_len + job_def_number_columns_len);

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < job_def_text_columns_len; i++) {
		const char *text = memory_dup(memory, db_text(rows, row, (int)i));

		memcpy((char *)out + job_def_text_columns[i].offset, &text, sizeof(text));
	}
	for (size_t i = 0; i < job_def_number_columns_len; i++) {
		struct opt_int64 number =
		    opt_int64_of(rows, row, (int)(job_def_text_columns_len + i));

		memcpy((char *)out + job_def_number_columns[i].offset, &number, sizeof(number));
	}
	out->highlander = db_bool(rows, row, more + COL_HIGHLANDER);
	out->can_be_restarted = db_bool(rows, row, more + COL_RESTART);
	out->enabled = (struct opt_bool){ !db_bool(rows, row, more + COL_ENABLED), false };
	out->external.set = out->external.value = db_bool(rows, row, more + COL_EXTERNAL);
	out->queue_name = memory_dup(memory, db_text(rows, row, more + COL_QUEUE));
	out->execution_context = memory_dup(memory, db_text(rows, row, more + COL_CONTEXT));
	read_exit_codes(db_text(rows, row, more + COL_CODES), memory, &out->retry);
	if (text_map_from_hex(db_text(rows, row, more + COL_PARAMETERS), memory,
			      &out->parameters) == -1 ||
	    parameter_types_from_lines(db_text(rows, row, more + COL_TYPES), memory,
				       &out->parameter_types) == -1)
		return err_set(err, ERR_INTERNAL,
			       "parameters of job definition \"%s\" could not be read", out->name);
	return 0;
}

static int
read_defs(struct db *db, const char *const *id, struct memory *memory, struct job_def_set *out,
	  struct err *err)
{
	const struct db_stmt stmt = {
		.name = "", .text = select_text(memory), .n_params = 1, .read_only = true
	};
	struct db_result *rows = NULL;
	int rc = 0;

	if (db_exec(db, &stmt, id, &rows, err) == -1)
		return -1;
	out->defs_len = (size_t)db_rows(rows);
	out->defs = memory_alloc_array(memory, out->defs_len, sizeof(out->defs[0]));
	for (size_t i = 0; i < out->defs_len && rc == 0; i++)
		rc = def_of_row(rows, (int)i, memory, &out->defs[i], err);
	db_result_free(rows);
	return rc;
}

static int
read_handlers(struct db *db, struct memory *memory, struct execution_context *context,
	      struct err *err)
{
	struct db_result *rows = NULL;
	int rc = 0;

	if (db_exec(db, &handlers_stmt, (const char *const[]){ context->name }, &rows, err) == -1)
		return -1;
	context->handlers_len = (size_t)db_rows(rows);
	context->handlers =
	    memory_alloc_array(memory, context->handlers_len, sizeof(context->handlers[0]));
	for (size_t i = 0; i < context->handlers_len && rc == 0; i++) {
		context->handlers[i].class_name = memory_dup(memory, db_text(rows, (int)i, 0));
		rc = text_map_from_hex(db_text(rows, (int)i, 1), memory,
				       &context->handlers[i].parameters);
	}
	db_result_free(rows);
	return rc == 0 ? 0
		       : err_set(err, ERR_INTERNAL,
				 "handlers of execution context \"%s\" could not be read",
				 context->name);
}

static int
read_contexts(struct db *db, const char *const *id, struct memory *memory, struct job_def_set *out,
	      struct err *err)
{
	struct db_result *rows = NULL;
	int rc = 0;

	if (db_exec(db, &contexts_stmt, id, &rows, err) == -1)
		return -1;
	out->contexts_len = (size_t)db_rows(rows);
	out->contexts = memory_alloc_array(memory, out->contexts_len, sizeof(out->contexts[0]));
	for (size_t i = 0; i < out->contexts_len; i++) {
		int row = (int)i;

		out->contexts[i] = (struct execution_context){
			.name = memory_dup(memory, db_text(rows, row, 0)),
			.child_first = db_bool(rows, row, 1),
			.tracing = db_bool(rows, row, 2),
			.persistent = db_bool(rows, row, 3),
			.hidden_classes = memory_dup(memory, db_text(rows, row, 4)),
			.allowed_runners = memory_dup(memory, db_text(rows, row, 5)),
			.extra_classpath_dirs = memory_dup(memory, db_text(rows, row, 6)),
			.excluded_class_prefixes = memory_dup(memory, db_text(rows, row, 7)),
		};
	}
	db_result_free(rows);
	for (size_t i = 0; i < out->contexts_len && rc == 0; i++)
		rc = read_handlers(db, memory, &out->contexts[i], err);
	return rc;
}

int
job_def_store_export(struct db *db, int64_t id, struct memory *memory, struct job_def_set *out,
		     struct err *err)
{
	char id_text[INT_PARAM_SIZE];
	const char *const params[] = { int_param(id_text, id) };

	if (read_defs(db, params, memory, out, err) == -1 ||
	    read_contexts(db, params, memory, out, err) == -1)
		return -1;
	if (id != JOB_DEF_ALL && out->defs_len == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no job definition %" PRId64, id);
	return 0;
}
