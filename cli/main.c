/* SPDX-License-Identifier: Apache-2.0 */
/* jqm: the command line, for users and administrators. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/args.h"
#include "cli/cli.h"

/*
 * A caller may have closed 0, 1 or 2.  Whatever we opened next would take the number: a lock that
 * "jqm up" replaces when it leaves the terminal, a file into which errors are printed.  The stand-ins
 * fail as a closed descriptor does.
 */
static void
fill_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) == -1 &&
		    open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			_exit(CLI_FAILED);
}

int
main(int argc, char **argv)
{
	struct cli cli = { .verb = "" };
	const struct cli_verb *verb;
	int at = 1;

	fill_standard_descriptors();

	/* A reader that has seen enough ends us quietly: the default of SIGPIPE is right here. */
	(void)signal(SIGPIPE, SIG_DFL);

	at = args_leading(&cli, argc, argv);
	if (at == -1)
		return CLI_USAGE;
	if (at == argc) {
		(void)cli_usage(&cli, "a verb is missing");
		return CLI_USAGE;
	}
	verb = cli_verb_find(argv[at]);
	if (verb == NULL)
		return cli_usage(&cli, "there is no verb \"%s\"", argv[at]);
	cli.verb = verb->name;
	return cli_done(&cli, verb->run(&cli, argc - at, argv + at));
}
