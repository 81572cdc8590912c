/* SPDX-License-Identifier: Apache-2.0 */
/* db/migrate_files.c: find, order and read the numbered files of a schema directory. */
#include "db/migrate_files.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"

#define DIGITS 4

void
migrate_files_free(struct migrate_files *files)
{
	for (size_t i = 0; i < files->count; i++) {
		free(files->items[i].path);
		free(files->items[i].name);
	}
	free(files->items);
	files->items = NULL;
	files->count = 0;
}

/* 0012_some_name.sql: 12; anything else: -1. */
static int
version_of(const char *file_name)
{
	int version = 0;

	for (int i = 0; i < DIGITS; i++) {
		if (!isdigit((unsigned char)file_name[i]))
			return -1;
		version = version * 10 + (file_name[i] - '0');
	}
	if (file_name[DIGITS] != '_' || file_name[DIGITS + 1] == '.')
		return -1;
	return version;
}

static void
add(struct migrate_files *files, const char *dir, const char *file_name, int version)
{
	struct migrate_file *items =
	    reallocarray(files->items, files->count + 1, sizeof(*files->items));
	struct migrate_file *item;

	if (items == NULL)
		abort(); /* as str_dup(): nothing sane can follow */
	files->items = items;
	item = &items[files->count++];
	item->version = version;
	item->path = str_printf("%s/%s", dir, file_name);
	item->name = str_dup(file_name + DIGITS + 1);
	item->name[strlen(item->name) - strlen(".sql")] = '\0';
}

static int
by_version(const void *a, const void *b)
{
	const struct migrate_file *left = a;
	const struct migrate_file *right = b;

	return left->version - right->version;
}

static int
check_numbers(const struct migrate_files *files, const char *dir, struct err *err)
{
	if (files->count == 0)
		return err_set(err, ERR_INVALID, "directory \"%s\" holds no schema file", dir);
	for (size_t i = 0; i < files->count; i++) {
		int version = files->items[i].version;
		int expected = (int)i + 1;

		if (i > 0 && version == files->items[i - 1].version)
			return err_set(err, ERR_INVALID,
				       "schema files \"%s\" and \"%s\" have one number",
				       files->items[i - 1].path, files->items[i].path);
		if (version != expected)
			return err_set(err, ERR_INVALID,
				       "schema file number %04d is missing in \"%s\"", expected,
				       dir);
	}
	return 0;
}

int
migrate_files_read(struct migrate_files *files, const char *dir, struct err *err)
{
	DIR *stream = opendir(dir);
	struct dirent *entry;
	int rc = 0;

	files->items = NULL;
	files->count = 0;
	if (stream == NULL)
		return err_errno(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_INTERNAL,
				 "could not open directory \"%s\"", dir);
	while (rc == 0 && (entry = readdir(stream)) != NULL) {
		int version;

		if (!str_ends(entry->d_name, ".sql"))
			continue;
		version = version_of(entry->d_name);
		if (version == -1)
			rc = err_set(err, ERR_INVALID,
				     "schema file \"%s/%s\" is not named NNNN_name.sql", dir,
				     entry->d_name);
		else
			add(files, dir, entry->d_name, version);
	}
	(void)closedir(stream);
	if (rc == -1)
		return -1;
	if (files->count > 0)
		qsort(files->items, files->count, sizeof(*files->items), by_version);
	return check_numbers(files, dir, err);
}

/* Does this line start with the word, as a command would? */
static bool
line_starts_word(const char *line, const char *word)
{
	size_t len = strlen(word);

	return strncasecmp(line, word, len) == 0 && !isalnum((unsigned char)line[len]) &&
	       line[len] != '_';
}

int
migrate_file_text(const struct migrate_file *file, struct buf *text, struct err *err)
{
	const char *line;
	int line_no = 1;

	if (fd_read_file(file->path, text, err) == -1)
		return -1;
	if (!str_utf8_valid(buf_text(text), text->len))
		return err_set(err, ERR_INVALID, "schema file \"%s\" is not UTF-8", file->path);
	for (line = buf_text(text); line != NULL; line_no++) {
		if (line_starts_word(line, "commit") || line_starts_word(line, "rollback"))
			return err_set(err, ERR_INVALID,
				       "schema file \"%s\", line %d: a file must not end the "
				       "transaction it runs in",
				       file->path, line_no);
		line = strchr(line, '\n');
		if (line != NULL)
			line++;
	}
	return 0;
}

int
migrate_line_of(const char *text, int position)
{
	int line_no = 1;

	for (; *text != '\0'; text++) {
		bool starts_char = ((unsigned char)*text & 0xC0) != 0x80;

		if (starts_char && --position <= 0)
			break;
		if (*text == '\n')
			line_no++;
	}
	return line_no;
}
