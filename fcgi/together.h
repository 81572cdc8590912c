/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi/together.h: what several workers want done at the same moment, one process does for all of them, in one transaction.
 *
 * A worker writes what it wants into a place and goes on with something else; the server of these (enqueuer.c) takes all that
 * wait, does them, and rings.  Nobody waits for company: who comes while nothing is being done is done at once, who
 * comes meanwhile goes with the next ones.  A server that dies costs those it had taken a certain answer, and nothing else; what it has not taken
 * can be taken back, and done alone.
 */
#ifndef FCGI_TOGETHER_H
#define FCGI_TOGETHER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "fcgi/bell.h"

struct err;

#define TOGETHER_PLACES 64 /* what finds none is to be done alone */
#define TOGETHER_WORKERS 256
#define TOGETHER_TEXT_SIZE 4096

enum together_outcome {
	TOGETHER_DONE,
	TOGETHER_LEFT, /* nothing was done for this one: it is to be done alone */
	TOGETHER_UNKNOWN, /* it may have been done */
	TOGETHER_WAITS /* not yet */
};

struct together_place {
	unsigned worker; /* whose bell tells of the end */
	enum together_outcome outcome;
	int64_t result;
	char text[TOGETHER_TEXT_SIZE];
};

struct together {
	struct bell server, workers[TOGETHER_WORKERS];
	_Atomic bool served;
	_Atomic uint64_t states[TOGETHER_PLACES]; /* of each place, whose it is, and how far */
	struct together_place places[TOGETHER_PLACES];
};

/* Once, in shared memory, before the first fork, for workers 0 to workers - 1, at most TOGETHER_WORKERS.  -1 with errno. */
int together_init(struct together *together, int workers);

/* What rings for this worker when something it has put has ended. */
struct bell *together_bell(struct together *together, unsigned worker);

/*
 * In a worker: have done what text says.  The place, which is the caller's until it is told an end there; -1: it is to be done alone
 * (no server, no place, or TOGETHER_TEXT_SIZE bytes or more).
 */
int together_put(struct together *together, unsigned worker, const char *text);

/* How it ended, once; then the place is somebody else's.  *result_out: of TOGETHER_DONE. */
enum together_outcome together_ended(struct together *together, int place, int64_t *result_out);

/* False: it was taken already, so its end will come.  True: nobody will do it, and the place is given back. */
bool together_take_back(struct together *together, int place);

/* It was taken, and its end is waited for no longer: whoever tells of it frees the place.  False: it has ended, or was not taken. */
bool together_give_up(struct together *together, int place);

/*
 * Do what all of texts say, or for each nothing: results[i], 0 for what was left.  -1 + err: nothing was done, or with
 * ERR_UNCERTAIN all may have been.
 */
typedef int together_do(void *arg, const char *const *texts, size_t n, int64_t *results,
			struct err *err);

/* In the server: from now on workers may put something; do all that waits, and ring: how many. */
void together_open(struct together *together);
size_t together_serve(struct together *together, together_do *fn, void *arg);

/* In the server: is there something to do? */
bool together_is_wanted(struct together *together);

/* In the server: from now on workers do it alone, and what was put before is there to be done. */
void together_close(struct together *together);

/* In the master: the server is dead.  What it had taken is unknown, what waits is left; before the next one is started. */
void together_server_died(struct together *together);

/* In the master: this worker is dead: nobody needs an answer to what it wanted. */
void together_forget(struct together *together, pid_t worker);

#endif
