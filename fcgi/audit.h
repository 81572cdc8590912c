/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi/audit.h: what the web API tells the audit trail: for whom it acts, what was read, what was refused.  What is
 * changed, the database notes by itself (sql/schema/0032), in the transaction that changes it.
 */
#ifndef FCGI_AUDIT_H
#define FCGI_AUDIT_H

#include <stdint.h>

struct err;
struct exchange;
struct text_list;

/* Who asks, as db_set_actor() takes it. */
const char *audit_actor(struct exchange *x);

/* From now on the database knows who asks: address and request, and the identity as far as it is known. */
void audit_say_who(struct exchange *x);

/* A row; pairs: field, value, ...; NULL: none. */
int audit_say(struct exchange *x, const char *action, const char *kind, int64_t object,
	      const char *name, const struct text_list *pairs, struct err *err);

/* Somebody is about to be given a log or a file; the same again within ten minutes is one reading. */
int audit_say_read(struct exchange *x, const char *kind, int64_t object, const char *name,
		   struct err *err);

/* The request has been answered, perhaps refused: failed logins and missing permissions are told, within bounds. */
void audit_say_refused(struct exchange *x, const struct err *err);

#endif
