/* SPDX-License-Identifier: Apache-2.0 */
#include "store/job_def_store.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "db/db.h"
#include "model/job_def.h"
#include "model/memory.h"
#include "model/problem_list.h"
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

DB_STMT(definitions_import) = {
	.name = "definitions_import",
	.text = "select jqm.definitions_import($1::jsonb)",
	.n_params = 1,
};

struct import {
	const struct job_def_set *set;
	struct memory *memory;
	struct problem_list *problems;
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

static void
put_member(struct buf *buf, const char *name, const char *text)
{
	if (text == NULL)
		return;
	buf_printf(buf, ",\"%s\":", name);
	json_param_text(buf, text);
}

/* As jqm.parameter_type_rules() keeps them, so that those which are there already are known again. */
static void
put_types(struct buf *buf, const struct parameter_type_list *types)
{
	buf_puts(buf, ",\"parameter_types\":[");
	for (size_t i = 0; i < types->len; i++) {
		const struct parameter_type *type = &types->items[i];

		buf_puts(buf, i == 0 ? "{\"key\":" : ",{\"key\":");
		json_param_text(buf, type->key);
		buf_puts(buf, ",\"type\":");
		json_param_text(buf, type->type == NULL ? "TEXT" : type->type);
		buf_printf(buf, ",\"required\":%s,\"hint\":", bool_text(type->required));
		if (type->hint == NULL || type->hint[0] == '\0')
			buf_puts(buf, "null");
		else
			json_param_text(buf, type->hint);
		buf_puts(buf, ",\"choices\":[");
		for (size_t k = 0; k < type->choices.len; k++) {
			buf_puts(buf, k == 0 ? "" : ",");
			json_param_text(buf, type->choices.items[k]);
		}
		buf_puts(buf, "]}");
	}
	buf_putc(buf, ']');
}

/* The definition as jqm.definitions_put() takes it. */
static void
put_record(struct buf *buf, const struct job_def *def)
{
	buf_printf(buf, "{\"line\":%d,\"highlander\":%s,\"can_be_restarted\":%s,\"parameters\":",
		   def->line, bool_text(def->highlander), bool_text(def->can_be_restarted));
	json_param_map(buf, &def->parameters);
	put_types(buf, &def->parameter_types);
	for (size_t i = 0; i < job_def_text_columns_len; i++) {
		const char *text;

		memcpy(&text, (const char *)def + job_def_text_columns[i].offset, sizeof(text));
		put_member(buf, job_def_text_columns[i].column, text);
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
	put_member(buf, "queue_name", def->queue_name);
	put_member(buf, "context_name", def->execution_context);
	if (def->retry.exit_codes_len > 0)
		buf_puts(buf, ",\"retry_exit_codes\":[");
	for (size_t i = 0; i < def->retry.exit_codes_len; i++)
		buf_printf(buf, i == 0 ? "%d" : ",%d", def->retry.exit_codes[i]);
	buf_puts(buf, def->retry.exit_codes_len > 0 ? "]}" : "}");
}

static int
put_definitions(struct import *import, struct db *db, struct err *err)
{
	struct buf json = BUF_INIT(SIZE_MAX);
	struct db_result *rows = NULL;
	int rc = -1;

	buf_putc(&json, '[');
	for (size_t i = 0; i < import->set->defs_len; i++) {
		if (i > 0)
			buf_putc(&json, ',');
		put_record(&json, &import->set->defs[i]);
	}
	buf_putc(&json, ']');
	*import->problems = (struct problem_list){ .len = 0 };
	if (buf_check(&json, err) == 0 &&
	    db_exec(db, &definitions_import, (const char *const[]){ json.data }, &rows, err) == 0) {
		for (int i = 0; i < db_rows(rows); i++)
			problem_list_add_text(import->problems, import->memory,
					      db_text(rows, i, 0));
		rc = problem_list_check(import->problems, err);
	}
	db_result_free(rows);
	buf_free(&json);
	return rc;
}

static int
import_in_tx(struct db *db, void *arg, struct err *err)
{
	struct import *import = arg;

	for (size_t i = 0; i < import->set->contexts_len; i++)
		if (put_context(db, &import->set->contexts[i], err) == -1)
			return err_prefix(err, "line %d: context \"%.*s\"",
					  import->set->contexts[i].line,
					  STR_CUT(import->set->contexts[i].name, 100));
	return put_definitions(import, db, err);
}

/* {"definition": ["A"], "context": []} */
static int
name_objects(const struct job_def_set *set, struct memory *memory, const char **out,
	     struct err *err)
{
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
		*out = memory_dup(memory, buf_text(&json));
	buf_free(&json);
	return rc;
}

int
job_def_store_import(struct db *db, const struct job_def_set *set, const struct transfer_wish *wish,
		     struct memory *memory, struct transfer_report *out,
		     struct problem_list *problems, struct err *err)
{
	struct import import = { set, memory, problems };
	const char *named = NULL;

	if (name_objects(set, memory, &named, err) == -1)
		return -1;
	return transfer_store_run(db, wish, "{queue,context,definition}", import_in_tx, &import,
				  named, memory, out, err);
}
