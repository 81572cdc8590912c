/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi/bell.h: how one process wakes another that waits, for a call into the system only when it sleeps.
 *
 * Who waits: bell_lie_down(), then look once more at what is waited for, and only if it is not there wait until bell_fd() can be
 * read; then bell_get_up().  Who wakes: first make what is waited for, then bell_ring().  So either the one sees it, or the
 * other rings.  It may have rung for nothing.
 */
#ifndef FCGI_BELL_H
#define FCGI_BELL_H

#include <stdatomic.h>
#include <stdbool.h>

/* In memory that processes share. */
struct bell {
	_Atomic bool asleep;
	int fd; /* the same in all of them: opened before the first fork */
};

/* Once, before the first fork; at most one process waits for it at a time.  -1 with errno. */
int bell_init(struct bell *bell);

/* For poll() and its like: readable once it has rung. */
int bell_fd(const struct bell *bell);

void bell_lie_down(struct bell *bell);

/* rang: bell_fd() could be read. */
void bell_get_up(struct bell *bell, bool rang);
void bell_ring(struct bell *bell);

#endif
