/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/openapi_shape.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "codec/docs.h"
#include "codec/json_out.h"
#include "fcgi/openapi_example.h"

#define TYPE_SIZE 100
#define JSON_TYPE "application/json"
#define XML_TYPE "application/xml"
#define FORM_TYPE "application/x-www-form-urlencoded"

static void
open_schema(struct json_out *out, const char *media_type, size_t type_len)
{
	char type[TYPE_SIZE];

	(void)snprintf(type, sizeof(type), "%.*s", (int)type_len, media_type);
	json_open(out, type, '{');
	json_open(out, "schema", '{');
}

void
openapi_integer_write(struct json_out *out, int64_t min, int64_t max)
{
	json_text(out, "type", "integer");
	json_text(out, "format", "int64");
	if (min == 0 && max == 0)
		return;
	json_number(out, "minimum", min);
	if (max != INT64_MAX)
		json_number(out, "maximum", max);
}

void
openapi_value_write(struct json_out *out, const struct route_value *value)
{
	switch (value->type) {
	case VALUE_TEXT:
		json_text(out, "type", "string");
		break;
	case VALUE_INTEGER:
		openapi_integer_write(out, value->min, value->max);
		break;
	case VALUE_BOOLEAN:
		json_text(out, "type", "boolean");
		break;
	case VALUE_TEXTS:
		json_text(out, "type", "array");
		json_open(out, "items", '{');
		json_text(out, "type", "string");
		json_close(out, '}');
		break;
	}
}

static void
write_one_or_list(struct json_out *out, const struct wire_object *type, enum doc_schema_use use)
{
	json_open(out, "oneOf", '[');
	json_open(out, NULL, '{');
	doc_schema_refer(out, type, use);
	json_close(out, '}');
	json_open(out, NULL, '{');
	doc_schema_refer_list(out, type, use);
	json_close(out, '}');
	json_close(out, ']');
}

static void
write_list(struct json_out *out, bool of_numbers)
{
	json_text(out, "type", "array");
	json_open(out, "items", '{');
	if (of_numbers)
		openapi_integer_write(out, 0, 0);
	else
		json_text(out, "type", "string");
	json_close(out, '}');
}

static void
write_numbers_or(struct json_out *out, const struct wire_object *type)
{
	json_open(out, "oneOf", '[');
	json_open(out, NULL, '{');
	write_list(out, true);
	json_close(out, '}');
	json_open(out, NULL, '{');
	if (type != NULL)
		doc_schema_refer(out, type, DOC_SCHEMA_INPUT);
	else
		openapi_integer_write(out, 0, 0);
	json_close(out, '}');
	json_close(out, ']');
}

static void
write_status_words(struct json_out *out)
{
	static const char *const words[] = { "RUNNING", "PARTIALLY_RUNNING", "PAUSED" };

	json_text(out, "type", "string");
	json_open(out, "enum", '[');
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		json_text(out, NULL, words[i]);
	json_close(out, ']');
}

/* A lone word, in each type as JQM's clients read it. */
static void
write_queue_status(struct json_out *out, bool is_json, bool is_xml)
{
	if (is_json) {
		json_text(out, "type", "object");
		json_open(out, "properties", '{');
		json_open(out, "value", '{');
		write_status_words(out);
		json_close(out, '}');
		json_close(out, '}');
		json_open(out, "required", '[');
		json_text(out, NULL, "value");
		json_close(out, ']');
		json_bool(out, "additionalProperties", false);
		return;
	}
	write_status_words(out);
	if (is_xml) {
		json_open(out, "xml", '{');
		json_text(out, "name", "queueStatus");
		json_close(out, '}');
	}
}

/* Members of a schema: of what is answered or taken as media_type. */
static void
write_shape(struct json_out *out, enum route_shape shape, const struct wire_object *type,
	    enum doc_schema_use use, const char *media_type)
{
	bool is_json = str_starts(media_type, JSON_TYPE), is_xml = str_starts(media_type, XML_TYPE);

	switch (shape) {
	case SHAPE_BY_TYPE:
		if (type != NULL)
			doc_schema_refer(out, type, use);
		else if (str_starts(media_type, "text/plain"))
			json_text(out, "type", "string");
		break; /* any bytes, any XML: a schema that says nothing */
	case SHAPE_NOTHING:
		break;
	case SHAPE_LIST:
		doc_schema_refer_list(out, type, use);
		break;
	case SHAPE_OBJECT_OR_LIST:
		write_one_or_list(out, type, use);
		break;
	case SHAPE_NUMBER:
		openapi_integer_write(out, 0, 0);
		break;
	case SHAPE_NUMBERS:
	case SHAPE_TEXTS:
		write_list(out, shape == SHAPE_NUMBERS);
		break;
	case SHAPE_JOBS:
		if (is_json)
			write_numbers_or(out, &job_query_doc);
		else
			doc_schema_refer(out, &job_query_doc, use);
		break;
	case SHAPE_JOBS_OR_COUNT:
		write_numbers_or(out, NULL);
		break;
	case SHAPE_QUEUE_STATUS:
		write_queue_status(out, is_json, is_xml);
		break;
	case SHAPE_ANY:
		json_text(out, "type", "object");
		break;
	}
}

void
openapi_content_write(struct json_out *out, const char *media_types, enum route_shape shape,
		      const struct wire_object *type, enum doc_schema_use use, const char *example)
{
	json_open(out, "content", '{');
	while (*media_types != '\0') {
		size_t len = strcspn(media_types, ",");

		open_schema(out, media_types, len);
		write_shape(out, shape, type, use, media_types);
		json_close(out, '}');
		openapi_example_write(out, media_types, shape, type, use, example);
		json_close(out, '}');
		media_types += len;
		media_types += strspn(media_types, ",");
	}
	json_close(out, '}');
}

void
openapi_form_write(struct json_out *out, const struct route_value *fields)
{
	json_open(out, "content", '{');
	open_schema(out, FORM_TYPE, strlen(FORM_TYPE));
	json_text(out, "type", "object");
	json_open(out, "properties", '{');
	for (const struct route_value *f = fields; f->name != NULL; f++) {
		json_open(out, f->name, '{');
		openapi_value_write(out, f);
		json_text(out, "description", f->description);
		json_close(out, '}');
	}
	json_close(out, '}');
	json_open(out, "required", '[');
	for (const struct route_value *f = fields; f->name != NULL; f++)
		if (f->required)
			json_text(out, NULL, f->name);
	json_close(out, ']');
	json_close(out, '}');
	openapi_example_form_write(out, fields);
	json_close(out, '}');
	json_close(out, '}');
}
