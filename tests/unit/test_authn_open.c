/* SPDX-License-Identifier: Apache-2.0 */
/* Where administrators turned authentication off, and where it stays on all the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "fcgi/authn.h"
#include "tests/lib/an_exchange.h"

static bool
may(enum open_to open_to, const char *address, const char *host)
{
	struct exchange *x = an_exchange();
	struct err err = ERR_INIT;
	enum authn_verdict verdict;

	x->open_to = open_to;
	x->request.remote_addr = address;
	x->request.host = host;
	x->own_names[0] = "jqm.example";
	x->own_names[1] = "";
	verdict = authn_open(x, &err);
	if (verdict == AUTHN_IS) {
		assert_int_equal(x->identity.kind, IDENTITY_ACCOUNT);
		assert_int_equal(x->identity.account_id, 0);
		assert_string_equal(x->identity.permissions[0], "*:*");
	} else {
		assert_int_equal(verdict, AUTHN_NOT_MINE);
		assert_int_equal(x->identity.kind, IDENTITY_NOBODY);
	}
	an_exchange_free(x);
	return verdict == AUTHN_IS;
}

static void
authentication_is_on_unless_turned_off(void **state)
{
	(void)state;
	assert_false(may(OPEN_TO_NOBODY, "127.0.0.1", "localhost:1789"));
}

static void
turned_off_it_is_off_on_this_machine_only(void **state)
{
	(void)state;
	assert_true(may(OPEN_TO_LOOPBACK, "127.0.0.1", "127.0.0.1:1789"));
	assert_true(may(OPEN_TO_LOOPBACK, "127.8.8.8", "localhost"));
	assert_true(may(OPEN_TO_LOOPBACK, "::1", "[::1]:1789"));
	assert_true(may(OPEN_TO_LOOPBACK, "::ffff:127.0.0.1", "LOCALHOST:1789"));
	assert_false(may(OPEN_TO_LOOPBACK, "192.0.2.1", "localhost:1789"));
	assert_false(may(OPEN_TO_LOOPBACK, "::1:2", "localhost:1789"));
	assert_false(may(OPEN_TO_LOOPBACK, "2001:db8::1", "[::1]:1789"));
}

static void
said_twice_it_is_off_everywhere(void **state)
{
	(void)state;
	assert_true(may(OPEN_TO_ALL, "192.0.2.1", "jqm.example:1789"));
	assert_true(may(OPEN_TO_ALL, "192.0.2.1", "JQM.example"));
	assert_true(may(OPEN_TO_ALL, "192.0.2.1", "198.51.100.7:1789"));
	assert_true(may(OPEN_TO_ALL, "2001:db8::1", "[2001:db8::7]:1789"));
	assert_true(may(OPEN_TO_ALL, "127.0.0.1", "localhost:1789"));
}

/* A page whose name was made to mean this machine's address asks for its own name. */
static void
a_name_that_was_bound_to_this_machine_opens_nothing(void **state)
{
	(void)state;
	assert_false(may(OPEN_TO_LOOPBACK, "127.0.0.1", "evil.example:1789"));
	assert_false(may(OPEN_TO_LOOPBACK, "127.0.0.1", "localhost.evil.example:1789"));
	assert_false(may(OPEN_TO_LOOPBACK, "127.0.0.1", "127.0.0.1.evil.example"));
	assert_false(may(OPEN_TO_LOOPBACK, "127.0.0.1", ""));
	assert_false(may(OPEN_TO_LOOPBACK, "127.0.0.1", "[::1"));
	assert_false(may(OPEN_TO_LOOPBACK, "127.0.0.1", "[::1]evil.example"));
	for (size_t i = 0; i < 2; i++) {
		const char *from = i == 0 ? "127.0.0.1" : "192.0.2.1";

		assert_false(may(OPEN_TO_ALL, from, "evil.example:1789"));
		assert_false(may(OPEN_TO_ALL, from, "jqm.example.evil.example"));
		assert_false(may(OPEN_TO_ALL, from, "x.jqm.example"));
		assert_false(may(OPEN_TO_ALL, from, "127.0.0.1.evil.example"));
		assert_false(may(OPEN_TO_ALL, from, "[evil.example]"));
		assert_false(may(OPEN_TO_ALL, from, "[::1"));
		assert_false(may(OPEN_TO_ALL, from, ""));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(authentication_is_on_unless_turned_off),
		cmocka_unit_test(turned_off_it_is_off_on_this_machine_only),
		cmocka_unit_test(said_twice_it_is_off_everywhere),
		cmocka_unit_test(a_name_that_was_bound_to_this_machine_opens_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
