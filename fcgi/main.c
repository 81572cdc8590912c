/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/main.c: options, settings, socket; then the master takes over. */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/daemon.h"
#include "base/err.h"
#include "base/listen_socket.h"
#include "base/log.h"
#include "base/process_hide.h"
#include "conf/check_report.h"
#include "conf/secret_file.h"
#include "conf/settings.h"
#include "db/db.h"
#include "fcgi/accept_loop.h"
#include "fcgi/config_check.h"
#include "fcgi/guards.h"
#include "fcgi/master.h"
#include "fcgi/route_list.h"

#define PROGRAM "jqm-fcgi"
#define ROLE "jqm_api"

struct options {
	const char *config, *pid_file;
	bool check, routes;
};

static int
parse_options(int argc, char **argv, struct options *out, struct err *err)
{
	static const struct option known[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "pid-file", required_argument, NULL, 'p' },
		{ "check", no_argument, NULL, 'k' },
		{ "routes", no_argument, NULL, 'r' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (c == 'c')
			out->config = optarg;
		else if (c == 'p')
			out->pid_file = optarg;
		else if (c == 'k')
			out->check = true;
		else if (c == 'r')
			out->routes = true;
		else
			return err_set(err, ERR_INVALID, "unknown or incomplete option \"%s\"",
				       argv[optind - 1]);
	}
	if (optind != argc || (out->config == NULL && !out->routes))
		return err_set(err, ERR_INVALID,
			       "usage: " PROGRAM
			       " --config FILE [--pid-file FILE] [--check], or --routes");
	return 0;
}

/* With the socket open: run until told to stop. */
static int
serve(const struct options *options, struct listen_socket *ls, struct worker *worker,
      struct err *err)
{
	int workers = (int)settings_int(worker->settings, "fcgi:workers");

	if (daemon_pid_write(options->pid_file, err) == -1) {
		listen_socket_unlink(ls);
		return -1;
	}
	worker->listen_fd = ls->fd;
	(void)master_run(ls, worker, workers);
	daemon_pid_remove(options->pid_file);
	return 0;
}

/* A secret that others can read is none; one that is not there yet is read once it is. */
static int
refuse_open_secrets(const struct settings *settings, struct err *err)
{
	if (secret_file_refuse_open(settings, "pki:passphrase_file", err) == -1)
		return -1;
	return secret_file_refuse_open(settings, "secrets:key_file", err);
}

static int
run(const struct options *options, struct err *err)
{
	struct listen_socket ls = LISTEN_SOCKET_INIT;
	struct worker worker = { .listen_fd = -1 };
	struct settings *settings = NULL;
	const char *conninfo;
	char *conninfo_as = NULL;
	int rc = -1;

	settings = settings_read(options->config, err);
	if (settings == NULL)
		return -1;
	(void)log_level_set(settings_text(settings, "fcgi:log_level"));
	if (settings_require(settings, "database:conninfo", &conninfo, err) == -1 ||
	    refuse_open_secrets(settings, err) == -1)
		goto cleanup;
	conninfo_as = db_conninfo_as(conninfo, ROLE);
	worker.conninfo = conninfo_as;
	worker.settings = settings;
	worker.guards = guards_new(settings, err);
	if (worker.guards == NULL ||
	    listen_socket_open(&ls, settings_text(settings, "fcgi:socket"), err) == -1 ||
	    settings_open_log(settings, "fcgi:log_file", err) == -1)
		goto cleanup;
	rc = serve(options, &ls, &worker, err);

cleanup:
	listen_socket_close(&ls);
	free(conninfo_as);
	settings_free(settings);
	return rc;
}

/* --check: the exit code. */
static int
check(const struct options *options)
{
	struct check_report report = { .out = stdout };
	struct err err = ERR_INIT;
	struct settings *settings = settings_read(options->config, &err);
	const char *conninfo = NULL;
	char *conninfo_as = NULL;

	if (settings == NULL ||
	    settings_require(settings, "database:conninfo", &conninfo, &err) == -1)
		check_wrong(&report, "%s", err.text);
	if (conninfo != NULL)
		conninfo_as = db_conninfo_as(conninfo, ROLE);
	if (settings != NULL && refuse_open_secrets(settings, &err) == -1)
		check_wrong(&report, "%s", err.text);
	if (settings != NULL)
		fcgi_config_check(settings, conninfo_as, &report);
	free(conninfo_as);
	settings_free(settings);
	return check_ended(&report);
}

int
main(int argc, char **argv)
{
	struct options options = { NULL, NULL, false, false };
	struct err err = ERR_INIT;
	int rc;

	process_hide();
	log_init(PROGRAM);
	(void)umask(0077);
	master_block_signals();
	/* A worker that waits for name servers serves nobody: not for long, unless an administrator wants it so. */
	(void)setenv("RES_OPTIONS", "timeout:1 attempts:2", 0);
	rc = parse_options(argc, argv, &options, &err);
	if (rc == 0 && options.routes) {
		route_list_print(stdout);
		return fflush(stdout) == 0 ? 0 : 1;
	}
	if (rc == 0 && (getuid() == 0 || geteuid() == 0))
		rc = err_set(&err, ERR_DENIED, "this program does not run as root");
	if (rc == 0 && options.check)
		return check(&options);
	if (rc == -1 || run(&options, &err) == -1) {
		log_error("cannot_start", "error=%s text=\"%s\"", err_kind_name(err.kind),
			  err.text);
		return 1;
	}
	return 0;
}
