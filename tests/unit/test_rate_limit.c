/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "fcgi/rate_limit.h"

#define ADDRESS "192.0.2.1"

static struct rate_limit limit;

static int
fresh(void **state)
{
	(void)state;
	memset(&limit, 0, sizeof(limit));
	return rate_limit_init(&limit);
}

static void
fail_times(const char *login, const char *address, int times)
{
	for (int i = 0; i < times; i++)
		rate_limit_failed(&limit, login, address);
}

static int
pair_wait_s(const char *login, const char *address)
{
	return rate_limit_wait_s(&limit, RATE_LIMIT_PAIR, login, address);
}

static int
address_wait_s(const char *address)
{
	return rate_limit_wait_s(&limit, RATE_LIMIT_ADDRESS, "whoever", address);
}

static int
login_wait_s(const char *login)
{
	return rate_limit_wait_s(&limit, RATE_LIMIT_LOGIN, login, "203.0.113.250");
}

static void
each_failure_after_the_tenth_doubles_the_wait(void **state)
{
	int wait_s = 5;
	(void)state;

	fail_times("root", ADDRESS, 9);
	assert_int_equal(pair_wait_s("root", ADDRESS), 0);
	for (int i = 0; i < 12; i++) {
		fail_times("root", ADDRESS, 1);
		print_message("%d: %d s\n", i, pair_wait_s("root", ADDRESS));
		assert_in_range(pair_wait_s("root", ADDRESS), wait_s - 1, wait_s);
		wait_s = wait_s * 2 > 900 ? 900 : wait_s * 2;
	}
}

static void
who_waits_may_try_and_failures_are_forgotten_in_time(void **state)
{
	(void)state;
	fail_times("root", ADDRESS, 10);
	clock_test_advance_ms(5001);
	assert_int_equal(pair_wait_s("root", ADDRESS), 0);
	clock_test_advance_ms(10 * 360001);
	fail_times("root", ADDRESS, 9);
	assert_int_equal(pair_wait_s("root", ADDRESS), 0);
	fail_times("root", ADDRESS, 1);
	assert_in_range(pair_wait_s("root", ADDRESS), 4, 5);
}

static void
the_owner_at_another_address_is_not_locked_out(void **state)
{
	(void)state;
	fail_times("root", ADDRESS, 99);
	assert_int_not_equal(pair_wait_s("root", ADDRESS), 0);
	assert_int_equal(pair_wait_s("root", "192.0.2.2"), 0);
	assert_int_equal(address_wait_s("192.0.2.2"), 0);
	assert_int_equal(pair_wait_s("other", ADDRESS), 0);
}

static void
a_success_forgets_the_pair_but_not_the_address(void **state)
{
	(void)state;
	fail_times("root", ADDRESS, 60);
	rate_limit_succeeded(&limit, "root", ADDRESS);
	assert_int_equal(pair_wait_s("root", ADDRESS), 0);
	assert_int_not_equal(address_wait_s(ADDRESS), 0);
}

static void
trying_many_logins_uses_up_the_address(void **state)
{
	char login[20];
	(void)state;

	for (int i = 0; i < 60; i++) {
		assert_int_equal(address_wait_s(ADDRESS), 0);
		(void)snprintf(login, sizeof(login), "user%d", i);
		fail_times(login, ADDRESS, 1);
	}
	assert_int_not_equal(address_wait_s(ADDRESS), 0);
	assert_int_equal(address_wait_s("192.0.2.2"), 0);
}

static void
trying_from_many_addresses_uses_up_the_login(void **state)
{
	char address[30];
	(void)state;

	for (int i = 0; i < 100; i++) {
		assert_int_equal(login_wait_s("root"), 0);
		(void)snprintf(address, sizeof(address), "198.51.100.%d", i);
		fail_times("root", address, 1);
		assert_int_equal(pair_wait_s("root", address), 0);
	}
	assert_int_not_equal(login_wait_s("root"), 0);
	assert_int_equal(login_wait_s("other"), 0);
}

static void
no_flood_makes_anybody_wait_longer_than_the_longest_wait(void **state)
{
	(void)state;
	fail_times("root", ADDRESS, 5000);
	assert_in_range(pair_wait_s("root", ADDRESS), 899, 900);
	assert_in_range(address_wait_s(ADDRESS), 59, 60);
	assert_in_range(login_wait_s("root"), 59, 60);
	/* And is forgotten after 20 times the time of one. */
	clock_test_advance_ms(20 * 360001);
	fail_times("root", ADDRESS, 9);
	assert_int_equal(pair_wait_s("root", ADDRESS), 0);
}

static void
a_network_of_ipv6_is_one_address(void **state)
{
	(void)state;
	fail_times("root", "2001:db8::1", 10);
	assert_int_not_equal(pair_wait_s("root", "2001:db8::2:3:4"), 0);
	assert_int_equal(pair_wait_s("root", "2001:db8:0:1::1"), 0);
	fail_times("root", "::ffff:192.0.2.9", 10);
	assert_int_not_equal(pair_wait_s("root", "192.0.2.9"), 0);
	assert_int_equal(pair_wait_s("root", "::ffff:192.0.2.8"), 0);
}

static void
a_flood_of_logins_does_not_make_the_address_forgotten(void **state)
{
	char login[20];
	(void)state;

	for (int i = 0; i < 20000; i++) {
		(void)snprintf(login, sizeof(login), "user%d", i);
		fail_times(login, ADDRESS, 1);
		/* By then it waits a minute: nothing of it is over while we count. */
		if (i >= 70 && address_wait_s(ADDRESS) == 0)
			fail_msg("forgotten after %d logins", i);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(each_failure_after_the_tenth_doubles_the_wait, fresh),
		cmocka_unit_test_setup(who_waits_may_try_and_failures_are_forgotten_in_time, fresh),
		cmocka_unit_test_setup(the_owner_at_another_address_is_not_locked_out, fresh),
		cmocka_unit_test_setup(a_success_forgets_the_pair_but_not_the_address, fresh),
		cmocka_unit_test_setup(trying_many_logins_uses_up_the_address, fresh),
		cmocka_unit_test_setup(trying_from_many_addresses_uses_up_the_login, fresh),
		cmocka_unit_test_setup(no_flood_makes_anybody_wait_longer_than_the_longest_wait,
				       fresh),
		cmocka_unit_test_setup(a_network_of_ipv6_is_one_address, fresh),
		cmocka_unit_test_setup(a_flood_of_logins_does_not_make_the_address_forgotten,
				       fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
