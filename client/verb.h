/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client/verb.h: everything that can be asked of a server, once for both ways to it.
 *
 * A row has the request of the web service beside the statement of the database.  Both take the same arguments and the
 * same body, and answer with the same text: a document as the web service's JSON, a number in digits, or nothing.
 */
#ifndef CLIENT_VERB_H
#define CLIENT_VERB_H

#include <stdbool.h>

#include "db/db.h"

enum verb {
	VERB_ENQUEUE,
	VERB_ENQUEUE_ALL,
	VERB_ENQUEUE_AGAIN,
	VERB_ENQUEUE_AGAIN_ALL,
	VERB_RESTART,
	VERB_CANCEL,
	VERB_KILL,
	VERB_DELETE,
	VERB_HOLD,
	VERB_RELEASE,
	VERB_PAUSE,
	VERB_RESUME,
	VERB_SET_QUEUE,
	VERB_SET_POSITION,
	VERB_SET_PRIORITY,
	VERB_SET_RUN_AFTER,
	VERB_KILL_ALL,
	VERB_HOLD_ALL,
	VERB_RELEASE_ALL,
	VERB_SET_QUEUE_ALL,
	VERB_JOB,
	VERB_QUERY,
	VERB_JOBS_NEWEST,
	VERB_CHILDREN_NEWEST,
	VERB_JOBS_LIVE,
	VERB_MESSAGES,
	VERB_SAY,
	VERB_SET_PROGRESS,
	VERB_FILES,
	VERB_INPUT_GIVE,
	VERB_QUEUES,
	VERB_QUEUE_PAUSE,
	VERB_QUEUE_RESUME,
	VERB_QUEUE_CLEAR,
	VERB_QUEUE_STATUS,
	VERB_QUEUE_CAPACITY,
	VERB_DEFINITIONS,
	VERB_DEFINITIONS_OF,
	VERB_DEFINITION,
	VERB_SCHEDULES,
	VERB_SCHEDULE,
	VERB_SCHEDULE_NEXT,
	VERB_SCHEDULE_DELETE,
	VERB_SCHEDULE_PAUSE,
	VERB_SCHEDULE_RESUME,
	VERB_SCHEDULE_SET_QUEUE,
	VERB_SCHEDULE_SET_PRIORITY,
	VERB_SCHEDULE_SET_CRON,
	VERBS
};

#define VERB_ARGS_MAX 3

enum verb_body {
	VERB_BODY_NONE,
	VERB_BODY_JSON,
	VERB_BODY_TEXT, /* a form with one field, "text" */
	VERB_BODY_BYTES
};

struct verb_row {
	const char *method;
	const char *path; /* {1} to {3} stand for the arguments, percent-encoded */
	enum verb_body body;
	/* $1 ... the arguments, then the body: text; bytes as bytea.  One row of one text, or of nothing that matters. */
	struct db_stmt stmt;
	bool answers; /* false: the web service says 204 and nothing else */
};

/* Is it one that changes something?  Whether that was done is then the question when its answer is lost. */
bool verb_is_order(enum verb verb);

extern const struct verb_row verbs[VERBS];

#endif
