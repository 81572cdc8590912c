/* SPDX-License-Identifier: Apache-2.0 */
/* model/cron_expr: when an expression fires; days when clocks change are written out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/time_zone.h"
#include "model/cron_expr.h"

#define DAY_S INT64_C(86400)

static struct time_zone *
a_zone(const char *name)
{
	struct err err = ERR_INIT;
	struct time_zone *zone = time_zone_load(name, &err);

	if (zone == NULL)
		fail_msg("%s", err.text);
	return zone;
}

static struct cron_expr
an_expr(const char *text, enum cron_day_rule rule)
{
	struct cron_expr expr;
	struct err err = ERR_INIT;

	if (cron_expr_parse(text, rule, &expr, &err) == -1)
		fail_msg("%s: %s", text, err.text);
	return expr;
}

static int64_t
a_moment(const char *text)
{
	int64_t us;

	if (clock_parse(text, &us) == -1)
		fail_msg("%s", text);
	return us / 1000000;
}

/* fires: the next ones after that moment in local time, parted by blanks. */
struct example {
	const char *zone, *expr, *after, *fires;
};

static void
check_with(const struct example *e, enum cron_day_rule rule)
{
	struct cron_expr expr = an_expr(e->expr, rule);
	struct time_zone *zone = a_zone(e->zone);
	int64_t at_s = a_moment(e->after);
	struct buf got = BUF_INIT(10000);
	size_t n = 1;

	for (const char *p = e->fires; *p != '\0'; p++)
		n += *p == ' ';
	for (size_t i = 0; i < n && cron_expr_next(&expr, zone, at_s, &at_s) == 0; i++) {
		char text[CLOCK_TEXT_SIZE];

		time_zone_text(zone, at_s, text);
		buf_printf(&got, "%s%s", i == 0 ? "" : " ", text);
	}
	if (strcmp(buf_text(&got), e->fires) != 0)
		fail_msg("\"%s\" in %s after %s:\n%s\ninstead of\n%s", e->expr, e->zone, e->after,
			 buf_text(&got), e->fires);
	buf_free(&got);
	time_zone_free(zone);
}

static void
check_all(const struct example *examples, size_t n)
{
	for (size_t i = 0; i < n; i++)
		check_with(&examples[i], CRON_DAYS_AND);
}
#define CHECK_ALL(examples) check_all((examples), sizeof(examples) / sizeof((examples)[0]))

/* 29 March 2026: 02:00 is 03:00.  25 October 2026: 03:00 is 02:00. */
static void
paris_skips_an_hour_and_doubles_one(void **state)
{
	static const struct example examples[] = {
		/* a time of the day that is skipped comes when the gap is over */
		{ "Europe/Paris", "30 2 * * *", "2026-03-28T00:00:00Z",
		  "2026-03-28T02:30:00+01:00 2026-03-29T03:00:00+02:00 2026-03-30T02:30:00+02:00" },
		/* several of them come once */
		{ "Europe/Paris", "*/15 2 * * *", "2026-03-28T01:40:00Z",
		  "2026-03-28T02:45:00+01:00 2026-03-29T03:00:00+02:00 2026-03-30T02:00:00+02:00" },
		/* and not apart from what is due then anyway */
		{ "Europe/Paris", "0 2-4 * * *", "2026-03-29T00:00:00Z",
		  "2026-03-29T03:00:00+02:00 2026-03-29T04:00:00+02:00 2026-03-30T02:00:00+02:00" },
		{ "Europe/Paris", "30 1-3 * * *", "2026-03-29T00:00:00Z",
		  "2026-03-29T01:30:00+01:00 2026-03-29T03:00:00+02:00 2026-03-29T03:30:00+02:00" },
		/* the one before the gap and the one behind it are where they always are */
		{ "Europe/Paris", "59 1 * * *", "2026-03-29T00:00:00Z",
		  "2026-03-29T01:59:00+01:00 2026-03-30T01:59:00+02:00" },
		{ "Europe/Paris", "0 3 * * *", "2026-03-29T00:00:00Z",
		  "2026-03-29T03:00:00+02:00 2026-03-30T03:00:00+02:00" },
		/* every hour: no 02:30 that day */
		{ "Europe/Paris", "30 * * * *", "2026-03-29T00:00:00Z",
		  "2026-03-29T01:30:00+01:00 2026-03-29T03:30:00+02:00" },
		{ "Europe/Paris", "*/20 */1 * * *", "2026-03-29T00:30:00Z",
		  "2026-03-29T01:40:00+01:00 2026-03-29T03:00:00+02:00 2026-03-29T03:20:00+02:00" },
		/* only on that day, only in that hour */
		{ "Europe/Paris", "10 2 29 3 *", "2026-01-01T00:00:00Z",
		  "2026-03-29T03:00:00+02:00 2027-03-29T02:10:00+02:00" },
		/* a doubled time of the day comes when it comes first */
		{ "Europe/Paris", "30 2 * * *", "2026-10-24T12:00:00Z",
		  "2026-10-25T02:30:00+02:00 2026-10-26T02:30:00+01:00" },
		{ "Europe/Paris", "*/30 2-3 * * *", "2026-10-24T12:00:00Z",
		  "2026-10-25T02:00:00+02:00 2026-10-25T02:30:00+02:00 2026-10-25T03:00:00+01:00 "
		  "2026-10-25T03:30:00+01:00" },
		/* asked while it passes the second time */
		{ "Europe/Paris", "30 2 * * *", "2026-10-25T01:10:00Z",
		  "2026-10-26T02:30:00+01:00" },
		/* every hour: twice */
		{ "Europe/Paris", "30 * * * *", "2026-10-24T23:00:00Z",
		  "2026-10-25T01:30:00+02:00 2026-10-25T02:30:00+02:00 2026-10-25T02:30:00+01:00 "
		  "2026-10-25T03:30:00+01:00" },
	};

	(void)state;
	CHECK_ALL(examples);
}

/* 8 March 2026: 02:00 is 03:00.  1 November 2026: 02:00 is 01:00. */
static void
new_york_skips_an_hour_and_doubles_one(void **state)
{
	static const struct example examples[] = {
		{ "America/New_York", "15,45 2 * * *", "2026-03-07T12:00:00Z",
		  "2026-03-08T03:00:00-04:00 2026-03-09T02:15:00-04:00 2026-03-09T02:45:00-04:00" },
		{ "America/New_York", "0 */2 * * *", "2026-03-08T05:00:00Z",
		  "2026-03-08T03:00:00-04:00 2026-03-08T04:00:00-04:00" },
		{ "America/New_York", "45 * * * *", "2026-03-08T06:00:00Z",
		  "2026-03-08T01:45:00-05:00 2026-03-08T03:45:00-04:00" },
		{ "America/New_York", "0 1 * * *", "2026-10-31T12:00:00Z",
		  "2026-11-01T01:00:00-04:00 2026-11-02T01:00:00-05:00" },
		{ "America/New_York", "0 1,2 * * *", "2026-10-31T12:00:00Z",
		  "2026-11-01T01:00:00-04:00 2026-11-01T02:00:00-05:00 2026-11-02T01:00:00-05:00" },
		{ "America/New_York", "0 * * * *", "2026-11-01T04:00:00Z",
		  "2026-11-01T01:00:00-04:00 2026-11-01T01:00:00-05:00 2026-11-01T02:00:00-05:00" },
		{ "America/New_York", "*/40 * 1 11 *", "2026-11-01T05:30:00Z",
		  "2026-11-01T01:40:00-04:00 2026-11-01T01:00:00-05:00 2026-11-01T01:40:00-05:00 "
		  "2026-11-01T02:00:00-05:00" },
	};

	(void)state;
	CHECK_ALL(examples);
}

/* 4 October 2026: 02:00 is 02:30.  5 April 2026: 02:00 is 01:30. */
static void
lord_howe_skips_half_an_hour_and_doubles_one(void **state)
{
	static const struct example examples[] = {
		{ "Australia/Lord_Howe", "15 2 * * *", "2026-10-03T12:00:00Z",
		  "2026-10-04T02:30:00+11:00 2026-10-05T02:15:00+11:00" },
		{ "Australia/Lord_Howe", "45 2 * * *", "2026-10-03T12:00:00Z",
		  "2026-10-04T02:45:00+11:00 2026-10-05T02:45:00+11:00" },
		{ "Australia/Lord_Howe", "*/10 2 * * *", "2026-10-03T12:00:00Z",
		  "2026-10-04T02:30:00+11:00 2026-10-04T02:40:00+11:00 2026-10-04T02:50:00+11:00 "
		  "2026-10-05T02:00:00+11:00" },
		{ "Australia/Lord_Howe", "*/20 * * * *", "2026-10-03T15:00:00Z",
		  "2026-10-04T01:40:00+10:30 2026-10-04T02:40:00+11:00 2026-10-04T03:00:00+11:00" },
		{ "Australia/Lord_Howe", "45 1 * * *", "2026-04-04T12:00:00Z",
		  "2026-04-05T01:45:00+11:00 2026-04-06T01:45:00+10:30" },
		{ "Australia/Lord_Howe", "15 1 * * *", "2026-04-04T12:00:00Z",
		  "2026-04-05T01:15:00+11:00 2026-04-06T01:15:00+10:30" },
		{ "Australia/Lord_Howe", "0,45 1-2 * * *", "2026-04-04T12:00:00Z",
		  "2026-04-05T01:00:00+11:00 2026-04-05T01:45:00+11:00 2026-04-05T02:00:00+10:30 "
		  "2026-04-05T02:45:00+10:30" },
		{ "Australia/Lord_Howe", "*/20 * * * *", "2026-04-04T14:15:00Z",
		  "2026-04-05T01:20:00+11:00 2026-04-05T01:40:00+11:00 2026-04-05T01:40:00+10:30 "
		  "2026-04-05T02:00:00+10:30" },
	};

	(void)state;
	CHECK_ALL(examples);
}

/* Apia had no 30 December 2011.  Sao Paulo changed at midnight: 4 November 2018 began at 01:00, and 17
 * February 2018 had 25 hours. */
static void
other_gaps_follow_the_same_rule(void **state)
{
	static const struct example examples[] = {
		{ "Pacific/Apia", "0 12 * * *", "2011-12-29T00:00:00Z",
		  "2011-12-29T12:00:00-10:00 2011-12-31T00:00:00+14:00 2011-12-31T12:00:00+14:00" },
		{ "Pacific/Apia", "0 6,18 30 * *", "2011-12-02T00:00:00Z",
		  "2011-12-31T00:00:00+14:00 2012-01-30T06:00:00+14:00" },
		{ "Pacific/Apia", "0 * 30 12 *", "2011-12-01T00:00:00Z",
		  "2012-12-30T00:00:00+14:00" },
		{ "Pacific/Apia", "0 23 * * *", "2011-12-30T00:00:00Z",
		  "2011-12-29T23:00:00-10:00 2011-12-31T00:00:00+14:00 2011-12-31T23:00:00+14:00" },
		{ "America/Sao_Paulo", "0 0 * * *", "2018-11-03T12:00:00Z",
		  "2018-11-04T01:00:00-02:00 2018-11-05T00:00:00-02:00" },
		{ "America/Sao_Paulo", "30 23 * * *", "2018-02-17T12:00:00Z",
		  "2018-02-17T23:30:00-02:00 2018-02-18T23:30:00-03:00" },
		{ "America/Sao_Paulo", "0 0 * * *", "2018-02-17T12:00:00Z",
		  "2018-02-18T00:00:00-03:00 2018-02-19T00:00:00-03:00" },
		{ "America/Sao_Paulo", "30 * 17 2 *", "2018-02-18T01:10:00Z",
		  "2018-02-17T23:30:00-02:00 2018-02-17T23:30:00-03:00 2019-02-17T00:30:00-03:00" },
		{ "Asia/Kathmandu", "*/15 9-10 * * *", "2026-01-01T04:00:00Z",
		  "2026-01-01T10:00:00+05:45 2026-01-01T10:15:00+05:45" },
		{ "UTC", "0 0 1 * *", "2026-01-31T23:59:59Z",
		  "2026-02-01T00:00:00+00:00 2026-03-01T00:00:00+00:00" },
	};

	(void)state;
	CHECK_ALL(examples);
}

static void
both_days_must_match_or_one_of_them_if_so_asked(void **state)
{
	static const struct example both = {
		"UTC", "0 0 13 * fri", "2026-01-01",
		"2026-02-13T00:00:00+00:00 2026-03-13T00:00:00+00:00 2026-11-13T00:00:00+00:00"
	};
	static const struct example one = {
		"UTC", "0 0 13 * fri", "2026-01-01",
		"2026-01-02T00:00:00+00:00 2026-01-09T00:00:00+00:00 2026-01-13T00:00:00+00:00 "
		"2026-01-16T00:00:00+00:00"
	};
	static const struct example unless_one_begins_with_a_star[] = {
		{ "UTC", "0 0 * * fri", "2026-01-01",
		  "2026-01-02T00:00:00+00:00 2026-01-09T00:00:00+00:00" },
		{ "UTC", "0 0 */10 * fri", "2026-01-01",
		  "2026-05-01T00:00:00+00:00 2026-07-31T00:00:00+00:00" },
		{ "UTC", "0 0 13 * *", "2026-01-01",
		  "2026-01-13T00:00:00+00:00 2026-02-13T00:00:00+00:00" },
	};

	(void)state;
	check_with(&both, CRON_DAYS_AND);
	check_with(&one, CRON_DAYS_OR);
	for (size_t i = 0; i < 3; i++)
		check_with(&unless_one_begins_with_a_star[i], CRON_DAYS_OR);
}

static void
months_end_where_they_end(void **state)
{
	static const struct example examples[] = {
		{ "UTC", "0 0 L * *", "2028-01-15",
		  "2028-01-31T00:00:00+00:00 2028-02-29T00:00:00+00:00 2028-03-31T00:00:00+00:00 "
		  "2028-04-30T00:00:00+00:00" },
		{ "UTC", "0 0 31 * *", "2026-01-31",
		  "2026-03-31T00:00:00+00:00 2026-05-31T00:00:00+00:00" },
		{ "UTC", "0 0 L 2 *", "2026-01-01",
		  "2026-02-28T00:00:00+00:00 2027-02-28T00:00:00+00:00 2028-02-29T00:00:00+00:00" },
		{ "UTC", "0 0 L * fri", "2026-01-01", "2026-07-31T00:00:00+00:00" },
		{ "UTC", "0 0 L-1 * *", "2026-02-01",
		  "2026-02-28T00:00:00+00:00 2026-03-01T00:00:00+00:00 2026-03-31T00:00:00+00:00" },
	};

	(void)state;
	CHECK_ALL(examples);
}

static void
any_of_several_patterns_fires_once(void **state)
{
	static const struct example examples[] = {
		{ "UTC", "0 5 * * *|8 10 * * *|0 5,17 * * *", "2026-01-01",
		  "2026-01-01T05:00:00+00:00 2026-01-01T10:08:00+00:00 2026-01-01T17:00:00+00:00 "
		  "2026-01-02T05:00:00+00:00" },
		/* each of them follows its own rule on a day when clocks change */
		{ "Europe/Paris", "30 2 * * *|45 * * * *", "2026-03-29T00:40:00Z",
		  "2026-03-29T01:45:00+01:00 2026-03-29T03:00:00+02:00 2026-03-29T03:45:00+02:00" },
		{ "UTC", "0 0 30 2 *|0 0 1 1 *", "2026-01-01", "2027-01-01T00:00:00+00:00" },
	};

	(void)state;
	CHECK_ALL(examples);
}

static void
a_rare_date_is_found_and_one_that_never_comes_is_called_so(void **state)
{
	static const struct example rare[] = {
		{ "UTC", "0 0 29 2 *", "2096-02-29",
		  "2104-02-29T00:00:00+00:00 2108-02-29T00:00:00+00:00" },
		{ "UTC", "0 0 29 2 mon", "2072-02-29", "2112-02-29T00:00:00+00:00" },
		{ "Europe/Paris", "30 * 29 2 mon", "2072-03-01", "2112-02-29T00:30:00+01:00" },
	};
	static const char *const never[] = { "0 0 30 2 *", "* * 31 2,4,6,9,11 *", "0 0 30-31 2 mon",
					     "0 0 30 2 *|0 12 31 4 *" };
	static const char *const zones[] = { "UTC", "Europe/Paris", "Australia/Lord_Howe" };

	(void)state;
	CHECK_ALL(rare);
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
		for (size_t z = 0; z < sizeof(zones) / sizeof(zones[0]); z++) {
			struct cron_expr expr = an_expr(never[i], CRON_DAYS_AND);
			struct time_zone *zone = a_zone(zones[z]);
			int64_t at_s = 77;

			assert_int_equal(cron_expr_next(&expr, zone, a_moment("2026-01-01"), &at_s),
					 -1);
			time_zone_free(zone);
		}
	}
}

/* The newest of them, and only those within. */
static void
those_between_two_moments_are_the_newest_ones(void **state)
{
	static const struct {
		const char *expr;
		int64_t span_s;
		size_t max, want;
	} cases[] = {
		{ "* * * * *", 60, 10, 2 }, /* both ends count */
		{ "* * * * *", 59, 10, 1 },
		{ "* * * * *", 3600, 61, 61 },
		{ "* * * * *", 3600, 7, 7 },
		{ "* * * * *", 400 * DAY_S, 1000, 1000 },
		{ "0 4 * * *", 10 * DAY_S, 5, 5 },
		{ "0 4 * * *", 10 * DAY_S, 100, 10 },
		{ "0 0 1 1 *", 400 * DAY_S, 100, 1 },
		{ "0 0 1 1 *", 8000 * DAY_S, 100, 22 },
		{ "0 0 30 2 *", 8000 * DAY_S, 100, 0 },
		{ "* * * * *", 60, 0, 0 },
		{ "* * * * *", -1, 5, 0 },
	};
	struct time_zone *zone = a_zone("Europe/Paris");
	int64_t until_s = a_moment("2026-07-20T10:00:00Z");

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cron_expr expr = an_expr(cases[i].expr, CRON_DAYS_AND);
		int64_t got[1000], at_s;
		size_t n = cron_expr_between(&expr, zone, until_s - cases[i].span_s, until_s,
					     cases[i].max, got);

		if (n != cases[i].want)
			fail_msg("%s in %lld s: %zu", cases[i].expr, (long long)cases[i].span_s, n);
		if (n == 0)
			continue;
		assert_true(got[0] >= until_s - cases[i].span_s);
		for (size_t k = 0; k + 1 < n; k++) {
			assert_int_equal(cron_expr_next(&expr, zone, got[k], &at_s), 0);
			assert_int_equal(at_s, got[k + 1]);
		}
		assert_int_equal(cron_expr_next(&expr, zone, got[n - 1], &at_s), 0);
		assert_true(got[n - 1] <= until_s && at_s > until_s);
	}
	time_zone_free(zone);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paris_skips_an_hour_and_doubles_one),
		cmocka_unit_test(new_york_skips_an_hour_and_doubles_one),
		cmocka_unit_test(lord_howe_skips_half_an_hour_and_doubles_one),
		cmocka_unit_test(other_gaps_follow_the_same_rule),
		cmocka_unit_test(both_days_must_match_or_one_of_them_if_so_asked),
		cmocka_unit_test(months_end_where_they_end),
		cmocka_unit_test(any_of_several_patterns_fires_once),
		cmocka_unit_test(a_rare_date_is_found_and_one_that_never_comes_is_called_so),
		cmocka_unit_test(those_between_two_moments_are_the_newest_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
