/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/openapi_example.h"

#include <stdio.h>

#include "base/str.h"
#include "codec/doc_example.h"
#include "codec/docs.h"
#include "codec/json_out.h"

#define NAME_SIZE 150
#define JSON_TYPE "application/json"
#define LIST_SUFFIX "List"
#define EXAMPLE "example"

static void
write_component(struct json_out *out, const struct wire_object *type, enum doc_schema_use use,
		bool is_list, bool dates_as_text)
{
	char name[NAME_SIZE];

	(void)snprintf(name, sizeof(name), "%s%s%s", type->name,
		       use == DOC_SCHEMA_INPUT ? DOC_SCHEMA_INPUT_SUFFIX : "",
		       is_list ? LIST_SUFFIX : "");
	json_open(out, name, '{');
	if (is_list)
		json_open(out, "value", '[');
	doc_example_write(out, is_list ? NULL : "value", type, use, dates_as_text);
	if (is_list)
		json_close(out, ']');
	json_close(out, '}');
}

/* Not what is nested in it. */
static void
add_once(struct doc_schemas *all, const struct wire_object *type)
{
	for (size_t i = 0; i < all->len; i++)
		if (all->types[i] == type)
			return;
	if (all->len < DOC_SCHEMAS_MAX)
		all->types[all->len++] = type;
}

/* By [use][is it a list]. */
static void
collect(struct doc_schemas found[2][2], const struct route *table, size_t len)
{
	add_once(&found[DOC_SCHEMA_ANSWER][0], &error_report_doc);
	add_once(&found[DOC_SCHEMA_ANSWER][0], &import_error_report_doc);
	for (size_t i = 0; i < len; i++) {
		if (table[i].out != NULL)
			add_once(&found[DOC_SCHEMA_ANSWER][table[i].answers == SHAPE_LIST],
				 table[i].out);
		if (table[i].in != NULL)
			add_once(&found[DOC_SCHEMA_INPUT][table[i].takes == SHAPE_LIST],
				 table[i].in);
		if (table[i].takes == SHAPE_JOBS)
			add_once(&found[DOC_SCHEMA_INPUT][0], &job_query_doc);
	}
}

void
openapi_examples_write(struct json_out *out, const struct route *table, size_t len,
		       bool dates_as_text)
{
	static const enum doc_schema_use uses[] = { DOC_SCHEMA_ANSWER, DOC_SCHEMA_INPUT };
	struct doc_schemas found[2][2] = { { { .len = 0 } } };

	collect(found, table, len);
	json_open(out, "examples", '{');
	for (size_t i = 0; i < 2; i++)
		for (size_t list = 0; list < 2; list++)
			for (size_t j = 0; j < found[uses[i]][list].len; j++)
				write_component(out, found[uses[i]][list].types[j], uses[i],
						list == 1, dates_as_text);
	json_close(out, '}');
}

static void
refer(struct json_out *out, const struct wire_object *type, enum doc_schema_use use, bool is_list)
{
	char ref[NAME_SIZE];

	(void)snprintf(ref, sizeof(ref), "#/components/examples/%s%s%s", type->name,
		       use == DOC_SCHEMA_INPUT ? DOC_SCHEMA_INPUT_SUFFIX : "",
		       is_list ? LIST_SUFFIX : "");
	json_open(out, "examples", '{');
	json_open(out, "one", '{');
	json_text(out, "$ref", ref);
	json_close(out, '}');
	json_close(out, '}');
}

static void
write_two_numbers(struct json_out *out)
{
	json_open(out, EXAMPLE, '[');
	json_number(out, NULL, 42);
	json_number(out, NULL, 43);
	json_close(out, ']');
}

static void
write_json(struct json_out *out, enum route_shape shape, const struct wire_object *type,
	   enum doc_schema_use use)
{
	switch (shape) {
	case SHAPE_BY_TYPE:
	case SHAPE_OBJECT_OR_LIST:
		if (type != NULL)
			refer(out, type, use, false);
		break;
	case SHAPE_LIST:
		refer(out, type, use, true);
		break;
	case SHAPE_NUMBER:
		json_number(out, EXAMPLE, 42);
		break;
	case SHAPE_NUMBERS:
	case SHAPE_JOBS:
	case SHAPE_JOBS_OR_COUNT:
		write_two_numbers(out);
		break;
	case SHAPE_TEXTS:
		json_open(out, EXAMPLE, '[');
		json_text(out, NULL, "2026-03-26T10:00:00Z");
		json_close(out, ']');
		break;
	case SHAPE_QUEUE_STATUS:
		json_open(out, EXAMPLE, '{');
		json_text(out, "value", "RUNNING");
		json_close(out, '}');
		break;
	case SHAPE_NOTHING:
	case SHAPE_ANY:
		break;
	}
}

void
openapi_example_write(struct json_out *out, const char *media_type, enum route_shape shape,
		      const struct wire_object *type, enum doc_schema_use use, const char *given)
{
	bool is_text = str_starts(media_type, "text/plain");

	if (str_starts(media_type, JSON_TYPE))
		write_json(out, shape, type, use);
	else if (is_text && shape == SHAPE_NUMBER)
		json_number(out, EXAMPLE, 42);
	else if (is_text && shape == SHAPE_QUEUE_STATUS)
		json_text(out, EXAMPLE, "RUNNING");
	else if (given != NULL)
		json_text(out, EXAMPLE, given);
}

void
openapi_example_value_write(struct json_out *out, const char *member,
			    const struct route_value *value)
{
	switch (value->type) {
	case VALUE_TEXT:
		doc_example_text(out, member, value->name);
		break;
	case VALUE_INTEGER:
		doc_example_number(out, member, value->name, value->min, value->max);
		break;
	case VALUE_BOOLEAN:
		json_bool(out, member, true);
		break;
	case VALUE_TEXTS:
		json_open(out, member, '[');
		doc_example_text(out, NULL, value->name);
		json_close(out, ']');
		break;
	}
}

void
openapi_example_form_write(struct json_out *out, const struct route_value *fields)
{
	json_open(out, EXAMPLE, '{');
	for (const struct route_value *f = fields; f->name != NULL; f++)
		if (f->required)
			openapi_example_value_write(out, f->name, f);
	json_close(out, '}');
}
