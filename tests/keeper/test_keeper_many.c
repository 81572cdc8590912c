/* SPDX-License-Identifier: Apache-2.0 */
/* Orders for many jobs at once are obeyed, and the keeper's loop turns all the while. */
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/loop_watch.h"
#include "tests/lib/keeper_client.h"
#include "tests/lib/keeper_watch.h"
#include "tests/lib/loop_passes.h"

#define JOBS 300

/* One packet: what comes in one is obeyed in one pass of the loop. */
static void
signal_all(struct kc *kc, int kind, int64_t grace_ms)
{
	static struct keeper_packet packet;
	struct err err = ERR_INIT;

	packet.len = 0;
	for (int64_t job = 1; job <= JOBS; job++) {
		struct keeper_msg msg = { .type = KEEPER_SIGNAL,
					  .u.signal = { { job, 1, 1 }, kind, grace_ms } };

		assert_int_equal(keeper_packet_add(&packet, &msg, &err), 0);
	}
	assert_int_equal(send(kc->fd, packet.data, packet.len, 0), (ssize_t)packet.len);
}

static long
longest_pass_cpu_ms(const struct kc *kc)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/keeper.log", kc->dir);
	return loop_longest_cpu_ms(path);
}

static void
many_jobs_are_paused_resumed_and_killed_at_once_and_no_pass_is_long(void **state)
{
	struct kc *kc = kc_new(NULL);

	(void)state;
	for (int64_t job = 1; job <= JOBS; job++) {
		kc_start(kc, job, "exec sleep 600");
		(void)kc_wait(kc, KEEPER_STARTED, job);
	}
	signal_all(kc, KEEPER_PAUSE, 0);
	kc_wait_alive_in_state(kc, 'T', JOBS);
	signal_all(kc, KEEPER_RESUME, 0);
	kc_wait_alive_in_state(kc, 'T', 0);
	signal_all(kc, KEEPER_PAUSE, 0);
	signal_all(kc, KEEPER_RESUME, 0); /* the last word counts */
	signal_all(kc, KEEPER_KILL, 60000);
	for (int64_t job = 1; job <= JOBS; job++)
		assert_int_equal(kc_ended(kc, job)->signal, SIGTERM);
	assert_int_equal(kc_alive(kc), 0);
	assert_in_range(longest_pass_cpu_ms(kc), 0, LOOP_BUSY_MS - 1);
	kc_free(kc);
}

static void
deaf_ones_are_killed_at_once_when_their_grace_is_over(void **state)
{
	struct kc *kc = kc_new(NULL);

	(void)state;
	for (int64_t job = 1; job <= JOBS; job++) {
		kc_start(kc, job, "trap '' TERM; exec sleep 600");
		(void)kc_wait(kc, KEEPER_STARTED, job);
	}
	kc_wait_alive_in_state(kc, 'S', JOBS);
	signal_all(kc, KEEPER_KILL, 200);
	/* A busy machine may need longer to bury them than the keeper waits. */
	for (int64_t job = 1; job <= JOBS; job++)
		assert_int_equal(kc_ended(kc, job)->signal, SIGKILL);
	kc_wait_alive_in_state(kc, '\0', 0);
	assert_in_range(longest_pass_cpu_ms(kc), 0, LOOP_BUSY_MS - 1);
	kc_free(kc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    many_jobs_are_paused_resumed_and_killed_at_once_and_no_pass_is_long),
		cmocka_unit_test(deaf_ones_are_killed_at_once_when_their_grace_is_over),
	};

	kc_leave_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
