/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi/authn_open.c: nobody needs to log in where global parameter enableWsApiAuth is false: on this machine, and
 * elsewhere only if openBeyondLoopback says so too.
 */
#include "fcgi/authn.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "fcgi/exchange.h"
#include "fcgi/request.h"

/* A page of another site that calls itself by a name of this machine's address (DNS rebinding) asks for its own name. */
static bool
asks_for_loopback(const char *host)
{
	static const char *const names[] = { "localhost", "127.0.0.1", "[::1]" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t len = strlen(names[i]);

		if (strncasecmp(host, names[i], len) == 0 &&
		    (host[len] == '\0' || host[len] == ':'))
			return true;
	}
	return false;
}

enum authn_verdict
authn_open(struct exchange *x, struct err *err)
{
	static const char *const all[] = { "*:*", NULL };

	(void)err;
	if (x->open_to == OPEN_TO_NOBODY ||
	    (x->open_to == OPEN_TO_LOOPBACK &&
	     !(request_is_local(&x->request) && asks_for_loopback(x->request.host))))
		return AUTHN_NOT_MINE;
	x->identity.kind = IDENTITY_ACCOUNT;
	x->identity.login = "anonymous";
	x->identity.permissions = all;
	return AUTHN_IS;
}
