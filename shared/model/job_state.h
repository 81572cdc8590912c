/* SPDX-License-Identifier: Apache-2.0 */
/*
 * model/job_state.h: the states of a job, by the names the database and the wire use.
 *
 * Which may follow which is decided where the rows are changed (sql/schema/0006, 0007):
 *
 *	SCHEDULED -> SUBMITTED <-> HOLDED        waiting; may become CANCELLED
 *	SUBMITTED -> ATTRIBUTED -> RUNNING       in a runner's hands
 *	ENDED CRASHED KILLED CANCELLED           over, for ever
 */
#ifndef MODEL_JOB_STATE_H
#define MODEL_JOB_STATE_H

#include <stdbool.h>

enum job_state {
	JOB_STATE_NONE, /* not said */
	JOB_SUBMITTED,
	JOB_ATTRIBUTED,
	JOB_RUNNING,
	JOB_CRASHED,
	JOB_ENDED,
	JOB_KILLED,
	JOB_HOLDED,
	JOB_CANCELLED,
	JOB_SCHEDULED
};

/* Names by value; NULL ends the list; the first, "", is JOB_STATE_NONE. */
extern const char *const job_state_names[];

const char *job_state_name(enum job_state state);
/* JOB_STATE_NONE for any other text. */
enum job_state job_state_from_name(const char *name);

/* In history: no longer in any queue or any runner's hands. */
bool job_state_is_over(enum job_state state);

#endif
