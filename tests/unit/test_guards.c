/* SPDX-License-Identifier: Apache-2.0 */
/* What the workers share, with real processes that die at the worst moment. */
#include <setjmp.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"
#include "conf/settings.h"
#include "fcgi/guards.h"

#define ROOT 7 /* its id */

static struct guards *guards;

static int
fresh(void **state)
{
	struct settings *settings = settings_default();
	struct err err = ERR_INIT;

	(void)state;
	guards = guards_new(settings, &err);
	settings_free(settings);
	return guards == NULL ? -1 : 0;
}

static int
gone(void **state)
{
	(void)state;
	return munmap(guards, sizeof(*guards));
}

/* Run fn in a process that is killed right after. */
static void
in_a_process_that_dies(void (*fn)(void))
{
	pid_t pid = fork();
	int status = 0;

	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		fn();
		(void)kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void
put_root(void)
{
	auth_cache_put(&guards->cache, ROOT, 1, "secret");
}

static void
lock_all(void)
{
	(void)shared_lock_take(&guards->cache.lock);
	(void)shared_lock_take(&guards->limit.lock);
}

static void
enter_gate(void)
{
	(void)hash_gate_enter(&guards->gate, HASH_GATE_STRANGER, 0);
}

static void
what_one_process_learned_all_know(void **state)
{
	(void)state;
	assert_false(auth_cache_has(&guards->cache, ROOT, 1, "secret"));
	in_a_process_that_dies(put_root);
	assert_true(auth_cache_has(&guards->cache, ROOT, 1, "secret"));
}

static void
only_the_same_login_version_and_password_is_known(void **state)
{
	(void)state;
	put_root();
	assert_false(auth_cache_has(&guards->cache, ROOT, 2, "secret"));
	assert_false(auth_cache_has(&guards->cache, ROOT, 1, "secreT"));
	assert_false(auth_cache_has(&guards->cache, ROOT, 1, ""));
}

static void
an_account_made_anew_does_not_inherit_the_password_of_its_login(void **state)
{
	(void)state;
	put_root();
	assert_true(auth_cache_has(&guards->cache, ROOT, 1, "secret"));
	assert_false(auth_cache_has(&guards->cache, ROOT + 1, 1, "secret"));
	/* what separates the parts is none of them */
	assert_false(auth_cache_has(&guards->cache, ROOT * 10 + 1, 1, "secret"));
}

static void
what_is_known_is_forgotten_in_time(void **state)
{
	(void)state;
	put_root();
	clock_test_advance_ms(59000);
	assert_true(auth_cache_has(&guards->cache, ROOT, 1, "secret"));
	clock_test_advance_ms(2000);
	assert_false(auth_cache_has(&guards->cache, ROOT, 1, "secret"));
}

static void
a_process_that_dies_with_the_locks_blocks_nobody(void **state)
{
	(void)state;
	put_root();
	in_a_process_that_dies(lock_all);
	/* The table may have been half written: it is emptied, not trusted. */
	assert_false(auth_cache_has(&guards->cache, ROOT, 1, "secret"));
	put_root();
	assert_true(auth_cache_has(&guards->cache, ROOT, 1, "secret"));
	rate_limit_failed(&guards->limit, "root", "192.0.2.1");
	assert_int_equal(rate_limit_wait_s(&guards->limit, RATE_LIMIT_PAIR, "root", "192.0.2.1"),
			 0);
}

static void
a_process_that_dies_inside_the_gate_gives_its_place_back(void **state)
{
	(void)state;
	for (int i = 0; i < 2 * HASH_GATE_PLACES_MAX; i++)
		in_a_process_that_dies(enter_gate);
	for (int i = 0; i < guards->gate.n_places; i++)
		assert_int_not_equal(hash_gate_enter(&guards->gate, HASH_GATE_STRANGER, 0), -1);
	for (int i = 0; i < guards->gate.n_places; i++)
		hash_gate_leave(&guards->gate, i);
}

static void
a_full_gate_lets_nobody_in(void **state)
{
	pid_t pid;
	int status = 0;

	(void)state;
	for (int i = 0; i < guards->gate.n_places; i++)
		assert_int_not_equal(hash_gate_enter(&guards->gate, HASH_GATE_STRANGER, 0), -1);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0)
		_exit(hash_gate_enter(&guards->gate, HASH_GATE_STRANGER, 50) == -1 ? 0 : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	for (int i = 0; i < guards->gate.n_places; i++)
		hash_gate_leave(&guards->gate, i);
}

#define SHARED_TEST(name) cmocka_unit_test_setup_teardown(name, fresh, gone)

/* Wait until a process sits on each seat, or fail after ten seconds. */
static void
until_all_seats_are_taken(void)
{
	int64_t until_ms = clock_mono_ms() + 10000;

	for (int i = 0; i < guards->gate.n_seats;) {
		assert_true(clock_mono_ms() < until_ms);
		if (shared_lock_try(&guards->gate.seats[i], 0) == SHARED_LOCK_BUSY) {
			i++;
			continue;
		}
		shared_lock_release(&guards->gate.seats[i]);
		(void)sched_yield();
	}
}

/* Places and seats are taken by others: who comes is told so, at once or after a wait. */
static void
strangers_find_few_seats_to_wait_and_who_is_known_waits_all_the_same(void **state)
{
	pid_t waiting[HASH_GATE_PLACES_MAX];
	int64_t from_ms;
	int status;
	(void)state;

	assert_int_equal(guards->gate.n_seats, 2); /* of eight workers */
	for (int i = 0; i < guards->gate.n_places; i++)
		assert_int_not_equal(hash_gate_enter(&guards->gate, HASH_GATE_STRANGER, 0), -1);
	for (int i = 0; i < guards->gate.n_seats; i++) {
		waiting[i] = fork();
		assert_int_not_equal(waiting[i], -1);
		if (waiting[i] == 0) {
			/* Again when the one that looks had the seat just then. */
			while (hash_gate_enter(&guards->gate, HASH_GATE_STRANGER, 60000) == -1)
				(void)sched_yield();
			_exit(0);
		}
	}
	until_all_seats_are_taken();
	from_ms = clock_mono_ms();
	assert_int_equal(hash_gate_enter(&guards->gate, HASH_GATE_STRANGER, 60000), -1);
	assert_true(clock_mono_ms() - from_ms < 20000);
	from_ms = clock_mono_ms();
	assert_int_equal(hash_gate_enter(&guards->gate, HASH_GATE_KNOWN, 100), -1);
	assert_true(clock_mono_ms() - from_ms >= 100);
	for (int i = 0; i < guards->gate.n_seats; i++) {
		assert_int_equal(kill(waiting[i], SIGKILL), 0);
		assert_int_equal(waitpid(waiting[i], &status, 0), waiting[i]);
	}
	/* Their seats are free again. */
	assert_int_equal(hash_gate_enter(&guards->gate, HASH_GATE_STRANGER, 100), -1);
	for (int i = 0; i < guards->gate.n_places; i++)
		hash_gate_leave(&guards->gate, i);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SHARED_TEST(what_one_process_learned_all_know),
		SHARED_TEST(only_the_same_login_version_and_password_is_known),
		SHARED_TEST(an_account_made_anew_does_not_inherit_the_password_of_its_login),
		SHARED_TEST(what_is_known_is_forgotten_in_time),
		SHARED_TEST(a_process_that_dies_with_the_locks_blocks_nobody),
		SHARED_TEST(a_process_that_dies_inside_the_gate_gives_its_place_back),
		SHARED_TEST(a_full_gate_lets_nobody_in),
		cmocka_unit_test_setup_teardown(
		    strangers_find_few_seats_to_wait_and_who_is_known_waits_all_the_same, fresh,
		    gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
