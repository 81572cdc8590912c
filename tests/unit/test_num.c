/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/num.h"

#define UNTOUCHED INT64_C(-77)

static void
integers_within_their_range_are_read(void **state)
{
	static const struct {
		const char *text;
		int64_t min, max, value;
	} cases[] = {
		{ "0", 0, 0, 0 },
		{ "-0", 0, 0, 0 },
		{ "007", 0, 10, 7 },
		{ "-5", -5, 5, -5 },
		{ "9223372036854775807", INT64_MIN, INT64_MAX, INT64_MAX },
		{ "-9223372036854775808", INT64_MIN, INT64_MAX, INT64_MIN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t value = UNTOUCHED;

		if (num_int64(cases[i].text, cases[i].min, cases[i].max, &value) != 0)
			fail_msg("refused: %s", cases[i].text);
		assert_int_equal(value, cases[i].value);
	}
}

static void
everything_else_is_refused_and_changes_nothing(void **state)
{
	static const char *const texts[] = { "",
					     "-",
					     " 1",
					     "1 ",
					     "+1",
					     "--1",
					     "1-",
					     "0x1",
					     "1e3",
					     "1k",
					     "1.0",
					     "\xd9\xa1",
					     "11",
					     "-11",
					     "9223372036854775808",
					     "-9223372036854775809",
					     "99999999999999999999999" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		int64_t value = UNTOUCHED;

		if (num_int64(texts[i], -10, 10, &value) != -1)
			fail_msg("accepted: \"%s\"", texts[i]);
		assert_int_equal(value, UNTOUCHED);
	}
}

static void
sizes_take_one_suffix(void **state)
{
	static const struct {
		const char *text;
		int64_t value; /* UNTOUCHED: refused */
	} cases[] = {
		{ "0", 0 },
		{ "512", 512 },
		{ "512k", 512 * 1024 },
		{ "3M", 3 * 1024 * 1024 },
		{ "1G", INT64_C(1) << 30 },
		{ "8589934591G", INT64_C(8589934591) << 30 },
		{ "8589934592G", UNTOUCHED },
		{ "17179869184G", UNTOUCHED }, /* 2 to the 64th */
		{ "-1k", UNTOUCHED },
		{ "k", UNTOUCHED },
		{ "", UNTOUCHED },
		{ "1K", UNTOUCHED },
		{ "1m", UNTOUCHED },
		{ "1kk", UNTOUCHED },
		{ "1 k", UNTOUCHED },
		{ "1kB", UNTOUCHED },
		{ "1T", UNTOUCHED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t value = UNTOUCHED;
		int rc = num_size(cases[i].text, 0, INT64_MAX, &value);

		if (rc != (cases[i].value == UNTOUCHED ? -1 : 0) || value != cases[i].value)
			fail_msg("wrong: \"%s\"", cases[i].text);
	}
}

static void
the_range_of_a_size_counts_bytes(void **state)
{
	int64_t value = UNTOUCHED;

	(void)state;
	assert_int_equal(num_size("2k", 0, 2048, &value), 0);
	assert_int_equal(num_size("3k", 0, 2048, &value), -1);
	assert_int_equal(num_size("1k", 1025, 2048, &value), -1);
	assert_int_equal(value, 2048);
}

static void
booleans_are_their_words_and_no_others(void **state)
{
	static const struct {
		const char *text;
		int value;
	} cases[] = { { "true", 1 }, { "TRUE", 1 },  { "1", 1 },      { "Yes", 1 },
		      { "on", 1 },   { "false", 0 }, { "False", 0 },  { "0", 0 },
		      { "no", 0 },   { "OFF", 0 },   { "", -1 },      { "t", -1 },
		      { "01", -1 },  { "2", -1 },    { "true ", -1 }, { "truee", -1 } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int value = -1;
		int rc = num_bool(cases[i].text, &value);

		if (rc != (cases[i].value == -1 ? -1 : 0) || value != cases[i].value)
			fail_msg("wrong: \"%s\"", cases[i].text);
	}
}

static void
numbers_become_digits_again(void **state)
{
	static const int64_t numbers[] = { 0, 7, -1, 10, 1234567890, INT64_MAX, INT64_MIN };
	char text[NUM_TEXT_SIZE], printed[NUM_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		(void)snprintf(printed, sizeof(printed), "%" PRId64, numbers[i]);
		assert_string_equal(num_text(text, numbers[i]), printed);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers_within_their_range_are_read),
		cmocka_unit_test(everything_else_is_refused_and_changes_nothing),
		cmocka_unit_test(sizes_take_one_suffix),
		cmocka_unit_test(the_range_of_a_size_counts_bytes),
		cmocka_unit_test(booleans_are_their_words_and_no_others),
		cmocka_unit_test(numbers_become_digits_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
