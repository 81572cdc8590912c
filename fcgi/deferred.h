/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi/deferred.h: an exchange whose handler has done what it can: its answer is made when another process has done what was put
 * (together.h).  The worker takes up other requests meanwhile, but uses its database for none of them before it has
 * looked after this one, unless that is late: so neither waits for what takes long with the other.
 */
#ifndef FCGI_DEFERRED_H
#define FCGI_DEFERRED_H

#include <stdbool.h>
#include <stdint.h>

#include "fcgi/together.h"

struct err;
struct exchange;

/* What a handler returns whose exchange is deferred, and the steps of the pipeline with it. */
#define EXCHANGE_DEFERRED 2

/* It was done, with this result: answer, without the database.  0, or -1 with err. */
typedef int deferred_answer(struct exchange *x, void *arg, int64_t result, struct err *err);

struct deferred {
	int place;
	int64_t since_ms; /* monotonic */
	enum together_outcome outcome;
	int64_t result; /* of TOGETHER_DONE */
	deferred_answer *answer;
	void *arg; /* of the exchange's arena */
};

/* True: text was put, and the handler is to return EXCHANGE_DEFERRED.  False: it is to be done alone. */
bool deferred_start(struct exchange *x, const char *text, deferred_answer *answer, void *arg);

/* How it is with an exchange that is deferred; from its end on always the same, and it comes within a minute. */
enum together_outcome deferred_look(struct exchange *x);

/* It waits for longer than such a thing takes: who comes meanwhile need not wait for it. */
bool deferred_is_late(const struct exchange *x);

#endif
