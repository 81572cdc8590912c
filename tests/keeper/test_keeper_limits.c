/* SPDX-License-Identifier: Apache-2.0 */
/* Processor time, processes and memory of a job, without a cgroup that has controllers. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "tests/lib/keeper_client.h"
#include "tests/lib/keeper_watch.h"

static void
start_limited(struct kc *kc, int64_t job, const char *script, int64_t cpu_s, int64_t processes,
	      int64_t memory)
{
	struct keeper_msg order = kc_order(kc, job, script);

	order.u.start.cpu_max_s = cpu_s;
	order.u.start.processes_max = processes;
	order.u.start.memory_max_bytes = memory;
	order.u.start.grace_ms = 200;
	kc_send(kc, &order);
}

static void
a_job_over_its_processor_time_is_ended_with_that_cause(void **state)
{
	struct kc *kc = kc_new(NULL);
	const struct keeper_report *ended;

	(void)state;
	start_limited(kc, 1, "while :; do :; done", 1, 0, 0);
	start_limited(kc, 2, "sleep 0.1", 1, 0, 0); /* idle time costs nothing */
	assert_int_equal(kc_ended(kc, 2)->cause, KEEPER_CAUSE_NONE);
	ended = kc_ended(kc, 1);
	assert_int_equal(ended->cause, KEEPER_CAUSE_CPU);
	assert_true(ended->user_us + ended->system_us < 3000000);
	assert_int_equal(ended->cpu_max_s, 1);
	kc_free(kc);
}

/* Neither of them reaches the limit of a process. */
static void
processor_time_counts_for_the_whole_tree(void **state)
{
	struct kc *kc = kc_new(NULL);

	(void)state;
	start_limited(
	    kc, 1,
	    "for i in 1 2 3 4; do (n=0; while [ $n -lt 90000000 ]; do n=$((n+1)); done) & done;"
	    " wait",
	    2, 0, 0);
	assert_int_equal(kc_ended(kc, 1)->cause, KEEPER_CAUSE_CPU);
	assert_int_equal(kc_alive(kc), 0);
	kc_free(kc);
}

static void
a_job_with_too_many_processes_is_ended_with_that_cause(void **state)
{
	struct kc *kc = kc_new(NULL);

	(void)state;
	start_limited(kc, 1, "for i in 1 2 3 4 5 6; do sleep 60 & done; wait", 0, 4, 0);
	start_limited(kc, 2, "for i in 1 2 3; do sleep 60 & done; wait", 0, 4, 0);
	assert_int_equal(kc_ended(kc, 1)->cause, KEEPER_CAUSE_PROCESSES);
	kc_wait_alive_in_state(kc, 'S', 4); /* the other one, with exactly as many as it may have */
	kc_signal(kc, 2, KEEPER_KILL, 0);
	assert_int_equal(kc_ended(kc, 2)->cause, KEEPER_CAUSE_ORDER);
	kc_free(kc);
}

/* The shell counts its memory in KB; the job itself learns that there is no more. */
static void
a_job_s_memory_is_limited(void **state)
{
	struct kc *kc = kc_new(NULL);

	(void)state;
	start_limited(kc, 1, "[ $(ulimit -v) = 204800 ] && [ $(ulimit -t) = 50 ]", 50, 0,
		      200 << 20);
	start_limited(kc, 2, "[ $(ulimit -v) = unlimited ] && [ $(ulimit -t) = unlimited ]", 0, 0,
		      0);
	assert_int_equal(kc_ended(kc, 1)->exit_code, 0);
	assert_int_equal(kc_ended(kc, 2)->exit_code, 0);
	kc_free(kc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_job_over_its_processor_time_is_ended_with_that_cause),
		cmocka_unit_test(processor_time_counts_for_the_whole_tree),
		cmocka_unit_test(a_job_with_too_many_processes_is_ended_with_that_cause),
		cmocka_unit_test(a_job_s_memory_is_limited),
	};

	kc_leave_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
