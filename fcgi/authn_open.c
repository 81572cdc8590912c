/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi/authn_open.c: nobody needs to log in where global parameter enableWsApiAuth is false: on this machine, and
 * elsewhere only if openBeyondLoopback says so too.
 */
#include "fcgi/authn.h"

#include <stdbool.h>

#include "fcgi/audit.h"
#include "fcgi/exchange.h"
#include "fcgi/request.h"

enum authn_verdict
authn_open(struct exchange *x, struct err *err)
{
	static const char *const all[] = { "*:*", NULL };

	(void)err;
	if (x->open_to == OPEN_TO_NOBODY ||
	    (x->open_to == OPEN_TO_LOOPBACK && !request_asks_for_loopback(&x->request)))
		return AUTHN_NOT_MINE;
	x->identity.kind = IDENTITY_ACCOUNT;
	x->identity.login = "anonymous";
	x->identity.permissions = all;
	x->identity.credential = "open";
	audit_say_who(x);
	return AUTHN_IS;
}
