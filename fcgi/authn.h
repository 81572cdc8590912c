/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/authn.h: who is asking. */
#ifndef FCGI_AUTHN_H
#define FCGI_AUTHN_H

#include <stdbool.h>
#include <stdint.h>

struct basic_auth;
struct err;
struct exchange;

/*
 * Step: set x->identity.  A public route gets IDENTITY_NOBODY without any look at credentials;
 * everything else, unknown paths included, needs an identity.  A client certificate goes before a password.  Global parameter enableWsApiAuth is
 * not read: authentication is always on.
 *
 * Failure: 401 (none, wrong, locked, expired: the words do not tell which), 429 with the seconds to
 * wait, ERR_BUSY when too many passwords are being computed, what the database says.
 */
int authn_identify(struct exchange *x, struct err *err);

/*
 * The two ways a login can be meant.  0 and x->identity; or -1: with REFUSAL_CREDENTIALS when login
 * and password do not belong together, REFUSAL_RATE (passwords only) when the address must wait.
 */
int authn_password(struct exchange *x, const struct basic_auth *auth, struct err *err);
int authn_job_token(struct exchange *x, const struct basic_auth *auth, int64_t job_id,
		    struct err *err);

/*
 * Was a certificate shown, good or not?  Then it alone says who asks, as in JQM: x->identity, or -1 with
 * REFUSAL_CREDENTIALS when it is not verified, nobody's, revoked, or its account is locked or expired.
 */
bool authn_has_certificate(const struct exchange *x);
int authn_certificate(struct exchange *x, struct err *err);

/* Set the refusal and the one text all wrong credentials get; -1. */
int authn_refuse(struct exchange *x, struct err *err);

/* Set REFUSAL_RATE; -1. */
int authn_refuse_for(struct exchange *x, int wait_s, struct err *err);

#endif
