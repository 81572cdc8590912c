/* SPDX-License-Identifier: Apache-2.0 */
#include "store/audit_store.h"

#include <stddef.h>
#include <string.h>

#include "base/err.h"
#include "db/db.h"
#include "model/audit.h"
#include "model/memory.h"
#include "store/array_param.h"
#include "store/int_param.h"
#include "store/opt_value.h"

DB_STMT(note_stmt) = {
	.name = "audit_note",
	.text = "SELECT jqm.audit_note($1, $2, nullif($3::bigint, 0), $4, $5::text[])",
	.n_params = 5,
};
DB_STMT(failed_stmt) = {
	.name = "audit_login_failed",
	.text = "SELECT jqm.audit_login_failed($1, $2, $3)",
	.n_params = 3,
};
DB_STMT(page_stmt) = {
	.name = "audit_page",
	.text = "SELECT array_to_string(p.lines, $11), p.next"
		"  FROM jqm.audit_page($1, timestamptz 'epoch' + $2::bigint * interval '1 us',"
		"       timestamptz 'epoch' + $3::bigint * interval '1 us', $4, $5,"
		"       nullif($6::bigint, 0), $7, $8, $9, $10) AS p",
	.n_params = 11,
	.read_only = true,
};
DB_STMT(state_stmt) = {
	.name = "audit_state",
	.text = "SELECT seals, first_seal, purged, unsealed, " DB_US("sealed_at") ", " DB_US(
	    "unsealed_since") ", array_to_string(blind, ' ') FROM jqm.audit_state()",
	.read_only = true,
};
DB_STMT(chain_stmt) = {
	.name = "audit_chain",
	.text = "SELECT piece, coalesce(next, 0) FROM jqm.audit_chain($1, $2)",
	.n_params = 2,
	.read_only = true,
};

int
audit_note(struct db *db, struct memory *memory, const char *action, const char *kind,
	   int64_t object, const char *name, const struct text_list *pairs, struct err *err)
{
	char id[INT_PARAM_SIZE];
	const char *const params[] = { action, kind, int_param(id, object), name,
				       array_param(memory, pairs) };

	return db_exec(db, &note_stmt, params, NULL, err);
}

int
audit_login_failed(struct db *db, const char *login, const char *why, int64_t left_out,
		   struct err *err)
{
	char number[INT_PARAM_SIZE];
	const char *const params[] = { login, why, int_param(number, left_out) };

	return db_exec(db, &failed_stmt, params, NULL, err);
}

static const char *
moment(char out[INT_PARAM_SIZE], struct opt_time time)
{
	return time.set ? int_param(out, time.us) : NULL;
}

int
audit_page_read(struct db *db, struct memory *memory, const struct audit_filter *filter,
		int64_t limit, const char *separator, const char **text_out, const char **next_out,
		struct err *err)
{
	char from[INT_PARAM_SIZE], until[INT_PARAM_SIZE], object[INT_PARAM_SIZE],
	    count[INT_PARAM_SIZE], look[INT_PARAM_SIZE];
	const char *const params[] = { filter->before,
				       moment(from, filter->from),
				       moment(until, filter->until),
				       filter->account,
				       filter->kind,
				       int_param(object, filter->object),
				       filter->action,
				       filter->request,
				       int_param(count, limit),
				       int_param(look, AUDIT_LOOK_MAX),
				       separator };
	struct db_result *rows = NULL;

	if (db_exec(db, &page_stmt, params, &rows, err) == -1)
		return -1;
	*text_out = memory_dup(memory, db_text(rows, 0, 0));
	*next_out = db_is_null(rows, 0, 1) ? NULL : memory_dup(memory, db_text(rows, 0, 1));
	db_result_free(rows);
	return 0;
}

/* Words parted by blanks. */
static struct text_list
words(struct memory *memory, const char *text)
{
	struct text_list list = {
		memory_alloc_array(memory, strlen(text) / 2 + 1, sizeof(list.items[0])), 0
	};

	for (; *text != '\0'; text += strspn(text, " ")) {
		size_t len = strcspn(text, " ");

		list.items[list.len++] = memory_dup_len(memory, text, len);
		text += len;
	}
	return list;
}

int
audit_state_read(struct db *db, struct memory *memory, struct audit_state *out, struct err *err)
{
	struct db_result *rows = NULL;

	if (db_exec(db, &state_stmt, NULL, &rows, err) == -1)
		return -1;
	out->seals = db_int64(rows, 0, 0);
	out->first_seal = db_int64(rows, 0, 1);
	out->purged = db_int64(rows, 0, 2);
	out->unsealed = db_int64(rows, 0, 3);
	out->sealed_at = opt_time_of(rows, 0, 4);
	out->unsealed_since = opt_time_of(rows, 0, 5);
	out->blind = words(memory, db_text(rows, 0, 6));
	db_result_free(rows);
	return 0;
}

int
audit_chain_read(struct db *db, struct memory *memory, int64_t after, int64_t unsealed_max,
		 const char **text_out, int64_t *next_out, struct err *err)
{
	char seal[INT_PARAM_SIZE], max[INT_PARAM_SIZE];
	const char *const params[] = { int_param(seal, after), int_param(max, unsealed_max) };
	struct db_result *rows = NULL;

	if (db_exec(db, &chain_stmt, params, &rows, err) == -1)
		return -1;
	*text_out = memory_dup(memory, db_text(rows, 0, 0));
	*next_out = db_int64(rows, 0, 1);
	db_result_free(rows);
	return 0;
}
