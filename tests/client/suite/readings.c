/* SPDX-License-Identifier: Apache-2.0 */
/* tests/client/suite/readings.c: what is known of jobs. */
#include "suite.h"

#include <stdlib.h>

void
a_query_finds_what_it_says(void **state)
{
	static const char *const names[] = { "Nobody", "Gre%" }, *const states[] = { "SUBMITTED" };
	struct jqm_request request = JQM_REQUEST_INIT;
	struct jqm_query query = JQM_QUERY_INIT;
	struct jqm_jobs *jobs = NULL;
	int64_t ids[5], since;
	char module[40];

	(void)state;
	(void)snprintf(module, sizeof(module), "q-%.3f", now_s());
	request.application_name = "Greet";
	request.queue_name = "NOBODY";
	request.module = module;
	for (int i = 0; i < 5; i++) {
		request.keyword1 = i % 2 == 0 ? "even" : "odd";
		request.priority = i + 1;
		ids[i] = enqueue_request(&request);
	}
	works(jqm_cancel(client, ids[4], &error));
	query.live = query.past = true;
	query.module = module;
	query.count = true;
	works(jqm_jobs_read(client, &query, &jobs, &error));
	assert_int_equal(jobs->len, 5);
	assert_int_equal(jobs->total, 5);
	for (int i = 0; i < 5; i++)
		assert_int_equal(jobs->items[i]->id, ids[i]);
	since = jobs->items[0]->enqueued_ms;
	jqm_jobs_free(jobs);

	query.count = false;
	query.descending = true;
	query.page_size = 2;
	works(jqm_jobs_read(client, &query, &jobs, &error));
	assert_int_equal(jobs->len, 2);
	assert_int_equal(jobs->total, -1);
	assert_int_equal(jobs->items[0]->id, ids[4]);
	jqm_jobs_free(jobs);
	query.after_id = ids[3];
	works(jqm_jobs_read(client, &query, &jobs, &error));
	assert_int_equal(jobs->len, 2);
	assert_int_equal(jobs->items[0]->id, ids[2]);
	assert_int_equal(jobs->items[1]->id, ids[1]);
	jqm_jobs_free(jobs);

	query = (struct jqm_query)JQM_QUERY_INIT;
	query.past = query.live = true;
	query.module = module;
	query.sort_by = JQM_BY_STATE;
	query.first_row = 1;
	works(jqm_jobs_read(client, &query, &jobs, &error));
	assert_int_equal(jobs->len, 4); /* CANCELLED came first */
	assert_int_equal(jobs->items[0]->id, ids[0]);
	jqm_jobs_free(jobs);

	query = (struct jqm_query)JQM_QUERY_INIT;
	query.live = true;
	query.module = module;
	query.keyword1 = "even";
	query.application_names = names;
	query.application_names_len = 2;
	query.states = states;
	query.states_len = 1;
	query.queue_name = "NOB%";
	query.queue_id = queue_id("NOBODY");
	query.parent_id = -1;
	query.keyword2 = "";
	query.enqueued_from_ms = since - 1;
	query.enqueued_until_ms = since + 3600 * 1000;
	works(jqm_jobs_read(client, &query, &jobs, &error));
	assert_int_equal(jobs->len, 2);
	jqm_jobs_free(jobs);
	query.enqueued_from_ms = since + 3600 * 1000;
	works(jqm_jobs_read(client, &query, &jobs, &error));
	assert_int_equal(jobs->len, 0);
	jqm_jobs_free(jobs);
	query = (struct jqm_query)JQM_QUERY_INIT;
	query.live = true;
	query.id = ids[0];
	works(jqm_jobs_read(client, &query, &jobs, &error));
	assert_int_equal(jobs->len, 1);
	assert_string_equal(jobs->items[0]->module, module);
	jqm_jobs_free(jobs);
}

void
a_wrong_query_is_refused(void **state)
{
	static const char *const states[] = { "LOST" };
	struct jqm_query query = JQM_QUERY_INIT;
	struct jqm_jobs *jobs = NULL;

	(void)state;
	fails(JQM_INVALID, jqm_jobs_read(client, &query, &jobs, &error));
	query.live = true;
	query.sort_by = 99;
	fails(JQM_INVALID, jqm_jobs_read(client, &query, &jobs, &error));
	query.sort_by = 0;
	query.page_size = 20001;
	fails(JQM_INVALID, jqm_jobs_read(client, &query, &jobs, &error));
	query.page_size = 0;
	query.first_row = -1;
	fails(JQM_INVALID, jqm_jobs_read(client, &query, &jobs, &error));
	query.first_row = 0;
	query.states = states;
	query.states_len = 1;
	fails(JQM_INVALID, jqm_jobs_read(client, &query, &jobs, &error));
	query.states_len = 0;
	query.after_id = 1;
	query.count = true;
	fails(JQM_INVALID, jqm_jobs_read(client, &query, &jobs, &error));
	query.size = 3;
	fails(JQM_INVALID, jqm_jobs_read(client, &query, &jobs, &error));
	assert_null(jobs);
}

void
what_is_said_of_a_job_is_read_back(void **state)
{
	int64_t id = enqueue_waiting();
	struct jqm_texts *texts = NULL;

	(void)state;
	works(jqm_messages(client, id, &texts, &error));
	assert_int_equal(texts->len, 0);
	jqm_texts_free(texts);
	works(jqm_say(client, id, "a+b & 100 % \xe2\x82\xac", &error));
	works(jqm_say(client, id, "second", &error));
	works(jqm_messages(client, id, &texts, &error));
	assert_int_equal(texts->len, 2);
	assert_string_equal(texts->items[0], "a+b & 100 % \xe2\x82\xac");
	jqm_texts_free(texts);
	fails(JQM_INVALID, jqm_say(client, id, "", &error));
	fails(JQM_INVALID, jqm_say(client, id, NULL, &error));
	fails(JQM_INVALID, jqm_say(client, id, "\xff", &error));
}

void
lists_without_a_query_have_what_they_say(void **state)
{
	struct jqm_request request = JQM_REQUEST_INIT;
	struct jqm_jobs *jobs = NULL;
	int64_t parent = enqueue_waiting(), ids[3];

	(void)state;
	request.application_name = "Greet";
	request.queue_name = "NOBODY";
	request.parent_id = parent;
	for (int i = 0; i < 3; i++)
		ids[i] = enqueue_request(&request);
	works(jqm_cancel(client, ids[1], &error)); /* live and past */
	works(jqm_jobs_newest(client, parent, 0, 2, &jobs, &error));
	assert_int_equal(jobs->len, 2);
	assert_int_equal(jobs->total, -1);
	assert_int_equal(jobs->items[0]->id, ids[2]);
	assert_int_equal(jobs->items[1]->id, ids[1]);
	assert_string_equal(jobs->items[1]->state, JQM_CANCELLED);
	assert_int_equal(jobs->items[1]->parent_id, parent);
	jqm_jobs_free(jobs);
	works(jqm_jobs_newest(client, parent, ids[1], 1000, &jobs, &error));
	assert_int_equal(jobs->len, 1);
	assert_int_equal(jobs->items[0]->id, ids[0]);
	jqm_jobs_free(jobs);
	works(jqm_jobs_newest(client, 0, ids[2] + 1, 2, &jobs, &error));
	assert_int_equal(jobs->len, 2);
	assert_int_equal(jobs->items[0]->id, ids[2]);
	jqm_jobs_free(jobs);
	works(jqm_jobs_newest(client, ids[0], 0, 5, &jobs, &error));
	assert_int_equal(jobs->len, 0);
	jqm_jobs_free(jobs);

	works(jqm_jobs_live(client, 2, &jobs, &error));
	assert_int_equal(jobs->len, 2);
	assert_int_equal(jobs->total, -1);
	assert_true(jobs->items[0]->id < jobs->items[1]->id && jobs->items[0]->id <= parent);
	assert_false(jobs->items[0]->over || jobs->items[1]->over);
	jqm_jobs_free(jobs);

	jobs = NULL;
	fails(JQM_INVALID, jqm_jobs_newest(client, 0, 0, 0, &jobs, &error));
	fails(JQM_INVALID, jqm_jobs_newest(client, 0, 0, 1001, &jobs, &error));
	fails(JQM_INVALID, jqm_jobs_newest(client, -1, 0, 1, &jobs, &error));
	fails(JQM_INVALID, jqm_jobs_newest(client, 0, -1, 1, &jobs, &error));
	fails(JQM_INVALID, jqm_jobs_live(client, 0, &jobs, &error));
	assert_null(jobs);
}

/* Does the answer have that in it? */
static void
assert_answer_has(const char *text)
{
	size_t len = 0;
	const char *answer = jqm_answer(client, &len);

	assert_non_null(answer);
	assert_int_equal(strlen(answer), len);
	assert_non_null(strstr(answer, text));
}

void
an_answer_is_kept_as_it_came_until_the_next_call(void **state)
{
	int64_t id = enqueue_waiting();
	struct jqm_jobs *jobs = NULL;
	struct jqm_job *found = NULL;
	size_t len = 7;
	char number[40];

	(void)state;
	(void)snprintf(number, sizeof(number), "%lld", (long long)id);
	jqm_job_free(job(id));
	assert_null(jqm_answer(client, &len)); /* nobody said that it be kept */
	assert_int_equal(len, 0);
	works(jqm_keep_answers(client, true, &error));
	jqm_job_free(job(id));
	assert_answer_has("\"applicationName\"");
	assert_answer_has(number);
	assert_int_equal(jqm_answer(client, NULL)[0], '{');
	works(jqm_jobs_newest(client, 0, 0, 1, &jobs, &error));
	jqm_jobs_free(jobs);
	assert_int_equal(jqm_answer(client, NULL)[0], '[');
	fails(JQM_NOT_FOUND, jqm_job_read(client, 987654321, &found, &error));
	assert_null(jqm_answer(client, NULL));
	id = enqueue_waiting();
	(void)snprintf(number, sizeof(number), "%lld", (long long)id);
	assert_answer_has("\"id\"");
	assert_answer_has(number);
	works(jqm_cancel(client, id, &error));
	assert_null(jqm_answer(client, NULL)); /* an order has none */
	jqm_job_free(job(id));
	works(jqm_keep_answers(client, false, &error));
	assert_null(jqm_answer(client, NULL));
	jqm_job_free(job(id));
	assert_null(jqm_answer(client, NULL));
	assert_null(jqm_answer(NULL, NULL));
}
