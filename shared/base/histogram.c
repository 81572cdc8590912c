/* SPDX-License-Identifier: Apache-2.0 */
#include "base/histogram.h"

#include <stddef.h>

#define MS INT64_C(1000)
#define S (1000 * MS)

const int64_t histogram_jobs[HISTOGRAM_BOUNDS] = { 10 * MS,   100 * MS, 500 * MS, S,
						   5 * S,     15 * S,   60 * S,   300 * S,
						   900 * S,   1800 * S, 3600 * S, 14400 * S,
						   43200 * S, 86400 * S };
const int64_t histogram_programs[HISTOGRAM_BOUNDS] = { 500,      1 * MS,   2500,      5 * MS,
						       10 * MS,  20 * MS,  50 * MS,   100 * MS,
						       250 * MS, 500 * MS, 1000 * MS, 2500 * MS,
						       5 * S,    10 * S };

void
histogram_add(struct histogram *histogram, const int64_t bounds_us[HISTOGRAM_BOUNDS], int64_t us)
{
	size_t i = 0;

	if (us < 0)
		us = 0;
	while (i < HISTOGRAM_BOUNDS && us > bounds_us[i])
		i++;
	(void)__atomic_fetch_add(&histogram->counts[i], 1, __ATOMIC_RELAXED);
	(void)__atomic_fetch_add(&histogram->sum_us, (uint64_t)us, __ATOMIC_RELAXED);
}
