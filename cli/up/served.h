/* SPDX-License-Identifier: Apache-2.0 */
/* cli/up/served.h: does a node serve?  Asked by who starts it, without anybody's login. */
#ifndef UP_SERVED_H
#define UP_SERVED_H

#include <stdbool.h>

struct db;
struct err;

#define SERVED_PATH "/ws/simple/localnode/health"

/*
 * Does this status of our own answer to SERVED_PATH show that nginx, jqm-fcgi and the database serve?  200; but also
 * 401 (log in first), and 404 (administrators turned that part of the API off): nginx says neither of a path below
 * /ws/, and jqm-fcgi not before it has read its switches in the database, half a second ago at most.
 */
bool served_by_status(long status);

/* What a login would be told, read in the database: 0 when node has a runner that polls, else -1. */
int served_by_runner(struct db *db, const char *node, struct err *err);

#endif
