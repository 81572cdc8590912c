/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/totp.h"

static const unsigned char secret[] = "12345678901234567890";

/* RFC 6238 appendix B, SHA-1; its codes have eight digits, of which ours are the last six. */
static void
the_vectors_of_rfc_6238_come_out(void **state)
{
	static const struct {
		int64_t now_s;
		const char *code;
	} cases[] = {
		{ 59, "287082" },         { 1111111109, "081804" }, { 1111111111, "050471" },
		{ 1234567890, "005924" }, { 2000000000, "279037" }, { 20000000000, "353130" },
	};
	char code[TOTP_CODE_SIZE];
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(totp_code(secret, cases[i].now_s / TOTP_STEP_S, code), 0);
		assert_string_equal(code, cases[i].code);
	}
}

static void
a_code_counts_in_its_step_and_the_two_beside_it(void **state)
{
	int64_t step = 0;
	(void)state;

	/* 59 is in step 1 */
	assert_int_equal(totp_verify(secret, "287082", 59, 0, &step), 1);
	assert_int_equal(step, 1);
	assert_int_equal(totp_verify(secret, "287082", 5, 0, &step), 1);
	assert_int_equal(totp_verify(secret, "287082", 89, 0, &step), 1);
	assert_int_equal(totp_verify(secret, "287082", 90, 0, &step), 0);
	assert_int_equal(totp_verify(secret, "287082", 30000, 0, &step), 0);
}

static void
a_code_that_was_used_or_is_older_does_not_count(void **state)
{
	int64_t step = 0;
	char next[TOTP_CODE_SIZE];
	(void)state;

	assert_int_equal(totp_verify(secret, "287082", 59, 1, &step), 0);
	assert_int_equal(totp_verify(secret, "287082", 59, 2, &step), 0);
	assert_int_equal(totp_code(secret, 2, next), 0);
	assert_int_equal(totp_verify(secret, next, 59, 1, &step), 1);
	assert_int_equal(step, 2);
}

static void
what_is_no_code_is_wrong(void **state)
{
	static const char *const wrong[] = {
		"", "28708", "2870820", "287083", "x87082", " 287082"
	};
	int64_t step = 0;
	(void)state;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(totp_verify(secret, wrong[i], 59, 0, &step), 0);
}

/* RFC 4648: of that secret, as authenticator programs are given it. */
static void
a_secret_is_written_in_base32(void **state)
{
	char text[TOTP_SECRET_TEXT_SIZE];
	(void)state;

	totp_secret_text(secret, text);
	assert_string_equal(text, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_vectors_of_rfc_6238_come_out),
		cmocka_unit_test(a_code_counts_in_its_step_and_the_two_beside_it),
		cmocka_unit_test(a_code_that_was_used_or_is_older_does_not_count),
		cmocka_unit_test(what_is_no_code_is_wrong),
		cmocka_unit_test(a_secret_is_written_in_base32),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
