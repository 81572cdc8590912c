/* SPDX-License-Identifier: Apache-2.0 */
/* store/job_attempt_store.h: attempts of jobs that failed and were followed by another one. */
#ifndef STORE_JOB_ATTEMPT_STORE_H
#define STORE_JOB_ATTEMPT_STORE_H

struct db;
struct err;
struct job_instance_list;
struct memory;

/* Fill in the earlier attempts of each job that has any; one statement at most. */
int job_attempt_read_for(struct db *db, struct job_instance_list *jobs, struct memory *memory,
			 struct err *err);

#endif
