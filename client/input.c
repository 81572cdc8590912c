/* SPDX-License-Identifier: Apache-2.0 */
#include "client/input.h"

#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "client/include/jqm.h"
#include "codec/docs.h"
#include "model/job_query.h"
#include "model/job_request.h"
#include "model/memory.h"

#define SIZE_MAX_SANE 65536 /* no struct of ours ever gets so large */

int
input_copy(void *out, size_t known, const void *in, const char *init, struct err *err)
{
	const char *bytes = in;
	size_t size;

	if (in == NULL)
		return err_set(err, ERR_INVALID, "a struct made with %s is wanted, not NULL", init);
	memcpy(&size, in, sizeof(size));
	/* There has been one version yet: none is shorter. */
	if (size < known || size > SIZE_MAX_SANE)
		return err_set(err, ERR_INVALID, "the struct was not made with %s", init);
	for (size_t i = known; i < size; i++)
		if (bytes[i] != 0)
			return err_set(err, ERR_INVALID,
				       "the struct says something that libjqm %s does not know",
				       jqm_version());
	memcpy(out, in, known);
	return 0;
}

int
input_utf8(const char *name, const char *text, struct err *err)
{
	if (text == NULL || str_utf8_valid(text, strlen(text)))
		return 0;
	return err_set(err, ERR_INVALID, "%s is no UTF-8", name);
}

static int
check_list(const char *name, const struct text_list *list, struct err *err)
{
	for (size_t i = 0; i < list->len; i++) {
		if (list->items[i] == NULL)
			return err_set(err, ERR_INVALID, "%s[%zu] is NULL", name, i);
		if (input_utf8(name, list->items[i], err) == -1)
			return -1;
	}
	return 0;
}

static int
check_map(const char *name, const struct text_map *map, struct err *err)
{
	for (size_t i = 0; i < map->len; i++) {
		const struct text_pair *pair = &map->items[i];

		if (pair->key == NULL || pair->value == NULL)
			return err_set(err, ERR_INVALID, "%s[%zu] has no %s", name, i,
				       pair->key == NULL ? "key" : "value");
		if (input_utf8(name, pair->key, err) == -1 ||
		    input_utf8(name, pair->value, err) == -1)
			return -1;
	}
	return 0;
}

/* Every text of a model is there and UTF-8: the codec would put something in its place. */
static int
check_texts(const struct wire_object *type, const void *object, struct err *err)
{
	for (size_t i = 0; i < type->fields_len; i++) {
		const struct wire_field *field = &type->fields[i];
		struct text_list list;
		struct text_map map;
		int rc = 0;

		if (field->type == WIRE_TEXT) {
			rc = input_utf8(field->name, wire_text(field, object), err);
		} else if (field->type == WIRE_TEXT_LIST) {
			list = wire_text_list(field, object);
			rc = check_list(field->name, &list, err);
		} else if (field->type == WIRE_MAP) {
			map = wire_map(field, object);
			rc = check_map(field->name, &map, err);
		}
		if (rc == -1)
			return -1;
	}
	return wire_check(type, object, err);
}

static int
take_texts(const char *name, const char *const *items, size_t len, struct memory *memory,
	   struct text_list *out, struct err *err)
{
	if (len > 0 && items == NULL)
		return err_set(err, ERR_INVALID, "%s is NULL", name);
	if (len > WIRE_LIST_MAX)
		return err_set(err, ERR_INVALID, "%s: more than %d", name, WIRE_LIST_MAX);
	out->items = memory_alloc_array(memory, len, sizeof(out->items[0]));
	for (out->len = 0; out->len < len; out->len++)
		out->items[out->len] = items[out->len];
	return 0;
}

static int
take_parameters(const struct jqm_request *in, struct memory *memory, struct text_map *out,
		struct err *err)
{
	if (in->parameters_len > 0 && in->parameters == NULL)
		return err_set(err, ERR_INVALID, "parameters is NULL");
	if (in->parameters_len > WIRE_MAP_MAX)
		return err_set(err, ERR_INVALID, "more than %d parameters", WIRE_MAP_MAX);
	out->items = memory_alloc_array(memory, in->parameters_len, sizeof(out->items[0]));
	for (size_t i = 0; i < in->parameters_len; i++) {
		const struct jqm_parameter *parameter = &in->parameters[i];

		for (size_t k = 0; k < i; k++)
			if (parameter->key != NULL && out->items[k].key != NULL &&
			    strcmp(parameter->key, out->items[k].key) == 0)
				return err_set(err, ERR_INVALID, "parameter \"%.50s\" stands twice",
					       parameter->key);
		out->items[i] =
		    (struct text_pair){ parameter->key, parameter->value, parameter->secret };
	}
	out->len = in->parameters_len;
	return 0;
}

/* 0 means that nothing is said. */
static struct opt_int64
number(int64_t value)
{
	return (struct opt_int64){ value != 0, value };
}

static struct opt_time
moment(int64_t ms)
{
	struct opt_time time = { ms != 0, 0 };

	if (ms > TIME_US_MAX / 1000)
		time.us = TIME_US_MAX;
	else if (ms < TIME_US_MIN / 1000)
		time.us = TIME_US_MIN;
	else
		time.us = ms * 1000;
	return time;
}

static int
check_moment(const char *name, int64_t ms, struct err *err)
{
	if (ms > TIME_US_MAX / 1000 || ms < TIME_US_MIN / 1000)
		return err_set(err, ERR_INVALID, "%s is outside the years 0 to 9999", name);
	return 0;
}

static void
take_request_members(const struct jqm_request *in, struct job_request *out)
{
	*out = (struct job_request){
		.application_name = in->application_name,
		.user = in->user,
		.queue_name = in->queue_name,
		.priority = number(in->priority),
		.application = in->application,
		.module = in->module,
		.keyword1 = in->keyword1,
		.keyword2 = in->keyword2,
		.keyword3 = in->keyword3,
		.session_id = in->session_id,
		.email = in->email,
		.trace_id = in->trace_id,
		.parent_job_id = number(in->parent_id),
		.schedule_id = number(in->schedule_id),
		.run_after = moment(in->run_after_ms),
		.start_state = in->held ? JOB_HOLDED : JOB_STATE_NONE,
		.max_attempts = number(in->max_attempts),
		.concurrency_key = in->concurrency_key,
		.idempotency_key = in->idempotency_key,
		.recurrence = in->recurrence,
		.time_zone = in->time_zone,
		.day_rule = in->day_rule,
		.overlap = in->overlap,
		.misfire = in->misfire,
	};
}

int
input_request(const struct jqm_request *in, struct memory *memory, struct job_request *out,
	      struct err *err)
{
	struct jqm_request request = JQM_REQUEST_INIT;

	if (input_copy(&request, sizeof(request), in, "JQM_REQUEST_INIT", err) == -1)
		return -1;
	take_request_members(&request, out);
	if (check_moment("run_after_ms", request.run_after_ms, err) == -1 ||
	    take_parameters(&request, memory, &out->parameters, err) == -1 ||
	    take_texts("wait_for", request.wait_for, request.wait_for_len, memory, &out->wait_for,
		       err) == -1 ||
	    check_texts(&job_request_doc, out, err) == -1)
		return -1;
	return job_request_check(out, err);
}

static void
take_query_members(const struct jqm_query *in, struct job_query *out)
{
	*out = (struct job_query){
		.id = number(in->id),
		.parent_id = number(in->parent_id),
		.queue_id = number(in->queue_id),
		.user = in->user,
		.session_id = in->session_id,
		.queue_name = in->queue_name,
		.node_name = in->node_name,
		.application = in->application,
		.module = in->module,
		.keyword1 = in->keyword1,
		.keyword2 = in->keyword2,
		.keyword3 = in->keyword3,
		.definition_application = in->definition_application,
		.definition_module = in->definition_module,
		.definition_keyword1 = in->definition_keyword1,
		.definition_keyword2 = in->definition_keyword2,
		.definition_keyword3 = in->definition_keyword3,
		.enqueued_after = moment(in->enqueued_from_ms),
		.enqueued_before = moment(in->enqueued_until_ms),
		.started_after = moment(in->started_from_ms),
		.started_before = moment(in->started_until_ms),
		.ended_after = moment(in->ended_from_ms),
		.ended_before = moment(in->ended_until_ms),
		.live = in->live,
		.past = in->past,
		.exact_total = in->count,
		.page_size = { true, in->page_size == 0 ? JOB_QUERY_PAGE_DEFAULT : in->page_size },
	};
}

/* By which column, which page.  A first row makes the server count; where nobody wants that, the place is a key. */
static int
take_page(const struct jqm_query *in, struct memory *memory, struct job_query *out, struct err *err)
{
	struct job_sort *sort = memory_alloc(memory, sizeof(*sort));
	bool by_id = in->sort_by == 0 || in->sort_by == JQM_BY_ID;

	if (in->sort_by < 0 || in->sort_by > JQM_BY_SESSION)
		return err_set(err, ERR_INVALID, "sort_by: there is no column %d", in->sort_by);
	if (in->page_size < 0 || in->page_size > JOB_QUERY_PAGE_MAX)
		return err_set(err, ERR_INVALID, "page_size is outside 1 to %d",
			       JOB_QUERY_PAGE_MAX);
	if (in->first_row < 0 || in->after_id < 0)
		return err_set(err, ERR_INVALID, "first_row and after_id are not negative");
	if (in->after_id > 0 && (in->count || in->first_row > 0 || !by_id))
		return err_set(err, ERR_INVALID,
			       "after_id goes with sorting by id, without first_row and count");
	sort->column = by_id ? JOB_SORT_ID : (enum job_sort_column)in->sort_by;
	sort->order = in->descending ? JOB_ORDER_DESCENDING : JOB_ORDER_ASCENDING;
	out->sorts = (struct job_sort_list){ sort, 1 };
	if (by_id && !in->count && in->first_row == 0)
		out->after = (struct opt_int64){ true, in->after_id > 0 ? in->after_id
						       : in->descending ? INT64_MAX
									: 0 };
	else
		out->first_row = (struct opt_int64){ true, in->first_row };
	return 0;
}

int
input_query(const struct jqm_query *in, struct memory *memory, struct job_query *out,
	    struct err *err)
{
	struct jqm_query query = JQM_QUERY_INIT;

	_Static_assert((int)JQM_BY_ID == (int)JOB_SORT_ID &&
			   (int)JQM_BY_SESSION == (int)JOB_SORT_SESSIONID,
		       "columns have other numbers outside");
	if (input_copy(&query, sizeof(query), in, "JQM_QUERY_INIT", err) == -1)
		return -1;
	if (!query.live && !query.past)
		return err_set(err, ERR_INVALID,
			       "live and past are both false: there is nowhere to look");
	take_query_members(&query, out);
	if (take_texts("application_names", query.application_names, query.application_names_len,
		       memory, &out->application_names, err) == -1 ||
	    take_texts("states", query.states, query.states_len, memory, &out->statuses, err) ==
		-1 ||
	    take_page(&query, memory, out, err) == -1 ||
	    check_texts(&job_query_doc, out, err) == -1)
		return -1;
	return job_query_check(out, err);
}
