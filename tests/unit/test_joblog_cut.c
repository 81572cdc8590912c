/* SPDX-License-Identifier: Apache-2.0 */
#include "base/joblog_cut.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define LEN(list) (sizeof(list) / sizeof((list)[0]))
#define KB INT64_C(1024)

static void
assert_gap(struct joblog_gap gap, int64_t from, int64_t to)
{
	if (gap.from != from || gap.to != to)
		fail_msg("%lld to %lld instead of %lld to %lld", (long long)gap.from,
			 (long long)gap.to, (long long)from, (long long)to);
}

static void
a_quarter_of_the_limit_is_head_and_the_rest_tail(void **state)
{
	(void)state;

	assert_gap(joblog_excess(0, 100), 0, 0);
	assert_gap(joblog_excess(100, 100), 100, 100);
	assert_gap(joblog_excess(112, 100), 112, 112); /* not worth a line about it */
	assert_gap(joblog_excess(113, 100), 25, 38);
	assert_gap(joblog_excess(1000 * KB + 8192, 1000 * KB), 1000 * KB + 8192, 1000 * KB + 8192);
	assert_gap(joblog_excess(1000 * KB + 8193, 1000 * KB), 250 * KB, 250 * KB + 8193);
	assert_gap(joblog_excess(1000000, 1000), 250, 999250);
	assert_gap(joblog_excess(10, 1), 0, 9);
	assert_gap(joblog_excess(INT64_MAX, 1000), 250, INT64_MAX - 750);
	assert_gap(joblog_excess(INT64_MAX, INT64_MAX), INT64_MAX, INT64_MAX);
}

static void
whole_blocks_within_that_can_be_punched_out(void **state)
{
	(void)state;

	/* 952 * KB is the first byte of the tail; the one before it stays, too. */
	assert_gap(joblog_punchable(1000 * KB, 64 * KB), 16 * KB, 948 * KB);
	assert_gap(joblog_punchable(1000 * KB + 5, 64 * KB + 5), 20 * KB, 952 * KB);
	assert_gap(joblog_punchable(80 * KB, 64 * KB), 16 * KB, 28 * KB);
	assert_gap(joblog_punchable(5100, 4500), 4096, 4096); /* less than a block */
	assert_gap(joblog_punchable(64 * KB, 64 * KB), 64 * KB, 64 * KB);
	for (int64_t size = 1; size < 40000; size += 7) {
		struct joblog_gap excess = joblog_excess(size, 5000);
		struct joblog_gap gap = joblog_punchable(size, 5000);

		assert_true(gap.from <= gap.to);
		if (gap.from < gap.to)
			assert_true(gap.from >= excess.from && gap.to < excess.to);
	}
}

static int
file_of(const void *data, size_t len)
{
	char path[] = "/tmp/jqm-test-cut-XXXXXX";
	int fd = mkostemp(path, O_CLOEXEC);

	assert_true(fd != -1);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(write(fd, data, len), len);
	return fd;
}

static void
a_hole_is_found_and_its_absence_too(void **state)
{
	static char data[65536];
	int fd;
	(void)state;

	memset(data, 'x', sizeof(data));
	fd = file_of(data, sizeof(data));
	assert_gap(joblog_hole(fd, 0, 65536), 65536, 65536);
	assert_gap(joblog_hole(fd, 65536, 65536), 65536, 65536);
	if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 8192, 16384) == -1) {
		print_message("no holes in this file system\n");
		(void)close(fd);
		skip();
	}
	assert_gap(joblog_hole(fd, 0, 65536), 8192, 24576);
	assert_gap(joblog_hole(fd, 10000, 65536), 10000, 24576);
	assert_gap(joblog_hole(fd, 0, 8192), 8192, 8192);
	assert_gap(joblog_hole(fd, 0, 9000), 8192, 9000);
	assert_gap(joblog_hole(fd, 24576, 65536), 65536, 65536);
	assert_int_equal(ftruncate(fd, 200000), 0);
	assert_gap(joblog_hole(fd, 65536, 200000), 65536, 200000);
	(void)close(fd);
}

/* The text with one '|' where the gap begins and one where it ends; what is to be left of it. */
static void
assert_widened(const char *text, const char *head, const char *tail)
{
	char plain[300];
	const char *first = strchr(text, '|'), *second = strchr(first + 1, '|');
	size_t from = (size_t)(first - text), to = (size_t)(second - text) - 1;
	size_t len = strlen(text) - 2;
	struct joblog_gap gap = { (int64_t)from, (int64_t)to };
	int fd;

	memcpy(plain, text, from);
	memcpy(plain + from, first + 1, to - from);
	memcpy(plain + to, second + 1, len - to + 1);
	fd = file_of(plain, len);
	gap = joblog_widen(fd, gap, 0, (int64_t)len);
	(void)close(fd);
	assert_int_equal(gap.from, strlen(head));
	assert_memory_equal(plain, head, strlen(head));
	assert_string_equal(plain + gap.to, tail);
}

static void
a_cut_is_made_at_the_ends_of_lines_and_never_inside_a_character(void **state)
{
	(void)state;

	assert_widened("one line\ntwo|xxxx|ee\nfour lines\n", "one line\n", "four lines\n");
	assert_widened("first of all\n|xxxx|\nlast of them", "first of all\n", "last of them");
	assert_widened("first of all\n|xxx\n|last\nof them", "first of all\n", "last\nof them");
	/* No line ends near by: whole characters of 1 to 4 bytes stay. */
	assert_widened("abcdefgh|xxxx|ijklmnop", "abcdefgh", "ijklmnop");
	assert_widened("abcdefg\xc3|\xa9xx\xc3|\xa9ijklmnop", "abcdefg", "ijklmnop");
	assert_widened("abcdef\xc3\xa9|xxxx|\xc3\xa9ijklmno", "abcdef\xc3\xa9", "\xc3\xa9ijklmno");
	assert_widened("abcdef\xe2\x82|\xacxxxx\xe2|\x82\xacijklmnop", "abcdef", "ijklmnop");
	assert_widened("abcdefgh\xf0\x9f\x98|\x80xxxx\xf0|\x9f\x98\x80ijklmnop", "abcdefgh",
		       "ijklmnop");
	assert_widened("abcdefg\xf0\x9f\x98\x80|xxxx|\xf0\x9f\x98\x80ijklmnop",
		       "abcdefg\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80ijklmnop");
	/* Bytes that are no UTF-8 stay as they are. */
	assert_widened("abcdef\x80\x80\x80\x80|xxxx|ijklmno", "abcdef\x80\x80\x80\x80", "ijklmno");
	/* At most half of either side is given up for a line. */
	assert_widened("x\nabcdefgh|xxxx|ijklmnop\ny", "x\nabcdefgh", "ijklmnop\ny");
	assert_widened("|xxxx|", "", "");
}

static void
far_lines_are_not_looked_for(void **state)
{
	static char data[40000];
	struct joblog_gap gap = { 10000, 30000 };
	int fd;
	(void)state;

	memset(data, 'x', sizeof(data));
	data[10000 - 4097] = data[30000 + 4096] = '\n';
	fd = file_of(data, sizeof(data));
	assert_gap(joblog_widen(fd, gap, 0, sizeof(data)), 10000, 30000);
	(void)close(fd);
	data[10000 - 4096] = data[30000 + 4095] = '\n';
	fd = file_of(data, sizeof(data));
	assert_gap(joblog_widen(fd, gap, 0, sizeof(data)), 10000 - 4095, 30000 + 4096);
	assert_gap(joblog_widen(fd, (struct joblog_gap){ 5, 5 }, 0, sizeof(data)), 5, 5);
	(void)close(fd);
}

static void
the_marker_says_how_much_and_why(void **state)
{
	char text[JOBLOG_MARKER_SIZE] = "";
	size_t len;
	(void)state;

	len = joblog_marker(text, 123, 1000);
	assert_int_equal(len, strlen(text));
	assert_string_equal(text, "\n[... 123 bytes cut out here by JQM: the log was longer than "
				  "1000 bytes ...]\n");
	len = joblog_marker(text, 5, 0);
	assert_int_equal(len, strlen(text));
	assert_string_equal(text, "\n[... 5 bytes cut out here by JQM: the log is longer than its "
				  "limit ...]\n");
	(void)joblog_marker(text, INT64_MAX, INT64_MAX);
	assert_int_equal(text[strlen(text) - 1], '\n');
}

static void
a_file_keeps_a_note_of_its_cut(void **state)
{
	static const struct joblog_note impossible[] = {
		{ { 900, 100 }, 150, 200 }, { { -1, 900 }, 150, 200 },
		{ { 100, 900 }, 99, 200 },  { { 100, 900 }, 201, 200 },
		{ { 100, 900 }, 150, 201 }, { { 100, INT64_MAX }, 150, 200 },
	};
	const struct joblog_note note = { { 100, 900 }, 150, 200 };
	struct joblog_note got = { { 0, 0 }, 0, 0 };
	static char data[200];
	int fd = file_of(data, sizeof(data));
	(void)state;

	assert_false(joblog_note_read(fd, &got));
	if (joblog_note_write(fd, &note) == -1) {
		print_message("no extended attributes in this file system\n");
		(void)close(fd);
		skip();
	}
	assert_true(joblog_note_read(fd, &got));
	assert_memory_equal(&got, &note, sizeof(note));
	assert_int_equal(ftruncate(fd, 199), 0); /* another content */
	assert_false(joblog_note_read(fd, &got));
	assert_int_equal(ftruncate(fd, 200), 0);
	for (size_t i = 0; i < LEN(impossible); i++) {
		assert_int_equal(joblog_note_write(fd, &impossible[i]), 0);
		assert_false(joblog_note_read(fd, &got));
	}
	(void)close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_quarter_of_the_limit_is_head_and_the_rest_tail),
		cmocka_unit_test(whole_blocks_within_that_can_be_punched_out),
		cmocka_unit_test(a_hole_is_found_and_its_absence_too),
		cmocka_unit_test(a_cut_is_made_at_the_ends_of_lines_and_never_inside_a_character),
		cmocka_unit_test(far_lines_are_not_looked_for),
		cmocka_unit_test(the_marker_says_how_much_and_why),
		cmocka_unit_test(a_file_keeps_a_note_of_its_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
