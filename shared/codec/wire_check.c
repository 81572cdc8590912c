/* SPDX-License-Identifier: Apache-2.0 */
/* codec/wire_check.c: the limits of the tables, for objects from any door. */
#include <inttypes.h>

#include "base/err.h"
#include "base/str.h"
#include "codec/wire_object.h"
#include "codec/wire_where.h"

static int check_object(const struct wire_object *type, const void *object,
			const struct wire_where *up, struct err *err);

/* min 0 and max 0: no limit. */
static int
check_chars(const char *text, const struct wire_field *field, const struct wire_where *where,
	    struct err *err)
{
	size_t chars;

	if (text == NULL || (field->min == 0 && field->max == 0))
		return 0;
	chars = str_utf8_chars(text);
	if (chars > (uint64_t)field->max)
		return wire_refuse(where, err, "%zu characters, at most %" PRId64 " are allowed",
				   chars, field->max);
	if (chars < (uint64_t)field->min)
		return wire_refuse(where, err, "%zu characters, at least %" PRId64 " are needed",
				   chars, field->min);
	return 0;
}

static int
check_range(int64_t value, const struct wire_field *field, const struct wire_where *where,
	    struct err *err)
{
	if ((field->min == 0 && field->max == 0) || (value >= field->min && value <= field->max))
		return 0;
	return wire_refuse(where, err, "%" PRId64 " is outside %" PRId64 " to %" PRId64, value,
			   field->min, field->max);
}

static int
check_map(const struct wire_field *field, const struct text_map *map,
	  const struct wire_where *where, struct err *err)
{
	for (size_t i = 0; i < map->len; i++) {
		const struct text_pair *pair = &map->items[i];
		size_t chars = str_utf8_chars(pair->key);

		if (chars < 1 || chars > (uint64_t)field->key_max)
			return wire_refuse(where, err,
					   "parameter key \"%.*s\" must have 1 to %" PRId64
					   " characters",
					   WIRE_CUT(pair->key, 60), field->key_max);
		chars = pair->value == NULL ? 0 : str_utf8_chars(pair->value);
		if (chars < (uint64_t)field->min || chars > (uint64_t)field->max)
			return wire_refuse(where, err,
					   "value of parameter \"%.*s\" must have %" PRId64
					   " to %" PRId64 " characters",
					   WIRE_CUT(pair->key, 60), field->min, field->max);
	}
	return 0;
}

static int
check_items(const struct wire_field *field, const struct wire_items *list,
	    const struct wire_where *where, struct err *err)
{
	for (size_t i = 0; i < list->len; i++) {
		struct wire_where item = { .up = where, .index = i };

		if (check_object(field->object, wire_item(field->object, list->items, i), &item,
				 err) == -1)
			return -1;
	}
	return 0;
}

static int
check_texts(const struct wire_field *field, const struct text_list *list,
	    const struct wire_where *where, struct err *err)
{
	for (size_t i = 0; i < list->len; i++) {
		struct wire_where item = { .up = where, .index = i };

		if (check_chars(list->items[i], field, &item, err) == -1)
			return -1;
	}
	return 0;
}

static int
check_numbers(const struct wire_field *field, const struct int64_list *list,
	      const struct wire_where *where, struct err *err)
{
	for (size_t i = 0; i < list->len; i++) {
		struct wire_where item = { .up = where, .index = i };

		if (check_range(list->items[i], field, &item, err) == -1)
			return -1;
	}
	return 0;
}

static int
check_field(const struct wire_field *field, const void *object, const struct wire_where *where,
	    struct err *err)
{
	switch (field->type) {
	case WIRE_TEXT:
		return check_chars(wire_text(field, object), field, where, err);
	case WIRE_INT64:
		return check_range(wire_int64(field, object), field, where, err);
	case WIRE_OPT_INT64: {
		struct opt_int64 number = wire_opt_int64(field, object);

		return number.set ? check_range(number.value, field, where, err) : 0;
	}
	case WIRE_MAP: {
		struct text_map map = wire_map(field, object);

		return check_map(field, &map, where, err);
	}
	case WIRE_TEXT_LIST: {
		struct text_list list = wire_text_list(field, object);

		return check_texts(field, &list, where, err);
	}
	case WIRE_INT64_LIST: {
		struct int64_list list = wire_int64_list(field, object);

		return check_numbers(field, &list, where, err);
	}
	case WIRE_OBJECT: {
		const void *nested = wire_nested(field, object);

		return nested == NULL ? 0 : check_object(field->object, nested, where, err);
	}
	case WIRE_OBJECT_LIST: {
		struct wire_items list = wire_items(field, object);

		return check_items(field, &list, where, err);
	}
	case WIRE_BOOL:
	case WIRE_DATE:
	case WIRE_ENUM:
		return 0; /* any value a reader could store is one of theirs */
	}
	return 0;
}

static int
check_object(const struct wire_object *type, const void *object, const struct wire_where *up,
	     struct err *err)
{
	for (size_t i = 0; i < type->fields_len; i++) {
		struct wire_where where = { .up = up, .name = type->fields[i].name };

		if (check_field(&type->fields[i], object, &where, err) == -1)
			return -1;
	}
	return 0;
}

int
wire_check(const struct wire_object *type, const void *object, struct err *err)
{
	return check_object(type, object, NULL, err);
}
