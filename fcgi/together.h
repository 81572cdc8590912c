/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi/together.h: workers that want the same kind of thing done at the same moment have one of them do it for all, in one
 * transaction.  Nobody waits for company: who comes while nothing is being done does it at once, with what is there; who comes
 * meanwhile is taken along by the next, which need not wait for the first one's end when it has company enough: so the server has
 * something to do while it waits for its disk.  A worker that dies costs those it had taken a certain answer, and nothing else; for one
 * that stands still, those it has not taken wait patience_ms, and then do what they want alone.
 */
#ifndef FCGI_TOGETHER_H
#define FCGI_TOGETHER_H

#include <semaphore.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "fcgi/shared_lock.h"

struct err;

#define TOGETHER_PLACES 64 /* of more workers than that, some do what they want alone */
#define TOGETHER_TEXT_SIZE 4096
#define TOGETHER_LEADS 2 /* groups under way at the same time, 16 at most */

enum together_outcome {
	TOGETHER_DONE,
	TOGETHER_LEFT, /* nothing was done for this one: it is to be done alone */
	TOGETHER_UNKNOWN /* it may have been done */
};

struct together_place {
	_Atomic uint64_t state; /* whose it is, and how far */
	sem_t told;
	enum together_outcome outcome;
	int64_t result;
	char text[TOGETHER_TEXT_SIZE];
};

struct together {
	struct shared_lock leads[TOGETHER_LEADS]; /* whoever has one does what others want */
	int64_t patience_ms;
	size_t company;
	struct together_place places[TOGETHER_PLACES];
};

/*
 * Once, in shared memory, before the first fork.  company: so many that wait begin a second group beside the one that is under
 * way.  A group costs as much as some of those in it, so these are to be as many as gather behind one anyway: half of all workers.
 */
void together_init(struct together *together, int64_t patience_ms, size_t company);

/*
 * Do what all of texts say, or for each nothing: results[i], 0 for what was left.  -1 + err: nothing was done, or with
 * ERR_UNCERTAIN all may have been.
 */
typedef int together_do(void *arg, const char *const *texts, size_t n, int64_t *results,
			struct err *err);

/*
 * Have done what text (shorter than TOGETHER_TEXT_SIZE, else it is left) says: by this process with fn, which may find
 * other texts beside it, or by another one's.  *result_out: of TOGETHER_DONE.
 */
enum together_outcome together_run(struct together *together, const char *text, together_do *fn,
				   void *arg, int64_t *result_out);

/* This worker is dead: nobody needs an answer to what it wanted. */
void together_forget(struct together *together, pid_t worker);

#endif
