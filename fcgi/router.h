/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/router.h: which route a request means. */
#ifndef FCGI_ROUTER_H
#define FCGI_ROUTER_H

#include <stddef.h>

struct err;
struct exchange;
struct route;

/*
 * Step: find the route of x->request in the table of route_table.c.  It does not answer 404 or 405:
 * who asks is not known yet.  Success: x->route and x->path_values are set and response.allow is NULL; or x->route is
 * NULL and response.allow names the methods of a known path, or is NULL for an unknown one.
 * A doubled or a trailing slash changes nothing.  HEAD finds what GET finds.
 * Failure: ERR_INVALID, the path has a broken escape, bytes that are no UTF-8, a "." or ".." segment
 * or too many segments.
 */
int router_match(struct exchange *x, struct err *err);

/* How long the database may be silent while this request is answered (struct route); nothing is matched yet. */
int router_patience_s(const struct exchange *x);

/* The same in any table, for tests. */
int router_find(const struct route *table, size_t len, struct exchange *x, struct err *err);

/* Step: refuse what router_match() did not find: 404, 405, or 1 after answering OPTIONS. */
int router_require(struct exchange *x, struct err *err);

#endif
