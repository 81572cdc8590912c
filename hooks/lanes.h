/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hooks/lanes.h: how much is on its way, so that no receiver keeps others waiting.
 *
 * There are two lanes.  One has room for LANE_QUICK_MAX deliveries to hooks whose last answer came and was quick; the
 * other for LANE_SLOW_MAX to hooks that were slow or failed.  What takes longer than LANE_SLOW_MS goes over from the first
 * to the second, be there room or not, and leaves its place to others: a receiver that suddenly answers no more holds a
 * place of the first lane for a second.  All of them together never are more than both lanes have room for.
 */
#ifndef HOOKS_LANES_H
#define HOOKS_LANES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LANE_QUICK_MAX 256
#define LANE_SLOW_MAX 256
#define LANES_MAX (LANE_QUICK_MAX + LANE_SLOW_MAX)
#define LANE_SLOW_MS 1000
#define LANE_EACH 4 /* to one hook; one to a hook that is slow or fails */
#define LANE_HOST_MAX 32 /* to one host, claimed out of each lane */

/* Of each delivery on its way the hook. */
struct lane {
	int64_t hooks[LANES_MAX];
	size_t len;
};

struct lanes {
	struct lane quick; /* claimed for the first lane, and in it */
	struct lane late; /* claimed for the first lane, and in the second by now */
	struct lane slow; /* claimed for the second lane */
	int64_t late_in_ms; /* when the next one will be late; INT64_MAX: none will */
};
#define LANES_INIT                      \
	{                               \
		.late_in_ms = INT64_MAX \
	}

/* A delivery that was claimed for the second lane or not, and has been on its way for out_ms.  At most LANES_MAX of them. */
void lanes_add(struct lanes *lanes, int64_t hook, bool claimed_slow, int64_t out_ms);

/* How many more may be claimed for each. */
size_t lanes_quick_room(const struct lanes *lanes);
size_t lanes_slow_room(const struct lanes *lanes);

#endif
