/* SPDX-License-Identifier: Apache-2.0 */
#include "suite.h"

#include <stdlib.h>
#include <time.h>

#define WAIT_S 60

double
now_s(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

bool
is_database(void)
{
	return strncmp(getenv("JQM_SUITE_URL"), "postgres", 8) == 0;
}

int64_t
enqueue_request(const struct jqm_request *request)
{
	int64_t id = 0;

	works(jqm_enqueue(client, request, &id, &error));
	assert_true(id > 0);
	return id;
}

int64_t
enqueue(const char *name)
{
	struct jqm_request request = JQM_REQUEST_INIT;

	request.application_name = name;
	return enqueue_request(&request);
}

int64_t
enqueue_waiting(void)
{
	struct jqm_request request = JQM_REQUEST_INIT;

	request.application_name = "Greet";
	request.queue_name = "NOBODY";
	return enqueue_request(&request);
}

struct jqm_job *
job(int64_t id)
{
	struct jqm_job *out = NULL;

	works(jqm_job_read(client, id, &out, &error));
	assert_int_equal(out->id, id);
	return out;
}

static bool
is_state(int64_t id, const char *state)
{
	struct jqm_job *found = job(id);
	bool is = strcmp(found->state, state) == 0;

	jqm_job_free(found);
	return is;
}

void
assert_state(int64_t id, const char *state)
{
	struct jqm_job *found = job(id);

	assert_string_equal(found->state, state);
	jqm_job_free(found);
}

/* Asking is what takes the time. */
void
wait_state(int64_t id, const char *state)
{
	double deadline = now_s() + WAIT_S;

	while (!is_state(id, state))
		if (now_s() > deadline)
			fail_msg("job %lld is not %s after %d s", (long long)id, state, WAIT_S);
}

int64_t
queue_id(const char *name)
{
	struct jqm_queues *queues = NULL;
	int64_t id = 0;

	works(jqm_queues(client, &queues, &error));
	for (size_t i = 0; i < queues->len; i++)
		if (strcmp(queues->items[i]->name, name) == 0)
			id = queues->items[i]->id;
	jqm_queues_free(queues);
	assert_true(id > 0);
	return id;
}

int
take(void *arg, const void *data, size_t len)
{
	struct bytes *bytes = arg;

	assert_true(bytes->len + len < sizeof(bytes->data));
	memcpy(bytes->data + bytes->len, data, len);
	bytes->len += len;
	bytes->data[bytes->len] = '\0';
	return bytes->most > 0 && bytes->len >= bytes->most;
}
