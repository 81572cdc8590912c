/* SPDX-License-Identifier: Apache-2.0 */
/* model/job_request.c: what a wish must say. */
#include "model/job_request.h"

#include <string.h>

#include "base/err.h"

/* NULL, or nothing but white space. */
static bool
is_blank(const char *text)
{
	return text == NULL || text[strspn(text, " \t\r\n\v\f")] == '\0';
}

int
job_request_check(const struct job_request *request, struct err *err)
{
	bool by_schedule = request->schedule_id.set && request->schedule_id.value > 0;

	if (is_blank(request->application_name) && !by_schedule)
		return err_set(err, ERR_INVALID, "applicationName is missing");
	if (request->start_state != JOB_STATE_NONE && request->start_state != JOB_SUBMITTED &&
	    request->start_state != JOB_HOLDED)
		return err_set(err, ERR_INVALID,
			       "startState \"%s\" is not one a job can start in: SUBMITTED, HOLDED",
			       job_state_name(request->start_state));
	if (request->start_state == JOB_HOLDED && request->run_after.set)
		return err_set(err, ERR_INVALID,
			       "startState HOLDED and runAfter exclude each other");
	return 0;
}

bool
job_request_is_recurrent(const struct job_request *request)
{
	return !is_blank(request->recurrence);
}

enum job_state
job_request_first_state(const struct job_request *request)
{
	if (request->run_after.set)
		return JOB_SCHEDULED;
	return request->start_state == JOB_HOLDED ? JOB_HOLDED : JOB_SUBMITTED;
}
