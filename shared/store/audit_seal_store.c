/* SPDX-License-Identifier: Apache-2.0 */
#include "store/audit_seal_store.h"

#include <string.h>

#include "store/int_param.h"
#include "store/opt_value.h"

#define SEAL_COLUMNS "no, to_tx, to_id, rows, digest, " DB_US("sealed_at") ", previous, key_id, mac"

DB_STMT(next_stmt) = {
	.name = "audit_seal_next",
	.text = "SELECT " SEAL_COLUMNS " FROM jqm.audit_seal_next($1)",
	.n_params = 1,
};
DB_STMT(sign_stmt) = {
	.name = "audit_seal_sign",
	.text = "SELECT jqm.audit_seal_sign($1, $2, $3)",
	.n_params = 3,
};
DB_STMT(purgeable_stmt) = {
	.name = "audit_purgeable",
	.text = "SELECT " SEAL_COLUMNS " FROM jqm.audit_purgeable($1)",
	.n_params = 1,
	.read_only = true,
};
DB_STMT(purge_stmt) = {
	.name = "audit_purge",
	.text = "SELECT jqm.audit_purge($1, $2, $3, $4)",
	.n_params = 4,
};
DB_STMT(extend_stmt) = {
	.name = "audit_extend",
	.text = "SELECT jqm.audit_extend()",
};
DB_STMT(anchor_stmt) = {
	.name = "audit_anchor",
	.text = "SELECT mac, coalesce(floor_no, 0), floor_seal_mac, floor_purged_us, floor_mac"
		"  FROM jqm.audit_anchor($1)",
	.n_params = 1,
	.read_only = true,
};

static void
send_number(struct db_async *db, const struct db_stmt *stmt, int64_t number, db_done_fn *done,
	    void *arg)
{
	char text[INT_PARAM_SIZE];

	db_async_send(db, stmt, (const char *const[]){ int_param(text, number) }, done, arg);
}

void
audit_seal_next_send(struct db_async *db, int64_t rows_max, db_done_fn *done, void *arg)
{
	send_number(db, &next_stmt, rows_max, done, arg);
}

void
audit_seal_sign_send(struct db_async *db, const struct audit_seal *seal, db_done_fn *done,
		     void *arg)
{
	char no[INT_PARAM_SIZE];

	db_async_send(db, &sign_stmt,
		      (const char *const[]){ int_param(no, seal->no), seal->key_id, seal->mac },
		      done, arg);
}

bool
audit_seal_is_ours(const struct db_result *rows)
{
	return db_bool(rows, 0, 0);
}

void
audit_purgeable_send(struct db_async *db, int64_t keep_s, db_done_fn *done, void *arg)
{
	send_number(db, &purgeable_stmt, keep_s, done, arg);
}

void
audit_purge_send(struct db_async *db, const struct audit_floor *floor, db_done_fn *done, void *arg)
{
	char no[INT_PARAM_SIZE], at[INT_PARAM_SIZE];

	db_async_send(db, &purge_stmt,
		      (const char *const[]){ int_param(no, floor->no),
					     int_param(at, floor->purged_us), floor->key_id,
					     floor->mac },
		      done, arg);
}

void
audit_extend_send(struct db_async *db, db_done_fn *done, void *arg)
{
	db_async_send(db, &extend_stmt, NULL, done, arg);
}

void
audit_seal_read(const struct db_result *rows, int row, struct audit_seal *out)
{
	out->no = db_int64(rows, row, 0);
	out->to_tx = db_int64(rows, row, 1);
	out->to_id = db_int64(rows, row, 2);
	out->rows = db_int64(rows, row, 3);
	out->digest = db_text(rows, row, 4);
	out->sealed_us = db_int64(rows, row, 5);
	out->previous = db_text(rows, row, 6);
	out->key_id = db_text(rows, row, 7);
	out->mac = db_text(rows, row, 8);
}

void
audit_anchor_send(struct db_async *db, int64_t no, db_done_fn *done, void *arg)
{
	send_number(db, &anchor_stmt, no, done, arg);
}

void
audit_anchor_read(const struct db_result *rows, const char **mac_out, struct audit_floor *floor_out)
{
	memset(floor_out, 0, sizeof(*floor_out));
	*mac_out = db_text(rows, 0, 0);
	floor_out->no = db_int64(rows, 0, 1);
	if (floor_out->no == 0)
		return;
	floor_out->seal_mac = db_text(rows, 0, 2);
	floor_out->purged_us = db_int64(rows, 0, 3);
	floor_out->mac = db_text(rows, 0, 4);
}
