/* SPDX-License-Identifier: Apache-2.0 */
/* Several runners want to be one node at the same instant: one is, and the others say why they are not. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/str.h"
#include "tests/lib/runner_home.h"
#include "tests/lib/test_db.h"

#define MOST 8

static bool
has_logged(const struct home *h, const char *what)
{
	char *log = home_log(h);
	bool yes = log != NULL && strstr(log, what) != NULL;

	free(log);
	return yes;
}

/* The keeper it started, and that one's guard, end with it. */
static void
assert_no_keeper_left(const struct home *h)
{
	static const char *const said[] = { " keeper_started pid=", " keeper_connected pid=" };
	char *log = home_log(h);

	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		const char *at = strstr(log, said[i]);

		assert_non_null(at);
		home_wait_dead((pid_t)strtol(at + strlen(said[i]), NULL, 10));
	}
	free(log);
}

/* Which of them says that it is the node; the database may know a moment before. */
static int
first_to_serve(struct home *const *homes, int n)
{
	int64_t until_ms = clock_mono_ms() + HOME_PATIENCE_MS;

	for (;;) {
		for (int i = 0; i < n; i++)
			if (has_logged(homes[i], "node_registered"))
				return i;
		if (clock_mono_ms() > until_ms)
			fail_msg("none of %d runners serves", n);
		home_pause(10);
	}
}

/* The node is served, and jobs run, after all the others have ended. */
static void
assert_served(void)
{
	int64_t job = home_enqueue("short", "{}");

	home_wait_state(job, "ENDED");
	home_assert_history(job, "attempt", "1");
}

static void
of_runners_with_one_name_one_serves_and_the_others_say_why(void **state)
{
	static const int counts[] = { 2, 5, MOST };
	struct home *homes[MOST];

	(void)state;
	home_define("short", "DEFAULTSHELLCOMMAND", "true");
	for (size_t round = 0; round < sizeof(counts) / sizeof(counts[0]); round++) {
		int n = counts[round];
		char *wait = str_printf("select count(*) from jqm.node where name = 'same%d'"
					" and lease_until > now()",
					n);
		int serving;

		for (int i = 0; i < n; i++) {
			assert_non_null(homes[i] = home_new());
			free(homes[i]->node);
			homes[i]->node = str_printf("same%d", n);
			home_configure(homes[i], "");
		}
		for (int i = 0; i < n; i++)
			home_start(homes[i]);
		home_wait("1", wait);
		serving = first_to_serve(homes, n);
		for (int i = 0; i < n; i++) {
			if (i == serving)
				continue;
			assert_int_equal(WEXITSTATUS(home_wait_runner(homes[i])), 1);
			assert_true(has_logged(homes[i], "is served by another runner"));
			assert_false(has_logged(homes[i], "node_registered"));
			assert_no_keeper_left(homes[i]);
		}
		assert_served();
		assert_false(has_logged(homes[serving], "fenced"));
		for (int i = 0; i < n; i++)
			home_end(homes[i]);
		free(wait);
	}
}

/* The same home: a lock of the machine decides, at once. */
static void
of_runners_in_one_home_one_serves_and_the_others_say_why(void **state)
{
	struct home *h = *state;
	struct home copies[MOST];
	int refused = 0;

	home_define("short", "DEFAULTSHELLCOMMAND", "true");
	for (int i = 0; i < MOST; i++)
		copies[i] = *h;
	for (int i = 0; i < MOST; i++)
		home_start(&copies[i]);
	while (refused < MOST - 1) {
		int status;
		pid_t pid = waitpid(-1, &status, 0);

		for (int i = 0; i < MOST; i++) {
			if (copies[i].runner != pid)
				continue;
			assert_int_equal(WEXITSTATUS(status), 1);
			copies[i].runner = 0;
			refused++;
		}
	}
	for (int i = 0; i < MOST; i++)
		if (copies[i].runner != 0)
			h->runner = copies[i].runner;
	assert_true(has_logged(h, "another jqm-runner uses"));
	assert_served();
	assert_true(home_is_alive(h->runner));
}

/* A home that was copied with its node's name and identity, as when a machine is cloned. */
static void
a_copy_of_a_home_is_refused_while_the_first_one_serves(void **state)
{
	struct home *h = *state, *copy = home_new();
	char *command;

	assert_non_null(copy);
	home_define("short", "DEFAULTSHELLCOMMAND", "true");
	free(copy->node);
	copy->node = str_dup(h->node);
	home_configure(copy, "");
	home_start(h);
	home_wait("t", "select bool_or(lease_until > now()) from jqm.node");
	command = str_printf("mkdir -p %s/state && cp -p %s/state/instance-id %s/state", copy->path,
			     h->path, copy->path);
	assert_int_equal(system(command), 0);
	free(command);
	home_start(copy);
	assert_int_equal(WEXITSTATUS(home_wait_runner(copy)), 1);
	assert_true(has_logged(copy, "is served by another runner"));
	assert_no_keeper_left(copy);
	assert_false(has_logged(h, "fenced"));
	assert_served();
	home_kill_runner(h); /* the first one may come back at once */
	home_start(h);
	assert_served();
	home_end(copy);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		HOME_TEST(of_runners_with_one_name_one_serves_and_the_others_say_why),
		HOME_TEST(of_runners_in_one_home_one_serves_and_the_others_say_why),
		HOME_TEST(a_copy_of_a_home_is_refused_while_the_first_one_serves),
	};

	if (geteuid() == 0) {
		print_message("1..0 # SKIP the runner refuses to run as root\n");
		return 0;
	}
	(void)test_db_create("same_name");
	home_lease_ms = 4000; /* so long, and 5 s more, others wait for the name */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
