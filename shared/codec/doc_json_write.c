/* SPDX-License-Identifier: Apache-2.0 */
/* codec/doc_json_write.c: structs to JSON text, straight into the buffer. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"
#include "codec/doc_json_private.h"

static void
write_escape(unsigned char c, struct buf *out)
{
	static const char short_of[] = "btnvfr"; /* from \b, 8; \v, 11, has no short form in JSON */
	char escape[8];

	if (c == '"' || c == '\\')
		(void)snprintf(escape, sizeof(escape), "\\%c", c);
	else if (c >= '\b' && c <= '\r' && c != '\v')
		(void)snprintf(escape, sizeof(escape), "\\%c", short_of[c - '\b']);
	else
		(void)snprintf(escape, sizeof(escape), "\\u%04X", c);
	buf_puts(out, escape);
}

void
doc_json_write_text(const char *text, struct buf *out)
{
	size_t left = text == NULL ? 0 : strlen(text), step;
	const char *from = text;

	if (text == NULL) {
		buf_puts(out, "null");
		return;
	}
	buf_putc(out, '"');
	for (; left > 0; text += step, left -= step) {
		unsigned char c = (unsigned char)*text;

		step = c < 0x80 ? 1 : str_utf8_step(text, left);
		if (step > 0 && c >= 0x20 && c != '"' && c != '\\' && c != 0x7f)
			continue;
		buf_append(out, from, (size_t)(text - from));
		if (step == 0)
			buf_puts(out, "\\uFFFD");
		else
			write_escape(c, out);
		step = 1;
		from = text + step;
	}
	buf_append(out, from, (size_t)(text - from));
	buf_putc(out, '"');
}

static void
write_date(struct opt_time date, const struct doc_json_style *style, struct buf *out)
{
	if (!date.set) {
		buf_puts(out, "null");
	} else if (style->dates_as_text) {
		char text[CLOCK_TEXT_SIZE];

		clock_rfc3339(text, date.us);
		buf_putc(out, '"');
		buf_puts(out, text);
		buf_putc(out, '"');
	} else {
		/* down, not towards zero: before 1970 too a moment is written as it would be as text */
		int64_t ms = date.us / 1000 - (date.us % 1000 < 0);

		buf_int64(out, ms);
	}
}

static void
write_map(const struct text_map *map, struct buf *out)
{
	buf_putc(out, '[');
	for (size_t i = 0; i < map->len; i++) {
		buf_puts(out, i == 0 ? "{\"key\":" : ",{\"key\":");
		doc_json_write_text(map->items[i].key, out);
		buf_puts(out, ",\"value\":");
		doc_json_write_text(map->items[i].value, out);
		buf_puts(out, map->items[i].secret ? ",\"secret\":true}" : "}");
	}
	buf_putc(out, ']');
}

void
doc_json_write_texts(const struct text_list *list, struct buf *out)
{
	buf_putc(out, '[');
	for (size_t i = 0; i < list->len; i++) {
		if (i > 0)
			buf_putc(out, ',');
		doc_json_write_text(list->items[i], out);
	}
	buf_putc(out, ']');
}

void
doc_json_write_ids(const int64_t *ids, size_t n, struct buf *out)
{
	buf_putc(out, '[');
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_putc(out, ',');
		buf_int64(out, ids[i]);
	}
	buf_putc(out, ']');
}

static void
write_numbers(const struct int64_list *list, struct buf *out)
{
	buf_putc(out, '[');
	for (size_t i = 0; i < list->len; i++) {
		if (i > 0)
			buf_putc(out, ',');
		buf_int64(out, list->items[i]);
	}
	buf_putc(out, ']');
}

static void
write_opt_int64(struct opt_int64 number, struct buf *out)
{
	if (number.set)
		buf_int64(out, number.value);
	else
		buf_puts(out, "null");
}

void
doc_json_write_member(const struct wire_field *field, const void *object,
		      const struct doc_json_style *style, struct buf *out)
{
	switch (field->type) {
	case WIRE_TEXT:
		doc_json_write_text(wire_text(field, object), out);
		break;
	case WIRE_INT64:
		buf_int64(out, wire_int64(field, object));
		break;
	case WIRE_OPT_INT64:
		write_opt_int64(wire_opt_int64(field, object), out);
		break;
	case WIRE_BOOL:
		buf_puts(out, wire_bool(field, object) ? "true" : "false");
		break;
	case WIRE_DATE:
		write_date(wire_date(field, object), style, out);
		break;
	case WIRE_ENUM:
		doc_json_write_text(wire_enum_name(field, object), out);
		break;
	case WIRE_MAP: {
		struct text_map map = wire_map(field, object);

		write_map(&map, out);
		break;
	}
	case WIRE_TEXT_LIST: {
		struct text_list list = wire_text_list(field, object);

		doc_json_write_texts(&list, out);
		break;
	}
	case WIRE_INT64_LIST: {
		struct int64_list list = wire_int64_list(field, object);

		write_numbers(&list, out);
		break;
	}
	case WIRE_OBJECT:
		if (wire_nested(field, object) == NULL)
			buf_puts(out, "null");
		else
			doc_json_write(field->object, wire_nested(field, object), style, out);
		break;
	case WIRE_OBJECT_LIST: {
		struct wire_items list = wire_items(field, object);

		doc_json_write_list(field->object, list.items, list.len, style, out);
		break;
	}
	}
}

void
doc_json_write(const struct wire_object *type, const void *object,
	       const struct doc_json_style *style, struct buf *out)
{
	for (size_t i = 0; i < type->fields_len; i++) {
		buf_puts(out, i == 0 ? "{\"" : ",\"");
		buf_puts(out, type->fields[i].name);
		buf_puts(out, "\":");
		doc_json_write_member(&type->fields[i], object, style, out);
	}
	buf_putc(out, '}');
}

void
doc_json_write_list(const struct wire_object *type, const void *items, size_t len,
		    const struct doc_json_style *style, struct buf *out)
{
	buf_putc(out, '[');
	for (size_t i = 0; i < len; i++) {
		if (i > 0)
			buf_putc(out, ',');
		doc_json_write(type, (const char *)items + i * type->size, style, out);
	}
	buf_putc(out, ']');
}
