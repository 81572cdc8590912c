/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/authn_job_token.c: a job speaks for itself, with the token of its environment. */
#include "fcgi/authn.h"

#include <inttypes.h>

#include "db/db.h"
#include "fcgi/audit.h"
#include "fcgi/authn_account.h"
#include "fcgi/basic_auth.h"
#include "fcgi/exchange.h"

/* No row: no such job, or not its token.  Else one for each permission of the account behind it. */
DB_STMT(job_of_token) = {
	.name = "authn_job_of_token",
	.text = "SELECT " AUTHN_ACCOUNT_COLUMNS ","
		"       t.user_name, t.attempt, t.submitted_by, t.account_id IS NOT NULL"
		"  FROM jqm.job_of_token($1, $2) AS t"
		"  LEFT JOIN jqm.account AS a ON a.id = t.account_id" AUTHN_ACCOUNT_PERMISSIONS,
	.n_params = 2,
	.read_only = true,
};
enum { COL_USER = AUTHN_ACCOUNT_COLUMNS_LEN, COL_ATTEMPT, COL_SUBMITTED_BY, COL_HAS_ACCOUNT };

/* A job works for an account as long as that may log in, under the name and with the permissions it has now. */
static int
take_row(struct exchange *x, const struct db_result *rows, struct identity *out)
{
	struct account account;

	authn_account_take(x, rows, &account);
	out->job_user = exchange_strdup(x, db_text(rows, 0, COL_USER));
	out->job_attempt = db_int64(rows, 0, COL_ATTEMPT);
	if (!db_bool(rows, 0, COL_HAS_ACCOUNT)) {
		if (!db_is_null(rows, 0, COL_SUBMITTED_BY))
			out->job_submitter = exchange_strdup(x, db_text(rows, 0, COL_SUBMITTED_BY));
		return 0;
	}
	out->job_submitter = account.login;
	out->job_account_id = account.id;
	out->job_permissions = account.permissions;
	return account.usable ? 0 : -1;
}

int
authn_job_token(struct exchange *x, const struct basic_auth *auth, int64_t job_id, struct err *err)
{
	const char *id = exchange_printf(x, "%" PRId64, job_id);
	struct identity job = x->identity;
	struct db_result *rows = NULL;
	int rc;

	x->tried_login = exchange_strdup(x, auth->login);

	if (db_exec(x->db, &job_of_token, (const char *const[]){ id, auth->password }, &rows,
		    err) == -1)
		return -1;
	rc = db_rows(rows) > 0 ? take_row(x, rows, &job) : -1;
	db_result_free(rows);
	if (rc == -1)
		return authn_refuse(x, err);
	job.kind = IDENTITY_JOB;
	job.login = exchange_printf(x, "job-%" PRId64, job_id);
	job.job_id = job_id;
	job.credential = "token";
	x->identity = job;
	audit_say_who(x);
	return 0;
}
