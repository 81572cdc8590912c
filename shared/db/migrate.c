/* SPDX-License-Identifier: Apache-2.0 */
/* db/migrate.c: apply the schema files a database lacks, one transaction each. */
#include "db/migrate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/path.h"
#include "base/str.h"
#include "db/db_private.h"
#include "db/migrate_files.h"

#define FILE_SIZE_MAX (4u * 1024 * 1024)

/* Names no table of ours: must run on an empty database too. */
DB_STMT(migrate_lock) = {
	.name = "migrate_lock",
	.text = "select pg_advisory_xact_lock(x'4a514d'::int)",
};

DB_STMT(migrate_exists) = {
	.name = "migrate_exists",
	.text = "select to_regclass('jqm.schema_version') is not null",
	.read_only = true,
};

DB_STMT(migrate_versions) = {
	.name = "migrate_versions",
	.text = "select version, name from jqm.schema_version order by version",
	.read_only = true,
};

DB_STMT(migrate_note) = {
	.name = "migrate_note",
	.text = "insert into jqm.schema_version (version, name) values ($1, $2)",
	.n_params = 2,
};

/* What one transaction of an upgrade is given and tells. */
struct step {
	const struct migrate_files *files;
	bool applied; /* a file was applied; else nothing was left to do */
};

/* Compare the rows of schema_version with the files. *version_out: how far the database is. */
static int
read_version(struct db *db, const struct migrate_files *files, int *version_out, struct err *err)
{
	struct db_result *rows = NULL;
	int rc = -1;

	*version_out = 0;
	if (db_exec(db, &migrate_exists, NULL, &rows, err) == -1)
		return -1;
	if (!db_bool(rows, 0, 0)) {
		rc = 0;
		goto cleanup;
	}
	db_result_free(rows);
	if (db_exec(db, &migrate_versions, NULL, &rows, err) == -1)
		goto cleanup;
	for (int i = 0; i < db_rows(rows); i++) {
		int64_t version = db_int64(rows, i, 0);
		const char *name = db_text(rows, i, 1);

		if (i >= (int)files->count) {
			(void)err_set(
			    err, ERR_INVALID,
			    "the database schema is at version %" PRId64
			    ", newer than the newest schema file (%zu): use newer programs",
			    db_int64(rows, db_rows(rows) - 1, 0), files->count);
			goto cleanup;
		}
		if (version != files->items[i].version || strcmp(name, files->items[i].name) != 0) {
			(void)err_set(err, ERR_INVALID,
				      "the database schema has version %" PRId64
				      " \"%s\" where the schema files have \"%s\"",
				      version, name, files->items[i].path);
			goto cleanup;
		}
	}
	*version_out = db_rows(rows);
	rc = 0;

cleanup:
	db_result_free(rows);
	return rc;
}

static int
apply_file(struct db *db, const struct migrate_file *file, struct err *err)
{
	struct buf text = BUF_INIT(FILE_SIZE_MAX);
	char version[16];
	const char *params[2] = { version, file->name };
	int rc = -1;

	if (migrate_file_text(file, &text, err) == -1)
		goto cleanup;
	db->error_position = 0;
	if (db_exec_sql(db, buf_text(&text), err) == -1) {
		/* What the server says of a file is about the file, unless it was no answer. */
		if (err->kind != ERR_BUSY && err->kind != ERR_UNCERTAIN)
			err->kind = ERR_INVALID;
		if (db->error_position > 0)
			(void)err_prefix(err, "schema file \"%s\", line %d", file->path,
					 migrate_line_of(buf_text(&text), db->error_position));
		else
			(void)err_prefix(err, "schema file \"%s\"", file->path);
		goto cleanup;
	}
	(void)snprintf(version, sizeof(version), "%d", file->version);
	if (db_exec(db, &migrate_note, params, NULL, err) == -1) {
		(void)err_prefix(err, "schema file \"%s\"", file->path);
		goto cleanup;
	}
	rc = 0;

cleanup:
	buf_free(&text);
	return rc;
}

/* The body of one transaction: wait for other upgraders, look again, apply the next file. */
static int
apply_next(struct db *db, void *arg, struct err *err)
{
	struct step *step = arg;
	int version;

	step->applied = false;
	/* The lock first, then a fresh look: a snapshot from before the wait would be blind. */
	if (db_exec_sql(db,
			"set transaction isolation level read committed; "
			"set local statement_timeout = 0; set local lock_timeout = 0",
			err) == -1 ||
	    db_exec(db, &migrate_lock, NULL, NULL, err) == -1 ||
	    read_version(db, step->files, &version, err) == -1)
		return -1;
	if (version == (int)step->files->count)
		return 0;
	if (apply_file(db, &step->files->items[version], err) == -1)
		return -1;
	step->applied = true;
	return 0;
}

int
migrate_apply(struct db *db, const char *schema_dir, int *applied_out, struct err *err)
{
	struct migrate_files files;
	struct step step = { &files, true };
	int applied = 0;
	int rc;

	rc = migrate_files_read(&files, schema_dir, err);
	while (rc == 0 && step.applied) {
		rc = db_tx(db, apply_next, &step, err);
		if (rc == 0 && step.applied)
			applied++;
	}
	if (applied_out != NULL)
		*applied_out = applied;
	migrate_files_free(&files);
	return rc;
}

int
migrate_status(struct db *db, const char *schema_dir, int *version_out, int *newest_out,
	       struct err *err)
{
	struct migrate_files files;
	int rc = migrate_files_read(&files, schema_dir, err);

	*newest_out = (int)files.count;
	if (rc == 0)
		rc = read_version(db, &files, version_out, err);
	migrate_files_free(&files);
	return rc;
}

enum migrate_verdict
migrate_check_ours(struct db *db, struct err *err)
{
	char *program_dir = path_program_dir(err);
	enum migrate_verdict verdict = MIGRATE_OTHER;
	int version = 0, newest = 0;
	char *schema_dir;

	if (program_dir == NULL)
		return MIGRATE_UNKNOWN;
	schema_dir = str_printf("%s/../share/jqm/sql/schema", program_dir);
	if (db_connect(db, err) == -1)
		verdict = MIGRATE_OTHER;
	else if (migrate_status(db, schema_dir, &version, &newest, err) == -1)
		verdict = err->kind == ERR_NOT_FOUND ? MIGRATE_UNKNOWN : MIGRATE_OTHER;
	else if (version == newest)
		verdict = MIGRATE_SAME;
	else
		(void)err_set(err, ERR_INVALID,
			      "the database schema is at version %d, these programs need %d: run "
			      "jqm db upgrade",
			      version, newest);
	free(schema_dir);
	free(program_dir);
	return verdict;
}
