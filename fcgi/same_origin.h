/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi/same_origin.h: a browser sends the password it remembers with any page's request, so a page
 * of another site could give orders in its user's name.  Browsers say where a request comes from.
 */
#ifndef FCGI_SAME_ORIGIN_H
#define FCGI_SAME_ORIGIN_H

#include <stdbool.h>

struct err;
struct exchange;

/* Does it come from one of our own pages, the user's own hand, or no browser? */
bool same_origin_is_ours(const struct exchange *x);

/*
 * Step: 0 when the request only reads, comes from one of our own pages, was typed by the user, or
 * from no browser (neither Sec-Fetch-Site nor Origin).  Else -1 with ERR_DENIED.
 */
int same_origin_check(struct exchange *x, struct err *err);

/*
 * For orders with a session, which a browser sends along by itself: does the browser say that a page of ours,
 * reached the same way, gives it?  Also true of requests that only read, and of JQM's Java client, which has sessions:
 * a page that made a browser name itself so would have its Origin told.
 */
struct request;
bool same_origin_proven(const struct request *request);

#endif
