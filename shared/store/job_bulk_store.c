/* SPDX-License-Identifier: Apache-2.0 */
#include "store/job_bulk_store.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/err.h"
#include "db/db.h"
#include "model/memory.h"
#include "store/array_param.h"
#include "store/int_param.h"

/* Jobs of one transaction: nobody waits long for their rows. */
#define PORTION 500

DB_STMT(do_stmt) = {
	.name = "job_bulk_do",
	.text = "SELECT d FROM jqm.do_to_all($1, $2::bigint[], $5, nullif($3::bigint, 0),"
		" $4::text[]) AS d",
	.n_params = 5,
};

DB_STMT(dry_stmt) = {
	.name = "job_bulk_dry",
	.text = "SELECT d FROM jqm.jobs_open_to($1, $2::bigint[], nullif($3::bigint, 0),"
		" $4::text[]) AS d",
	.n_params = 4,
	.read_only = true,
};

static int
portion(struct db *db, const struct job_bulk *bulk, bool dry, const int64_t *ids, size_t n,
	struct memory *memory, struct job_ids *out, struct err *err)
{
	char number[INT_PARAM_SIZE];
	char *array = int_array_param(ids, n);
	const char *params[] = { bulk->verb, array, int_param(number, bulk->number),
				 array_param(memory, bulk->scope), bulk->by };
	struct db_result *rows = NULL;
	int rc = dry ? db_exec(db, &dry_stmt, params, &rows, err)
		     : db_tx_exec(db, &do_stmt, params, &rows, err);

	for (int row = 0; rc == 0 && row < db_rows(rows); row++)
		out->items[out->len++] = db_int64(rows, row, 0);
	db_result_free(rows);
	free(array);
	return rc;
}

static int
portions(struct db *db, const struct job_bulk *bulk, bool dry, const struct job_ids *ids,
	 struct memory *memory, struct job_ids *out, struct err *err)
{
	struct job_ids done = {
		.items = memory_alloc_array(memory, ids->len, sizeof(done.items[0])),
	};

	for (size_t at = 0; at < ids->len; at += PORTION) {
		size_t n = ids->len - at < PORTION ? ids->len - at : PORTION;

		if (portion(db, bulk, dry, &ids->items[at], n, memory, &done, err) == -1)
			return at == 0 ? -1 : err_prefix(err, "after %zu jobs were done", done.len);
	}
	*out = done;
	return 0;
}

int
job_bulk_do(struct db *db, const struct job_bulk *bulk, const struct job_ids *ids,
	    struct memory *memory, struct job_ids *done_out, struct err *err)
{
	return portions(db, bulk, false, ids, memory, done_out, err);
}

int
job_bulk_dry(struct db *db, const struct job_bulk *bulk, const struct job_ids *ids,
	     struct memory *memory, struct job_ids *out, struct err *err)
{
	return portions(db, bulk, true, ids, memory, out, err);
}
