/* SPDX-License-Identifier: Apache-2.0 */
/* store/deliverable_store.h: files jobs left. */
#ifndef STORE_DELIVERABLE_STORE_H
#define STORE_DELIVERABLE_STORE_H

#include <stdint.h>

struct db;
struct deliverable;
struct deliverable_list;
struct err;
struct memory;

/* Files of a job, by id; none is not an error, nor is an unknown job. */
int deliverable_list_of_job(struct db *db, int64_t job_id, struct memory *memory,
			    struct deliverable_list *out, struct err *err);

/* ERR_NOT_FOUND; ERR_INVALID: guid has not the form of one. */
int deliverable_by_id(struct db *db, int64_t id, struct memory *memory, struct deliverable *out,
		      struct err *err);
int deliverable_by_random_id(struct db *db, const char *guid, struct memory *memory,
			     struct deliverable *out, struct err *err);

#endif
