/* SPDX-License-Identifier: Apache-2.0 */
/* codec/doc_xml.c: a tree of elements to structs. */
#include "codec/doc_xml.h"

#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "codec/wire_where.h"
#include "codec/xml_reader.h"
#include "model/memory.h"

/* What every step of reading one document needs. */
struct reading {
	struct memory *memory;
	struct err *err;
};

static int read_object(struct reading *r, const struct wire_object *type,
		       const struct xml_element *element, const struct wire_where *where,
		       void *object);

/* The first of siblings (from at on) that has this name, or NULL. */
static const struct xml_element *
next_named(const struct xml_element *at, const char *name)
{
	while (at != NULL && strcmp(at->name, name) != 0)
		at = at->next;
	return at;
}

static size_t
count_named(const struct xml_element *at, const char *name)
{
	size_t n = 0;

	while ((at = next_named(at, name)) != NULL) {
		at = at->next;
		n++;
	}
	return n;
}

static int
refuse_at(struct reading *r, const struct xml_element *element, const struct wire_where *where,
	  const char *why)
{
	(void)wire_refuse(where, r->err, "%s", why);
	return err_prefix(r->err, "line %d", element->line);
}

static int
read_scalar(struct reading *r, const struct wire_field *field, const struct xml_element *element,
	    const struct wire_where *where, void *object)
{
	char *text;

	if (element->children != NULL)
		return refuse_at(r, element, where, "must be a text, not elements");
	if (field->type == WIRE_TEXT) {
		wire_set(field, object, &element->text);
		return 0;
	}
	text = memory_alloc(r->memory, strlen(element->text) + 1);
	memcpy(text, element->text, strlen(element->text) + 1);
	if (wire_set_from_text(field, object, str_trim(text), where, r->err) == -1)
		return err_prefix(r->err, "line %d", element->line);
	return 0;
}

/* <entry><key>K</key><value>V</value></entry> ... */
static int
read_map(struct reading *r, const struct wire_field *field, const struct xml_element *element,
	 const struct wire_where *where, void *object)
{
	const struct xml_element *entry = element->children;
	size_t len = count_named(entry, "entry");
	struct text_map map = { NULL, 0 };

	if (len > WIRE_MAP_MAX)
		return refuse_at(r, element, where, "has too many entries");
	text_map_room(&map, r->memory, len);
	for (; (entry = next_named(entry, "entry")) != NULL; entry = entry->next) {
		const struct xml_element *key = next_named(entry->children, "key");
		const struct xml_element *value = next_named(entry->children, "value");
		const struct xml_element *secret = next_named(entry->children, "secret");

		if (key == NULL)
			return refuse_at(r, entry, where, "has an entry without key");
		text_map_put_pair(&map, &(struct text_pair){
					    key->text, value == NULL ? NULL : value->text,
					    secret != NULL && strcmp(secret->text, "true") == 0 });
	}
	wire_set(field, object, &map);
	return 0;
}

/* Items are the children named field->item of element, or, unwrapped, element and its siblings of the
 * same name. */
static const struct xml_element *
first_item(const struct wire_field *field, const struct xml_element *element)
{
	return field->item == NULL ? element : next_named(element->children, field->item);
}

static const char *
item_name(const struct wire_field *field)
{
	return field->item == NULL ? field->name : field->item;
}

static int
read_text_list(struct reading *r, const struct wire_field *field, const struct xml_element *element,
	       const struct wire_where *where, void *object)
{
	const struct xml_element *item = first_item(field, element);
	size_t len = count_named(item, item_name(field));
	struct text_list list = {
		.items = memory_alloc_array(r->memory, len, sizeof(list.items[0])),
	};

	for (; (item = next_named(item, item_name(field))) != NULL; item = item->next) {
		struct wire_where item_where = { .up = where, .index = list.len };

		if (item->children != NULL)
			return refuse_at(r, item, &item_where, "must be a text, not elements");
		list.items[list.len++] = item->text;
	}
	wire_set(field, object, &list);
	return 0;
}

static int
read_items(struct reading *r, const struct wire_field *field, const struct xml_element *element,
	   const struct wire_where *where, void *object)
{
	const struct xml_element *item = first_item(field, element);
	size_t len = count_named(item, item_name(field));
	struct wire_items list = {
		.items = memory_alloc_array(r->memory, len, field->object->size),
	};

	for (; (item = next_named(item, item_name(field))) != NULL; item = item->next) {
		struct wire_where item_where = { .up = where, .index = list.len };

		if (read_object(r, field->object, item, &item_where,
				wire_item(field->object, list.items, list.len)) == -1)
			return -1;
		list.len++;
	}
	wire_set(field, object, &list);
	return 0;
}

static int
read_nested(struct reading *r, const struct wire_field *field, const struct xml_element *element,
	    const struct wire_where *where, void *object)
{
	void *nested = memory_alloc(r->memory, field->object->size);

	if (read_object(r, field->object, element, where, nested) == -1)
		return -1;
	wire_set(field, object, &nested);
	return 0;
}

static int
read_field(struct reading *r, const struct wire_field *field, const struct xml_element *element,
	   const struct wire_where *where, void *object)
{
	bool is_unwrapped_list = field->item == NULL &&
				 (field->type == WIRE_TEXT_LIST || field->type == WIRE_OBJECT_LIST);

	if (!is_unwrapped_list && next_named(element->next, field->name) != NULL)
		return refuse_at(r, element, where, "is there twice");
	switch (field->type) {
	case WIRE_MAP:
		return read_map(r, field, element, where, object);
	case WIRE_TEXT_LIST:
		return read_text_list(r, field, element, where, object);
	case WIRE_OBJECT:
		return read_nested(r, field, element, where, object);
	case WIRE_OBJECT_LIST:
		return read_items(r, field, element, where, object);
	default:
		return read_scalar(r, field, element, where, object);
	}
}

static int
read_object(struct reading *r, const struct wire_object *type, const struct xml_element *element,
	    const struct wire_where *where, void *object)
{
	wire_defaults(type, object);
	for (size_t i = 0; i < type->fields_len; i++) {
		const struct wire_field *field = &type->fields[i];
		const struct xml_element *member = next_named(element->children, field->name);
		struct wire_where member_where = { .up = where, .name = field->name };

		if (member != NULL && read_field(r, field, member, &member_where, object) == -1)
			return -1;
	}
	return 0;
}

int
doc_xml_read_root(const struct wire_object *type, const char *text, size_t len,
		  struct memory *memory, void *object, const char **root_out, struct err *err)
{
	struct reading r = { .memory = memory, .err = err };
	struct xml_element *root = NULL;
	bool is_other;

	if (xml_read(text, len, memory, &root, err) == -1)
		return -1;
	is_other = type->other_name != NULL && strcmp(root->name, type->other_name) == 0;
	if (!is_other && strcmp(root->name, type->name) != 0)
		return err_set(err, ERR_INVALID,
			       "line %d: the root element must be <%s>, not <%.*s>", root->line,
			       type->name, WIRE_CUT(root->name, 40));
	if (read_object(&r, type, root, NULL, object) == -1)
		return -1;
	*root_out = is_other ? type->other_name : type->name;
	return wire_check(type, object, err);
}

int
doc_xml_read(const struct wire_object *type, const char *text, size_t len, struct memory *memory,
	     void *object, struct err *err)
{
	const char *root;

	return doc_xml_read_root(type, text, len, memory, object, &root, err);
}
