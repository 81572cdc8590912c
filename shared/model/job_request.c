/* SPDX-License-Identifier: Apache-2.0 */
/* model/job_request.c: what a wish must say. */
#include "model/job_request.h"

#include <inttypes.h>
#include <string.h>

#include "base/err.h"
#include "base/num.h"
#include "base/str.h"

#define ID_MAX INT64_C(999999999999999999) /* 18 digits, as the database reads them */

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

/* Members of ours that say how one job runs: not ignored but refused, a schedule does not remember them. */
static int
check_no_job(const struct job_request *request, struct err *err)
{
	const char *member = NULL;

	if (request->wait_for.len > 0)
		member = "waitFor";
	else if (request->max_attempts.set)
		member = "maxAttempts";
	else if (!is_blank(request->concurrency_key))
		member = "concurrencyKey";
	else if (!is_blank(request->idempotency_key))
		member = "idempotencyKey";
	if (member == NULL)
		return 0;
	return err_set(err, ERR_INVALID,
		       "recurrence and %s exclude each other: a schedule does not remember it",
		       member);
}

/* The condition of the first len characters of text; NULL: none. */
static const char *
condition_of(const char *text, size_t len)
{
	static const char *const conditions[] = { "success", "failure", "end" };

	for (size_t i = 0; i < sizeof(conditions) / sizeof(conditions[0]); i++)
		if (strlen(conditions[i]) == len && memcmp(conditions[i], text, len) == 0)
			return conditions[i];
	return NULL;
}

int
job_wait_parse(const char *text, struct job_wait *out, struct err *err)
{
	size_t len = strcspn(text, ":");
	bool is_short = text[len] == '\0';
	const char *digits = is_short ? text : text + len + 1;
	struct job_wait wait = { is_short ? "success" : condition_of(text, len), 0 };

	if (wait.condition == NULL || digits[0] == '-' ||
	    num_int64(digits, 0, ID_MAX, &wait.id) == -1)
		return err_set(err, ERR_INVALID,
			       "waitFor \"%.*s\" is not the number of a job, or success:, failure: "
			       "or end: and a number",
			       STR_CUT(text, 60));
	*out = wait;
	return 0;
}

static int
waits_check(const struct text_list *list, struct err *err)
{
	int64_t ids[WAIT_FOR_MAX];

	if (list->len > WAIT_FOR_MAX)
		return err_set(err, ERR_INVALID, "waitFor names %zu jobs, at most %d are allowed",
			       list->len, WAIT_FOR_MAX);
	for (size_t i = 0; i < list->len; i++) {
		struct job_wait wait = { NULL, 0 };

		if (job_wait_parse(list->items[i], &wait, err) == -1)
			return -1;
		ids[i] = wait.id;
		for (size_t j = 0; j < i; j++)
			if (ids[j] == wait.id)
				return err_set(err, ERR_INVALID,
					       "waitFor names job instance %" PRId64 " twice",
					       wait.id);
	}
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
	/* Other members of JQM's that a request for a schedule has are ignored, as there. */
	if (job_request_is_recurrent(request))
		return check_no_job(request, err);
	if (request->start_state != JOB_STATE_NONE && request->start_state != JOB_SUBMITTED &&
	    request->start_state != JOB_HOLDED)
		return err_set(err, ERR_INVALID,
			       "startState \"%s\" is not one a job can start in: SUBMITTED, HOLDED",
			       job_state_name(request->start_state));
	if (request->start_state == JOB_HOLDED && request->run_after.set)
		return err_set(err, ERR_INVALID,
			       "startState HOLDED and runAfter exclude each other");
	return check_no_schedule(request, err) == -1 ? -1 : waits_check(&request->wait_for, err);
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
	if (request->start_state == JOB_HOLDED)
		return JOB_HOLDED;
	return request->wait_for.len > 0 ? JOB_SCHEDULED : JOB_SUBMITTED;
}
