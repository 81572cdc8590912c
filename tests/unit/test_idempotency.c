/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "fcgi/idempotency.h"
#include "tests/lib/an_exchange.h"

/* The header means this key; NULL: it is refused, with these words in the error. */
static void
assert_key(const char *header, const char *key, const char *words)
{
	struct exchange *x = an_exchange();
	struct err err = ERR_INIT;
	const char *got = NULL;

	if (key != NULL) {
		assert_int_equal(idempotency_key_read(x, header, &got, &err), 0);
		assert_string_equal(got, key);
	} else {
		assert_int_equal(idempotency_key_read(x, header, &got, &err), -1);
		assert_int_equal(err.kind, ERR_INVALID);
		assert_non_null(strstr(err.text, "Idempotency-Key"));
		assert_non_null(strstr(err.text, words));
	}
	an_exchange_free(x);
}

static void
a_key_is_the_same_with_quotes_and_without(void **state)
{
	(void)state;
	assert_key("8e03978e-40d5-43e8-bc93-6894a57f9324", "8e03978e-40d5-43e8-bc93-6894a57f9324",
		   NULL);
	assert_key("\"8e03978e-40d5-43e8-bc93-6894a57f9324\"",
		   "8e03978e-40d5-43e8-bc93-6894a57f9324", NULL);
	assert_key("a/b:c=d@e!", "a/b:c=d@e!", NULL);
	assert_key("\"a b, c\"", "a b, c", NULL);
	assert_key("\"a\\\"b\\\\c\"", "a\"b\\c", NULL);
}

static void
what_is_no_key_is_refused_with_the_reason(void **state)
{
	(void)state;
	assert_key("\"\"", NULL, "empty");
	assert_key("a b", NULL, "neither");
	assert_key("a, b", NULL, "neither");
	assert_key("\"a", NULL, "neither");
	assert_key("\"", NULL, "neither");
	assert_key("\"a\\", NULL, "neither");
	assert_key("\"a\\b\"", NULL, "neither");
	assert_key("\"a\"b", NULL, "neither");
	assert_key("\"a\";b=1", NULL, "neither");
	assert_key("caf\xc3\xa9", NULL, "neither");
	assert_key("\"caf\xc3\xa9\"", NULL, "neither");
	assert_key("\"a\x01\"", NULL, "neither");
	assert_key("\"\xff\"", NULL, "neither");
}

static void
a_key_has_255_characters_at_most(void **state)
{
	char text[IDEMPOTENCY_KEY_MAX + 2];

	(void)state;
	memset(text, 'k', sizeof(text));
	text[IDEMPOTENCY_KEY_MAX] = '\0';
	assert_key(text, text, NULL);
	text[IDEMPOTENCY_KEY_MAX] = 'k';
	text[IDEMPOTENCY_KEY_MAX + 1] = '\0';
	assert_key(text, NULL, "256 characters, at most 255");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_is_the_same_with_quotes_and_without),
		cmocka_unit_test(what_is_no_key_is_refused_with_the_reason),
		cmocka_unit_test(a_key_has_255_characters_at_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
