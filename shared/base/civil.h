/* SPDX-License-Identifier: Apache-2.0 */
/* base/civil.h: the Gregorian calendar in both directions, before 1582 too: days since 1970-01-01 and
 * what they are called. */
#ifndef BASE_CIVIL_H
#define BASE_CIVIL_H

#include <stdint.h>

#define CIVIL_DAY_S INT64_C(86400)

struct civil_date {
	int64_t year;
	int month; /* 1 to 12 */
	int day; /* 1 to 31 */
};

int civil_days_in_month(int64_t year, int month);

/* Years within +-10^12. */
int64_t civil_days(int64_t year, int month, int day);
struct civil_date civil_date_of(int64_t days);

/* 0 is Sunday. */
int civil_weekday(int64_t days);

/* The day of a second, in the same count. */
int64_t civil_day_of(int64_t seconds);

#endif
