/* SPDX-License-Identifier: Apache-2.0 */
/* store/queue_store.c: rows of the queue table into structs. */
#include "store/queue_store.h"

#include "base/err.h"
#include "db/db.h"
#include "model/memory.h"
#include "model/queue.h"
#include "store/array_param.h"

DB_STMT(list_stmt) = {
	.name = "queue_list_read",
	.text = "SELECT id, name, description FROM jqm.queue"
		" WHERE jqm.in_scope($1::text[], name, NULL, NULL) ORDER BY id",
	.n_params = 1,
	.read_only = true,
};

int
queue_list_read(struct db *db, const struct text_list *scope, struct memory *memory,
		struct queue_list *out, struct err *err)
{
	const char *params[] = { array_param(memory, scope) };
	struct db_result *rows = NULL;

	if (db_exec(db, &list_stmt, params, &rows, err) == -1)
		return -1;
	out->len = (size_t)db_rows(rows);
	out->items = memory_alloc_array(memory, out->len, sizeof(out->items[0]));
	for (size_t i = 0; i < out->len; i++) {
		out->items[i].id = db_int64(rows, (int)i, 0);
		out->items[i].name = memory_dup(memory, db_text(rows, (int)i, 1));
		out->items[i].description = memory_dup(memory, db_text(rows, (int)i, 2));
	}
	db_result_free(rows);
	return 0;
}
