/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/authz.h: may this identity use this route? */
#ifndef FCGI_AUTHZ_H
#define FCGI_AUTHZ_H

#include <stdbool.h>

struct err;
struct exchange;

/*
 * Step: x->identity against x->route->permission.  0, or -1 with ERR_DENIED naming the permission.
 * A route without permission is closed to all; a job's token opens routes for jobs and no others, and enqueues within
 * the limits of the account behind it.  A
 * permission with a limit ("job_instance:read@queue=Q1") opens scoped routes only, and leaves what it and its
 * like are limited to in x->scope; one without a limit goes before all of them.
 */
int authz_permit(struct exchange *x, struct err *err);

/* The same for x->identity, an account, and any permission. */
int authz_permit_account(struct exchange *x, const char *permission, bool scoped, struct err *err);

/* Need nobody log in for x->route: it is public, or may be and is at the moment?  No route: no. */
bool authz_is_public(const struct exchange *x);

/* Does the identity hold one of the permissions of "a|b", without a limit? */
struct identity;
bool authz_holds(const struct identity *identity, const char *permission);

/*
 * Does the permission granted include the one wanted?  "object:verb"; "a,b" means both; "*"
 * means any; fewer parts mean all of the rest; case and blanks around do not matter.  One with a
 * limit includes nothing as a whole.
 */
bool authz_includes(const char *granted, const char *wanted);

#endif
