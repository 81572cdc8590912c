/* SPDX-License-Identifier: Apache-2.0 */
/* jqm down, status, psql, db: what can be asked of a home. */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "cli/args.h"
#include "cli/cli.h"
#include "cli/up.h"
#include "cli/up/cluster.h"
#include "cli/up/conf_write.h"
#include "cli/up/database.h"
#include "cli/up/home.h"
#include "cli/up/open_home.h"
#include "cli/up/owner_database.h"
#include "cli/up/process.h"
#include "cli/up/sup.h"
#include "cli/up/tools.h"
#include "codec/doc_json.h"
#include "db/db.h"

/* Longer than all bounded waits of sup_stop() together. */
#define DOWN_MS 240000
#define KEEPER_MS 15000
#define JSON_MAX_BYTES 65536
#define STATUS_PARTLY 1
#define STATUS_DOWN 3

static int
no_arguments(struct cli *cli, int argc, char **argv, int *code_out)
{
	struct args args;
	int next;

	args_init(&args, cli, argc, argv, NULL, 0);
	next = args_next(&args);
	if (next == ARGS_END)
		return 0;
	*code_out =
	    next == ARGS_STOP ? args.exit_code : cli_usage(cli, "unexpected \"%s\"", args.value);
	return -1;
}

/* The keeper outlives a runner that was killed; when all shall stop, it shall too. */
static void
end_keeper(const struct home *home)
{
	char *path = home_file(home, "run/jqm-keeper.pid");
	pid_t pid = 0;
	int fd = pid_file_open(path, "jqm-keeper", home->path, &pid);

	if (fd != -1 && process_end(fd, SIGTERM, KEEPER_MS) == -1)
		(void)process_end(fd, SIGKILL, KEEPER_MS);
	fd_close(&fd);
	free(path);
}

/* 1: it was running and is gone; 0: it was not running; -1. */
static int
stop_supervisor(const struct home *home, struct err *err)
{
	pid_t pid = 0, still = 0;
	int rc = home_supervisor(home, &pid, err);
	int fd;

	if (rc != 1)
		return rc;
	if (pid == 0)
		return err_set(err, ERR_BUSY, "home \"%s\" is just being started: try again",
			       home->path);
	fd = (int)syscall(SYS_pidfd_open, pid, 0);
	/* Still the one that holds the lock?  Else the number may be anybody's. */
	if (fd == -1 || home_supervisor(home, &still, err) != 1 || still != pid) {
		fd_close(&fd);
		return 1;
	}
	rc = process_end(fd, SIGTERM, DOWN_MS);
	fd_close(&fd);
	if (rc == -1)
		return err_set(err, ERR_BUSY, "process %ld does not stop", (long)pid);
	return 1;
}

int
cli_down(struct cli *cli, int argc, char **argv)
{
	struct home home = HOME_INIT;
	struct err err = ERR_INIT;
	int code, rc, lock = -1;

	if (no_arguments(cli, argc, argv, &code) == -1)
		return code;
	if (open_home(cli, &home, &code) == -1)
		goto cleanup;
	rc = home_exists(home.path) ? stop_supervisor(&home, &err) : 0;
	if (rc != -1 && home_exists(home.path)) {
		/* A supervisor that was killed may have left some; under the lock they are nobody's. */
		lock = home_lock(&home, &err);
		if (lock == -1) {
			rc = -1;
		} else {
			sup_end_leftovers(&home);
			end_keeper(&home);
		}
	}
	if (rc == -1) {
		(void)cli_fail(cli, &err);
		goto cleanup;
	}
	code = CLI_OK;
	if (cli->json)
		(void)printf("{\"was_running\":%s}\n", rc == 1 ? "true" : "false");
	else
		(void)printf(rc == 1 ? "JQM in %s is stopped.\n" : "JQM in %s was not running.\n",
			     home.path);

cleanup:
	fd_close(&lock);
	home_free(&home);
	return code;
}

struct status_row {
	const char *name;
	pid_t pid; /* 0: down */
	int64_t since_us;
	bool ordered; /* down because an administrator wants it so */
};

static void
fill_row(const struct home *home, int which, struct status_row *row)
{
	struct process process;
	struct err ignored = ERR_INIT;
	pid_t pid = 0;
	int fd = -1;

	row->name = which == PROGRAM_COUNT ? "jqm" : program_name(which);
	if (which == PROGRAM_COUNT) {
		(void)home_supervisor(home, &pid, &ignored);
	} else {
		char *path = program_file(home, "pid", which);

		fd = pid_file_open(path, row->name, home->path, &pid);
		if (fd == -1)
			pid = 0;
		free(path);
		path = program_file(home, "stopped", which);
		row->ordered = pid == 0 && access(path, F_OK) == 0;
		free(path);
	}
	if (pid != 0 && process_read(pid, &process) == 0) {
		row->pid = pid;
		row->since_us = process_born_wall_us(&process);
	}
	fd_close(&fd);
}

static void
status_json(const struct home *home, const char *state, const struct status_row *rows, int port)
{
	struct buf out = BUF_INIT(JSON_MAX_BYTES);
	char since[CLOCK_TEXT_SIZE];

	buf_puts(&out, "{\"home\":");
	doc_json_write_text(home->path, &out);
	buf_printf(&out, ",\"state\":\"%s\",\"url\":", state);
	if (port == 0)
		buf_puts(&out, "null");
	else
		buf_printf(&out, "\"%s://127.0.0.1:%d/\"", conf_scheme(home), port);
	buf_puts(&out, ",\"programs\":[");
	for (int i = 0; i <= PROGRAM_COUNT; i++) {
		clock_rfc3339(since, rows[i].since_us);
		buf_printf(&out, "%s{\"name\":\"%s\",", i == 0 ? "" : ",", rows[i].name);
		if (rows[i].pid == 0)
			buf_puts(&out, "\"pid\":null,\"up_since\":null");
		else
			buf_printf(&out, "\"pid\":%ld,\"up_since\":\"%s\"", (long)rows[i].pid,
				   since);
		buf_printf(&out, ",\"stopped_on_order\":%s}", rows[i].ordered ? "true" : "false");
	}
	(void)printf("%s]}\n", buf_text(&out));
	buf_free(&out);
}

static void
status_text(const struct home *home, const char *state, const struct status_row *rows, int port)
{
	char since[CLOCK_TEXT_SIZE];

	(void)printf("JQM in %s is %s\n", home->path, state);
	if (port != 0)
		(void)printf("  %-12s %s://127.0.0.1:%d/\n", "address", conf_scheme(home), port);
	for (int i = 0; i <= PROGRAM_COUNT; i++) {
		clock_rfc3339(since, rows[i].since_us);
		if (rows[i].ordered)
			(void)printf(
			    "  %-12s stopped: an administrator stopped or drained its node; "
			    "jqm down and jqm up start it\n",
			    rows[i].name);
		else if (rows[i].pid == 0)
			(void)printf("  %-12s down\n", rows[i].name);
		else
			(void)printf("  %-12s up since %.19sZ, process %ld\n", rows[i].name, since,
				     (long)rows[i].pid);
	}
}

int
cli_status(struct cli *cli, int argc, char **argv)
{
	static const char *const states[] = { "up", "partly up", "", "down" };
	struct status_row rows[PROGRAM_COUNT + 1] = { { NULL, 0, 0, false } };
	struct home home = HOME_INIT;
	int code, up = 0, port;

	if (no_arguments(cli, argc, argv, &code) == -1)
		return code;
	if (open_home(cli, &home, &code) == -1)
		goto cleanup;
	for (int i = 0; i <= PROGRAM_COUNT; i++) {
		fill_row(&home, i, &rows[i]);
		up += rows[i].pid != 0;
	}
	/* What an earlier supervisor noted is over with it. */
	for (int i = 0; i < PROGRAM_COUNT; i++)
		rows[i].ordered = rows[i].ordered && rows[PROGRAM_COUNT].pid != 0;
	port = conf_last_port(&home);
	code = up == PROGRAM_COUNT + 1 ? CLI_OK : up == 0 ? STATUS_DOWN : STATUS_PARTLY;
	if (cli->json)
		status_json(&home, states[code], rows, port);
	else
		status_text(&home, states[code], rows, port);

cleanup:
	home_free(&home);
	return code;
}

/*
 * "--home D" and "--help" are ours as long as they come first; all else is psql's.  Index of psql's
 * first argument; -1 with *code_out: there is nothing more to do.
 */
static int
psql_first_argument(struct cli *cli, int argc, char **argv, int *code_out)
{
	struct args args;
	int at = 1;

	while (at < argc && (strcmp(argv[at], "--home") == 0 || str_starts(argv[at], "--home=") ||
			     strcmp(argv[at], "--help") == 0 || strcmp(argv[at], "-h") == 0)) {
		int end = at + (strcmp(argv[at], "--home") == 0 ? 2 : 1);

		args_init(&args, cli, end < argc ? end : argc, argv, NULL, 0);
		args.at = at;
		if (args_next(&args) == ARGS_STOP) {
			*code_out = args.exit_code;
			return -1;
		}
		at = args.at;
	}
	return at < argc && strcmp(argv[at], "--") == 0 ? at + 1 : at;
}

int
cli_psql(struct cli *cli, int argc, char **argv)
{
	struct home home = HOME_INIT;
	struct tools tools = TOOLS_INIT;
	struct err err = ERR_INIT;
	char **arguments = NULL;
	int code = CLI_FAILED, first = psql_first_argument(cli, argc, argv, &code);

	if (first == -1)
		return code;
	if (open_home(cli, &home, &code) == -1)
		goto cleanup;
	if (tools_find_postgres(&home, &tools, &err) == -1)
		goto failed;
	arguments = calloc((size_t)(argc - first) + 2, sizeof(arguments[0]));
	if (arguments == NULL)
		abort();
	arguments[0] = tools_file(tools.pg_dir, "psql");
	for (int i = first; i < argc; i++)
		arguments[1 + i - first] = argv[i];
	(void)setenv("PGHOST", home.sockets, 1);
	(void)setenv("PGPORT", "5432", 1);
	(void)setenv("PGUSER", "postgres", 1);
	(void)setenv("PGDATABASE", "jqm", 1);
	(void)unsetenv("PGSERVICE");
	(void)unsetenv("PGHOSTADDR");
	(void)execv(arguments[0], arguments);
	(void)err_errno(&err, ERR_INTERNAL, "could not start \"%s\"", arguments[0]);
	free(arguments[0]);

failed:
	(void)cli_fail(cli, &err);
	code = CLI_FAILED;

cleanup:
	free(arguments);
	tools_free(&tools);
	home_free(&home);
	return code;
}

/* What is asked for, done on that database, and said. */
static int
db_upgrade(const struct cli *cli, const char *conninfo, const struct tools *tools, struct err *err)
{
	int applied = 0;

	if (database_upgrade(conninfo, tools->share_dir, &applied, err) == -1)
		return -1;
	if (cli->json)
		(void)printf("{\"applied\":%d}\n", applied);
	else if (applied == 0)
		(void)printf("The schema is up to date.\n");
	else
		(void)printf("%d schema files applied.\n", applied);
	return 0;
}

static int
db_restored(const struct cli *cli, const char *conninfo, bool paused, struct err *err)
{
	struct database_restored restored;

	if (database_after_restore(conninfo, paused, &restored, err) == -1)
		return -1;
	(void)printf(cli->json ? "{\"jobsLost\":%lld,\"nextId\":%lld}\n"
			       : "%lld jobs that ran were given up; the next job is %lld.\n",
		     restored.jobs_lost, restored.next_id);
	return 0;
}

int
cli_db(struct cli *cli, int argc, char **argv)
{
	static const struct args_option options[] = { { "paused", 0, false } };
	struct tools tools = TOOLS_INIT;
	struct err err = ERR_INIT;
	struct args args;
	char *conninfo = NULL;
	int code = CLI_FAILED, next;
	bool restored = false, upgrade = false, open_api = false, paused = false, said;

	args_init(&args, cli, argc, argv, options, 1);
	while ((next = args_next(&args)) != ARGS_END) {
		if (next == ARGS_STOP)
			return args.exit_code;
		said = restored || upgrade || open_api;
		if (next == 0)
			paused = true;
		else if (!said && strcmp(args.value, "upgrade") == 0)
			upgrade = true;
		else if (!said && strcmp(args.value, "restored") == 0)
			restored = true;
		else if (!said && strcmp(args.value, "open-api") == 0)
			open_api = true;
		else
			return cli_usage(cli, "unexpected \"%s\"", args.value);
	}
	if (!restored && !upgrade && !open_api)
		return cli_usage(cli, "say what to do: jqm db upgrade, restored or open-api");
	if (paused && !restored)
		return cli_usage(cli, "--paused is for jqm db restored");
	if (tools_find_ours(&tools, &err) == -1)
		goto failed;
	conninfo = owner_database(cli, &code);
	if (conninfo == NULL)
		goto cleanup;
	if ((upgrade    ? db_upgrade(cli, conninfo, &tools, &err)
	     : restored ? db_restored(cli, conninfo, paused, &err)
			: database_open_api(conninfo, &err)) == -1)
		goto failed;
	code = CLI_OK;
	goto cleanup;

failed:
	(void)cli_fail(cli, &err);
	code = CLI_FAILED;

cleanup:
	free(conninfo);
	tools_free(&tools);
	return code;
}
