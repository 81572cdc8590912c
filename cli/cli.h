/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli/cli.h: what every verb gets, and how every verb ends.
 *
 * Results go to standard output and nothing else does; words for humans go to standard error as
 * "jqm VERB: reason".  Exit codes are a promise (cli/README.md).
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>

struct err;

enum cli_exit {
	CLI_OK = 0,
	CLI_FAILED = 1, /* the server said no, or something here failed */
	CLI_USAGE = 2, /* the command line is wrong: nothing was done */
	CLI_NOT_FOUND = 3, /* no such job or file */
	CLI_NO_ACCESS = 4, /* cannot reach the server, or not authorised */
	CLI_END_UNKNOWN = 125, /* --wait: how the job ended could not be learnt */
	CLI_NEVER_RAN = 126 /* --wait: the job is over without an end of its own */
	/* --wait otherwise: the job's exit code; 128 + n when signal n ended it */
};

struct cli {
	const char *verb; /* for messages; "" before there is one */
	const char *config_path; /* --config FILE, or NULL */
	const char *home; /* --home D, or NULL */
	bool json; /* --json */
};

/* One word a user can type after "jqm". */
struct cli_verb {
	const char *name;
	const char *synopsis; /* without "jqm NAME": "ID [--stderr] [--follow]" */
	const char *summary; /* one line, lower case */
	/* argv[0] is the verb, argv[argc] NULL.  Returns the exit code of the program. */
	int (*run)(struct cli *cli, int argc, char **argv);
	const char *details; /* options, one per line; NULL: none beyond the common ones */
	const char *actions; /* words that may come first, parted by blanks; NULL: none */
};

/* verbs.c; NULL when there is no such verb. */
const struct cli_verb *cli_verb_find(const char *name);

/* Print "jqm VERB: text" to standard error (control characters escaped); the exit code of its kind. */
int cli_fail(const struct cli *cli, const struct err *err);

/* The same for a wrong command line, with a hint at the help: CLI_USAGE. */
int cli_usage(const struct cli *cli, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Flush standard output: code, or CLI_FAILED when what was printed did not arrive. */
int cli_done(const struct cli *cli, int code);

/* The verbs "help" and "version". */
int cli_help(struct cli *cli, int argc, char **argv);
int cli_version(struct cli *cli, int argc, char **argv);

#endif
