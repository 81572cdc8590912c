/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/memory.h"
#include "model/value.h"
#include "store/flat_json.h"

static void
an_object_as_the_server_writes_it_becomes_a_map_sorted_by_key(void **state)
{
	struct text_map map = { NULL, 0 };
	struct pool pool;

	(void)state;
	pool_init(&pool);
	assert_int_equal(flat_json_read("{}", &pool.memory, &map), 0);
	assert_int_equal(map.len, 0);
	assert_int_equal(
	    flat_json_read(
		"{\"b\": \"1, 2}\", \"ä\": \"\", \"aa\": \"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f\","
		" \"n\": -1.5e10, \"t\": true, \"z\": null}",
		&pool.memory, &map),
	    0);
	assert_int_equal(map.len, 6);
	assert_string_equal(map.items[0].key, "aa");
	assert_string_equal(map.items[0].value, "\"\\\b\f\n\r\t\x01\x1f");
	assert_string_equal(map.items[1].key, "b");
	assert_string_equal(map.items[1].value, "1, 2}");
	assert_string_equal(text_map_get(&map, "n"), "-1.5e10");
	assert_string_equal(text_map_get(&map, "t"), "true");
	assert_null(text_map_get(&map, "z"));
	assert_string_equal(map.items[5].key, "ä");
	assert_string_equal(map.items[5].value, "");
	pool_free(&pool);
}

static void
a_secret_is_told_to_be_one_and_not_what_it_is(void **state)
{
	struct text_map map = { NULL, 0 };
	struct pool pool;

	(void)state;
	pool_init(&pool);
	assert_int_equal(
	    flat_json_read("{\"a\": {\"secret\": \"1:x\"}, \"b\": \"c\"}", &pool.memory, &map), 0);
	assert_int_equal(map.len, 2);
	assert_true(map.items[0].secret);
	assert_string_equal(map.items[0].value, SECRET_MASK);
	assert_false(map.items[1].secret);
	assert_string_equal(map.items[1].value, "c");
	assert_int_equal(
	    flat_json_read("{\"a\": {\"secret\": \"1\", \"b\": 1}}", &pool.memory, &map), -1);
	assert_int_equal(flat_json_read("{\"a\": {\"secret\": 1}}", &pool.memory, &map), -1);
	assert_int_equal(flat_json_read("{\"a\": {\"secret\": \"1\"", &pool.memory, &map), -1);
	pool_free(&pool);
}

static void
anything_else_is_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		"{",
		"}",
		"[]",
		"{\"",
		"{\"a",
		"{\"a\"",
		"{\"a\":1}",
		"{\"a\": ",
		"{\"a\": \"",
		"{\"a\": \"b\"",
		"{\"a\": \"b\"} ",
		"{\"a\": {}}",
		"{\"a\": []}",
		"{\"a\": \"\\x\"}",
		"{\"a\": \"\\u0000\"}",
		"{\"a\": \"\\u00",
		"{\"a\": \"\\u0041\"}",
		"{\"a\": \"\\",
		"{\"a\": 1,\"b\": 1}",
		"{a: 1}",
		"{\"a\": }",
		"{\"a\": \"b\", }",
		"{\"a\\",
	};
	struct text_map map;
	struct pool pool;

	(void)state;
	pool_init(&pool);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (flat_json_read(wrong[i], &pool.memory, &map) != -1)
			fail_msg("taken: %s", wrong[i]);
	pool_free(&pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_object_as_the_server_writes_it_becomes_a_map_sorted_by_key),
		cmocka_unit_test(a_secret_is_told_to_be_one_and_not_what_it_is),
		cmocka_unit_test(anything_else_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
