/* SPDX-License-Identifier: Apache-2.0 */
/* How a job ends: by itself, by order, by its limits; whatever its processes do, none is left. */
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "tests/lib/keeper_client.h"
#include "tests/lib/keeper_watch.h"

/* Start tests/helpers/NAME with one argument, and the mark, and wait until it says "ready". */
static void
start_helper(struct kc *kc, int64_t job, const char *name, const char *arg, int64_t grace_ms)
{
	struct keeper_msg order = kc_order(kc, job, "");
	const char *argv[] = { name, arg, kc->mark, NULL };

	order.u.start.program = kc_helper(name);
	order.u.start.argv = argv;
	order.u.start.grace_ms = grace_ms;
	kc_send(kc, &order);
	kc_wait_output(kc, job, "ready");
}

static void
a_job_that_ignores_term_is_killed_after_its_grace(void **state)
{
	struct kc *kc = kc_new(NULL);
	const struct keeper_report *ended;
	int64_t before;
	(void)state;

	start_helper(kc, 1, "ignore_term", "x", 60000);
	before = clock_mono_ms();
	kc_signal(kc, 1, KEEPER_KILL, 300);
	ended = kc_ended(kc, 1);
	assert_true(clock_mono_ms() - before >= 300);
	assert_int_equal(ended->signal, SIGKILL);
	assert_int_equal(ended->cause, KEEPER_CAUSE_ORDER);
	assert_int_equal(ended->left, 0);
	assert_int_equal(kc_alive(kc), 0);
	kc_free(kc);
}

static void
a_job_may_use_its_grace_to_end_with_a_code_of_its_own(void **state)
{
	struct kc *kc = kc_new(NULL);
	const struct keeper_report *ended;
	(void)state;

	kc_start(kc, 1, "trap 'exit 42' TERM; echo ready; while :; do sleep 0.05; done");
	kc_wait_output(kc, 1, "ready");
	kc_signal(kc, 1, KEEPER_KILL, -1);
	ended = kc_ended(kc, 1);
	assert_int_equal(ended->exit_code, 42);
	assert_int_equal(ended->signal, 0);
	assert_int_equal(ended->cause, KEEPER_CAUSE_ORDER);
	kc_free(kc);
}

static void
a_second_kill_can_shorten_the_grace(void **state)
{
	struct kc *kc = kc_new(NULL);
	int64_t before = clock_mono_ms();
	(void)state;

	start_helper(kc, 1, "ignore_term", "x", 60000);
	kc_signal(kc, 1, KEEPER_KILL, -1);
	kc_signal(kc, 1, KEEPER_KILL, 0);
	assert_int_equal(kc_ended(kc, 1)->signal, SIGKILL);
	assert_true(clock_mono_ms() - before < 40000);
	kc_free(kc);
}

static void
a_job_without_outputs_lives_on_until_it_is_killed(void **state)
{
	struct kc *kc = kc_new(NULL);
	(void)state;

	start_helper(kc, 1, "close_stdout", "x", 5000);
	kc_wait_alive_in_state(kc, 'S', 1);
	assert_int_equal(kc_count(kc, KEEPER_ENDED, 1), 0);
	kc_signal(kc, 1, KEEPER_KILL, -1);
	assert_int_equal(kc_ended(kc, 1)->signal, SIGTERM);
	assert_int_equal(kc_alive(kc), 0);
	kc_free(kc);
}

static void
a_daemon_ends_with_the_job_that_started_it(void **state)
{
	struct kc *kc = kc_new(NULL);
	const struct keeper_report *ended;
	(void)state;

	start_helper(kc, 1, "fork_away", "5", 300);
	ended = kc_ended(kc, 1);
	assert_int_equal(ended->exit_code, 5); /* of the first process, which knew nothing */
	assert_int_equal(ended->signal, 0);
	assert_int_equal(ended->cause, KEEPER_CAUSE_NONE);
	assert_int_equal(ended->left, 0);
	/* The times are of the first process: the daemon's grace is not in it. */
	assert_true(ended->ended_us - ended->started_us < 300000 ||
		    clock_wall_us() - ended->ended_us >= 300000);
	assert_int_equal(kc_alive(kc), 0);
	assert_int_equal(kc_keeper_children(kc), 0);
	kc_free(kc);
}

static void
a_kill_reaches_a_daemon_outside_the_session(void **state)
{
	struct kc *kc = kc_new(NULL);
	(void)state;

	start_helper(kc, 1, "fork_away", "-1", 60000);
	assert_int_equal(kc_alive(kc), 2);
	kc_signal(kc, 1, KEEPER_KILL, 200);
	assert_int_equal(kc_ended(kc, 1)->left, 0);
	assert_int_equal(kc_alive(kc), 0);
	kc_free(kc);
}

static void
background_children_get_term_and_their_grace_when_the_job_ends(void **state)
{
	struct kc *kc = kc_new(NULL);
	(void)state;

	kc_start(kc, 1,
		 "(trap 'echo bye; exit' TERM; echo ready; while :; do sleep 0.05; done) & "
		 "while ! grep -q ready $PWD/1.out; do sleep 0.02; done; exit 9");
	assert_int_equal(kc_ended(kc, 1)->exit_code, 9);
	assert_string_equal(kc_output(kc, 1, "out"), "ready\nbye\n");
	assert_int_equal(kc_alive(kc), 0);
	kc_free(kc);
}

static void
other_jobs_survive_the_end_of_one(void **state)
{
	struct kc *kc = kc_new(NULL);
	(void)state;

	start_helper(kc, 1, "fork_away", "-1", 100);
	start_helper(kc, 2, "fork_away", "-1", 100);
	start_helper(kc, 3, "fork_away", "3", 100);
	assert_int_equal(kc_ended(kc, 3)->exit_code, 3);
	assert_int_equal(kc_alive(kc), 4);
	kc_signal(kc, 1, KEEPER_KILL, 0);
	assert_int_equal(kc_ended(kc, 1)->left, 0);
	assert_int_equal(kc_alive(kc), 2);
	assert_int_equal(kc_count(kc, KEEPER_ENDED, 2), 0);
	kc_free(kc);
}

/* Chains of processes without session, environment or manners. */
static void
hop(const char *count, const char *nap_ms, bool beside_another)
{
	struct kc *kc = kc_new(NULL);
	struct keeper_msg order = kc_order(kc, 1, "");
	const char *argv[] = { "hopper", count, nap_ms, kc->mark, NULL };
	const struct keeper_report *ended;

	order.u.start.program = kc_helper("hopper");
	order.u.start.argv = argv;
	order.u.start.grace_ms = 100;
	kc_send(kc, &order);
	if (beside_another) { /* it must be able to end, whatever the other one does */
		kc_start(kc, 2, "exit 8");
		assert_int_equal(kc_ended(kc, 2)->exit_code, 8);
	}
	ended = kc_ended(kc, 1);
	print_message("%s hoppers: over %" PRId64 " ms after the first process\n", count,
		      (clock_wall_us() - ended->ended_us) / 1000);
	assert_int_equal(ended->exit_code, 7);
	assert_int_equal(ended->left, 0);
	assert_int_equal(kc_alive(kc), 0);
	/* They would have ended by themselves a minute after their start. */
	assert_true(clock_wall_us() - ended->started_us < 50000000);
	kc_free(kc);
}

static void
two_hundred_hoppers_leave_nothing(void **state)
{
	(void)state;
	hop("200", "100", false);
}

static void
a_few_fast_hoppers_leave_nothing_and_stop_nobody(void **state)
{
	(void)state;
	hop("4", "0", true);
}

static void
pause_stops_the_whole_tree_and_resume_lets_it_go_on(void **state)
{
	struct kc *kc = kc_new(NULL);
	(void)state;

	kc_start(kc, 1, "sleep 60 & sleep 60 & echo ready; wait");
	kc_wait_output(kc, 1, "ready");
	kc_signal(kc, 1, KEEPER_PAUSE, 0);
	kc_wait_stopped(kc);
	assert_int_equal(kc_alive(kc), 3);
	kc_signal(kc, 1, KEEPER_RESUME, 0);
	kc_wait_alive_in_state(kc, 'T', 0);
	kc_signal(kc, 1, KEEPER_KILL, -1);
	(void)kc_ended(kc, 1);
	assert_int_equal(kc_alive(kc), 0);
	kc_free(kc);
}

static void
a_paused_job_that_is_killed_can_still_act_on_term(void **state)
{
	struct kc *kc = kc_new(NULL);
	const struct keeper_report *ended;
	(void)state;

	kc_start(kc, 1, "trap 'exit 43' TERM; echo ready; while :; do sleep 0.05; done");
	kc_wait_output(kc, 1, "ready");
	kc_signal(kc, 1, KEEPER_PAUSE, 0);
	kc_wait_stopped(kc);
	kc_signal(kc, 1, KEEPER_KILL, -1);
	ended = kc_ended(kc, 1);
	assert_int_equal(ended->exit_code, 43);
	kc_free(kc);
}

static void
a_job_over_its_time_is_ended_with_cause_timeout(void **state)
{
	struct kc *kc = kc_new(NULL);
	struct keeper_msg order = kc_order(kc, 1, "exec sleep 60");
	const struct keeper_report *ended;
	(void)state;

	order.u.start.run_max_ms = 300;
	kc_send(kc, &order);
	ended = kc_ended(kc, 1);
	assert_int_equal(ended->cause, KEEPER_CAUSE_TIMEOUT);
	assert_int_equal(ended->signal, SIGTERM);
	assert_true(ended->ended_us - ended->started_us >= 290000);
	kc_free(kc);
}

static void
a_paused_job_does_not_use_up_its_time(void **state)
{
	struct kc *kc = kc_new(NULL);
	struct keeper_msg order = kc_order(kc, 1, "echo ready; exec sleep 60");
	const struct keeper_report *ended;
	(void)state;

	order.u.start.run_max_ms = 4000;
	kc_send(kc, &order);
	kc_wait_output(kc, 1, "ready");
	kc_signal(kc, 1, KEEPER_PAUSE, 0);
	kc_wait_alive_in_state(kc, 'T', 1);
	/* A second job's time-out is the clock: when it has ended, 4.5 s are over. */
	order = kc_order(kc, 2, "exec sleep 60");
	order.u.start.run_max_ms = 4500;
	kc_send(kc, &order);
	assert_int_equal(kc_ended(kc, 2)->cause, KEEPER_CAUSE_TIMEOUT);
	assert_int_equal(kc_count(kc, KEEPER_ENDED, 1), 0);
	kc_signal(kc, 1, KEEPER_RESUME, 0);
	ended = kc_ended(kc, 1);
	assert_int_equal(ended->cause, KEEPER_CAUSE_TIMEOUT);
	assert_true(ended->ended_us - ended->started_us >= 8400000);
	kc_free(kc);
}

static void
a_job_below_its_log_limit_is_left_alone_and_its_descriptors_are_given_back(void **state)
{
	struct kc *kc = kc_new(NULL);
	size_t fds = kc_keeper_fds(kc);
	struct keeper_msg order = kc_order(kc, 1, "echo ready; read x < fifo");
	char fifo[128];
	(void)state;

	(void)snprintf(fifo, sizeof(fifo), "%s/fifo", kc->dir);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	order.u.start.log_max_bytes = 1000;
	kc_send(kc, &order);
	kc_wait_output(kc, 1, "ready");
	kc_wait_keeper_fds(kc, fds + 2);
	kc_start(kc, 2, "echo go > fifo");
	assert_int_equal(kc_ended(kc, 1)->exit_code, 0);
	assert_int_equal(kc_ended(kc, 2)->exit_code, 0);
	kc_wait_keeper_fds(kc, fds);
	kc_free(kc);
}

static void
the_first_cause_stays(void **state)
{
	struct kc *kc = kc_new(NULL);
	struct keeper_msg order = kc_order(kc, 1, "trap '' TERM; echo ready; sleep 60; sleep 60");
	(void)state;

	order.u.start.run_max_ms = 2000; /* it has its trap by then */
	order.u.start.grace_ms = 600000;
	kc_send(kc, &order);
	kc_wait_output(kc, 1, "ready");
	kc_start(kc, 2, "exec sleep 2.5"); /* the clock: the time-out of job 1 is behind us */
	(void)kc_ended(kc, 2);
	kc_signal(kc, 1, KEEPER_KILL, 0);
	assert_int_equal(kc_ended(kc, 1)->cause, KEEPER_CAUSE_TIMEOUT);
	kc_free(kc);
}

/* Inside a job of another keeper marks cannot be had: sessions, parents and the tag must do. */
static void
without_marks_daemons_are_found_by_session_and_tag(void **state)
{
	struct kc *kc = kc_new(NULL);
	const char *means = getenv("JQM_TEST_KILL_MEANS"); /* "cgroup" where there is a group */
	(void)state;

	kc_connect_nested(kc);
	assert_string_equal(kc_wait(kc, KEEPER_WELCOME, 0)->u.welcome.kill_means,
			    means == NULL ? "session" : means);
	start_helper(kc, 1, "fork_away", "6", 100);
	assert_int_equal(kc_ended(kc, 1)->exit_code, 6);
	assert_int_equal(kc_alive(kc), 1); /* the nested keeper */
	start_helper(kc, 2, "fork_away", "-1", 100);
	assert_int_equal(kc_alive(kc), 3);
	kc_signal(kc, 2, KEEPER_KILL, 100);
	assert_int_equal(kc_ended(kc, 2)->left, 0);
	assert_int_equal(kc_alive(kc), 1);
	kc_free(kc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_job_that_ignores_term_is_killed_after_its_grace),
		cmocka_unit_test(a_job_may_use_its_grace_to_end_with_a_code_of_its_own),
		cmocka_unit_test(a_second_kill_can_shorten_the_grace),
		cmocka_unit_test(a_job_without_outputs_lives_on_until_it_is_killed),
		cmocka_unit_test(a_daemon_ends_with_the_job_that_started_it),
		cmocka_unit_test(a_kill_reaches_a_daemon_outside_the_session),
		cmocka_unit_test(background_children_get_term_and_their_grace_when_the_job_ends),
		cmocka_unit_test(other_jobs_survive_the_end_of_one),
		cmocka_unit_test(two_hundred_hoppers_leave_nothing),
		cmocka_unit_test(a_few_fast_hoppers_leave_nothing_and_stop_nobody),
		cmocka_unit_test(pause_stops_the_whole_tree_and_resume_lets_it_go_on),
		cmocka_unit_test(a_paused_job_that_is_killed_can_still_act_on_term),
		cmocka_unit_test(a_job_over_its_time_is_ended_with_cause_timeout),
		cmocka_unit_test(a_paused_job_does_not_use_up_its_time),
		cmocka_unit_test(
		    a_job_below_its_log_limit_is_left_alone_and_its_descriptors_are_given_back),
		cmocka_unit_test(the_first_cause_stays),
		cmocka_unit_test(without_marks_daemons_are_found_by_session_and_tag),
	};

	kc_leave_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
