/* SPDX-License-Identifier: Apache-2.0 */
/* tests/client/suite/orders.c: orders. */
#include "suite.h"

#include <stdlib.h>

void
a_waiting_job_obeys(void **state)
{
	int64_t id = enqueue_waiting(), other = enqueue_waiting();
	struct jqm_job *found;

	(void)state;
	works(jqm_hold(client, id, &error));
	assert_state(id, JQM_HOLDED);
	fails(JQM_CONFLICT, jqm_hold(client, id, &error));
	works(jqm_release(client, id, &error));
	assert_state(id, JQM_SUBMITTED);
	works(jqm_set_priority(client, id, 9, &error));
	works(jqm_set_position(client, other, 1, &error));
	works(jqm_set_queue(client, id, queue_id("OTHER"), &error));
	found = job(id);
	assert_int_equal(found->priority, 9);
	assert_string_equal(found->queue_name, "OTHER");
	jqm_job_free(found);
	fails(JQM_NOT_FOUND, jqm_set_queue(client, id, 999999, &error));
	fails(JQM_INVALID, jqm_set_priority(client, id, 11, &error));
	fails(JQM_INVALID, jqm_set_position(client, id, 0, &error));
	works(jqm_set_run_after(client, id, 4102444800000, &error));
	found = job(id);
	assert_string_equal(found->state, JQM_SCHEDULED);
	assert_int_equal(found->run_after_ms, 4102444800000);
	jqm_job_free(found);
	works(jqm_cancel(client, id, &error));
	assert_state(id, JQM_CANCELLED);
	fails(JQM_CONFLICT, jqm_cancel(client, id, &error));
	works(jqm_delete(client, other, &error));
	fails(JQM_NOT_FOUND, jqm_delete(client, other, &error));
}

void
a_running_job_obeys(void **state)
{
	int64_t id = enqueue("Wait");
	struct jqm_job *found;
	int64_t progress = -1;

	(void)state;
	wait_state(id, JQM_RUNNING);
	works(jqm_pause(client, id, &error));
	works(jqm_resume(client, id, &error));
	fails(JQM_CONFLICT, jqm_resume(client, id, &error));
	works(jqm_set_progress(client, id, 42, &error));
	works(jqm_progress(client, id, &progress, &error));
	assert_int_equal(progress, 42);
	fails(JQM_INVALID, jqm_set_progress(client, id, -1, &error));
	works(jqm_kill(client, id, &error));
	wait_state(id, JQM_KILLED);
	found = job(id);
	assert_true(found->signalled);
	jqm_job_free(found);
	fails(JQM_CONFLICT, jqm_kill(client, id, &error));
	fails(JQM_CONFLICT, jqm_pause(client, id, &error));
	fails(JQM_CONFLICT, jqm_set_progress(client, id, 1, &error));
}

void
what_is_not_there_is_not_found(void **state)
{
	const int64_t none = 987654321;
	int64_t out;
	int32_t status;
	struct jqm_job *found = NULL;
	struct jqm_definition *definition = NULL;
	struct jqm_schedule *schedule = NULL;
	struct jqm_texts *texts = NULL;

	(void)state;
	fails(JQM_NOT_FOUND, jqm_job_read(client, none, &found, &error));
	assert_null(found);
	fails(JQM_NOT_FOUND, jqm_messages(client, none, &texts, &error));
	fails(JQM_NOT_FOUND, jqm_progress(client, none, &out, &error));
	fails(JQM_NOT_FOUND, jqm_say(client, none, "hello", &error));
	fails(JQM_NOT_FOUND, jqm_cancel(client, none, &error));
	fails(JQM_NOT_FOUND, jqm_kill(client, none, &error));
	fails(JQM_NOT_FOUND, jqm_delete(client, none, &error));
	fails(JQM_NOT_FOUND, jqm_hold(client, none, &error));
	fails(JQM_NOT_FOUND, jqm_release(client, none, &error));
	fails(JQM_NOT_FOUND, jqm_pause(client, none, &error));
	fails(JQM_NOT_FOUND, jqm_resume(client, none, &error));
	fails(JQM_NOT_FOUND, jqm_restart(client, none, &out, &error));
	fails(JQM_NOT_FOUND, jqm_enqueue_again(client, none, &out, &error));
	fails(JQM_NOT_FOUND, jqm_set_priority(client, none, 1, &error));
	fails(JQM_NOT_FOUND, jqm_set_position(client, none, 1, &error));
	fails(JQM_NOT_FOUND, jqm_queue_pause(client, none, &error));
	fails(JQM_NOT_FOUND, jqm_queue_clear(client, none, &error));
	fails(JQM_NOT_FOUND, jqm_queue_status(client, none, &status, &error));
	fails(JQM_NOT_FOUND, jqm_queue_capacity(client, none, &out, &error));
	fails(JQM_NOT_FOUND, jqm_definition_read(client, "Nobody", &definition, &error));
	fails(JQM_NOT_FOUND, jqm_schedule_read(client, none, &schedule, &error));
	fails(JQM_NOT_FOUND, jqm_schedule_next(client, none, 1, &texts, &error));
	assert_null(texts);
	fails(JQM_NOT_FOUND, jqm_schedule_delete(client, none, &error));
	fails(JQM_NOT_FOUND, jqm_schedule_pause(client, none, &error));
}

void
many_obey_at_once(void **state)
{
	int64_t ids[] = { enqueue_waiting(), enqueue_waiting(), 987654321 }, done = -1;

	(void)state;
	works(jqm_hold_all(client, ids, 3, &done, &error));
	assert_int_equal(done, 2);
	assert_state(ids[0], JQM_HOLDED);
	works(jqm_release_all(client, ids, 3, &done, &error));
	assert_int_equal(done, 2);
	works(jqm_set_queue_all(client, ids, 3, queue_id("OTHER"), &done, &error));
	assert_int_equal(done, 2);
	fails(JQM_NOT_FOUND, jqm_set_queue_all(client, ids, 3, 999999, &done, &error));
	works(jqm_kill_all(client, ids, 3, NULL, &error));
	assert_state(ids[1], JQM_CANCELLED);
	works(jqm_kill_all(client, NULL, 0, &done, &error));
	assert_int_equal(done, 0);
	fails(JQM_INVALID, jqm_kill_all(client, NULL, 1, &done, &error));
}
