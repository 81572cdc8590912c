/* SPDX-License-Identifier: Apache-2.0 */
/* store/deliverable_store.c: rows of the file table into structs. */
#include "store/deliverable_store.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "db/db.h"
#include "model/deliverable.h"
#include "model/memory.h"
#include "store/int_param.h"

#define GUID_CHARS 36

#define SELECT_FILES                                                                        \
	"SELECT f.path, f.file_family, f.id, f.original_file_name, f.size_bytes, f.sha256," \
	" f.random_id, f.job_instance_id, n.name FROM jqm.deliverable AS f"                 \
	" JOIN jqm.name_snapshot AS n ON n.id = f.node_name_id"
/* The job of a file may have been purged a moment ago, its files are not forgotten yet. */
#define JOB_EXISTS                                                                  \
	" AND EXISTS (SELECT FROM jqm.live_job AS l WHERE l.id = f.job_instance_id" \
	" UNION ALL SELECT FROM jqm.past_job AS p WHERE p.id = f.job_instance_id)"
enum {
	COL_PATH,
	COL_FAMILY,
	COL_ID,
	COL_ORIGINAL_NAME,
	COL_SIZE,
	COL_SHA256,
	COL_RANDOM_ID,
	COL_JOB_ID,
	COL_NODE_NAME
};

DB_STMT(of_job_stmt) = {
	.name = "deliverable_list_of_job",
	.text = SELECT_FILES " WHERE f.job_instance_id = $1 ORDER BY f.id",
	.n_params = 1,
	.read_only = true,
};

DB_STMT(by_id_stmt) = {
	.name = "deliverable_by_id",
	.text = SELECT_FILES " WHERE f.id = $1" JOB_EXISTS,
	.n_params = 1,
	.read_only = true,
};

DB_STMT(by_random_id_stmt) = {
	.name = "deliverable_by_random_id",
	.text = SELECT_FILES " WHERE f.random_id = $1::uuid" JOB_EXISTS,
	.n_params = 1,
	.read_only = true,
};

static void
file_of_row(const struct db_result *rows, int row, struct memory *memory, struct deliverable *file)
{
	file->file_path = memory_dup(memory, db_text(rows, row, COL_PATH));
	file->file_family = memory_dup(memory, db_text(rows, row, COL_FAMILY));
	file->id = db_int64(rows, row, COL_ID);
	file->original_name = memory_dup(memory, db_text(rows, row, COL_ORIGINAL_NAME));
	file->size_bytes = db_int64(rows, row, COL_SIZE);
	file->sha256 = memory_dup(memory, db_text(rows, row, COL_SHA256));
	file->random_id = memory_dup(memory, db_text(rows, row, COL_RANDOM_ID));
	file->job_id = db_int64(rows, row, COL_JOB_ID);
	file->node_name = memory_dup(memory, db_text(rows, row, COL_NODE_NAME));
}

static int
query(struct db *db, const struct db_stmt *stmt, const char *param, struct memory *memory,
      struct deliverable_list *out, struct err *err)
{
	struct db_result *rows = NULL;

	if (db_exec(db, stmt, (const char *const[]){ param }, &rows, err) == -1)
		return -1;
	out->len = (size_t)db_rows(rows);
	out->items = memory_alloc_array(memory, out->len, sizeof(out->items[0]));
	for (size_t i = 0; i < out->len; i++)
		file_of_row(rows, (int)i, memory, &out->items[i]);
	db_result_free(rows);
	return 0;
}

int
deliverable_list_of_job(struct db *db, int64_t job_id, struct memory *memory,
			struct deliverable_list *out, struct err *err)
{
	char id[INT_PARAM_SIZE];

	return query(db, &of_job_stmt, int_param(id, job_id), memory, out, err);
}

int
deliverable_by_id(struct db *db, int64_t id, struct memory *memory, struct deliverable *out,
		  struct err *err)
{
	struct deliverable_list list;
	char id_text[INT_PARAM_SIZE];

	if (query(db, &by_id_stmt, int_param(id_text, id), memory, &list, err) == -1)
		return -1;
	if (list.len == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no file %" PRId64, id);
	*out = list.items[0];
	return 0;
}

/* 8-4-4-4-12 hexadecimal digits. */
static bool
is_guid(const char *text)
{
	for (int i = 0; i < GUID_CHARS; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (text[i] == '\0' ||
		    (dash ? text[i] != '-' : strchr("0123456789abcdefABCDEF", text[i]) == NULL))
			return false;
	}
	return text[GUID_CHARS] == '\0';
}

int
deliverable_by_random_id(struct db *db, const char *guid, struct memory *memory,
			 struct deliverable *out, struct err *err)
{
	struct deliverable_list list = { NULL, 0 };

	if (!is_guid(guid))
		return err_set(err, ERR_INVALID, "\"%.*s\" is not the GUID of a file",
			       (int)str_utf8_cut(guid, 40), guid);
	if (query(db, &by_random_id_stmt, guid, memory, &list, err) == -1)
		return -1;
	if (list.len == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no file \"%s\"", guid);
	*out = list.items[0];
	return 0;
}
