/* SPDX-License-Identifier: Apache-2.0 */
/* codec/doc_json.c: a parsed JSON document to structs, after their wire tables. */
#include "codec/doc_json.h"

#include <inttypes.h>
#include <string.h>

#include <jansson.h>

#include "base/err.h"
#include "base/num.h"
#include "base/str.h"
#include "codec/doc_json_private.h"
#include "codec/wire_where.h"
#include "model/memory.h"

/* What every step of reading one document needs. */
struct reading {
	const char *text;
	size_t len;
	struct memory *memory;
	struct err *err;
};

static int read_object(struct reading *r, const struct wire_object *type, const json_t *value,
		       const struct wire_where *where, void *object);

static const char *
kind_of(const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return "an object";
	case JSON_ARRAY:
		return "an array";
	case JSON_STRING:
		return "a text";
	case JSON_INTEGER:
	case JSON_REAL:
		return "a number";
	case JSON_TRUE:
	case JSON_FALSE:
		return "true or false";
	case JSON_NULL:
		return "null";
	}
	return "nothing known";
}

static int
refuse_kind(struct reading *r, const struct wire_where *where, const json_t *value,
	    const char *wanted)
{
	return wire_refuse(where, r->err, "must be %s, not %s", wanted, kind_of(value));
}

/* A scalar as text: what it would be inside quotes.  NULL: it is no scalar. */
static const char *
scalar_text(struct reading *r, const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_STRING:
		return memory_dup_len(r->memory, json_string_value(value),
				      json_string_length(value));
	case JSON_INTEGER:
		return memory_printf(r->memory, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	case JSON_REAL:
		return doc_json_number_text(r->text, r->len, value, r->memory);
	case JSON_TRUE:
		return "true";
	case JSON_FALSE:
		return "false";
	default:
		return NULL;
	}
}

/* The value of a number that has no fraction. */
static bool
whole_number(struct reading *r, const json_t *value, int64_t *out)
{
	*out = json_integer_value(value);
	return json_is_integer(value) ||
	       (json_is_real(value) && doc_json_number_whole(scalar_text(r, value), out));
}

static int
read_date(struct reading *r, const struct wire_field *field, const json_t *value,
	  const struct wire_where *where, void *object)
{
	struct opt_time date = { .set = true };
	int64_t ms;

	if (json_is_string(value))
		return wire_set_from_text(field, object, scalar_text(r, value), where, r->err);
	if (!whole_number(r, value, &ms))
		return refuse_kind(r, where, value, "a date as text or milliseconds since 1970");
	if (ms < TIME_US_MIN / 1000 || ms > TIME_US_MAX / 1000)
		return wire_refuse(
		    where, r->err,
		    "%" PRId64 " milliseconds since 1970 are outside the years 0 to 9999", ms);
	date.us = ms * 1000;
	wire_set(field, object, &date);
	return 0;
}

/* Text, number, boolean or enum. */
static int
read_scalar(struct reading *r, const struct wire_field *field, const json_t *value,
	    const struct wire_where *where, void *object)
{
	const char *text = scalar_text(r, value);
	int64_t number;

	if (text == NULL)
		return refuse_kind(r, where, value, "a plain value");
	if (json_is_boolean(value) && (field->type == WIRE_INT64 || field->type == WIRE_OPT_INT64))
		return refuse_kind(r, where, value, "a whole number");
	if (json_is_real(value) && field->type != WIRE_TEXT && whole_number(r, value, &number))
		text = memory_printf(r->memory, "%" PRId64, number);
	return wire_set_from_text(field, object, text, where, r->err);
}

/* One pair of a map; value NULL or null: a key without a value. */
static int
put_pair(struct reading *r, struct text_map *map, const char *key, const json_t *value, bool secret,
	 const struct wire_where *where)
{
	const char *text = NULL;

	if (value != NULL && !json_is_null(value) && (text = scalar_text(r, value)) == NULL)
		return refuse_kind(r, where, value, "a text");
	text_map_put_pair(map, &(struct text_pair){ key, text, secret });
	return 0;
}

/* {"key": .., "value": .., "secret": true} */
static int
read_entry(struct reading *r, const json_t *entry, const struct wire_where *where,
	   struct text_map *map)
{
	const json_t *key = json_object_get(entry, "key");
	struct wire_where key_where = { .up = where, .name = "key" };
	struct wire_where value_where = { .up = where, .name = "value" };
	struct wire_where secret_where = { .up = where, .name = "secret" };
	const json_t *secret = json_object_get(entry, "secret");
	const char *key_text;

	if (!json_is_object(entry))
		return refuse_kind(r, where, entry, "an object with key and value");
	if (key == NULL || json_is_null(key))
		return wire_refuse(&key_where, r->err, "is missing");
	if ((key_text = scalar_text(r, key)) == NULL)
		return refuse_kind(r, &key_where, key, "a text");
	if (secret != NULL && !json_is_null(secret) && !json_is_boolean(secret))
		return refuse_kind(r, &secret_where, secret, "true or false");
	return put_pair(r, map, key_text, json_object_get(entry, "value"), json_is_true(secret),
			&value_where);
}

static int
read_entries(struct reading *r, const json_t *entries, const struct wire_where *where,
	     struct text_map *map)
{
	if (json_array_size(entries) > WIRE_MAP_MAX)
		return wire_refuse(where, r->err, "more than %d entries", WIRE_MAP_MAX);
	text_map_room(map, r->memory, json_array_size(entries));
	for (size_t i = 0; i < json_array_size(entries); i++) {
		struct wire_where item = { .up = where, .index = i };

		if (read_entry(r, json_array_get(entries, i), &item, map) == -1)
			return -1;
	}
	return 0;
}

/* {"a": "b", ...} */
static int
read_plain_map(struct reading *r, json_t *value, const struct wire_where *where,
	       struct text_map *map)
{
	const char *key;
	json_t *item;

	if (json_object_size(value) > WIRE_MAP_MAX)
		return wire_refuse(where, r->err, "more than %d entries", WIRE_MAP_MAX);
	text_map_room(map, r->memory, json_object_size(value));
	json_object_foreach(value, key, item)
	{
		struct wire_where item_where = { .up = where, .name = key };

		if (put_pair(r, map, memory_dup(r->memory, key), item, false, &item_where) == -1)
			return -1;
	}
	return 0;
}

static int
read_map(struct reading *r, const struct wire_field *field, json_t *value,
	 const struct wire_where *where, void *object)
{
	struct text_map map = { NULL, 0 };
	json_t *entry = json_object_size(value) == 1 ? json_object_get(value, "entry") : NULL;
	struct wire_where entry_where = { .up = where, .name = "entry" };
	int rc;

	if (json_is_array(value)) {
		rc = read_entries(r, value, where, &map);
	} else if (!json_is_object(value)) {
		rc = refuse_kind(r, where, value, "an array of objects with key and value");
	} else if (json_is_array(entry)) {
		rc = read_entries(r, entry, &entry_where, &map);
	} else if (json_is_object(entry)) {
		text_map_room(&map, r->memory, 1);
		rc = read_entry(r, entry, &entry_where, &map);
	} else {
		rc = read_plain_map(r, value, where, &map);
	}
	if (rc == 0)
		wire_set(field, object, &map);
	return rc;
}

static int
read_text_list(struct reading *r, const struct wire_field *field, const json_t *value,
	       const struct wire_where *where, void *object)
{
	size_t len = json_is_array(value) ? json_array_size(value) : 1;
	struct text_list list = {
		.items = memory_alloc_array(r->memory, len, sizeof(list.items[0])),
	};

	if (json_is_object(value))
		return refuse_kind(r, where, value, "an array of texts");
	for (size_t i = 0; i < len; i++) {
		const json_t *item = json_is_array(value) ? json_array_get(value, i) : value;
		struct wire_where item_where = { .up = where, .index = i };

		if (field->loose && json_is_null(item))
			continue;
		if ((list.items[list.len++] = scalar_text(r, item)) == NULL)
			return refuse_kind(r, &item_where, item, "a text");
	}
	wire_set(field, object, &list);
	return 0;
}

/* A number, or a text that is one. */
static int
read_number(struct reading *r, const json_t *value, const struct wire_where *where, int64_t *out)
{
	if (!whole_number(r, value, out) &&
	    (!json_is_string(value) ||
	     num_int64(json_string_value(value), INT64_MIN, INT64_MAX, out) == -1))
		return wire_refuse(where, r->err, "must be a whole number");
	return 0;
}

static int
read_numbers(struct reading *r, const struct wire_field *field, const json_t *value,
	     const struct wire_where *where, void *object)
{
	struct int64_list list = { NULL, json_array_size(value) };

	if (!json_is_array(value))
		return refuse_kind(r, where, value, "an array of numbers");
	if (list.len > WIRE_LIST_MAX)
		return wire_refuse(where, r->err, "more than %d items", WIRE_LIST_MAX);
	list.items = memory_alloc_array(r->memory, list.len, sizeof(list.items[0]));
	for (size_t i = 0; i < list.len; i++) {
		struct wire_where item = { .up = where, .index = i };

		if (read_number(r, json_array_get(value, i), &item, &list.items[i]) == -1)
			return -1;
	}
	wire_set(field, object, &list);
	return 0;
}

static int
read_items(struct reading *r, const struct wire_object *type, const json_t *value,
	   const struct wire_where *where, struct wire_items *out)
{
	size_t len = json_array_size(value);
	struct wire_items list = { NULL, len };

	if (!json_is_array(value))
		return refuse_kind(r, where, value, "an array of objects");
	if (len > WIRE_LIST_MAX)
		return wire_refuse(where, r->err, "more than %d items", WIRE_LIST_MAX);
	list.items = memory_alloc_array(r->memory, len, type->size);
	for (size_t i = 0; i < len; i++) {
		struct wire_where item = { .up = where, .index = i };

		if (read_object(r, type, json_array_get(value, i), &item,
				wire_item(type, list.items, i)) == -1)
			return -1;
	}
	*out = list;
	return 0;
}

static int
read_nested(struct reading *r, const struct wire_field *field, const json_t *value,
	    const struct wire_where *where, void *object)
{
	void *nested = memory_alloc(r->memory, field->object->size);

	if (read_object(r, field->object, value, where, nested) == -1)
		return -1;
	wire_set(field, object, &nested);
	return 0;
}

static int
read_field(struct reading *r, const struct wire_field *field, json_t *value,
	   const struct wire_where *where, void *object)
{
	struct wire_items items;

	if (json_is_null(value)) {
		wire_set_absent(field, object);
		return 0;
	}
	switch (field->type) {
	case WIRE_TEXT:
	case WIRE_INT64:
	case WIRE_OPT_INT64:
	case WIRE_BOOL:
	case WIRE_ENUM:
		return read_scalar(r, field, value, where, object);
	case WIRE_DATE:
		return read_date(r, field, value, where, object);
	case WIRE_MAP:
		return read_map(r, field, value, where, object);
	case WIRE_TEXT_LIST:
		return read_text_list(r, field, value, where, object);
	case WIRE_INT64_LIST:
		return read_numbers(r, field, value, where, object);
	case WIRE_OBJECT:
		return read_nested(r, field, value, where, object);
	case WIRE_OBJECT_LIST:
		if (read_items(r, field->object, value, where, &items) == -1)
			return -1;
		wire_set(field, object, &items);
		return 0;
	}
	return 0;
}

static int
read_object(struct reading *r, const struct wire_object *type, const json_t *value,
	    const struct wire_where *where, void *object)
{
	if (!json_is_object(value))
		return refuse_kind(r, where, value, "an object");
	wire_defaults(type, object);
	for (size_t i = 0; i < type->fields_len; i++) {
		const struct wire_field *field = &type->fields[i];
		json_t *member = json_object_get(value, field->name);
		struct wire_where member_where = { .up = where, .name = field->name };

		if (member != NULL && read_field(r, field, member, &member_where, object) == -1)
			return -1;
	}
	return 0;
}

int
doc_json_read(const struct wire_object *type, const char *text, size_t len, struct memory *memory,
	      void *object, struct err *err)
{
	struct reading r = { text, len, memory, err };
	json_t *root = doc_json_parse(text, len, err);
	int rc;

	if (root == NULL)
		return -1;
	rc = read_object(&r, type, root, NULL, object);
	json_decref(root);
	return rc == -1 ? -1 : wire_check(type, object, err);
}

int
doc_json_read_list(const struct wire_object *type, const char *text, size_t len,
		   struct memory *memory, struct wire_items *out, struct err *err)
{
	struct reading r = { text, len, memory, err };
	json_t *root = doc_json_parse(text, len, err);
	struct wire_items list = { NULL, 0 };
	int rc;

	if (root == NULL)
		return -1;
	rc = read_items(&r, type, root, NULL, &list);
	json_decref(root);
	for (size_t i = 0; i < list.len && rc == 0; i++)
		if ((rc = wire_check(type, wire_item(type, list.items, i), err)) == -1)
			(void)err_prefix(err, "[%zu]", i);
	if (rc == 0)
		*out = list;
	return rc;
}

static int
read_id(struct reading *r, const json_t *value, const struct wire_where *where, int64_t *out)
{
	const char *text;

	if (whole_number(r, value, out) && *out > 0)
		return 0;
	text = json_is_boolean(value) ? NULL : scalar_text(r, value);
	if (text == NULL)
		return refuse_kind(r, where, value, "the number of a job");
	if (num_int64(text, 1, INT64_MAX, out) == -1)
		return wire_refuse(where, r->err, "\"%.*s\" is not the number of a job",
				   WIRE_CUT(text, 40));
	return 0;
}

static int
read_ids(struct reading *r, const json_t *root, int64_t *ids)
{
	for (size_t i = 0; i < json_array_size(root); i++) {
		struct wire_where where = { .index = i };

		if (read_id(r, json_array_get(root, i), &where, &ids[i]) == -1)
			return -1;
	}
	return 0;
}

/* Those that are no plain array. */
static int
parse_ids(const char *text, size_t len, size_t max, struct memory *memory, int64_t **ids_out,
	  size_t *n_out, struct err *err)
{
	struct reading r = { text, len, memory, err };
	json_t *root = doc_json_parse(text, len, err);
	int rc = 0;

	if (root == NULL)
		return -1;
	*n_out = json_array_size(root);
	if (!json_is_array(root)) {
		rc = refuse_kind(&r, NULL, root, "an array of numbers");
	} else if (*n_out <= max) {
		*ids_out = memory_alloc_array(memory, *n_out, sizeof((*ids_out)[0]));
		rc = read_ids(&r, root, *ids_out);
	}
	json_decref(root);
	return rc;
}

int
doc_json_read_ids(const char *text, size_t len, size_t max, struct memory *memory,
		  int64_t **ids_out, size_t *n_out, struct err *err)
{
	int plain = doc_json_plain_ids(text, len, max, memory, ids_out, n_out, err);

	if (plain == -1 ||
	    (plain == 0 && parse_ids(text, len, max, memory, ids_out, n_out, err) == -1))
		return -1;
	if (*n_out > max)
		return err_set(err, ERR_TOO_LARGE, "%zu ids, at most %zu are taken at a time",
			       *n_out, max);
	return 0;
}
