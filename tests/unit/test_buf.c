/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"

static void
an_empty_buffer_is_the_empty_text(void **state)
{
	struct buf buf = BUF_INIT(10);
	struct err err = ERR_INIT;
	char *taken;

	(void)state;
	assert_string_equal(buf_text(&buf), "");
	assert_int_equal(buf_check(&buf, &err), 0);
	taken = buf_take(&buf);
	assert_string_equal(taken, "");
	free(taken);
	buf_free(&buf);
}

static void
appends_follow_each_other_and_end_in_a_nul(void **state)
{
	struct buf buf = BUF_INIT(1000);

	(void)state;
	buf_append(&buf, "a\0b", 3);
	buf_puts(&buf, "cd");
	buf_putc(&buf, 'e');
	buf_printf(&buf, "%d-%s", 42, "f");
	buf_append(&buf, NULL, 0);
	assert_int_equal(buf.len, 10);
	assert_memory_equal(buf.data, "a\0bcde42-f", 11);
	buf_free(&buf);
	assert_int_equal(buf.len, 0);
	buf_puts(&buf, "again");
	assert_string_equal(buf_text(&buf), "again");
	buf_free(&buf);
}

static void
growth_loses_no_byte(void **state)
{
	struct buf buf = BUF_INIT(100000);

	(void)state;
	for (int i = 0; i < 10000; i++)
		buf_printf(&buf, "%05d", i);
	assert_int_equal(buf.len, 50000);
	for (int i = 0; i < 10000; i++) {
		char digits[6] = { 0 };

		memcpy(digits, buf.data + 5 * (size_t)i, 5);
		assert_int_equal(atoi(digits), i);
	}
	buf_free(&buf);
}

static void
the_cap_can_be_reached_but_not_passed(void **state)
{
	struct buf buf = BUF_INIT(5);
	struct err err = ERR_INIT;

	(void)state;
	buf_puts(&buf, "12345");
	assert_int_equal(buf_check(&buf, &err), 0);
	buf_putc(&buf, '6');
	assert_int_equal(buf_check(&buf, &err), -1);
	assert_int_equal(err.kind, ERR_TOO_LARGE);
	assert_string_equal(buf_text(&buf), "12345");
	buf_free(&buf);
}

static void
an_append_that_does_not_fit_stops_all_later_ones(void **state)
{
	struct buf buf = BUF_INIT(5);
	struct err err = ERR_INIT;

	(void)state;
	buf_puts(&buf, "123");
	buf_printf(&buf, "%s", "456");
	buf_putc(&buf, '7');
	assert_string_equal(buf_text(&buf), "123");
	assert_int_equal(buf_check(&buf, &err), -1);
	buf_free(&buf);
	buf_puts(&buf, "fresh");
	assert_int_equal(buf_check(&buf, &err), 0);
	buf_free(&buf);
}

static void
more_memory_than_there_is_is_an_internal_error(void **state)
{
	struct buf buf = BUF_INIT(SIZE_MAX);
	struct err err = ERR_INIT;

	(void)state;
	buf_putc(&buf, 'x');
	buf_append(&buf, "", SIZE_MAX - 1); /* refused before a byte of it is read */
	assert_int_equal(buf_check(&buf, &err), -1);
	assert_int_equal(err.kind, ERR_INTERNAL);
	assert_string_equal(buf_text(&buf), "x");
	buf_free(&buf);
}

static void
taking_moves_the_bytes_out(void **state)
{
	struct buf buf = BUF_INIT(100);
	char *taken;

	(void)state;
	buf_puts(&buf, "mine");
	taken = buf_take(&buf);
	assert_string_equal(taken, "mine");
	assert_null(buf.data);
	assert_int_equal(buf.len, 0);
	buf_puts(&buf, "next");
	assert_string_equal(buf_text(&buf), "next");
	assert_string_equal(taken, "mine");
	free(taken);
	buf_free(&buf);
}

static void
a_forgotten_buffer_is_empty_and_usable_again(void **state)
{
	struct buf buf = BUF_INIT(100);

	(void)state;
	buf_forget(&buf);
	buf_puts(&buf, "secret");
	buf_forget(&buf);
	assert_null(buf.data);
	assert_int_equal(buf.len, 0);
	buf_puts(&buf, "next");
	assert_string_equal(buf_text(&buf), "next");
	buf_free(&buf);
}

static void
bytes_that_the_caller_writes_are_there_or_not_at_all(void **state)
{
	struct buf buf = BUF_INIT(10);
	char *bytes;

	(void)state;
	assert_non_null(buf_extend(&buf, 0));
	assert_int_equal(buf.len, 0);
	bytes = buf_extend(&buf, 4);
	memcpy(bytes, "four", 4);
	bytes = buf_extend(&buf, 6);
	memcpy(bytes, "sixsix", 6);
	assert_string_equal(buf_text(&buf), "foursixsix");
	assert_non_null(buf_extend(&buf, 0));
	assert_null(buf_extend(&buf, 1));
	assert_true(buf.failed);
	assert_null(buf_extend(&buf, 0));
	assert_string_equal(buf_text(&buf), "foursixsix");
	buf_free(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_buffer_is_the_empty_text),
		cmocka_unit_test(appends_follow_each_other_and_end_in_a_nul),
		cmocka_unit_test(growth_loses_no_byte),
		cmocka_unit_test(the_cap_can_be_reached_but_not_passed),
		cmocka_unit_test(bytes_that_the_caller_writes_are_there_or_not_at_all),
		cmocka_unit_test(an_append_that_does_not_fit_stops_all_later_ones),
		cmocka_unit_test(more_memory_than_there_is_is_an_internal_error),
		cmocka_unit_test(taking_moves_the_bytes_out),
		cmocka_unit_test(a_forgotten_buffer_is_empty_and_usable_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
