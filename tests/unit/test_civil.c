/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "base/civil.h"

/* Does libc's calendar say the same of this day? */
static void
check_day(int64_t days)
{
	time_t seconds = (time_t)(days * CIVIL_DAY_S);
	struct civil_date date = civil_date_of(days);
	struct tm tm = { 0 };

	assert_non_null(gmtime_r(&seconds, &tm));
	if (date.year != tm.tm_year + 1900 || date.month != tm.tm_mon + 1 ||
	    date.day != tm.tm_mday || civil_weekday(days) != tm.tm_wday)
		fail_msg("day %lld: %lld-%d-%d weekday %d", (long long)days, (long long)date.year,
			 date.month, date.day, civil_weekday(days));
	assert_int_equal(civil_days(date.year, date.month, date.day), days);
	assert_in_range(date.day, 1, civil_days_in_month(date.year, date.month));
}

static void
every_day_of_a_cycle_has_its_date_and_weekday(void **state)
{
	(void)state;
	for (int64_t days = -146097; days <= 146097; days++)
		check_day(days);
}

static void
far_days_too(void **state)
{
	(void)state;
	for (int64_t days = -700000000; days <= 700000000; days += 999983)
		check_day(days);
}

static void
a_second_belongs_to_its_day_before_1970_too(void **state)
{
	(void)state;
	assert_int_equal(civil_day_of(0), 0);
	assert_int_equal(civil_day_of(86399), 0);
	assert_int_equal(civil_day_of(86400), 1);
	assert_int_equal(civil_day_of(-1), -1);
	assert_int_equal(civil_day_of(-86400), -1);
	assert_int_equal(civil_day_of(-86401), -2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_day_of_a_cycle_has_its_date_and_weekday),
		cmocka_unit_test(far_days_too),
		cmocka_unit_test(a_second_belongs_to_its_day_before_1970_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
