/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner/job_command.h: from a job's definition and parameters to the program and its arguments.
 *
 * Values of parameters are arguments, in byte order of their keys, trimmed, the empty ones left
 * out, and the secret ones, which only the environment has.  They are never part of a text that a shell reads:
 *
 *	DEFAULTSHELLCOMMAND	/bin/sh -c 'PATH "$@"' sh VALUE...
 *		` "$@"` is put behind the command only if there is a value, the command itself speaks
 *		of none ($1 to $9, $@, $*, $#, with or without braces) and does not end in a character
 *		after which no argument can follow: ; & | ( { or a backslash.
 *	POWERSHELLCOMMAND	pwsh -NoLogo -NonInteractive -Command TEXT
 *		TEXT is PATH; with values, a script block that gets them as $args, read from the
 *		variables JQM_ARG_1, JQM_ARG_2, ... (pwsh reads all that follows -Command as text, so
 *		an argument cannot carry them); ` @args` is put behind PATH unless it speaks of $args.
 *	DIRECTEXECUTABLE	PATH VALUE...
 *		PATH with a slash is relative to the job repository, without one it is looked up.
 */
#ifndef RUNNER_JOB_COMMAND_H
#define RUNNER_JOB_COMMAND_H

#include <stddef.h>

struct err;
struct job_order;

/* Where programs without a slash are looked up, by us and by the jobs, unless the node says else. */
#define JOB_COMMAND_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* Owns everything. */
struct job_command {
	char *program; /* absolute */
	char **argv; /* NULL-terminated */
	char **values; /* of the parameters, for JQM_ARG_n; NULL unless powershell wants them */
};
#define JOB_COMMAND_INIT         \
	{                        \
		NULL, NULL, NULL \
	}

/* What commands depend on beside the job. */
struct job_command_node {
	const char *name; /* for the text of a refusal */
	const char *job_repository;
	const char
	    *path; /* directories parted by colons; those that are not absolute do not count */
};

/*
 * 0 and *out filled, or -1 and *out empty: ERR_NOT_FOUND (no such program in PATH, no powershell
 * here), ERR_INVALID (a path type that needs another kind of runner).
 */
int job_command_build(const struct job_order *order, const struct job_command_node *node,
		      struct job_command *out, struct err *err);
void job_command_free(struct job_command *command);

/* The text for sh -c; fresh memory. */
char *job_command_shell_text(const char *path, size_t n_values);

#endif
