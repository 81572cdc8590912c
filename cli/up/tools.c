/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/up/tools.h"

#include <glob.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/num.h"
#include "base/path.h"
#include "base/str.h"
#include "cli/up/child.h"
#include "cli/up/home.h"

/* schema/0001 needs what version 15 brought. */
#define PG_MAJOR_MIN 15

char *
tools_file(const char *dir, const char *name)
{
	return str_printf("%s/%s", dir, name);
}

static bool
is_program(const char *dir, const char *name)
{
	char *path = tools_file(dir, name);
	bool found = access(path, X_OK) == 0;

	free(path);
	return found;
}

/* The first directory of list (as PATH) that has program name, in fresh memory, or NULL. */
static char *
find_in(const char *list, const char *name)
{
	while (list != NULL && *list != '\0') {
		size_t len = strcspn(list, ":");
		char *dir = str_printf("%.*s", (int)len, list);

		if (dir[0] == '/' && is_program(dir, name))
			return dir;
		free(dir);
		list += len + (list[len] == ':');
	}
	return NULL;
}

/* In PATH, then where administrators' programs are although a user's PATH may lack it. */
static char *
find_program(const char *name)
{
	char *dir = find_in(getenv("PATH"), name);

	return dir != NULL ? dir : find_in("/usr/local/sbin:/usr/sbin:/sbin:/usr/bin", name);
}

int
tools_find_ours(struct tools *out, struct err *err)
{
	char *real, *relative;

	free(out->bin_dir);
	free(out->share_dir);
	out->share_dir = NULL;
	out->bin_dir = path_program_dir(err);
	if (out->bin_dir == NULL)
		return -1;
	relative = tools_file(out->bin_dir, "../share/jqm");
	real = realpath(relative, NULL);
	if (real == NULL)
		(void)err_errno(err, ERR_NOT_FOUND,
				"jqm's own files are missing beside the program: \"%s\"", relative);
	out->share_dir = real;
	free(relative);
	return real == NULL ? -1 : 0;
}

/* Major version of the PostgreSQL in dir; 0 when it has none. */
static int
version_of(const char *dir)
{
	char *program = tools_file(dir, "postgres");
	char option[] = "--version";
	char *argv[] = { program, option, NULL };
	struct buf text = BUF_INIT(1000);
	struct err ignored = ERR_INIT;
	static const char words[] = "postgres (PostgreSQL) ";
	int major = 0;

	if (is_program(dir, "postgres") && child_capture(argv, &text, &ignored) == 0 &&
	    str_starts(buf_text(&text), words))
		major = (int)strtol(buf_text(&text) + strlen(words), NULL, 10);
	buf_free(&text);
	free(program);
	return major;
}

/* Keep dir if its version is better: the wanted one, or the newest when any will do (wanted 0). */
static void
consider(struct tools *tools, const char *dir, int wanted)
{
	int major = version_of(dir);

	if (major == 0 || (wanted != 0 && tools->pg_major == wanted) ||
	    (major != wanted && major <= tools->pg_major))
		return;
	free(tools->pg_dir);
	tools->pg_dir = str_dup(dir);
	tools->pg_major = major;
}

static void
consider_all(struct tools *tools, int wanted)
{
	const char *only = getenv("JQM_PG_BIN");
	glob_t found;
	char *dir;

	if (only != NULL && only[0] != '\0') {
		consider(tools, only, wanted);
		return;
	}
	if (glob("/usr/lib/postgresql/*/bin", 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++)
			consider(tools, found.gl_pathv[i], wanted);
		globfree(&found);
	}
	dir = find_in(getenv("PATH"), "postgres");
	if (dir != NULL)
		consider(tools, dir, wanted);
	free(dir);
}

/* The version of an existing database: *out 0 when there is none yet. */
static int
database_version(const struct home *home, int *out, struct err *err)
{
	char *path = home_file(home, "db/PG_VERSION");
	struct buf text = BUF_INIT(100);
	int64_t major = 0;
	int rc = 0;

	*out = 0;
	if (fd_read_file(path, &text, err) == -1) {
		rc = err->kind == ERR_NOT_FOUND ? 0 : -1;
		if (rc == 0)
			err_clear(err);
	} else {
		text.data = text.data == NULL ? str_dup("") : text.data;
		if (num_int64(str_trim(text.data), 9, 99, &major) == -1)
			rc = err_set(err, ERR_INVALID,
				     "the home is damaged: \"%s\" does not name a version of "
				     "PostgreSQL: restore a backup",
				     path);
	}
	*out = (int)major;
	buf_free(&text);
	free(path);
	return rc;
}

int
tools_find_postgres(const struct home *home, struct tools *out, struct err *err)
{
	static const char *const programs[] = { "initdb", "psql" };
	int wanted = 0;

	if (database_version(home, &wanted, err) == -1)
		return -1;
	consider_all(out, wanted);
	if (out->pg_dir == NULL)
		return err_set(err, ERR_NOT_FOUND,
			       "PostgreSQL's server (postgres) was not found: install package "
			       "postgresql");
	if (wanted != 0 && out->pg_major != wanted)
		return err_set(err, ERR_INVALID,
			       "the database in \"%s/db\" was made by PostgreSQL %d, installed is "
			       "%d: install package postgresql-%d",
			       home->path, wanted, out->pg_major, wanted);
	if (out->pg_major < PG_MAJOR_MIN)
		return err_set(err, ERR_INVALID,
			       "PostgreSQL %d is too old: install package postgresql, version %d "
			       "or later",
			       out->pg_major, PG_MAJOR_MIN);
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		if (!is_program(out->pg_dir, programs[i]))
			return err_set(err, ERR_NOT_FOUND,
				       "\"%s/%s\" is missing: install package postgresql%s-%d",
				       out->pg_dir, programs[i],
				       strcmp(programs[i], "psql") == 0 ? "-client" : "",
				       out->pg_major);
	return 0;
}

int
tools_find_nginx(struct tools *out, struct err *err)
{
	const char *only = getenv("JQM_NGINX");
	char *dir;

	if (only != NULL && only[0] != '\0') {
		if (access(only, X_OK) == 0)
			out->nginx = str_dup(only);
	} else if ((dir = find_program("nginx")) != NULL) {
		out->nginx = tools_file(dir, "nginx");
		free(dir);
	}
	if (out->nginx == NULL)
		return err_set(err, ERR_NOT_FOUND,
			       "the web server nginx was not found: install package nginx-light "
			       "or nginx");
	return 0;
}

int
tools_find(const struct home *home, struct tools *out, struct err *err)
{
	static const char *const ours[] = { "jqm-fcgi",     "jqm-runner", "jqm-keeper",
					    "jqm-notifier", "jqm-events", "jqm-hooks" };

	if (tools_find_ours(out, err) == -1 || tools_find_postgres(home, out, err) == -1 ||
	    tools_find_nginx(out, err) == -1)
		return -1;
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (!is_program(out->bin_dir, ours[i]))
			return err_set(err, ERR_NOT_FOUND,
				       "program \"%s/%s\" is missing: build or install jqm again",
				       out->bin_dir, ours[i]);
	return 0;
}

void
tools_free(struct tools *tools)
{
	free(tools->bin_dir);
	free(tools->share_dir);
	free(tools->pg_dir);
	free(tools->nginx);
	*tools = (struct tools)TOOLS_INIT;
}
