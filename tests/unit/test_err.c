/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/str.h"

static void
setting_an_error_keeps_kind_and_text_and_returns_minus_one(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(err.kind, ERR_NONE);
	assert_int_equal(err_set(&err, ERR_NOT_FOUND, "queue \"%s\" does not exist", "q"), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	assert_string_equal(err.text, "queue \"q\" does not exist");
	err_clear(&err);
	assert_int_equal(err.kind, ERR_NONE);
	assert_string_equal(err.text, "");
}

static void
errno_as_it_was_on_entry_becomes_words_and_stays(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	errno = ENOENT;
	assert_int_equal(err_errno(&err, ERR_INTERNAL, "could not open \"%s\"", "x"), -1);
	assert_string_equal(err.text, "could not open \"x\": No such file or directory");
	assert_int_equal(errno, ENOENT);
}

static void
errno_stays_though_a_text_that_cannot_be_formatted_changes_it(void **state)
{
	static const wchar_t no_character[] = { 0x110000, 0 };
	struct err err = ERR_INIT;
	char room[16];

	(void)state;
	errno = 0;
	assert_true(snprintf(room, sizeof(room), "%ls", no_character) < 0);
	assert_int_equal(errno, EILSEQ); /* or the rest shows nothing */
	errno = ENOENT;
	assert_int_equal(err_errno(&err, ERR_INTERNAL, "%ls", no_character), -1);
	assert_int_equal(errno, ENOENT);
	assert_string_equal(err.text,
			    "error text could not be formatted: No such file or directory");
}

static void
a_prefix_goes_before_and_the_kind_stays(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	(void)err_set(&err, ERR_BUSY, "locked");
	assert_int_equal(err_prefix(&err, "job %d", 7), -1);
	assert_string_equal(err.text, "job 7: locked");
	assert_int_equal(err.kind, ERR_BUSY);
}

static void
the_text_itself_may_be_an_argument(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	(void)err_set(&err, ERR_INVALID, "first");
	(void)err_set(&err, ERR_INVALID, "again %s", err.text);
	assert_string_equal(err.text, "again first");
	(void)err_prefix(&err, "%s", err.text);
	assert_string_equal(err.text, "again first: again first");
}

static void
a_text_too_long_is_cut_between_characters(void **state)
{
	struct err err = ERR_INIT;
	char longer[2 * ERR_TEXT_SIZE + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(longer) - 1; i += 2)
		memcpy(longer + i, "\xc3\xa9", 2);
	longer[sizeof(longer) - 1] = '\0';
	(void)err_set(&err, ERR_INVALID, "%s", longer);
	assert_int_equal(strlen(err.text),
			 ERR_TEXT_SIZE - 2); /* one more would split the last character */
	assert_true(str_utf8_valid(err.text, strlen(err.text)));
	(void)err_prefix(&err, "a");
	assert_true(strncmp(err.text, "a: ", 3) == 0);
	assert_true(strlen(err.text) < ERR_TEXT_SIZE);
	assert_true(str_utf8_valid(err.text, strlen(err.text)));
	errno = ENOENT;
	(void)err_errno(&err, ERR_INVALID, "%s", longer);
	assert_true(strlen(err.text) < ERR_TEXT_SIZE);
}

static void
each_kind_has_its_own_word(void **state)
{
	static const char *const words[] = { "none",      "invalid", "denied",    "not_found",
					     "conflict",  "stale",   "too_large", "busy",
					     "uncertain", "internal" };

	(void)state;
	for (int kind = ERR_NONE; kind <= ERR_INTERNAL; kind++)
		assert_string_equal(err_kind_name((enum err_kind)kind), words[kind]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(setting_an_error_keeps_kind_and_text_and_returns_minus_one),
		cmocka_unit_test(errno_as_it_was_on_entry_becomes_words_and_stays),
		cmocka_unit_test(errno_stays_though_a_text_that_cannot_be_formatted_changes_it),
		cmocka_unit_test(a_prefix_goes_before_and_the_kind_stays),
		cmocka_unit_test(the_text_itself_may_be_an_argument),
		cmocka_unit_test(a_text_too_long_is_cut_between_characters),
		cmocka_unit_test(each_kind_has_its_own_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
