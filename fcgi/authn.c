/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/authn.h"

#include <string.h>

#include "base/err.h"
#include "base/num.h"
#include "base/str.h"
#include "fcgi/basic_auth.h"
#include "fcgi/exchange.h"
#include "fcgi/guards.h"
#include "fcgi/route.h"

#define JOB_LOGIN_PREFIX "job-"

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

/* "job-42": a job with its token.  No account can log in under such a name. */
static bool
is_job_login(const char *login, int64_t *job_id)
{
	return str_starts(login, JOB_LOGIN_PREFIX) &&
	       num_int64(login + strlen(JOB_LOGIN_PREFIX), 1, INT64_MAX, job_id) == 0;
}

/* Judge what the caller says, and count a password that is wrong. */
static int
judge(struct exchange *x, const struct basic_auth *auth, struct err *err)
{
	struct rate_limit *limit = &x->guards->limit;
	int64_t job_id;
	int wait_s, rc;

	/* A token cannot be guessed: wrong ones make nobody wait, neither the job nor the address. */
	if (is_job_login(auth->login, &job_id))
		return authn_job_token(x, auth, job_id, err);
	wait_s = rate_limit_pair_wait_s(limit, auth->login, x->request.remote_addr);
	if (wait_s > 0)
		return authn_refuse_for(x, wait_s, err);
	rc = authn_password(x, auth, err);
	if (rc == 0)
		rate_limit_succeeded(limit, auth->login, x->request.remote_addr);
	else if (x->response.refusal == REFUSAL_CREDENTIALS)
		rate_limit_failed(limit, auth->login, x->request.remote_addr);
	return rc;
}

int
authn_identify(struct exchange *x, struct err *err)
{
	struct basic_auth auth;
	int rc;

	be_nobody(x);
	if (x->route != NULL && x->route->permission != NULL &&
	    strcmp(x->route->permission, PERMISSION_PUBLIC) == 0)
		return 0;
	if (authn_has_certificate(x))
		return authn_certificate(x, err);
	if (x->request.authorization == NULL) {
		x->response.refusal = REFUSAL_CREDENTIALS;
		return err_set(err, ERR_DENIED, "log in first");
	}
	if (basic_auth_parse(x->request.authorization, &auth, err) == 0) {
		rc = judge(x, &auth, err);
	} else {
		x->response.refusal = REFUSAL_CREDENTIALS;
		rc = -1;
	}
	explicit_bzero(&auth, sizeof(auth));
	return rc;
}
