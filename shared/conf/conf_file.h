/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf/conf_file.h: an ini file as a list of assignments, for settings.c.
 *
 * The file must be regular, belong to the reader or to root, and be closed to everybody else.
 * What iniparser would accept in silence and read differently from what was meant is an error with
 * the line's number: a duplicate, a key outside any section, an unquoted ';' or '#' in a value, text
 * behind a closing quote, a line continued or too long, control characters.  The rest is read by us
 * and by iniparser, and both must see the same values.
 */
#ifndef CONF_CONF_FILE_H
#define CONF_CONF_FILE_H

#include <stddef.h>

struct err;

/* One line that says something. */
struct conf_pair {
	char *key; /* "section:key", lower case; "section" alone for its heading */
	char *value; /* quotes removed; may be ""; NULL for a heading */
	int line;
};

/* Owns its pairs, which stand in the order of the file. */
struct conf_file {
	struct conf_pair *pairs;
	size_t len;
};
#define CONF_FILE_INIT  \
	{               \
		NULL, 0 \
	}

/*
 * Read path into *out (which must be empty).  0, or -1 with err and *out empty: ERR_NOT_FOUND,
 * ERR_DENIED (not readable, or readable by others), ERR_INVALID, ERR_TOO_LARGE, ERR_INTERNAL.
 */
int conf_file_read(const char *path, struct conf_file *out, struct err *err);
void conf_file_free(struct conf_file *file);

#endif
