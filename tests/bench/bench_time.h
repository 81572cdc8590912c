/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tests/bench/bench_time.h: what all bench programs need of clocks and orders.
 */
#ifndef BENCH_TIME_H
#define BENCH_TIME_H

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Seconds of the clock all processes of a machine share. */
static inline double
now_s(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static inline int
compare_doubles(const void *a, const void *b)
{
	double x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return (x > y) - (x < y);
}

static inline void
sort_doubles(double *values, size_t n)
{
	qsort(values, n, sizeof(*values), compare_doubles);
}

#endif
