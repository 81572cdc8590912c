/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/login.h: somebody says who he is, with all that is asked, and gets a session. */
#ifndef FCGI_LOGIN_H
#define FCGI_LOGIN_H

struct account;
struct err;
struct exchange;
struct login;

/*
 * The caller's password once more, and the code if the account has a second factor, before something that whoever
 * finds an open session may not do.  0 and *out; -1: what authn_password() says, or with REFUSAL_CREDENTIALS and
 * the key "secondFactorNeeded" when only the code is missing.
 */
int login_check(struct exchange *x, const struct login *login, struct account *out,
		struct err *err);

/* The same, or a link of "jqm up" instead, and begin a session: x->identity, and the answer's cookie.  Technical accounts have none. */
int login_open(struct exchange *x, const struct login *login, struct err *err);

#endif
