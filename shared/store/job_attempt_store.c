/* SPDX-License-Identifier: Apache-2.0 */
#include "store/job_attempt_store.h"

#include <stdbool.h>
#include <stddef.h>

#include "db/db.h"
#include "model/job_instance.h"
#include "model/memory.h"
#include "store/job_rows.h"
#include "store/opt_value.h"

#define DATES DB_US("a.started_at") ", " DB_US("a.ended_at")

/* $1: ids of jobs */
DB_STMT(read_stmt) = {
	.name = "job_attempt_read_for",
	.text = "SELECT a.job_instance_id, a.attempt, n.name, " DATES ", a.exit_code, a.signal,"
		" a.reason FROM jqm.job_attempt AS a"
		" JOIN jqm.name_snapshot AS n ON n.id = a.node_name_id"
		" WHERE a.job_instance_id = ANY ($1::bigint[])"
		" ORDER BY a.job_instance_id, a.attempt",
	.n_params = 1,
	.read_only = true,
};

static void
take_attempts(const struct db_result *rows, int from, int to, struct memory *memory,
	      struct job_instance *job)
{
	job->attempts.items =
	    memory_alloc_array(memory, (size_t)(to - from), sizeof(job->attempts.items[0]));
	job->attempts.len = (size_t)(to - from);
	for (int row = from; row < to; row++)
		job->attempts.items[row - from] = (struct job_attempt){
			.attempt = db_int64(rows, row, 1),
			.node_name = memory_dup(memory, db_text(rows, row, 2)),
			.started_at = opt_time_of(rows, row, 3),
			.ended_at = opt_time_of(rows, row, 4),
			.exit_code = opt_int64_of(rows, row, 5),
			.signal = opt_int64_of(rows, row, 6),
			.reason = memory_dup(memory, db_text(rows, row, 7)),
		};
}

int
job_attempt_read_for(struct db *db, struct job_instance_list *jobs, struct memory *memory,
		     struct err *err)
{
	bool any = false;

	for (size_t i = 0; i < jobs->len; i++)
		any = any || jobs->items[i].failures + jobs->items[i].node_losses > 0;
	return any ? job_rows_for_each(db, &read_stmt, jobs, memory, take_attempts, err) : 0;
}
