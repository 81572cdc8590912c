/* SPDX-License-Identifier: Apache-2.0 */
/* How a log with a hole, or one that was written anew, is answered: never a byte that nobody wrote. */
#include "fcgi/joblog_answer.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/joblog_cut.h"
#include "base/str.h"
#include "fcgi/exchange.h"
#include "tests/lib/an_exchange.h"

#define RECORD 64
#define SIZE (4 << 20)
#define JOB 7

static char directory[] = "/tmp/jqm-test-answer-XXXXXX";

static int
make_directory(void **state)
{
	char *sub;
	int rc;
	(void)state;

	if (mkdtemp(directory) == NULL)
		return -1;
	sub = str_printf("%s/0", directory);
	rc = mkdir(sub, 0700);
	free(sub);
	return rc;
}

static char *
log_path(const char *name)
{
	return str_printf("%s/0/0000000007.%s.log", directory, name);
}

static int
remove_logs(void **state)
{
	static const char *const names[] = { "stdout", "1.stdout", "2.stdout" };
	(void)state;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char *path = log_path(names[i]);

		(void)unlink(path);
		free(path);
	}
	return 0;
}

static int
remove_directory(void **state)
{
	char *sub = str_printf("%s/0", directory);
	int rc;
	(void)state;

	rc = rmdir(sub) == 0 && rmdir(directory) == 0 ? 0 : -1;
	free(sub);
	return rc;
}

/* Numbered records from number on. */
static void
write_records(const char *name, int64_t first, int64_t end)
{
	char *path = log_path(name);
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	assert_true(fd != -1);
	for (int64_t i = first; i < end; i++) {
		char line[RECORD + 1];

		(void)snprintf(line, sizeof(line), "%063" PRId64 "\n", i);
		assert_int_equal(fd_write_all(fd, line, RECORD), 0);
	}
	fd_close(&fd);
	free(path);
}

static void
punch(int64_t from, int64_t to)
{
	char *path = log_path("stdout");
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	free(path);
	if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, from, to - from) == -1) {
		print_message("no holes in this file system\n");
		fd_close(&fd);
		skip();
	}
	fd_close(&fd);
}

static struct exchange *
ask(const char *range, bool as_written, int32_t attempt)
{
	struct exchange *x = an_exchange();
	const struct joblog_wanted wanted = { directory, "/-/joblogs/",  JOB,        attempt,
					      "stdout",  "7.stdout.txt", as_written, NULL };
	struct err err = ERR_INIT;

	x->request.range = range;
	x->response.body = (struct buf)BUF_INIT((size_t)2 * SIZE);
	if (joblog_answer(x, &wanted, &err) == -1)
		fail_msg("%s", err.text);
	return x;
}

static void
done(struct exchange *x)
{
	if (x->response.stream != NULL)
		x->response.stream->close(x->response.stream);
	an_exchange_free(x);
}

/* Does nginx send the file? */
static bool
is_nginx_s(const char *range, const char *if_range)
{
	struct exchange *x = an_exchange();
	const struct joblog_wanted wanted = { directory, "/-/joblogs/",  JOB,   0,
					      "stdout",  "7.stdout.txt", false, NULL };
	struct err err = ERR_INIT;
	bool is;

	x->request.range = range;
	x->request.if_range = if_range;
	assert_int_equal(joblog_answer(x, &wanted, &err), 0);
	is = an_exchange_header(x, "X-Accel-Redirect") != NULL;
	assert_true(is == (x->response.stream == NULL));
	if (is)
		assert_string_equal(an_exchange_header(x, "X-Accel-Redirect"),
				    "/-/joblogs/0/0000000007.stdout.log");
	done(x);
	return is;
}

static void
nginx_sends_an_ordinary_log_and_ranges_without_a_hole(void **state)
{
	(void)state;

	write_records("stdout", 0, SIZE / RECORD);
	assert_true(is_nginx_s("", ""));
	assert_true(is_nginx_s("bytes=5-", "\"etag\""));
	punch(65536, 1 << 20);
	assert_true(is_nginx_s("bytes=0-65535", ""));
	assert_true(is_nginx_s("bytes=1048576-", ""));
	assert_true(is_nginx_s("bytes=-65536", ""));
	assert_true(is_nginx_s("bytes=4194304-", "")); /* 416 */
	assert_false(is_nginx_s("", ""));
	assert_false(is_nginx_s("bytes=0-", ""));
	assert_false(is_nginx_s("bytes=0-65536", ""));
	assert_false(is_nginx_s("bytes=1048575-", ""));
	assert_false(is_nginx_s("bytes=70000-80000", ""));
	/* What nginx may understand in another way. */
	assert_false(is_nginx_s("bytes=0-5,7-9", ""));
	assert_false(is_nginx_s("bytes=0-5", "\"etag\""));
	assert_false(is_nginx_s("nonsense", ""));
}

/* All of the body; punch_at: after so many bytes a hole is made from there to punch_to. */
static void
read_stream(struct exchange *x, struct buf *out, int64_t punch_at, int64_t punch_from,
	    int64_t punch_to)
{
	static char data[65536];
	ssize_t n;

	*out = (struct buf)BUF_INIT((size_t)2 * SIZE);
	while ((n = x->response.stream->read(x->response.stream, data, sizeof(data))) > 0) {
		buf_append(out, data, (size_t)n);
		if (punch_at > 0 && (int64_t)out->len >= punch_at) {
			punch(punch_from, punch_to);
			punch_at = 0;
		}
	}
	assert_int_equal(n, 0);
	assert_false(out->failed);
	assert_null(memchr(buf_text(out), '\0', out->len));
}

static void
expect_records(struct buf *expected, int64_t first, int64_t end)
{
	for (int64_t i = first; i < end; i++)
		buf_printf(expected, "%063" PRId64 "\n", i);
}

static void
expect_marker(struct buf *expected, int64_t records)
{
	char marker[JOBLOG_MARKER_SIZE] = "";

	buf_append(expected, marker, joblog_marker(marker, records * RECORD, 0));
}

static void
assert_same(const struct buf *got, const struct buf *expected)
{
	assert_int_equal(got->len, expected->len);
	assert_memory_equal(buf_text(got), buf_text(expected), got->len);
}

static void
a_log_with_a_hole_comes_as_head_a_line_in_words_and_tail(void **state)
{
	struct buf got, expected = BUF_INIT((size_t)2 * SIZE);
	struct exchange *x;
	(void)state;

	write_records("stdout", 0, SIZE / RECORD);
	punch(65536, 1 << 20);
	x = ask("", false, 0);
	assert_int_equal(x->response.status, 200);
	assert_string_equal(x->response.content_type, "application/octet-stream");
	assert_string_equal(an_exchange_header(x, "Accept-Ranges"), "none");
	assert_non_null(strstr(an_exchange_header(x, "Content-Disposition"), "7.stdout.txt"));
	write_records("stdout", SIZE / RECORD, SIZE / RECORD + 10); /* later: not in this answer */
	read_stream(x, &got, 0, 0, 0);
	/* The line at the hole's end: nobody knows whether it began there. */
	expect_records(&expected, 0, 1024);
	expect_marker(&expected, 16384 + 1 - 1024);
	expect_records(&expected, 16385, SIZE / RECORD);
	assert_same(&got, &expected);
	done(x);
	buf_free(&got);
	buf_free(&expected);
}

static void
a_hole_that_grows_over_what_is_being_sent_is_never_sent(void **state)
{
	struct buf got, expected = BUF_INIT((size_t)2 * SIZE);
	struct exchange *x;
	(void)state;

	write_records("stdout", 0, SIZE / RECORD);
	punch(65536, 1 << 20);
	x = ask("", false, 0);
	/* While the head is sent the hole grows: one line about all of it. */
	read_stream(x, &got, 32768, 65536, 2 << 20);
	expect_records(&expected, 0, 1024);
	expect_marker(&expected, 32768 + 1 - 1024);
	expect_records(&expected, 32769, SIZE / RECORD);
	assert_same(&got, &expected);
	done(x);
	buf_free(&got);
	buf_free(&expected);

	/* While the tail is sent: a second line. */
	expected = (struct buf)BUF_INIT((size_t)2 * SIZE);
	x = ask("", false, 0);
	read_stream(x, &got, 65536 + 500000, 65536, 3 << 20);
	assert_non_null(strstr(buf_text(&got), "\n[... 2031680 bytes cut out here"));
	assert_non_null(strstr(buf_text(&got) + 200000, "bytes cut out here"));
	expect_records(&expected, 49153, SIZE / RECORD);
	assert_true(str_ends(buf_text(&got), buf_text(&expected)));
	done(x);
	buf_free(&got);
	buf_free(&expected);
}

static void
a_hole_at_either_end_is_a_line_in_words_too(void **state)
{
	struct buf got;
	struct exchange *x;
	(void)state;

	write_records("stdout", 0, 4096);
	punch(0, 65536); /* a job did it */
	punch(4096 * RECORD - 65536, 4096 * RECORD);
	x = ask("", false, 0);
	read_stream(x, &got, 0, 0, 0);
	assert_true(str_starts(buf_text(&got), "\n[... 65"));
	assert_true(str_ends(buf_text(&got), "its limit ...]\n"));
	done(x);
	buf_free(&got);
}

/* A piece from there on: what Content-Range says, and the number of the first record. */
static void
assert_piece(const char *range, const char *content_range, int64_t first_record)
{
	struct exchange *x = ask(range, true, 0);
	const char *got = an_exchange_header(x, "Content-Range");
	char expected[RECORD + 1];

	assert_non_null(got);
	assert_string_equal(got, content_range);
	assert_string_equal(an_exchange_header(x, "JQM-Attempt"), "1");
	assert_string_equal(an_exchange_header(x, "JQM-Newest-Attempt"), "1");
	if (first_record == -1) {
		assert_int_equal(x->response.status, 416);
		assert_non_null(strstr(buf_text(&x->response.body),
				       "\"the range is outside the log, which has "));
	} else {
		assert_int_equal(x->response.status, 206);
		(void)snprintf(expected, sizeof(expected), "%063" PRId64 "\n", first_record);
		assert_memory_equal(buf_text(&x->response.body), expected, RECORD);
	}
	done(x);
}

static void
who_follows_gets_pieces_that_end_and_go_on_at_the_hole(void **state)
{
	(void)state;

	write_records("stdout", 0, 10);
	assert_piece("bytes=0-", "bytes 0-639/640", 0);
	assert_piece("bytes=576-", "bytes 576-639/640", 9);
	assert_piece("bytes=640-", "bytes */640", -1);
	assert_piece("bytes=1000-", "bytes */640", -1); /* the job emptied it */
	write_records("stdout", 10, SIZE / RECORD);
	assert_piece("bytes=640-", "bytes 640-1049215/4194304", 10); /* 1 MB at a time */
	punch(65536, 2 << 20);
	assert_piece("bytes=0-", "bytes 0-65535/4194304", 0);
	assert_piece("bytes=65536-", "bytes 2097152-3145727/4194304", 32768);
	assert_piece("bytes=70000-", "bytes 2097152-3145727/4194304", 32768);
	assert_piece("bytes=2097152-", "bytes 2097152-3145727/4194304", 32768);
	assert_piece("bytes=4194240-", "bytes 4194240-4194303/4194304", 65535);
	assert_piece("bytes=70000-70999", "bytes */4194304", -1);
}

static void
offsets_go_on_to_count_as_written_when_the_log_was_written_anew(void **state)
{
	const struct joblog_note note = { { 640, 64000 }, 640 + 100, 640 + 100 + 20 * RECORD };
	char marker[101], *path = log_path("stdout");
	int fd;
	(void)state;

	memset(marker, 'm', 100);
	marker[100] = '\0';
	write_records("stdout", 0, 10);
	fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	free(path);
	assert_int_equal(fd_write_all(fd, marker, 100), 0);
	write_records("stdout", 1000, 1020);
	if (joblog_note_write(fd, &note) == -1) {
		print_message("no extended attributes in this file system\n");
		fd_close(&fd);
		skip();
	}
	fd_close(&fd);
	assert_piece("bytes=0-", "bytes 0-639/65280", 0);
	assert_piece("bytes=576-", "bytes 576-639/65280", 9);
	assert_piece("bytes=640-", "bytes 64000-65279/65280", 1000);
	assert_piece("bytes=10000-", "bytes 64000-65279/65280", 1000);
	assert_piece("bytes=64064-", "bytes 64064-65279/65280", 1001);
	assert_piece("bytes=65280-", "bytes */65280", -1);
	assert_true(is_nginx_s("", ""));
}

static void
who_follows_must_say_from_where(void **state)
{
	static const char *const ranges[] = { "", "bytes=1-2,3-4", "lines=1-" };
	(void)state;

	write_records("stdout", 0, 10);
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		struct exchange *x = an_exchange();
		const struct joblog_wanted wanted = { directory, "/-/joblogs/",  JOB,  0,
						      "stdout",  "7.stdout.txt", true, NULL };
		struct err err = ERR_INIT;

		x->request.range = ranges[i];
		assert_int_equal(joblog_answer(x, &wanted, &err), -1);
		assert_int_equal(err.kind, ERR_INVALID);
		done(x);
	}
}

static void
assert_attempt(int32_t attempt, const char *path)
{
	struct exchange *x = an_exchange();
	const struct joblog_wanted wanted = { directory, "/-/joblogs/",  JOB,   attempt,
					      "stdout",  "7.stdout.txt", false, NULL };
	struct err err = ERR_INIT;
	int rc = joblog_answer(x, &wanted, &err);

	if (path == NULL) {
		assert_int_equal(rc, -1);
		assert_int_equal(err.kind, ERR_NOT_FOUND);
	} else {
		assert_int_equal(rc, 0);
		assert_string_equal(an_exchange_header(x, "X-Accel-Redirect"), path);
	}
	done(x);
}

static void
link_newest_to(const char *target)
{
	char *path = log_path("stdout");

	(void)unlink(path);
	assert_int_equal(symlink(target, path), 0);
	free(path);
}

static void
each_attempt_s_log_is_found_and_no_other_file(void **state)
{
	struct exchange *x;
	(void)state;

	assert_attempt(0, NULL);
	assert_attempt(1, NULL);
	write_records("stdout", 0, 1);
	assert_attempt(0, "/-/joblogs/0/0000000007.stdout.log");
	assert_attempt(1, "/-/joblogs/0/0000000007.stdout.log");
	assert_attempt(2, NULL);
	write_records("1.stdout", 0, 1);
	write_records("2.stdout", 0, 1);
	link_newest_to("0000000007.2.stdout.log");
	assert_attempt(0, "/-/joblogs/0/0000000007.2.stdout.log");
	assert_attempt(1, "/-/joblogs/0/0000000007.1.stdout.log");
	assert_attempt(2, "/-/joblogs/0/0000000007.2.stdout.log");
	assert_attempt(3, NULL);
	x = ask("bytes=0-", true, 1);
	assert_string_equal(an_exchange_header(x, "JQM-Attempt"), "1");
	assert_string_equal(an_exchange_header(x, "JQM-Newest-Attempt"), "2");
	done(x);
	link_newest_to("/etc/passwd");
	assert_attempt(0, NULL);
	link_newest_to("../0/0000000007.2.stdout.log");
	assert_attempt(0, NULL);
	link_newest_to("0000000007.stdout.log"); /* itself */
	assert_attempt(0, NULL);
}

#define ANSWER_TEST(test) cmocka_unit_test_setup_teardown(test, NULL, remove_logs)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ANSWER_TEST(nginx_sends_an_ordinary_log_and_ranges_without_a_hole),
		ANSWER_TEST(a_log_with_a_hole_comes_as_head_a_line_in_words_and_tail),
		ANSWER_TEST(a_hole_that_grows_over_what_is_being_sent_is_never_sent),
		ANSWER_TEST(a_hole_at_either_end_is_a_line_in_words_too),
		ANSWER_TEST(who_follows_gets_pieces_that_end_and_go_on_at_the_hole),
		ANSWER_TEST(offsets_go_on_to_count_as_written_when_the_log_was_written_anew),
		ANSWER_TEST(who_follows_must_say_from_where),
		ANSWER_TEST(each_attempt_s_log_is_found_and_no_other_file),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
