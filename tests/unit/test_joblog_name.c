/* SPDX-License-Identifier: Apache-2.0 */
#include "model/joblog_name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void
logs_have_jqms_name_and_later_attempts_their_number(void **state)
{
	char name[JOBLOG_NAME_SIZE];
	(void)state;

	joblog_name(name, 12345, 0, "stdout");
	assert_string_equal(name, "12/0000012345.stdout.log");
	joblog_name(name, 7, 3, "stderr");
	assert_string_equal(name, "0/0000000007.3.stderr.log");
	joblog_name(name, INT64_MAX, INT32_MAX, "stdout");
	assert_string_equal(name, "9223372036854775/9223372036854775807.2147483647.stdout.log");
}

static void
a_link_leads_to_an_attempt_of_the_same_log_only(void **state)
{
	static const char *const wrong[] = {
		"",
		".",
		"/etc/passwd",
		"../0/0000000007.2.stdout.log",
		"0/0000000007.2.stdout.log",
		"0000000007.stdout.log",
		"0000000007.0.stdout.log",
		"0000000007.-2.stdout.log",
		"0000000007.02.stdout.log",
		"0000000007. 2.stdout.log",
		"0000000007.2.stderr.log",
		"0000000008.2.stdout.log",
		"0000000007.2.stdout.log.cut",
		"0000000007.99999999999999999999.stdout.log",
		"0000000007.2147483648.stdout.log",
	};
	(void)state;

	assert_int_equal(joblog_attempt_of_link("0000000007.2.stdout.log", 7, "stdout"), 2);
	assert_int_equal(joblog_attempt_of_link("0000000007.2147483647.stdout.log", 7, "stdout"),
			 INT32_MAX);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(joblog_attempt_of_link(wrong[i], 7, "stdout"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(logs_have_jqms_name_and_later_attempts_their_number),
		cmocka_unit_test(a_link_leads_to_an_attempt_of_the_same_log_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
