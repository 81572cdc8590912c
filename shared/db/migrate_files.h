/* SPDX-License-Identifier: Apache-2.0 */
/* db/migrate_files.h: the numbered files of a schema directory.  Knows no database. */
#ifndef DB_MIGRATE_FILES_H
#define DB_MIGRATE_FILES_H

#include <stddef.h>

struct buf;
struct err;

struct migrate_file {
	char *path;
	char *name; /* of 0012_some_name.sql: some_name */
	int version; /* 12 */
};

/* Invariant: item i has version i + 1. */
struct migrate_files {
	struct migrate_file *items;
	size_t count;
};

/* Fill files (to be freed in any case) from dir.  0, or -1: ERR_NOT_FOUND, ERR_INVALID. */
int migrate_files_read(struct migrate_files *files, const char *dir, struct err *err);

void migrate_files_free(struct migrate_files *files);

/* Read the text of one file and refuse one that would end our transaction. */
int migrate_file_text(const struct migrate_file *file, struct buf *text, struct err *err);

/* The line (from 1) of the position-th character (from 1) of UTF-8 text. */
int migrate_line_of(const char *text, int position);

#endif
