/* SPDX-License-Identifier: Apache-2.0 */
/* client/configuration.c: queues, definitions, schedules. */
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/err.h"
#include "client/document.h"
#include "client/handle.h"
#include "client/input.h"
#include "client/output.h"
#include "codec/doc_json.h"
#include "codec/docs.h"
#include "model/memory.h"
#include "model/schedule.h"

#define NEXT_MAX 100

static void
queue(struct memory *memory, const void *in, void *out)
{
	(void)memory;
	output_queue(in, out);
}

static void
definition(struct memory *memory, const void *in, void *out)
{
	output_definition(memory, in, out);
}

static void
schedule(struct memory *memory, const void *in, void *out)
{
	output_schedule(memory, in, out);
}

static const struct document_kind queue_kind = { &queue_doc, sizeof(struct jqm_queue), queue, 0 };
static const struct document_kind definition_kind = { &job_def_view_doc,
						      sizeof(struct jqm_definition), definition,
						      0 };
static const struct document_kind schedule_kind = { &schedule_doc, sizeof(struct jqm_schedule),
						    schedule, 0 };

/* A call to one of the two readers of documents, with *out looked at. */
static int
read_with(int (*reader)(struct jqm *, const struct call *, const struct document_kind *, void **,
			struct jqm_error *),
	  struct jqm *client, enum verb verb, const char *arg, const struct document_kind *kind,
	  void **given, const void *out, struct jqm_error *error)
{
	const struct call call = { .verb = verb, .args = { arg } };
	struct err err = ERR_INIT;

	if (out == NULL) {
		(void)handle_null("out", &err);
		return handle_fail(error, &err);
	}
	if (input_utf8("name", arg, &err) == -1)
		return handle_fail(error, &err);
	return reader(client, &call, kind, given, error);
}

int
jqm_queues(struct jqm *client, struct jqm_queues **queues_out, struct jqm_error *error)
{
	void *given = NULL;

	if (read_with(document_list, client, VERB_QUEUES, NULL, &queue_kind, &given, queues_out,
		      error) == -1)
		return -1;
	*queues_out = given;
	return 0;
}

void
jqm_queues_free(struct jqm_queues *queues)
{
	given_free(queues);
}

/* {"value":"RUNNING"} */
static int
queue_state(const struct buf *answer, int32_t *out, struct err *err)
{
	struct queue_status {
		int value;
	} object = { 0 };
	static const char *const names[] = {
		[0] = "",
		[JQM_QUEUE_RUNNING] = "RUNNING",
		[JQM_QUEUE_PARTIALLY_RUNNING] = "PARTIALLY_RUNNING",
		[JQM_QUEUE_PAUSED] = "PAUSED",
		[JQM_QUEUE_PAUSED + 1] = NULL,
	};
	static const struct wire_field fields[] = {
		WIRE_ROW_ENUM(struct queue_status, value, "value", ALWAYS, names, "one of three"),
	};
	static const struct wire_object type = WIRE_OBJECT(queue_status, fields, "of a queue");
	struct pool pool;
	int rc;

	pool_init(&pool);
	rc = document_read(&type, answer, &pool.memory, &object, err);
	pool_free(&pool);
	if (rc == 0 && object.value == 0) {
		(void)err_set(err, ERR_INTERNAL, "it is no state of a queue");
		return answer_wrong(err);
	}
	if (rc == 0)
		*out = object.value;
	return rc;
}

int
jqm_queue_status(struct jqm *client, int64_t queue_id, int32_t *state_out, struct jqm_error *error)
{
	struct err err = ERR_INIT;
	struct buf answer = BUF_INIT(0);
	int rc = -1;

	if (state_out == NULL)
		(void)handle_null("state_out", &err);
	else if (handle_ask_numbers(client, VERB_QUEUE_STATUS, &queue_id, 1, &answer, &err) == 0)
		rc = queue_state(&answer, state_out, &err);
	buf_free(&answer);
	return rc == 0 ? 0 : handle_fail(error, &err);
}

int
jqm_queue_capacity(struct jqm *client, int64_t queue_id, int64_t *capacity_out,
		   struct jqm_error *error)
{
	struct err err = ERR_INIT;
	struct buf answer = BUF_INIT(0);
	int rc = -1;

	if (capacity_out == NULL)
		(void)handle_null("capacity_out", &err);
	else if (handle_ask_numbers(client, VERB_QUEUE_CAPACITY, &queue_id, 1, &answer, &err) == 0)
		rc = answer_number(&answer, capacity_out, &err);
	buf_free(&answer);
	return rc == 0 ? 0 : handle_fail(error, &err);
}

int
jqm_definitions(struct jqm *client, const char *application, struct jqm_definitions **out,
		struct jqm_error *error)
{
	enum verb verb = application == NULL ? VERB_DEFINITIONS : VERB_DEFINITIONS_OF;
	void *given = NULL;

	if (read_with(document_list, client, verb, application, &definition_kind, &given, out,
		      error) == -1)
		return -1;
	*out = given;
	return 0;
}

void
jqm_definitions_free(struct jqm_definitions *definitions)
{
	given_free(definitions);
}

int
jqm_definition_read(struct jqm *client, const char *name, struct jqm_definition **out,
		    struct jqm_error *error)
{
	struct err err = ERR_INIT;
	void *given = NULL;

	if (name == NULL) {
		(void)handle_null("name", &err);
		return handle_fail(error, &err);
	}
	if (read_with(document_one, client, VERB_DEFINITION, name, &definition_kind, &given, out,
		      error) == -1)
		return -1;
	*out = given;
	return 0;
}

void
jqm_definition_free(struct jqm_definition *one)
{
	given_free(one);
}

int
jqm_schedules(struct jqm *client, struct jqm_schedules **out, struct jqm_error *error)
{
	void *given = NULL;

	if (read_with(document_list, client, VERB_SCHEDULES, NULL, &schedule_kind, &given, out,
		      error) == -1)
		return -1;
	*out = given;
	return 0;
}

void
jqm_schedules_free(struct jqm_schedules *schedules)
{
	given_free(schedules);
}

int
jqm_schedule_read(struct jqm *client, int64_t schedule_id, struct jqm_schedule **out,
		  struct jqm_error *error)
{
	char text[24];
	void *given = NULL;

	(void)snprintf(text, sizeof(text), "%" PRId64, schedule_id);
	if (read_with(document_one, client, VERB_SCHEDULE, text, &schedule_kind, &given, out,
		      error) == -1)
		return -1;
	*out = given;
	return 0;
}

void
jqm_schedule_free(struct jqm_schedule *one)
{
	given_free(one);
}

/* What the web service says, of a schedule that the database gave. */
static int
find_times(const struct buf *answer, size_t n, struct memory *memory, struct text_list *out,
	   struct err *err)
{
	struct schedule schedule;

	if (document_read(&schedule_doc, answer, memory, &schedule, err) == -1)
		return -1;
	return schedule_next_fires(schedule.cron_expression, schedule.time_zone, schedule.day_rule,
				   clock_wall_us(), n, memory, out, err);
}

static void
keep_times(struct jqm *client, const struct text_list *times)
{
	struct buf text = BUF_INIT(ANSWER_BYTES_MAX);

	doc_json_write_texts(times, &text);
	handle_answer(client, &text);
	buf_free(&text);
}

/* The times out of an answer; NULL with err. */
static struct jqm_texts *
take_times(struct jqm *client, bool is_database, size_t n, const struct buf *answer,
	   struct err *err)
{
	struct jqm_texts *times = given_new(sizeof(*times));
	struct text_list list = { NULL, 0 };
	int rc;

	if (is_database)
		rc = find_times(answer, n, given_memory(times), &list, err);
	else
		rc = document_read_texts(answer, given_memory(times), &list, err);
	if (rc == -1) {
		given_free(times);
		return NULL;
	}
	if (is_database)
		keep_times(client, &list);
	times->len = list.len;
	times->items = list.items;
	return times;
}

int
jqm_schedule_next(struct jqm *client, int64_t schedule_id, int32_t n, struct jqm_texts **times_out,
		  struct jqm_error *error)
{
	const int64_t numbers[] = { schedule_id, n };
	struct err err = ERR_INIT;
	const struct backend *backend = handle_backend(client, &err);
	struct jqm_texts *times = NULL;
	struct buf answer = BUF_INIT(0);

	if (backend == NULL)
		return handle_fail(error, &err);
	if (times_out == NULL)
		(void)handle_null("times_out", &err);
	else if (n < 1 || n > NEXT_MAX)
		(void)err_set(&err, ERR_INVALID, "n is outside 1 to %d", NEXT_MAX);
	else if (handle_ask_numbers(client, VERB_SCHEDULE_NEXT, numbers, 2, &answer, &err) == 0)
		times = take_times(client, backend->is_database, (size_t)n, &answer, &err);
	buf_free(&answer);
	if (times == NULL)
		return handle_fail(error, &err);
	*times_out = times;
	return 0;
}

int
jqm_schedule_set_cron(struct jqm *client, int64_t schedule_id, const char *cron_expression,
		      struct jqm_error *error)
{
	char text[24];
	const struct call call = { .verb = VERB_SCHEDULE_SET_CRON,
				   .args = { text, cron_expression } };
	struct err err = ERR_INIT;
	struct buf answer = BUF_INIT(0);
	const struct backend *backend = handle_backend(client, &err);
	int rc = -1;

	(void)snprintf(text, sizeof(text), "%" PRId64, schedule_id);
	if (backend != NULL && cron_expression == NULL)
		(void)handle_null("cron_expression", &err);
	else if (backend != NULL &&
		 (!backend->is_database ||
		  schedule_check("cronExpression", cron_expression, NULL, NULL, &err) == 0))
		rc = handle_ask(client, &call, &answer, &err);
	buf_free(&answer);
	return rc == 0 ? 0 : handle_fail(error, &err);
}
