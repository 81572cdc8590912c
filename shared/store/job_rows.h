/* SPDX-License-Identifier: Apache-2.0 */
/* store/job_rows.h: rows of another table for many jobs at once, one statement for all of them. */
#ifndef STORE_JOB_ROWS_H
#define STORE_JOB_ROWS_H

struct db;
struct db_result;
struct db_stmt;
struct err;
struct job_instance;
struct job_instance_list;
struct memory;

/* Rows [from, to) belong to job. */
typedef void job_rows_take(const struct db_result *rows, int from, int to, struct memory *memory,
			   struct job_instance *job);

/*
 * Run stmt, whose only parameter is a bigint[] with the ids of jobs and whose rows have the id first and
 * come sorted by it; call take once for each job of the list that has rows.  No job: no statement.
 */
int job_rows_for_each(struct db *db, const struct db_stmt *stmt, struct job_instance_list *jobs,
		      struct memory *memory, job_rows_take *take, struct err *err);

#endif
