/* SPDX-License-Identifier: Apache-2.0 */
/* What JQM's consoles send and no other program should: read where they send it, refused elsewhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "codec/doc_json.h"
#include "codec/docs.h"
#include "model/admin.h"
#include "model/job_query.h"
#include "model/job_request.h"
#include "tests/lib/a_pool.h"

static void
must_read(const struct wire_object *doc, const char *json, void *out)
{
	struct err err = ERR_INIT;

	if (doc_json_read(doc, json, strlen(json), &a_pool.memory, out, &err) == -1)
		fail_msg("%s: %s", json, err.text);
}

static void
must_refuse(const struct wire_object *doc, const char *json, const char *says)
{
	void *out = memory_alloc(&a_pool.memory, doc->size);
	struct err err = ERR_INIT;

	if (doc_json_read(doc, json, strlen(json), &a_pool.memory, out, &err) == 0)
		fail_msg("read: %s", json);
	if (strstr(err.text, says) == NULL)
		fail_msg("%s: \"%s\" does not say \"%s\"", json, err.text, says);
}

static void
the_end_of_an_account_may_have_the_day_first(void **state)
{
	static const char *const wrong[] = { "31/02/2030",  "12/31/2030", "1/1/2030",
					     "31/12/20301", "31-12-2030", "31/12/2030T00:00:00Z" };
	struct admin_user user;

	(void)state;
	must_read(&admin_user_doc, "{\"expirationDate\":\"31/12/2030\"}", &user);
	assert_true(user.expiration_date.set);
	assert_int_equal(user.expiration_date.us, INT64_C(1924905600) * 1000000);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		const char *json =
		    memory_printf(&a_pool.memory, "{\"expirationDate\":\"%s\"}", wrong[i]);

		must_refuse(&admin_user_doc, json, "is not a date");
	}
	must_refuse(&job_request_doc, "{\"runAfter\":\"31/12/2030\"}", "is not a date");
	must_refuse(&job_query_doc, "{\"endedAfter\":\"31/12/2030\"}", "is not a date");
}

static void
nulls_among_names_that_are_looked_for_are_none(void **state)
{
	struct job_query query;

	(void)state;
	must_read(&job_query_doc, "{\"applicationName\":[null,\"a\",null,\"b\"]}", &query);
	assert_int_equal(query.application_names.len, 2);
	assert_string_equal(query.application_names.items[0], "a");
	assert_string_equal(query.application_names.items[1], "b");
	must_read(&job_query_doc, "{\"applicationName\":[null]}", &query);
	assert_int_equal(query.application_names.len, 0);
	must_refuse(&job_query_doc, "{\"applicationName\":[[null]]}", "applicationName[0]");
	must_refuse(&admin_role_doc, "{\"permissions\":[null]}", "permissions[0]");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_end_of_an_account_may_have_the_day_first),
		cmocka_unit_test(nulls_among_names_that_are_looked_for_are_none),
	};

	return cmocka_run_group_tests(tests, a_pool_set_up, a_pool_tear_down);
}
