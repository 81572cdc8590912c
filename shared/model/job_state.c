/* SPDX-License-Identifier: Apache-2.0 */
/* model/job_state.c: names of states. */
#include "model/job_state.h"

#include <stddef.h>
#include <string.h>

const char *const job_state_names[] = {
	[JOB_STATE_NONE] = "",
	[JOB_SUBMITTED] = "SUBMITTED",
	[JOB_ATTRIBUTED] = "ATTRIBUTED",
	[JOB_RUNNING] = "RUNNING",
	[JOB_CRASHED] = "CRASHED",
	[JOB_ENDED] = "ENDED",
	[JOB_KILLED] = "KILLED",
	[JOB_HOLDED] = "HOLDED",
	[JOB_CANCELLED] = "CANCELLED",
	[JOB_SCHEDULED] = "SCHEDULED",
	NULL,
};

const char *
job_state_name(enum job_state state)
{
	return job_state_names[state];
}

enum job_state
job_state_from_name(const char *name)
{
	for (int state = JOB_SUBMITTED; job_state_names[state] != NULL; state++)
		if (strcmp(job_state_names[state], name) == 0)
			return (enum job_state)state;
	return JOB_STATE_NONE;
}

bool
job_state_is_over(enum job_state state)
{
	return state == JOB_ENDED || state == JOB_CRASHED || state == JOB_KILLED ||
	       state == JOB_CANCELLED;
}
