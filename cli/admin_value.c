/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/admin_value.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/num.h"
#include "base/str.h"
#include "codec/doc_json.h"
#include "codec/wire_object.h"
#include "codec/wire_where.h"
#include "model/memory.h"

static void
put_date(struct opt_time date, struct buf *out)
{
	char text[CLOCK_TEXT_SIZE];

	if (!date.set)
		return;
	clock_rfc3339(text, date.us);
	buf_puts(out, text);
}

static void
put_map(const struct text_map *map, struct buf *out)
{
	for (size_t i = 0; i < map->len; i++)
		buf_printf(out, "%s%s=%s", i == 0 ? "" : ",", map->items[i].key,
			   map->items[i].value == NULL ? "" : map->items[i].value);
}

static void
put_text(const char *text, struct buf *out)
{
	buf_puts(out, text == NULL ? "" : text);
}

void
admin_value_text(const struct wire_field *field, const void *object, struct buf *out)
{
	switch (field->type) {
	case WIRE_TEXT:
		put_text(wire_text(field, object), out);
		break;
	case WIRE_INT64:
		buf_printf(out, "%" PRId64, wire_int64(field, object));
		break;
	case WIRE_OPT_INT64:
		if (wire_opt_int64(field, object).set)
			buf_printf(out, "%" PRId64, wire_opt_int64(field, object).value);
		break;
	case WIRE_BOOL:
		buf_puts(out, wire_bool(field, object) ? "true" : "false");
		break;
	case WIRE_DATE:
		put_date(wire_date(field, object), out);
		break;
	case WIRE_ENUM:
		put_text(wire_enum_name(field, object), out);
		break;
	case WIRE_MAP: {
		struct text_map map = wire_map(field, object);

		put_map(&map, out);
		break;
	}
	case WIRE_TEXT_LIST: {
		struct text_list list = wire_text_list(field, object);

		for (size_t i = 0; i < list.len; i++)
			buf_printf(out, "%s%s", i == 0 ? "" : ",", list.items[i]);
		break;
	}
	case WIRE_INT64_LIST: {
		struct int64_list list = wire_int64_list(field, object);

		for (size_t i = 0; i < list.len; i++)
			buf_printf(out, "%s%" PRId64, i == 0 ? "" : ",", list.items[i]);
		break;
	}
	case WIRE_OBJECT:
		break;
	case WIRE_OBJECT_LIST:
		if (wire_items(field, object).len > 0)
			buf_printf(out, "%zu", wire_items(field, object).len);
		break;
	}
}

/* The words between commas, trimmed; none of "". */
static struct text_list
split(const char *text, struct memory *memory)
{
	struct text_list list = { NULL, 0 };
	size_t max = 1;

	for (const char *at = text; *at != '\0'; at++)
		max += *at == ',';
	list.items = memory_alloc_array(memory, max, sizeof(list.items[0]));
	while (*text != '\0') {
		size_t len = strcspn(text, ",");
		char *word = memory_alloc(memory, len + 1);

		memcpy(word, text, len);
		list.items[list.len++] = str_trim(word);
		text += len + (text[len] == ',');
	}
	return list;
}

static int
set_numbers(const struct wire_field *field, void *object, const struct text_list *words,
	    struct memory *memory, struct err *err)
{
	struct int64_list list = {
		.items = memory_alloc_array(memory, words->len, sizeof(list.items[0])),
		.len = words->len,
	};

	for (size_t i = 0; i < words->len; i++)
		if (num_int64(words->items[i], INT64_MIN, INT64_MAX, &list.items[i]) == -1)
			return err_set(err, ERR_INVALID, "%s: \"%.40s\" is not a whole number",
				       field->name, words->items[i]);
	wire_set(field, object, &list);
	return 0;
}

static int
set_map(const struct wire_field *field, void *object, const struct text_list *words,
	struct memory *memory, struct err *err)
{
	struct text_map map;

	text_map_room(&map, memory, words->len);
	for (size_t i = 0; i < words->len; i++) {
		const char *mark = strchr(words->items[i], '=');

		if (mark == NULL)
			return err_set(err, ERR_INVALID, "%s: \"%.40s\" is not key=value",
				       field->name, words->items[i]);
		text_map_put(
		    &map, memory_dup_len(memory, words->items[i], (size_t)(mark - words->items[i])),
		    mark + 1);
	}
	wire_set(field, object, &map);
	return 0;
}

static int
set_objects(const struct wire_field *field, void *object, const char *text, struct memory *memory,
	    struct err *err)
{
	struct wire_items items = { NULL, 0 };

	if (text[0] != '\0' &&
	    doc_json_read_list(field->object, text, strlen(text), memory, &items, err) == -1)
		return err_prefix(err, "%s", field->name);
	wire_set(field, object, &items);
	return 0;
}

int
admin_value_set(const struct wire_field *field, void *object, const char *text,
		struct memory *memory, struct err *err)
{
	struct wire_where where = { .name = field->name };
	struct text_list words = split(text, memory);

	switch (field->type) {
	case WIRE_TEXT:
	case WIRE_INT64:
	case WIRE_OPT_INT64:
	case WIRE_BOOL:
	case WIRE_DATE:
	case WIRE_ENUM:
		if (text[0] == '\0')
			wire_set_absent(field, object);
		else
			return wire_set_from_text(field, object, text, &where, err);
		return 0;
	case WIRE_TEXT_LIST:
		wire_set(field, object, &words);
		return 0;
	case WIRE_INT64_LIST:
		return set_numbers(field, object, &words, memory, err);
	case WIRE_MAP:
		return set_map(field, object, &words, memory, err);
	case WIRE_OBJECT_LIST:
		return set_objects(field, object, text, memory, err);
	case WIRE_OBJECT:
		break;
	}
	return err_set(err, ERR_INVALID, "%s cannot be set here", field->name);
}
