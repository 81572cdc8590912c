/* SPDX-License-Identifier: Apache-2.0 */
/* runner/shortage.h: is it the machine that could not, or the job that cannot? */
#ifndef RUNNER_SHORTAGE_H
#define RUNNER_SHORTAGE_H

#include <stdbool.h>

#include "base/err.h"

/*
 * An errno that says: not now, or not on this machine.  Another try may work, later or elsewhere, so the
 * job goes back to its queue: a node whose disk is full must not use up what waits for all.  EIO is none:
 * execve() says so of a program that is cut short, too, which would be put back for ever.
 */
bool shortage_is(int error);

/*
 * The same of a file or directory whose place is the node's choice: it has lost it, or the right to write
 * there, or its disk is broken.
 */
bool shortage_is_at_place(int error);

/* Of errno: ERR_BUSY if it says one of these, at such a place or elsewhere; else ERR_INTERNAL. */
enum err_kind shortage_kind(bool at_place);

#endif
