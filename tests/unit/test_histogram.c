/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/histogram.h"

static void
bounds_rise(void **state)
{
	(void)state;
	for (int i = 1; i < HISTOGRAM_BOUNDS; i++) {
		assert_true(histogram_jobs[i] > histogram_jobs[i - 1]);
		assert_true(histogram_programs[i] > histogram_programs[i - 1]);
	}
}

static void
a_time_is_counted_in_the_first_class_that_holds_it(void **state)
{
	struct histogram h = { .sum_us = 0 };
	(void)state;

	histogram_add(&h, histogram_programs, -5);
	histogram_add(&h, histogram_programs, 500);
	histogram_add(&h, histogram_programs, 501);
	histogram_add(&h, histogram_programs, 1000);
	histogram_add(&h, histogram_programs, INT64_C(10000000));
	histogram_add(&h, histogram_programs, INT64_C(10000001));
	assert_int_equal(h.counts[0], 2);
	assert_int_equal(h.counts[1], 2);
	assert_int_equal(h.counts[HISTOGRAM_BOUNDS - 1], 1);
	assert_int_equal(h.counts[HISTOGRAM_BOUNDS], 1);
	assert_int_equal(h.sum_us, 20002002);
}

static void
processes_that_share_one_lose_nothing(void **state)
{
	enum { PROCESSES = 4, TIMES = 20000 };
	struct histogram *h =
	    mmap(NULL, sizeof(*h), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	(void)state;

	assert_true(h != MAP_FAILED);
	for (int i = 0; i < PROCESSES; i++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0) {
			for (int n = 0; n < TIMES; n++)
				histogram_add(h, histogram_jobs, 3);
			_exit(0);
		}
	}
	for (int i = 0; i < PROCESSES; i++)
		assert_true(wait(NULL) > 0);
	assert_int_equal(h->counts[0], PROCESSES * TIMES);
	assert_int_equal(h->sum_us, 3 * PROCESSES * TIMES);
	(void)munmap(h, sizeof(*h));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bounds_rise),
		cmocka_unit_test(a_time_is_counted_in_the_first_class_that_holds_it),
		cmocka_unit_test(processes_that_share_one_lose_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
