/* SPDX-License-Identifier: Apache-2.0 */
/* Processes that want something at the same moment: each gets what is its own, whoever dies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "fcgi/together.h"

#define PROCESSES 6
#define TIMES 500

/* In memory that all share. */
static struct shared {
	struct together together;
	_Atomic int done, groups;
	_Atomic bool may_go_on;
} * shared;

static int
set_up(void **state)
{
	(void)state;
	shared =
	    mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(shared != MAP_FAILED);
	assert_int_equal(together_init(&shared->together, PROCESSES), 0);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	assert_int_equal(close(shared->together.server.fd), 0);
	for (int i = 0; i < PROCESSES; i++)
		assert_int_equal(close(shared->together.workers[i].fd), 0);
	return munmap(shared, sizeof(*shared));
}

/* Gives back the number that is the text, but nothing for those that end in 7. */
static int
give_back(void *arg, const char *const *texts, size_t n, int64_t *results, struct err *err)
{
	(void)arg;
	(void)err;
	for (size_t i = 0; i < n; i++)
		results[i] = strchr(texts[i], '7') == NULL ? strtoll(texts[i], NULL, 10) : 0;
	atomic_fetch_add(&shared->done, (int)n);
	atomic_fetch_add(&shared->groups, 1);
	return 0;
}

static int
fails(void *arg, const char *const *texts, size_t n, int64_t *results, struct err *err)
{
	(void)texts;
	for (size_t i = 0; i < n; i++)
		results[i] = 1;
	return err_set(err, *(enum err_kind *)arg, "so it is");
}

/* Until the bell rings; what it rings for may be there before, and it may ring for nothing. */
static void
sleep_by(struct bell *bell)
{
	struct pollfd pfd = { bell_fd(bell), POLLIN, 0 };

	assert_int_equal(poll(&pfd, 1, 20000), 1);
}

static enum together_outcome
wait_for_end(unsigned worker, int place, int64_t *result)
{
	struct bell *bell = together_bell(&shared->together, worker);
	enum together_outcome outcome;

	for (;;) {
		bell_lie_down(bell);
		outcome = together_ended(&shared->together, place, result);
		if (outcome != TOGETHER_WAITS)
			break;
		sleep_by(bell);
		bell_get_up(bell, true);
	}
	bell_get_up(bell, false);
	return outcome;
}

/* In a child, two at a time: 0 when each answer was its own. */
static int
ask_often(int process)
{
	for (int i = 0; i < TIMES; i++) {
		char texts[2][32];
		int places[2];

		for (int k = 0; k < 2; k++) {
			(void)snprintf(texts[k], sizeof(texts[k]), "%d%03d%d", process + 1, i, k);
			places[k] = together_put(&shared->together, (unsigned)process, texts[k]);
			if (places[k] == -1)
				return 1;
		}
		for (int k = 1; k >= 0; k--) {
			int64_t result = -1;
			enum together_outcome outcome =
			    wait_for_end((unsigned)process, places[k], &result);

			if (strchr(texts[k], '7') != NULL
				? outcome != TOGETHER_LEFT
				: outcome != TOGETHER_DONE || result != atoi(texts[k]))
				return 1;
		}
	}
	return 0;
}

/* In a child, until it is killed. */
static int
serve(int process)
{
	struct bell *bell = &shared->together.server;

	(void)process;
	together_open(&shared->together);
	for (;;) {
		while (together_serve(&shared->together, give_back, NULL) > 0)
			continue;
		bell_lie_down(bell);
		if (together_is_wanted(&shared->together))
			continue;
		sleep_by(bell);
		bell_get_up(bell, true);
	}
	return 0;
}

static pid_t
start(int (*fn)(int), int process)
{
	pid_t pid = fork();

	assert_int_not_equal(pid, -1);
	if (pid == 0)
		_exit(fn(process));
	return pid;
}

static int
status_of(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void
end(pid_t pid)
{
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_true(WIFSIGNALED(status_of(pid)));
}

static int
places_in_use(void)
{
	int n = 0;

	for (size_t i = 0; i < TOGETHER_PLACES; i++)
		n += shared->together.states[i] != 0;
	return n;
}

/* Whatever a child of another process does, it does soon. */
static void
wait_until(bool (*is_so)(void))
{
	int64_t until_ms = clock_mono_ms() + 20000;

	while (!is_so()) {
		assert_true(clock_mono_ms() < until_ms);
		(void)poll(NULL, 0, 1);
	}
}

static bool
is_served(void)
{
	return shared->together.served;
}

static void
each_gets_the_answer_to_its_own_text(void **state)
{
	pid_t pids[PROCESSES], server = start(serve, 0);

	(void)state;
	wait_until(is_served);
	for (int i = 0; i < PROCESSES; i++)
		pids[i] = start(ask_often, i);
	for (int i = 0; i < PROCESSES; i++)
		assert_int_equal(status_of(pids[i]), 0);
	assert_int_equal(shared->done, 2 * PROCESSES * TIMES);
	assert_int_equal(places_in_use(), 0);
	print_message("in %d groups\n", shared->groups);
	end(server);
}

static int
put(const char *text)
{
	return together_put(&shared->together, 0, text);
}

static void
nothing_is_put_where_nobody_serves_and_nothing_too_long(void **state)
{
	char *large = malloc(TOGETHER_TEXT_SIZE + 1);
	int64_t result;
	int place;

	(void)state;
	assert_non_null(large);
	memset(large, '0', TOGETHER_TEXT_SIZE);
	large[TOGETHER_TEXT_SIZE] = '\0';
	assert_int_equal(put("1"), -1);
	together_open(&shared->together);
	assert_int_equal(put(large), -1);
	large[TOGETHER_TEXT_SIZE - 1] = '\0';
	large[TOGETHER_TEXT_SIZE - 2] = '5';
	place = put(large);
	assert_int_not_equal(place, -1);
	assert_int_equal(together_serve(&shared->together, give_back, NULL), 1);
	assert_int_equal(together_ended(&shared->together, place, &result), TOGETHER_DONE);
	assert_int_equal(result, 5);
	together_close(&shared->together);
	assert_int_equal(put("1"), -1);
	free(large);
}

static void
more_than_there_are_places_for_are_done_alone(void **state)
{
	int64_t result;

	(void)state;
	together_open(&shared->together);
	for (int i = 0; i < TOGETHER_PLACES; i++)
		assert_int_not_equal(put("1"), -1);
	assert_int_equal(put("1"), -1);
	assert_int_equal(together_serve(&shared->together, give_back, NULL), TOGETHER_PLACES);
	assert_int_equal(shared->groups, 1);
	assert_int_equal(together_ended(&shared->together, 0, &result), TOGETHER_DONE);
	assert_int_equal(put("1"), 0);
}

static void
nothing_is_done_or_it_is_unknown_when_it_fails_as_the_failure_says(void **state)
{
	enum err_kind kinds[] = { ERR_BUSY, ERR_UNCERTAIN };
	enum together_outcome outcomes[] = { TOGETHER_LEFT, TOGETHER_UNKNOWN };
	int64_t result;

	(void)state;
	together_open(&shared->together);
	for (size_t i = 0; i < 2; i++) {
		int places[2] = { put("1"), put("2") };

		assert_int_equal(together_ended(&shared->together, places[0], &result),
				 TOGETHER_WAITS);
		assert_int_equal(together_serve(&shared->together, fails, &kinds[i]), 2);
		for (size_t k = 0; k < 2; k++)
			assert_int_equal(together_ended(&shared->together, places[k], &result),
					 outcomes[i]);
	}
	assert_int_equal(places_in_use(), 0);
}

/* Of the four that were put: two were taken, one waits, one was taken back. */
static void
what_a_server_had_taken_is_unknown_when_it_dies_and_what_waits_is_left(void **state)
{
	struct bell *bell = together_bell(&shared->together, 0);
	int64_t result;
	int places[4];

	(void)state;
	together_open(&shared->together);
	for (size_t i = 0; i < 4; i++)
		places[i] = put("1");
	for (size_t i = 0; i < 2; i++) /* as the server does before it does them */
		shared->together.states[places[i]]++;
	assert_false(together_take_back(&shared->together, places[0]));
	assert_true(together_take_back(&shared->together, places[3]));
	bell_lie_down(bell);
	together_server_died(&shared->together);
	sleep_by(bell);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(together_ended(&shared->together, places[i], &result),
				 i < 2 ? TOGETHER_UNKNOWN : TOGETHER_LEFT);
	assert_int_equal(places_in_use(), 0);
	assert_int_equal(put("1"), -1); /* until there is another one */
}

/* arg: what is being done is waited for no longer. */
static int
do_what_is_given_up(void *arg, const char *const *texts, size_t n, int64_t *results,
		    struct err *err)
{
	const int *places = arg;

	assert_true(together_give_up(&shared->together, places[0]));
	assert_false(together_give_up(&shared->together, places[0]));
	assert_false(together_take_back(&shared->together, places[0]));
	return give_back(NULL, texts, n, results, err);
}

static void
what_is_given_up_keeps_no_place_and_only_what_was_taken_is(void **state)
{
	int64_t result;
	int places[2];

	(void)state;
	together_open(&shared->together);
	places[0] = put("1");
	places[1] = put("2");
	assert_false(together_give_up(&shared->together, places[0]));
	assert_int_equal(together_serve(&shared->together, do_what_is_given_up, places), 2);
	assert_false(together_give_up(&shared->together, places[1]));
	assert_int_equal(together_ended(&shared->together, places[1], &result), TOGETHER_DONE);
	assert_int_equal(places_in_use(), 0);
	places[0] = put("3"); /* as the server does before it does it */
	shared->together.states[places[0]]++;
	assert_true(together_give_up(&shared->together, places[0]));
	together_server_died(&shared->together);
	assert_int_equal(places_in_use(), 0);
}

/* Until it is killed. */
static int
put_and_wait(int process)
{
	if (together_put(&shared->together, (unsigned)process, "5") == -1)
		abort();
	shared->may_go_on = true;
	for (;;)
		(void)pause();
	return 0;
}

static bool
it_may(void)
{
	return shared->may_go_on;
}

/* arg: who dies while it is being done. */
static int
do_while_one_dies(void *arg, const char *const *texts, size_t n, int64_t *results, struct err *err)
{
	pid_t dies = *(pid_t *)arg;

	end(dies);
	together_forget(&shared->together, dies);
	return give_back(NULL, texts, n, results, err);
}

static void
a_worker_that_dies_keeps_no_place(void **state)
{
	(void)state;
	together_open(&shared->together);
	for (int taken = 0; taken < 2; taken++) {
		int64_t result;
		int mine = put("3");
		pid_t dies;

		shared->may_go_on = false;
		dies = start(put_and_wait, 1);
		wait_until(it_may);
		assert_int_equal(places_in_use(), 2);
		if (taken == 1) {
			assert_int_equal(
			    together_serve(&shared->together, do_while_one_dies, &dies), 2);
		} else {
			end(dies);
			together_forget(&shared->together, dies);
			assert_int_equal(together_serve(&shared->together, give_back, NULL), 1);
		}
		assert_int_equal(together_ended(&shared->together, mine, &result), TOGETHER_DONE);
		assert_int_equal(result, 3);
		assert_int_equal(places_in_use(), 0);
	}
}

static void
a_bell_rings_for_whom_it_is_lain_down_by_only(void **state)
{
	struct bell *bell = together_bell(&shared->together, 0);
	struct pollfd pfd = { bell_fd(bell), POLLIN, 0 };

	(void)state;
	bell_ring(bell);
	assert_int_equal(poll(&pfd, 1, 0), 0);
	bell_lie_down(bell);
	assert_int_equal(poll(&pfd, 1, 0), 0);
	bell_ring(bell);
	bell_ring(bell);
	assert_int_equal(poll(&pfd, 1, 0), 1);
	bell_get_up(bell, true);
	assert_int_equal(poll(&pfd, 1, 0), 0);
	bell_lie_down(bell);
	bell_get_up(bell, false);
	bell_ring(bell);
	assert_int_equal(poll(&pfd, 1, 0), 0);
}

int
main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(each_gets_the_answer_to_its_own_text),
		TEST(nothing_is_put_where_nobody_serves_and_nothing_too_long),
		TEST(more_than_there_are_places_for_are_done_alone),
		TEST(nothing_is_done_or_it_is_unknown_when_it_fails_as_the_failure_says),
		TEST(what_a_server_had_taken_is_unknown_when_it_dies_and_what_waits_is_left),
		TEST(what_is_given_up_keeps_no_place_and_only_what_was_taken_is),
		TEST(a_worker_that_dies_keeps_no_place),
		TEST(a_bell_rings_for_whom_it_is_lain_down_by_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
