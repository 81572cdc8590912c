/* SPDX-License-Identifier: Apache-2.0 */
/* tests/client/suite/configuration.c: queues, definitions, schedules. */
#include "suite.h"

#include <stdlib.h>

void
a_queue_obeys(void **state)
{
	int64_t id = queue_id("DEFAULT"), waiting = enqueue_waiting(), capacity = 0;
	int32_t status = 0;

	(void)state;
	works(jqm_queue_status(client, id, &status, &error));
	assert_int_equal(status, JQM_QUEUE_RUNNING);
	works(jqm_queue_capacity(client, id, &capacity, &error));
	assert_true(capacity > 0);
	works(jqm_queue_pause(client, id, &error));
	works(jqm_queue_status(client, id, &status, &error));
	assert_int_equal(status, JQM_QUEUE_PAUSED);
	works(jqm_queue_resume(client, id, &error));
	works(jqm_queue_status(client, id, &status, &error));
	assert_int_equal(status, JQM_QUEUE_RUNNING);
	works(jqm_queue_capacity(client, queue_id("NOBODY"), &capacity, &error));
	assert_int_equal(capacity, 0);
	works(jqm_queue_clear(client, queue_id("NOBODY"), &error));
	assert_state(waiting, JQM_CANCELLED);
}

void
definitions_are_read(void **state)
{
	struct jqm_definitions *list = NULL;
	struct jqm_definition *one = NULL;
	bool found = false;

	(void)state;
	works(jqm_definitions(client, NULL, &list, &error));
	for (size_t i = 0; i < list->len; i++)
		found = found || strcmp(list->items[i]->application_name, "Deliver") == 0;
	assert_true(found);
	jqm_definitions_free(list);
	works(jqm_definitions(client, "Some App", &list, &error));
	assert_int_equal(list->len, 1);
	assert_string_equal(list->items[0]->application_name, "Greet");
	jqm_definitions_free(list);
	works(jqm_definitions(client, "No/such %41pp", &list, &error));
	assert_int_equal(list->len, 0);
	jqm_definitions_free(list);
	works(jqm_definition_read(client, "Greet", &one, &error));
	assert_string_equal(one->queue_name, "DEFAULT");
	assert_string_equal(one->application, "Some App");
	assert_int_equal(one->parameters_len, 0);
	jqm_definition_free(one);
}

void
a_schedule_is_made_read_changed_and_removed(void **state)
{
	struct jqm_request request = JQM_REQUEST_INIT;
	struct jqm_schedule *one = NULL;
	struct jqm_schedules *list = NULL;
	struct jqm_definition *definition = NULL;
	struct jqm_texts *times = NULL;
	int64_t id;

	(void)state;
	request.application_name = "Greet";
	request.recurrence = "0 4 * * 1";
	request.time_zone = "Europe/Paris";
	request.overlap = "SKIP";
	id = enqueue_request(&request);
	works(jqm_schedule_read(client, id, &one, &error));
	assert_string_equal(one->application_name, "Greet");
	assert_string_equal(one->cron_expression, "0 4 * * 1");
	assert_string_equal(one->time_zone, "Europe/Paris");
	assert_string_equal(one->overlap, "SKIP");
	assert_true(one->enabled);
	jqm_schedule_free(one);
	works(jqm_keep_answers(client, true, &error));
	works(jqm_schedule_next(client, id, 2, &times, &error));
	assert_int_equal(times->len, 2);
	assert_non_null(strstr(times->items[0], "T04:00:00+0"));
	assert_true(strcmp(times->items[0], times->items[1]) < 0);
	assert_non_null(strstr(jqm_answer(client, NULL), times->items[1]));
	assert_int_equal(jqm_answer(client, NULL)[0], '[');
	works(jqm_keep_answers(client, false, &error));
	jqm_texts_free(times);
	fails(JQM_INVALID, jqm_schedule_next(client, id, 0, &times, &error));
	fails(JQM_INVALID, jqm_schedule_next(client, id, 101, &times, &error));
	works(jqm_schedule_pause(client, id, &error));
	works(jqm_schedule_set_queue(client, id, queue_id("OTHER"), &error));
	works(jqm_schedule_set_priority(client, id, 5, &error));
	works(jqm_schedule_set_cron(client, id, "*/5 * * * *", &error));
	fails(JQM_INVALID, jqm_schedule_set_cron(client, id, "61 * * * *", &error));
	fails(JQM_INVALID, jqm_schedule_set_cron(client, id, "", &error));
	fails(JQM_INVALID, jqm_schedule_set_cron(client, id, NULL, &error));
	works(jqm_schedule_read(client, id, &one, &error));
	assert_false(one->enabled);
	assert_string_equal(one->queue_name, "OTHER");
	assert_int_equal(one->priority, 5);
	assert_string_equal(one->cron_expression, "*/5 * * * *");
	jqm_schedule_free(one);
	works(jqm_schedule_set_queue(client, id, 0, &error));
	works(jqm_schedule_resume(client, id, &error));
	works(jqm_schedules(client, &list, &error));
	assert_true(list->len >= 1);
	jqm_schedules_free(list);
	works(jqm_definition_read(client, "Greet", &definition, &error));
	assert_true(definition->schedules_len >= 1);
	assert_int_equal(definition->schedules[definition->schedules_len - 1]->id, id);
	jqm_definition_free(definition);
	works(jqm_schedule_delete(client, id, &error));
	fails(JQM_NOT_FOUND, jqm_schedule_read(client, id, &one, &error));
	request.recurrence = "every now and then";
	fails(JQM_INVALID, jqm_enqueue(client, &request, &id, &error));
	request.recurrence = "0 4 31 2 *";
	fails(JQM_INVALID, jqm_enqueue(client, &request, &id, &error));
}

void
a_secret_parameter_is_no_ones_to_read(void **state)
{
	static const struct jqm_parameter secret[] = { { "password", "hunter2", true } };
	struct jqm_request request = JQM_REQUEST_INIT;
	int64_t id;
	struct jqm_job *found;

	(void)state;
	request.application_name = "Greet";
	request.queue_name = "NOBODY";
	request.parameters = secret;
	request.parameters_len = 1;
	if (is_database()) {
		fails(JQM_INVALID, jqm_enqueue(client, &request, &id, &error));
		assert_null(strstr(error.text, "hunter2"));
		return;
	}
	id = enqueue_request(&request);
	found = job(id);
	assert_true(found->parameters[0].secret);
	assert_string_equal(found->parameters[0].value, "********");
	jqm_job_free(found);
}
