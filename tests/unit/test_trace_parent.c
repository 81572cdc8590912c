/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/trace_parent.h"

#define TRACE "0af7651916cd43dd8448eb211c80319c"
#define STEP "b7ad6b7169203331"

static void
a_trace_and_its_step_are_read(void **state)
{
	static const struct {
		const char *text, *is;
	} cases[] = {
		{ "00-" TRACE "-" STEP "-01", "00-" TRACE "-" STEP "-01" },
		{ "00-" TRACE "-" STEP "-00", "00-" TRACE "-" STEP "-00" },
		{ "00-" TRACE "-" STEP "-ff", "00-" TRACE "-" STEP "-ff" },
		/* later versions: what is known of them */
		{ "cc-" TRACE "-" STEP "-01", "00-" TRACE "-" STEP "-01" },
		{ "cc-" TRACE "-" STEP "-fe", "00-" TRACE "-" STEP "-00" },
		{ "cc-" TRACE "-" STEP "-0b-what-the-future-will-be-like",
		  "00-" TRACE "-" STEP "-01" },
	};
	char out[TRACE_PARENT_SIZE];
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("%s\n", cases[i].text);
		assert_true(trace_parent_read(cases[i].text, out));
		assert_string_equal(out, cases[i].is);
	}
}

static void
anything_else_is_none(void **state)
{
	static const char *const cases[] = {
		"",
		"00",
		"00-" TRACE "-" STEP,
		"00-" TRACE "-" STEP "-",
		"00-" TRACE "-" STEP "-1",
		"00-" TRACE "-" STEP "-01-",
		"00-" TRACE "-" STEP "-01x",
		"00-" TRACE "-" STEP "-01, 00-" TRACE "-" STEP "-01",
		"ff-" TRACE "-" STEP "-01",
		"0g-" TRACE "-" STEP "-01",
		"cc-" TRACE "-" STEP "-01.what",
		"00-00000000000000000000000000000000-" STEP "-01",
		"00-" TRACE "-0000000000000000-01",
		"00-0AF7651916CD43DD8448EB211C80319C-" STEP "-01",
		"00-" TRACE "-" STEP "-0G",
		"00_" TRACE "-" STEP "-01",
		"00-" TRACE "_" STEP "-01",
		"00-" TRACE "-" STEP "_01",
		" 00-" TRACE "-" STEP "-01",
	};
	char out[TRACE_PARENT_SIZE] = "as it was";
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("%s\n", cases[i]);
		assert_false(trace_parent_read(cases[i], out));
		assert_string_equal(out, "as it was");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_trace_and_its_step_are_read),
		cmocka_unit_test(anything_else_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
