/* SPDX-License-Identifier: Apache-2.0 */
/* lib/test_db.c: databases for tests, copied from a template that has the schema. */
#include "tests/lib/test_db.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "db/db.h"
#include "db/migrate.h"

#define NAMES_MAX 16
#define TEMPLATE_LOCK "4805966" /* any number, the same in every test program */

/* This process: what it made, and the strings it lent out. */
static struct {
	char *host; /* the socket directory */
	char *names[NAMES_MAX]; /* databases to drop */
	int name_count;
	char *lent[256];
	int lent_count;
	int guard_fd; /* the private cluster stops when this is closed */
	pid_t guard;
	pid_t owner; /* a forked child must not clean up */
	struct db *kept; /* a connection to the kept_count-th database, see borrow() */
	int kept_count;
	pid_t kept_by;
} state = { .guard_fd = -1, .guard = -1 };

static void die(const char *what, const struct err *err) __attribute__((noreturn));

static void
die(const char *what, const struct err *err)
{
	fprintf(stderr, "test_db: %s: %s\n", what, err != NULL ? err->text : strerror(errno));
	exit(99);
}

/* Keep text until exit. */
static const char *
lend(char *text)
{
	if (state.lent_count == (int)(sizeof(state.lent) / sizeof(state.lent[0]))) {
		fprintf(stderr, "test_db: too many strings lent\n");
		exit(99);
	}
	state.lent[state.lent_count++] = text;
	return text;
}

static char *
conninfo_of(const char *database, const char *role)
{
	return str_printf("host=%s dbname=%s user=%s connect_timeout=60", state.host, database,
			  role);
}

/* A handle on a database of the cluster, as superuser. */
static struct db *
open_as_super(const char *database)
{
	char *conninfo = conninfo_of(database, "postgres");
	struct db *db = db_new(conninfo, "test_db");

	free(conninfo);
	return db;
}

static void
must_sql(struct db *db, const char *sql)
{
	struct err err = ERR_INIT;

	if (db_exec_sql(db, sql, &err) == -1)
		die(sql, &err);
}

/* ---- the cluster ---- */

static void
at_exit(void)
{
	if (state.owner != getpid())
		return;
	db_free(state.kept);
	state.kept = NULL;
	if (state.name_count > 0) {
		struct db *db = open_as_super("postgres");
		struct err ignored = ERR_INIT;

		while (state.name_count > 0) {
			char *name = state.names[--state.name_count];
			char *sql = str_printf("drop database if exists \"%s\" with (force)", name);

			/* with a private cluster the whole of it goes anyway */
			if (state.guard == -1 && db_exec_sql(db, sql, &ignored) == -1)
				fprintf(stderr, "test_db: %s: %s\n", sql, ignored.text);
			free(sql);
			free(name);
		}
		db_free(db);
	}
	if (state.guard != -1) {
		fd_close(&state.guard_fd);
		(void)waitpid(state.guard, NULL, 0);
	}
	for (int i = 0; i < state.lent_count; i++)
		free(state.lent[i]);
	state.lent_count = 0;
	free(state.host);
	state.host = NULL;
}

/* Start a cluster that ends with us: its guard reads a pipe of which we hold the other end. */
static void
start_private_cluster(void)
{
	const char *script = test_db_source("tests/lib/temp_cluster.sh");
	char *dir = str_printf("/tmp/jqm-test-%ld", (long)getpid());
	int life[2];
	int ready[2];
	char word[6] = "";

	if (pipe2(life, O_CLOEXEC) == -1 || pipe2(ready, O_CLOEXEC) == -1)
		die("pipe", NULL);
	state.guard = fork();
	if (state.guard == -1)
		die("fork", NULL);
	if (state.guard == 0) {
		/* its own session: a Ctrl-C for the test must not stop the guard half way */
		(void)setsid();
		if (dup2(life[0], STDIN_FILENO) == -1 || dup2(ready[1], STDOUT_FILENO) == -1)
			_exit(127);
		execl(script, script, "guard", dir, (char *)NULL);
		_exit(127);
	}
	fd_close(&life[0]);
	fd_close(&ready[1]);
	state.guard_fd = life[1];
	if (read(ready[0], word, 5) != 5 || strcmp(word, "ready") != 0) {
		fprintf(stderr, "test_db: %s did not start a cluster\n", script);
		exit(99);
	}
	fd_close(&ready[0]);
	state.host = str_printf("%s/s", dir);
	free(dir);
}

static void
find_cluster(void)
{
	const char *host = getenv("JQM_TEST_PGHOST");

	if (state.host != NULL)
		return;
	state.owner = getpid();
	if (atexit(at_exit) != 0)
		die("atexit", NULL);
	if (host != NULL && host[0] != '\0')
		state.host = str_dup(host);
	else
		start_private_cluster();
}

/* ---- the template ---- */

const char *
test_db_source(const char *path)
{
	const char *root = getenv("JQM_TEST_SOURCE");

	return lend(str_printf("%s/%s", root != NULL && root[0] != '\0' ? root : ".", path));
}

static uint64_t
fnv1a(uint64_t hash, const void *data, size_t len)
{
	const unsigned char *bytes = data;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ bytes[i]) * UINT64_C(1099511628211);
	return hash;
}

static int
is_sql(const struct dirent *entry)
{
	return str_ends(entry->d_name, ".sql");
}

/* A template's name follows from the schema files, so that an edited file makes a new one. */
static char *
template_name(const char *schema_dir)
{
	uint64_t hash = UINT64_C(14695981039346656037);
	struct dirent **entries = NULL;
	int count = scandir(schema_dir, &entries, is_sql, alphasort);

	if (count == -1)
		die(schema_dir, NULL);
	for (int i = 0; i < count; i++) {
		char *path = str_printf("%s/%s", schema_dir, entries[i]->d_name);
		struct buf text = BUF_INIT(16u * 1024 * 1024);
		struct err err = ERR_INIT;

		if (fd_read_file(path, &text, &err) == -1)
			die(path, &err);
		hash = fnv1a(hash, entries[i]->d_name, strlen(entries[i]->d_name) + 1);
		hash = fnv1a(hash, buf_text(&text), text.len);
		buf_free(&text);
		free(path);
		free(entries[i]);
	}
	free(entries);
	return str_printf("jqm_template_%016" PRIx64, hash);
}

static bool
database_exists(struct db *db, const char *name)
{
	static const struct db_stmt find = {
		.name = "",
		.text = "select from pg_database where datname = $1",
		.n_params = 1,
		.read_only = true,
	};
	const char *params[1] = { name };
	struct db_result *rows;
	struct err err = ERR_INIT;
	bool found;

	if (db_exec(db, &find, params, &rows, &err) == -1)
		die("template", &err);
	found = db_rows(rows) > 0;
	db_result_free(rows);
	return found;
}

/* The first program of a run makes the template, the others wait for it. */
static char *
ensure_template(struct db *super)
{
	const char *schema_dir = test_db_source("sql/schema");
	char *name = template_name(schema_dir);
	struct err err = ERR_INIT;

	must_sql(super, "select pg_advisory_lock(" TEMPLATE_LOCK ")");
	if (!database_exists(super, name)) {
		struct db *db;
		char *sql;

		must_sql(super, "drop database if exists jqm_template_new with (force)");
		must_sql(super, "create database jqm_template_new");
		db = open_as_super("jqm_template_new");
		if (migrate_apply(db, schema_dir, NULL, &err) == -1)
			die("template", &err);
		db_free(db);
		sql = str_printf("alter database jqm_template_new rename to \"%s\"", name);
		must_sql(super, sql);
		free(sql);
	}
	must_sql(super, "select pg_advisory_unlock(" TEMPLATE_LOCK ")");
	return name;
}

/* ---- databases ---- */

static const char *
create(const char *name_hint, bool with_schema)
{
	struct db *super;
	char *source;
	char *name;
	char *sql;

	find_cluster();
	if (state.name_count == NAMES_MAX) {
		fprintf(stderr, "test_db: too many databases\n");
		exit(99);
	}
	super = open_as_super("postgres");
	source = with_schema ? ensure_template(super) : str_dup("template1");
	name = str_printf("t_%s_%ld_%d", name_hint, (long)getpid(), state.name_count);
	sql = str_printf("create database \"%s\" template \"%s\"", name, source);
	must_sql(super, sql);
	state.names[state.name_count++] = name;
	db_free(super);
	free(source);
	free(sql);
	return test_db_conninfo();
}

const char *
test_db_create(const char *name_hint)
{
	return create(name_hint, true);
}

const char *
test_db_create_empty(const char *name_hint)
{
	return create(name_hint, false);
}

const char *
test_db_conninfo_as(const char *role)
{
	if (state.name_count == 0)
		(void)test_db_create("test");
	return lend(conninfo_of(state.names[state.name_count - 1], role));
}

const char *
test_db_conninfo(void)
{
	return test_db_conninfo_as("postgres");
}

static struct db *
open_newest(void)
{
	if (state.name_count == 0)
		(void)test_db_create("test");
	return open_as_super(state.names[state.name_count - 1]);
}

/*
 * The newest database by a connection that is kept: many tests ask until the answer is the one they wait for, and a
 * connection costs the server more than most answers.  A forked child leaves its parent's alone; another thread gets one
 * of its own.  To be given back.
 */
static struct db *
borrow(void)
{
	struct err err = ERR_INIT;

	if (gettid() != getpid())
		return open_newest();
	if (state.kept_by != getpid())
		state.kept = NULL;
	if (state.kept != NULL && state.kept_count != state.name_count) {
		db_free(state.kept);
		state.kept = NULL;
	}
	if (state.kept == NULL) {
		state.kept = open_newest();
		state.kept_count = state.name_count;
		state.kept_by = getpid();
	}
	if (db_exec_sql(state.kept, "select", &err) == -1) /* ended by who ended all connections */
		db_disconnect(state.kept);
	return state.kept;
}

/*
 * As with a connection that is closed, what it has set, locked or made for its session is gone, and what it has read and
 * written is in the statistics.
 */
static void
give_back(struct db *db)
{
	struct err err = ERR_INIT;

	if (gettid() != getpid())
		db_free(db);
	else if (db_exec_sql(db, "select pg_stat_force_next_flush()", &err) == -1 ||
		 db_exec_sql(db, "discard all", &err) == -1)
		db_disconnect(db);
}

void
test_db_sql(const char *fmt, ...)
{
	struct db *db = borrow();
	va_list args;
	char *sql = NULL;

	va_start(args, fmt);
	if (vasprintf(&sql, fmt, args) == -1)
		die("vasprintf", NULL);
	va_end(args);
	must_sql(db, sql);
	free(sql);
	give_back(db);
}

char *
test_db_value(const char *fmt, ...)
{
	struct db *db = borrow();
	struct db_stmt stmt = { .name = "", .read_only = true };
	struct db_result *rows;
	struct err err = ERR_INIT;
	char *sql = NULL;
	char *value;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&sql, fmt, args) == -1)
		die("vasprintf", NULL);
	va_end(args);
	stmt.text = sql;
	if (db_exec(db, &stmt, NULL, &rows, &err) == -1)
		die(sql, &err);
	value = str_dup(db_rows(rows) > 0 && !db_is_null(rows, 0, 0) ? db_text(rows, 0, 0) : "");
	db_result_free(rows);
	free(sql);
	give_back(db);
	return value;
}

void
test_db_wait_away(int period_s, int ahead_s)
{
	for (bool is_away = false; !is_away;) {
		char *text =
		    test_db_value("select mod(extract(epoch from now())::bigint, %d) <= %d",
				  period_s, period_s - ahead_s);

		is_away = text[0] == 't';
		free(text);
		if (!is_away)
			(void)poll(NULL, 0, 100);
	}
}
