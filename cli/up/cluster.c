/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/up/cluster.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "cli/up/home.h"
#include "cli/up/process.h"
#include "cli/up/sup.h"
#include "cli/up/tools.h"
#include "cli/up/tree.h"
#include "db/db.h"

/* A fresh cluster with its log of changes and our schema takes about 80 MB. */
#define NEEDED_BYTES ((unsigned long long)150 * 1024 * 1024)
#define CONF_MAX_BYTES ((size_t)1024 * 1024)

static const char server_settings[] =
    "\n"
    "# What \"jqm up\" chose when it made this cluster; yours to change.\n"
    "# Sockets and addresses are given on the command line, not here.\n"
    "max_connections = 100\n"
    "shared_buffers = 64MB\n"
    "max_wal_size = 512MB\n"
    "autovacuum_naptime = 10s\n"
    "jit = off\n"
    "log_line_prefix = '%m [%p] %q%a %u@%d '\n"
    "log_checkpoints = off\n";

static const char server_hba[] =
    "# Who may connect: the operating system tells who calls, pg_ident.conf which roles that is.\n"
    "local all all peer map=jqm\n"
    "# Base backups (docs/backup.md).\n"
    "local replication postgres peer map=jqm\n";

static const char *const database_roles[] = { "postgres",   "jqm_owner",    "jqm_api",
					      "jqm_runner", "jqm_notifier", "jqm_events",
					      "jqm_client", "jqm_backup" };

char *
cluster_conninfo(const struct home *home, const char *database)
{
	return str_printf("host=%s port=5432 user=postgres dbname=%s connect_timeout=5",
			  home->sockets, database);
}

static int
check_room(const struct home *home, struct err *err)
{
	struct statvfs room;

	if (statvfs(home->path, &room) == 0 &&
	    (unsigned long long)room.f_bavail * room.f_frsize < NEEDED_BYTES)
		return err_set(err, ERR_TOO_LARGE,
			       "no room for a database in \"%s\": %llu MB are free, %llu MB needed",
			       home->path,
			       (unsigned long long)room.f_bavail * room.f_frsize / 1024 / 1024,
			       NEEDED_BYTES / 1024 / 1024);
	return 0;
}

/* Append our settings to what initdb wrote, and say who may connect. */
static int
write_settings(const char *dir, struct err *err)
{
	char *conf_path = tools_file(dir, "postgresql.conf");
	char *hba_path = tools_file(dir, "pg_hba.conf");
	struct buf text = BUF_INIT(CONF_MAX_BYTES);
	int rc = fd_read_file(conf_path, &text, err);

	buf_puts(&text, server_settings);
	if (rc == 0)
		rc = buf_check(&text, err);
	if (rc == 0)
		rc = fd_write_file(conf_path, 0600, buf_text(&text), text.len, err);
	if (rc == 0)
		rc = fd_write_file(hba_path, 0600, server_hba, strlen(server_hba), err);
	buf_free(&text);
	free(hba_path);
	free(conf_path);
	return rc;
}

/* initdb in db.new, then rename: HOME/db is there whole or not at all. */
static int
make_new(struct sup *sup, const struct tools *tools, const char *db, struct err *err)
{
	char *temp = home_file(sup->home, "db.new");
	char *program = tools_file(tools->pg_dir, "initdb");
	char *log = home_file(sup->home, "log/postgres.log");
	const char *const argv[] = { program,
				     "--pgdata",
				     temp,
				     "--username=postgres",
				     "--encoding=UTF8",
				     "--locale=C.UTF-8",
				     "--data-checksums",
				     "--auth-local=peer",
				     "--auth-host=reject",
				     "--no-instructions",
				     NULL };
	int rc = check_room(sup->home, err);

	if (rc == 0)
		rc = tree_remove(temp, err);
	if (rc == 0)
		rc = sup_tool(sup, argv, log, err);
	if (rc == 0)
		rc = write_settings(temp, err);
	if (rc == 0 && rename(temp, db) == -1)
		rc = err_errno(err, ERR_INTERNAL, "could not rename \"%s\"", temp);
	if (rc == -1) {
		struct err ignored = ERR_INIT;

		(void)tree_remove(temp, &ignored);
		(void)err_prefix(err, "could not make the database");
	}
	free(log);
	free(program);
	free(temp);
	return rc;
}

int
cluster_make(struct sup *sup, const struct tools *tools, struct err *err)
{
	static const char *const parts[] = { "PG_VERSION", "global/pg_control", "postgresql.conf",
					     "pg_hba.conf" };
	char *db = home_file(sup->home, "db");
	struct stat st;
	int rc = 0;

	if (lstat(db, &st) == -1 && errno != ENOENT) {
		rc = err_errno(err, ERR_INTERNAL, "could not examine \"%s\"", db);
	} else if (lstat(db, &st) == -1 || rmdir(db) == 0) { /* an empty one is none */
		rc = make_new(sup, tools, db, err);
	} else {
		for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && rc == 0; i++) {
			char *part = tools_file(db, parts[i]);

			if (access(part, F_OK) == -1)
				rc = err_errno(err, ERR_INVALID,
					       "the home is damaged (restore a backup, or start "
					       "with another home): \"%s\"",
					       part);
			free(part);
		}
	}
	free(db);
	return rc;
}

static int
write_ident(const struct home *home, struct err *err)
{
	char *path = home_file(home, "db/pg_ident.conf");
	const struct passwd *account = getpwuid(geteuid());
	struct buf text = BUF_INIT(CONF_MAX_BYTES);
	int rc;

	if (account == NULL) {
		rc = err_set(err, ERR_INTERNAL, "uid %u has no name in /etc/passwd",
			     (unsigned)geteuid());
		goto cleanup;
	}
	buf_puts(&text,
		 "# Written by \"jqm up\" at each start: which roles the account of the home "
		 "may take.\n");
	for (size_t i = 0; i < sizeof(database_roles) / sizeof(database_roles[0]); i++)
		buf_printf(&text, "jqm \"%s\" %s\n", account->pw_name, database_roles[i]);
	rc = fd_write_file(path, 0600, buf_text(&text), text.len, err);

cleanup:
	buf_free(&text);
	free(path);
	return rc;
}

/* Remove a lock file of PostgreSQL whose server is gone: its pid may be anybody's by now. */
static void
forget_lock(const struct home *home, const char *path)
{
	pid_t pid = 0;
	int fd = pid_file_open(path, "postgres", home->path, &pid);

	if (fd == -1)
		(void)unlink(path);
	fd_close(&fd);
}

int
cluster_prepare(const struct home *home, struct err *err)
{
	char *lock = home_file(home, "db/postmaster.pid");
	char *socket_lock = tools_file(home->sockets, ".s.PGSQL.5432.lock");
	int rc = write_ident(home, err);

	forget_lock(home, lock);
	forget_lock(home, socket_lock);
	free(socket_lock);
	free(lock);
	return rc;
}

void
cluster_set_argv(struct sup *sup, const struct tools *tools)
{
	char *program = tools_file(tools->pg_dir, "postgres");
	char *db = home_file(sup->home, "db");
	char *sockets = str_printf("unix_socket_directories=%s", sup->home->sockets);
	char *log = home_file(sup->home, "log");
	char *log_dir = str_printf("log_directory=%s", log);
	const char *const argv[] = { program,
				     "-D",
				     db,
				     "-c",
				     "listen_addresses=",
				     "-c",
				     sockets,
				     "-c",
				     "unix_socket_permissions=0700",
				     "-c",
				     "port=5432",
				     "-c",
				     "log_destination=stderr",
				     "-c",
				     "logging_collector=on", /* only so can it open another */
				     "-c",
				     log_dir,
				     "-c",
				     "log_filename=postgres.log", /* as what it says before */
				     "-c",
				     "log_rotation_age=0",
				     "-c",
				     "log_rotation_size=0",
				     NULL };

	sup_set_argv(sup, PROGRAM_POSTGRES, argv);
	free(log_dir);
	free(log);
	free(sockets);
	free(db);
	free(program);
}

int
cluster_accepts(void *home, struct err *err)
{
	const struct home *of = home;
	char *conninfo = cluster_conninfo(of, "postgres");
	struct db *db = db_new(conninfo, "jqm up");
	struct err why = ERR_INIT;
	int rc = 1;

	if (db_connect(db, &why) == -1) {
		*err = why;
		rc = why.kind == ERR_BUSY ? 0 : -1;
	}
	db_free(db);
	free(conninfo);
	return rc;
}
