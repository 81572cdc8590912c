/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keeper/fork_wait.h: start a job that runs as another account.
 *
 * Not by vfork: between becoming the account and exec the child would share the keeper's memory, and any process of that
 * account could stop it there, and the keeper with it.
 */
#ifndef KEEPER_FORK_WAIT_H
#define KEEPER_FORK_WAIT_H

#include <sys/types.h>

struct child_plan;

/*
 * As vfork() and child_exec(): returns the pid when the program was executed, or else plan->error is set and the child
 * ends; -1 with errno when there is none.  A child that has done neither after a second is killed (ETIMEDOUT).
 */
pid_t fork_wait(struct child_plan *plan);

#endif
