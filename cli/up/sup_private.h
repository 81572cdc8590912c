/* SPDX-License-Identifier: Apache-2.0 */
/* cli/up/sup_private.h: what sup.c and sup_stop.c share. */
#ifndef UP_SUP_PRIVATE_H
#define UP_SUP_PRIVATE_H

#include "cli/up/sup.h"

struct program_facts {
	const char *name;
	const char *log; /* log/LOG.log */
	int stop_signal; /* asks for a clean stop */
	int hard_signal; /* when that took too long */
	int stop_ms; /* how long that is */
};
extern const struct program_facts program_facts[PROGRAM_COUNT];

/* Take the ends of all children that have ended. */
void sup_reap(struct sup *sup);

#endif
