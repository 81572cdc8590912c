/* SPDX-License-Identifier: Apache-2.0 */
/* Processes that want something at the same moment: each gets what is its own, whoever did it, and whoever dies. */
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
	_Atomic int done, of_others, at_once;
} * shared;

static int
set_up(void **state)
{
	(void)state;
	shared =
	    mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(shared != MAP_FAILED);
	together_init(&shared->together, 600000, 3);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	return munmap(shared, sizeof(*shared));
}

/* Gives back the number that is the text, but nothing for those that end in 7. */
static int
give_back(void *arg, const char *const *texts, size_t n, int64_t *results, struct err *err)
{
	(void)arg;
	(void)err;
	if (atomic_fetch_add(&shared->at_once, 1) >= TOGETHER_LEADS)
		abort(); /* more groups at the same time than there may be */
	for (size_t i = 0; i < n; i++)
		results[i] = strchr(texts[i], '7') == NULL ? strtoll(texts[i], NULL, 10) : 0;
	atomic_fetch_add(&shared->done, (int)n);
	atomic_fetch_add(&shared->of_others, (int)n - 1);
	atomic_fetch_sub(&shared->at_once, 1);
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

/* In a child: 0 when each answer was its own. */
static int
ask_often(int process)
{
	for (int i = 0; i < TIMES; i++) {
		char text[32];
		int64_t result = -1;
		enum together_outcome outcome;

		(void)snprintf(text, sizeof(text), "%d%03d", process + 1, i);
		outcome = together_run(&shared->together, text, give_back, NULL, &result);
		if (strchr(text, '7') != NULL ? outcome != TOGETHER_LEFT
					      : outcome != TOGETHER_DONE || result != atoi(text))
			return 1;
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
each_gets_the_answer_to_its_own_text_whoever_has_asked(void **state)
{
	pid_t pids[PROCESSES];

	(void)state;
	for (int i = 0; i < PROCESSES; i++)
		pids[i] = start(ask_often, i);
	for (int i = 0; i < PROCESSES; i++)
		assert_int_equal(status_of(pids[i]), 0);
	assert_int_equal(shared->done, PROCESSES * TIMES);
	print_message("%d were done by another one\n", shared->of_others);
}

static void
nothing_is_done_or_it_is_unknown_when_it_fails_as_the_failure_says(void **state)
{
	enum err_kind busy = ERR_BUSY, uncertain = ERR_UNCERTAIN;
	char *large = malloc(TOGETHER_TEXT_SIZE + 1);
	int64_t result = 0;

	(void)state;
	assert_int_equal(together_run(&shared->together, "1", fails, &busy, &result),
			 TOGETHER_LEFT);
	assert_int_equal(together_run(&shared->together, "1", fails, &uncertain, &result),
			 TOGETHER_UNKNOWN);
	assert_non_null(large);
	memset(large, '1', TOGETHER_TEXT_SIZE);
	large[TOGETHER_TEXT_SIZE] = '\0';
	assert_int_equal(together_run(&shared->together, large, give_back, NULL, &result),
			 TOGETHER_LEFT);
	large[TOGETHER_TEXT_SIZE - 1] = '\0';
	assert_int_equal(together_run(&shared->together, large, give_back, NULL, &result),
			 TOGETHER_DONE);
	free(large);
}

static int told[2]; /* who is in the middle of it */

/* Until it is killed. */
static int
hang(void *arg, const char *const *texts, size_t n, int64_t *results, struct err *err)
{
	pid_t me = getpid();

	if (write(told[1], &me, sizeof(me)) != sizeof(me))
		abort();
	for (;;)
		(void)pause();
	return give_back(arg, texts, n, results, err);
}

static int
ask_and_hang(int process)
{
	int64_t result;

	(void)process;
	return (int)together_run(&shared->together, "5", hang, NULL, &result);
}

static int
ask_once(int process)
{
	int64_t result = 0;
	enum together_outcome outcome =
	    together_run(&shared->together, "3", give_back, NULL, &result);

	(void)process;
	return outcome == TOGETHER_DONE && result == 3 ? 0 : 1;
}

static int
places_in_use(void)
{
	int n = 0;

	for (size_t i = 0; i < TOGETHER_PLACES; i++)
		n += shared->together.places[i].state != 0;
	return n;
}

/* Those of whom the next one that leads, or one that does, knows: beyond WRITTEN (together.c). */
static int
places_known(void)
{
	int n = 0;

	for (size_t i = 0; i < TOGETHER_PLACES; i++)
		n += (shared->together.places[i].state & 0xff) >= 2;
	return n;
}

static void
wait_for_places(int n)
{
	int64_t until_ms = clock_mono_ms() + 20000;

	while (places_known() < n) {
		assert_true(clock_mono_ms() < until_ms);
		(void)poll(NULL, 0, 1);
	}
}

static pid_t
who_hangs(void)
{
	pid_t pid;

	assert_int_equal(read(told[0], &pid, sizeof(pid)), sizeof(pid));
	return pid;
}

static void
end(pid_t pid)
{
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_true(WIFSIGNALED(status_of(pid)));
	together_forget(&shared->together, pid);
}

static void
who_dies_in_the_middle_keeps_nobody_waiting_and_no_place(void **state)
{
	(void)state;
	assert_int_equal(pipe(told), 0);
	for (int i = 0; i < 3; i++) {
		pid_t dies = start(ask_and_hang, 0), waits;

		assert_int_equal(who_hangs(), dies);
		waits = start(ask_once, 0);
		wait_for_places(2);
		end(dies);
		assert_int_equal(status_of(waits), 0);
		assert_int_equal(places_in_use(), 0);
	}
}

static void
who_is_not_taken_along_in_time_is_left_whatever_becomes_of_the_one_that_hangs(void **state)
{
	pid_t hangs = start(ask_and_hang, 0);
	int64_t result = -1;

	(void)state;
	shared->together.patience_ms = 1;
	assert_int_equal(who_hangs(), hangs);
	assert_int_equal(together_run(&shared->together, "3", give_back, NULL, &result),
			 TOGETHER_LEFT);
	assert_int_equal(result, -1);
	assert_int_equal(shared->done, 0);
	assert_int_equal(places_in_use(), 1);
	end(hangs);
	assert_int_equal(together_run(&shared->together, "3", give_back, NULL, &result),
			 TOGETHER_DONE);
	assert_int_equal(places_in_use(), 0);
}

static void
who_was_taken_along_by_one_that_dies_is_told_that_it_is_unknown(void **state)
{
	pid_t first = start(ask_and_hang, 0), two[2], leads;

	(void)state;
	assert_int_equal(who_hangs(), first);
	two[0] = start(ask_and_hang, 0);
	two[1] = start(ask_and_hang, 0);
	wait_for_places(3);
	end(first);
	leads = who_hangs();
	end(leads);
	assert_int_equal(WEXITSTATUS(status_of(two[leads == two[0]])), TOGETHER_UNKNOWN);
	assert_int_equal(places_in_use(), 0);
}

/* The other lead: a group of three that goes past one that hangs. */
static void
three_go_past_a_group_that_hangs(void **state)
{
	pid_t hangs = start(ask_and_hang, 0), three[3];

	(void)state;
	assert_int_equal(who_hangs(), hangs);
	for (size_t i = 0; i < 3; i++)
		three[i] = start(ask_once, 0);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(status_of(three[i]), 0);
	assert_int_equal(shared->done, 3);
	assert_int_equal(shared->of_others, 2);
	end(hangs);
	assert_int_equal(together_run(&shared->together, "3", give_back, NULL, &(int64_t){ 0 }),
			 TOGETHER_DONE);
	assert_int_equal(places_in_use(), 0);
}

static void
who_was_taken_along_past_a_group_that_hangs_is_told_when_its_own_dies(void **state)
{
	pid_t first = start(ask_and_hang, 0), three[3], leads;

	(void)state;
	assert_int_equal(who_hangs(), first);
	for (size_t i = 0; i < 3; i++)
		three[i] = start(ask_and_hang, 0);
	leads = who_hangs();
	wait_for_places(4);
	end(leads);
	for (size_t i = 0; i < 3; i++)
		if (three[i] != leads)
			assert_int_equal(WEXITSTATUS(status_of(three[i])), TOGETHER_UNKNOWN);
	assert_int_equal(places_in_use(), 1);
	end(first);
	assert_int_equal(together_run(&shared->together, "3", give_back, NULL, &(int64_t){ 0 }),
			 TOGETHER_DONE);
	assert_int_equal(places_in_use(), 0);
}

int
main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(each_gets_the_answer_to_its_own_text_whoever_has_asked),
		TEST(nothing_is_done_or_it_is_unknown_when_it_fails_as_the_failure_says),
		TEST(who_dies_in_the_middle_keeps_nobody_waiting_and_no_place),
		TEST(who_is_not_taken_along_in_time_is_left_whatever_becomes_of_the_one_that_hangs),
		TEST(who_was_taken_along_by_one_that_dies_is_told_that_it_is_unknown),
		TEST(three_go_past_a_group_that_hangs),
		TEST(who_was_taken_along_past_a_group_that_hangs_is_told_when_its_own_dies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
