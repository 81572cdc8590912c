/* SPDX-License-Identifier: Apache-2.0 */
/* store/message_store.c: messages of many jobs at once. */
#include "store/message_store.h"

#include "store/int_param.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/buf.h"
#include "db/db.h"
#include "model/job_instance.h"
#include "model/memory.h"

#define STRING(x) STRING_(x)
#define STRING_(x) #x
#define IDS_BYTES_MAX (1024u * 1024)

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
	struct job_instance **by_id = memory_alloc_array(memory, jobs->len, sizeof(by_id[0]));
	struct buf ids = BUF_INIT(IDS_BYTES_MAX);
	struct db_result *rows = NULL;
	int rc = -1;

	if (jobs->len == 0)
		return 0;
	for (size_t i = 0; i < jobs->len; i++) {
		by_id[i] = &jobs->items[i];
		buf_printf(&ids, "%c%" PRId64, i == 0 ? '{' : ',', jobs->items[i].id);
	}
	buf_putc(&ids, '}');
	qsort(by_id, jobs->len, sizeof(by_id[0]), compare_jobs);
	if (buf_check(&ids, err) == 0)
		rc = db_exec(db, &read_stmt, (const char *const[]){ buf_text(&ids) }, &rows, err);
	for (int row = 0, next; rc == 0 && row < db_rows(rows); row = next) {
		int64_t id = db_int64(rows, row, 0);
		struct job_instance **job =
		    bsearch(&id, by_id, jobs->len, sizeof(by_id[0]), compare_rows);

		for (next = row + 1; next < db_rows(rows) && db_int64(rows, next, 0) == id; next++)
			;
		if (job != NULL)
			take_messages(rows, row, next, memory, *job);
	}
	db_result_free(rows);
	buf_free(&ids);
	return rc;
}
