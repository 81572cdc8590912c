/* SPDX-License-Identifier: Apache-2.0 */
/* store/audit_store.h: the audit trail: what the web API adds to it, and how it is read. */
#ifndef STORE_AUDIT_STORE_H
#define STORE_AUDIT_STORE_H

#include <stdint.h>

struct audit_filter;
struct audit_state;
struct db;
struct err;
struct memory;
struct text_list;

/* A row: object 0 and name NULL: none; pairs: field, value, field, value, ...; NULL: none. */
int audit_note(struct db *db, struct memory *memory, const char *action, const char *kind,
	       int64_t object, const char *name, const struct text_list *pairs, struct err *err);

/* A login that failed; of a login that is none only that much is told.  left_out: rows like it that were not written. */
int audit_login_failed(struct db *db, const char *login, const char *why, int64_t left_out,
		       struct err *err);

/*
 * At most limit rows of those the filter fits, newest first, each as JSON, separator between them: *text_out.
 * *next_out: what filter->before has to be for those behind them; NULL: there are none.
 */
int audit_page_read(struct db *db, struct memory *memory, const struct audit_filter *filter,
		    int64_t limit, const char *separator, const char **text_out,
		    const char **next_out, struct err *err);

/* How far the trail is sealed.  0 or -1. */
int audit_state_read(struct db *db, struct memory *memory, struct audit_state *out,
		     struct err *err);

/* The piece of the chain behind that seal (jqm.audit_chain()); *next_out: the seal it ends with; 0: it was the last. */
int audit_chain_read(struct db *db, struct memory *memory, int64_t after, int64_t unsealed_max,
		     const char **text_out, int64_t *next_out, struct err *err);

#endif
