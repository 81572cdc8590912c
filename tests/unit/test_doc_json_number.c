/* SPDX-License-Identifier: Apache-2.0 */
/* codec/doc_json_number.c, doc_json_ids.c: numbers as they were written, and a million of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/str.h"
#include "codec/doc_json.h"
#include "tests/lib/a_pool.h"
#include "tests/lib/a_thing.h"

static void
a_number_for_a_text_is_the_text_as_it_was_written(void **state)
{
	static const char *const numbers[] = { "1.50",
					       "1e5",
					       "1E+5",
					       "-0",
					       "-0.0",
					       "0",
					       "0e0",
					       "-1e-7",
					       "12.0",
					       "100.0",
					       "1E400",
					       "-1E400",
					       "123456789.123456789",
					       "12345678901234567890",
					       "9223372036854775807",
					       "9223372036854775808",
					       "-9223372036854775809",
					       "1234567",
					       "-1" };
	char json[400];
	(void)state;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct thing thing;

		(void)snprintf(json, sizeof(json),
			       "{\"x\":[1.0, %s],\"words\":[%.4s ,2.50],\"map\":["
			       "{\"key\":\"\\\"1.0\",\"value\":\t%s\n},{\"key\":%s,\"value\":-0},"
			       "{\"key\":\"b\",\"value\":\"1.0\\\\\"}],\"text\":%.10s}",
			       numbers[i], i < 7 ? numbers[i] : "1e2", numbers[i], numbers[i],
			       i < 12 ? numbers[i] : "1e2");
		thing = a_thing_must_read(json);
		assert_string_equal(thing.text, i < 12 ? numbers[i] : "1e2");
		assert_string_equal(thing.words.items[0], i < 7 ? numbers[i] : "1e2");
		assert_string_equal(thing.words.items[1], "2.50");
		assert_string_equal(text_map_get(&thing.map, "\"1.0"), numbers[i]);
		assert_string_equal(text_map_get(&thing.map, numbers[i]), "-0");
		assert_string_equal(text_map_get(&thing.map, "b"), "1.0\\");
	}
}

static void
a_number_that_is_whole_may_be_written_with_a_fraction(void **state)
{
	struct thing thing =
	    a_thing_must_read("{\"number\":1e5,\"maybe\":5.0,\"date\":10e2,\"flag\":1.0}");

	(void)state;
	assert_int_equal(thing.number, 100000);
	assert_int_equal(thing.maybe.value, 5);
	assert_int_equal(thing.date.us, 1000000);
	assert_true(thing.flag);
	assert_int_equal(a_thing_must_read("{\"number\":-0,\"date\":-0}").number, 0);
	a_thing_must_refuse("{\"number\":1e18}",
			    "field \"number\": \"1e18\" is not a whole number");
}

static void
what_is_no_json_keeps_its_place_behind_such_numbers(void **state)
{
	(void)state;
	a_thing_must_refuse("{\"text\":1.5,\"x\":[0.5,1e5],\n\"y\":1.50 1.500}",
			    "line 2 column 14: '}' expected near '1.500'");
	a_thing_must_refuse("{\"text\":1e400,\n\"y\":1.50 x}", "not JSON: line 2");
	a_thing_must_refuse("{\"text\":01.5}", "not JSON: line 1");
	a_thing_must_refuse("{\"text\":1.5-0}", "not JSON: line 1");
	a_thing_must_refuse("{\"text\":1.}", "not JSON: line 1");
	a_thing_must_refuse("{\"text\":.5}", "not JSON: line 1");
	a_thing_must_refuse("{\"text\":1e}", "not JSON: line 1");
	a_thing_must_refuse("{\"text\":+1.5}", "not JSON: line 1");
	a_thing_must_refuse("{\"text\":true1.5}", "not JSON: line 1");
	a_thing_must_refuse("{\"text\":1.5", "not JSON: line 1");
	a_thing_must_refuse("{1.5:1}", "not JSON: line 1");
}

static void
numbers_of_jobs_are_read_in_every_form_and_wrong_ones_named(void **state)
{
	static const struct {
		const char *json, *says; /* NULL: 1, 22 and 9223372036854775807 */
	} cases[] = {
		{ "[1,22,9223372036854775807]", NULL },
		{ " [ \"1\" ,\n22,\t\"9223372036854775807\" ] ", NULL },
		{ "[1.0,\"2\\u0032\",9223372036854775807]", NULL },
		{ "[1,22,9223372036854775808]", "field \"[2]\": \"9223372036854775808\" is not" },
		{ "[1,0]", "field \"[1]\": \"0\" is not the number of a job" },
		{ "[1,-5]", "field \"[1]\": \"-5\" is not" },
		{ "[1,01]", "not JSON" },
		{ "[1,]", "not JSON" },
		{ "[1 2]", "not JSON" },
		{ "[1]]", "not JSON" },
		{ "[1", "not JSON" },
		{ "[\"1]", "not JSON" },
		{ "[1,22,3,4]", "4 ids, at most 3 are taken at a time" },
		{ "[1,{}]", "field \"[1]\": must be the number of a job, not an object" },
	};
	struct err err = ERR_INIT;
	int64_t *ids;
	size_t n;
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *json = cases[i].json;
		int rc = doc_json_read_ids(json, strlen(json), 3, &a_pool.memory, &ids, &n, &err);

		print_message("ids: %s\n", json);
		if (cases[i].says != NULL) {
			assert_int_equal(rc, -1);
			assert_non_null(strstr(err.text, cases[i].says));
			continue;
		}
		assert_int_equal(rc, 0);
		assert_int_equal(n, 3);
		assert_true(ids[0] == 1 && ids[1] == 22 && ids[2] == INT64_MAX);
	}
	assert_int_equal(doc_json_read_ids("[]", 2, 3, &a_pool.memory, &ids, &n, &err), 0);
	assert_int_equal(n, 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, a_pool_set_up, a_pool_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_number_for_a_text_is_the_text_as_it_was_written),
		T(a_number_that_is_whole_may_be_written_with_a_fraction),
		T(what_is_no_json_keeps_its_place_behind_such_numbers),
		T(numbers_of_jobs_are_read_in_every_form_and_wrong_ones_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
