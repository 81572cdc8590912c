/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/range.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define LEN(list) (sizeof(list) / sizeof((list)[0]))

static void
the_plain_forms_are_read(void **state)
{
	static const struct {
		const char *header;
		int64_t size, begin, end;
	} cases[] = {
		{ "bytes=0-", 100, 0, 100 },
		{ "bytes=5-", 100, 5, 100 },
		{ "bytes=5-9", 100, 5, 10 },
		{ "bytes=5-5", 100, 5, 6 },
		{ "bytes=5-99", 100, 5, 100 },
		{ "bytes=5-100", 100, 5, 100 },
		{ "bytes=5-9223372036854775806", 100, 5, 100 },
		{ "bytes=-9", 100, 91, 100 },
		{ "bytes=-100", 100, 0, 100 },
		{ "bytes=-500", 100, 0, 100 },
		{ "bytes=-0", 100, 100, 100 },
		{ "bytes=100-", 100, 100, 100 },
		{ "bytes=200-300", 100, 200, 100 },
		{ "bytes=0-", 0, 0, 0 },
		{ "bytes=-5", 0, 0, 0 },
	};
	(void)state;

	for (size_t i = 0; i < LEN(cases); i++) {
		struct range range = { -1, -1 };

		if (!range_read(cases[i].header, cases[i].size, &range))
			fail_msg("\"%s\" is not read", cases[i].header);
		if (range.begin != cases[i].begin || range.end != cases[i].end)
			fail_msg("\"%s\" is %lld to %lld", cases[i].header, (long long)range.begin,
				 (long long)range.end);
	}
}

static void
anything_else_is_no_range(void **state)
{
	static const char *const wrong[] = {
		"",
		"bytes",
		"bytes=",
		"bytes=-",
		"bytes=a-",
		"bytes=5",
		"bytes=5-4",
		"bytes=1-2,4-5",
		"bytes=1-2, 4-5",
		"bytes= 1-2",
		"bytes=1 -2",
		"bytes=1- 2",
		"bytes=1-2 ",
		"bytes=+1-2",
		"bytes=1--2",
		"bytes=--2",
		"bytes=0x1-",
		"Bytes=1-2",
		"lines=1-2",
		"bytes=99999999999999999999-",
		"bytes=9223372036854775807-",
		"bytes=1-99999999999999999999999999",
	};
	(void)state;

	for (size_t i = 0; i < LEN(wrong); i++) {
		struct range range;

		if (range_read(wrong[i], 100, &range))
			fail_msg("\"%s\" is read", wrong[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_plain_forms_are_read),
		cmocka_unit_test(anything_else_is_no_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
