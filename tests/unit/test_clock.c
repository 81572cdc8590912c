/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/clock.h"

static void
real_dates_are_read_to_the_microsecond(void **state)
{
	static const struct {
		const char *text;
		int64_t wall_us;
	} cases[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "1970-01-01", 0 },
		{ "1970-01-01T00:00:00", 0 },
		{ "1970-01-01t00:00:01z", 1000000 },
		{ "1970-01-01T00:00:00.000001Z", 1 },
		{ "1970-01-01T00:00:00.0000019Z", 1 },
		{ "1970-01-01T00:00:00.5Z", 500000 },
		{ "1970-01-01T01:00:00+01:00", 0 },
		{ "1969-12-31T18:30:00-05:30", 0 },
		{ "1969-12-31T24:00:00Z", 0 },
		{ "1969-12-31T23:59:59.999999Z", -1 },
		{ "2000-02-29T00:00:00Z", INT64_C(951782400000000) },
		{ "2026-01-31T10:20:30.123Z", INT64_C(1769854830123000) },
		{ "0000-01-01", INT64_C(-62167219200000000) },
		{ "9999-12-31T23:59:59.999999Z", INT64_C(253402300799999999) },
		{ "0000-01-01T00:00:00-00:01", INT64_C(-62167219140000000) },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t wall_us = 77;

		if (clock_parse(cases[i].text, &wall_us) != 0)
			fail_msg("refused: %s", cases[i].text);
		if (wall_us != cases[i].wall_us)
			fail_msg("%s gave %lld", cases[i].text, (long long)wall_us);
	}
}

static void
anything_else_is_no_date(void **state)
{
	static const char *const texts[] = {
		"",
		"1970",
		"1970-01",
		"70-01-01",
		"1970-1-1",
		"1970-00-01",
		"1970-13-01",
		"1970-01-00",
		"1970-01-32",
		"1970-04-31",
		"2026-02-29",
		"1900-02-29",
		"+1970-01-01",
		"-1970-01-01",
		"11970-01-01",
		"1970-01-01Z",
		"1970-01-01T",
		"1970-01-01 00:00:00",
		"1970-01-01T00:00",
		"1970-01-01T24:00:01",
		"1970-01-01T24:00:00.1",
		"1970-01-01T25:00:00",
		"1970-01-01T00:60:00",
		"1970-01-01T23:59:60Z",
		"1970-01-01T00:00:00.",
		"1970-01-01T00:00:00,5",
		"1970-01-01T00:00:00.Z",
		"1970-01-01T00:00:00+01",
		"1970-01-01T00:00:00+0100",
		"1970-01-01T00:00:00+24:00",
		"1970-01-01T00:00:00+01:60",
		"1970-01-01T00:00:00+-1:00",
		"1970-01-01T00:00:00Z ",
		" 1970-01-01T00:00:00Z",
		"1970-01-01T00:00:00ZZ",
		"1970-01-01T-1:00:00",
		"0000-01-01T00:00:00+00:01",
		"9999-12-31T23:59:59-00:01",
		"9999-12-31T24:00:00",
		"not a date",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		int64_t wall_us = 77;

		if (clock_parse(texts[i], &wall_us) != -1)
			fail_msg("accepted: %s", texts[i]);
		assert_int_equal(wall_us, 77);
	}
}

static void
a_time_is_written_in_utc_to_the_millisecond(void **state)
{
	char text[CLOCK_TEXT_SIZE];

	(void)state;
	clock_rfc3339(text, 0);
	assert_string_equal(text, "1970-01-01T00:00:00.000Z");
	clock_rfc3339(text, -1);
	assert_string_equal(text, "1969-12-31T23:59:59.999Z");
	clock_rfc3339(text, INT64_C(1769854830123999));
	assert_string_equal(text, "2026-01-31T10:20:30.123Z");
	clock_rfc3339(text, INT64_MIN);
	assert_true(strlen(text) < CLOCK_TEXT_SIZE);
	clock_rfc3339(text, INT64_MAX);
	assert_true(strlen(text) < CLOCK_TEXT_SIZE);
}

/* Every day of 800 years: two full turns of the calendar. */
static void
what_is_written_is_read_again(void **state)
{
	int64_t start;

	(void)state;
	assert_int_equal(clock_parse("1600-01-01", &start), 0);
	for (int64_t day = 0; day < 2 * 146097; day++) {
		int64_t wall_us = start + day * INT64_C(86400000000) + 3723004000;
		int64_t again = 0;
		char text[CLOCK_TEXT_SIZE];

		clock_rfc3339(text, wall_us);
		if (clock_parse(text, &again) != 0 || again != wall_us)
			fail_msg("%s was read differently", text);
	}
}

static void
wall_time_is_that_of_the_system(void **state)
{
	int64_t before_s = time(NULL);
	int64_t now_us = clock_wall_us();
	int64_t after_s = time(NULL);

	(void)state;
	assert_true(now_us / 1000000 >= before_s - 1 && now_us / 1000000 <= after_s + 1);
}

static void
monotonic_time_never_goes_back(void **state)
{
	int64_t last = clock_mono_ms();

	(void)state;
	for (int i = 0; i < 10000; i++) {
		int64_t now = clock_mono_ms();

		assert_true(now >= last);
		last = now;
	}
}

static void
a_test_can_move_both_clocks(void **state)
{
	int64_t mono_ms = clock_mono_ms();
	int64_t wall_us = clock_wall_us();

	(void)state;
	clock_test_advance_ms(3600000);
	assert_in_range(clock_mono_ms() - mono_ms, 3600000, 3660000);
	assert_in_range(clock_wall_us() - wall_us, INT64_C(3600000000), INT64_C(3660000000));
	clock_test_advance_ms(-3600000);
	assert_in_range(clock_mono_ms() - mono_ms, 0, 60000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_dates_are_read_to_the_microsecond),
		cmocka_unit_test(anything_else_is_no_date),
		cmocka_unit_test(a_time_is_written_in_utc_to_the_millisecond),
		cmocka_unit_test(what_is_written_is_read_again),
		cmocka_unit_test(wall_time_is_that_of_the_system),
		cmocka_unit_test(monotonic_time_never_goes_back),
		cmocka_unit_test(a_test_can_move_both_clocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
