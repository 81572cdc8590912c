/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/pipeline.h: the life of one request, in order. */
#ifndef FCGI_PIPELINE_H
#define FCGI_PIPELINE_H

#include <stdbool.h>

struct err;
struct exchange;

enum pipeline_state {
	PIPELINE_ENDED, /* exactly one answer was sent, and one line logged */
	PIPELINE_DEFERRED, /* nothing yet: pipeline_go_on() */
	PIPELINE_PUT_OFF /* nothing yet: pipeline_run_again() */
};

/*
 * Answer the request of x->connection.  x holds arena, db, settings, guards, worker and connection, the rest
 * is zero.
 */
enum pipeline_state pipeline_run(struct exchange *x);

/*
 * While x runs, and is about to use the database for the first time: others are to use it before.  -1 with err for that statement: so
 * it will be, x will be PIPELINE_PUT_OFF.  0: x has begun what cannot be done again, and goes on.
 */
int pipeline_put_off(struct exchange *x, struct err *err);
enum pipeline_state pipeline_run_again(struct exchange *x);

/*
 * Of one that was deferred: answer it, if what it waits for has ended.  database_is_free: x->db is in the middle of no other
 * exchange, so this one may use it if it must.
 */
enum pipeline_state pipeline_go_on(struct exchange *x, bool database_is_free);

#endif
