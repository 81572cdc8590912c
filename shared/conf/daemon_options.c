/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/daemon_options.h"

#include <getopt.h>
#include <stdio.h>

#include "base/daemon.h"
#include "base/log.h"
#include "base/process_hide.h"

#define EXIT_USAGE 2

int
daemon_options_read(const struct daemon_program *program, int argc, char **argv,
		    struct daemon_options *out)
{
	const struct option end = { NULL, 0, NULL, 0 };
	const struct option check = { "check", no_argument, NULL, 'k' };
	const struct option names[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "pid-file", required_argument, NULL, 'p' },
		{ "help", no_argument, NULL, 'h' },
		program->can_check ? check : end,
		end,
	};
	int name;

	*out = (struct daemon_options){ .config_path = NULL };
	while ((name = getopt_long(argc, argv, "", names, NULL)) != -1) {
		if (name == 'c')
			out->config_path = optarg;
		else if (name == 'p')
			out->pid_path = optarg;
		else if (name == 'k')
			out->check = true;
		else
			return name == 'h' ? 1 : -1;
	}
	return optind == argc && out->config_path != NULL ? 0 : -1;
}

int
daemon_begin(const struct daemon_program *program, int argc, char **argv,
	     struct daemon_options *out)
{
	int rc = daemon_options_read(program, argc, argv, out);

	if (rc != 0) {
		(void)fputs(program->usage, rc == 1 ? stdout : stderr);
		return rc == 1 ? 0 : EXIT_USAGE;
	}
	if (daemon_refuses_root(program->name))
		return 1;
	process_hide();
	log_init(program->name);
	return DAEMON_GOES_ON;
}
