/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf/daemon_options.h: the command line of a daemon that has all else in its configuration file, and what it does
 * before it reads that.
 *
 *	jqm-hooks --config FILE [--pid-file FILE]	and, if it knows how, [--check]
 */
#ifndef CONF_DAEMON_OPTIONS_H
#define CONF_DAEMON_OPTIONS_H

#include <stdbool.h>

/* What tells one daemon's command line from another's. */
struct daemon_program {
	const char *name; /* "jqm-hooks" */
	const char *usage; /* what --help prints: whole lines */
	bool can_check; /* knows --check */
};

/* Borrowed from argv. */
struct daemon_options {
	const char *config_path;
	const char *pid_path; /* NULL: no pid file is wanted */
	bool check;
};

/*
 * Read argv into *out.  0; 1 when help was asked for; -1 when a word is unknown, lacks its value or is one too many,
 * or when there is no configuration file.  Which option is wrong is said on standard error, by getopt().
 */
int daemon_options_read(const struct daemon_program *program, int argc, char **argv,
			struct daemon_options *out);

#define DAEMON_GOES_ON (-1)

/*
 * The begin of main(): read the options, refuse root, hide the process (base/process_hide.h), give the log its name.
 * DAEMON_GOES_ON with *out set; else the exit code, and why was said: 0 for help, 2 for a wrong command line, 1 for root.
 */
int daemon_begin(const struct daemon_program *program, int argc, char **argv,
		 struct daemon_options *out);

#endif
