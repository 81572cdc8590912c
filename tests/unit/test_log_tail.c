/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "fcgi/log_tail.h"

static int
file_of(const void *data, size_t len)
{
	int fd = memfd_create("log", MFD_CLOEXEC);

	assert_int_not_equal(fd, -1);
	assert_int_equal(fd_write_all(fd, data, len), 0);
	return fd;
}

static void
check_tail(const char *log, size_t lines, size_t bytes, const char *wanted)
{
	int fd = file_of(log, strlen(log));
	struct buf out = BUF_INIT(100000);
	struct err err = ERR_INIT;

	assert_int_equal(log_tail(fd, lines, bytes, &out, &err), 0);
	assert_string_equal(buf_text(&out), wanted);
	buf_free(&out);
	fd_close(&fd);
}

static void
the_last_lines_come_newest_first(void **state)
{
	(void)state;
	check_tail("a\nb\nc\n", 2, 1000, "c\nb\n");
	check_tail("a\nb\nc\n", 3, 1000, "c\nb\na\n");
	check_tail("a\nb\nc\n", 10000, 1000, "c\nb\na\n");
	check_tail("a\nb\nc", 2, 1000, "c\nb\n");
	check_tail("a\n\n\n", 2, 1000, "\n\n");
	check_tail("\n", 5, 1000, "\n");
	check_tail("a\nb\n", 0, 1000, "");
	check_tail("", 5, 1000, "");
}

static void
lines_that_do_not_fit_are_left_out_whole(void **state)
{
	(void)state;
	check_tail("aaaa\nbbbb\ncccc\n", 10, 12, "cccc\nbbbb\n");
	check_tail("aaaa\nbbbb\ncccc\n", 10, 10, "cccc\n");
}

static void
lines_across_blocks_are_whole(void **state)
{
	static char log[300000];
	struct buf out = BUF_INIT(sizeof(log));
	struct err err = ERR_INIT;
	size_t len = 0;
	int fd;
	(void)state;

	for (int i = 0; len < sizeof(log) - 100; i++) {
		int width = 1 + i % 97;

		len += (size_t)snprintf(log + len, sizeof(log) - len, "%d:%0*d\n", i, width, i);
	}
	fd = file_of(log, len);
	assert_int_equal(log_tail(fd, 1000000, sizeof(log), &out, &err), 0);
	assert_int_equal(out.len, len);
	/* reversed, the lines count down to 0 */
	assert_true(len > 0 && memcmp(buf_text(&out) + out.len - 4, "0:0\n", 4) == 0);
	for (const char *at = buf_text(&out); *at != '\0';) {
		size_t line = strcspn(at, "\n");
		const char *next = at + line + 1;
		int this_one, next_one;

		assert_int_equal(sscanf(at, "%d:", &this_one), 1);
		if (*next != '\0') {
			assert_int_equal(sscanf(next, "%d:", &next_one), 1);
			assert_int_equal(next_one, this_one - 1);
		}
		at = next;
	}
	buf_free(&out);
	fd_close(&fd);
}

/* Files of a temporary directory: log, log.1, ...; NULL: that one is missing. */
static void
check_tail_all(const char *const files[4], size_t lines, size_t bytes, const char *wanted)
{
	char dir[] = "/tmp/jqm-test-log-tail-XXXXXX", path[4][60];
	struct buf out = BUF_INIT(100000);
	struct err err = ERR_INIT;

	assert_non_null(mkdtemp(dir));
	for (int n = 0; n < 4; n++) {
		(void)snprintf(path[n], sizeof(path[n]), n == 0 ? "%s/log" : "%s/log.%d", dir, n);
		if (files[n] != NULL)
			assert_int_equal(
			    fd_write_file(path[n], 0600, files[n], strlen(files[n]), &err), 0);
	}
	assert_int_equal(log_tail_all(path[0], lines, bytes, &out, &err), 0);
	assert_string_equal(buf_text(&out), wanted);
	buf_free(&out);
	for (int n = 0; n < 4; n++)
		(void)unlink(path[n]);
	assert_int_equal(rmdir(dir), 0);
}

static void
lines_go_on_in_the_files_that_were_set_aside(void **state)
{
	static const char *const three[] = { "e\nf\n", "c\nd\n", "a\nb\n", NULL };
	static const char *const empty[] = { "", "c\nd\n", "a\nb\n", NULL };
	static const char *const moved[] = { NULL, "c\nd\n", "a\nb\n", NULL };
	static const char *const gap[] = { "e\n", NULL, "c\n", "b\n" };
	static const char *const alone[] = { "e\n", NULL, NULL, "b\n" };

	(void)state;
	check_tail_all(three, 1, 1000, "f\n");
	check_tail_all(three, 2, 1000, "f\ne\n");
	check_tail_all(three, 3, 1000, "f\ne\nd\n");
	check_tail_all(three, 10000, 1000, "f\ne\nd\nc\nb\na\n");
	check_tail_all(three, 10000, 7, "f\ne\nd\n");
	check_tail_all(three, 0, 1000, "");
	check_tail_all(empty, 3, 1000, "d\nc\nb\n");
	check_tail_all(moved, 3, 1000, "d\nc\nb\n");
	check_tail_all(gap, 10, 1000, "e\nc\nb\n");
	check_tail_all(alone, 10, 1000, "e\n");
}

static void
a_log_that_is_not_there_is_told_from_an_empty_one(void **state)
{
	struct buf out = BUF_INIT(1000);
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(log_tail_all("/no/such/log", 5, 1000, &out, &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	assert_int_equal(out.len, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_lines_come_newest_first),
		cmocka_unit_test(lines_that_do_not_fit_are_left_out_whole),
		cmocka_unit_test(lines_across_blocks_are_whole),
		cmocka_unit_test(lines_go_on_in_the_files_that_were_set_aside),
		cmocka_unit_test(a_log_that_is_not_there_is_told_from_an_empty_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
