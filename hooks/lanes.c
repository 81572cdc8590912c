/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks/lanes.h"

#include <assert.h>

void
lanes_add(struct lanes *lanes, int64_t hook, bool claimed_slow, int64_t out_ms)
{
	struct lane *lane = &lanes->slow;

	if (!claimed_slow && out_ms > LANE_SLOW_MS) {
		lane = &lanes->late;
	} else if (!claimed_slow) {
		int64_t left_ms = LANE_SLOW_MS - out_ms + 1;

		lane = &lanes->quick;
		if (left_ms < lanes->late_in_ms)
			lanes->late_in_ms = left_ms;
	}
	assert(lane->len < LANES_MAX);
	lane->hooks[lane->len++] = hook;
}

size_t
lanes_quick_room(const struct lanes *lanes)
{
	size_t all = lanes->quick.len + lanes->late.len + lanes->slow.len;
	size_t lane = lanes->quick.len < LANE_QUICK_MAX ? LANE_QUICK_MAX - lanes->quick.len : 0;
	size_t total = all < LANES_MAX ? LANES_MAX - all : 0;

	return lane < total ? lane : total;
}

size_t
lanes_slow_room(const struct lanes *lanes)
{
	size_t used = lanes->late.len + lanes->slow.len;

	return used < LANE_SLOW_MAX ? LANE_SLOW_MAX - used : 0;
}
