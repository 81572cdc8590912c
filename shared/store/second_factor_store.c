/* SPDX-License-Identifier: Apache-2.0 */
#include "store/second_factor_store.h"

#include <string.h>

#include "db/db.h"
#include "model/memory.h"
#include "store/int_param.h"

DB_STMT(read_stmt) = {
	.name = "second_factor_read",
	.text = "SELECT encode(secret, 'hex'), confirmed, last_step, cardinality(recovery)"
		"  FROM jqm.account_totp WHERE account_id = $1",
	.n_params = 1,
	.read_only = true,
};

DB_STMT(enrol_stmt) = {
	.name = "second_factor_enrol",
	.text = "SELECT jqm.totp_enrol($1, decode($2, 'hex'))",
	.n_params = 2,
};

DB_STMT(confirm_stmt) = {
	.name = "second_factor_confirm",
	.text = "SELECT jqm.totp_confirm($1, decode($2, 'hex'), $3, $4, $5)",
	.n_params = 5,
};

DB_STMT(try_stmt) = {
	.name = "second_factor_try",
	.text = "SELECT jqm.totp_try($1)",
	.n_params = 1,
};

DB_STMT(use_stmt) = {
	.name = "second_factor_use",
	.text = "SELECT jqm.totp_use($1, $2)",
	.n_params = 2,
};

DB_STMT(use_recovery_stmt) = {
	.name = "second_factor_use_recovery",
	.text = "SELECT jqm.totp_use_recovery($1, decode($2, 'hex'))",
	.n_params = 2,
};

DB_STMT(drop_stmt) = {
	.name = "second_factor_drop",
	.text = "SELECT jqm.totp_drop($1)",
	.n_params = 1,
};

int
second_factor_read(struct db *db, int64_t account_id, struct memory *memory,
		   struct second_factor_row *out, struct err *err)
{
	char account[INT_PARAM_SIZE];
	struct db_result *rows = NULL;

	memset(out, 0, sizeof(*out));
	if (db_exec(db, &read_stmt, (const char *const[]){ int_param(account, account_id) }, &rows,
		    err) == -1)
		return -1;
	if (db_rows(rows) == 1) {
		out->secret = memory_dup(memory, db_text(rows, 0, 0));
		out->confirmed = db_bool(rows, 0, 1);
		out->last_step = db_int64(rows, 0, 2);
		out->recovery_codes_left = db_int64(rows, 0, 3);
	}
	db_result_free(rows);
	return 0;
}

/* A statement that says whether it did it, of an account and what else it wants. */
static int
ask(struct db *db, const struct db_stmt *stmt, int64_t account_id, const char *second,
    const char *third, const char *fourth, const char *fifth, struct err *err)
{
	char account[INT_PARAM_SIZE];
	const char *params[] = { int_param(account, account_id), second, third, fourth, fifth };
	struct db_result *rows = NULL;
	int done;

	if (db_exec(db, stmt, params, &rows, err) == -1)
		return -1;
	done = db_bool(rows, 0, 0);
	db_result_free(rows);
	return done;
}

int
second_factor_enrol(struct db *db, int64_t account_id, const char *secret, struct err *err)
{
	return ask(db, &enrol_stmt, account_id, secret, NULL, NULL, NULL, err);
}

int
second_factor_confirm(struct db *db, int64_t account_id, const char *secret, int64_t step,
		      const char *recovery, int64_t session_id, struct err *err)
{
	char text[INT_PARAM_SIZE], session[INT_PARAM_SIZE];

	return ask(db, &confirm_stmt, account_id, secret, int_param(text, step), recovery,
		   int_param(session, session_id), err);
}

int
second_factor_try(struct db *db, int64_t account_id, int *wait_s_out, struct err *err)
{
	char account[INT_PARAM_SIZE];
	struct db_result *rows = NULL;

	if (db_exec(db, &try_stmt, (const char *const[]){ int_param(account, account_id) }, &rows,
		    err) == -1)
		return -1;
	*wait_s_out = (int)db_int64(rows, 0, 0);
	db_result_free(rows);
	return 0;
}

int
second_factor_use(struct db *db, int64_t account_id, int64_t step, struct err *err)
{
	char text[INT_PARAM_SIZE];

	return ask(db, &use_stmt, account_id, int_param(text, step), NULL, NULL, NULL, err);
}

int
second_factor_use_recovery(struct db *db, int64_t account_id, const char *hash, struct err *err)
{
	return ask(db, &use_recovery_stmt, account_id, hash, NULL, NULL, NULL, err);
}

int
second_factor_drop(struct db *db, int64_t account_id, struct err *err)
{
	return ask(db, &drop_stmt, account_id, NULL, NULL, NULL, NULL, err);
}
