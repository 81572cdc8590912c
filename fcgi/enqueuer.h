/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi/enqueuer.h: the process that enqueues what workers want at the same moment (together.h, jqm.enqueue_wishes()).
 *
 * One for all of them: the larger the groups, the less a job costs, and a connection that does the same again and again has
 * all it needs at hand.
 */
#ifndef FCGI_ENQUEUER_H
#define FCGI_ENQUEUER_H

struct worker;

/*
 * Serve until SIGTERM, which must be blocked, and then what waits.  While there is no database, workers are told to do it alone.  0;
 * non-zero: the process cannot serve.
 */
int enqueuer_run(const struct worker *worker);

#endif
