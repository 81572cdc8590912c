/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf/conf_file.c: the only includer of iniparser.
 *
 * Two passes over the same bytes.  The first, ours, refuses each line iniparser would misread, notes
 * keys, values and line numbers.  The second is iniparser's and must agree; it reads a descriptor in
 * memory, so that nobody can change the file between the check of its mode, our pass and iniparser's.
 */
#include "conf/conf_file.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <iniparser.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"

#define FILE_MAX_BYTES ((size_t)256 * 1024)
#define LINE_MAX_BYTES 1000 /* iniparser's own limit is 1024 */
#define PAIRS_MAX 1000

/* Why iniparser refused, in its words, which it can only tell a callback. */
static char parser_words[200];

static int __attribute__((format(printf, 1, 2))) keep_parser_words(const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(parser_words, sizeof(parser_words), fmt, args);
	va_end(args);
	/* Behind the first line it repeats the file's text, where a password may be. */
	parser_words[strcspn(parser_words, "\n")] = '\0';
	return len;
}

/* Open path if nobody but its owner can read or change it.  The descriptor, or -1 with err. */
static int
open_private(const char *path, struct err *err)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd == -1)
		return err_errno(err,
				 errno == ENOENT || errno == ENOTDIR ? ERR_NOT_FOUND : ERR_DENIED,
				 "could not open the file");
	if (fstat(fd, &st) == -1)
		(void)err_errno(err, ERR_INTERNAL, "could not examine the file");
	else if (!S_ISREG(st.st_mode))
		(void)err_set(err, ERR_INVALID, "it is not a regular file");
	else if (st.st_uid != geteuid() && st.st_uid != 0)
		(void)err_set(err, ERR_DENIED,
			      "it belongs to uid %u: must be the reader, uid %u, or root",
			      (unsigned)st.st_uid, (unsigned)geteuid());
	else if ((st.st_mode & 077) != 0)
		(void)err_set(err, ERR_DENIED,
			      "others than its owner can use it (mode %04o): chmod 600 it",
			      (unsigned)(st.st_mode & 07777));
	else
		return fd;
	fd_close(&fd);
	return -1;
}

static bool
is_name(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)text[i]) && text[i] != '_')
			return false;
	return len > 0;
}

/* What our pass knows while it walks through the lines. */
struct scan {
	struct conf_file *file;
	char *section; /* NULL before the first */
	int line;
};

/* Note a key, lower case, which becomes ours, and a copy of its value. */
static int
add_pair(struct scan *scan, char *key, const char *value, struct err *err)
{
	struct conf_file *file = scan->file;

	for (char *c = key; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	for (size_t i = 0; i < file->len && value != NULL; i++)
		if (strcmp(file->pairs[i].key, key) == 0) {
			(void)err_set(err, ERR_INVALID, "%s was given in line %d already", key,
				      file->pairs[i].line);
			free(key);
			return -1;
		}
	if (file->len == PAIRS_MAX) {
		free(key);
		return err_set(err, ERR_TOO_LARGE, "more than %d keys", PAIRS_MAX);
	}
	file->pairs[file->len++] = (struct conf_pair){ key, str_dup(value), scan->line };
	return 0;
}

/* "[name]" */
static int
scan_section(struct scan *scan, char *text, struct err *err)
{
	size_t len = strlen(text);

	if (text[len - 1] != ']')
		return err_set(err, ERR_INVALID, "a section needs \"]\" as its last character");
	text[len - 1] = '\0';
	text = str_trim(text + 1);
	if (!is_name(text, strlen(text)))
		return err_set(err, ERR_INVALID, "a section name is letters, digits and _");
	free(scan->section);
	scan->section = str_dup(text);
	return add_pair(scan, str_dup(text), NULL, err);
}

/* Remove the quotes from the text behind "=", trimmed, in place.  The value, or NULL with err. */
static char *
unquote(char *value, struct err *err)
{
	char quote = value[0];
	char *end;

	if (quote != '"' && quote != '\'') {
		if (strpbrk(value, ";#") == NULL)
			return value;
		(void)err_set(err, ERR_INVALID,
			      "a value with ; or # must stand in double quotes, "
			      "a comment on a line of its own");
		return NULL;
	}
	if ((end = strchr(value + 1, quote)) == NULL) {
		(void)err_set(err, ERR_INVALID, "the closing quote is missing");
		return NULL;
	}
	if (end[1] != '\0') {
		(void)err_set(err, ERR_INVALID, "something follows the closing quote");
		return NULL;
	}
	*end = '\0';
	return value + 1;
}

/* "key = value" */
static int
scan_pair(struct scan *scan, char *text, struct err *err)
{
	char *equals = strchr(text, '=');
	const char *value;

	if (equals == NULL)
		return err_set(err, ERR_INVALID, "neither [section] nor key = value");
	if (scan->section == NULL)
		return err_set(err, ERR_INVALID, "a key before the first [section]");
	*equals = '\0';
	(void)str_trim(text);
	if (!is_name(text, strlen(text)))
		return err_set(err, ERR_INVALID, "a key is letters, digits and _");
	if ((value = unquote(str_trim(equals + 1), err)) == NULL)
		return -1;
	return add_pair(scan, str_printf("%s:%s", scan->section, text), value, err);
}

/* One line of len bytes, copied: it will be cut up. */
static int
scan_line(struct scan *scan, const char *line, size_t len, struct err *err)
{
	char text[LINE_MAX_BYTES + 1];

	if (len > LINE_MAX_BYTES)
		return err_set(err, ERR_TOO_LARGE, "longer than %d bytes", LINE_MAX_BYTES);
	if (!str_utf8_valid(line, len))
		return err_set(err, ERR_INVALID, "not UTF-8 text");
	memcpy(text, line, len);
	text[len] = '\0';
	(void)str_trim(text);
	if (str_control_count(text) > 0 || strchr(text, '\r') != NULL)
		return err_set(err, ERR_INVALID, "a control character");
	if (str_ends(text, "\\"))
		return err_set(err, ERR_INVALID, "a backslash at the end: lines cannot continue");
	if (text[0] == '\0' || text[0] == '#' || text[0] == ';')
		return 0;
	if (text[0] == '[')
		return scan_section(scan, text, err);
	return scan_pair(scan, text, err);
}

/* Our pass. */
static int
scan_text(struct conf_file *file, const char *text, size_t len, struct err *err)
{
	struct scan scan = { file, NULL, 0 };
	size_t start = 0;
	int rc = 0;

	file->pairs = calloc(PAIRS_MAX, sizeof(file->pairs[0]));
	if (file->pairs == NULL)
		return err_set(err, ERR_INTERNAL, "out of memory");
	while (start < len && rc == 0) {
		const char *feed = memchr(text + start, '\n', len - start);
		size_t line_len = feed == NULL ? len - start : (size_t)(feed - text) - start;

		scan.line++;
		rc = scan_line(&scan, text + start, line_len, err);
		if (rc == -1)
			(void)err_prefix(err, "line %d", scan.line);
		start += line_len + 1;
	}
	free(scan.section);
	return rc;
}

/* iniparser's dictionary of these bytes, or NULL with err. */
static dictionary *
parse_text(const char *text, size_t len, struct err *err)
{
	dictionary *dict = NULL;
	char path[40];
	int fd = memfd_create("jqm.ini", MFD_CLOEXEC);

	if (fd == -1 || fd_write_all(fd, text, len) == -1 || fchmod(fd, 0600) == -1) {
		(void)err_errno(err, ERR_INTERNAL, "could not copy the file to memory");
		goto cleanup;
	}
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	parser_words[0] = '\0';
	iniparser_set_error_callback(keep_parser_words);
	dict = iniparser_load(path);
	iniparser_set_error_callback(NULL);
	if (dict == NULL)
		(void)err_set(err, ERR_INVALID, "the ini reader refused it: %s",
			      str_trim(parser_words));

cleanup:
	fd_close(&fd);
	return dict;
}

/* iniparser's pass: does it see what we saw? */
static int
compare_readers(const struct conf_file *file, const char *text, size_t len, struct err *err)
{
	dictionary *dict = parse_text(text, len, err);
	int rc = dict == NULL ? -1 : 0;

	for (size_t i = 0; i < file->len && rc == 0; i++) {
		const struct conf_pair *pair = &file->pairs[i];
		const char *value = iniparser_getstring(dict, pair->key, NULL);

		if (pair->value != NULL && (value == NULL || strcmp(value, pair->value) != 0))
			rc = err_set(err, ERR_INVALID,
				     "line %d: the ini reader takes the value of %s for another",
				     pair->line, pair->key);
	}
	if (dict != NULL)
		iniparser_freedict(dict);
	return rc;
}

int
conf_file_read(const char *path, struct conf_file *out, struct err *err)
{
	struct buf bytes = BUF_INIT(FILE_MAX_BYTES);
	int fd = open_private(path, err);
	int rc = -1;

	if (fd == -1 || fd_read_all(fd, &bytes, err) == -1)
		goto cleanup;
	if (scan_text(out, buf_text(&bytes), bytes.len, err) == -1)
		goto cleanup;
	rc = compare_readers(out, buf_text(&bytes), bytes.len, err);

cleanup:
	if (rc == -1) {
		(void)err_prefix(err, "configuration file \"%s\"", path);
		conf_file_free(out);
	}
	buf_free(&bytes);
	fd_close(&fd);
	return rc;
}

void
conf_file_free(struct conf_file *file)
{
	for (size_t i = 0; i < file->len; i++) {
		free(file->pairs[i].key);
		free(file->pairs[i].value);
	}
	free(file->pairs);
	*file = (struct conf_file)CONF_FILE_INIT;
}
