/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hooks/lanes.h"

static void
add(struct lanes *lanes, size_t n, bool claimed_slow, int64_t out_ms)
{
	for (size_t i = 0; i < n; i++)
		lanes_add(lanes, (int64_t)i + 1, claimed_slow, out_ms);
}

static void
assert_rooms(const struct lanes *lanes, size_t quick, size_t slow)
{
	assert_int_equal(lanes_quick_room(lanes), quick);
	assert_int_equal(lanes_slow_room(lanes), slow);
}

static void
who_is_slow_takes_no_place_of_the_others(void **state)
{
	struct lanes lanes = LANES_INIT;
	(void)state;

	assert_rooms(&lanes, LANE_QUICK_MAX, LANE_SLOW_MAX);
	add(&lanes, LANE_SLOW_MAX, true, 0);
	assert_rooms(&lanes, LANE_QUICK_MAX, 0);
	add(&lanes, LANE_QUICK_MAX, false, 0);
	assert_rooms(&lanes, 0, 0);
}

static void
what_takes_long_leaves_its_place_to_others(void **state)
{
	struct lanes lanes = LANES_INIT;
	(void)state;

	add(&lanes, LANE_QUICK_MAX, false, LANE_SLOW_MS);
	assert_rooms(&lanes, 0, LANE_SLOW_MAX);
	assert_int_equal(lanes.late_in_ms, 1);
	lanes = (struct lanes)LANES_INIT;
	add(&lanes, LANE_QUICK_MAX, false, LANE_SLOW_MS + 1);
	assert_rooms(&lanes, LANE_QUICK_MAX, 0);
	assert_int_equal(lanes.late.len, LANE_QUICK_MAX);
}

static void
all_together_are_never_more_than_both_lanes_hold(void **state)
{
	struct lanes lanes = LANES_INIT;
	(void)state;

	add(&lanes, LANE_SLOW_MAX, true, 0);
	add(&lanes, 100, false, LANE_SLOW_MS + 1);
	assert_rooms(&lanes, LANE_QUICK_MAX - 100, 0);
	add(&lanes, LANE_QUICK_MAX - 100, false, LANE_SLOW_MS + 1);
	assert_rooms(&lanes, 0, 0);
}

static void
the_next_to_be_late_is_the_oldest_of_the_first_lane(void **state)
{
	struct lanes lanes = LANES_INIT;
	(void)state;

	lanes_add(&lanes, 1, true, 900);
	assert_int_equal(lanes.late_in_ms, INT64_MAX);
	lanes_add(&lanes, 2, false, 100);
	lanes_add(&lanes, 3, false, 300);
	lanes_add(&lanes, 4, false, 200);
	assert_int_equal(lanes.late_in_ms, LANE_SLOW_MS - 300 + 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_slow_takes_no_place_of_the_others),
		cmocka_unit_test(what_takes_long_leaves_its_place_to_others),
		cmocka_unit_test(all_together_are_never_more_than_both_lanes_hold),
		cmocka_unit_test(the_next_to_be_late_is_the_oldest_of_the_first_lane),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
