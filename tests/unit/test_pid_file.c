/* SPDX-License-Identifier: Apache-2.0 */
/* A pid file is believed only when the process is what it should be: nothing else is ever signalled. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "cli/up/process.h"

#define MARK "/nowhere/jqm-home"

struct fixture {
	char dir[40];
	char *path;
	pid_t child; /* a shell with MARK/conf as argument, in a session of its own */
	int input;
};

static int
start(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	int started[2], input[2];
	char byte;

	assert_non_null(f);
	(void)str_copy(f->dir, sizeof(f->dir), "/tmp/jqm-test.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	f->path = str_printf("%s/x.pid", f->dir);
	assert_int_equal(pipe2(started, O_CLOEXEC), 0);
	assert_int_equal(pipe2(input, O_CLOEXEC), 0);
	f->child = fork();
	assert_int_not_equal(f->child, -1);
	if (f->child == 0) {
		(void)setsid();
		(void)dup2(input[0], STDIN_FILENO);
		(void)execl("/bin/sh", "sh", "-c", "read x", "sh", MARK "/conf", (char *)NULL);
		_exit(127);
	}
	fd_close(&started[1]);
	fd_close(&input[0]);
	f->input = input[1];
	/* Its end of the pipe closes when it has become the shell. */
	assert_int_equal(read(started[0], &byte, 1), 0);
	fd_close(&started[0]);
	*state = f;
	return 0;
}

static int
stop(void **state)
{
	struct fixture *f = *state;

	fd_close(&f->input); /* which ends the shell */
	while (waitpid(f->child, NULL, 0) == -1 && errno == EINTR)
		;
	(void)unlink(f->path);
	(void)rmdir(f->dir);
	free(f->path);
	free(f);
	return 0;
}

static void
write_pid(const struct fixture *f, pid_t pid)
{
	struct err err = ERR_INIT;

	assert_int_equal(pid_file_write(f->path, pid, &err), 0);
}

static void
the_right_process_is_found_and_can_be_ended(void **state)
{
	const struct fixture *f = *state;
	pid_t pid = 0;
	int fd;

	write_pid(f, f->child);
	fd = pid_file_open(f->path, "sh", MARK, &pid);
	assert_int_not_equal(fd, -1);
	assert_int_equal(pid, f->child);
	assert_int_equal(process_end(fd, 0, 0), -1); /* it lives */
	assert_int_equal(process_end(fd, SIGKILL, 10000), 0);
	fd_close(&fd);
}

static void
another_program_of_that_pid_is_not_ours(void **state)
{
	const struct fixture *f = *state;
	pid_t pid = 7;

	write_pid(f, f->child);
	assert_int_equal(pid_file_open(f->path, "postgres", MARK, &pid), -1);
	assert_int_equal(pid, 7);
}

static void
the_same_program_of_another_home_is_not_ours(void **state)
{
	const struct fixture *f = *state;
	pid_t pid = 7;

	write_pid(f, f->child);
	assert_int_equal(pid_file_open(f->path, "sh", "/another/home", &pid), -1);
	assert_int_equal(pid_file_open(f->path, "sh", "/nowhere/jqm", &pid), -1);
	assert_int_equal(pid, 7);
}

static void
a_dead_process_is_not_found_even_before_it_is_reaped(void **state)
{
	const struct fixture *f = *state;
	siginfo_t info;
	pid_t pid = 7;

	write_pid(f, f->child);
	assert_int_equal(kill(f->child, SIGKILL), 0);
	assert_int_equal(waitid(P_PID, (id_t)f->child, &info, WEXITED | WNOWAIT), 0);
	assert_int_equal(pid_file_open(f->path, "sh", MARK, &pid), -1);
	assert_int_equal(waitpid(f->child, NULL, 0), f->child);
	assert_int_equal(pid_file_open(f->path, "sh", MARK, &pid), -1);
}

static void
a_file_without_a_pid_names_nobody(void **state)
{
	static const char *const texts[] = {
		"", "\n", "0\n", "-1\n", "1\n", "x\n", "99999999999\n"
	};
	const struct fixture *f = *state;
	struct err err = ERR_INIT;
	pid_t pid = 7;

	assert_int_equal(pid_file_open("/nowhere/x.pid", "sh", MARK, &pid), -1);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(fd_write_file(f->path, 0600, texts[i], strlen(texts[i]), &err), 0);
		assert_int_equal(pid_file_open(f->path, "sh", MARK, &pid), -1);
		assert_int_equal(pid, 7);
	}
}

static void
only_the_named_program_of_a_session_is_ended(void **state)
{
	const struct fixture *f = *state;
	struct process process;
	int status = 0;

	process_end_session(f->child, "nginx", SIGKILL);
	process_end_session(getpid(), "sh", SIGKILL); /* not a session of it */
	assert_int_equal(process_read(f->child, &process), 0);
	assert_int_equal(waitpid(f->child, &status, WNOHANG), 0);
	process_end_session(f->child, "sh", SIGTERM);
	assert_int_equal(waitpid(f->child, &status, 0), f->child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGTERM);
}

static void
a_process_has_a_name_and_a_birth(void **state)
{
	const struct fixture *f = *state;
	struct process parent, child;

	assert_int_equal(process_read(getpid(), &parent), 0);
	assert_int_equal(process_read(f->child, &child), 0);
	assert_string_equal(child.name, "sh");
	assert_false(child.zombie);
	assert_true(child.born_ticks >= parent.born_ticks);
	assert_true(process_born_wall_us(&child) > 0);
	assert_int_equal(process_read(0, &child), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_right_process_is_found_and_can_be_ended, start,
						stop),
		cmocka_unit_test_setup_teardown(another_program_of_that_pid_is_not_ours, start,
						stop),
		cmocka_unit_test_setup_teardown(the_same_program_of_another_home_is_not_ours, start,
						stop),
		cmocka_unit_test_setup_teardown(
		    a_dead_process_is_not_found_even_before_it_is_reaped, start, stop),
		cmocka_unit_test_setup_teardown(a_file_without_a_pid_names_nobody, start, stop),
		cmocka_unit_test_setup_teardown(only_the_named_program_of_a_session_is_ended, start,
						stop),
		cmocka_unit_test_setup_teardown(a_process_has_a_name_and_a_birth, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
