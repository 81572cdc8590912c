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

static void
ten_failures_in_a_minute_are_the_end_of_it(void **state)
{
	(void)state;
	fail_times("root", ADDRESS, RATE_LIMIT_PAIR - 1);
	assert_int_equal(rate_limit_pair_wait_s(&limit, "root", ADDRESS), 0);
	fail_times("root", ADDRESS, 1);
	assert_in_range(rate_limit_pair_wait_s(&limit, "root", ADDRESS), 5, 6);
}

static void
waiting_gives_a_try_and_a_minute_gives_them_all(void **state)
{
	(void)state;
	fail_times("root", ADDRESS, RATE_LIMIT_PAIR);
	clock_test_advance_ms(6001);
	assert_int_equal(rate_limit_pair_wait_s(&limit, "root", ADDRESS), 0);
	fail_times("root", ADDRESS, 1);
	assert_int_not_equal(rate_limit_pair_wait_s(&limit, "root", ADDRESS), 0);
	clock_test_advance_ms(60001);
	fail_times("root", ADDRESS, RATE_LIMIT_PAIR - 1);
	assert_int_equal(rate_limit_pair_wait_s(&limit, "root", ADDRESS), 0);
}

static void
the_owner_at_another_address_is_not_locked_out(void **state)
{
	(void)state;
	fail_times("root", ADDRESS, 1000);
	assert_int_equal(rate_limit_pair_wait_s(&limit, "root", "192.0.2.2"), 0);
	assert_int_equal(rate_limit_address_wait_s(&limit, "192.0.2.2"), 0);
	assert_int_equal(rate_limit_pair_wait_s(&limit, "other", ADDRESS), 0);
}

static void
a_success_forgets_the_pair_but_not_the_address(void **state)
{
	(void)state;
	fail_times("root", ADDRESS, RATE_LIMIT_ADDRESS);
	rate_limit_succeeded(&limit, "root", ADDRESS);
	assert_int_equal(rate_limit_pair_wait_s(&limit, "root", ADDRESS), 0);
	assert_int_not_equal(rate_limit_address_wait_s(&limit, ADDRESS), 0);
}

static void
trying_many_logins_uses_up_the_address(void **state)
{
	char login[20];
	(void)state;

	for (int i = 0; i < RATE_LIMIT_ADDRESS; i++) {
		assert_int_equal(rate_limit_address_wait_s(&limit, ADDRESS), 0);
		(void)snprintf(login, sizeof(login), "user%d", i);
		fail_times(login, ADDRESS, 1);
	}
	assert_int_not_equal(rate_limit_address_wait_s(&limit, ADDRESS), 0);
}

static void
a_network_of_ipv6_is_one_address(void **state)
{
	(void)state;
	fail_times("root", "2001:db8::1", RATE_LIMIT_PAIR);
	assert_int_not_equal(rate_limit_pair_wait_s(&limit, "root", "2001:db8::2:3:4"), 0);
	assert_int_equal(rate_limit_pair_wait_s(&limit, "root", "2001:db8:0:1::1"), 0);
	fail_times("root", "::ffff:192.0.2.9", RATE_LIMIT_PAIR);
	assert_int_not_equal(rate_limit_pair_wait_s(&limit, "root", "192.0.2.9"), 0);
	assert_int_equal(rate_limit_pair_wait_s(&limit, "root", "::ffff:192.0.2.8"), 0);
}

static void
a_flood_of_logins_does_not_make_the_address_forgotten(void **state)
{
	char login[20];
	(void)state;

	for (int i = 0; i < 20000; i++) {
		(void)snprintf(login, sizeof(login), "user%d", i);
		fail_times(login, ADDRESS, 1);
	}
	assert_int_not_equal(rate_limit_address_wait_s(&limit, ADDRESS), 0);
}

static void
failures_beyond_the_allowance_cost_no_more_than_it(void **state)
{
	(void)state;
	fail_times("root", ADDRESS, 5000);
	assert_in_range(rate_limit_pair_wait_s(&limit, "root", ADDRESS), 1, 6);
	assert_in_range(rate_limit_address_wait_s(&limit, ADDRESS), 1, 1);
	clock_test_advance_ms(6001);
	assert_int_equal(rate_limit_pair_wait_s(&limit, "root", ADDRESS), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(ten_failures_in_a_minute_are_the_end_of_it, fresh),
		cmocka_unit_test_setup(waiting_gives_a_try_and_a_minute_gives_them_all, fresh),
		cmocka_unit_test_setup(the_owner_at_another_address_is_not_locked_out, fresh),
		cmocka_unit_test_setup(a_success_forgets_the_pair_but_not_the_address, fresh),
		cmocka_unit_test_setup(trying_many_logins_uses_up_the_address, fresh),
		cmocka_unit_test_setup(a_network_of_ipv6_is_one_address, fresh),
		cmocka_unit_test_setup(failures_beyond_the_allowance_cost_no_more_than_it, fresh),
		cmocka_unit_test_setup(a_flood_of_logins_does_not_make_the_address_forgotten,
				       fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
