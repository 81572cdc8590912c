/* SPDX-License-Identifier: Apache-2.0 */
/* Each test logs into a file of memory that takes the place of stderr. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"

static int log_fd = -1, real_stderr = -1;
static struct buf logged = BUF_INIT(1 << 20);

static int
redirect(void **state)
{
	(void)state;
	log_fd = memfd_create("log", MFD_CLOEXEC);
	real_stderr = dup(STDERR_FILENO);
	log_init("tester");
	return log_fd == -1 || real_stderr == -1 ? -1 : log_level_set("info");
}

static int
restore(void **state)
{
	(void)state;
	fd_close(&log_fd);
	fd_close(&real_stderr);
	buf_free(&logged);
	return 0;
}

static void
begin_capture(void)
{
	assert_int_equal(ftruncate(log_fd, 0), 0);
	assert_int_equal(lseek(log_fd, 0, SEEK_SET), 0);
	assert_int_equal(dup2(log_fd, STDERR_FILENO), STDERR_FILENO);
}

/* What was logged since begin_capture(). */
static const char *
end_capture(void)
{
	struct err err = ERR_INIT;

	assert_int_equal(dup2(real_stderr, STDERR_FILENO), STDERR_FILENO);
	assert_int_equal(lseek(log_fd, 0, SEEK_SET), 0);
	buf_free(&logged);
	assert_int_equal(fd_read_all(log_fd, &logged, &err), 0);
	return buf_text(&logged);
}

/* The part of a line behind its time. */
static const char *
behind_time(const char *line)
{
	assert_true(strlen(line) > 25);
	return line + 25;
}

static void
a_line_is_time_level_program_event_and_the_rest(void **state)
{
	char when[CLOCK_TEXT_SIZE];
	int64_t wall_us;
	const char *line;

	(void)state;
	begin_capture();
	log_info("job_claimed", "job=%d queue=\"%s\"", 7, "a b");
	line = end_capture();
	assert_string_equal(behind_time(line), "info tester job_claimed job=7 queue=\"a b\"\n");
	assert_int_equal(line[24], ' ');
	memcpy(when, line, 24);
	when[24] = '\0';
	assert_int_equal(clock_parse(when, &wall_us), 0);
}

static void
nothing_to_add_leaves_no_blank_at_the_end(void **state)
{
	(void)state;
	begin_capture();
	log_error("stopped", "%s", "");
	assert_string_equal(behind_time(end_capture()), "error tester stopped\n");
}

static void
a_callers_text_cannot_start_a_line_or_drive_a_terminal(void **state)
{
	(void)state;
	begin_capture();
	log_warn("x", "v=%s", "a\nb\r\tc\x1b[31m\x7f\xc2\x9b\xff\xc3");
	assert_string_equal(
	    behind_time(end_capture()),
	    "warn tester x v=a\\x0ab\\x0d\\x09c\\x1b[31m\\x7f\\xc2\\x9b\\xff\\xc3\n");
}

static void
text_in_any_language_is_kept(void **state)
{
	(void)state;
	begin_capture();
	log_info("x", "%s", "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80 \xc2\xa0");
	assert_string_equal(behind_time(end_capture()),
			    "info tester x caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80 \xc2\xa0\n");
}

static void
a_long_line_is_cut_at_4000_bytes_between_characters(void **state)
{
	static const char *const units[] = { "x", "\xc3\xa9", "\x01", "\xf0\x9f\x98\x80" };

	(void)state;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		struct buf text = BUF_INIT(100000);
		const char *line;

		while (text.len < 50000)
			buf_puts(&text, units[i]);
		begin_capture();
		log_info("x", "%s", buf_text(&text));
		line = end_capture();
		assert_in_range(logged.len, 3990, 4000);
		assert_true(str_ends(line, "...\n"));
		assert_true(str_utf8_valid(line, logged.len));
		assert_ptr_equal(strchr(line, '\n'), line + logged.len - 1);
		buf_free(&text);
	}
}

static void
a_level_hides_what_is_less_serious(void **state)
{
	static const struct {
		const char *name;
		size_t lines;
	} cases[] = { { "TRACE", 4 }, { "debug", 4 }, { "Info", 3 },
		      { "WARN", 2 },  { "ERROR", 1 }, { "fatal", 1 } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t lines = 0;

		assert_int_equal(log_level_set(cases[i].name), 0);
		begin_capture();
		log_error("e", "%d", 1);
		log_warn("w", "%d", 2);
		log_info("i", "%d", 3);
		log_debug("d", "%d", 4);
		for (const char *c = end_capture(); *c != '\0'; c++)
			lines += *c == '\n';
		assert_int_equal(lines, cases[i].lines);
	}
	assert_int_equal(log_level_set("INFO"), 0);
}

static void
a_level_nobody_knows_changes_nothing(void **state)
{
	static const char *const names[] = { "", "verbose", "info ", "warning" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(log_level_set(names[i]), -1);
	begin_capture();
	log_debug("d", "%d", 1);
	assert_string_equal(end_capture(), "");
}

static void
errno_is_as_it_was(void **state)
{
	(void)state;
	begin_capture();
	(void)close(STDERR_FILENO); /* so that the write inside fails */
	errno = ENOLCK;
	log_info("x", "%d", 1);
	assert_int_equal(errno, ENOLCK);
	assert_string_equal(end_capture(), "");
}

static void
a_value_cannot_end_its_quotes(void **state)
{
	char out[LOG_VALUE_SIZE];
	char longest[3 * LOG_VALUE_SIZE];
	(void)state;

	assert_string_equal(log_value(out, "x\" login=\"admin\\"), "x\\\" login=\\\"admin\\\\");
	assert_string_equal(log_value(out, NULL), "");
	memset(longest, '"', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_in_range(strlen(log_value(out, longest)), LOG_VALUE_SIZE - 4, LOG_VALUE_SIZE - 1);
	assert_int_equal(strlen(out) % 2, 0); /* no backslash without what it escapes */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_cannot_end_its_quotes),
		cmocka_unit_test(a_line_is_time_level_program_event_and_the_rest),
		cmocka_unit_test(nothing_to_add_leaves_no_blank_at_the_end),
		cmocka_unit_test(a_callers_text_cannot_start_a_line_or_drive_a_terminal),
		cmocka_unit_test(text_in_any_language_is_kept),
		cmocka_unit_test(a_long_line_is_cut_at_4000_bytes_between_characters),
		cmocka_unit_test(a_level_hides_what_is_less_serious),
		cmocka_unit_test(a_level_nobody_knows_changes_nothing),
		cmocka_unit_test(errno_is_as_it_was),
	};

	return cmocka_run_group_tests(tests, redirect, restore);
}
