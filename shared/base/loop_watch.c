/* SPDX-License-Identifier: Apache-2.0 */
#include "base/loop_watch.h"

#include "base/clock.h"
#include "base/log.h"

#define TELL_EVERY_MS 1000

void
loop_watch_wakes(struct loop_watch *watch, int64_t now_ms)
{
	watch->woke_ms = now_ms;
}

int64_t
loop_watch_waits(struct loop_watch *watch, int64_t now_ms)
{
	int64_t took_ms = watch->woke_ms == 0 ? 0 : now_ms - watch->woke_ms;
	int64_t used_us = clock_cpu_us(); /* a system call: one for each pass */
	int64_t cpu_us = watch->woke_ms == 0 ? 0 : used_us - watch->used_us;

	watch->used_us = used_us;
	if (watch->woke_ms != 0)
		histogram_add(&watch->passes, histogram_programs, took_ms * 1000);
	if (took_ms > watch->longest_ms)
		watch->longest_ms = took_ms;
	if (cpu_us > watch->longest_cpu_us)
		watch->longest_cpu_us = cpu_us;
	if (watch->longest_ms >= LOOP_BUSY_MS && now_ms - watch->told_ms >= TELL_EVERY_MS) {
		log_info("loop_busy", "ms=%lld cpu_ms=%lld", (long long)watch->longest_ms,
			 (long long)(watch->longest_cpu_us + 500) / 1000);
		watch->longest_ms = watch->longest_cpu_us = 0;
		watch->told_ms = now_ms;
	}
	return took_ms;
}
