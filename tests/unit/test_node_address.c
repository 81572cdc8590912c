/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "fcgi/node_address.h"

/* Only addresses, and the one name every machine knows: no name server is asked. */
static void
an_address_of_one_host_is_taken_as_it_is(void **state)
{
	static const struct {
		const char *dns, *address;
	} cases[] = {
		{ "192.0.2.7", "192.0.2.7:1789" },
		{ "127.0.0.1", "127.0.0.1:1789" },
		{ "2001:db8::7", "[2001:db8::7]:1789" },
		{ "2001:DB8:0:0:0:0:0:7", "[2001:db8::7]:1789" },
	};
	char address[NODE_ADDRESS_SIZE];
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("case: %s\n", cases[i].dns);
		/* again, from what is remembered */
		for (int k = 0; k < 2; k++) {
			assert_int_equal(node_address_find(cases[i].dns, 1789, address, &err), 0);
			assert_string_equal(address, cases[i].address);
		}
	}
	assert_int_equal(node_address_find("localhost", 65535, address, &err), 0);
	assert_non_null(strstr(address, ":65535"));
}

static void
what_is_no_host_s_address_is_refused(void **state)
{
	static const char *const cases[] = { "",
					     "0.0.0.0",
					     "0.1.2.3",
					     "::",
					     "169.254.169.254",
					     "fe80::1",
					     "224.0.0.1",
					     "255.255.255.255",
					     "ff02::1",
					     "::ffff:127.0.0.1",
					     "a b",
					     "a/b",
					     "a;b",
					     "user@host",
					     "a\r\nX: 1" };
	char address[NODE_ADDRESS_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = ERR_INIT;

		print_message("case: %s\n", cases[i]);
		for (int k = 0; k < 2; k++) {
			assert_int_equal(node_address_find(cases[i], 1789, address, &err), -1);
			assert_int_equal(err.kind, ERR_BUSY);
		}
	}
}

static void
what_is_no_port_is_refused(void **state)
{
	static const int ports[] = { -1, 0, 65536 };
	char address[NODE_ADDRESS_SIZE];
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++)
		assert_int_equal(node_address_find("192.0.2.7", ports[i], address, &err), -1);
}

/* More names than are remembered: each is answered all the same. */
static void
many_are_known(void **state)
{
	char address[NODE_ADDRESS_SIZE], dns[20], wanted[30];
	struct err err = ERR_INIT;

	(void)state;
	for (int i = 0; i < 200; i++) {
		(void)snprintf(dns, sizeof(dns), "192.0.2.%d", i % 100);
		(void)snprintf(wanted, sizeof(wanted), "%s:1", dns);
		assert_int_equal(node_address_find(dns, 1, address, &err), 0);
		assert_string_equal(address, wanted);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_of_one_host_is_taken_as_it_is),
		cmocka_unit_test(what_is_no_host_s_address_is_refused),
		cmocka_unit_test(what_is_no_port_is_refused),
		cmocka_unit_test(many_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
