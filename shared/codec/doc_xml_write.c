/* SPDX-License-Identifier: Apache-2.0 */
/* codec/doc_xml_write.c: structs to XML text, straight into the buffer. */
#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"
#include "codec/doc_xml.h"

#define PROLOG "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>"
#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

static void write_members(const struct wire_object *type, const void *object, struct buf *out);

/* What stands for the character of len bytes at text; NULL: itself. */
static const char *
escape_of(const char *text, size_t len)
{
	if (len == 3 &&
	    (memcmp(text, "\xef\xbf\xbe", 3) == 0 || memcmp(text, "\xef\xbf\xbf", 3) == 0))
		return REPLACEMENT; /* U+FFFE, U+FFFF */
	if (len != 1)
		return NULL;
	switch (*text) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '\r':
		return "&#13;";
	case '\t':
	case '\n':
		return NULL;
	default:
		return (unsigned char)*text < 0x20 ? REPLACEMENT : NULL;
	}
}

/* Bytes of ASCII that stand for themselves. */
static size_t
plain_len(const char *text)
{
	size_t len = 0;

	while (text[len] >= ' ' && text[len] != '&' && text[len] != '<' && text[len] != '>')
		len++;
	return len;
}

void
doc_xml_write_text(const char *text, struct buf *out)
{
	size_t left = strlen(text);
	const char *from = text;

	while (left > 0) {
		size_t plain = plain_len(text), step, len;
		const char *escape;

		text += plain;
		left -= plain;
		if (left == 0)
			break;
		step = str_utf8_step(text, left);
		len = step == 0 ? 1 : step;
		escape = step == 0 ? REPLACEMENT : escape_of(text, len);

		if (escape != NULL) {
			buf_append(out, from, (size_t)(text - from));
			buf_puts(out, escape);
			from = text + len;
		}
		text += len;
		left -= len;
	}
	buf_append(out, from, (size_t)(text - from));
}

/* Behind what is put. */
static inline char *
put(char *to, const char *bytes, size_t len)
{
	memcpy(to, bytes, len);
	return to + len;
}

/* before and after are one or two signs: to copy each by itself would cost as much as the name. */
static inline void
write_tag(const char *before, const char *name, const char *after, struct buf *out)
{
	size_t before_len = strlen(before), len = strlen(name), after_len = strlen(after);
	char *tag = buf_extend(out, before_len + len + after_len);

	if (tag == NULL)
		return;
	(void)put(put(put(tag, before, before_len), name, len), after, after_len);
}

static void
open_element(const char *name, struct buf *out)
{
	write_tag("<", name, ">", out);
}

static void
close_element(const char *name, struct buf *out)
{
	write_tag("</", name, ">", out);
}

static void
write_empty(const char *name, struct buf *out)
{
	write_tag("<", name, "/>", out);
}

/* NULL writes nothing. */
static void
write_element(const char *name, const char *text, struct buf *out)
{
	if (text == NULL)
		return;
	open_element(name, out);
	doc_xml_write_text(text, out);
	close_element(name, out);
}

static void
write_date(const char *name, struct opt_time date, struct buf *out)
{
	char text[CLOCK_TEXT_SIZE];
	char *zeroes;

	if (!date.set)
		return;
	clock_rfc3339(text, date.us);
	zeroes = strstr(text, ".000Z");
	if (zeroes != NULL)
		memcpy(zeroes, "Z", 2);
	write_element(name, text, out);
}

static void
write_map(const char *name, const struct text_map *map, struct buf *out)
{
	if (map->len == 0) {
		write_empty(name, out);
		return;
	}
	open_element(name, out);
	for (size_t i = 0; i < map->len; i++) {
		buf_puts(out, "<entry>");
		write_element("key", map->items[i].key, out);
		write_element("value", map->items[i].value, out);
		buf_puts(out, map->items[i].secret ? "<secret>true</secret></entry>" : "</entry>");
	}
	close_element(name, out);
}

/* Around the items of a wrapped list. */
static void
open_list(const struct wire_field *field, size_t len, struct buf *out)
{
	if (field->item != NULL && len == 0)
		write_empty(field->name, out);
	else if (field->item != NULL)
		open_element(field->name, out);
}

static void
close_list(const struct wire_field *field, size_t len, struct buf *out)
{
	if (field->item != NULL && len > 0)
		close_element(field->name, out);
}

static void
write_texts(const struct wire_field *field, const struct text_list *list, struct buf *out)
{
	const char *name = field->item == NULL ? field->name : field->item;

	open_list(field, list->len, out);
	for (size_t i = 0; i < list->len; i++)
		write_element(name, list->items[i], out);
	close_list(field, list->len, out);
}

static void
write_object(const char *name, const struct wire_object *type, const void *object, struct buf *out)
{
	open_element(name, out);
	write_members(type, object, out);
	close_element(name, out);
}

static void
write_items(const struct wire_field *field, const struct wire_items *list, struct buf *out)
{
	const char *name = field->item == NULL ? field->name : field->item;

	open_list(field, list->len, out);
	for (size_t i = 0; i < list->len; i++)
		write_object(name, field->object, wire_item(field->object, list->items, i), out);
	close_list(field, list->len, out);
}

static void
write_number(const char *name, bool set, int64_t number, struct buf *out)
{
	if (!set)
		return;
	open_element(name, out);
	buf_int64(out, number);
	close_element(name, out);
}

static void
write_member(const struct wire_field *field, const void *object, struct buf *out)
{
	switch (field->type) {
	case WIRE_TEXT:
		write_element(field->name, wire_text(field, object), out);
		break;
	case WIRE_INT64:
		write_number(field->name, true, wire_int64(field, object), out);
		break;
	case WIRE_OPT_INT64: {
		struct opt_int64 number = wire_opt_int64(field, object);

		write_number(field->name, number.set, number.value, out);
		break;
	}
	case WIRE_BOOL:
		write_element(field->name, wire_bool(field, object) ? "true" : "false", out);
		break;
	case WIRE_DATE:
		write_date(field->name, wire_date(field, object), out);
		break;
	case WIRE_ENUM:
		write_element(field->name, wire_enum_name(field, object), out);
		break;
	case WIRE_MAP: {
		struct text_map map = wire_map(field, object);

		write_map(field->name, &map, out);
		break;
	}
	case WIRE_TEXT_LIST: {
		struct text_list list = wire_text_list(field, object);

		write_texts(field, &list, out);
		break;
	}
	case WIRE_INT64_LIST: {
		struct int64_list list = wire_int64_list(field, object);

		for (size_t i = 0; i < list.len; i++)
			write_number(field->name, true, list.items[i], out);
		break;
	}
	case WIRE_OBJECT:
		if (wire_nested(field, object) != NULL)
			write_object(field->name, field->object, wire_nested(field, object), out);
		break;
	case WIRE_OBJECT_LIST: {
		struct wire_items list = wire_items(field, object);

		write_items(field, &list, out);
		break;
	}
	}
}

static void
write_members(const struct wire_object *type, const void *object, struct buf *out)
{
	for (size_t i = 0; i < type->fields_len; i++)
		write_member(&type->fields[i], object, out);
}

void
doc_xml_write(const struct wire_object *type, const void *object, struct buf *out)
{
	buf_puts(out, PROLOG);
	write_object(type->name, type, object, out);
}

void
doc_xml_write_list(const struct wire_object *type, const void *items, size_t len, struct buf *out)
{
	assert(type->list_name != NULL);
	buf_printf(out, PROLOG "<%s>", type->list_name);
	for (size_t i = 0; i < len; i++)
		write_object(type->name, type, (const char *)items + i * type->size, out);
	buf_printf(out, "</%s>", type->list_name);
}
