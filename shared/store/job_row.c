/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/job_row.c: rows in the server's own form.  A past job is looked for in its partition by name: a plan for
 * all partitions takes a lock on each, and as long again as the row.  What is remembered (names) is not in the
 * statement, and of other tables the row says whether they have more: each look costs as much as the row.
 */
#include "store/job_row.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "db/db.h"
#include "model/job_instance.h"
#include "model/memory.h"
#include "model/queue.h"
#include "store/current_names.h"
#include "store/flat_json.h"
#include "store/int_param.h"
#include "store/job_attempt_store.h"
#include "store/job_members.h"
#include "store/job_row_kept.h"
#include "store/message_store.h"
#include "store/opt_value.h"
#include "store/snapshot_names.h"

/* Ids of a partition, as jqm.history_extend() makes them. */
#define PARTITION_IDS 250000
#define PARTITIONS 32 /* statements kept prepared at most */
#define NAME_SIZE 48
#define TEXT_SIZE 1600
/* So long it is believed that there is no such partition. */
#define ABSENT_MS 5000

DB_STMT(live_stmt) = {
	.name = "job_row_live",
	.text = "SELECT " JOB_MEMBERS ", position, queue_id, parameters, enqueued_at, started_at,"
		" ended_at, run_after, late, snapshot_id, user_name_id, submitter_id,"
		" queue_name_id, node_name_id, node_id, has_messages, has_links, row_by::text,"
		" row_at::text FROM jqm.live_row WHERE id = $1",
	.n_params = 1,
	.read_only = true,
	.binary = true,
	.takes_gate = true,
};

/* Is it still that version of the row?  To find one where it lies costs half of what reading it does. */
DB_STMT(live_same_stmt) = {
	.name = "job_row_live_same",
	.text = "SELECT true FROM jqm.live_row WHERE id = $1::bigint AND row_by = $2::xid"
		" AND row_at = $3::tid",
	.n_params = 3,
	.read_only = true,
	.takes_gate = true,
};

/* The same columns, and the same question, with the number of the partition to be put in. */
#define PAST_FORMAT                                                                    \
	"SELECT " JOB_MEMBERS                                                          \
	", 0::float8, queue_id, parameters, enqueued_at, started_at, ended_at,"        \
	" run_after, false, snapshot_id, user_name_id, submitter_id, queue_name_id,"   \
	" node_name_id, NULL::bigint, has_messages, has_links, xmin::text, ctid::text" \
	" FROM jqm.history_%" PRId64 " WHERE id = $1"
#define PAST_SAME_FORMAT                        \
	"SELECT true FROM jqm.history_%" PRId64 \
	" WHERE id = $1::bigint AND xmin = $2::xid AND ctid = $3::tid"

/* Behind JOB_MEMBERS. */
enum {
	COL_POSITION = JOB_MEMBERS_LEN,
	COL_QUEUE_ID,
	COL_PARAMETERS,
	COL_ENQUEUED_AT,
	COL_STARTED_AT,
	COL_ENDED_AT,
	COL_RUN_AFTER,
	COL_LATE,
	COL_SNAPSHOT,
	COL_USER_NAME,
	COL_SUBMITTER_NAME,
	COL_QUEUE_NAME, /* what it was when the job ended */
	COL_NODE_NAME,
	COL_NODE_ID, /* of a live one; its names are those of now */
	COL_HAS_MESSAGES,
	COL_HAS_LINKS,
	COL_ROW_BY,
	COL_ROW_AT
};

DB_STMT(links_stmt) = {
	.name = "job_row_links",
	.text = "SELECT w.condition || ':' || w.waits_for, NULL::bigint, w.waits_for"
		" FROM jqm.job_waited_for AS w WHERE w.job_instance_id = $1::bigint"
		" UNION ALL SELECT NULL, r.restart_of, 0 FROM jqm.job_restart AS r"
		" WHERE r.job_instance_id = $1::bigint ORDER BY 3",
	.n_params = 1,
	.read_only = true,
};

static struct opt_time
moment(const struct db_result *rows, int col)
{
	struct opt_time time = { !db_is_null(rows, 0, col), db_us(rows, 0, col) };

	return time;
}

/* As the server's round() does it: halves to the even number, so that lists say the same. */
static int64_t
rounded(double value)
{
	int64_t below = (int64_t)value - (value < 0 && (double)(int64_t)value != value);
	double rest = value - (double)below;

	return below + (rest > 0.5 || (rest == 0.5 && below % 2 != 0));
}

/* What the row itself says. */
static int
take_row(const struct db_result *rows, struct memory *memory, struct job_instance *job,
	 struct err *err)
{
	job_members_take(rows, 0, memory, job);
	job->position = rounded(db_double(rows, 0, COL_POSITION));
	job->enqueued_at = moment(rows, COL_ENQUEUED_AT);
	job->started_at = moment(rows, COL_STARTED_AT);
	job->ended_at = moment(rows, COL_ENDED_AT);
	job->run_after = moment(rows, COL_RUN_AFTER);
	job->late = db_bool(rows, 0, COL_LATE);
	if (flat_json_read(db_jsonb(rows, 0, COL_PARAMETERS), memory, &job->parameters) == -1)
		return err_set(err, ERR_INTERNAL,
			       "parameters of job instance %" PRId64 " could not be read", job->id);
	return 0;
}

/* number: of a snapshot; 0: none. */
static int
take_name(struct db *db, int64_t number, struct memory *memory, const char **out, struct err *err)
{
	if (snapshot_name(db, number, out, err) == -1)
		return -1;
	*out = memory_dup(memory, *out);
	return 0;
}

/*
 * Its queue and its node.  *gone_out: the queue of a live job is not there, which says that the job has ended since.
 */
static int
take_place(struct db *db, const struct db_result *rows, struct memory *memory,
	   struct job_instance *job, bool *gone_out, struct err *err)
{
	struct queue *queue = memory_alloc(memory, sizeof(*queue));
	int64_t queue_id = db_int64(rows, 0, COL_QUEUE_ID);
	int64_t queue_name = db_int64(rows, 0, COL_QUEUE_NAME);
	int64_t node_name = db_int64(rows, 0, COL_NODE_NAME);
	struct current_names now;

	if (current_names(db, queue_id, db_int64(rows, 0, COL_NODE_ID), &now, err) == -1)
		return -1;
	if (queue_name == 0) {
		queue_name = now.queue;
		node_name = now.node;
	}
	*gone_out = queue_name == 0;
	if (take_name(db, queue_name, memory, &job->queue_name, err) == -1 ||
	    take_name(db, node_name, memory, &job->node_name, err) == -1)
		return -1;
	queue->id = now.queue == 0 ? 0 : queue_id;
	queue->name = job->queue_name;
	job->queue = queue;
	return 0;
}

static int
take_names(struct db *db, const struct db_result *rows, struct memory *memory,
	   struct job_instance *job, struct err *err)
{
	struct definition_names definition;

	if (snapshot_definition(db, db_int64(rows, 0, COL_SNAPSHOT), &definition, err) == -1)
		return -1;
	job->application_name = memory_dup(memory, definition.name);
	job->definition_keyword1 = memory_dup(memory, definition.keyword1);
	job->definition_keyword2 = memory_dup(memory, definition.keyword2);
	job->definition_keyword3 = memory_dup(memory, definition.keyword3);
	if (take_name(db, db_int64(rows, 0, COL_USER_NAME), memory, &job->user, err) == -1 ||
	    take_name(db, db_int64(rows, 0, COL_SUBMITTER_NAME), memory, &job->submitted_by, err) ==
		-1)
		return -1;
	/* "ID:LOGIN": who asked, by number too */
	if (job->submitted_by != NULL && strchr(job->submitted_by, ':') != NULL)
		job->submitted_by = strchr(job->submitted_by, ':') + 1;
	return 0;
}

static int
take_links(struct db *db, struct memory *memory, struct job_instance *job, struct err *err)
{
	char id[INT_PARAM_SIZE];
	struct db_result *rows = NULL;
	int n;

	if (db_exec(db, &links_stmt, (const char *const[]){ int_param(id, job->id) }, &rows, err) ==
	    -1)
		return -1;
	n = db_rows(rows);
	job->wait_for.items = memory_alloc_array(memory, (size_t)n, sizeof(job->wait_for.items[0]));
	for (int row = 0; row < n; row++)
		if (db_is_null(rows, row, 0))
			job->restart_of = opt_int64_of(rows, row, 1);
		else
			job->wait_for.items[job->wait_for.len++] =
			    memory_dup(memory, db_text(rows, row, 0));
	db_result_free(rows);
	return 0;
}

/* The row and what other tables have of the job; *gone_out as in take_place(). */
static int
take_job(struct db *db, const struct db_result *rows, struct memory *memory,
	 struct job_instance *job, bool *gone_out, struct err *err)
{
	struct job_instance_list one = { job, 1 };

	memset(job, 0, sizeof(*job));
	if (take_row(rows, memory, job, err) == -1 ||
	    take_names(db, rows, memory, job, err) == -1 ||
	    take_place(db, rows, memory, job, gone_out, err) == -1)
		return -1;
	if (db_bool(rows, 0, COL_HAS_LINKS) && take_links(db, memory, job, err) == -1)
		return -1;
	if (db_bool(rows, 0, COL_HAS_MESSAGES) && message_read_for(db, &one, memory, err) == -1)
		return -1;
	return job_attempt_read_for(db, &one, memory, err);
}

/* How a row is read, and how it is asked whether it is the same. */
struct way {
	const struct db_stmt *read, *same;
};

/* The row as this connection has read it before, if the table has it so; *rows_out NULL: it is to be read. */
static int
read_kept(struct db *db, const struct way *way, int64_t id, const struct db_result **rows_out,
	  struct err *err)
{
	const struct db_result *kept = job_row_kept(db_serial(db), way->read, id);
	char text[INT_PARAM_SIZE];
	struct db_result *same = NULL;

	*rows_out = NULL;
	if (kept == NULL)
		return 0;
	if (db_exec(db, way->same,
		    (const char *const[]){ int_param(text, id), db_text(kept, 0, COL_ROW_BY),
					   db_text(kept, 0, COL_ROW_AT) },
		    &same, err) == -1)
		return -1;
	/* a new connection may have answered, where that version may be of another row */
	if (db_rows(same) == 1)
		*rows_out = job_row_kept(db_serial(db), way->read, id);
	db_result_free(same);
	return 0;
}

static int
read_with(struct db *db, const struct way *way, int64_t id, struct memory *memory,
	  struct job_instance *out, bool *found_out, struct err *err)
{
	char text[INT_PARAM_SIZE];
	const struct db_result *kept;
	struct db_result *rows = NULL;
	unsigned serial;
	bool gone = true;
	int rc = 0;

	*found_out = false;
	if (read_kept(db, way, id, &kept, err) == -1)
		return -1;
	if (kept != NULL) {
		rc = take_job(db, kept, memory, out, &gone, err);
	} else if (db_exec(db, way->read, (const char *const[]){ int_param(text, id) }, &rows,
			   err) == -1) {
		return -1;
	} else if (db_rows(rows) == 1) {
		serial = db_serial(db); /* of the rows: what else is asked may need another */
		rc = take_job(db, rows, memory, out, &gone, err);
		job_row_keep(serial, way->read, id, rows,
			     strlen(db_jsonb(rows, 0, COL_PARAMETERS)));
	} else {
		db_result_free(rows);
	}
	*found_out = !gone;
	return rc;
}

int
job_row_read_live(struct db *db, int64_t id, struct memory *memory, struct job_instance *out,
		  bool *found_out, struct err *err)
{
	static const struct way way = { &live_stmt, &live_same_stmt };

	return read_with(db, &way, id, memory, out, found_out, err);
}

/* The statement of a partition. */
struct partition {
	const struct db *db;
	int64_t number; /* + 1; 0: the place is free */
	int64_t absent_until_ms; /* monotonic: there is none */
	struct db_stmt stmt, same;
	char name[NAME_SIZE], text[TEXT_SIZE], same_name[NAME_SIZE], same_text[TEXT_SIZE];
};

static struct partition *
partition_of(struct db *db, int64_t id)
{
	static struct partition partitions[PARTITIONS];
	static unsigned editions;
	int64_t number = id / PARTITION_IDS;
	struct partition *partition = &partitions[number % PARTITIONS];

	if (partition->number == number + 1 && partition->db == db)
		return partition;
	if (partition->number != 0 && partition->db == db) {
		db_forget(db, &partition->stmt);
		db_forget(db, &partition->same);
	}
	partition->db = db;
	partition->number = number + 1;
	partition->absent_until_ms = 0;
	(void)snprintf(partition->name, NAME_SIZE, "job_row_past_%u", ++editions);
	(void)snprintf(partition->text, TEXT_SIZE, PAST_FORMAT, number * PARTITION_IDS);
	partition->stmt = (struct db_stmt){
		.name = partition->name,
		.text = partition->text,
		.n_params = 1,
		.read_only = true,
		.edition = editions,
		.binary = true,
		.takes_gate = true,
	};
	(void)snprintf(partition->same_name, NAME_SIZE, "job_row_past_same_%u", editions);
	(void)snprintf(partition->same_text, TEXT_SIZE, PAST_SAME_FORMAT, number * PARTITION_IDS);
	partition->same = (struct db_stmt){
		.name = partition->same_name,
		.text = partition->same_text,
		.n_params = 3,
		.read_only = true,
		.edition = editions,
		.takes_gate = true,
	};
	return partition;
}

int
job_row_read_past(struct db *db, int64_t id, struct memory *memory, struct job_instance *out,
		  bool *found_out, struct err *err)
{
	struct partition *partition;

	*found_out = false;
	if (id < 0)
		return 0;
	partition = partition_of(db, id);
	if (partition->absent_until_ms > clock_mono_ms())
		return 0;
	if (read_with(db, &(const struct way){ &partition->stmt, &partition->same }, id, memory,
		      out, found_out, err) == 0)
		return 0;
	if (!db_lacks_table(db))
		return -1;
	/* The partition is not made yet, or purged; whoever looks further says so if it was another table. */
	err_clear(err);
	partition->absent_until_ms = clock_mono_ms() + ABSENT_MS;
	return 0;
}
