/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/histogram.h: how long things took, counted in classes that never change, as Prometheus wants them.
 *
 * All zero is an empty one.  Several processes may add to one in shared memory: each number is right, though not all
 * of them at one moment.
 */
#ifndef BASE_HISTOGRAM_H
#define BASE_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_BOUNDS 14

struct histogram {
	uint64_t counts[HISTOGRAM_BOUNDS +
			1]; /* up to that bound, and over the one before; last: over all */
	uint64_t sum_us;
};

/* The bounds, in microseconds, rising. */
extern const int64_t histogram_jobs[HISTOGRAM_BOUNDS]; /* 10 ms to a day: what people wait for */
extern const int64_t
    histogram_programs[HISTOGRAM_BOUNDS]; /* 0.5 ms to 10 s: what programs wait for */

/* Something took us (less than 0: 0). */
void histogram_add(struct histogram *histogram, const int64_t bounds_us[HISTOGRAM_BOUNDS],
		   int64_t us);

#endif
