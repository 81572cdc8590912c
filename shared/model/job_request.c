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

/* Members that say something of a schedule make no sense without one. */
static int
check_no_schedule(const struct job_request *request, struct err *err)
{
	const struct {
		const char *name;
		bool given;
	} members[] = {
		{ "timeZone", !is_blank(request->time_zone) },
		{ "dayRule", !is_blank(request->day_rule) },
		{ "overlap", !is_blank(request->overlap) },
		{ "misfire", !is_blank(request->misfire) },
		{ "misfireWindowSeconds", request->misfire_window_s.set },
	};

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (members[i].given)
			return err_set(err, ERR_INVALID, "%s is of use with recurrence only",
				       members[i].name);
	return 0;
}

int
job_request_check(const struct job_request *request, struct err *err)
{
	bool by_schedule = request->schedule_id.set && request->schedule_id.value > 0;

	if (by_schedule && job_request_is_recurrent(request))
		return err_set(err, ERR_INVALID, "recurrence and scheduleId exclude each other");
	if (is_blank(request->application_name) && !by_schedule)
		return err_set(err, ERR_INVALID, "applicationName is missing");
	/* What a request for a schedule says of a job is ignored, as in JQM. */
	if (job_request_is_recurrent(request))
		return 0;
	if (request->start_state != JOB_STATE_NONE && request->start_state != JOB_SUBMITTED &&
	    request->start_state != JOB_HOLDED)
		return err_set(err, ERR_INVALID,
			       "startState \"%s\" is not one a job can start in: SUBMITTED, HOLDED",
			       job_state_name(request->start_state));
	if (request->start_state == JOB_HOLDED && request->run_after.set)
		return err_set(err, ERR_INVALID,
			       "startState HOLDED and runAfter exclude each other");
	return check_no_schedule(request, err);
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
