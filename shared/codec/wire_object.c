/* SPDX-License-Identifier: Apache-2.0 */
/* codec/wire_object.c: members of structs by their rows.  Values go through memcpy(): a row knows
 * the offset, the compiler checked the type where the row was written. */
#include "codec/wire_object.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/num.h"
#include "base/str.h"
#include "codec/wire_where.h"

#define ENUM_CHOICES_BYTES_MAX 200

static const void *
at(const struct wire_field *field, const void *object)
{
	return (const char *)object + field->offset;
}

#define MEMBER(type_, field, object)                          \
	type_ value;                                          \
	memcpy(&value, at((field), (object)), sizeof(value)); \
	return value

const char *
wire_text(const struct wire_field *field, const void *object)
{
	assert(field->type == WIRE_TEXT);
	MEMBER(const char *, field, object);
}

int64_t
wire_int64(const struct wire_field *field, const void *object)
{
	assert(field->type == WIRE_INT64);
	MEMBER(int64_t, field, object);
}

struct opt_int64
wire_opt_int64(const struct wire_field *field, const void *object)
{
	assert(field->type == WIRE_OPT_INT64);
	MEMBER(struct opt_int64, field, object);
}

bool
wire_bool(const struct wire_field *field, const void *object)
{
	assert(field->type == WIRE_BOOL);
	MEMBER(bool, field, object);
}

struct opt_time
wire_date(const struct wire_field *field, const void *object)
{
	assert(field->type == WIRE_DATE);
	MEMBER(struct opt_time, field, object);
}

const char *
wire_enum_name(const struct wire_field *field, const void *object)
{
	int value;

	assert(field->type == WIRE_ENUM);
	memcpy(&value, at(field, object), sizeof(value));
	return value == 0 ? NULL : field->names[value];
}

struct text_map
wire_map(const struct wire_field *field, const void *object)
{
	assert(field->type == WIRE_MAP);
	MEMBER(struct text_map, field, object);
}

struct text_list
wire_text_list(const struct wire_field *field, const void *object)
{
	assert(field->type == WIRE_TEXT_LIST);
	MEMBER(struct text_list, field, object);
}

struct int64_list
wire_int64_list(const struct wire_field *field, const void *object)
{
	assert(field->type == WIRE_INT64_LIST);
	MEMBER(struct int64_list, field, object);
}

const void *
wire_nested(const struct wire_field *field, const void *object)
{
	assert(field->type == WIRE_OBJECT);
	MEMBER(const void *, field, object);
}

struct wire_items
wire_items(const struct wire_field *field, const void *object)
{
	assert(field->type == WIRE_OBJECT_LIST);
	MEMBER(struct wire_items, field, object);
}

void *
wire_item(const struct wire_object *type, void *items, size_t i)
{
	return (char *)items + i * type->size;
}

static size_t
size_of(enum wire_type type)
{
	switch (type) {
	case WIRE_TEXT:
		return sizeof(const char *);
	case WIRE_INT64:
		return sizeof(int64_t);
	case WIRE_OPT_INT64:
		return sizeof(struct opt_int64);
	case WIRE_BOOL:
		return sizeof(bool);
	case WIRE_DATE:
		return sizeof(struct opt_time);
	case WIRE_ENUM:
		return sizeof(int);
	case WIRE_MAP:
		return sizeof(struct text_map);
	case WIRE_TEXT_LIST:
		return sizeof(struct text_list);
	case WIRE_INT64_LIST:
		return sizeof(struct int64_list);
	case WIRE_OBJECT:
		return sizeof(const void *);
	case WIRE_OBJECT_LIST:
		return sizeof(struct wire_items);
	}
	return 0;
}

void
wire_set(const struct wire_field *field, void *object, const void *value)
{
	memcpy((char *)object + field->offset, value, size_of(field->type));
}

void
wire_set_absent(const struct wire_field *field, void *object)
{
	if (field->type != WIRE_INT64 && field->type != WIRE_BOOL)
		memset((char *)object + field->offset, 0, size_of(field->type));
}

void
wire_defaults(const struct wire_object *type, void *object)
{
	if (type->defaults != NULL)
		memcpy(object, type->defaults, type->size);
	else
		memset(object, 0, type->size);
}

static int
set_enum(const struct wire_field *field, void *object, const char *text,
	 const struct wire_where *where, struct err *err)
{
	struct buf choices = BUF_INIT(ENUM_CHOICES_BYTES_MAX);

	for (int value = 1; field->names[value] != NULL; value++) {
		if (strcmp(field->names[value], text) == 0) {
			buf_free(&choices);
			wire_set(field, object, &value);
			return 0;
		}
		buf_printf(&choices, " %s", field->names[value]);
	}
	(void)wire_refuse(where, err, "\"%.*s\" is not one of:%s", WIRE_CUT(text, 40),
			  buf_text(&choices));
	buf_free(&choices);
	return -1;
}

/* "31/12/2030", as the console of JQM 2.2 sends what is typed, as "2030-12-31". */
static bool
year_first(const char *text, char out[sizeof("2030-12-31")])
{
	static const char form[] = "00/00/0000";

	for (size_t i = 0; i < sizeof(form); i++)
		if (form[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
			return false;
	(void)snprintf(out, sizeof("2030-12-31"), "%.4s-%.2s-%.2s", text + 6, text + 3, text);
	return true;
}

static int
set_date(const struct wire_field *field, void *object, const char *text,
	 const struct wire_where *where, struct err *err)
{
	struct opt_time date = { .set = true };
	char turned[sizeof("2030-12-31")];

	if (field->loose && year_first(text, turned))
		text = turned;
	if (clock_parse(text, &date.us) == -1)
		return wire_refuse(where, err, "\"%.*s\" is not a date like 2026-01-31T10:20:30Z",
				   WIRE_CUT(text, 40));
	wire_set(field, object, &date);
	return 0;
}

static int
set_number(const struct wire_field *field, void *object, const char *text,
	   const struct wire_where *where, struct err *err)
{
	struct opt_int64 number = { .set = true };

	if (num_int64(text, INT64_MIN, INT64_MAX, &number.value) == -1)
		return wire_refuse(where, err, "\"%.*s\" is not a whole number",
				   WIRE_CUT(text, 40));
	if (field->type == WIRE_INT64)
		wire_set(field, object, &number.value);
	else
		wire_set(field, object, &number);
	return 0;
}

static int
set_bool(const struct wire_field *field, void *object, const char *text,
	 const struct wire_where *where, struct err *err)
{
	bool value = strcmp(text, "true") == 0 || strcmp(text, "1") == 0;

	if (!value && strcmp(text, "false") != 0 && strcmp(text, "0") != 0)
		return wire_refuse(where, err, "\"%.*s\" is neither true nor false",
				   WIRE_CUT(text, 40));
	wire_set(field, object, &value);
	return 0;
}

int
wire_set_from_text(const struct wire_field *field, void *object, const char *text,
		   const struct wire_where *where, struct err *err)
{
	if (field->type == WIRE_TEXT) {
		wire_set(field, object, &text);
		return 0;
	}
	if (text[0] == '\0') {
		wire_set_absent(field, object);
		return 0;
	}
	switch (field->type) {
	case WIRE_INT64:
	case WIRE_OPT_INT64:
		return set_number(field, object, text, where, err);
	case WIRE_BOOL:
		return set_bool(field, object, text, where, err);
	case WIRE_DATE:
		return set_date(field, object, text, where, err);
	case WIRE_ENUM:
		return set_enum(field, object, text, where, err);
	default:
		return wire_refuse(where, err, "cannot be a plain text");
	}
}

const struct wire_field *
wire_field_named(const struct wire_object *type, const char *name)
{
	for (size_t i = 0; i < type->fields_len; i++)
		if (strcmp(type->fields[i].name, name) == 0)
			return &type->fields[i];
	return NULL;
}
