/* SPDX-License-Identifier: Apache-2.0 */
/* store/message_store.c: messages of many jobs at once. */
#include "store/message_store.h"

#include <stddef.h>

#include "db/db.h"
#include "model/job_instance.h"
#include "model/memory.h"
#include "store/int_param.h"
#include "store/job_rows.h"

#define STRING(x) STRING_(x)
#define STRING_(x) #x

#define SHOWN                                                 \
	"CASE cardinality($1::bigint[]) WHEN 1 THEN " STRING( \
	    MESSAGES_OF_ONE_JOB_MAX) " ELSE " STRING(MESSAGES_PER_JOB_MAX) " END"

/* $1: ids of jobs */
DB_STMT(read_stmt) = {
	.name = "message_read_for",
	.text = "SELECT j.id, m.text_message FROM unnest($1::bigint[]) AS j(id) CROSS JOIN LATERAL"
		" (SELECT id, text_message FROM jqm.message WHERE job_instance_id = j.id"
		"   ORDER BY id LIMIT " SHOWN ") AS m ORDER BY j.id, m.id",
	.n_params = 1,
	.read_only = true,
};

/* Rows [from, to) are the messages of one job. */
static void
take_messages(const struct db_result *rows, int from, int to, struct memory *memory,
	      struct job_instance *job)
{
	job->messages.items =
	    memory_alloc_array(memory, (size_t)(to - from), sizeof(job->messages.items[0]));
	job->messages.len = (size_t)(to - from);
	for (int row = from; row < to; row++)
		job->messages.items[row - from] = memory_dup(memory, db_text(rows, row, 1));
}

DB_STMT(say_stmt) = {
	.name = "message_say",
	.text = "SELECT jqm.say($1, $2, nullif($3::int, 0))",
	.n_params = 3,
};

int
message_say(struct db *db, int64_t job_id, int64_t attempt, const char *text, struct err *err)
{
	char id[INT_PARAM_SIZE], attempt_text[INT_PARAM_SIZE];
	const char *params[] = { int_param(id, job_id), text, int_param(attempt_text, attempt) };

	return db_exec(db, &say_stmt, params, NULL, err);
}

int
message_read_for(struct db *db, struct job_instance_list *jobs, struct memory *memory,
		 struct err *err)
{
	return job_rows_for_each(db, &read_stmt, jobs, memory, take_messages, err);
}
