/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/loop_watch.h: a loop that measures how long it keeps others waiting.
 *
 * Between two waits a loop serves nobody else.  A pass of LOOP_BUSY_MS or longer is told in the log
 * ("loop_busy", the longest of a second, once a second at most).  On a machine that has no processor free
 * the time another process had one counts too: nobody was served all the same.  Hence cpu_ms beside it, the
 * most processor time a pass used: when that is small it was not the loop's fault.
 */
#ifndef BASE_LOOP_WATCH_H
#define BASE_LOOP_WATCH_H

#include <stdint.h>

#include "base/histogram.h"

#define LOOP_BUSY_MS 20

/* All zero: nothing was measured yet. */
struct loop_watch {
	int64_t woke_ms; /* 0: never */
	int64_t used_us; /* processor time before that wait, which takes next to none */
	int64_t longest_ms; /* since it was told last */
	int64_t longest_cpu_us; /* the same */
	int64_t told_ms;
	struct histogram passes; /* all of them, of histogram_programs, in whole milliseconds */
};

/* The wait is over. */
void loop_watch_wakes(struct loop_watch *watch, int64_t now_ms);

/* It is going to wait.  Returns how long this pass took. */
int64_t loop_watch_waits(struct loop_watch *watch, int64_t now_ms);

#endif
