/* SPDX-License-Identifier: Apache-2.0 */
/* tests/client/suite/closed.c: every call, on a handle that is none, and on one that is closed. */
#include "suite.h"

#define CLOSED(call) fails(JQM_INVALID, call)

static void
orders_fail(struct jqm *it)
{
	const int64_t ids[] = { 1 };
	int64_t done, many[1];
	size_t n;

	CLOSED(jqm_cancel(it, 1, &error));
	CLOSED(jqm_kill(it, 1, &error));
	CLOSED(jqm_delete(it, 1, &error));
	CLOSED(jqm_hold(it, 1, &error));
	CLOSED(jqm_release(it, 1, &error));
	CLOSED(jqm_pause(it, 1, &error));
	CLOSED(jqm_resume(it, 1, &error));
	CLOSED(jqm_queue_pause(it, 1, &error));
	CLOSED(jqm_queue_resume(it, 1, &error));
	CLOSED(jqm_queue_clear(it, 1, &error));
	CLOSED(jqm_schedule_delete(it, 1, &error));
	CLOSED(jqm_schedule_pause(it, 1, &error));
	CLOSED(jqm_schedule_resume(it, 1, &error));
	CLOSED(jqm_set_queue(it, 1, 1, &error));
	CLOSED(jqm_set_position(it, 1, 1, &error));
	CLOSED(jqm_set_run_after(it, 1, 1, &error));
	CLOSED(jqm_set_priority(it, 1, 1, &error));
	CLOSED(jqm_set_progress(it, 1, 1, &error));
	CLOSED(jqm_schedule_set_queue(it, 1, 1, &error));
	CLOSED(jqm_schedule_set_priority(it, 1, 1, &error));
	CLOSED(jqm_schedule_set_cron(it, 1, "* * * * *", &error));
	CLOSED(jqm_kill_all(it, ids, 1, &done, &error));
	CLOSED(jqm_kill_all(it, NULL, 0, &done, &error));
	CLOSED(jqm_hold_all(it, ids, 1, &done, &error));
	CLOSED(jqm_hold_all(it, NULL, 0, &done, &error));
	CLOSED(jqm_release_all(it, ids, 1, &done, &error));
	CLOSED(jqm_release_all(it, NULL, 0, &done, &error));
	CLOSED(jqm_set_queue_all(it, ids, 1, 1, &done, &error));
	CLOSED(jqm_enqueue_again_all(it, ids, 1, many, &n, &error));
	CLOSED(jqm_say(it, 1, "x", &error));
	CLOSED(jqm_input_give(it, 1, "in", "x", 1, &error));
}

static void
new_jobs_fail(struct jqm *it)
{
	struct jqm_request request = JQM_REQUEST_INIT;
	const struct jqm_request *requests[] = { &request };
	int64_t id = -7;

	request.application_name = "Greet";
	CLOSED(jqm_enqueue(it, &request, &id, &error));
	CLOSED(jqm_enqueue_all(it, requests, 1, &id, &error));
	CLOSED(jqm_enqueue_all(it, NULL, 0, &id, &error));
	CLOSED(jqm_enqueue_again(it, 1, &id, &error));
	CLOSED(jqm_restart(it, 1, &id, &error));
	assert_int_equal(id, -7);
}

static void
questions_fail(struct jqm *it)
{
	struct jqm_query query = JQM_QUERY_INIT;
	struct jqm_definition *definition = NULL;
	struct jqm_definitions *definitions = NULL;
	struct jqm_schedule *schedule = NULL;
	struct jqm_schedules *schedules = NULL;
	struct jqm_queues *queues = NULL;
	struct jqm_files *files = NULL;
	struct jqm_texts *texts = NULL;
	struct jqm_jobs *jobs = NULL;
	struct jqm_job *found = NULL;
	struct jqm_log_place place = JQM_LOG_PLACE_INIT;
	struct bytes bytes = { .len = 0 };
	int64_t number = -7;
	int32_t state = -7;

	query.live = true;
	CLOSED(jqm_job_read(it, 1, &found, &error));
	CLOSED(jqm_jobs_read(it, &query, &jobs, &error));
	CLOSED(jqm_jobs_newest(it, 0, 0, 1, &jobs, &error));
	CLOSED(jqm_jobs_live(it, 1, &jobs, &error));
	CLOSED(jqm_messages(it, 1, &texts, &error));
	CLOSED(jqm_progress(it, 1, &number, &error));
	CLOSED(jqm_files(it, 1, &files, &error));
	CLOSED(jqm_file_fetch(it, 1, take, &bytes, &error));
	CLOSED(jqm_log_fetch(it, 1, JQM_STDOUT, 0, 0, take, &bytes, &number, &error));
	CLOSED(jqm_file_get(it, "1", take, &bytes, NULL, 0, &error));
	CLOSED(jqm_log_show(it, 1, JQM_STDOUT, 0, take, &bytes, &error));
	CLOSED(jqm_log_continue(it, 1, JQM_STDOUT, &place, take, &bytes, &error));
	CLOSED(jqm_queues(it, &queues, &error));
	CLOSED(jqm_queue_status(it, 1, &state, &error));
	CLOSED(jqm_queue_capacity(it, 1, &number, &error));
	CLOSED(jqm_definitions(it, NULL, &definitions, &error));
	CLOSED(jqm_definitions(it, "x", &definitions, &error));
	CLOSED(jqm_definition_read(it, "x", &definition, &error));
	CLOSED(jqm_schedules(it, &schedules, &error));
	CLOSED(jqm_schedule_read(it, 1, &schedule, &error));
	CLOSED(jqm_schedule_next(it, 1, 1, &texts, &error));
	CLOSED(jqm_keep_answers(it, true, &error));
	assert_null(jqm_answer(it, NULL));
	assert_true(number == -7 && state == -7 && bytes.len == 0);
	assert_true(definition == NULL && definitions == NULL && schedule == NULL &&
		    schedules == NULL && queues == NULL && files == NULL && texts == NULL &&
		    jobs == NULL && found == NULL);
}

void
a_handle_that_is_none_or_closed_is_an_error(void **state)
{
	struct jqm *others[] = { NULL, NULL };

	(void)state;
	works(jqm_open(getenv("JQM_SUITE_URL"), NULL, &others[1], &error));
	jqm_close(others[1]);
	jqm_close(others[1]);
	for (int i = 0; i < 2; i++) {
		orders_fail(others[i]);
		new_jobs_fail(others[i]);
		questions_fail(others[i]);
	}
	jqm_free(&others[1]);
	assert_null(others[1]);
	jqm_free(&others[1]);
}
