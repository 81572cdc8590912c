/* SPDX-License-Identifier: Apache-2.0 */
#include "store/job_members.h"

#include "db/db.h"
#include "model/job_instance.h"
#include "model/memory.h"
#include "store/opt_value.h"

/* In the order of JOB_MEMBERS. */
enum {
	COL_ID,
	COL_PARENT,
	COL_SESSION,
	COL_TRACE,
	COL_STATE,
	COL_PRIORITY,
	COL_KEYWORD1,
	COL_KEYWORD2,
	COL_KEYWORD3,
	COL_MODULE,
	COL_EMAIL,
	COL_APPLICATION,
	COL_PROGRESS,
	COL_HIGHLANDER,
	COL_FROM_SCHEDULE,
	COL_EXIT_CODE,
	COL_SIGNAL,
	COL_REASON,
	COL_ATTEMPT,
	COL_ATTEMPTS_MAX,
	COL_FAILURES,
	COL_NODE_LOSSES,
	COL_SCHEDULE_ID,
	COL_CONCURRENCY_KEY,
	COLS
};
_Static_assert(COLS == JOB_MEMBERS_LEN, "a member without a column, or a column without a member");

void
job_members_take(const struct db_result *rows, int row, struct memory *memory,
		 struct job_instance *job)
{
#define TEXT(column) memory_dup(memory, db_text(rows, row, column))
	job->id = db_int64(rows, row, COL_ID);
	job->parent = db_int64(rows, row, COL_PARENT);
	job->session_id = TEXT(COL_SESSION);
	job->trace_id = TEXT(COL_TRACE);
	job->state = job_state_from_name(db_text(rows, row, COL_STATE));
	job->priority = opt_int64_of(rows, row, COL_PRIORITY);
	if (job->priority.value <= 0)
		job->priority = (struct opt_int64){ false, 0 };
	job->keyword1 = TEXT(COL_KEYWORD1);
	job->keyword2 = TEXT(COL_KEYWORD2);
	job->keyword3 = TEXT(COL_KEYWORD3);
	job->module = TEXT(COL_MODULE);
	job->email = TEXT(COL_EMAIL);
	job->application = TEXT(COL_APPLICATION);
	job->progress = db_int64(rows, row, COL_PROGRESS);
	job->highlander = db_bool(rows, row, COL_HIGHLANDER);
	job->from_schedule = db_bool(rows, row, COL_FROM_SCHEDULE);
	job->exit_code = opt_int64_of(rows, row, COL_EXIT_CODE);
	job->signal = opt_int64_of(rows, row, COL_SIGNAL);
	job->end_reason = TEXT(COL_REASON);
	job->attempt = db_int64(rows, row, COL_ATTEMPT);
	job->max_attempts = db_int64(rows, row, COL_ATTEMPTS_MAX);
	job->failures = db_int64(rows, row, COL_FAILURES);
	job->node_losses = db_int64(rows, row, COL_NODE_LOSSES);
	job->schedule_id = opt_int64_of(rows, row, COL_SCHEDULE_ID);
	job->concurrency_key = TEXT(COL_CONCURRENCY_KEY);
#undef TEXT
}
