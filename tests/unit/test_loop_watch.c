/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/loop_watch.h"

static void
a_pass_is_from_the_end_of_a_wait_to_the_next_one(void **state)
{
	struct loop_watch watch = { 0, 0, 0 };

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
	struct loop_watch watch = { 0, 0, 0 };

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pass_is_from_the_end_of_a_wait_to_the_next_one),
		cmocka_unit_test(the_longest_of_a_second_is_told_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
