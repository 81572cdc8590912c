/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "hooks/address_rule.h"

/* May a webhook go there? */
static bool
allows(const char *networks, const char *address)
{
	struct err err = ERR_INIT;
	struct address_rules *rules = address_rules_parse(networks, &err);
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} to = { .any = { .sa_family = strchr(address, ':') == NULL ? AF_INET : AF_INET6 } };
	void *bytes =
	    to.any.sa_family == AF_INET ? (void *)&to.v4.sin_addr : (void *)&to.v6.sin6_addr;
	char text[INET6_ADDRSTRLEN];
	bool allowed;

	if (rules == NULL)
		fail_msg("%s: %s", networks, err.text);
	assert_int_equal(inet_pton(to.any.sa_family, address, bytes), 1);
	address_text(&to.any, text);
	print_message("case: %s\n", text);
	allowed = address_rules_allow(rules, &to.any);
	address_rules_free(rules);
	return allowed;
}

static void
public_addresses_are_allowed(void **state)
{
	static const char *const public[] = {
		"1.1.1.1",         "9.255.255.255",        "11.0.0.0",        "100.63.255.255",
		"100.128.0.0",     "126.255.255.255",      "128.0.0.1",       "169.253.255.255",
		"169.255.0.0",     "172.15.255.255",       "172.32.0.0",      "192.0.1.0",
		"192.167.255.255", "192.169.0.0",          "198.17.255.255",  "198.20.0.0",
		"223.255.255.255", "2606:4700:4700::1111", "2001:200::1",     "2a00::1",
		"::ffff:1.1.1.1",  "64:ff9b::1.1.1.1",     "2002:101:101::1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(public) / sizeof(public[0]); i++)
		assert_true(allows(NULL, public[i]));
}

static void
all_others_are_not(void **state)
{
	static const char *const others[] = {
		"0.0.0.0",
		"0.1.2.3",
		"10.0.0.1",
		"10.255.255.255",
		"100.64.0.0",
		"100.127.255.255",
		"127.0.0.1",
		"127.255.255.254",
		"169.254.169.254",
		"172.16.0.1",
		"172.31.255.255",
		"192.0.0.8",
		"192.0.2.1",
		"192.88.99.1",
		"192.168.0.1",
		"198.18.0.1",
		"198.19.255.255",
		"198.51.100.1",
		"203.0.113.1",
		"224.0.0.1",
		"239.255.255.255",
		"240.0.0.1",
		"255.255.255.255",
		"::",
		"::1",
		"::7f00:1",
		"::ffff:127.0.0.1",
		"::ffff:10.0.0.1",
		"::ffff:169.254.169.254",
		"64:ff9b::127.0.0.1",
		"64:ff9b:1::1",
		"100::1",
		"2001::1",
		"2001:db8::1",
		"2002:7f00:1::1",
		"2002:a00:1::1",
		"3fff::1",
		"fc00::1",
		"fd12:3456::1",
		"fe80::1",
		"fec0::1",
		"ff02::1",
		"4000::1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_false(allows(NULL, others[i]));
}

static void
an_administrator_allows_networks(void **state)
{
	(void)state;
	assert_true(allows("127.0.0.1", "127.0.0.1"));
	assert_false(allows("127.0.0.1", "127.0.0.2"));
	assert_true(allows("10.1.0.0/16, ::1", "10.1.255.255"));
	assert_false(allows("10.1.0.0/16, ::1", "10.2.0.0"));
	assert_true(allows("10.1.0.0/16, ::1", "::1"));
	assert_true(allows("10.1.0.0/16", "::ffff:10.1.0.1"));
	assert_true(allows("fd00::/9", "fd7f::1"));
	assert_false(allows("fd00::/9", "fd80::1"));
	assert_true(allows("0.0.0.0/0", "127.0.0.1"));
	assert_false(allows("0.0.0.0/0", "::1"));
	assert_false(allows("::1", "127.0.0.1"));
}

static void
no_other_family_is_allowed(void **state)
{
	struct sockaddr local = { .sa_family = AF_UNIX };
	struct address_rules *rules = address_rules_parse("0.0.0.0/0, ::/0", &(struct err)ERR_INIT);

	(void)state;
	assert_false(address_rules_allow(rules, &local));
	address_rules_free(rules);
}

static void
what_is_no_network_is_named(void **state)
{
	static const char *const wrong[] = { "localhost", "10.1",        "10.0.0.0/33",  "::1/129",
					     "10.0.0.0/", "10.0.0.0/-1", "1.2.3.4 5.6.7" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct err err = ERR_INIT;

		print_message("case: %s\n", wrong[i]);
		assert_null(address_rules_parse(wrong[i], &err));
		assert_int_equal(err.kind, ERR_INVALID);
		assert_non_null(strstr(err.text, "is no network"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(public_addresses_are_allowed),
		cmocka_unit_test(all_others_are_not),
		cmocka_unit_test(an_administrator_allows_networks),
		cmocka_unit_test(no_other_family_is_allowed),
		cmocka_unit_test(what_is_no_network_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
