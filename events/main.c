/* SPDX-License-Identifier: Apache-2.0 */
/* jqm-events: tells listeners what happens to jobs.  Options, settings, refusals; then the loop. */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/listen_socket.h"
#include "base/log.h"
#include "base/process_hide.h"
#include "conf/check_report.h"
#include "conf/events_socket.h"
#include "conf/settings.h"
#include "db/db.h"
#include "events/config_check.h"
#include "events/server.h"

#define EXIT_USAGE 2
#define ROLE "jqm_events"
#define DESCRIPTORS_BESIDE 100 /* of a process: connections of no listener, log, database */

static const char usage_text[] =
    "usage: jqm-events --config FILE [--pid-file FILE] [--check]\n"
    "Tells those who listen to /ws/client/events what happens to jobs.  TERM ends it.\n"
    "--check says what is wrong with the configuration and the database, changes nothing, and\n"
    "ends: 0 when nothing is wrong, else 1.\n";

struct options {
	const char *config, *pid_file;
	bool check;
};

/* 0, 1 when help was asked for, or -1. */
static int
options_read(int argc, char **argv, struct options *options)
{
	static const struct option names[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "pid-file", required_argument, NULL, 'p' },
		{ "check", no_argument, NULL, 'k' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int name;

	while ((name = getopt_long(argc, argv, "", names, NULL)) != -1) {
		if (name == 'c')
			options->config = optarg;
		else if (name == 'p')
			options->pid_file = optarg;
		else if (name == 'k')
			options->check = true;
		else
			return name == 'h' ? 1 : -1;
	}
	return optind == argc && options->config != NULL ? 0 : -1;
}

/* As many listeners as the settings want and the descriptors allow. */
static int
listeners_max(const struct settings *settings)
{
	int wanted = (int)settings_int(settings, "events:listeners_max");
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return wanted;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur >= (rlim_t)wanted + DESCRIPTORS_BESIDE)
		return wanted;
	log_warn("few_descriptors", "limit=%llu listeners_max=%d",
		 (unsigned long long)limit.rlim_cur, wanted);
	return limit.rlim_cur > 2 * DESCRIPTORS_BESIDE ? (int)limit.rlim_cur - DESCRIPTORS_BESIDE
						       : DESCRIPTORS_BESIDE;
}

static int
write_pid(const char *path, struct err *err)
{
	char text[24];
	int len = snprintf(text, sizeof(text), "%d\n", (int)getpid());

	return path == NULL ? 0 : fd_write_file(path, 0644, text, (size_t)len, err);
}

static int
run(const struct options *options, const struct settings *settings, const char *conninfo,
    struct err *err)
{
	struct listen_socket ls = LISTEN_SOCKET_INIT;
	char *path = events_socket_path(settings);
	int rc = -1;

	if (settings_open_log(settings, "events:log_file", err) == -1 ||
	    listen_socket_open(&ls, path[0] == '\0' ? NULL : path, err) == -1 ||
	    write_pid(options->pid_file, err) == -1)
		goto cleanup;
	(void)log_level_set(settings_text(settings, "events:log_level"));
	const struct server_config config = { .conninfo = conninfo,
					      .listen_fd = ls.fd,
					      .listeners_max = listeners_max(settings) };
	log_info("events_started", "listeners_max=%d", config.listeners_max);
	rc = server_run(&config, err);
	log_info("events_ended", "exit_code=%d", rc == -1 ? 1 : 0);
	if (options->pid_file != NULL)
		(void)unlink(options->pid_file);

cleanup:
	listen_socket_unlink(&ls);
	listen_socket_close(&ls);
	free(path);
	return rc;
}

/* The exit code. */
static int
check(const struct settings *settings, const char *conninfo, const struct err *err)
{
	struct check_report report = { .out = stdout };

	if (conninfo == NULL)
		check_wrong(&report, "%s", err->text);
	else
		events_config_check(settings, conninfo, &report);
	return check_ended(&report);
}

int
main(int argc, char **argv)
{
	struct options options = { .config = NULL };
	struct err err = ERR_INIT;
	struct settings *settings;
	const char *given;
	char *conninfo = NULL;
	int rc = options_read(argc, argv, &options);

	if (rc != 0) {
		(void)fputs(usage_text, rc == 1 ? stdout : stderr);
		return rc == 1 ? 0 : EXIT_USAGE;
	}
	if (geteuid() == 0 || getuid() == 0) {
		(void)fputs(
		    "jqm-events: refuses to run as root: start it as an account of its own\n",
		    stderr);
		return 1;
	}
	process_hide();
	log_init("jqm-events");
	settings = settings_read(options.config, &err);
	if (settings != NULL && settings_require(settings, "database:conninfo", &given, &err) == 0)
		conninfo = db_conninfo_as(given, ROLE);
	if (options.check)
		rc = check(settings, conninfo, &err);
	else
		rc = conninfo == NULL ? -1 : run(&options, settings, conninfo, &err);
	if (rc == -1)
		(void)fprintf(stderr, "jqm-events: %s\n", err.text);
	free(conninfo);
	settings_free(settings);
	return rc == -1 ? 1 : rc;
}
