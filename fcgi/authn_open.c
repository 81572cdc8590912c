/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi/authn_open.c: nobody needs to log in where global parameter enableWsApiAuth is false: on this machine, and
 * elsewhere only if openBeyondLoopback says so too.
 *
 * A page of another site whose name was made to mean our address (DNS rebinding) is, to its browser, ours.  But the
 * browser asks for that name: so whoever need not log in must ask for one of ours.
 */
#include "fcgi/authn.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "fcgi/audit.h"
#include "fcgi/exchange.h"
#include "fcgi/request.h"

/* An address is nobody's to bind: a page under it comes from there. */
static bool
is_address(const char *host)
{
	unsigned char address[sizeof(struct in6_addr)];
	char plain[INET6_ADDRSTRLEN + 2];
	size_t len = strlen(host);

	if (inet_pton(AF_INET, host, address) == 1)
		return true;
	if (len < 2 || len >= sizeof(plain) || host[0] != '[' || host[len - 1] != ']')
		return false;
	memcpy(plain, host + 1, len - 2);
	plain[len - 2] = '\0';
	return inet_pton(AF_INET6, plain, address) == 1;
}

static bool
is_own_name(const struct exchange *x, const char *host)
{
	if (strcasecmp(host, "localhost") == 0)
		return true;
	for (size_t i = 0; i < sizeof(x->own_names) / sizeof(x->own_names[0]); i++)
		if (x->own_names[i] != NULL && x->own_names[i][0] != '\0' &&
		    strcasecmp(host, x->own_names[i]) == 0)
			return true;
	return false;
}

/* The Host header's name or address, without the port. */
static const char *
asked_for(struct exchange *x)
{
	const char *host = x->request.host;
	size_t len = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");

	if (strlen(host) < len || (host[len] != '\0' && host[len] != ':'))
		return "";
	return exchange_printf(x, "%.*s", (int)len, host);
}

static bool
is_open(struct exchange *x)
{
	switch (x->open_to) {
	case OPEN_TO_NOBODY:
		return false;
	case OPEN_TO_LOOPBACK:
		return request_asks_for_loopback(&x->request);
	case OPEN_TO_ALL:
		return is_address(asked_for(x)) || is_own_name(x, asked_for(x));
	}
	return false;
}

enum authn_verdict
authn_open(struct exchange *x, struct err *err)
{
	static const char *const all[] = { "*:*", NULL };

	(void)err;
	if (!is_open(x))
		return AUTHN_NOT_MINE;
	x->identity.kind = IDENTITY_ACCOUNT;
	x->identity.login = "anonymous";
	x->identity.permissions = all;
	x->identity.credential = "open";
	audit_say_who(x);
	return AUTHN_IS;
}
