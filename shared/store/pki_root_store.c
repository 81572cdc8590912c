/* SPDX-License-Identifier: Apache-2.0 */
#include "store/pki_root_store.h"

#include <string.h>

#include "base/err.h"
#include "db/db.h"
#include "model/memory.h"
#include "store/int_param.h"

/* A list ends two weeks after it was made; a week before, there is a new one. */
#define CRL_DUE "(crl IS NULL OR crl_stale OR crl_until < now() + interval '7 days')"

DB_STMT(list_stmt) = {
	.name = "pki_roots",
	.text = "SELECT r.id, r.state, r.certificate, k.key, r.fingerprint, r.crl_number, " CRL_DUE
		"  FROM jqm.pki_root AS r JOIN jqm.pki_key AS k ON k.root_id = r.id"
		" WHERE r.state <> 'RETIRED' ORDER BY r.id",
	.read_only = true,
};
DB_STMT(add_stmt) = {
	.name = "pki_root_add",
	.text = "SELECT jqm.pki_root_add($1, $2, $3, to_timestamp($4::bigint), $5)",
	.n_params = 5,
};
DB_STMT(set_key_stmt) = {
	.name = "pki_set_key",
	.text = "UPDATE jqm.pki_key SET key = $2 WHERE root_id = $1",
	.n_params = 2,
};
DB_STMT(switch_stmt) = {
	.name = "pki_switch",
	.text = "SELECT jqm.pki_switch()",
};
DB_STMT(retire_stmt) = {
	.name = "pki_retire",
	.text = "SELECT jqm.pki_retire($1)",
	.n_params = 1,
};
DB_STMT(lock_stmt) = {
	.name = "pki_lock",
	.text = "SELECT " CRL_DUE ", crl_number FROM jqm.pki_root WHERE id = $1 FOR UPDATE",
	.n_params = 1,
};
DB_STMT(revoked_stmt) = {
	.name = "pki_revoked",
	.text = "SELECT serial, at_s FROM jqm.pki_revoked($1)",
	.n_params = 1,
};
DB_STMT(set_crl_stmt) = {
	.name = "pki_set_crl",
	.text = "UPDATE jqm.pki_root SET crl = $2, crl_number = $3,"
		" crl_until = to_timestamp($4::bigint), crl_stale = false WHERE id = $1",
	.n_params = 4,
};
DB_STMT(add_node_stmt) = {
	.name = "pki_add_node",
	.text = "INSERT INTO jqm.certificate (root_id, kind, name, serial, fingerprint, not_after)"
		" VALUES ($1, 'NODE', $2, $3, $4, to_timestamp($5::bigint))",
	.n_params = 5,
};
DB_STMT(is_revoked_stmt) = {
	.name = "pki_is_revoked",
	.text = "SELECT 1 FROM jqm.certificate WHERE fingerprint = $1 AND revoked_at IS NOT NULL",
	.n_params = 1,
	.read_only = true,
};
DB_STMT(web_stmt) = {
	.name = "web_settings",
	.text = "SELECT tls, allow_clear, internal_pki, dns, port, state FROM jqm.web_settings($1)",
	.n_params = 1,
	.read_only = true,
};

int
pki_root_store_list(struct db *db, struct memory *memory, struct pki_root_list *out,
		    struct err *err)
{
	struct db_result *rows = NULL;

	if (db_exec(db, &list_stmt, NULL, &rows, err) == -1)
		return -1;
	out->len = (size_t)db_rows(rows);
	out->items = memory_alloc_array(memory, out->len, sizeof(out->items[0]));
	for (size_t i = 0; i < out->len; i++) {
		struct pki_root *root = &out->items[i];
		int row = (int)i;

		root->id = db_int64(rows, row, 0);
		root->state = memory_dup(memory, db_text(rows, row, 1));
		root->certificate = memory_dup(memory, db_text(rows, row, 2));
		root->key = memory_dup(memory, db_text(rows, row, 3));
		root->fingerprint = memory_dup(memory, db_text(rows, row, 4));
		root->crl_number = db_int64(rows, row, 5);
		root->crl_due = db_bool(rows, row, 6);
	}
	db_result_free(rows);
	return 0;
}

int
pki_root_store_add(struct db *db, const struct pki_root_new *add, struct err *err)
{
	char end[INT_PARAM_SIZE];
	const char *const params[] = { add->state, add->certificate, add->fingerprint,
				       int_param(end, add->not_after_s), add->key };

	return db_exec(db, &add_stmt, params, NULL, err);
}

int
pki_root_store_set_key(struct db *db, int64_t id, const char *key, struct err *err)
{
	char id_text[INT_PARAM_SIZE];

	return db_exec(db, &set_key_stmt, (const char *const[]){ int_param(id_text, id), key },
		       NULL, err);
}

int
pki_root_store_switch(struct db *db, struct err *err)
{
	return db_exec(db, &switch_stmt, NULL, NULL, err);
}

int
pki_root_store_retire(struct db *db, int64_t id, int64_t *lost_out, struct err *err)
{
	char id_text[INT_PARAM_SIZE];
	struct db_result *rows = NULL;

	if (db_exec(db, &retire_stmt, (const char *const[]){ int_param(id_text, id) }, &rows,
		    err) == -1)
		return -1;
	*lost_out = db_int64(rows, 0, 0);
	db_result_free(rows);
	return 0;
}

int
pki_root_store_lock(struct db *db, int64_t id, bool *crl_due_out, int64_t *number_out,
		    struct err *err)
{
	char id_text[INT_PARAM_SIZE];
	struct db_result *rows = NULL;

	if (db_exec(db, &lock_stmt, (const char *const[]){ int_param(id_text, id) }, &rows, err) ==
	    -1)
		return -1;
	*crl_due_out = db_rows(rows) == 1 && db_bool(rows, 0, 0);
	*number_out = db_rows(rows) == 1 ? db_int64(rows, 0, 1) : 0;
	db_result_free(rows);
	return 0;
}

int
pki_root_store_revoked(struct db *db, int64_t id, struct memory *memory,
		       struct pki_revoked_rows *out, struct err *err)
{
	char id_text[INT_PARAM_SIZE];
	struct db_result *rows = NULL;

	if (db_exec(db, &revoked_stmt, (const char *const[]){ int_param(id_text, id) }, &rows,
		    err) == -1)
		return -1;
	out->len = (size_t)db_rows(rows);
	out->items = memory_alloc_array(memory, out->len, sizeof(out->items[0]));
	for (size_t i = 0; i < out->len; i++) {
		out->items[i].serial = memory_dup(memory, db_text(rows, (int)i, 0));
		out->items[i].at_s = db_int64(rows, (int)i, 1);
	}
	db_result_free(rows);
	return 0;
}

int
pki_root_store_set_crl(struct db *db, int64_t id, const char *crl, int64_t number, int64_t until_s,
		       struct err *err)
{
	char id_text[INT_PARAM_SIZE], number_text[INT_PARAM_SIZE], until[INT_PARAM_SIZE];
	const char *const params[] = { int_param(id_text, id), crl, int_param(number_text, number),
				       int_param(until, until_s) };

	return db_exec(db, &set_crl_stmt, params, NULL, err);
}

int
pki_root_store_add_node(struct db *db, int64_t root_id, const char *node, const char *serial,
			const char *fingerprint, int64_t not_after_s, struct err *err)
{
	char root[INT_PARAM_SIZE], end[INT_PARAM_SIZE];
	const char *const params[] = { int_param(root, root_id), node, serial, fingerprint,
				       int_param(end, not_after_s) };

	return db_exec(db, &add_node_stmt, params, NULL, err);
}

int
pki_root_store_is_revoked(struct db *db, const char *fingerprint, bool *out, struct err *err)
{
	struct db_result *rows = NULL;

	if (db_exec(db, &is_revoked_stmt, (const char *const[]){ fingerprint }, &rows, err) == -1)
		return -1;
	*out = db_rows(rows) > 0;
	db_result_free(rows);
	return 0;
}

int
web_settings_read(struct db *db, const char *node, struct memory *memory, struct web_settings *out,
		  struct err *err)
{
	struct db_result *rows = NULL;

	if (db_exec(db, &web_stmt, (const char *const[]){ node }, &rows, err) == -1)
		return -1;
	out->tls = db_bool(rows, 0, 0);
	out->allow_clear = db_bool(rows, 0, 1);
	out->internal_pki = db_bool(rows, 0, 2);
	out->dns = memory_dup(memory, db_text(rows, 0, 3));
	out->port = (int)db_int64(rows, 0, 4);
	out->state = memory_dup(memory, db_text(rows, 0, 5));
	db_result_free(rows);
	return 0;
}
