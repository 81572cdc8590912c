/* SPDX-License-Identifier: Apache-2.0 */
#include "store/certificate_store.h"

#include "base/err.h"
#include "db/db.h"
#include "model/certificate.h"
#include "model/memory.h"
#include "store/int_param.h"
#include "store/opt_value.h"

DB_STMT(signer_stmt) = {
	.name = "certificate_signer",
	.text = "SELECT root_id, certificate, key FROM jqm.pki_signer()",
	.read_only = true,
};
DB_STMT(login_stmt) = {
	.name = "certificate_login",
	.text = "SELECT jqm.certificate_login($1)",
	.n_params = 1,
	.read_only = true,
};
DB_STMT(add_stmt) = {
	.name = "certificate_add",
	.text = "SELECT jqm.certificate_add($1, $2, $3, $4, to_timestamp($5::bigint), $6,"
		" nullif($7::bigint, 0))",
	.n_params = 7,
};
DB_STMT(revoke_stmt) = {
	.name = "certificate_revoke",
	.text = "SELECT jqm.certificate_revoke($1, $2, $3)",
	.n_params = 3,
};
DB_STMT(list_stmt) = {
	.name = "certificate_list",
	.text = "SELECT id, account_id, name, kind, serial, fingerprint, " DB_US(
	    "issued_at") ","
			 "       issued_by, " DB_US("not_after") ", " DB_US(
			     "revoked_at") ", revoked_by, reason"
					   "  FROM jqm.certificate_list(nullif($1::bigint, 0), "
					   "nullif($2::bigint, 0))",
	.n_params = 2,
	.read_only = true,
};
DB_STMT(roots_stmt) = {
	.name = "certificate_roots",
	.text = "SELECT certificate FROM jqm.pki_trust()",
	.read_only = true,
};
DB_STMT(lists_stmt) = {
	.name = "certificate_crls",
	.text = "SELECT crl FROM jqm.pki_trust() WHERE crl IS NOT NULL",
	.read_only = true,
};
DB_STMT(crl_stmt) = {
	.name = "certificate_crl",
	.text = "SELECT crl FROM jqm.pki_trust() WHERE root_id = $1 AND crl IS NOT NULL",
	.n_params = 1,
	.read_only = true,
};
DB_STMT(parameter_stmt) = {
	.name = "certificate_parameter",
	.text = "SELECT jqm.parameter_is_on($1, false)",
	.n_params = 1,
	.read_only = true,
};

int
certificate_signer_read(struct db *db, struct memory *memory, struct certificate_signer *out,
			struct err *err)
{
	struct db_result *rows = NULL;

	if (db_exec(db, &signer_stmt, NULL, &rows, err) == -1)
		return -1;
	out->root_id = db_int64(rows, 0, 0);
	out->certificate = memory_dup(memory, db_text(rows, 0, 1));
	out->key = memory_dup(memory, db_text(rows, 0, 2));
	db_result_free(rows);
	return 0;
}

int
certificate_login(struct db *db, int64_t account_id, struct memory *memory, const char **login_out,
		  struct err *err)
{
	char id[INT_PARAM_SIZE];
	struct db_result *rows = NULL;

	if (db_exec(db, &login_stmt, (const char *const[]){ int_param(id, account_id) }, &rows,
		    err) == -1)
		return -1;
	*login_out = memory_dup(memory, db_text(rows, 0, 0));
	db_result_free(rows);
	return 0;
}

int
certificate_add(struct db *db, const struct certificate_new *add, int64_t *id_out, struct err *err)
{
	char root[INT_PARAM_SIZE], account[INT_PARAM_SIZE], end[INT_PARAM_SIZE],
	    replaces[INT_PARAM_SIZE];
	const char *const params[] = { int_param(root, add->root_id),
				       add->serial,
				       add->fingerprint,
				       int_param(account, add->account_id),
				       int_param(end, add->not_after_s),
				       add->by,
				       int_param(replaces, add->replaces) };
	struct db_result *rows = NULL;

	if (db_exec(db, &add_stmt, params, &rows, err) == -1)
		return -1;
	*id_out = db_int64(rows, 0, 0);
	db_result_free(rows);
	return 0;
}

int
certificate_revoke(struct db *db, int64_t id, const char *by, const char *reason, struct err *err)
{
	char id_text[INT_PARAM_SIZE];

	return db_exec(db, &revoke_stmt,
		       (const char *const[]){ int_param(id_text, id), by, reason }, NULL, err);
}

static void
read_row(const struct db_result *rows, int row, struct memory *memory, struct certificate *out)
{
	out->id = db_int64(rows, row, 0);
	out->account_id = opt_int64_of(rows, row, 1);
	out->name = memory_dup(memory, db_text(rows, row, 2));
	out->kind = memory_dup(memory, db_text(rows, row, 3));
	out->serial = memory_dup(memory, db_text(rows, row, 4));
	out->fingerprint = memory_dup(memory, db_text(rows, row, 5));
	out->issued = opt_time_of(rows, row, 6);
	out->issued_by = memory_dup(memory, db_text(rows, row, 7));
	out->expires = opt_time_of(rows, row, 8);
	out->revoked = opt_time_of(rows, row, 9);
	out->revoked_by = memory_dup(memory, db_text(rows, row, 10));
	out->reason = memory_dup(memory, db_text(rows, row, 11));
}

int
certificate_store_list(struct db *db, int64_t account_id, int64_t id, struct memory *memory,
		       struct certificate_list *out, struct err *err)
{
	char account_text[INT_PARAM_SIZE], id_text[INT_PARAM_SIZE];
	const char *const params[] = { int_param(account_text, account_id),
				       int_param(id_text, id) };
	struct db_result *rows = NULL;

	if (db_exec(db, &list_stmt, params, &rows, err) == -1)
		return -1;
	out->len = (size_t)db_rows(rows);
	out->items = memory_alloc_array(memory, out->len, sizeof(out->items[0]));
	for (size_t i = 0; i < out->len; i++)
		read_row(rows, (int)i, memory, &out->items[i]);
	db_result_free(rows);
	return 0;
}

int
certificate_trust(struct db *db, bool lists, struct memory *memory, struct text_list *out,
		  struct err *err)
{
	struct db_result *rows = NULL;

	if (db_exec(db, lists ? &lists_stmt : &roots_stmt, NULL, &rows, err) == -1)
		return -1;
	out->len = (size_t)db_rows(rows);
	out->items = memory_alloc_array(memory, out->len, sizeof(out->items[0]));
	for (size_t i = 0; i < out->len; i++)
		out->items[i] = memory_dup(memory, db_text(rows, (int)i, 0));
	db_result_free(rows);
	return 0;
}

int
certificate_crl(struct db *db, int64_t root_id, struct memory *memory, const char **out,
		struct err *err)
{
	char id[INT_PARAM_SIZE];
	struct db_result *rows = NULL;

	if (db_exec(db, &crl_stmt, (const char *const[]){ int_param(id, root_id) }, &rows, err) ==
	    -1)
		return -1;
	*out = db_rows(rows) == 0 ? NULL : memory_dup(memory, db_text(rows, 0, 0));
	db_result_free(rows);
	if (*out == NULL)
		return err_set(err, ERR_NOT_FOUND, "there is no revocation list %lld",
			       (long long)root_id);
	return 0;
}

int
certificate_parameter(struct db *db, const char *key, bool *out, struct err *err)
{
	struct db_result *rows = NULL;

	if (db_exec(db, &parameter_stmt, (const char *const[]){ key }, &rows, err) == -1)
		return -1;
	*out = db_bool(rows, 0, 0);
	db_result_free(rows);
	return 0;
}
