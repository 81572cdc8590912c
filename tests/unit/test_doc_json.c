/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "codec/doc_json.h"
#include "tests/lib/a_pool.h"
#include "tests/lib/a_thing.h"

static void
absent_members_keep_their_defaults(void **state)
{
	struct thing thing = a_thing_must_read("{}");

	(void)state;
	assert_null(thing.text);
	assert_int_equal(thing.number, 7);
	assert_false(thing.maybe.set);
	assert_true(thing.flag);
	assert_false(thing.date.set);
	assert_int_equal(thing.color, COLOR_NONE);
	assert_int_equal(thing.map.len, 0);
	assert_null(thing.one);
}

static void
null_makes_absent_what_can_be_absent(void **state)
{
	struct thing thing = a_thing_must_read(
	    "{\"text\":null,\"number\":null,\"maybe\":null,\"flag\":null,\"date\":null,"
	    "\"color\":null,\"map\":null,\"words\":null,\"one\":null,\"many\":null}");

	(void)state;
	assert_null(thing.text);
	assert_int_equal(thing.number, 7);
	assert_false(thing.maybe.set);
	assert_true(thing.flag);
	assert_int_equal(thing.words.len, 0);
	assert_int_equal(thing.many.len, 0);
}

static void
scalars_stand_for_texts(void **state)
{
	static const struct {
		const char *json, *text;
	} cases[] = {
		{ "{\"text\":0}", "0" },           { "{\"text\":-12}", "-12" },
		{ "{\"text\":true}", "true" },     { "{\"text\":false}", "false" },
		{ "{\"text\":1.5}", "1.5" },       { "{\"text\":\"\"}", "" },
		{ "{\"text\":\"\\u00e9\"}", "é" },
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(a_thing_must_read(cases[i].json).text, cases[i].text);
}

static void
texts_stand_for_numbers_booleans_and_dates(void **state)
{
	(void)state;
	assert_int_equal(a_thing_must_read("{\"number\":\"64\"}").number, 64);
	assert_int_equal(a_thing_must_read("{\"number\":\"-9223372036854775808\"}").number,
			 INT64_MIN);
	assert_int_equal(a_thing_must_read("{\"number\":\"\"}").number, 7);
	assert_int_equal(a_thing_must_read("{\"maybe\":\"3\"}").maybe.value, 3);
	assert_false(a_thing_must_read("{\"maybe\":\"\"}").maybe.set);
	assert_false(a_thing_must_read("{\"flag\":\"false\"}").flag);
	assert_false(a_thing_must_read("{\"flag\":0}").flag);
	assert_true(a_thing_must_read("{\"flag\":1}").flag);
	assert_true(a_thing_must_read("{\"date\":1}").date.set);
	assert_int_equal(a_thing_must_read("{\"date\":1767225600123}").date.us, 1767225600123000);
	assert_int_equal(a_thing_must_read("{\"date\":-1}").date.us, -1000);
	assert_int_equal(a_thing_must_read("{\"date\":\"2026-01-01T00:00:00.123Z\"}").date.us,
			 1767225600123000);
	assert_int_equal(a_thing_must_read("{\"date\":\"2026-01-01T02:00:00+02:00\"}").date.us,
			 1767225600000000);
	assert_false(a_thing_must_read("{\"date\":\"\"}").date.set);
}

static void
maps_are_read_in_each_of_their_forms(void **state)
{
	static const char *const forms[] = {
		"{\"map\":[{\"key\":\"a\",\"value\":\"1\"},{\"value\":2,\"key\":\"b\"}]}",
		"{\"map\":{\"a\":\"1\",\"b\":\"2\"}}",
		"{\"map\":{\"entry\":[{\"key\":\"a\",\"value\":1},{\"key\":\"b\",\"value\":\"2\","
		"\"more\":[]}]}}",
		"{\"map\":[{\"key\":\"a\",\"value\":\"0\"},{\"key\":\"b\",\"value\":\"2\"},"
		"{\"key\":\"a\",\"value\":\"1\"}]}",
	};
	(void)state;

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct thing thing = a_thing_must_read(forms[i]);

		assert_int_equal(thing.map.len, 2);
		assert_string_equal(text_map_get(&thing.map, "a"), "1");
		assert_string_equal(text_map_get(&thing.map, "b"), "2");
	}
	assert_int_equal(a_thing_must_read("{\"map\":[]}").map.len, 0);
	assert_int_equal(a_thing_must_read("{\"map\":{}}").map.len, 0);
	assert_int_equal(
	    a_thing_must_read("{\"map\":{\"entry\":{\"key\":\"a\",\"value\":1}}}").map.len, 1);
}

static void
a_scalar_stands_for_a_list_of_one_text(void **state)
{
	struct thing thing = a_thing_must_read("{\"words\":\"one\"}");

	(void)state;
	assert_int_equal(thing.words.len, 1);
	assert_string_equal(thing.words.items[0], "one");
	assert_int_equal(a_thing_must_read("{\"words\":[\"a\",1,true]}").words.len, 3);
}

static void
objects_are_read_inside_objects(void **state)
{
	struct thing thing = a_thing_must_read(
	    "{\"one\":{\"id\":5,\"x\":{\"y\":[]}},\"many\":[{\"id\":1},{\"name\":\"n\"}]}");

	(void)state;
	assert_int_equal(thing.one->id, 5);
	assert_int_equal(thing.many.len, 2);
	assert_int_equal(thing.many.items[0].id, 1);
	assert_string_equal(thing.many.items[1].name, "n");
}

static void
unknown_members_of_any_shape_are_ignored(void **state)
{
	struct thing thing = a_thing_must_read(
	    " {\"unknown\":{\"text\":1},\"Text\":\"no\",\"\":[[{}]],\"text\":\"yes\"}\n");

	(void)state;
	assert_string_equal(thing.text, "yes");
}

static void
wrong_types_are_refused_by_name(void **state)
{
	static const struct {
		const char *json, *says;
	} cases[] = {
		{ "{\"text\":{}}", "field \"text\": must be a plain value, not an object" },
		{ "{\"text\":[\"a\"]}", "field \"text\": must be a plain value, not an array" },
		{ "{\"number\":true}", "field \"number\": must be a whole number" },
		{ "{\"number\":1.5}", "field \"number\": \"1.5\" is not a whole number" },
		{ "{\"number\":\"x\"}", "\"x\" is not a whole number" },
		{ "{\"number\":9223372036854775808}",
		  "field \"number\": \"9223372036854775808\" is not a whole number" },
		{ "{\"number\":1e999}", "field \"number\": \"1e999\" is not a whole number" },
		{ "{\"maybe\":\"5.0\"}", "\"5.0\" is not a whole number" },
		{ "{\"flag\":\"yes\"}", "field \"flag\": \"yes\" is neither true nor false" },
		{ "{\"flag\":2}", "neither true nor false" },
		{ "{\"date\":\"31/12/2030\"}", "field \"date\": \"31/12/2030\" is not a date" },
		{ "{\"date\":true}", "field \"date\": must be a date" },
		{ "{\"date\":1.5}", "field \"date\": must be a date" },
		{ "{\"date\":9223372036854775807}", "outside the years 0 to 9999" },
		{ "{\"color\":\"GREEN\"}", "field \"color\": \"GREEN\" is not one of: RED BLUE" },
		{ "{\"color\":\"red\"}", "not one of" },
		{ "{\"map\":\"a\"}", "field \"map\": must be an array of objects" },
		{ "{\"map\":[1]}", "field \"map[0]\": must be an object with key and value" },
		{ "{\"map\":[{\"key\":\"a\",\"value\":[]}]}",
		  "field \"map[0].value\": must be a text, not an array" },
		{ "{\"map\":[{\"value\":\"a\"}]}", "field \"map[0].key\": is missing" },
		{ "{\"map\":[{\"key\":\"a\",\"value\":1},{\"key\":{}}]}", "\"map[1].key\"" },
		{ "{\"map\":{\"a\":{\"b\":1}}}", "field \"map.a\": must be a text" },
		{ "{\"words\":{}}", "field \"words\": must be an array of texts" },
		{ "{\"words\":[\"a\",null]}", "field \"words[1]\": must be a text, not null" },
		{ "{\"one\":3}", "field \"one\": must be an object, not a number" },
		{ "{\"many\":{}}", "field \"many\": must be an array of objects" },
		{ "{\"many\":[{},{\"id\":\"x\"}]}", "field \"many[1].id\"" },
		{ "[]", "document: must be an object, not an array" },
		{ "3", "document: must be an object, not a number" },
		{ "null", "document: must be an object, not null" },
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		a_thing_must_refuse(cases[i].json, cases[i].says);
}

static void
limits_are_checked_in_characters(void **state)
{
	(void)state;
	assert_string_equal(a_thing_must_read("{\"text\":\"éééééééééé\"}").text, "éééééééééé");
	a_thing_must_refuse("{\"text\":\"ééééééééééé\"}",
			    "field \"text\": 11 characters, at most 10 are allowed");
	a_thing_must_refuse("{\"maybe\":11}", "field \"maybe\": 11 is outside 0 to 10");
	a_thing_must_refuse("{\"maybe\":-1}", "field \"maybe\": -1 is outside 0 to 10");
	a_thing_must_refuse("{\"words\":[\"abcd\",\"abcde\"]}", "field \"words[1]\": 5 characters");
	a_thing_must_refuse("{\"one\":{\"name\":\"abcdef\"}}", "field \"one.name\": 6 characters");
	a_thing_must_refuse("{\"many\":[{\"name\":\"abcdef\"}]}", "field \"many[0].name\"");
	a_thing_must_refuse("{\"map\":{\"\":\"x\"}}",
			    "parameter key \"\" must have 1 to 50 characters");
	a_thing_must_refuse(
	    "{\"map\":{\"a\":\"\"}}",
	    "field \"map\": value of parameter \"a\" must have 1 to 1000 characters");
	a_thing_must_refuse("{\"map\":{\"a\":null}}",
			    "value of parameter \"a\" must have 1 to 1000");
	a_thing_must_refuse("{\"map\":[{\"key\":\"a\"}]}",
			    "value of parameter \"a\" must have 1 to 1000");
}

static void
text_that_is_no_json_is_refused_with_its_place(void **state)
{
	static const struct {
		const char *json, *says;
	} cases[] = {
		{ "", "not JSON: line 1 column 0" },
		{ "{", "not JSON: line 1" },
		{ "{\"text\":\"a\"", "not JSON: line 1" },
		{ "{\n\n\"text\":}", "not JSON: line 3" },
		{ "{\"text\":\"a\"} x", "not JSON: line 1" },
		{ "{\"text\":'a'}", "not JSON" },
		{ "{\"text\":\"a\",}", "not JSON" },
		{ "{\"text\":nan}", "not JSON" },
		{ "{\"text\":\"a\",\"text\":\"b\"}", "duplicate" },
		{ "{\"text\":\"\\u0000\"}", "not JSON" },
		{ "{\"a\\u0000b\":1}", "not JSON" },
		{ "{\"text\":\"\xff\"}", "not JSON" },
		{ "{\"text\":\"\xc0\xaf\"}", "not JSON" },
		{ "{\"text\":\"\xed\xa0\x80\"}", "not JSON" },
		{ "{\"text\":\"\\ud800\"}", "not JSON" },
		{ "{\"text\":\"a\tb\"}", "not JSON" },
		{ "\xef\xbb\xbf{}", "not JSON" },
		{ "applicationName=x", "not JSON" },
	};
	struct err err = ERR_INIT;
	struct thing thing;
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		a_thing_must_refuse(cases[i].json, cases[i].says);
	assert_int_equal(doc_json_read(&thing_doc, "{\0}", 3, &a_pool.memory, &thing, &err), -1);
	assert_int_equal(err.kind, ERR_INVALID);
	assert_int_equal(
	    doc_json_read(&thing_doc, "{\"text\":1.5\0}", 13, &a_pool.memory, &thing, &err), -1);
	assert_string_equal(err.text, "document is not JSON: byte 12 is NUL");
}

static void
deep_nesting_is_refused_before_it_is_parsed(void **state)
{
	static const char open[] = "{\"a\":";
	struct buf json = BUF_INIT(10u * 1024 * 1024);
	struct err err = ERR_INIT;
	struct thing thing;
	(void)state;

	for (int i = 0; i < 1000000; i++)
		buf_append(&json, open, strlen(open));
	assert_int_equal(
	    doc_json_read(&thing_doc, buf_text(&json), json.len, &a_pool.memory, &thing, &err), -1);
	assert_string_equal(err.text, "document is nested deeper than 16 levels");
	buf_free(&json);
	/* brackets in texts are no nesting */
	(void)a_thing_must_read("{\"x\":\"[[[[[[[[[[[[[[[[[[[[\\\"[[[[[[[[[[[[[[[[\"}");
	(void)a_thing_must_read("{\"x\":[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]}");
	a_thing_must_refuse("{\"x\":[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]}", "nested deeper");
}

static void
a_map_has_at_most_1000_entries(void **state)
{
	struct buf json = BUF_INIT(10u * 1024 * 1024);
	struct err err = ERR_INIT;
	struct thing thing;
	(void)state;

	buf_puts(&json, "{\"map\":{\"k\":\"v\"");
	for (int i = 1; i < 1000; i++)
		buf_printf(&json, ",\"k%d\":\"v\"", i);
	buf_puts(&json, "}}");
	assert_int_equal(a_thing_must_read(buf_text(&json)).map.len, 1000);
	json.len -= 2;
	buf_puts(&json, ",\"one\":\"more\"}}");
	assert_int_equal(
	    doc_json_read(&thing_doc, buf_text(&json), json.len, &a_pool.memory, &thing, &err), -1);
	assert_string_equal(err.text, "field \"map\": more than 1000 entries");
	buf_free(&json);
}

static char *
written(const struct thing *thing, bool dates_as_text)
{
	struct doc_json_style style = { .dates_as_text = dates_as_text };
	struct buf out = BUF_INIT(100000);
	struct err err = ERR_INIT;

	doc_json_write(&thing_doc, thing, &style, &out);
	assert_int_equal(buf_check(&out, &err), 0);
	return buf_take(&out);
}

static void
every_member_is_written_and_null_when_absent(void **state)
{
	struct thing thing = { .number = 0 };
	char *json = written(&thing, false);

	(void)state;
	assert_string_equal(json, "{\"text\":null,\"number\":0,\"maybe\":null,\"flag\":false,"
				  "\"date\":null,\"color\":null,\"map\":[],\"words\":[],"
				  "\"one\":null,\"many\":[]}");
	free(json);
}

static void
what_is_written_reads_back_the_same(void **state)
{
	static const char full[] =
	    "{\"text\":\"a\\\"\\\\/é\",\"number\":-5,\"maybe\":3,\"flag\":true,"
	    "\"date\":1767225600123,\"color\":\"BLUE\","
	    "\"map\":[{\"key\":\"k\",\"value\":\"v\"}],\"words\":[\"w\",\"x\"],"
	    "\"one\":{\"id\":1,\"name\":null},\"many\":[{\"id\":2,\"name\":\"n\"}]}";
	struct thing thing = a_thing_must_read(full);
	char *json = written(&thing, false);

	(void)state;
	assert_string_equal(json, full);
	free(json);
	json = written(&thing, true);
	assert_non_null(strstr(json, "\"date\":\"2026-01-01T00:00:00.123Z\""));
	thing = a_thing_must_read(json);
	assert_int_equal(thing.date.us, 1767225600123000);
	free(json);
}

static void
texts_are_escaped_as_json_wants(void **state)
{
	struct buf out = BUF_INIT(1000);
	(void)state;

	doc_json_write_text("\"\\\b\t\n\v\f\r\x01\x1f\x7f/<é\xe2\x80\xa8", &out);
	assert_string_equal(buf_text(&out), "\"\\\"\\\\\\b\\t\\n\\u000B\\f\\r\\u0001\\u001F"
					    "\\u007F/<é\xe2\x80\xa8\"");
	buf_free(&out);
	doc_json_write_text("a\xff\xc3", &out);
	assert_string_equal(buf_text(&out), "\"a\\uFFFD\\uFFFD\"");
	buf_free(&out);
}

static void
dates_before_1970_round_down_in_both_forms(void **state)
{
	struct thing thing = { .date = { true, -1 } };
	char *json = written(&thing, false);

	(void)state;
	assert_non_null(strstr(json, "\"date\":-1,"));
	free(json);
	json = written(&thing, true);
	assert_non_null(strstr(json, "\"date\":\"1969-12-31T23:59:59.999Z\""));
	free(json);
}

static void
a_full_buffer_is_an_error_not_a_cut_document(void **state)
{
	struct thing thing = { .text = "0123456789" };
	struct doc_json_style style = { false };
	struct buf out = BUF_INIT(20);
	struct err err = ERR_INIT;
	(void)state;

	doc_json_write(&thing_doc, &thing, &style, &out);
	assert_int_equal(buf_check(&out, &err), -1);
	assert_int_equal(err.kind, ERR_TOO_LARGE);
	buf_free(&out);
}

static void
lists_are_plain_arrays_at_the_root(void **state)
{
	static const char json[] = "[{\"id\":1,\"name\":null},{\"id\":2,\"name\":\"b\"}]";
	struct doc_json_style style = { false };
	struct wire_items list;
	struct err err = ERR_INIT;
	struct buf out = BUF_INIT(1000);
	(void)state;

	assert_int_equal(
	    doc_json_read_list(&inner_doc, json, strlen(json), &a_pool.memory, &list, &err), 0);
	assert_int_equal(list.len, 2);
	doc_json_write_list(&inner_doc, list.items, list.len, &style, &out);
	assert_string_equal(buf_text(&out), json);
	buf_free(&out);
	assert_int_equal(doc_json_read_list(&inner_doc, "[]", 2, &a_pool.memory, &list, &err), 0);
	assert_int_equal(list.len, 0);
	assert_int_equal(doc_json_read_list(&inner_doc, "{}", 2, &a_pool.memory, &list, &err), -1);
	assert_string_equal(err.text, "document: must be an array of objects, not an object");
	assert_int_equal(doc_json_read_list(&inner_doc, "[{},3]", 6, &a_pool.memory, &list, &err),
			 -1);
	assert_string_equal(err.text, "field \"[1]\": must be an object, not a number");
}

#define T(name) cmocka_unit_test_setup_teardown(name, a_pool_set_up, a_pool_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(absent_members_keep_their_defaults),
		T(null_makes_absent_what_can_be_absent),
		T(scalars_stand_for_texts),
		T(texts_stand_for_numbers_booleans_and_dates),
		T(maps_are_read_in_each_of_their_forms),
		T(a_scalar_stands_for_a_list_of_one_text),
		T(objects_are_read_inside_objects),
		T(unknown_members_of_any_shape_are_ignored),
		T(wrong_types_are_refused_by_name),
		T(limits_are_checked_in_characters),
		T(text_that_is_no_json_is_refused_with_its_place),
		T(deep_nesting_is_refused_before_it_is_parsed),
		T(a_map_has_at_most_1000_entries),
		T(every_member_is_written_and_null_when_absent),
		T(what_is_written_reads_back_the_same),
		T(texts_are_escaped_as_json_wants),
		T(dates_before_1970_round_down_in_both_forms),
		T(a_full_buffer_is_an_error_not_a_cut_document),
		T(lists_are_plain_arrays_at_the_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
