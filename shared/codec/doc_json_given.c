/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/doc_json_given.h"

#include <string.h>

#include "base/buf.h"
#include "codec/doc_json_private.h"
#include "model/memory.h"

bool
doc_json_is_array(const char *text, size_t len)
{
	size_t i = 0;

	while (i < len && text[i] != '\0' && strchr(" \t\r\n", text[i]) != NULL)
		i++;
	return i < len && text[i] == '[';
}

static struct doc_given note_object(const struct wire_object *type, const json_t *value,
				    struct memory *memory);

static struct doc_given *
note_items(const struct wire_object *type, const json_t *array, struct memory *memory)
{
	size_t len = json_array_size(array);
	struct doc_given *items = memory_alloc_array(memory, len, sizeof(items[0]));

	for (size_t i = 0; i < len; i++)
		items[i] = note_object(type, json_array_get(array, i), memory);
	return items;
}

/* The empty text of a form where a number is wanted, which is none. */
static bool
is_no_number(const struct wire_field *field, const json_t *value)
{
	return field->type == WIRE_INT64 && json_is_string(value) && json_string_length(value) == 0;
}

/* What value, which was read as an object of that type, says.  A flag that is null is not said. */
static struct doc_given
note_object(const struct wire_object *type, const json_t *value, struct memory *memory)
{
	struct doc_given given = { memory_alloc_array(memory, type->fields_len,
						      sizeof(given.members[0])) };

	for (size_t i = 0; i < type->fields_len; i++) {
		const struct wire_field *field = &type->fields[i];
		const json_t *member = json_object_get(value, field->name);
		struct doc_given_member *note = &given.members[i];

		note->null = json_is_null(member) || is_no_number(field, member);
		note->there = member != NULL && !(note->null && field->type == WIRE_BOOL);
		if (field->type == WIRE_OBJECT_LIST && json_is_array(member))
			note->items = note_items(field->object, member, memory);
	}
	return given;
}

/* The text is parsed twice: once for what it says, once for what it does not. */
int
doc_json_given_read(const struct wire_object *type, const char *text, size_t len, bool is_list,
		    struct memory *memory, struct wire_items *out, struct doc_given **given_out,
		    struct err *err)
{
	struct wire_items list = { NULL, 1 };
	json_t *root;

	if (is_list) {
		if (doc_json_read_list(type, text, len, memory, &list, err) == -1)
			return -1;
	} else {
		list.items = memory_alloc(memory, type->size);
		if (doc_json_read(type, text, len, memory, list.items, err) == -1)
			return -1;
	}
	root = doc_json_parse(text, len, err);
	if (root == NULL)
		return -1;
	if (is_list) {
		*given_out = note_items(type, root, memory);
	} else {
		*given_out = memory_alloc(memory, sizeof(**given_out));
		**given_out = note_object(type, root, memory);
	}
	*out = list;
	json_decref(root);
	return 0;
}

static void write_objects(const struct wire_object *type, const struct wire_items *items,
			  const struct doc_given *given, struct buf *out);

static void
write_object(const struct wire_object *type, const void *object, const struct doc_given *given,
	     struct buf *out)
{
	static const struct doc_json_style style = { .dates_as_text = false };
	const char *before = "{";

	for (size_t i = 0; i < type->fields_len; i++) {
		const struct doc_given_member *note = &given->members[i];

		if (!note->there)
			continue;
		buf_printf(out, "%s\"%s\":", before, type->fields[i].name);
		before = ",";
		if (note->null) {
			buf_puts(out, "null");
		} else if (note->items != NULL) {
			struct wire_items items = wire_items(&type->fields[i], object);

			write_objects(type->fields[i].object, &items, note->items, out);
		} else {
			doc_json_write_member(&type->fields[i], object, &style, out);
		}
	}
	buf_puts(out, before[0] == '{' ? "{}" : "}");
}

static void
write_objects(const struct wire_object *type, const struct wire_items *items,
	      const struct doc_given *given, struct buf *out)
{
	buf_putc(out, '[');
	for (size_t i = 0; i < items->len; i++) {
		if (i > 0)
			buf_putc(out, ',');
		write_object(type, wire_item(type, items->items, i), &given[i], out);
	}
	buf_putc(out, ']');
}

void
doc_json_given_write(const struct wire_object *type, const struct wire_items *items,
		     const struct doc_given *given, bool is_list, struct buf *out)
{
	if (is_list)
		write_objects(type, items, given, out);
	else
		write_object(type, items->items, &given[0], out);
}
