/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi/conditional.h: ETag, If-None-Match, If-Match (RFC 9110, 8.8.3 and 13.1).
 *
 * An ETag of ours is "STATE.BYTES": the state a writer must know, for If-Match, and a digest of this very
 * answer, for If-None-Match.  What changes by itself (a heartbeat, a count of jobs) is no new state, but
 * it is a new answer, and so is what another login may see.
 */
#ifndef FCGI_CONDITIONAL_H
#define FCGI_CONDITIONAL_H

struct err;
struct exchange;

/* The ETag of the answer as it is now: state (no '.', no quote; "" when there is none) and a digest of the body.  0, or
 * -1 with ERR_INTERNAL. */
int conditional_put_etag(struct exchange *x, const char *state, struct err *err);

/* If-Match as the database compares it: the states without the digests.  "" when there is none. */
const char *conditional_states_wanted(struct exchange *x);

/* Step: a GET whose answer's ETag is one of If-None-Match becomes 304 without a body. */
int conditional_check(struct exchange *x, struct err *err);

#endif
