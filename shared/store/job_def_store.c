/* SPDX-License-Identifier: Apache-2.0 */
#include "store/job_def_store.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "db/db.h"
#include "model/job_def.h"
#include "model/memory.h"
#include "store/job_def_columns.h"
#include "store/json_param.h"
#include "store/transfer_store.h"

DB_STMT(job_def_context_put) = {
	.name = "job_def_context_put",
	.text = "insert into jqm.execution_context as c (name, child_first, tracing, persistent,"
		" hidden_classes, allowed_runners, extra_classpath_dirs, excluded_class_prefixes,"
		" handlers) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
		" on conflict (name) do update set child_first = excluded.child_first,"
		" tracing = excluded.tracing, persistent = excluded.persistent,"
		" hidden_classes = excluded.hidden_classes,"
		" allowed_runners = excluded.allowed_runners,"
		" extra_classpath_dirs = excluded.extra_classpath_dirs,"
		" excluded_class_prefixes = excluded.excluded_class_prefixes,"
		" handlers = excluded.handlers",
	.n_params = 9,
};

DB_STMT(job_def_context_find) = {
	.name = "job_def_context_find",
	.text = "select id from jqm.execution_context where name = $1",
	.n_params = 1,
	.read_only = true,
};

/* $1 queue, $2 definition: only a definition that does not exist yet brings its queue. */
DB_STMT(job_def_queue_create) = {
	.name = "job_def_queue_create",
	.text = "insert into jqm.queue (name, description)"
		" select $1, 'created by the import of job definition ' || $2"
		" where not exists (select from jqm.job_def where name = $2)"
		" on conflict (name) do nothing returning id",
	.n_params = 2,
};

/* Columns that a set knows; each import replaces them all. */
#define COLUMNS                                                                              \
	"name, description, path, path_type, class_name, application, module, keyword1,"     \
	" keyword2, keyword3, highlander, can_be_restarted, alert_after_min, parameters,"    \
	" execution_context_id, run_max_s, grace_ms, log_max_bytes, files_max_bytes,"        \
	" files_max_count, memory_max_bytes, cpu_max_s, processes_max, umask,"               \
	" working_directory, attempts_max, retry_backoff, retry_delay_s, retry_delay_max_s," \
	" retry_exit_codes, on_node_loss, node_losses_max, concurrency_key"

/*
 * $1 the definition as a record of jqm.job_def, $2 its name, $3 its queue's.  A priority of 0 is none; what
 * the record does not say of priority, enabled, external and Java options stays.  No row: neither the definition nor its queue
 * exists, and there is no default queue.
 */
DB_STMT(job_def_put) = {
	.name = "job_def_put",
	.text =
	    "insert into jqm.job_def as d (" COLUMNS ", enabled, external, java_opts, priority,"
	    " signature, queue_id)"
	    " select " COLUMNS ", coalesce(enabled, true), coalesce(external, false), java_opts,"
	    " nullif(priority, 0), signature, q.id"
	    " from jsonb_populate_record(null::jqm.job_def, $1::jsonb), (select coalesce("
	    "  (select queue_id from jqm.job_def where name = $2),"
	    "  (select id from jqm.queue where name = $3),"
	    "  (select id from jqm.queue where default_queue))) as q (id) where q.id is not null"
	    " on conflict (name) do update set (" COLUMNS ") ="
	    " (select " COLUMNS " from jsonb_populate_record(null::jqm.job_def, $1::jsonb)),"
	    " enabled = coalesce(($1::jsonb ->> 'enabled')::boolean, d.enabled),"
	    " external = coalesce(($1::jsonb ->> 'external')::boolean, d.external),"
	    " java_opts = coalesce($1::jsonb ->> 'java_opts', d.java_opts),"
	    " signature = coalesce($1::jsonb ->> 'signature', d.signature),"
	    " priority = nullif(coalesce(($1::jsonb ->> 'priority')::int, d.priority), 0)"
	    " returning 1",
	.n_params = 3,
};

struct import {
	const struct job_def_set *set;
	struct memory *memory;
	const char *named; /* for the report */
};

static const char *
bool_text(bool value)
{
	return value ? "true" : "false";
}

static void
put_handlers(struct buf *buf, const struct execution_context *context)
{
	buf_putc(buf, '[');
	for (size_t i = 0; i < context->handlers_len; i++) {
		buf_puts(buf, i == 0 ? "{\"className\":" : ",{\"className\":");
		json_param_text(buf, context->handlers[i].class_name);
		buf_puts(buf, ",\"event\":\"JI_STARTING\",\"parameters\":");
		json_param_map(buf, &context->handlers[i].parameters);
		buf_putc(buf, '}');
	}
	buf_putc(buf, ']');
}

static int
put_context(struct db *db, const struct execution_context *context, struct err *err)
{
	struct buf handlers = BUF_INIT(SIZE_MAX);
	int rc = -1;

	put_handlers(&handlers, context);
	if (buf_check(&handlers, err) == 0) {
		const char *const params[] = { context->name,
					       bool_text(context->child_first),
					       bool_text(context->tracing),
					       bool_text(context->persistent),
					       context->hidden_classes,
					       context->allowed_runners,
					       context->extra_classpath_dirs,
					       context->excluded_class_prefixes,
					       handlers.data };

		rc = db_exec(db, &job_def_context_put, params, NULL, err);
	}
	buf_free(&handlers);
	return rc;
}

/* The id of the context def names, as text; NULL when it names none. */
static int
find_context(struct import *import, struct db *db, const struct job_def *def, const char **id_out,
	     struct err *err)
{
	const char *const params[] = { def->execution_context };
	struct db_result *rows = NULL;
	int rc = 0;

	*id_out = NULL;
	if (def->execution_context == NULL)
		return 0;
	if (db_exec(db, &job_def_context_find, params, &rows, err) == -1)
		return -1;
	if (db_rows(rows) == 1)
		*id_out = memory_dup(import->memory, db_text(rows, 0, 0));
	else
		rc = err_set(err, ERR_INVALID, "there is no execution context \"%s\"",
			     def->execution_context);
	db_result_free(rows);
	return rc;
}

static int
create_queue(struct db *db, const struct job_def *def, struct err *err)
{
	const char *const params[] = { def->queue_name, def->name };

	return def->queue_name == NULL ? 0 : db_exec(db, &job_def_queue_create, params, NULL, err);
}

/* The definition as a record; context_id NULL: it names no context. */
static void
put_record(struct buf *buf, const struct job_def *def, const char *context_id)
{
	buf_printf(buf, "{\"highlander\":%s,\"can_be_restarted\":%s,\"parameters\":",
		   bool_text(def->highlander), bool_text(def->can_be_restarted));
	json_param_map(buf, &def->parameters);
	for (size_t i = 0; i < job_def_text_columns_len; i++) {
		const char *text;

		memcpy(&text, (const char *)def + job_def_text_columns[i].offset, sizeof(text));
		if (text == NULL)
			continue;
		buf_printf(buf, ",\"%s\":", job_def_text_columns[i].column);
		json_param_text(buf, text);
	}
	for (size_t i = 0; i < job_def_number_columns_len; i++) {
		struct opt_int64 number;

		memcpy(&number, (const char *)def + job_def_number_columns[i].offset,
		       sizeof(number));
		if (number.set)
			buf_printf(buf, ",\"%s\":%" PRId64, job_def_number_columns[i].column,
				   number.value);
	}
	if (def->enabled.set)
		buf_printf(buf, ",\"enabled\":%s", bool_text(def->enabled.value));
	if (def->external.set)
		buf_printf(buf, ",\"external\":%s", bool_text(def->external.value));
	if (context_id != NULL)
		buf_printf(buf, ",\"execution_context_id\":%s", context_id);
	if (def->retry.exit_codes_len > 0)
		buf_puts(buf, ",\"retry_exit_codes\":[");
	for (size_t i = 0; i < def->retry.exit_codes_len; i++)
		buf_printf(buf, i == 0 ? "%d" : ",%d", def->retry.exit_codes[i]);
	buf_puts(buf, def->retry.exit_codes_len > 0 ? "]}" : "}");
}

static int
put_row(struct db *db, const struct job_def *def, const char *record, struct err *err)
{
	const char *const params[] = { record, def->name, def->queue_name };
	struct db_result *rows = NULL;
	int rc = 0;

	if (db_exec(db, &job_def_put, params, &rows, err) == -1)
		return -1;
	if (db_rows(rows) == 0)
		rc = err_set(err, ERR_INVALID, "it names no queue and there is no default queue");
	db_result_free(rows);
	return rc;
}

static int
put_def(struct import *import, struct db *db, const struct job_def *def, struct err *err)
{
	struct buf record = BUF_INIT(SIZE_MAX);
	const char *context_id;
	int rc = -1;

	if (find_context(import, db, def, &context_id, err) == 0 &&
	    create_queue(db, def, err) == 0) {
		put_record(&record, def, context_id);
		if (buf_check(&record, err) == 0)
			rc = put_row(db, def, record.data, err);
	}
	buf_free(&record);
	if (rc == -1)
		return err_prefix(err, "definition \"%s\"", def->name);
	return 0;
}

static int
import_in_tx(struct db *db, void *arg, struct err *err)
{
	struct import *import = arg;

	for (size_t i = 0; i < import->set->contexts_len; i++)
		if (put_context(db, &import->set->contexts[i], err) == -1)
			return err_prefix(err, "context \"%s\"", import->set->contexts[i].name);
	for (size_t i = 0; i < import->set->defs_len; i++)
		if (put_def(import, db, &import->set->defs[i], err) == -1)
			return -1;
	return 0;
}

/* {"definition": ["A"], "context": []} */
static int
name_objects(struct import *import, struct err *err)
{
	const struct job_def_set *set = import->set;
	struct buf json = BUF_INIT(SIZE_MAX);
	int rc;

	buf_puts(&json, "{\"definition\":[");
	for (size_t i = 0; i < set->defs_len; i++) {
		buf_puts(&json, i == 0 ? "" : ",");
		json_param_text(&json, set->defs[i].name);
	}
	buf_puts(&json, "],\"context\":[");
	for (size_t i = 0; i < set->contexts_len; i++) {
		buf_puts(&json, i == 0 ? "" : ",");
		json_param_text(&json, set->contexts[i].name);
	}
	buf_puts(&json, "]}");
	rc = buf_check(&json, err);
	if (rc == 0)
		import->named = memory_dup(import->memory, buf_text(&json));
	buf_free(&json);
	return rc;
}

int
job_def_store_import(struct db *db, const struct job_def_set *set, const struct transfer_wish *wish,
		     struct memory *memory, struct transfer_report *out, struct err *err)
{
	struct import import = { .set = set, .memory = memory };

	if (name_objects(&import, err) == -1)
		return -1;
	return transfer_store_run(db, wish, "{queue,context,definition}", import_in_tx, &import,
				  &import.named, memory, out, err);
}
