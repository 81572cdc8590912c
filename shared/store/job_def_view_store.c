/* SPDX-License-Identifier: Apache-2.0 */
/* store/job_def_view_store.c: definitions with their queues. */
#include "store/job_def_view_store.h"

#include "base/err.h"
#include "base/str.h"
#include "db/db.h"
#include "model/job_def_view.h"
#include "model/memory.h"
#include "model/queue.h"
#include "store/array_param.h"
#include "store/schedule_store.h"

#define SELECT_DEFS                                                                            \
	"SELECT d.id, d.description, d.can_be_restarted, q.id, q.name, q.description, d.name," \
	" d.application, d.module, d.keyword1, d.keyword2, d.keyword3, d.highlander,"          \
	" jqm.parameters_hex(d.parameters) FROM jqm.job_def AS d"                              \
	" JOIN jqm.queue AS q ON q.id = d.queue_id"                                            \
	" WHERE jqm.in_scope($1::text[], q.name, d.name, NULL)"
enum {
	COL_ID,
	COL_DESCRIPTION,
	COL_CAN_BE_RESTARTED,
	COL_QUEUE_ID,
	COL_QUEUE_NAME,
	COL_QUEUE_DESCRIPTION,
	COL_NAME,
	COL_APPLICATION,
	COL_MODULE,
	COL_KEYWORD1,
	COL_KEYWORD2,
	COL_KEYWORD3,
	COL_HIGHLANDER,
	COL_PARAMETERS
};

DB_STMT(all_stmt) = {
	.name = "job_def_view_list_all",
	.text = SELECT_DEFS " ORDER BY d.name",
	.n_params = 1,
	.read_only = true,
};

DB_STMT(of_stmt) = {
	.name = "job_def_view_list_of",
	.text = SELECT_DEFS " AND d.application = $2 ORDER BY d.name",
	.n_params = 2,
	.read_only = true,
};

DB_STMT(named_stmt) = {
	.name = "job_def_view_named",
	.text = SELECT_DEFS " AND d.name = $2",
	.n_params = 2,
	.read_only = true,
};

static int
def_of_row(const struct db_result *rows, int row, struct memory *memory, struct job_def_view *def,
	   struct err *err)
{
#define TEXT(column) memory_dup(memory, db_text(rows, row, column))
	struct queue *queue = memory_alloc(memory, sizeof(*queue));

	queue->id = db_int64(rows, row, COL_QUEUE_ID);
	queue->name = TEXT(COL_QUEUE_NAME);
	queue->description = TEXT(COL_QUEUE_DESCRIPTION);
	def->id = db_int64(rows, row, COL_ID);
	def->description = TEXT(COL_DESCRIPTION);
	def->can_be_restarted = db_bool(rows, row, COL_CAN_BE_RESTARTED);
	def->queue = queue;
	def->application_name = TEXT(COL_NAME);
	def->application = TEXT(COL_APPLICATION);
	def->module = TEXT(COL_MODULE);
	def->keyword1 = TEXT(COL_KEYWORD1);
	def->keyword2 = TEXT(COL_KEYWORD2);
	def->keyword3 = TEXT(COL_KEYWORD3);
	def->highlander = db_bool(rows, row, COL_HIGHLANDER);
#undef TEXT
	if (text_map_from_hex(db_text(rows, row, COL_PARAMETERS), memory, &def->parameters) == -1)
		return err_set(err, ERR_INTERNAL,
			       "parameters of job definition \"%s\" could not be read",
			       def->application_name);
	return 0;
}

static struct job_def_view *
find(struct job_def_view_list *defs, int64_t id)
{
	for (size_t i = 0; i < defs->len; i++)
		if (defs->items[i].id == id)
			return &defs->items[i];
	return NULL;
}

/* Those of all definitions in one statement. */
static int
read_schedules(struct db *db, struct memory *memory, struct job_def_view_list *defs,
	       struct err *err)
{
	int64_t *ids = memory_alloc_array(memory, defs->len, sizeof(ids[0]));
	struct schedule_list all;

	for (size_t i = 0; i < defs->len; i++)
		ids[i] = defs->items[i].id;
	if (schedule_list_of(db, ids, defs->len, memory, &all, err) == -1)
		return -1;
	for (size_t from = 0, to; from < all.len; from = to) {
		struct job_def_view *def = find(defs, all.items[from].job_def_id);

		for (to = from + 1; to < all.len; to++)
			if (all.items[to].job_def_id != all.items[from].job_def_id)
				break;
		if (def != NULL)
			def->schedules = (struct schedule_list){ all.items + from, to - from };
	}
	return 0;
}

static int
query(struct db *db, const struct db_stmt *stmt, const struct text_list *scope, const char *param,
      struct memory *memory, struct job_def_view_list *out, struct err *err)
{
	const char *params[] = { array_param(memory, scope), param };
	struct db_result *rows = NULL;
	int rc = 0;

	if (db_exec(db, stmt, params, &rows, err) == -1)
		return -1;
	out->len = (size_t)db_rows(rows);
	out->items = memory_alloc_array(memory, out->len, sizeof(out->items[0]));
	for (size_t i = 0; i < out->len && rc == 0; i++)
		rc = def_of_row(rows, (int)i, memory, &out->items[i], err);
	db_result_free(rows);
	return rc == 0 ? read_schedules(db, memory, out, err) : -1;
}

int
job_def_view_list_all(struct db *db, const struct text_list *scope, struct memory *memory,
		      struct job_def_view_list *out, struct err *err)
{
	return query(db, &all_stmt, scope, NULL, memory, out, err);
}

int
job_def_view_list_of(struct db *db, const struct text_list *scope, const char *application,
		     struct memory *memory, struct job_def_view_list *out, struct err *err)
{
	return query(db, &of_stmt, scope, application, memory, out, err);
}

int
job_def_view_named(struct db *db, const struct text_list *scope, const char *name,
		   struct memory *memory, struct job_def_view *out, struct err *err)
{
	struct job_def_view_list list;

	if (query(db, &named_stmt, scope, name, memory, &list, err) == -1)
		return -1;
	if (list.len == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no job definition \"%.*s\"",
			       (int)str_utf8_cut(name, 100), name);
	*out = list.items[0];
	return 0;
}
