/* SPDX-License-Identifier: Apache-2.0 */
/* cli/up/stack.h: bring the whole stack of a home up, step by step, and keep it up. */
#ifndef UP_STACK_H
#define UP_STACK_H

#include <stdbool.h>

#include "cli/up/home.h"
#include "cli/up/sup.h"
#include "cli/up/tools.h"

struct err;
struct web_watch;

struct stack {
	struct home home;
	struct tools tools;
	struct sup sup;
	int lock_fd;
	int port;
	bool port_asked; /* on the command line, not as last time */
	const char *node; /* NULL: our choice */
	bool restored, paused; /* the database came out of a backup; no node takes a job yet */
	char *node_name; /* as in jqm.ini */
	long long incarnation; /* of the node before this start */
	bool first_start;
	struct web_watch *web; /* NULL: before nginx is started */
};

/* What is asked for; port 0: as last time, else the default; node NULL: our choice. */
struct stack_wish {
	int port;
	const char *node;
	bool restored, paused;
};

/*
 * From nothing to "the first request would be served".  Success: the programs run, the lock is held.
 * Failure: -1, err says what and why.  Either way stack_end() follows and stops what was started.  home is
 * taken over.
 */
int stack_start(struct stack *stack, struct home *home, const struct stack_wish *wish,
		struct err *err);

/* "http" or "https". */
const char *stack_scheme(const struct stack *stack);

/* Keep it up until asked to stop. */
void stack_keep(struct stack *stack);

/* Stop all programs, forget pid files, release the home and all memory. */
void stack_end(struct stack *stack);

#endif
