/* SPDX-License-Identifier: Apache-2.0 */
/* conf/daemon_options.c: the command line of jqm-runner, jqm-notifier, jqm-events and jqm-hooks; base/daemon.c: pid files. */
#include <getopt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/daemon.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "conf/daemon_options.h"

#define WORDS_MAX 8

static const struct daemon_program plain = { .name = "jqm-plain", .usage = "usage\n" };
static const struct daemon_program checking = { .name = "jqm-checking",
						.usage = "usage\n",
						.can_check = true };

/* Read these words as if they stood behind the program's name. */
static int
read_words(const struct daemon_program *program, const char *words, struct daemon_options *out)
{
	static char line[200]; /* out borrows from it */
	char *argv[WORDS_MAX + 2], *rest = line;
	int argc = 0;

	(void)str_copy(line, sizeof(line), words);
	argv[argc++] = (char *)(uintptr_t)program->name;
	for (char *word; (word = strtok_r(rest, " ", &rest)) != NULL;)
		argv[argc++] = word;
	argv[argc] = NULL;
	optind = 0; /* a new command line */
	opterr = 0; /* nobody reads here which word was wrong */
	return daemon_options_read(program, argc, argv, out);
}

static void
takes_files_in_any_order(void **state)
{
	struct daemon_options options;

	(void)state;
	assert_int_equal(read_words(&plain, "--config /c", &options), 0);
	assert_string_equal(options.config_path, "/c");
	assert_null(options.pid_path);
	assert_false(options.check);
	assert_int_equal(read_words(&plain, "--pid-file=/p --config=/c", &options), 0);
	assert_string_equal(options.config_path, "/c");
	assert_string_equal(options.pid_path, "/p");
}

static void
refuses_what_it_does_not_know(void **state)
{
	static const char *const wrong[] = {
		"",
		"--pid-file /p",
		"--config",
		"--config /c --pid-file",
		"--config /c more",
		"--config /c --wrong",
		"--config /c -x",
	};
	struct daemon_options options;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (read_words(&checking, wrong[i], &options) != -1)
			fail_msg("\"%s\" was taken", wrong[i]);
}

static void
only_who_can_check_takes_check(void **state)
{
	struct daemon_options options;

	(void)state;
	assert_int_equal(read_words(&checking, "--check --config /c", &options), 0);
	assert_true(options.check);
	assert_int_equal(read_words(&plain, "--check --config /c", &options), -1);
}

static void
help_needs_nothing_else(void **state)
{
	struct daemon_options options;

	(void)state;
	assert_int_equal(read_words(&plain, "--help", &options), 1);
	assert_int_equal(read_words(&checking, "--config /c --help", &options), 1);
}

static void
a_pid_file_comes_and_goes(void **state)
{
	struct buf text = BUF_INIT(100);
	struct err err = ERR_INIT;
	char dir[] = "/tmp/jqm-test.XXXXXX";
	char *path, *expected = str_printf("%d\n", (int)getpid());

	(void)state;
	assert_non_null(mkdtemp(dir));
	path = str_printf("%s/x.pid", dir);
	assert_int_equal(daemon_pid_write(path, &err), 0);
	assert_int_equal(fd_read_file(path, &text, &err), 0);
	assert_string_equal(buf_text(&text), expected);
	daemon_pid_remove(path);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(rmdir(dir), 0);
	buf_free(&text);
	free(expected);

	/* The directory is gone: an error, not a daemon without a pid file. */
	assert_int_equal(daemon_pid_write(path, &err), -1);
	free(path);
}

static void
no_pid_file_is_written_where_none_is_wanted(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(daemon_pid_write(NULL, &err), 0);
	daemon_pid_remove(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_files_in_any_order),
		cmocka_unit_test(refuses_what_it_does_not_know),
		cmocka_unit_test(only_who_can_check_takes_check),
		cmocka_unit_test(help_needs_nothing_else),
		cmocka_unit_test(a_pid_file_comes_and_goes),
		cmocka_unit_test(no_pid_file_is_written_where_none_is_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
