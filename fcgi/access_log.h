/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/access_log.h: one line per request. */
#ifndef FCGI_ACCESS_LOG_H
#define FCGI_ACCESS_LOG_H

struct err;
struct exchange;

/*
 * Log who asked for what and how it ended, with err's words if it failed; level ERROR for what is our
 * fault.  Never the query string, a header or a body: they may hold secrets.
 */
void access_log_write(struct exchange *x, const struct err *err);

#endif
