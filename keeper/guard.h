/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keeper/guard.h: who ends what a killed keeper leaves.
 *
 * The kernel kills the first process of each job when the keeper dies, and the next keeper kills the rest; but
 * when the runner is dead or stopped too, nobody starts one, and the rest would live on beside another attempt
 * of its job, on another node.  So the keeper's parent is a guard: a fork of it that does nothing but wait.  It
 * is the subreaper above the keeper, so what a dead keeper leaves falls to it, whatever its session or mark.
 */
#ifndef KEEPER_GUARD_H
#define KEEPER_GUARD_H

#include <sys/types.h>

struct err;

/*
 * Returns in a child of ours, which is to be the keeper: 0 and the guard's pid in *guard_out; or -1 with err, in
 * the only process there is.  The guard itself never returns from here: it passes TERM, INT, QUIT, HUP, USR1 and
 * USR2 on to the keeper, and when that ends kills whatever falls to it until there is nothing (for 10 s at most), and
 * ends as the keeper did: with its exit code, or by its signal.
 *
 * When the guard is killed the keeper and its jobs go on, without one.  Call it before anything is opened that
 * must be closed when the keeper dies: its guard would keep it open.
 */
int guard_fork(pid_t *guard_out, struct err *err);

#endif
