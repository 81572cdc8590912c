/* SPDX-License-Identifier: Apache-2.0 */
/* store/job_def_store.h: job definitions, and what else a descriptor describes, into the database. */
#ifndef STORE_JOB_DEF_STORE_H
#define STORE_JOB_DEF_STORE_H

#include <stdint.h>

struct db;
struct err;
struct job_def_set;
struct memory;
struct problem_list;
struct transfer_report;
struct transfer_wish;

/*
 * Store all of set, or nothing, in one transaction.  Everything is found by name or created:
 *	contexts	every member is replaced
 *	definitions	every member the set knows is replaced, parameters as a whole; an existing
 *			definition keeps its queue, and, unless the set says them, enabled, external, Java
 *			options and priority
 *	queues		one that a new definition names and nobody knows is created
 * 0 and *out (in memory); -1 and nothing changed: ERR_INVALID (a context nobody knows, no default
 * queue for a definition that names none; problems, emptied before, has those of all definitions), else as
 * transfer_store_run().
 */
int job_def_store_import(struct db *db, const struct job_def_set *set,
			 const struct transfer_wish *wish, struct memory *memory,
			 struct transfer_report *out, struct problem_list *problems,
			 struct err *err);

/*
 * One definition (ERR_NOT_FOUND) and the context it names, or with id JOB_DEF_ALL all of them, by path, and all contexts.  As
 * job_def_store_import() would take them: a definition is not said to be enabled or not external, only the contrary.
 */
#define JOB_DEF_ALL (-1)
int job_def_store_export(struct db *db, int64_t id, struct memory *memory, struct job_def_set *out,
			 struct err *err);

#endif
