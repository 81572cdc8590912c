/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/error_response.h: from an error to status and body; the only such mapping. */
#ifndef FCGI_ERROR_RESPONSE_H
#define FCGI_ERROR_RESPONSE_H

struct err;
struct exchange;

/*
 * Replace whatever answer there is by the one err asks for: JQM's error object in JSON, whatever
 * Accept says.  Headers a handler had set are dropped; Allow, WWW-Authenticate and Retry-After come
 * from here.  The words of ERR_INTERNAL, ERR_UNCERTAIN and of an ERR_BUSY without an error code of
 * its own stay in our log: the body names the request id they are logged under.
 */
void error_response_build(struct exchange *x, const struct err *err);

#endif
