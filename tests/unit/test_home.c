/* SPDX-License-Identifier: Apache-2.0 */
/* cli/up/home.c: what may become a home, and who holds it. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "cli/up/home.h"
#include "cli/up/tree.h"

#define LOCKS 2000

/* A directory of its own under $TMPDIR; *state is its path. */
static int
make_scratch(void **state)
{
	const char *tmp = getenv("TMPDIR");
	char *path = str_printf("%s/jqm-test-home-XXXXXX", tmp == NULL ? "/tmp" : tmp);

	*state = mkdtemp(path);
	return *state == NULL ? -1 : 0;
}

static int
remove_scratch(void **state)
{
	struct err err = ERR_INIT;
	int rc = tree_remove(*state, &err);

	free(*state);
	return rc;
}

static struct home
a_home(void **state)
{
	struct home home = HOME_INIT;
	struct err err = ERR_INIT;

	assert_int_equal(home_locate(*state, &home, &err), 0);
	return home;
}

static void
make_directory(const struct home *home, const char *name)
{
	char *path = home_file(home, name);

	assert_int_equal(mkdir(path, 0700), 0);
	free(path);
}

static void
a_first_start_that_was_killed_at_its_directories_is_repeated(void **state)
{
	struct home home = a_home(state);
	struct err err = ERR_INIT;

	make_directory(&home, "state");
	make_directory(&home, "conf");
	make_directory(&home, "run");
	assert_int_equal(home_make(&home, &err), 0);
	home_free(&home);
}

static void
a_directory_with_something_in_it_is_no_home(void **state)
{
	struct home home = a_home(state);
	struct err err = ERR_INIT;
	char *file = home_file(&home, "log/mine");

	make_directory(&home, "log");
	assert_int_equal(fd_write_file(file, 0600, "x", 1, &err), 0);
	assert_int_equal(home_make(&home, &err), -1);
	assert_int_equal(err.kind, ERR_CONFLICT);
	assert_non_null(strstr(err.text, "(\"log\")"));
	free(file);
	home_free(&home);
}

static void
a_home_has_one_holder_and_names_it(void **state)
{
	struct home home = a_home(state);
	struct err err = ERR_INIT;
	pid_t pid = -1;
	int fd, second;

	assert_int_equal(home_make(&home, &err), 0);
	assert_int_equal(home_supervisor(&home, &pid, &err), 0);
	fd = home_lock(&home, &err);
	assert_int_not_equal(fd, -1);
	assert_int_equal(home_supervisor(&home, &pid, &err), 1);
	assert_int_equal(pid, getpid());
	second = home_lock(&home, &err);
	assert_int_equal(second, -1);
	assert_int_equal(err.kind, ERR_CONFLICT);
	fd_close(&fd);
	assert_int_equal(home_supervisor(&home, &pid, &err), 0);
	home_free(&home);
}

/* "jqm status" in a loop beside a start. */
static void
asking_who_holds_a_home_keeps_nobody_from_taking_it(void **state)
{
	struct home home = a_home(state);
	struct err err = ERR_INIT;
	pid_t asking, holder;

	assert_int_equal(home_make(&home, &err), 0);
	asking = fork();
	assert_int_not_equal(asking, -1);
	if (asking == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		while (home_supervisor(&home, &holder, &err) != -1)
			;
		_exit(1);
	}
	for (int i = 0; i < LOCKS; i++) {
		int fd = home_lock(&home, &err);

		if (fd == -1)
			print_error("at %d: %s\n", i, err.text);
		assert_int_not_equal(fd, -1);
		fd_close(&fd);
	}
	assert_int_equal(kill(asking, SIGKILL), 0);
	assert_int_equal(waitpid(asking, NULL, 0), asking);
	home_free(&home);
}

int
main(void)
{
#define HOME_TEST(f) cmocka_unit_test_setup_teardown(f, make_scratch, remove_scratch)
	const struct CMUnitTest tests[] = {
		HOME_TEST(a_first_start_that_was_killed_at_its_directories_is_repeated),
		HOME_TEST(a_directory_with_something_in_it_is_no_home),
		HOME_TEST(a_home_has_one_holder_and_names_it),
		HOME_TEST(asking_who_holds_a_home_keeps_nobody_from_taking_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
