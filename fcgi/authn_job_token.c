/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/authn_job_token.c: a job speaks for itself, with the token of its environment. */
#include "fcgi/authn.h"

#include <inttypes.h>

#include "db/db.h"
#include "fcgi/audit.h"
#include "fcgi/basic_auth.h"
#include "fcgi/exchange.h"

/* No row: no such job, or not its token. */
DB_STMT(job_of_token) = {
	.name = "authn_job_of_token",
	.text = "SELECT user_name, attempt, submitted_by FROM jqm.job_of_token($1, $2)",
	.n_params = 2,
	.read_only = true,
};

int
authn_job_token(struct exchange *x, const struct basic_auth *auth, int64_t job_id, struct err *err)
{
	const char *id = exchange_printf(x, "%" PRId64, job_id);
	struct db_result *rows = NULL;
	const char *user = NULL;

	x->tried_login = exchange_strdup(x, auth->login);

	if (db_exec(x->db, &job_of_token, (const char *const[]){ id, auth->password }, &rows,
		    err) == -1)
		return -1;
	if (db_rows(rows) == 1) {
		user = exchange_strdup(x, db_text(rows, 0, 0));
		x->identity.job_attempt = db_int64(rows, 0, 1);
		if (!db_is_null(rows, 0, 2))
			x->identity.job_submitter = exchange_strdup(x, db_text(rows, 0, 2));
	}
	db_result_free(rows);
	if (user == NULL)
		return authn_refuse(x, err);
	x->identity.kind = IDENTITY_JOB;
	x->identity.login = exchange_printf(x, "job-%" PRId64, job_id);
	x->identity.job_id = job_id;
	x->identity.job_user = user;
	x->identity.credential = "token";
	audit_say_who(x);
	return 0;
}
