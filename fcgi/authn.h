/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/authn.h: who is asking. */
#ifndef FCGI_AUTHN_H
#define FCGI_AUTHN_H

#include <stdint.h>

struct account;
struct basic_auth;
struct err;
struct exchange;

/*
 * Step: set x->identity.  A public route gets IDENTITY_NOBODY without any look at credentials;
 * everything else, unknown paths included, needs an identity.
 *
 * Failure: 401 (none, wrong, locked, expired: the words do not tell which), 429 with the seconds to
 * wait, 403 for an order in a session that no page of ours gave, ERR_BUSY when too many passwords are being
 * computed, what the database says.
 */
int authn_identify(struct exchange *x, struct err *err);

/*
 * A way to say who one is.  They are asked in the order of authn.c; the first whose credentials the
 * request carries decides, and nobody falls back to another one after a refusal.
 *	AUTHN_NOT_MINE	no such credentials in the request: the next one is asked
 *	AUTHN_IS	x->identity is set
 *	AUTHN_REFUSED	err is set, and x->response.refusal if it was the caller's fault
 */
enum authn_verdict { AUTHN_NOT_MINE, AUTHN_IS, AUTHN_REFUSED };
typedef enum authn_verdict authn_method(struct exchange *x, struct err *err);
authn_method
    authn_certificate; /* a client certificate: not verified, nobody's or revoked, it is refused */
authn_method
    authn_node; /* the certificate of another node, for PERMISSION_NODE: nothing else counts there */
authn_method authn_basic; /* the Authorization header: a password, or a job's token */
authn_method authn_session; /* the cookie of somebody who has logged in */
authn_method authn_open; /* nothing at all, where administrators turned authentication off */

/*
 * login and password against the account of that login, *out.  A password alone is wrong for an account with a
 * second factor, unless the caller asks for that too.  0: right; who is satisfied says so with
 * authn_password_done(), who is not with authn_password_failed().  -1: with REFUSAL_CREDENTIALS when they do not
 * belong together or the account may not log in (counted), REFUSAL_RATE when the caller must wait.
 */
enum authn_factors { AUTHN_PASSWORD_ALONE, AUTHN_PASSWORD_AND_CODE };
int authn_password(struct exchange *x, const char *login, const char *password,
		   enum authn_factors factors, struct account *out, struct err *err);
void authn_password_done(struct exchange *x, const struct account *account);
void authn_password_failed(struct exchange *x, const char *login);

/* A job's number and the token of its environment.  0 and x->identity, or -1 with REFUSAL_CREDENTIALS: also when the account
 * the job works for may not log in any more. */
int authn_job_token(struct exchange *x, const struct basic_auth *auth, int64_t job_id,
		    struct err *err);

/* Set the refusal and the one text all wrong credentials get; -1. */
int authn_refuse(struct exchange *x, struct err *err);

/* Set REFUSAL_RATE; -1. */
int authn_refuse_for(struct exchange *x, int wait_s, struct err *err);

#endif
