/* SPDX-License-Identifier: Apache-2.0 */
/* jqm-events: tells listeners what happens to jobs.  Options, settings, refusals; then the loop. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/daemon.h"
#include "base/err.h"
#include "base/listen_socket.h"
#include "base/log.h"
#include "conf/check_report.h"
#include "conf/daemon_options.h"
#include "conf/events_socket.h"
#include "conf/settings.h"
#include "db/db.h"
#include "events/config_check.h"
#include "events/server.h"

#define ROLE "jqm_events"
#define DESCRIPTORS_BESIDE 100 /* of a process: connections of no listener, log, database */

static const struct daemon_program program = {
	.name = "jqm-events",
	.usage =
	    "usage: jqm-events --config FILE [--pid-file FILE] [--check]\n"
	    "Tells those who listen to /ws/client/events what happens to jobs.  TERM ends it.\n"
	    "--check says what is wrong with the configuration and the database, changes nothing,\n"
	    "and ends: 0 when nothing is wrong, else 1.\n",
	.can_check = true,
};

/* As many listeners as the settings want and the descriptors allow. */
static int
listeners_max(const struct settings *settings)
{
	int wanted = (int)settings_int(settings, "events:listeners_max");
	rlim_t limit = daemon_raise_descriptors();

	if (limit >= (rlim_t)wanted + DESCRIPTORS_BESIDE)
		return wanted;
	log_warn("few_descriptors", "limit=%llu listeners_max=%d", (unsigned long long)limit,
		 wanted);
	return limit > 2 * DESCRIPTORS_BESIDE ? (int)limit - DESCRIPTORS_BESIDE
					      : DESCRIPTORS_BESIDE;
}

static int
run(const struct daemon_options *options, const struct settings *settings, const char *conninfo,
    struct err *err)
{
	struct listen_socket ls = LISTEN_SOCKET_INIT;
	char *path = events_socket_path(settings);
	int rc = -1;

	if (settings_open_log(settings, "events:log_file", err) == -1 ||
	    listen_socket_open(&ls, path[0] == '\0' ? NULL : path, err) == -1 ||
	    daemon_pid_write(options->pid_path, err) == -1)
		goto cleanup;
	(void)log_level_set(settings_text(settings, "events:log_level"));
	const struct server_config config = { .conninfo = conninfo,
					      .listen_fd = ls.fd,
					      .listeners_max = listeners_max(settings) };
	log_info("events_started", "listeners_max=%d", config.listeners_max);
	rc = server_run(&config, err);
	log_info("events_ended", "exit_code=%d", rc == -1 ? 1 : 0);
	daemon_pid_remove(options->pid_path);

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
	struct daemon_options options;
	struct err err = ERR_INIT;
	struct settings *settings;
	const char *given;
	char *conninfo = NULL;
	int rc = daemon_begin(&program, argc, argv, &options);

	if (rc != DAEMON_GOES_ON)
		return rc;
	settings = settings_read(options.config_path, &err);
	if (settings != NULL && settings_require(settings, "database:conninfo", &given, &err) == 0)
		conninfo = db_conninfo_as(given, ROLE);
	if (options.check)
		rc = check(settings, conninfo, &err);
	else
		rc = conninfo == NULL ? -1 : run(&options, settings, conninfo, &err);
	if (rc == -1)
		(void)fprintf(stderr, "%s: %s\n", program.name, err.text);
	free(conninfo);
	settings_free(settings);
	return rc == -1 ? 1 : rc;
}
