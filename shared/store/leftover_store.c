/* SPDX-License-Identifier: Apache-2.0 */
#include "store/leftover_store.h"

#include <stdlib.h>

#include "store/int_param.h"
#include "store/life_send.h"

DB_STMT(left_jobs) = {
	.name = "left_jobs",
	.text = "select id, definition_name, attempt, coalesce(paths, '')"
		" from jqm.left_jobs($1, $2, $3)",
	.n_params = 3,
	.read_only = true,
};

void
leftover_send(struct db_async *db, struct node_life life, const int64_t *ids, size_t n,
	      db_done_fn *done, void *arg)
{
	char *list = int_array_param(ids, n);

	life_send(db, &left_jobs, life, list, done, arg);
	free(list);
}

void
leftover_read(const struct db_result *rows, int row, struct leftover_row *out)
{
	out->job_id = db_int64(rows, row, 0);
	out->definition_name = db_text(rows, row, 1);
	out->attempt = (int32_t)db_int64(rows, row, 2);
	out->paths = db_text(rows, row, 3);
}
