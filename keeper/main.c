/* SPDX-License-Identifier: Apache-2.0 */
/* jqm-keeper: parent of all jobs of a node.  Options, refusals, and the loop. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/daemon.h"
#include "base/err.h"
#include "base/log.h"
#include "base/log_file.h"
#include "base/num.h"
#include "base/process_hide.h"
#include "keeper/accounts.h"
#include "keeper/guard.h"
#include "keeper/keeper_loop.h"
#include "keeper/privileges.h"
#include "keeper/slot_table.h"
#include "wire/keeper_wire.h"

#define EXIT_USAGE 2

static const char usage_text[] =
    "usage: jqm-keeper --socket PATH --table PATH [--slots N] [--idle-exit-ms N]\n"
    "                  [--pid-file PATH] [--guard] [--check]\n"
    "                  [--accounts PATH --work-dir PATH] [--traceable]\n"
    "                  [--log-file PATH [--log-max-bytes N] [--log-keep N]]\n"
    "Holds the jobs of one node; jqm-runner talks to it over the socket.\n"
    "--accounts: file, root's, of the accounts as which jobs may run that say so; --work-dir: the\n"
    "directory in which they have theirs.  It needs CAP_SETUID, CAP_SETGID, CAP_CHOWN, CAP_KILL.\n"
    "--traceable: debuggers of its account may trace it, and so may its jobs.\n"
    "--guard: a parent process ends what is left of the jobs if the keeper is killed.\n"
    "--check says whether the table can be read and how jobs would be killed, and ends.\n";

/* What the command line says besides the loop's own options. */
struct wishes {
	struct keeper_options options;
	const char *accounts_path;
	bool guard, check, traceable;
};

static const struct option option_names[] = {
	{ "socket", required_argument, NULL, 's' },
	{ "table", required_argument, NULL, 't' },
	{ "slots", required_argument, NULL, 'n' },
	{ "idle-exit-ms", required_argument, NULL, 'i' },
	{ "pid-file", required_argument, NULL, 'p' },
	{ "accounts", required_argument, NULL, 'a' },
	{ "work-dir", required_argument, NULL, 'w' },
	{ "guard", no_argument, NULL, 'g' },
	{ "traceable", no_argument, NULL, 'd' },
	{ "log-file", required_argument, NULL, 'l' },
	{ "log-max-bytes", required_argument, NULL, 'b' },
	{ "log-keep", required_argument, NULL, 'k' },
	{ "check", no_argument, NULL, 'c' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

/* An option of options_read() whose value is a number: 0, or -1 when text is none that it may have. */
static int
number_read(int name, const char *text, struct keeper_options *options)
{
	int64_t number = 0;

	switch (name) {
	case 'n':
		if (num_int64(text, 1, SLOT_COUNT_MAX, &number) == -1)
			return -1;
		options->slots = (uint32_t)number;
		return 0;
	case 'i':
		return num_int64(text, 0, INT32_MAX, &options->idle_exit_ms);
	case 'b':
		return num_int64(text, 0, INT64_MAX, &options->log_max_bytes);
	default:
		if (num_int64(text, 0, LOG_FILE_KEEP_MAX, &number) == -1)
			return -1;
		options->log_keep = (int)number;
		return 0;
	}
}

/* 0, 1 when help was asked for, or -1. */
static int
options_read(int argc, char **argv, struct wishes *wishes)
{
	struct keeper_options *options = &wishes->options;
	int name;

	while ((name = getopt_long(argc, argv, "", option_names, NULL)) != -1) {
		switch (name) {
		case 's':
			options->socket_path = optarg;
			break;
		case 't':
			options->table_path = optarg;
			break;
		case 'n':
		case 'i':
		case 'b':
		case 'k':
			if (number_read(name, optarg, options) == -1)
				return -1;
			break;
		case 'p':
			options->pid_path = optarg;
			break;
		case 'a':
			wishes->accounts_path = optarg;
			break;
		case 'w':
			options->work_dir = optarg;
			break;
		case 'd':
			wishes->traceable = true;
			break;
		case 'g':
			wishes->guard = true;
			break;
		case 'l':
			options->log_path = optarg;
			break;
		case 'c':
			wishes->check = true;
			break;
		case 'h':
			return 1;
		default:
			return -1;
		}
	}
	if (optind != argc || options->table_path == NULL)
		return -1;
	return options->socket_path == NULL && !wishes->check ? -1 : 0;
}

static int
accounts_take(struct accounts *accounts, const char *path, struct err *err)
{
	return path == NULL ? 0 : accounts_read(accounts, path, err);
}

static int
check_all(const struct wishes *wishes, struct accounts *accounts)
{
	struct err err = ERR_INIT;
	uint32_t used = 0;
	uint32_t count = 0;

	if ((slot_table_check(wishes->options.table_path, &used, &count, &err) == -1 &&
	     err.kind != ERR_NOT_FOUND) ||
	    accounts_take(accounts, wishes->accounts_path, &err) == -1) {
		(void)fprintf(stderr, "jqm-keeper: %s\n", err.text);
		return 1;
	}
	(void)printf("table version ok, slots=%u used=%u kill_means=%s accounts=%d\n", count, used,
		     keeper_loop_means(), accounts->privileged ? accounts->count : 0);
	return 0;
}

/* No descriptor of whoever started us stays open here or in a job; 0 to 2 are never free. */
static int
descriptors_clean(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd == -1)
		return -1;
	(void)close(fd);
	if (syscall(SYS_close_range, 3u, ~0u, 0u) == -1 && errno == ENOSYS)
		for (fd = 3; fd < 1024; fd++)
			(void)close(fd);
	return 0;
}

int
main(int argc, char **argv)
{
	struct wishes wishes = { .options.slots = KEEPER_SLOTS_DEFAULT };
	struct accounts accounts = ACCOUNTS_INIT;
	struct keeper_options *options = &wishes.options;
	struct err err = ERR_INIT;

	switch (options_read(argc, argv, &wishes)) {
	case 0:
		break;
	case 1:
		(void)fputs(usage_text, stdout);
		return 0;
	default:
		(void)fputs(usage_text, stderr);
		return EXIT_USAGE;
	}
	if (daemon_refuses_root("jqm-keeper"))
		return 1;
	if (!wishes.traceable)
		process_hide();
	accounts.privileged = privileges_take();
	options->accounts = &accounts;
	if (wishes.check)
		return check_all(&wishes, &accounts);
	log_init("jqm-keeper");
	if (descriptors_clean() == -1) {
		(void)fprintf(stderr, "jqm-keeper: could not begin: %s\n", strerror(errno));
		return 1;
	}
	if ((options->log_path != NULL && log_file_open(options->log_path, options->log_max_bytes,
							options->log_keep, &err) == -1) ||
	    accounts_take(&accounts, wishes.accounts_path, &err) == -1 ||
	    (wishes.guard && guard_fork(&options->guard, &err) == -1) ||
	    keeper_loop_run(options, &err) == -1) {
		log_error("keeper_not_started", "reason=\"%s\"", err.text);
		return 1;
	}
	return 0;
}
