/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/login_link.h: a link that "jqm up" prints, which logs in once. */
#ifndef FCGI_LOGIN_LINK_H
#define FCGI_LOGIN_LINK_H

struct account;
struct err;
struct exchange;

/*
 * Use the link of that token: 0 and *out, whose link it was.  -1 with REFUSAL_CREDENTIALS for one that is used, over or none, from
 * another machine, or under a name that is not this machine's (the link stays good then); with REFUSAL_RATE when the caller must wait.
 */
int login_link_use(struct exchange *x, const char *token, struct account *out, struct err *err);

#endif
