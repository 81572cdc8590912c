/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/accept_loop.h: the life of a worker: one request at a time, while some wait for their answer (deferred.h). */
#ifndef FCGI_ACCEPT_LOOP_H
#define FCGI_ACCEPT_LOOP_H

struct guards;
struct settings;

struct worker {
	int listen_fd; /* non-blocking */
	const char *conninfo; /* with its role */
	const struct settings *settings;
	struct guards *guards;
};

/*
 * Serve until SIGTERM, which must be blocked: a request that has begun is finished, and those that
 * wait on the socket are answered too (for at most two seconds), then 0 is returned.  Non-zero: the
 * process cannot serve.  number: of this worker, from 0, of its master's.
 */
int accept_loop_run(const struct worker *worker, unsigned number);

#endif
