/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/doc_example.h"

#include <stddef.h>
#include <string.h>

#include "codec/json_out.h"
#include "codec/wire_object.h"

#define A_DATE_MS INT64_C(1774519200000)
#define A_DATE "2026-03-26T10:00:00.000Z"
#define DEPTH_MAX 4

/* What is the same for a whole example. */
struct style {
	enum doc_schema_use use;
	bool dates_as_text;
};

static void write_object(struct json_out *out, const char *member, const struct wire_object *type,
			 const struct style *style, int depth);

void
doc_example_text(struct json_out *out, const char *member, const char *name)
{
	bool found;
	const char *word = doc_example_word(NULL, name, &found);

	json_text(out, member, word != NULL ? word : "text");
}

/* 0 and 0: any number. */
static int64_t
within(int64_t number, int64_t min, int64_t max)
{
	if (min == 0 && max == 0)
		return number;
	if (number < min)
		return min;
	return number > max && max != 0 ? max : number;
}

void
doc_example_number(struct json_out *out, const char *member, const char *name, int64_t min,
		   int64_t max)
{
	bool found;

	json_number(out, member, within(doc_example_figure(NULL, name, &found), min, max));
}

static void
write_text(struct json_out *out, const struct wire_object *type, const struct wire_field *field,
	   const struct style *style)
{
	bool found, or_nothing = style->use == DOC_SCHEMA_INPUT || field->presence == WIRE_OPTIONAL;
	const char *word = doc_example_word(type->name, field->name, &found);

	json_text(out, field->name, word == NULL && !or_nothing ? "text" : word);
}

static void
write_number(struct json_out *out, const struct wire_object *type, const struct wire_field *field)
{
	bool found;
	int64_t number = doc_example_figure(type->name, field->name, &found);

	if (field->type == WIRE_OPT_INT64 && !found)
		json_text(out, field->name, NULL);
	else
		json_number(out, field->name, within(number, field->min, field->max));
}

static void
write_date(struct json_out *out, const struct wire_field *field, const struct style *style)
{
	if (style->use == DOC_SCHEMA_INPUT || style->dates_as_text)
		json_text(out, field->name, A_DATE);
	else
		json_number(out, field->name, A_DATE_MS);
}

static void
write_list(struct json_out *out, const struct wire_object *type, const struct wire_field *field,
	   const struct style *style, int depth)
{
	bool found;
	const char *word = doc_example_word(type->name, field->name, &found);

	json_open(out, field->name, '[');
	if (field->type == WIRE_MAP) {
		json_open(out, NULL, '{');
		json_text(out, "key", "month");
		json_text(out, "value", "03");
		json_close(out, '}');
	} else if (field->type == WIRE_INT64_LIST) {
		json_number(out, NULL,
			    within(doc_example_figure(type->name, field->name, &found), field->min,
				   field->max));
	} else if (field->type == WIRE_OBJECT_LIST && depth < DEPTH_MAX) {
		write_object(out, NULL, field->object, style, depth + 1);
	} else if (field->type == WIRE_TEXT_LIST && word != NULL) {
		json_text(out, NULL, word);
	}
	json_close(out, ']');
}

static void
write_field(struct json_out *out, const struct wire_object *type, const struct wire_field *field,
	    const struct style *style, int depth)
{
	const char *word;
	bool found;

	switch (field->type) {
	case WIRE_TEXT:
		write_text(out, type, field, style);
		break;
	case WIRE_INT64:
	case WIRE_OPT_INT64:
		write_number(out, type, field);
		break;
	case WIRE_BOOL:
		json_bool(out, field->name, doc_example_flag(field->name));
		break;
	case WIRE_DATE:
		write_date(out, field, style);
		break;
	case WIRE_ENUM:
		word = doc_example_word(type->name, field->name, &found);
		json_text(out, field->name, found ? word : field->names[1]);
		break;
	case WIRE_MAP:
	case WIRE_TEXT_LIST:
	case WIRE_INT64_LIST:
	case WIRE_OBJECT_LIST:
		write_list(out, type, field, style, depth);
		break;
	case WIRE_OBJECT:
		if (depth < DEPTH_MAX)
			write_object(out, field->name, field->object, style, depth + 1);
		else
			json_text(out, field->name, NULL);
		break;
	}
}

static void
write_object(struct json_out *out, const char *member, const struct wire_object *type,
	     const struct style *style, int depth)
{
	json_open(out, member, '{');
	for (size_t i = 0; i < type->fields_len; i++)
		if (style->use == DOC_SCHEMA_ANSWER ||
		    doc_example_is_sent(type->name, type->fields[i].name))
			write_field(out, type, &type->fields[i], style, depth);
	json_close(out, '}');
}

void
doc_example_write(struct json_out *out, const char *member, const struct wire_object *type,
		  enum doc_schema_use use, bool dates_as_text)
{
	const struct style style = { use, dates_as_text };

	write_object(out, member, type, &style, 0);
}
