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
#include "model/problem_list.h"

#define LEN(table) (sizeof(table) / sizeof((table)[0]))
#define TABLE(name, rows) .what = (name), .fields = (rows), .fields_len = LEN(rows)
#define TYPE(member) offsetof(struct parameter_type, member)

static const struct xml_field list_fields[] = { { "parameterType", XML_MANY, 0, false } };
static const struct xml_field type_fields[] = {
	{ "key", XML_TEXT, TYPE(key), true },
	{ "type", XML_TRIMMED, TYPE(type), false },
	{ "required", XML_BOOL, TYPE(required), false },
	{ "hint", XML_TEXT, TYPE(hint), false },
	{ "choice", XML_MANY, 0, false },
};

static const char *const type_words[] = { "TEXT", "INTEGER", "NUMBER", "BOOLEAN",
					  "DATE", "CHOICE",  NULL };
/* The database has more to say: which types have choices, what stands twice. */
static const struct model_text type_sizes[] = {
	{ "key", TYPE(key), 1, PARAMETER_KEY_MAX, true, NULL },
	{ "type", TYPE(type), 1, 50, false, type_words },
	{ "hint", TYPE(hint), 0, 200, false, NULL },
};
static const struct model_text choice_size = { "choice", 0, 1, PARAMETER_VALUE_MAX, true, NULL };

/* Note "line N: WHAT: " and the failure, and go on. */
static void
note(struct problem_list *problems, struct memory *memory, int line, const char *what,
     struct err *err)
{
	(void)err_prefix(err, "line %d: %s", line, what);
	problem_list_add(problems, memory, err);
}

static void
read_choices(const struct xml_element *element, const char *what, struct memory *memory,
	     struct text_list *out, struct problem_list *problems)
{
	struct err err = ERR_INIT;

	out->items = memory_alloc_array(memory, xml_children_count(element, "choice"),
					sizeof(out->items[0]));
	for (const struct xml_element *at = xml_child(element, "choice"); at != NULL;
	     at = xml_sibling(at)) {
		if (at->children != NULL)
			(void)err_set(&err, ERR_INVALID, "\"choice\" may contain text only");
		else
			(void)model_text_check(&choice_size, at->text, &err);
		if (err.kind != ERR_NONE)
			note(problems, memory, at->line, what, &err);
		else
			out->items[out->len++] = at->text;
	}
}

void
parameter_types_xml_read(const struct xml_element *element, const char *what, struct memory *memory,
			 struct parameter_type_list *out, struct problem_list *problems)
{
	const char *each = memory_printf(memory, "%s: parameterType", what);
	const struct xml_fields list = { TABLE(what, list_fields) };
	const struct xml_fields table = { TABLE(each, type_fields), .texts = type_sizes,
					  .texts_len = LEN(type_sizes) };
	size_t n = xml_children_count(element, "parameterType");
	struct err err = ERR_INIT;
	char no_members;

	*out = (struct parameter_type_list){ NULL, 0 };
	if (element == NULL)
		return;
	if (n > PARAMETERS_MAX) {
		(void)err_set(&err, ERR_INVALID,
			      "there are %zu parameterTypes, at most %d are allowed", n,
			      PARAMETERS_MAX);
		note(problems, memory, element->line, what, &err);
		return;
	}
	(void)xml_fields_read(element, &list, &no_members, memory, problems);
	out->items = memory_alloc_array(memory, n, sizeof(out->items[0]));
	for (const struct xml_element *at = xml_child(element, "parameterType"); at != NULL;
	     at = xml_sibling(at)) {
		struct parameter_type *type = &out->items[out->len++];

		(void)xml_fields_read(at, &table, type, memory, problems);
		read_choices(at, each, memory, &type->choices, problems);
	}
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
