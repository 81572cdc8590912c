/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base64.h"
#include "base/err.h"
#include "fcgi/basic_auth.h"

static void
base64_of_rfc_4648_decodes(void **state)
{
	static const char *const cases[][2] = {
		{ "", "" },
		{ "Zg==", "f" },
		{ "Zm8=", "fo" },
		{ "Zm9v", "foo" },
		{ "Zm9vYg==", "foob" },
		{ "Zm9vYmE=", "fooba" },
		{ "Zm9vYmFy", "foobar" },
	};
	unsigned char out[16];
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		long len = base64_decode(cases[i][0], strlen(cases[i][0]), out, sizeof(out));

		assert_int_equal(len, strlen(cases[i][1]));
		assert_memory_equal(out, cases[i][1], strlen(cases[i][1]));
	}
}

static void
anything_else_is_no_base64(void **state)
{
	static const char *const cases[] = { "Z",     "Zg",   "Zg=",  "Zm9",     "Zm9v\n",
					     " Zm9v", "Zm=v", "=m9v", "Zm9-",    "Z===",
					     "====",  "Zh==", "Zm9=", "Zg==Zg==" };
	unsigned char out[16];
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("case: \"%s\"\n", cases[i]);
		assert_int_equal(base64_decode(cases[i], strlen(cases[i]), out, sizeof(out)), -1);
	}
	assert_int_equal(base64_decode("Zm9vYmFy", 8, out, 5), -1);
}

static void
login_and_password_part_at_the_first_colon(void **state)
{
	struct basic_auth auth;
	struct err err = ERR_INIT;
	(void)state;

	assert_int_equal(basic_auth_parse("Basic cm9vdDphOmI=", &auth, &err), 0);
	assert_string_equal(auth.login, "root");
	assert_string_equal(auth.password, "a:b");
	assert_int_equal(basic_auth_parse("bAsIc   cm9vdDo=", &auth, &err), 0);
	assert_string_equal(auth.password, "");
	assert_int_equal(basic_auth_parse("Basic w6k6w6k=", &auth, &err), 0);
	assert_string_equal(auth.login, "\xc3\xa9");
}

static void
a_header_that_is_wrong_is_refused_without_being_repeated(void **state)
{
	static const char *const cases[] = {
		"",
		"Basic",
		"Basic ",
		"Bearer cm9vdDph",
		"Basic cm9vdA==",
		"Basic OnNlY3JldA==",
		"Basic cm9vdDr/",
		"Basic cm9vdDoA",
		"Basic cgpvOnB3",
		"Basic cm9vdDph!",
		"Basic cm9vdDph cm9vdDph",
	};
	static char big[4000] = "Basic ";
	struct basic_auth auth;
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = ERR_INIT;

		print_message("case: \"%s\"\n", cases[i]);
		assert_int_equal(basic_auth_parse(cases[i], &auth, &err), -1);
		assert_int_equal(err.kind, ERR_DENIED);
		assert_null(strstr(err.text, "cm9v"));
		assert_null(strstr(err.text, "secret"));
	}
	memset(big + 6, 'Z', 3600);
	assert_int_equal(basic_auth_parse(big, &auth, &(struct err)ERR_INIT), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base64_of_rfc_4648_decodes),
		cmocka_unit_test(anything_else_is_no_base64),
		cmocka_unit_test(login_and_password_part_at_the_first_colon),
		cmocka_unit_test(a_header_that_is_wrong_is_refused_without_being_repeated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
