/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/loop_watch.h"

static void
a_pass_is_from_the_end_of_a_wait_to_the_next_one(void **state)
{
	struct loop_watch watch = { 0 };

	(void)state;
	assert_int_equal(loop_watch_waits(&watch, 5000),
			 0); /* the first wait is preceded by none */
	loop_watch_wakes(&watch, 9000);
	assert_int_equal(loop_watch_waits(&watch, 9007), 7);
	assert_int_equal(watch.longest_ms, 7);
}

static void
the_longest_of_a_second_is_told_once(void **state)
{
	struct loop_watch watch = { 0 };

	(void)state;
	loop_watch_wakes(&watch, 10000);
	(void)loop_watch_waits(&watch, 10000 + LOOP_BUSY_MS);
	assert_int_equal(watch.told_ms, 10000 + LOOP_BUSY_MS);
	assert_int_equal(watch.longest_ms, 0);
	loop_watch_wakes(&watch, 10100);
	(void)loop_watch_waits(&watch, 10180);
	loop_watch_wakes(&watch, 10200);
	(void)loop_watch_waits(&watch, 10230);
	assert_int_equal(watch.told_ms, 10000 + LOOP_BUSY_MS); /* not yet again */
	assert_int_equal(watch.longest_ms, 80);
	loop_watch_wakes(&watch, 11100);
	(void)loop_watch_waits(&watch, 11101);
	assert_int_equal(watch.told_ms, 11101);
}

static void
what_the_loop_itself_used_is_told_apart_from_what_it_waited_for(void **state)
{
	struct loop_watch watch = { 0 };
	int64_t until_us = clock_cpu_us() + 3000;

	(void)state;
	(void)loop_watch_waits(&watch, 9999);
	loop_watch_wakes(&watch, 10000);
	while (clock_cpu_us() < until_us)
		continue;
	(void)loop_watch_waits(&watch, 10001);
	loop_watch_wakes(&watch, 10002);
	(void)loop_watch_waits(&watch, 10012); /* ten milliseconds of somebody else */
	assert_int_equal(watch.longest_ms, 10);
	assert_in_range(watch.longest_cpu_us, 2000, 9000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pass_is_from_the_end_of_a_wait_to_the_next_one),
		cmocka_unit_test(the_longest_of_a_second_is_told_once),
		cmocka_unit_test(what_the_loop_itself_used_is_told_apart_from_what_it_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
