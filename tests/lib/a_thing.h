/* SPDX-License-Identifier: Apache-2.0 */
/* lib/a_thing.h: an object with a member of every type, for tests of codecs; what is read lies in a_pool. */
#ifndef TESTS_LIB_A_THING_H
#define TESTS_LIB_A_THING_H

#include "codec/wire_object.h"

struct err;

struct inner {
	int64_t id;
	const char *name;
};
struct inner_list {
	struct inner *items;
	size_t len;
};
enum color { COLOR_NONE, COLOR_RED, COLOR_BLUE };
struct thing {
	const char *text;
	int64_t number;
	struct opt_int64 maybe;
	bool flag;
	struct opt_time date;
	enum color color;
	struct text_map map;
	struct text_list words;
	const struct inner *one;
	struct inner_list many;
};

extern const struct wire_object inner_doc, thing_doc;

/* From JSON: 0, or -1 with err. */
int a_thing_read(const char *json, struct thing *out, struct err *err);
/* The same, and any other outcome fails the test: says stands in the text of an ERR_INVALID. */
struct thing a_thing_must_read(const char *json);
void a_thing_must_refuse(const char *json, const char *says);

#endif
