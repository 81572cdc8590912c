/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/doc_schema.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "codec/json_out.h"
#include "codec/wire_object.h"

#define NAME_SIZE 100

/* What is the same for all members of one object. */
struct style {
	enum doc_schema_use use;
	bool dates_as_text;
};

void
doc_schemas_add(struct doc_schemas *all, const struct wire_object *type)
{
	for (size_t i = 0; i < all->len; i++)
		if (all->types[i] == type)
			return;
	assert(all->len < DOC_SCHEMAS_MAX);
	all->types[all->len++] = type;
	for (size_t i = 0; i < type->fields_len; i++)
		if (type->fields[i].object != NULL)
			doc_schemas_add(all, type->fields[i].object);
}

static const char *
suffix(enum doc_schema_use use)
{
	return use == DOC_SCHEMA_INPUT ? DOC_SCHEMA_INPUT_SUFFIX : "";
}

void
doc_schema_refer(struct json_out *out, const struct wire_object *type, enum doc_schema_use use)
{
	char ref[NAME_SIZE];

	(void)snprintf(ref, sizeof(ref), "#/components/schemas/%s%s", type->name, suffix(use));
	json_text(out, "$ref", ref);
}

/* How the member, or the root, looks as XML; name or wrapped alone will do. */
static void
write_xml(struct json_out *out, const char *name, const char *other_name, bool wrapped)
{
	json_open(out, "xml", '{');
	if (name != NULL)
		json_text(out, "name", name);
	if (other_name != NULL)
		json_text(out, "x-other-name", other_name);
	if (wrapped)
		json_bool(out, "wrapped", true);
	json_close(out, '}');
}

void
doc_schema_refer_list(struct json_out *out, const struct wire_object *type, enum doc_schema_use use)
{
	json_text(out, "type", "array");
	json_open(out, "items", '{');
	doc_schema_refer(out, type, use);
	json_close(out, '}');
	if (type->list_name != NULL)
		write_xml(out, type->list_name, NULL, true);
}

/* "type": one word, or an array of those that may be. */
static void
write_types(struct json_out *out, const char *type, const char *other, bool or_null)
{
	if (other == NULL && !or_null) {
		json_text(out, "type", type);
		return;
	}
	json_open(out, "type", '[');
	json_text(out, NULL, type);
	if (other != NULL)
		json_text(out, NULL, other);
	if (or_null)
		json_text(out, NULL, "null");
	json_close(out, ']');
}

/* Limits that are the widest there are say nothing. */
static void
write_range(struct json_out *out, const struct wire_field *field)
{
	json_text(out, "format", "int64");
	if (field->min == 0 && field->max == 0)
		return;
	if (field->min != INT64_MIN)
		json_number(out, "minimum", field->min);
	if (field->max != INT64_MAX)
		json_number(out, "maximum", field->max);
}

static void
write_length(struct json_out *out, int64_t min, int64_t max)
{
	if (min > 0)
		json_number(out, "minLength", min);
	if (max > 0 && max != INT64_MAX)
		json_number(out, "maxLength", max);
}

static void
write_enum(struct json_out *out, const struct wire_field *field, bool or_null)
{
	write_types(out, "string", NULL, or_null);
	json_open(out, "enum", '[');
	for (size_t i = 1; field->names[i] != NULL; i++)
		json_text(out, NULL, field->names[i]);
	if (or_null)
		json_text(out, NULL, NULL);
	json_close(out, ']');
}

static void
write_date(struct json_out *out, const struct style *style)
{
	if (style->use == DOC_SCHEMA_INPUT)
		write_types(out, "integer", "string", true);
	else
		write_types(out, style->dates_as_text ? "string" : "integer", NULL, true);
	if (style->use == DOC_SCHEMA_ANSWER && !style->dates_as_text) {
		json_text(out, "format", "int64");
		json_text(out, "x-unit", "milliseconds since 1970");
	} else {
		json_text(out, "format", "date-time");
	}
}

/* Pairs, with the limits of both sides. */
static void
write_pair(struct json_out *out, const struct wire_field *field, const struct style *style)
{
	json_text(out, "type", "object");
	json_open(out, "properties", '{');
	json_open(out, "key", '{');
	write_types(out, "string", NULL, false);
	write_length(out, 1, field->key_max);
	json_close(out, '}');
	json_open(out, "value", '{');
	write_types(out, "string", NULL, field->min == 0);
	write_length(out, field->min, field->max);
	json_close(out, '}');
	json_open(out, "secret", '{');
	json_text(out, "type", "boolean");
	json_close(out, '}');
	json_close(out, '}');
	json_open(out, "required", '[');
	json_text(out, NULL, "key");
	json_text(out, NULL, "value");
	json_close(out, ']');
	if (style->use == DOC_SCHEMA_ANSWER)
		json_bool(out, "additionalProperties", false);
	write_xml(out, "entry", NULL, false);
}

static void
write_items(struct json_out *out, const struct wire_field *field, const struct style *style)
{
	bool is_input = style->use == DOC_SCHEMA_INPUT;

	write_types(out, "array", NULL, is_input);
	if (is_input)
		json_number(out, "maxItems",
			    field->type == WIRE_MAP ? WIRE_MAP_MAX : WIRE_LIST_MAX);
	json_open(out, "items", '{');
	if (field->type == WIRE_MAP) {
		write_pair(out, field, style);
	} else if (field->type == WIRE_OBJECT_LIST) {
		doc_schema_refer(out, field->object, style->use);
	} else if (field->type == WIRE_INT64_LIST) {
		json_text(out, "type", "integer");
		write_range(out, field);
	} else {
		write_types(out, "string", NULL, is_input && field->loose);
		write_length(out, field->min, field->max);
	}
	if (field->type != WIRE_MAP)
		write_xml(out, field->item != NULL ? field->item : field->name, NULL, false);
	json_close(out, '}');
	if (field->type == WIRE_MAP || field->item != NULL)
		write_xml(out, NULL, NULL, true);
}

static void
write_nested(struct json_out *out, const struct wire_field *field, const struct style *style)
{
	json_open(out, "anyOf", '[');
	json_open(out, NULL, '{');
	doc_schema_refer(out, field->object, style->use);
	json_close(out, '}');
	json_open(out, NULL, '{');
	json_text(out, "type", "null");
	json_close(out, '}');
	json_close(out, ']');
}

static void
write_field(struct json_out *out, const struct wire_field *field, const struct style *style)
{
	bool is_input = style->use == DOC_SCHEMA_INPUT;
	bool or_null = is_input || field->presence == WIRE_OPTIONAL;

	json_open(out, field->name, '{');
	switch (field->type) {
	case WIRE_TEXT:
		write_types(out, "string", NULL, or_null);
		write_length(out, field->min, field->max);
		break;
	case WIRE_INT64:
		write_types(out, "integer", NULL, is_input);
		write_range(out, field);
		break;
	case WIRE_OPT_INT64:
		write_types(out, "integer", NULL, true);
		write_range(out, field);
		break;
	case WIRE_BOOL:
		write_types(out, "boolean", NULL, is_input);
		break;
	case WIRE_DATE:
		write_date(out, style);
		break;
	case WIRE_ENUM:
		write_enum(out, field, or_null);
		break;
	case WIRE_MAP:
	case WIRE_TEXT_LIST:
	case WIRE_INT64_LIST:
	case WIRE_OBJECT_LIST:
		write_items(out, field, style);
		break;
	case WIRE_OBJECT:
		write_nested(out, field, style);
		break;
	}
	if (field->description != NULL)
		json_text(out, "description", field->description);
	json_close(out, '}');
}

void
doc_schema_write(struct json_out *out, const struct wire_object *type, enum doc_schema_use use,
		 bool dates_as_text)
{
	const struct style style = { use, dates_as_text };
	char name[NAME_SIZE];

	(void)snprintf(name, sizeof(name), "%s%s", type->name, suffix(use));
	json_open(out, name, '{');
	json_text(out, "type", "object");
	json_text(out, "description", type->description);
	json_open(out, "properties", '{');
	for (size_t i = 0; i < type->fields_len; i++)
		write_field(out, &type->fields[i], &style);
	json_close(out, '}');
	if (use == DOC_SCHEMA_ANSWER) {
		json_open(out, "required", '[');
		for (size_t i = 0; i < type->fields_len; i++)
			json_text(out, NULL, type->fields[i].name);
		json_close(out, ']');
		json_bool(out, "additionalProperties", false);
	}
	write_xml(out, type->name, type->other_name, false);
	json_close(out, '}');
}
