/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db/migrate.h: bring a database's schema up to date from numbered files.
 *
 * schema_dir holds NNNN_name.sql, numbered from 0001 without gap.  What has been applied stands in
 * jqm.schema_version (version, name), which the first file creates.  Each missing file runs in one
 * transaction together with its row there, under an advisory lock: of two upgraders one waits and
 * then finds nothing to do.  A file must not contain COMMIT or ROLLBACK of its own.
 */
#ifndef DB_MIGRATE_H
#define DB_MIGRATE_H

struct db;
struct err;

/*
 * Success: 0, *applied_out (may be NULL) the number of files applied by this call, perhaps 0.
 * Failure: -1; the files before the failing one stay applied, nothing of that one does.
 *	ERR_INVALID   a gap, a duplicate or an odd name in schema_dir, or an empty one; a database
 *		      newer than the newest file, or one made from other files; a file that fails
 *		      (err: file, line if the server tells one, reason)
 *	ERR_NOT_FOUND no schema_dir          ERR_BUSY, ERR_UNCERTAIN, ERR_INTERNAL  as in db.h
 */
int migrate_apply(struct db *db, const char *schema_dir, int *applied_out, struct err *err);

/* The version the database is at, 0 for an empty one; and that of the newest file. */
int migrate_status(struct db *db, const char *schema_dir, int *version_out, int *newest_out,
		   struct err *err);

enum migrate_verdict {
	MIGRATE_SAME,
	MIGRATE_OTHER, /* there is no schema, or an older, newer or foreign one; or no database answers */
	MIGRATE_UNKNOWN /* a database answers, but no schema files are beside this program */
};

/*
 * Is the schema that of the files beside the running program (../share/jqm/sql/schema)?  err says what is
 * not so.  Changes nothing.
 */
enum migrate_verdict migrate_check_ours(struct db *db, struct err *err);

#endif
