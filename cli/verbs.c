/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/verbs.h"

#include <string.h>

#include "cli/verbs_private.h"

static const struct cli_verb_table *const tables[] = {
	&cli_job_verbs,
	&cli_configuration_verbs,
	&cli_installation_verbs,
};

const struct cli_verb *
cli_verb_nth(size_t n)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		if (n < tables[i]->len)
			return &tables[i]->verbs[n];
		n -= tables[i]->len;
	}
	return NULL;
}

const struct cli_verb *
cli_verb_find(const char *name)
{
	const struct cli_verb *verb;

	for (size_t i = 0; (verb = cli_verb_nth(i)) != NULL; i++)
		if (strcmp(verb->name, name) == 0)
			break;
	return verb;
}
