/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/authn_basic.c: login and password (or a job and its token) in the Authorization header. */
#include "fcgi/authn.h"

#include <stdbool.h>
#include <string.h>

#include "base/num.h"
#include "base/str.h"
#include "fcgi/authn_account.h"
#include "fcgi/basic_auth.h"
#include "fcgi/exchange.h"

#define JOB_LOGIN_PREFIX "job-"

/* "job-42": a job with its token.  No account can log in under such a name. */
static bool
is_job_login(const char *login, int64_t *job_id)
{
	return str_starts(login, JOB_LOGIN_PREFIX) &&
	       num_int64(login + strlen(JOB_LOGIN_PREFIX), 1, INT64_MAX, job_id) == 0;
}

static int
judge(struct exchange *x, const struct basic_auth *auth, struct err *err)
{
	struct account account;
	int64_t job_id;

	/* A token cannot be guessed: wrong ones make nobody wait, neither the job nor the address. */
	if (is_job_login(auth->login, &job_id))
		return authn_job_token(x, auth, job_id, err);
	if (authn_password(x, auth->login, auth->password, AUTHN_PASSWORD_ALONE, &account, err) ==
	    -1)
		return -1;
	authn_account_enter(x, &account, "password");
	authn_password_done(x, &account);
	x->identity.by_password = true;
	return 0;
}

enum authn_verdict
authn_basic(struct exchange *x, struct err *err)
{
	struct basic_auth auth;
	int rc = -1;

	if (x->request.authorization == NULL)
		return AUTHN_NOT_MINE;
	if (basic_auth_parse(x->request.authorization, &auth, err) == 0)
		rc = judge(x, &auth, err);
	else
		x->response.refusal = REFUSAL_CREDENTIALS;
	explicit_bzero(&auth, sizeof(auth));
	return rc == 0 ? AUTHN_IS : AUTHN_REFUSED;
}
