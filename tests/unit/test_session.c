/* SPDX-License-Identifier: Apache-2.0 */
/* Which cookie is a session's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "fcgi/session.h"
#include "tests/lib/an_exchange.h"

#define TOKEN "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
#define OTHER "GFEDCBAzyxwvutsrqponmlkjihgfedcba9876543210"

static bool
is_one(const char *cookie, bool tls)
{
	struct exchange *x = an_exchange();
	char hash[SESSION_HASH_SIZE] = "";
	bool found;

	x->request.cookie = cookie;
	x->request.tls = tls;
	found = session_presented(x, hash);
	assert_int_equal(strlen(hash), found ? SESSION_HASH_SIZE - 1 : 0);
	assert_null(strstr(hash, TOKEN));
	an_exchange_free(x);
	return found;
}

static void
the_cookie_is_found_among_others(void **state)
{
	(void)state;
	assert_true(is_one("jqm-session=" TOKEN, false));
	assert_true(is_one("a=b; jqm-session=" TOKEN "; c=d", false));
	assert_true(is_one("a=b;jqm-session=" TOKEN, false));
	assert_true(is_one("not-jqm-session=" OTHER "; jqm-session=" TOKEN, false));
	assert_true(is_one("__Host-jqm-session=" TOKEN, true));
	assert_false(is_one("", false));
	assert_false(is_one(";;; ;", false));
	assert_false(is_one("jqm-session", false));
	assert_false(is_one("JQM-session=" TOKEN, false));
}

/* Whoever sits on the line, or on a neighbour of our name, can set cookies of any other name. */
static void
under_tls_only_a_cookie_nobody_else_can_set_counts(void **state)
{
	(void)state;
	assert_false(is_one("jqm-session=" TOKEN, true));
	assert_false(is_one("__Host-jqm-session=" TOKEN, false));
	assert_true(is_one("jqm-session=" OTHER "; __Host-jqm-session=" TOKEN, true));
}

static void
what_looks_like_no_token_is_none(void **state)
{
	(void)state;
	assert_false(is_one("jqm-session=", false));
	assert_false(is_one("jqm-session=short", false));
	assert_false(is_one("jqm-session=" TOKEN "1", false));
	assert_false(is_one("jqm-session=\"" TOKEN "\"", false));
	assert_false(is_one("jqm-session=0123456789abcdefghijklmnopqrstuvwxyz'; --", false));
}

/* One of the two was put there by somebody else, and nobody knows which. */
static void
of_two_none_counts(void **state)
{
	(void)state;
	assert_false(is_one("jqm-session=" OTHER "; jqm-session=" TOKEN, false));
}

/* What a browser is told when it logs out, without any session: the same attributes as at a login. */
static void
the_cookie_is_for_us_alone_and_under_tls_for_tls_alone(void **state)
{
	static const struct {
		bool tls;
		const char *cookie;
	} cases[] = {
		{ true,
		  "__Host-jqm-session=; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=0" },
		{ false, "jqm-session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0" },
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct exchange *x = an_exchange();
		struct err err = ERR_INIT;

		x->request.tls = cases[i].tls;
		assert_int_equal(session_close(x, &err), 0);
		assert_string_equal(an_exchange_header(x, "Set-Cookie"), cases[i].cookie);
		an_exchange_free(x);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_cookie_is_found_among_others),
		cmocka_unit_test(under_tls_only_a_cookie_nobody_else_can_set_counts),
		cmocka_unit_test(what_looks_like_no_token_is_none),
		cmocka_unit_test(of_two_none_counts),
		cmocka_unit_test(the_cookie_is_for_us_alone_and_under_tls_for_tls_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
