/* SPDX-License-Identifier: Apache-2.0 */
/* tests/client/suite/new_jobs.c: new jobs. */
#include "suite.h"

#include <stdlib.h>

void
a_job_is_enqueued_runs_and_tells_how_it_ended(void **state)
{
	static const struct jqm_parameter parameters[] = { { "name", "w\xc3\xb6rld \"1\" & <2>",
							     false } };
	struct jqm_request request = JQM_REQUEST_INIT;
	struct jqm_job *found;
	int64_t id;

	(void)state;
	request.application_name = "Greet";
	request.parameters = parameters;
	request.parameters_len = 1;
	id = enqueue_request(&request);
	wait_state(id, JQM_ENDED);
	found = job(id);
	assert_true(found->over && found->exited && !found->signalled);
	assert_int_equal(found->exit_code, 0);
	assert_string_equal(found->application_name, "Greet");
	assert_string_equal(found->queue_name, "DEFAULT");
	assert_non_null(found->node_name);
	assert_true(found->enqueued_ms > 0 && found->started_ms >= found->enqueued_ms - 1 &&
		    found->ended_ms >= found->started_ms);
	assert_int_equal(found->parameters_len, 1);
	assert_string_equal(found->parameters[0].key, "name");
	assert_string_equal(found->parameters[0].value, parameters[0].value);
	assert_false(found->parameters[0].secret);
	jqm_job_free(found);
}

void
a_failure_has_its_exit_code_and_can_be_restarted_once(void **state)
{
	struct jqm_job *found;
	int64_t id = enqueue("Fail"), other, again;

	(void)state;
	wait_state(id, JQM_CRASHED);
	found = job(id);
	assert_true(found->exited);
	assert_int_equal(found->exit_code, 3);
	jqm_job_free(found);
	works(jqm_restart(client, id, &other, &error));
	assert_true(other > id);
	fails(JQM_CONFLICT, jqm_restart(client, id, &again, &error));
	found = job(other);
	assert_int_equal(found->restart_of, id);
	jqm_job_free(found);
}

void
every_member_of_a_request_comes_back(void **state)
{
	static const char *const waits[] = { "end:1" };
	struct jqm_request request = JQM_REQUEST_INIT;
	struct jqm_job *found;
	int64_t id, parent = enqueue_waiting();

	(void)state;
	request.application_name = "Greet";
	request.user = "alice";
	request.queue_name = "NOBODY";
	request.priority = 7;
	request.application = "app";
	request.module = "mod";
	request.keyword1 = "k1";
	request.keyword2 = "k2";
	request.keyword3 = "k3";
	request.session_id = "s-1";
	request.email = "somebody@example.org";
	request.trace_id = "trace";
	request.parent_id = parent;
	request.run_after_ms = 4102444800123;
	request.max_attempts = 3;
	request.concurrency_key = "key";
	id = enqueue_request(&request);
	found = job(id);
	assert_string_equal(found->state, JQM_SCHEDULED);
	assert_string_equal(found->user, "alice");
	assert_string_equal(found->queue_name, "NOBODY");
	assert_int_equal(found->queue_id, queue_id("NOBODY"));
	assert_int_equal(found->priority, 7);
	assert_string_equal(found->application, "app");
	assert_string_equal(found->module, "mod");
	assert_string_equal(found->keyword1, "k1");
	assert_string_equal(found->keyword2, "k2");
	assert_string_equal(found->keyword3, "k3");
	assert_string_equal(found->session_id, "s-1");
	assert_string_equal(found->email, "somebody@example.org");
	assert_string_equal(found->trace_id, "trace");
	assert_int_equal(found->parent_id, parent);
	assert_int_equal(found->run_after_ms, 4102444800123);
	assert_int_equal(found->max_attempts, 3);
	assert_string_equal(found->concurrency_key, "key");
	assert_non_null(found->submitted_by);
	assert_false(found->over);
	jqm_job_free(found);
	works(jqm_delete(client, id, &error));

	request = (struct jqm_request)JQM_REQUEST_INIT;
	request.application_name = "Greet";
	request.queue_name = "NOBODY";
	request.held = true;
	id = enqueue_request(&request);
	assert_state(id, JQM_HOLDED);
	request.held = false;
	request.wait_for = waits;
	request.wait_for_len = 1;
	id = enqueue_request(&request);
	found = job(id);
	assert_int_equal(found->wait_for_len, 1);
	assert_string_equal(found->wait_for[0], "end:1");
	jqm_job_free(found);
}

void
the_same_idempotency_key_is_the_same_job(void **state)
{
	struct jqm_request request = JQM_REQUEST_INIT;
	char key[64];

	(void)state;
	(void)snprintf(key, sizeof(key), "%s-%f", is_database() ? "db" : "web", now_s());
	request.application_name = "Greet";
	request.queue_name = "NOBODY";
	request.idempotency_key = key;
	assert_int_equal(enqueue_request(&request), enqueue_request(&request));
}

void
a_wrong_request_is_refused_and_says_why(void **state)
{
	static const char *const self[] = { "soon:1" };
	static const struct jqm_parameter no_value[] = { { "a", NULL, false } },
					  twice[] = { { "a", "1", false }, { "a", "2", false } };
	struct jqm_request request = JQM_REQUEST_INIT;
	char longer[300];
	int64_t id = -5;

	(void)state;
	fails(JQM_INVALID, jqm_enqueue(client, &request, &id, &error));
	request.application_name = "Nobody knows it";
	fails(JQM_INVALID, jqm_enqueue(client, &request, &id, &error));
	assert_non_null(strstr(error.text, "Nobody knows it"));
	request.application_name = "Greet";
	request.queue_name = "No queue";
	fails(JQM_INVALID, jqm_enqueue(client, &request, &id, &error));
	request.queue_name = NULL;
	request.priority = 11;
	fails(JQM_INVALID, jqm_enqueue(client, &request, &id, &error));
	request.priority = -1;
	fails(JQM_INVALID, jqm_enqueue(client, &request, &id, &error));
	request.priority = 0;
	request.wait_for = self;
	request.wait_for_len = 1;
	fails(JQM_INVALID, jqm_enqueue(client, &request, &id, &error));
	request.wait_for = NULL;
	fails(JQM_INVALID, jqm_enqueue(client, &request, &id, &error));
	request.wait_for_len = 0;
	request.parameters = no_value;
	request.parameters_len = 1;
	fails(JQM_INVALID, jqm_enqueue(client, &request, &id, &error));
	request.parameters = twice;
	request.parameters_len = 2;
	fails(JQM_INVALID, jqm_enqueue(client, &request, &id, &error));
	request.parameters = NULL;
	fails(JQM_INVALID, jqm_enqueue(client, &request, &id, &error));
	request.parameters_len = 0;
	request.user = "no \xff UTF-8";
	fails(JQM_INVALID, jqm_enqueue(client, &request, &id, &error));
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	request.user = longer;
	fails(JQM_INVALID, jqm_enqueue(client, &request, &id, &error));
	assert_non_null(strstr(error.text, "user"));
	request.user = NULL;
	request.email = "nobody";
	fails(JQM_INVALID, jqm_enqueue(client, &request, &id, &error));
	request.email = NULL;
	request.run_after_ms = INT64_MAX;
	fails(JQM_INVALID, jqm_enqueue(client, &request, &id, &error));
	assert_int_equal(id, -5);
}

void
many_are_enqueued_all_or_none(void **state)
{
	struct jqm_request good = JQM_REQUEST_INIT, bad = JQM_REQUEST_INIT;
	const struct jqm_request *requests[3] = { &good, &good, &good };
	int64_t ids[3] = { 0, 0, 0 };
	struct jqm_query query = JQM_QUERY_INIT;
	struct jqm_jobs *jobs = NULL;
	char module[40];

	(void)state;
	(void)snprintf(module, sizeof(module), "bulk-%.3f", now_s());
	good.application_name = "Greet";
	good.queue_name = "NOBODY";
	good.module = module;
	bad.application_name = "Nobody knows it";
	works(jqm_enqueue_all(client, requests, 3, ids, &error));
	assert_true(ids[0] > 0 && ids[1] > ids[0] && ids[2] > ids[1]);
	requests[2] = &bad;
	fails(JQM_INVALID, jqm_enqueue_all(client, requests, 3, ids, &error));
	assert_non_null(strstr(error.text, "[2]"));
	requests[1] = NULL;
	fails(JQM_INVALID, jqm_enqueue_all(client, requests, 3, ids, &error));
	assert_non_null(strstr(error.text, "[1]"));
	works(jqm_enqueue_all(client, requests, 0, ids, &error));
	query.live = true;
	query.module = good.module;
	query.count = true;
	works(jqm_jobs_read(client, &query, &jobs, &error));
	assert_int_equal(jobs->total, 3);
	jqm_jobs_free(jobs);
}

void
a_job_that_is_over_is_enqueued_again(void **state)
{
	int64_t id = enqueue_waiting(), other = 0, made[2];
	size_t n = 0;
	struct jqm_job *found;

	(void)state;
	fails(JQM_CONFLICT, jqm_enqueue_again(client, id, &other, &error));
	works(jqm_cancel(client, id, &error));
	works(jqm_enqueue_again(client, id, &other, &error));
	assert_true(other > id);
	wait_state(other, JQM_ENDED); /* in the definition's own queue */
	works(jqm_enqueue_again_all(client, (const int64_t[]){ other, id }, 2, made, &n, &error));
	assert_int_equal(n, 1); /* the cancelled one is left out */
	found = job(made[0]);
	assert_string_equal(found->application_name, "Greet");
	jqm_job_free(found);
}
