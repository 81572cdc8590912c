/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "crypto/webhook_signature.h"

#define SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

/* The example that libraries of Standard Webhooks are tested with. */
static void
a_message_is_signed_as_standard_webhooks_says(void **state)
{
	char signature[WEBHOOK_SIGNATURE_SIZE];
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(webhook_sign(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
				      "{\"test\": 2432232314}", signature, &err),
			 0);
	assert_string_equal(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

static void
each_part_of_a_message_is_signed(void **state)
{
	static const struct {
		const char *id;
		int64_t seconds;
		const char *body;
	} others[] = { { "b", 1, "x" }, { "a", 2, "x" }, { "a", 1, "y" }, { "a", 1, "" } };
	char one[WEBHOOK_SIGNATURE_SIZE], other[WEBHOOK_SIGNATURE_SIZE];
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(webhook_sign(SECRET, "a", 1, "x", one, &err), 0);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		assert_int_equal(webhook_sign(SECRET, others[i].id, others[i].seconds,
					      others[i].body, other, &err),
				 0);
		assert_string_not_equal(one, other);
	}
}

static void
what_is_no_secret_is_refused_and_not_quoted(void **state)
{
	static const char *const wrong[] = {
		"",
		"whsec_",
		"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
		"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa==", /* 23 bytes */
		"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", /* a letter short */
		"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa-_", /* another alphabet */
		"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n",
		"whsec_"
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		"AAAAA=", /* 65 bytes */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct err err = ERR_INIT;

		print_message("case: %s\n", wrong[i]);
		assert_int_equal(webhook_secret_check(wrong[i], &err), -1);
		assert_int_equal(err.kind, ERR_INVALID);
		assert_null(strstr(err.text, "MfKQ9"));
	}
	assert_int_equal(webhook_secret_check(SECRET, &(struct err)ERR_INIT), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_is_signed_as_standard_webhooks_says),
		cmocka_unit_test(each_part_of_a_message_is_signed),
		cmocka_unit_test(what_is_no_secret_is_refused_and_not_quoted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
