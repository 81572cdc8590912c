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
