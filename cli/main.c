/* SPDX-License-Identifier: Apache-2.0 */
/* jqm: the command line, for users and administrators. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli/args.h"
#include "cli/cli.h"

int
main(int argc, char **argv)
{
	struct cli cli = { .verb = "" };
	const struct cli_verb *verb;
	int at = 1;

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
