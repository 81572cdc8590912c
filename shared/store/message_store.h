/* SPDX-License-Identifier: Apache-2.0 */
/* store/message_store.h: what jobs and the system said about jobs. */
#ifndef STORE_MESSAGE_STORE_H
#define STORE_MESSAGE_STORE_H

#include <stdint.h>

struct db;
struct err;
struct job_instance_list;
struct memory;

/* Of several jobs each shows so many messages, the oldest ones; a job alone shows all it may say (10,000) and
 * what the system said of it meanwhile. */
#define MESSAGES_PER_JOB_MAX 1000
#define MESSAGES_OF_ONE_JOB_MAX 11000

/* Something is said about a job: ERR_INVALID (empty, too long), ERR_NOT_FOUND, ERR_CONFLICT (it has too
 * many).  attempt: the one that says it of itself, ERR_CONFLICT when that is over; 0: somebody else does. */
int message_say(struct db *db, int64_t job_id, int64_t attempt, const char *text, struct err *err);

/* Fill in the messages of each job of the list, in the order they were said; one statement. */
int message_read_for(struct db *db, struct job_instance_list *jobs, struct memory *memory,
		     struct err *err);

#endif
