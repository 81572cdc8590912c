/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs that must not outlive their node's lease, and those that may. */
#include <errno.h>
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

/* Both moments as distances from now. */
static void
lease(struct kc *kc, int64_t end_from_ms, int64_t kill_from_ms)
{
	int64_t now_ms = clock_mono_ms();
	struct keeper_msg msg = { .type = KEEPER_LEASE,
				  .u.lease = { now_ms + end_from_ms, now_ms + kill_from_ms } };

	kc_send(kc, &msg);
}

static pid_t
start_bound(struct kc *kc, int64_t job, const char *script)
{
	struct keeper_msg order = kc_order(kc, job, script);

	order.u.start.lease_bound = 1;
	kc_send(kc, &order);
	return kc_wait(kc, KEEPER_STARTED, job)->u.report.pid;
}

static void
a_job_bound_to_the_lease_ends_with_it_and_others_live_on(void **state)
{
	struct kc *kc = kc_new(NULL);
	const struct keeper_report *ended;
	int64_t begin_ms;

	(void)state;
	lease(kc, 600000, 600000);
	kc_start(kc, 1, "sleep 300");
	(void)kc_wait(kc, KEEPER_STARTED, 1);
	(void)start_bound(kc, 2, "exec sleep 300");
	begin_ms = clock_mono_ms();
	lease(kc, 300, 600000);
	ended = kc_ended(kc, 2);
	assert_int_equal(ended->cause, KEEPER_CAUSE_LEASE);
	assert_int_equal(ended->signal, SIGTERM); /* was enough */
	assert_true(clock_mono_ms() - begin_ms >= 300);
	assert_int_equal(kc_count(kc, KEEPER_ENDED, 1), 0);
	kc_signal(kc, 1, KEEPER_KILL, 0);
	assert_int_equal(kc_ended(kc, 1)->cause, KEEPER_CAUSE_ORDER);
	kc_free(kc);
}

/* Its own grace is longer than what is left. */
static void
what_ignores_term_is_killed_before_the_lease_is_over(void **state)
{
	struct kc *kc = kc_new(NULL);
	const struct keeper_report *ended;
	int64_t begin_ms;

	(void)state;
	lease(kc, 600000, 600000);
	(void)start_bound(
	    kc, 1, "trap '' TERM; (setsid sleep 300 &) ; echo ready; while :; do sleep 1; done");
	kc_wait_output(kc, 1, "ready");
	begin_ms = clock_mono_ms();
	lease(kc, 200, 700); /* its grace would be 5 s */
	ended = kc_ended(kc, 1);
	assert_int_equal(ended->cause, KEEPER_CAUSE_LEASE);
	assert_int_equal(ended->signal, SIGKILL);
	assert_true(clock_mono_ms() - begin_ms >= 700);
	assert_int_equal(kc_alive(kc), 0);
	kc_free(kc);
}

/* Somebody wants it dead already, and gave it an hour. */
static void
a_job_that_is_being_ended_has_no_more_time_than_the_lease(void **state)
{
	struct kc *kc = kc_new(NULL);

	(void)state;
	lease(kc, 600000, 600000);
	(void)start_bound(kc, 1, "trap '' TERM; while :; do sleep 1; done");
	kc_signal(kc, 1, KEEPER_KILL, 3600000);
	lease(kc, 200, 400);
	assert_int_equal(kc_ended(kc, 1)->cause, KEEPER_CAUSE_ORDER);
	kc_free(kc);
}

static void
a_lease_that_is_renewed_ends_nothing(void **state)
{
	struct kc *kc = kc_new(NULL);

	(void)state;
	/* three seconds: whoever renews it may be held up on a busy machine */
	lease(kc, 3000, 3500);
	(void)start_bound(kc, 1, "sleep 4.5; exit 7");
	for (int64_t until_ms = clock_mono_ms() + 4000; clock_mono_ms() < until_ms; kc_nap())
		lease(kc, 3000, 3500);
	lease(kc, 600000, 600000);
	assert_int_equal(kc_ended(kc, 1)->exit_code, 7);
	kc_free(kc);
}

/* What a runner had in its hands while it was stopped must not start when it wakes. */
static void
nothing_is_started_without_a_lease(void **state)
{
	struct kc *kc = kc_new(NULL);
	const struct keeper_not_started *why;

	(void)state;
	lease(kc, -1, -1);
	kc_start(kc, 1, "true");
	why = &kc_wait(kc, KEEPER_NOT_STARTED, 1)->u.not_started;
	assert_int_equal(why->error, ETIME);
	assert_string_equal(why->step, "the node's lease was not renewed");
	lease(kc, 600000, 600000);
	kc_start(kc, 1, "exit 3");
	assert_int_equal(kc_ended(kc, 1)->exit_code, 3);
	kc_free(kc);
}

/* The runner that told it is gone. */
static void
a_lease_ends_without_a_runner_too(void **state)
{
	struct kc *kc = kc_new(NULL);
	pid_t pid;

	(void)state;
	lease(kc, 600000, 600000);
	pid = start_bound(kc, 1, "exec sleep 300");
	lease(kc, 500, 700);
	kc_disconnect(kc);
	for (int64_t until_ms = clock_mono_ms() + KC_DEADLINE_MS; kill(pid, 0) == 0; kc_nap())
		assert_true(clock_mono_ms() < until_ms);
	kc_connect(kc);
	assert_int_equal(kc_ended(kc, 1)->cause, KEEPER_CAUSE_LEASE);
	assert_int_equal(kc_alive(kc), 0);
	kc_free(kc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_job_bound_to_the_lease_ends_with_it_and_others_live_on),
		cmocka_unit_test(what_ignores_term_is_killed_before_the_lease_is_over),
		cmocka_unit_test(a_job_that_is_being_ended_has_no_more_time_than_the_lease),
		cmocka_unit_test(a_lease_that_is_renewed_ends_nothing),
		cmocka_unit_test(nothing_is_started_without_a_lease),
		cmocka_unit_test(a_lease_ends_without_a_runner_too),
	};

	kc_leave_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
