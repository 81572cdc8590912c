/* SPDX-License-Identifier: Apache-2.0 */
/* cli/verbs_private.h: the tables that verbs.c makes one of. */
#ifndef CLI_VERBS_PRIVATE_H
#define CLI_VERBS_PRIVATE_H

#include <stddef.h>

#include "cli/cli.h"

struct cli_verb_table {
	const struct cli_verb *verbs;
	size_t len;
};

extern const struct cli_verb_table cli_job_verbs, cli_configuration_verbs, cli_installation_verbs;

#endif
