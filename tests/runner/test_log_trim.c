/* SPDX-License-Identifier: Apache-2.0 */
/* How the log of a job that is over becomes an ordinary file: head, a line in words, tail. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/joblog_cut.h"
#include "base/str.h"
#include "model/job_end.h"
#include "runner/log_trim.h"

#define RECORD 64
#define LIMIT 65536
#define SIZE (1 << 20)
#define NOTE "user.jqm.log_cut"

struct world {
	char *dir, *path, *new_path;
	struct job_end end;
};

static int
set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	char template[] = "/tmp/jqm-test-trim-XXXXXX";

	if (w == NULL || mkdtemp(template) == NULL)
		return -1;
	w->dir = str_dup(template);
	w->path = str_printf("%s/log", template);
	w->new_path = str_printf("%s/log.cut", template);
	job_end_init(&w->end, 1, 1);
	*state = w;
	return 0;
}

static int
tear_down(void **state)
{
	struct world *w = *state;

	(void)unlink(w->path);
	(void)unlink(w->new_path);
	(void)rmdir(w->new_path);
	(void)rmdir(w->dir);
	job_end_free(&w->end);
	free(w->dir);
	free(w->path);
	free(w->new_path);
	free(w);
	return 0;
}

/* Numbered lines; without_feeds: no line ever ends. */
static void
write_log(const struct world *w, size_t bytes, bool without_feeds)
{
	int fd = open(w->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);

	assert_true(fd != -1);
	for (size_t at = 0; at < bytes; at += RECORD) {
		char line[RECORD + 1];

		(void)snprintf(line, sizeof(line), "%063zu%c", at / RECORD,
			       without_feeds ? '.' : '\n');
		assert_int_equal(fd_write_all(fd, line, RECORD), 0);
	}
	fd_close(&fd);
}

/* As the keeper does; false where there are no holes. */
static bool
punch(const struct world *w, int64_t from, int64_t to)
{
	int fd = open(w->path, O_WRONLY | O_CLOEXEC);
	int rc = fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, from, to - from);

	fd_close(&fd);
	if (rc == -1)
		print_message("no holes in this file system\n");
	return rc == 0;
}

static struct log_trim *
a_trim(const struct world *w, int64_t max_bytes, int64_t from, int64_t to)
{
	const struct log_trim_spec spec = { w->path, "stdout", max_bytes, { from, to } };

	return log_trim_new(&spec);
}

/* Number of slices it took; 0: there was nothing to do. */
static int
trim(struct world *w, int64_t max_bytes, int64_t from, int64_t to)
{
	struct log_trim *t = a_trim(w, max_bytes, from, to);
	int slices = 1;

	if (t == NULL)
		return 0;
	while (log_trim_step(t, SIZE, &w->end) == 0)
		slices++;
	log_trim_free(t);
	return slices;
}

static void
read_log(const struct world *w, struct buf *buf)
{
	struct err err = ERR_INIT;

	*buf = (struct buf)BUF_INIT(8 * SIZE);
	assert_int_equal(fd_read_file(w->path, buf, &err), 0);
}

/* Records head are there, the line about the rest, and the last records from tail on; nothing else. */
static void
assert_log(const struct world *w, size_t head, size_t tail, size_t all, int64_t max_bytes)
{
	struct buf wanted = BUF_INIT(8 * SIZE), got;
	char marker[JOBLOG_MARKER_SIZE] = "";

	for (size_t i = 0; i < head; i++)
		buf_printf(&wanted, "%063zu\n", i);
	buf_append(&wanted, marker,
		   joblog_marker(marker, (int64_t)(tail - head) * RECORD, max_bytes));
	for (size_t i = tail; i < all; i++)
		buf_printf(&wanted, "%063zu\n", i);
	read_log(w, &got);
	assert_int_equal(got.len, wanted.len);
	assert_memory_equal(got.data, wanted.data, wanted.len);
	buf_free(&wanted);
	buf_free(&got);
	assert_int_equal(access(w->new_path, F_OK), -1);
}

#define SAID                                                                                    \
	"stdout was longer than 65536 bytes: of what it wrote, 983040 bytes behind byte 16384 " \
	"were "                                                                                 \
	"cut out"

static void
a_log_over_its_limit_keeps_head_and_tail_and_a_line_about_the_rest(void **state)
{
	struct world *w = *state;
	struct stat st;
	mode_t before = umask(0);

	write_log(w, SIZE, false);
	(void)umask(077); /* of the runner: others may read the log as before all the same */
	assert_true(trim(w, LIMIT, 0, 0) >= 1);
	(void)umask(before);
	assert_log(w, LIMIT / 4 / RECORD, (SIZE - LIMIT / 4 * 3) / RECORD, SIZE / RECORD, LIMIT);
	assert_int_equal(w->end.n_messages, 1);
	assert_string_equal(w->end.messages[0], SAID);
	assert_int_equal(stat(w->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_true(st.st_size <= LIMIT + JOBLOG_MARKER_SIZE);
}

static void
a_punched_log_becomes_an_ordinary_file(void **state)
{
	struct world *w = *state;
	struct stat st;

	write_log(w, SIZE, false);
	if (!punch(w, 16384, SIZE - LIMIT / 4 * 3 - 8192))
		return;
	assert_true(trim(w, LIMIT, 16384, SIZE - LIMIT / 4 * 3 - 8192) >= 1);
	assert_log(w, LIMIT / 4 / RECORD, (SIZE - LIMIT / 4 * 3) / RECORD, SIZE / RECORD, LIMIT);
	assert_int_equal(stat(w->path, &st), 0);
	assert_true((int64_t)st.st_blocks * 512 >= st.st_size);
}

/*
 * The limit was raised meanwhile, or the keeper's table was lost: what is gone is gone.  A line whose
 * beginning is in doubt, for nobody knows what was before it, goes too.
 */
static void
a_hole_is_left_out_whatever_the_limit_is_now(void **state)
{
	struct world *w = *state;

	write_log(w, SIZE, false);
	if (!punch(w, 16384, 65536))
		return;
	assert_true(trim(w, 4 * SIZE, 16384, 65536) >= 1);
	assert_log(w, 16384 / RECORD, 65536 / RECORD + 1, SIZE / RECORD, 4 * SIZE);
	write_log(w, SIZE, false);
	assert_true(punch(w, 16384, 65536));
	assert_true(trim(w, 4 * SIZE, 0, 0) >= 1);
	assert_log(w, 16384 / RECORD, 65536 / RECORD + 1, SIZE / RECORD, 4 * SIZE);
}

static void
a_log_within_its_limit_or_absent_is_left_alone(void **state)
{
	struct world *w = *state;

	assert_int_equal(trim(w, LIMIT, 0, 0), 0);
	write_log(w, LIMIT, false);
	assert_int_equal(trim(w, LIMIT, 0, 0), 0);
	assert_int_equal(w->end.n_messages, 0);
}

static void
lines_and_characters_are_not_cut_in_two(void **state)
{
	struct world *w = *state;
	struct buf got;

	write_log(w, SIZE, false);
	assert_true(trim(w, 60000, 0, 0) >= 1); /* 15000 and 45000 are inside of records */
	assert_log(w, 15000 / RECORD, (SIZE - 45000) / RECORD + 1, SIZE / RECORD, 60000);
	write_log(w, SIZE, true);
	assert_true(trim(w, 60000, 0, 0) >= 1);
	read_log(w, &got);
	assert_int_equal(got.len, 60000 + strlen("\n[... 988576 bytes cut out here by JQM: the log "
						 "was longer than 60000 bytes ...]\n"));
	buf_free(&got);
}

static void
it_is_done_in_slices_and_begun_anew_when_it_was_interrupted(void **state)
{
	struct world *w = *state;
	struct log_trim *t;
	struct buf before, after;

	write_log(w, SIZE, false);
	read_log(w, &before);
	t = a_trim(w, SIZE / 2, 0, 0);
	assert_non_null(t);
	assert_int_equal(log_trim_step(t, 65536, &w->end), 0);
	assert_int_equal(log_trim_step(t, 65536, &w->end), 0);
	log_trim_free(t); /* as if the runner had died: */
	assert_int_equal(access(w->new_path, F_OK), 0);
	read_log(w, &after);
	assert_int_equal(after.len, before.len);
	assert_memory_equal(after.data, before.data, before.len);
	buf_free(&before);
	buf_free(&after);
	assert_true(trim(w, SIZE / 2, 0, 0) >= 1);
	assert_log(w, SIZE / 8 / RECORD, (SIZE - SIZE / 8 * 3) / RECORD, SIZE / RECORD, SIZE / 2);
	assert_int_equal(w->end.n_messages, 1);
}

/* The runner died between the new file and the end's commit. */
static void
what_was_done_is_found_done_and_said_again(void **state)
{
	struct world *w = *state;
	struct buf before, after;

	write_log(w, SIZE, false);
	if (!punch(w, 16384, SIZE - LIMIT))
		return;
	assert_true(trim(w, LIMIT, 16384, SIZE - LIMIT) >= 1);
	read_log(w, &before);
	assert_true(before.len > LIMIT);
	assert_true(trim(w, LIMIT, 16384, SIZE - LIMIT) >= 1);
	/* Where there are no notes, the file without a hole tells. */
	(void)removexattr(w->path, NOTE);
	assert_true(trim(w, LIMIT, 16384, SIZE - LIMIT) >= 1);
	read_log(w, &after);
	assert_int_equal(after.len, before.len);
	assert_memory_equal(after.data, before.data, before.len);
	assert_int_equal(w->end.n_messages, 3);
	assert_string_equal(w->end.messages[0], SAID);
	assert_string_equal(w->end.messages[1], SAID);
	assert_true(str_starts(w->end.messages[2], "stdout was longer than 65536 bytes: "));
	buf_free(&before);
	buf_free(&after);
}

static void
a_log_that_cannot_be_written_anew_stays_and_the_reason_is_said(void **state)
{
	struct world *w = *state;
	struct stat st;

	write_log(w, SIZE, false);
	assert_int_equal(mkdir(w->new_path, 0700), 0); /* somebody's directory is in the way */
	assert_int_equal(trim(w, LIMIT, 0, 0), 1);
	assert_int_equal(stat(w->path, &st), 0);
	assert_int_equal(st.st_size, SIZE);
	assert_int_equal(w->end.n_messages, 1);
	assert_true(str_starts(w->end.messages[0], "the middle of stdout is missing, and no file "
						   "without it could be made: could not remove "));
}

#define TRIM_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TRIM_TEST(a_log_over_its_limit_keeps_head_and_tail_and_a_line_about_the_rest),
		TRIM_TEST(a_punched_log_becomes_an_ordinary_file),
		TRIM_TEST(a_hole_is_left_out_whatever_the_limit_is_now),
		TRIM_TEST(a_log_within_its_limit_or_absent_is_left_alone),
		TRIM_TEST(lines_and_characters_are_not_cut_in_two),
		TRIM_TEST(it_is_done_in_slices_and_begun_anew_when_it_was_interrupted),
		TRIM_TEST(what_was_done_is_found_done_and_said_again),
		TRIM_TEST(a_log_that_cannot_be_written_anew_stays_and_the_reason_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
