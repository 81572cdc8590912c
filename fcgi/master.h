/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/master.h: starts the workers and replaces those that die. */
#ifndef FCGI_MASTER_H
#define FCGI_MASTER_H

struct listen_socket;
struct worker;

/*
 * Block the signals of the master; call before anything else may arrive.  SIGTERM and SIGINT end
 * it, SIGHUP is ignored (settings are read at start only).
 */
void master_block_signals(void);

/*
 * Run n_workers workers until SIGTERM or SIGINT; then no new connection is taken, each worker
 * finishes its request, and who has not after STOP_MS is killed.  Returns 0.  In a worker it does
 * not return.
 */
int master_run(struct listen_socket *ls, const struct worker *worker, int n_workers);

#endif
