/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Processor time, processes and memory of a job.  Without a group each is enforced by rlimits and by
 * counting; tests/root/30-keeper.sh runs the same in a group that has the controllers (JQM_TEST_CONTROLLERS),
 * and but for memory nobody shall see a difference.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "tests/lib/keeper_client.h"
#include "tests/lib/keeper_watch.h"

static bool
has_controllers(void)
{
	return getenv("JQM_TEST_CONTROLLERS") != NULL;
}

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
	start_limited(kc, 3, "exit 3", 1, 0, 0);
	assert_int_equal(kc_ended(kc, 2)->cause, KEEPER_CAUSE_NONE);
	assert_int_equal(kc_ended(kc, 3)->cause, KEEPER_CAUSE_NONE);
	ended = kc_ended(kc, 1);
	assert_int_equal(ended->cause, KEEPER_CAUSE_CPU);
	assert_true(ended->user_us + ended->system_us < 10000000);
	assert_int_equal(ended->cpu_max_s, 1);
	kc_free(kc);
}

/* None of them reaches the limit of a process. */
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

/* Each lives for a fraction of a second, and nobody of the job waits for it. */
static void
time_of_processes_that_forked_away_and_ended_counts(void **state)
{
	struct kc *kc = kc_new(NULL);

	(void)state;
	start_limited(kc, 1,
		      "while :; do (sh -c 'n=0; while [ $n -lt 100000 ]; do n=$((n+1)); done' &);"
		      " sleep 0.05; done",
		      1, 0, 0);
	assert_int_equal(kc_ended(kc, 1)->cause, KEEPER_CAUSE_CPU);
	assert_int_equal(kc_alive(kc), 0);
	kc_free(kc);
}

/* The time is that of a child, and what the shell makes of its end says nothing of it. */
static void
a_child_s_time_is_the_job_s(void **state)
{
	struct kc *kc = kc_new(NULL);

	(void)state;
	start_limited(kc, 1, "sh -c 'while :; do :; done'; exit 3", 1, 0, 0);
	assert_int_equal(kc_ended(kc, 1)->cause, KEEPER_CAUSE_CPU);
	kc_free(kc);
}

static void
a_job_with_too_many_processes_is_ended_with_that_cause(void **state)
{
	struct kc *kc = kc_new(NULL);

	(void)state;
	start_limited(kc, 1, "for i in 1 2 3 4 5 6; do sleep 60 & done; wait", 0, 4, 0);
	assert_int_equal(kc_ended(kc, 1)->cause, KEEPER_CAUSE_PROCESSES);
	start_limited(kc, 2, "for i in 1 2 3; do sleep 60 & done; wait", 0, 4, 0);
	kc_wait_alive_in_state(kc, 'S', 4); /* exactly as many as it may have */
	/* The other one's end is the clock: by then both were looked at. */
	start_limited(kc, 3, "for i in 1 2 3 4 5 6; do sleep 60 & done; wait", 0, 4, 0);
	assert_int_equal(kc_ended(kc, 3)->cause, KEEPER_CAUSE_PROCESSES);
	kc_wait_alive_in_state(kc, 'S', 4);
	kc_signal(kc, 2, KEEPER_KILL, 0);
	assert_int_equal(kc_ended(kc, 2)->cause, KEEPER_CAUSE_ORDER);
	kc_free(kc);
}

static void
threads_count_as_processes(void **state)
{
	struct kc *kc = kc_new(NULL);

	(void)state;
	for (int64_t job = 1; job <= 2; job++) {
		struct keeper_msg order = kc_order(kc, job, "");
		const char *argv[] = { "many_threads", job == 1 ? "9" : "8", kc->mark, NULL };

		order.u.start.program = kc_helper("many_threads");
		order.u.start.argv = argv;
		order.u.start.processes_max = 8;
		order.u.start.grace_ms = 200;
		kc_send(kc, &order);
	}
	assert_int_equal(kc_ended(kc, 1)->cause, KEEPER_CAUSE_PROCESSES);
	kc_wait_output(kc, 2, "ready");
	kc_signal(kc, 2, KEEPER_KILL, 0);
	assert_int_equal(kc_ended(kc, 2)->cause, KEEPER_CAUSE_ORDER);
	kc_free(kc);
}

/* It ignores TERM and has a grace of a minute, but it grows.  In a group the kernel lets none grow. */
static void
a_job_that_multiplies_has_no_grace(void **state)
{
	struct kc *kc = kc_new(NULL);
	struct keeper_msg order =
	    kc_order(kc, 1,
		     "trap '' TERM; for i in 1 2 3; do sleep 60 & done; echo ready;"
		     " sleep 0.5; for i in 1 2 3 4 5 6 7 8 9; do sleep 60 & done; wait; wait");
	int64_t before_ms = clock_mono_ms();

	(void)state;
	if (has_controllers())
		skip();
	order.u.start.processes_max = 5;
	order.u.start.grace_ms = 600000;
	kc_send(kc, &order);
	assert_int_equal(kc_ended(kc, 1)->cause, KEEPER_CAUSE_PROCESSES);
	assert_true(clock_mono_ms() - before_ms < 300000);
	assert_int_equal(kc_alive(kc), 0);
	kc_free(kc);
}

/* As inside a job of another keeper: sessions and parents must do. */
static void
without_marks_processes_and_time_are_counted_all_the_same(void **state)
{
	struct kc *kc = kc_new(NULL);

	(void)state;
	kc_connect_nested(kc);
	start_limited(kc, 1, "for i in 1 2 3 4 5 6; do sleep 60 & done; wait", 0, 4, 0);
	start_limited(kc, 2, "while :; do sh -c 'while :; do :; done'; done & sleep 60", 1, 0, 0);
	assert_int_equal(kc_ended(kc, 1)->cause, KEEPER_CAUSE_PROCESSES);
	assert_int_equal(kc_ended(kc, 2)->cause, KEEPER_CAUSE_CPU);
	kc_free(kc);
}

/* tail keeps in memory what has no line's end. */
#define WANTS_100_MB "head -c 100000000 /dev/zero | tail > /dev/null"

static void
a_job_over_its_memory_is_killed_or_told_so(void **state)
{
	struct kc *kc = kc_new(NULL);
	const struct keeper_report *ended;

	(void)state;
	start_limited(kc, 1, WANTS_100_MB " || exit 5", 0, 0, 40 << 20);
	start_limited(kc, 2, WANTS_100_MB " || exit 5", 0, 0, INT64_C(1) << 30);
	ended = kc_ended(kc, 1);
	assert_int_equal(ended->cause, has_controllers() ? KEEPER_CAUSE_MEMORY : KEEPER_CAUSE_NONE);
	assert_int_equal(ended->exit_code, has_controllers() ? -1 : 5);
	assert_int_equal(ended->signal, has_controllers() ? SIGKILL : 0);
	assert_int_equal(ended->memory_max_bytes, 40 << 20);
	ended = kc_ended(kc, 2);
	assert_int_equal(ended->cause, KEEPER_CAUSE_NONE);
	assert_int_equal(ended->exit_code, 0);
	assert_int_equal(kc_alive(kc), 0);
	kc_free(kc);
}

/* Too little even to begin: it does not start, or ends at once; the keeper and the others go on. */
static void
a_job_with_too_little_memory_to_begin_harms_nobody_else(void **state)
{
	static const int64_t bytes[] = { 4096, 16384, 65536, 262144, 1048576 };
	struct kc *kc = kc_new(NULL);
	int64_t job;

	(void)state;
	kc_start(kc, 1, "exec sleep 60");
	(void)kc_wait(kc, KEEPER_STARTED, 1);
	for (size_t i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++) {
		job = 10 + (int64_t)i;
		start_limited(kc, job, WANTS_100_MB, 0, 0, bytes[i]);
		while (kc_count(kc, KEEPER_ENDED, job) + kc_count(kc, KEEPER_NOT_STARTED, job) == 0)
			assert_true(kc_receive(kc, KC_DEADLINE_MS));
		if (kc_count(kc, KEEPER_NOT_STARTED, job) > 0) {
			const struct keeper_not_started *why =
			    &kc_wait(kc, KEEPER_NOT_STARTED, job)->u.not_started;

			print_message("%lld: %s: %d\n", (long long)bytes[i], why->step, why->error);
		} else {
			const struct keeper_report *ended = kc_ended(kc, job);

			print_message("%lld: exit code %d signal %d cause %s\n",
				      (long long)bytes[i], ended->exit_code, ended->signal,
				      keeper_cause_name(ended->cause));
		}
	}
	kc_start(kc, 2, "exit 9");
	assert_int_equal(kc_ended(kc, 2)->exit_code, 9);
	assert_int_equal(kc_alive(kc), 1);
	kc_free(kc);
}

/* The shell counts its memory in KB. */
static void
rlimits_are_set_where_no_group_does_it_and_only_then(void **state)
{
	struct kc *kc = kc_new(NULL);
	char expected[64];

	(void)state;
	start_limited(kc, 1, "echo $(ulimit -v) $(ulimit -St) $(ulimit -Ht)", 50, 0, 200 << 20);
	start_limited(kc, 2, "echo $(ulimit -v) $(ulimit -St) $(ulimit -Ht)", 0, 0, 0);
	assert_int_equal(kc_ended(kc, 1)->exit_code, 0);
	assert_int_equal(kc_ended(kc, 2)->exit_code, 0);
	assert_string_equal(kc_output(kc, 2, "out"), "unlimited unlimited unlimited\n");
	/* A group counts time without any controller. */
	(void)snprintf(expected, sizeof(expected), "%s %s\n",
		       has_controllers() ? "unlimited" : "204800",
		       getenv("JQM_TEST_CGROUP") != NULL ? "unlimited unlimited" : "64 66");
	assert_string_equal(kc_output(kc, 1, "out"), expected);
	kc_free(kc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_job_over_its_processor_time_is_ended_with_that_cause),
		cmocka_unit_test(processor_time_counts_for_the_whole_tree),
		cmocka_unit_test(time_of_processes_that_forked_away_and_ended_counts),
		cmocka_unit_test(a_child_s_time_is_the_job_s),
		cmocka_unit_test(a_job_with_too_many_processes_is_ended_with_that_cause),
		cmocka_unit_test(threads_count_as_processes),
		cmocka_unit_test(a_job_that_multiplies_has_no_grace),
		cmocka_unit_test(without_marks_processes_and_time_are_counted_all_the_same),
		cmocka_unit_test(a_job_over_its_memory_is_killed_or_told_so),
		cmocka_unit_test(a_job_with_too_little_memory_to_begin_harms_nobody_else),
		cmocka_unit_test(rlimits_are_set_where_no_group_does_it_and_only_then),
	};

	kc_leave_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
