/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/pipeline.h: the life of one request, in order. */
#ifndef FCGI_PIPELINE_H
#define FCGI_PIPELINE_H

struct exchange;

/*
 * Answer the request of x->connection.  x holds arena, db, settings, guards and connection, the rest
 * is zero; always sends exactly one answer and logs one line.
 */
void pipeline_run(struct exchange *x);

#endif
