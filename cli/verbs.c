/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/verbs.h"

#include <string.h>

/* The verbs of the embedded stack come with cli/up.h. */
#if __has_include("cli/up.h")
#include "cli/up.h"
#endif

const struct cli_verb cli_verbs[] = {
	{
	    .name = "help",
	    .synopsis = "[VERB]",
	    .summary = "what can be typed, or how one verb works",
	    .run = cli_help,
	},
	{
	    .name = "version",
	    .synopsis = "",
	    .summary = "the version of this program",
	    .run = cli_version,
	},
#if __has_include("cli/up.h")
	{
	    .name = "up",
	    .synopsis = "[--home D] [--port N] [--detach]",
	    .summary = "start a whole JQM with its own database and web server",
	    .run = cli_up,
	},
	{
	    .name = "down",
	    .synopsis = "[--home D]",
	    .summary = "stop what \"up\" started",
	    .run = cli_down,
	},
	{
	    .name = "status",
	    .synopsis = "[--home D]",
	    .summary = "what of it is running",
	    .run = cli_status,
	},
	{
	    .name = "psql",
	    .synopsis = "[--home D] [PSQL ARGUMENT]...",
	    .summary = "psql on the home's database",
	    .run = cli_psql,
	},
	{
	    .name = "db",
	    .synopsis = "upgrade [--home D]",
	    .summary = "bring the database's schema up to date",
	    .run = cli_db,
	},
#endif
};
const size_t cli_verbs_len = sizeof(cli_verbs) / sizeof(cli_verbs[0]);

const struct cli_verb *
cli_verb_find(const char *name)
{
	for (size_t i = 0; i < cli_verbs_len; i++)
		if (strcmp(cli_verbs[i].name, name) == 0)
			return &cli_verbs[i];
	return NULL;
}
