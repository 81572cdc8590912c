/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/percent.h"

static void
assert_encoded(const char *text, const char *keep, const char *want)
{
	struct buf out = BUF_INIT(1000);

	percent_encode(&out, text, keep);
	assert_string_equal(buf_text(&out), want);
	buf_free(&out);
}

static void
each_byte_stands_for_itself_or_is_encoded(void **state)
{
	static const char kept[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

	(void)state;
	for (int byte = 1; byte < 256; byte++) {
		const char text[2] = { (char)byte, '\0' };
		char encoded[4];

		(void)snprintf(encoded, sizeof(encoded), "%%%02X", (unsigned)byte);
		assert_encoded(text, "", strchr(kept, byte) != NULL ? text : encoded);
	}
}

static void
what_the_caller_keeps_stays(void **state)
{
	(void)state;
	assert_encoded("/a b/c%d", "/", "/a%20b/c%25d");
	assert_encoded("", "/", "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_byte_stands_for_itself_or_is_encoded),
		cmocka_unit_test(what_the_caller_keeps_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
