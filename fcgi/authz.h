/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/authz.h: may this identity use this route? */
#ifndef FCGI_AUTHZ_H
#define FCGI_AUTHZ_H

#include <stdbool.h>

struct err;
struct exchange;

/*
 * Step: x->identity against x->route->permission.  0, or -1 with ERR_DENIED naming the permission.
 * A route without permission is closed to all; a job's token opens for_jobs routes and no others.
 */
int authz_permit(struct exchange *x, struct err *err);

/* Does the identity hold one of the permissions of "a|b"? */
struct identity;
bool authz_holds(const struct identity *identity, const char *permission);

/*
 * Does the permission granted include the one wanted?  "object:verb"; "a,b" means both; "*"
 * means any; fewer parts mean all of the rest; case and blanks around do not matter.
 */
bool authz_includes(const char *granted, const char *wanted);

#endif
