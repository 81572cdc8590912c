/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/job_members.h: what every row of a job says by itself, whichever view or table it is of, for statements that read
 * whole jobs.  Names and dates come to each in its own form, and are not among these.
 */
#ifndef STORE_JOB_MEMBERS_H
#define STORE_JOB_MEMBERS_H

struct db_result;
struct job_instance;
struct memory;

/* The first columns of such a statement. */
#define JOB_MEMBERS                                                                   \
	"id, parent_id, session_key, trace_id, state, priority, keyword1, keyword2,"  \
	" keyword3, module, email, application, progress, highlander, from_schedule," \
	" exit_code, signal, reason, attempt, attempts_max, failures, node_losses,"   \
	" schedule_id, concurrency_key"

/* How many these are: the number of the next column. */
#define JOB_MEMBERS_LEN 24

/* Those of a row into job; texts are copied to memory. */
void job_members_take(const struct db_result *rows, int row, struct memory *memory,
		      struct job_instance *job);

#endif
