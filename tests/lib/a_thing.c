/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/a_thing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/str.h"
#include "codec/doc_json.h"
#include "tests/lib/a_pool.h"

static const char *const color_names[] = { "", "RED", "BLUE", NULL };
static const struct wire_field inner_fields[] = {
	WIRE_ROW_INT64(struct inner, id, "id", ""),
	WIRE_ROW_TEXT(struct inner, name, "name", OPTIONAL, 5, ""),
};
const struct wire_object inner_doc = {
	.name = "inner",
	.size = sizeof(struct inner),
	.fields = inner_fields,
	.fields_len = 2,
};
static const struct wire_field thing_fields[] = {
	WIRE_ROW_TEXT(struct thing, text, "text", OPTIONAL, 10, ""),
	WIRE_ROW_INT64(struct thing, number, "number", ""),
	WIRE_ROW_OPT_INT64(struct thing, maybe, "maybe", 0, 10, ""),
	WIRE_ROW_BOOL(struct thing, flag, "flag", ""),
	WIRE_ROW_DATE(struct thing, date, "date", ""),
	WIRE_ROW_ENUM(struct thing, color, "color", OPTIONAL, color_names, ""),
	WIRE_ROW_MAP(struct thing, map, "map", ""),
	WIRE_ROW_TEXT_LIST(struct thing, words, "words", "word", 4, ""),
	WIRE_ROW_OBJECT(struct thing, one, "one", struct inner, &inner_doc, ""),
	WIRE_ROW_OBJECT_LIST(struct thing, many, "many", "m", struct inner_list, &inner_doc, ""),
};
static const struct thing thing_defaults = { .number = 7, .flag = true };
const struct wire_object thing_doc = {
	.name = "thing",
	.size = sizeof(struct thing),
	.defaults = &thing_defaults,
	.fields = thing_fields,
	.fields_len = sizeof(thing_fields) / sizeof(thing_fields[0]),
};

int
a_thing_read(const char *json, struct thing *out, struct err *err)
{
	return doc_json_read(&thing_doc, json, strlen(json), &a_pool.memory, out, err);
}

struct thing
a_thing_must_read(const char *json)
{
	struct err err = ERR_INIT;
	struct thing thing;

	print_message("reading: %.100s\n", json);
	if (a_thing_read(json, &thing, &err) == -1)
		fail_msg("%s", err.text);
	return thing;
}

void
a_thing_must_refuse(const char *json, const char *says)
{
	struct err err = ERR_INIT;
	struct thing thing;

	print_message("refusing: %.100s\n", json);
	assert_int_equal(a_thing_read(json, &thing, &err), -1);
	assert_int_equal(err.kind, ERR_INVALID);
	assert_true(str_utf8_valid(err.text, strlen(err.text)));
	if (strstr(err.text, says) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", err.text, says);
}
