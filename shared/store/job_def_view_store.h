/* SPDX-License-Identifier: Apache-2.0 */
/* store/job_def_view_store.h: definitions for who wants to run them. */
#ifndef STORE_JOB_DEF_VIEW_STORE_H
#define STORE_JOB_DEF_VIEW_STORE_H

struct db;
struct err;
struct job_def_view;
struct job_def_view_list;
struct memory;
struct text_list;

/* All of the scope (jqm.in_scope(); NULL: all), or those of it with that application tag, by name. */
int job_def_view_list_all(struct db *db, const struct text_list *scope, struct memory *memory,
			  struct job_def_view_list *out, struct err *err);
int job_def_view_list_of(struct db *db, const struct text_list *scope, const char *application,
			 struct memory *memory, struct job_def_view_list *out, struct err *err);

/* ERR_NOT_FOUND. */
int job_def_view_named(struct db *db, const struct text_list *scope, const char *name,
		       struct memory *memory, struct job_def_view *out, struct err *err);

#endif
