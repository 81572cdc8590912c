/* SPDX-License-Identifier: Apache-2.0 */
#include "base/civil.h"

#include <stdbool.h>

/* 400 years have 146,097 days.  Counted from 1 March, so that a leap day is the last of its year. */
#define CYCLE_YEARS 400
#define CYCLE_DAYS 146097
#define DAYS_TO_1970 719468 /* from 0000-03-01 */

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

int
civil_days_in_month(int64_t year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return month == 2 && leap ? 29 : days[month - 1];
}

int64_t
civil_days(int64_t year, int month, int day)
{
	int64_t from_march = month > 2 ? year : year - 1;
	int64_t cycle = floor_div(from_march, CYCLE_YEARS);
	int64_t of_cycle = from_march - cycle * CYCLE_YEARS;
	/* Days before a month counted from March: 0, 31, 61, 92, ... */
	int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return cycle * CYCLE_DAYS + of_cycle * 365 + of_cycle / 4 - of_cycle / 100 + of_year -
	       DAYS_TO_1970;
}

struct civil_date
civil_date_of(int64_t days)
{
	int64_t from_march = days + DAYS_TO_1970;
	int64_t cycle = floor_div(from_march, CYCLE_DAYS);
	int64_t rest = from_march - cycle * CYCLE_DAYS;
	int64_t year = (rest - rest / 1460 + rest / 36524 - rest / 146096) / 365;
	int of_year = (int)(rest - (365 * year + year / 4 - year / 100));
	int month = (5 * of_year + 2) / 153;
	struct civil_date date = { .year = cycle * CYCLE_YEARS + year,
				   .month = month < 10 ? month + 3 : month - 9,
				   .day = of_year - (153 * month + 2) / 5 + 1 };

	if (date.month <= 2)
		date.year++;
	return date;
}

int
civil_weekday(int64_t days)
{
	/* 1970-01-01 was a Thursday. */
	return (int)(days + 4 - 7 * floor_div(days + 4, 7));
}

int64_t
civil_day_of(int64_t seconds)
{
	return floor_div(seconds, CIVIL_DAY_S);
}
