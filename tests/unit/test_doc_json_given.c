/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "codec/doc_json_given.h"
#include "codec/docs.h"
#include "model/admin.h"
#include "model/memory.h"

/* json, read and written again, is want. */
static void
assert_becomes(const struct wire_object *type, const char *json, bool is_list, const char *want)
{
	struct buf out = BUF_INIT(100000);
	struct err err = ERR_INIT;
	struct doc_given *given;
	struct wire_items items;
	struct pool pool;

	print_message("%s\n", json);
	pool_init(&pool);
	if (doc_json_given_read(type, json, strlen(json), is_list, &pool.memory, &items, &given,
				&err) == -1)
		fail_msg("%s", err.text);
	doc_json_given_write(type, &items, given, is_list, &out);
	assert_string_equal(buf_text(&out), want);
	buf_free(&out);
	pool_free(&pool);
}

static void
only_what_was_said_is_written(void **state)
{
	(void)state;
	assert_becomes(&admin_queue_doc, "{}", false, "{}");
	assert_becomes(&admin_queue_doc, "{\"name\":\"a\",\"unknown\":{\"x\":[1]}}", false,
		       "{\"name\":\"a\"}");
	assert_becomes(&admin_queue_doc, "{\"description\":\"d\",\"id\":7}", false,
		       "{\"id\":7,\"description\":\"d\"}");
	assert_becomes(&admin_queue_doc, "[]", true, "[]");
	assert_becomes(&admin_queue_doc, "[{},{\"id\":1}]", true, "[{},{\"id\":1}]");
}

static void
null_is_said_but_of_flags(void **state)
{
	(void)state;
	assert_becomes(&admin_queue_doc,
		       "{\"id\":null,\"name\":null,\"ageingSeconds\":null,\"defaultQueue\":null}",
		       false, "{\"id\":null,\"name\":null,\"ageingSeconds\":null}");
	assert_becomes(&admin_definition_doc,
		       "{\"schedules\":null,\"parameters\":null,\"classLoaderId\":\"\"}", false,
		       "{\"classLoaderId\":null,\"schedules\":null,\"parameters\":null}");
	assert_becomes(&admin_user_doc, "{\"roles\":null,\"expirationDate\":null}", false,
		       "{\"expirationDate\":null,\"roles\":null}");
}

static void
an_empty_text_for_a_number_is_null(void **state)
{
	(void)state;
	assert_becomes(&admin_queue_doc, "{\"id\":\"\",\"ageingSeconds\":\"\"}", false,
		       "{\"id\":null,\"ageingSeconds\":null}");
	assert_becomes(&admin_definition_doc, "{\"schedules\":[{\"id\":\"\",\"queue\":\"\"}]}",
		       false, "{\"schedules\":[{\"id\":null,\"queue\":null}]}");
}

static void
the_many_forms_of_a_value_become_one(void **state)
{
	(void)state;
	assert_becomes(&admin_queue_doc, "{\"id\":\"3\",\"name\":5,\"defaultQueue\":\"true\"}",
		       false, "{\"id\":3,\"name\":\"5\",\"defaultQueue\":true}");
	assert_becomes(&admin_user_doc, "{\"expirationDate\":\"1970-01-01T00:00:01.5Z\"}", false,
		       "{\"expirationDate\":1500}");
	assert_becomes(&admin_user_doc, "{\"roles\":[1,\"2\"]}", false, "{\"roles\":[1,2]}");
	assert_becomes(&admin_role_doc, "{\"permissions\":\"a:b\"}", false,
		       "{\"permissions\":[\"a:b\"]}");
	assert_becomes(&admin_resource_doc, "{\"parameters\":{\"a\":1,\"b\":null}}", false,
		       "{\"parameters\":[{\"key\":\"a\",\"value\":\"1\"},{\"key\":\"b\",\"value\":"
		       "null}]}");
}

static void
what_is_within_is_written_by_the_same_rule(void **state)
{
	(void)state;
	assert_becomes(&admin_definition_doc,
		       "{\"schedules\":[{\"cronExpression\":\"* * * * *\",\"enabled\":false},{}]}",
		       false,
		       "{\"schedules\":[{\"cronExpression\":\"* * * * *\",\"enabled\":false},{}]}");
	assert_becomes(&admin_definition_doc, "{\"schedules\":[]}", false, "{\"schedules\":[]}");
}

static void
what_is_wrong_is_refused_by_name(void **state)
{
	static const struct {
		const struct wire_object *type;
		const char *json, *says;
		bool is_list;
	} cases[] = {
		{ &admin_user_doc, "{\"roles\":5}", "field \"roles\": must be an array of numbers",
		  false },
		{ &admin_user_doc, "{\"roles\":[1,\"x\"]}", "field \"roles[1]\": must be a whole",
		  false },
		{ &admin_user_doc, "{\"roles\":[1.5]}", "field \"roles[0]\": must be a whole",
		  false },
		{ &admin_user_doc, "{\"roles\":[null]}", "field \"roles[0]\": must be a whole",
		  false },
		{ &admin_definition_doc, "{\"retryExitCodes\":[0]}",
		  "field \"retryExitCodes[0]\": 0 is outside 1 to 255", false },
		{ &admin_definition_doc, "{\"schedules\":[{\"priority\":11}]}",
		  "field \"schedules[0].priority\": 11 is outside 0 to 10", false },
		{ &admin_queue_doc, "{}", "must be an array of objects", true },
		{ &admin_queue_doc, "[]", "must be an object", false },
		{ &admin_queue_doc, "[5]", "must be an object", true },
		{ &admin_queue_doc, "{", "is not JSON", false },
	};
	struct pool pool;
	(void)state;

	pool_init(&pool);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = ERR_INIT;
		struct doc_given *given;
		struct wire_items items;

		print_message("%s\n", cases[i].json);
		assert_int_equal(doc_json_given_read(cases[i].type, cases[i].json,
						     strlen(cases[i].json), cases[i].is_list,
						     &pool.memory, &items, &given, &err),
				 -1);
		assert_int_equal(err.kind, ERR_INVALID);
		assert_non_null(strstr(err.text, cases[i].says));
	}
	pool_free(&pool);
}

static void
an_array_is_told_by_its_first_character(void **state)
{
	(void)state;
	assert_true(doc_json_is_array("[", 1));
	assert_true(doc_json_is_array(" \r\n\t[]", 6));
	assert_false(doc_json_is_array("{}", 2));
	assert_false(doc_json_is_array("", 0));
	assert_false(doc_json_is_array("   ", 3));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_was_said_is_written),
		cmocka_unit_test(null_is_said_but_of_flags),
		cmocka_unit_test(an_empty_text_for_a_number_is_null),
		cmocka_unit_test(the_many_forms_of_a_value_become_one),
		cmocka_unit_test(what_is_within_is_written_by_the_same_rule),
		cmocka_unit_test(what_is_wrong_is_refused_by_name),
		cmocka_unit_test(an_array_is_told_by_its_first_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
