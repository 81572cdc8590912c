/* SPDX-License-Identifier: Apache-2.0 */
#include "store/input_file_store.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "db/db.h"
#include "model/memory.h"
#include "store/int_param.h"

DB_STMT(add_stmt) = {
	.name = "input_file_add",
	.text = "SELECT jqm.add_input_file($1, $2, decode($3, 'hex'))",
	.n_params = 3,
};

DB_STMT(names_stmt) = {
	.name = "input_file_names",
	.text = "SELECT name FROM jqm.input_file WHERE job_instance_id = $1 ORDER BY name",
	.n_params = 1,
	.read_only = true,
};

DB_STMT(read_stmt) = {
	.name = "input_file_read",
	.text = "SELECT encode(content, 'hex') FROM jqm.input_file"
		" WHERE job_instance_id = $1 AND name = $2",
	.n_params = 2,
	.read_only = true,
};

int
input_file_add(struct db *db, int64_t job_id, const char *name, const struct input_file *file,
	       int64_t *id_out, struct err *err)
{
	char id[INT_PARAM_SIZE];
	char *hex = malloc(2 * file->len + 1);
	const char *params[] = { int_param(id, job_id), name, hex };
	struct db_result *rows = NULL;
	int rc;

	if (hex == NULL)
		return err_set(err, ERR_BUSY, "no memory for a file of %zu bytes", file->len);
	str_hex(hex, file->bytes, file->len);
	rc = db_exec(db, &add_stmt, params, &rows, err);
	free(hex);
	if (rc == 0)
		*id_out = db_int64(rows, 0, 0);
	db_result_free(rows);
	return rc;
}

int
input_file_names(struct db *db, int64_t job_id, struct memory *memory, struct text_list *out,
		 struct err *err)
{
	char id[INT_PARAM_SIZE];
	struct db_result *rows = NULL;

	if (db_exec(db, &names_stmt, (const char *const[]){ int_param(id, job_id) }, &rows, err) ==
	    -1)
		return -1;
	out->len = (size_t)db_rows(rows);
	out->items = memory_alloc_array(memory, out->len, sizeof(out->items[0]));
	for (size_t i = 0; i < out->len; i++)
		out->items[i] = memory_dup(memory, db_text(rows, (int)i, 0));
	db_result_free(rows);
	return 0;
}

int
input_file_read(struct db *db, int64_t job_id, const char *name, struct memory *memory,
		struct input_file *out, struct err *err)
{
	char id[INT_PARAM_SIZE];
	struct db_result *rows = NULL;
	unsigned char *bytes;
	const char *hex;

	if (db_exec(db, &read_stmt, (const char *const[]){ int_param(id, job_id), name }, &rows,
		    err) == -1)
		return -1;
	if (db_rows(rows) == 0) {
		db_result_free(rows);
		return err_set(err, ERR_NOT_FOUND,
			       "job instance %" PRId64 " was given no file \"%.100s\"", job_id,
			       name);
	}
	hex = db_text(rows, 0, 0);
	out->len = strlen(hex) / 2;
	bytes = memory_alloc(memory, out->len + 1);
	(void)str_unhex(bytes, out->len, hex);
	out->bytes = bytes;
	db_result_free(rows);
	return 0;
}
