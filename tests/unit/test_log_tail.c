/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_lines_come_newest_first),
		cmocka_unit_test(lines_that_do_not_fit_are_left_out_whole),
		cmocka_unit_test(lines_across_blocks_are_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
