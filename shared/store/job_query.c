/* SPDX-License-Identifier: Apache-2.0 */
/* store/job_query.c: rows of the two job views into structs, one by one or as lists. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "db/db.h"
#include "model/job_instance.h"
#include "model/memory.h"
#include "model/queue.h"
#include "store/array_param.h"
#include "store/int_param.h"
#include "store/job_attempt_store.h"
#include "store/job_instance_store.h"
#include "store/job_members.h"
#include "store/job_row.h"
#include "store/message_store.h"
#include "store/opt_value.h"

#define DATES                \
	DB_US("enqueued_at") \
	", " DB_US("started_at") ", " DB_US("ended_at") ", " DB_US("run_after")
#define COLUMNS                                                                                \
	JOB_MEMBERS                                                                            \
	", definition_name, user_name, round(position)::bigint, coalesce(queue_id, 0),"        \
	" queue_name, definition_keyword1, definition_keyword2, definition_keyword3,"          \
	" jqm.parameters_hex(parameters), " DATES ", node_name, restart_of, waited_for, late," \
	" submitted_by,"                                                                       \
	" (SELECT true FROM jqm.message AS m WHERE m.job_instance_id = j.id LIMIT 1)"

/* The order of COLUMNS behind JOB_MEMBERS. */
enum {
	COL_DEFINITION_NAME = JOB_MEMBERS_LEN,
	COL_USER,
	COL_POSITION,
	COL_QUEUE_ID,
	COL_QUEUE_NAME,
	COL_DEFINITION_KEYWORD1,
	COL_DEFINITION_KEYWORD2,
	COL_DEFINITION_KEYWORD3,
	COL_PARAMETERS,
	COL_ENQUEUED_AT,
	COL_STARTED_AT,
	COL_ENDED_AT,
	COL_RUN_AFTER,
	COL_NODE_NAME,
	COL_RESTART_OF,
	COL_WAITED_FOR,
	COL_LATE,
	COL_SUBMITTED_BY,
	COL_HAS_MESSAGES
};

/*
 * Live and past jobs together, at most limit by id; where and limit may hold parameters.  Of the past the ids are
 * found first: a plan for all of past_job takes longer than both.
 */
#define LIVE_AND_PAST(where, order, limit)                                                        \
	"(SELECT " COLUMNS " FROM jqm.live_job AS j " where " ORDER BY id " order " LIMIT " limit \
	"::bigint) UNION ALL SELECT " COLUMNS " FROM jqm.past_jobs_of(ARRAY("                     \
	"SELECT id FROM jqm.past_job_key " where " ORDER BY id " order " LIMIT " limit            \
	"::bigint)) AS j ORDER BY id " order " LIMIT " limit "::bigint"

DB_STMT(read_past_stmt) = {
	.name = "job_instance_read_past",
	.text = "SELECT " COLUMNS " FROM jqm.past_job_of($1) AS j",
	.n_params = 1,
	.read_only = true,
};

DB_STMT(read_many_stmt) = {
	.name = "job_instance_read_many",
	.text = "SELECT " COLUMNS " FROM jqm.live_job AS j WHERE id = ANY ($1::bigint[])"
		" UNION ALL SELECT " COLUMNS " FROM jqm.past_jobs_of($1::bigint[]) AS j",
	.n_params = 1,
	.read_only = true,
};

DB_STMT(list_all_stmt) = {
	.name = "job_instance_list_all",
	.text = LIVE_AND_PAST("", "", "$1"),
	.n_params = 1,
	.read_only = true,
};

DB_STMT(list_newest_stmt) = {
	.name = "job_instance_list_newest",
	.text = LIVE_AND_PAST("WHERE id < $1", "DESC", "$2"),
	.n_params = 2,
	.read_only = true,
};

DB_STMT(list_live_stmt) = {
	.name = "job_instance_list_live",
	.text = "SELECT " COLUMNS " FROM jqm.live_job AS j ORDER BY id LIMIT $1::bigint",
	.n_params = 1,
	.read_only = true,
};

/* Children: of a parent, by id from the oldest on, or from the newest back. */
DB_STMT(list_children_stmt) = {
	.name = "job_instance_list_children",
	.text = LIVE_AND_PAST("WHERE parent_id = $1 AND id > $2", "", "$3"),
	.n_params = 3,
	.read_only = true,
};

DB_STMT(list_children_newest_stmt) = {
	.name = "job_instance_list_children_newest",
	.text = LIVE_AND_PAST("WHERE parent_id = $1 AND id < $2", "DESC", "$3"),
	.n_params = 3,
	.read_only = true,
};

DB_STMT(dependents_stmt) = {
	.name = "job_instance_dependents",
	.text = "SELECT w.job_instance_id FROM jqm.job_waited_for AS w WHERE w.waits_for = $1"
		" AND w.job_instance_id > $2 AND ($4::text[] IS NULL"
		" OR jqm.job_in_scope(w.job_instance_id, $4::text[]))"
		" ORDER BY w.waits_for, w.job_instance_id LIMIT $3::bigint",
	.n_params = 4,
	.read_only = true,
};

static const struct queue *
queue_of_row(const struct db_result *rows, int row, const char *name, struct memory *memory)
{
	struct queue *queue = memory_alloc(memory, sizeof(*queue));

	queue->id = db_int64(rows, row, COL_QUEUE_ID);
	queue->name = name;
	return queue;
}

/* "success:12 end:13" as two texts; NULL: none. */
static void
split_words(const char *text, struct memory *memory, struct text_list *out)
{
	size_t n = text != NULL && text[0] != '\0';

	for (const char *c = text; c != NULL && *c != '\0'; c++)
		n += *c == ' ';
	out->items = memory_alloc_array(memory, n, sizeof(out->items[0]));
	while (out->len < n) {
		size_t len = strcspn(text, " ");

		out->items[out->len++] = memory_dup_len(memory, text, len);
		text += len + 1;
	}
}

/* Everything but the messages and earlier attempts. */
static int
job_of_row(const struct db_result *rows, int row, struct memory *memory, struct job_instance *job,
	   struct err *err)
{
#define TEXT(column) memory_dup(memory, db_text(rows, row, column))
	job_members_take(rows, row, memory, job);
	job->application_name = TEXT(COL_DEFINITION_NAME);
	job->user = TEXT(COL_USER);
	job->position = db_int64(rows, row, COL_POSITION);
	job->queue_name = TEXT(COL_QUEUE_NAME);
	job->queue = queue_of_row(rows, row, job->queue_name, memory);
	job->definition_keyword1 = TEXT(COL_DEFINITION_KEYWORD1);
	job->definition_keyword2 = TEXT(COL_DEFINITION_KEYWORD2);
	job->definition_keyword3 = TEXT(COL_DEFINITION_KEYWORD3);
	job->enqueued_at = opt_time_of(rows, row, COL_ENQUEUED_AT);
	job->started_at = opt_time_of(rows, row, COL_STARTED_AT);
	job->ended_at = opt_time_of(rows, row, COL_ENDED_AT);
	job->run_after = opt_time_of(rows, row, COL_RUN_AFTER);
	job->node_name = TEXT(COL_NODE_NAME);
	job->restart_of = opt_int64_of(rows, row, COL_RESTART_OF);
	job->late = db_bool(rows, row, COL_LATE);
	job->submitted_by = TEXT(COL_SUBMITTED_BY);
	split_words(TEXT(COL_WAITED_FOR), memory, &job->wait_for);
#undef TEXT
	if (text_map_from_hex(db_text(rows, row, COL_PARAMETERS), memory, &job->parameters) == -1)
		return err_set(err, ERR_INTERNAL,
			       "parameters of job instance %" PRId64 " could not be read", job->id);
	return 0;
}

/* All rows, then the messages and earlier attempts of all of them, if there are any, in a statement each. */
static int
jobs_of_rows(struct db *db, const struct db_result *rows, struct memory *memory,
	     struct job_instance_list *out, struct err *err)
{
	struct job_instance_list list = { NULL, (size_t)db_rows(rows) };
	bool have_messages = false;

	list.items = memory_alloc_array(memory, list.len, sizeof(list.items[0]));
	for (size_t i = 0; i < list.len; i++) {
		if (job_of_row(rows, (int)i, memory, &list.items[i], err) == -1)
			return -1;
		have_messages = have_messages || !db_is_null(rows, (int)i, COL_HAS_MESSAGES);
	}
	if ((have_messages && message_read_for(db, &list, memory, err) == -1) ||
	    job_attempt_read_for(db, &list, memory, err) == -1)
		return -1;
	*out = list;
	return 0;
}

/* The numbers after the first are sent to statements that have so many parameters. */
static int
query(struct db *db, const struct db_stmt *stmt, const int64_t numbers[3], struct memory *memory,
      struct job_instance_list *out, struct err *err)
{
	char texts[3][INT_PARAM_SIZE];
	const char *params[3];
	struct db_result *rows = NULL;
	int rc;

	for (int i = 0; i < 3; i++)
		params[i] = int_param(texts[i], numbers[i]);
	if (db_exec(db, stmt, params, &rows, err) == -1)
		return -1;
	rc = jobs_of_rows(db, rows, memory, out, err);
	db_result_free(rows);
	return rc;
}

static int
read_past(struct db *db, int64_t id, struct memory *memory, struct job_instance *out,
	  bool *found_out, struct err *err)
{
	struct job_instance_list list;

	if (job_row_read_past(db, id, memory, out, found_out, err) == -1)
		return -1;
	if (*found_out)
		return 0;
	if (query(db, &read_past_stmt, (const int64_t[3]){ id }, memory, &list, err) == -1)
		return -1;
	if (list.len == 1) {
		*out = list.items[0];
		*found_out = true;
	}
	return 0;
}

/*
 * A job goes from live to past in one transaction, and never back.  Ids follow time, so the newest that was found
 * past, or the oldest that was found live below it, says what to try first; that only saves a look.
 */
int
job_instance_read(struct db *db, int64_t id, struct memory *memory, struct job_instance *out,
		  struct err *err)
{
	static int64_t past_up_to;
	bool past_first = id <= past_up_to, found = false;

	if (past_first && read_past(db, id, memory, out, &found, err) == -1)
		return -1;
	if (found)
		return 0;
	if (job_row_read_live(db, id, memory, out, &found, err) == -1)
		return -1;
	if (found) {
		if (past_first)
			past_up_to = id - 1;
		return 0;
	}
	if (read_past(db, id, memory, out, &found, err) == -1)
		return -1;
	if (!found)
		return err_set(err, ERR_NOT_FOUND, "there is no job instance %" PRId64, id);
	if (id > past_up_to)
		past_up_to = id;
	return 0;
}

static int
compare_ids(const void *a, const void *b)
{
	int64_t left = ((const struct job_instance *)a)->id,
		right = ((const struct job_instance *)b)->id;

	return left < right ? -1 : left > right;
}

/* The jobs of list in the order of ids. */
static struct job_instance_list
in_order(struct job_instance_list *list, const int64_t *ids, size_t n, struct memory *memory)
{
	struct job_instance_list out = {
		.items = memory_alloc_array(memory, list->len, sizeof(out.items[0])),
	};

	if (list->len == 0)
		return out;
	qsort(list->items, list->len, sizeof(list->items[0]), compare_ids);
	for (size_t i = 0; i < n && out.len < list->len; i++) {
		const struct job_instance key = { .id = ids[i] };
		const struct job_instance *found =
		    bsearch(&key, list->items, list->len, sizeof(list->items[0]), compare_ids);

		if (found != NULL)
			out.items[out.len++] = *found;
	}
	return out;
}

int
job_instance_read_many(struct db *db, const int64_t *ids, size_t n, struct memory *memory,
		       struct job_instance_list *out, struct err *err)
{
	struct db_result *rows = NULL;
	char *array;
	int rc;

	if (n == 0) {
		*out = (struct job_instance_list){ NULL, 0 };
		return 0;
	}
	array = int_array_param(ids, n);
	rc = db_exec(db, &read_many_stmt, (const char *const[]){ array }, &rows, err);
	free(array);
	if (rc == 0 && (rc = jobs_of_rows(db, rows, memory, out, err)) == 0)
		*out = in_order(out, ids, n, memory);
	db_result_free(rows);
	return rc;
}

int
job_instance_list_all(struct db *db, size_t max, struct memory *memory,
		      struct job_instance_list *out, struct err *err)
{
	return query(db, &list_all_stmt, (const int64_t[3]){ (int64_t)max }, memory, out, err);
}

int
job_instance_list_live(struct db *db, size_t max, struct memory *memory,
		       struct job_instance_list *out, struct err *err)
{
	return query(db, &list_live_stmt, (const int64_t[3]){ (int64_t)max }, memory, out, err);
}

int
job_instance_list_newest(struct db *db, int64_t before_id, size_t max, struct memory *memory,
			 struct job_instance_list *out, struct err *err)
{
	return query(db, &list_newest_stmt, (const int64_t[3]){ before_id, (int64_t)max }, memory,
		     out, err);
}

int
job_instance_list_children(struct db *db, int64_t parent_id, int64_t after_id, size_t max,
			   struct memory *memory, struct job_instance_list *out, struct err *err)
{
	return query(db, &list_children_stmt,
		     (const int64_t[3]){ parent_id, after_id, (int64_t)max }, memory, out, err);
}

int
job_instance_list_children_newest(struct db *db, int64_t parent_id, int64_t before_id, size_t max,
				  struct memory *memory, struct job_instance_list *out,
				  struct err *err)
{
	return query(db, &list_children_newest_stmt,
		     (const int64_t[3]){ parent_id, before_id, (int64_t)max }, memory, out, err);
}

int
job_instance_list_dependents(struct db *db, int64_t id, const struct text_list *scope,
			     int64_t after_id, size_t max, struct memory *memory,
			     struct job_instance_list *out, struct err *err)
{
	char id_text[INT_PARAM_SIZE], after[INT_PARAM_SIZE], most[INT_PARAM_SIZE];
	const char *const params[] = { int_param(id_text, id), int_param(after, after_id),
				       int_param(most, (int64_t)max), array_param(memory, scope) };
	struct db_result *rows = NULL;
	int64_t *ids;
	size_t n;

	if (db_exec(db, &dependents_stmt, params, &rows, err) == -1)
		return -1;
	n = (size_t)db_rows(rows);
	ids = memory_alloc_array(memory, n, sizeof(ids[0]));
	for (size_t i = 0; i < n; i++)
		ids[i] = db_int64(rows, (int)i, 0);
	db_result_free(rows);
	return job_instance_read_many(db, ids, n, memory, out, err);
}
