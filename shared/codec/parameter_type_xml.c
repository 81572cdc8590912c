/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/parameter_type_xml.h"

#include <stddef.h>

#include "base/err.h"
#include "codec/xml_fields.h"
#include "codec/xml_reader.h"
#include "codec/xml_write.h"
#include "model/job_def.h"
#include "model/memory.h"
#include "model/parameter_type.h"

#define LEN(table) (sizeof(table) / sizeof((table)[0]))
#define TYPE(member) offsetof(struct parameter_type, member)

static const struct xml_field list_fields[] = { { "parameterType", XML_MANY, 0, false } };
static const struct xml_fields list_table = { .what = "parameterTypes",
					      .fields = list_fields,
					      .fields_len = LEN(list_fields) };

static const struct xml_field type_fields[] = {
	{ "key", XML_TEXT, TYPE(key), true },
	{ "type", XML_TRIMMED, TYPE(type), false },
	{ "required", XML_BOOL, TYPE(required), false },
	{ "hint", XML_TEXT, TYPE(hint), false },
	{ "choice", XML_MANY, 0, false },
};
static const struct xml_fields type_table = { .what = "parameterType",
					      .fields = type_fields,
					      .fields_len = LEN(type_fields) };

static int
read_choices(const struct xml_element *element, struct memory *memory, struct text_list *out,
	     struct err *err)
{
	out->items = memory_alloc_array(memory, xml_children_count(element, "choice"),
					sizeof(out->items[0]));
	for (const struct xml_element *at = xml_child(element, "choice"); at != NULL;
	     at = xml_sibling(at)) {
		if (at->children != NULL)
			return err_set(err, ERR_INVALID,
				       "line %d: parameterType: \"choice\" may contain text only",
				       at->line);
		out->items[out->len++] = at->text;
	}
	return 0;
}

int
parameter_types_xml_read(const struct xml_element *element, struct memory *memory,
			 struct parameter_type_list *out, struct err *err)
{
	size_t n = xml_children_count(element, "parameterType");
	char no_members;

	*out = (struct parameter_type_list){ NULL, 0 };
	if (element == NULL)
		return 0;
	if (n > PARAMETERS_MAX)
		return err_set(err, ERR_INVALID,
			       "line %d: there are %zu parameterTypes, at most %d are allowed",
			       element->line, n, PARAMETERS_MAX);
	if (xml_fields_read(element, &list_table, &no_members, memory, err) == -1)
		return -1;
	out->items = memory_alloc_array(memory, n, sizeof(out->items[0]));
	for (const struct xml_element *at = element->children; at != NULL; at = at->next) {
		struct parameter_type *type = &out->items[out->len++];

		if (xml_fields_read(at, &type_table, type, memory, err) == -1 ||
		    read_choices(at, memory, &type->choices, err) == -1)
			return -1;
	}
	return 0;
}

void
parameter_types_xml_write(struct xml_writing *w, const struct parameter_type_list *types)
{
	if (types->len == 0)
		return;
	xml_write_open(w, "parameterTypes");
	for (size_t i = 0; i < types->len; i++) {
		const struct parameter_type *type = &types->items[i];

		xml_write_open(w, "parameterType");
		xml_write_element(w, "key", type->key);
		xml_write_element(w, "type", type->type == NULL ? "TEXT" : type->type);
		if (type->required)
			xml_write_flag(w, "required", true);
		if (type->hint != NULL)
			xml_write_element(w, "hint", type->hint);
		for (size_t k = 0; k < type->choices.len; k++)
			xml_write_element(w, "choice", type->choices.items[k]);
		xml_write_close(w, "parameterType");
	}
	xml_write_close(w, "parameterTypes");
}
