/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/up/log_rotation.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/log_file.h"
#include "base/str.h"
#include "cli/up/home.h"
#include "conf/settings.h"

#define LOOK_MS 5000

int
log_rotation_init(struct sup *sup, struct err *err)
{
	char *path = home_file(sup->home, "conf/jqm.ini");
	struct settings *settings = settings_read(path, err);

	free(path);
	if (settings == NULL)
		return -1;
	sup->log_max_bytes = settings_int(settings, "node:log_max_bytes");
	sup->log_keep = (int)settings_int(settings, "node:log_keep");
	settings_free(settings);
	return 0;
}

/* One of the files is aside; what is written meanwhile goes there still. */
static bool
set_aside(const struct sup *sup, const char *file)
{
	char *path = home_file(sup->home, file);
	struct stat status;
	bool is_large = stat(path, &status) == 0 && S_ISREG(status.st_mode) &&
			status.st_size >= sup->log_max_bytes;
	bool done = is_large && log_file_shift(path, sup->log_keep);

	if (is_large && !done)
		log_warn("log_not_set_aside", "file=\"%s\" reason=\"%s\"", path, strerror(errno));
	free(path);
	return done;
}

/* As pg_ctl logrotate does: a file asks for it, the signal says look. */
static void
tell_postgres(const struct sup *sup)
{
	char *path = home_file(sup->home, "db/logrotate");
	struct err err = ERR_INIT;

	if (fd_write_file(path, 0600, "", 0, &err) == -1)
		log_warn("log_not_reopened", "program=postgres reason=\"%s\"", err.text);
	else
		(void)kill(sup->programs[PROGRAM_POSTGRES].pid, SIGUSR1);
	free(path);
}

int
log_rotation_due(struct sup *sup)
{
	int64_t now_ms = clock_mono_ms();

	if (sup->log_max_bytes == 0)
		return -1;
	if (now_ms < sup->logs_at_ms)
		return (int)(sup->logs_at_ms - now_ms);
	sup->logs_at_ms = now_ms + LOOK_MS;
	/* Only of programs that run, and not while they start: SIGUSR1 would end one that does not heed it yet. */
	if (sup->programs[PROGRAM_POSTGRES].pid != 0 && sup->database_ready &&
	    set_aside(sup, "log/postgres.log"))
		tell_postgres(sup);
	if (sup->programs[PROGRAM_NGINX].pid != 0 &&
	    now_ms - sup->programs[PROGRAM_NGINX].started_ms >= LOOK_MS) {
		bool access = set_aside(sup, "log/nginx-access.log");
		bool error = set_aside(sup, "log/nginx-error.log");

		if (access || error)
			(void)kill(sup->programs[PROGRAM_NGINX].pid, SIGUSR1);
	}
	return LOOK_MS;
}
