/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/authn.h"

#include <stddef.h>
#include <string.h>

#include "base/err.h"
#include "fcgi/authz.h"
#include "fcgi/exchange.h"
#include "fcgi/route.h"

/* What a caller sends on purpose goes before what a browser sends by itself. */
static authn_method *const methods[] = {
	authn_certificate,
	authn_basic,
	authn_session,
	authn_open,
};

int
authn_refuse(struct exchange *x, struct err *err)
{
	x->response.refusal = REFUSAL_CREDENTIALS;
	return err_set(err, ERR_DENIED,
		       "login or password is wrong, or the account is locked or expired");
}

int
authn_refuse_for(struct exchange *x, int wait_s, struct err *err)
{
	x->response.refusal = REFUSAL_RATE;
	x->response.retry_after_s = wait_s;
	return err_set(err, ERR_BUSY, "too many failed logins: wait %d seconds", wait_s);
}

static void
be_nobody(struct exchange *x)
{
	static const char *const no_permissions[] = { NULL };

	memset(&x->identity, 0, sizeof(x->identity));
	x->identity.login = "";
	x->identity.job_user = "";
	x->identity.permissions = no_permissions;
}

int
authn_identify(struct exchange *x, struct err *err)
{
	be_nobody(x);
	if (authz_is_public(x))
		return 0;
	if (x->route != NULL && x->route->permission != NULL &&
	    strcmp(x->route->permission, PERMISSION_NODE) == 0)
		return authn_node(x, err) == AUTHN_IS ? 0 : -1;
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		enum authn_verdict verdict = methods[i](x, err);

		if (verdict != AUTHN_NOT_MINE)
			return verdict == AUTHN_IS ? 0 : -1;
	}
	x->response.refusal = REFUSAL_CREDENTIALS;
	return err_set(err, ERR_DENIED, "log in first");
}
