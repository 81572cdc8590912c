/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf/settings.h: every setting of every program, from one table (settings.c) that conf/README.md
 * documents and a lint test compares.  Keys are "section:key" of conf/jqm.ini.
 *
 * Values: the file, else the default of the table.  An unknown section or key, a value that is empty,
 * of the wrong type or out of range, a file others can read: an error that names file, key, reason.
 * A PATH is absolute.  INT and SIZE rows always have a default.
 */
#ifndef CONF_SETTINGS_H
#define CONF_SETTINGS_H

#include <stddef.h>
#include <stdint.h>

struct err;

enum setting_type { SETTING_TEXT, SETTING_PATH, SETTING_INT, SETTING_SIZE };

/* One row of the table. */
struct setting {
	const char *key; /* "runner:lease_ms" */
	enum setting_type type;
	const char *unit; /* "ms", "bytes", "" */
	const char *default_value; /* NULL: must be given by whoever needs it */
	int64_t min, max; /* for INT and SIZE */
	const char *choices; /* for TEXT: "number text"; NULL: anything */
	const char *readers; /* "jqm-runner", for the documentation */
	const char *meaning; /* one line */
};
extern const struct setting settings_table[];
extern const size_t settings_table_len;

struct settings; /* opaque; owns its strings */

/* Read and check path.  NULL with err on failure (ERR_NOT_FOUND, ERR_INVALID, ERR_DENIED). */
struct settings *settings_read(const char *path, struct err *err);

/* Defaults only. */
struct settings *settings_default(void);
void settings_free(struct settings *settings);

/* The text of a key of the table (asserts that it exists); NULL when neither given nor defaulted. */
const char *settings_text(const struct settings *settings, const char *key);
int64_t settings_int(const struct settings *settings, const char *key); /* INT and SIZE */

/* As settings_text(), but -1 with "setting x is missing from file y" when there is no value. */
int settings_require(const struct settings *settings, const char *key, const char **out,
		     struct err *err);

/* Log to the file that key names from now on, as node:log_max_bytes and node:log_keep say; not given: to
 * standard error as before.  0 or -1. */
int settings_open_log(const struct settings *settings, const char *key, struct err *err);

/*
 * Section [job_environment] is free: each key becomes a variable of every job of the node.  The ini
 * reader folds case, so names are upper-cased.  n-th pair: 0, or -1 past the end.
 */
int settings_job_environment(const struct settings *settings, size_t n, const char **name_out,
			     const char **value_out);

#endif
