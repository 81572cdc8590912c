/* SPDX-License-Identifier: Apache-2.0 */
#include "store/job_rows.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "db/db.h"
#include "model/job_instance.h"
#include "model/memory.h"
#include "store/int_param.h"

static int
compare_rows(const void *key, const void *item)
{
	const int64_t *id = key;
	const struct job_instance *job = *(struct job_instance *const *)item;

	return *id < job->id ? -1 : *id > job->id;
}

static int
compare_jobs(const void *a, const void *b)
{
	const struct job_instance *job = *(struct job_instance *const *)a;

	return compare_rows(&job->id, b);
}

int
job_rows_for_each(struct db *db, const struct db_stmt *stmt, struct job_instance_list *jobs,
		  struct memory *memory, job_rows_take *take, struct err *err)
{
	struct job_instance **by_id = memory_alloc_array(memory, jobs->len, sizeof(by_id[0]));
	int64_t *numbers = memory_alloc_array(memory, jobs->len, sizeof(numbers[0]));
	struct db_result *rows = NULL;
	char *ids;
	int rc;

	if (jobs->len == 0)
		return 0;
	for (size_t i = 0; i < jobs->len; i++) {
		by_id[i] = &jobs->items[i];
		numbers[i] = jobs->items[i].id;
	}
	qsort(by_id, jobs->len, sizeof(by_id[0]), compare_jobs);
	ids = int_array_param(numbers, jobs->len);
	rc = db_exec(db, stmt, (const char *const[]){ ids }, &rows, err);
	free(ids);
	for (int row = 0, next; rc == 0 && row < db_rows(rows); row = next) {
		int64_t id = db_int64(rows, row, 0);
		struct job_instance **job =
		    bsearch(&id, by_id, jobs->len, sizeof(by_id[0]), compare_rows);

		for (next = row + 1; next < db_rows(rows) && db_int64(rows, next, 0) == id; next++)
			;
		if (job != NULL)
			take(rows, row, next, memory, *job);
	}
	db_result_free(rows);
	return rc;
}
