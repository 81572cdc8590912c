/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi/session.h: the session of a browser, which is a cookie.
 *
 * Under TLS the cookie is called __Host-jqm-session, so that no other host and no clear connection can set it; on a
 * clear connection, where browsers would refuse that name, jqm-session.  Only the name that fits the
 * connection is looked at, and only sessions that were begun over such a connection count there: the token of one
 * begun in clear may be known to who listened.
 */
#ifndef FCGI_SESSION_H
#define FCGI_SESSION_H

#include <stdbool.h>
#include <stdint.h>

struct err;
struct exchange;

#define SESSION_TOKEN_CHARS 43 /* 256 random bits */
#define SESSION_HASH_SIZE 65

/* The hash of the token in the request's cookie; false: there is none, or it is none of ours by its looks. */
bool session_presented(const struct exchange *x, char hash_out[SESSION_HASH_SIZE]);

/*
 * Begin a session of the account in that version, under a new token, in place of the one that was
 * presented; the answer sets the cookie.  1; 0: the account has changed meanwhile or has no
 * sessions; -1 with err.
 */
int session_open(struct exchange *x, int64_t account_id, int64_t version, struct err *err);

/* End the one that was presented, if it is one; the answer takes the cookie away. */
int session_close(struct exchange *x, struct err *err);

#endif
