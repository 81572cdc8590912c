/* SPDX-License-Identifier: Apache-2.0 */
/* Cron expressions: what is read, what is refused, when they are due around changes of clocks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"
#include "model/cron_expr.h"

static int64_t
us(const char *text)
{
	int64_t at;

	assert_int_equal(clock_parse(text, &at), 0);
	return at;
}

/* The first n due after start, each as RFC 3339 in UTC, parted by blanks. */
static void
assert_due(const char *expression, enum cron_day_rule rule, const char *zone, const char *start,
	   const char *expected)
{
	struct cron_expr expr;
	struct err err = ERR_INIT;
	char got[1000] = "";
	int64_t at = us(start);

	print_message("%s in %s after %s\n", expression, zone, start);
	assert_int_equal(cron_expr_parse(expression, rule, &expr, &err), 0);
	while (strlen(got) < strlen(expected)) {
		char text[CLOCK_TEXT_SIZE];

		assert_int_equal(cron_expr_next(&expr, zone, at, &at, &err), 0);
		if (at == CRON_NEVER) {
			(void)strcat(got, "never");
			break;
		}
		clock_rfc3339(text, at);
		text[16] = '\0'; /* to the minute */
		(void)snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%s",
			       got[0] == '\0' ? "" : " ", text);
	}
	assert_string_equal(got, expected);
}

static void
every_form_of_a_field_is_understood(void **state)
{
	(void)state;
	assert_due("30 4 * * *", CRON_DAYS_AND, "UTC", "2026-01-01T04:30:00Z",
		   "2026-01-02T04:30 2026-01-03T04:30");
	assert_due("*/20 1,3 * * *", CRON_DAYS_AND, "UTC", "2026-01-01T01:00:00Z",
		   "2026-01-01T01:20 2026-01-01T01:40 2026-01-01T03:00 2026-01-01T03:20");
	assert_due("10-20/5 22-1 * * *", CRON_DAYS_AND, "UTC", "2026-01-01T23:00:00Z",
		   "2026-01-01T23:10 2026-01-01T23:15 2026-01-01T23:20 2026-01-02T00:10");
	assert_due("50-5/10 0 * * *", CRON_DAYS_AND, "UTC", "2026-01-01T00:00:00Z",
		   "2026-01-01T00:50 2026-01-02T00:00");
	assert_due("0 0 L * *", CRON_DAYS_AND, "UTC", "2026-01-01T00:00:00Z",
		   "2026-01-31T00:00 2026-02-28T00:00 2026-03-31T00:00");
	assert_due("0 0 29 feb *", CRON_DAYS_AND, "UTC", "2026-01-01T00:00:00Z",
		   "2028-02-29T00:00 2032-02-29T00:00");
	assert_due("0 0 29 feb mon", CRON_DAYS_AND, "UTC", "2026-01-01T00:00:00Z",
		   "2044-02-29T00:00");
	assert_due("0 0 30 2 *", CRON_DAYS_AND, "UTC", "2026-01-01T00:00:00Z", "never");
	assert_due("0 0 1 JAN,Jul *", CRON_DAYS_AND, "UTC", "2026-01-01T00:00:00Z",
		   "2026-07-01T00:00 2027-01-01T00:00");
	/* 5-7 is Friday to Sunday; 2 January 2026 is a Friday */
	assert_due("0 0 * * 5-7", CRON_DAYS_AND, "UTC", "2026-01-01T00:00:00Z",
		   "2026-01-02T00:00 2026-01-03T00:00 2026-01-04T00:00 2026-01-09T00:00");
	assert_due("0 0 * * fri-mon", CRON_DAYS_AND, "UTC", "2026-01-03T00:00:00Z",
		   "2026-01-04T00:00 2026-01-05T00:00 2026-01-09T00:00");
	assert_due("0 0 * * 0,7", CRON_DAYS_AND, "UTC", "2026-01-01T00:00:00Z",
		   "2026-01-04T00:00 2026-01-11T00:00");
	assert_due(" 0\t5   * * * | 30 4 * * * ", CRON_DAYS_AND, "UTC", "2026-01-01T00:00:00Z",
		   "2026-01-01T04:30 2026-01-01T05:00 2026-01-02T04:30");
	assert_due("*/1 * * * *", CRON_DAYS_AND, "Asia/Kathmandu", "2026-01-01T00:00:30Z",
		   "2026-01-01T00:01 2026-01-01T00:02");
	assert_due("0 5 * * *", CRON_DAYS_AND, "Asia/Kathmandu", "2026-01-01T00:00:00Z",
		   "2026-01-01T23:15");
}

static void
both_day_fields_must_match_unless_a_schedule_says_or(void **state)
{
	(void)state;
	assert_due("0 0 13 * fri", CRON_DAYS_AND, "UTC", "2026-01-01T00:00:00Z",
		   "2026-02-13T00:00 2026-03-13T00:00");
	assert_due("0 0 13 * fri", CRON_DAYS_OR, "UTC", "2026-01-01T00:00:00Z",
		   "2026-01-02T00:00 2026-01-09T00:00 2026-01-13T00:00 2026-01-16T00:00");
	assert_due("0 0 * * fri", CRON_DAYS_OR, "UTC", "2026-01-01T00:00:00Z",
		   "2026-01-02T00:00 2026-01-09T00:00");
	assert_due("0 0 */10 * fri", CRON_DAYS_OR, "UTC", "2026-01-01T00:00:00Z",
		   "2026-05-01T00:00 2026-07-31T00:00");
}

static void
what_is_wrong_is_said_with_the_field(void **state)
{
	static const struct {
		const char *expression, *words;
	} cases[] = {
		{ "", "there are 0 fields, not 5" },
		{ "* * * *", "there are 4 fields, not 5" },
		{ "* * * * * *", "there are 6 fields, not 5" },
		{ "0 0 * * * |", "there are 0 fields, not 5" },
		{ "61 * * * *", "minute \"61\" is outside 0 to 59" },
		{ "* 24 * * *", "hour \"24\" is outside 0 to 23" },
		{ "* * 0 * *", "day of month \"0\" is outside 1 to 31" },
		{ "* * 32 * *", "day of month \"32\" is outside 1 to 31" },
		{ "* * * 13 *", "month \"13\" is outside 1 to 12" },
		{ "* * * * 8", "day of week \"8\" is outside 0 to 7" },
		{ "* * * foo *", "month \"foo\" is not understood" },
		{ "* * * * monday", "day of week \"monday\" is not understood" },
		{ "-1 * * * *", "minute \"\" is not understood" },
		{ "1- * * * *", "minute \"\" is not understood" },
		{ "1-2-3 * * * *", "minute \"1-2-3\" is no range" },
		{ "*/0 * * * *", "minute \"0\" is no step from 1 to 1000" },
		{ "*/x * * * *", "minute \"x\" is no step from 1 to 1000" },
		{ "*/2/3 * * * *", "minute \"*/2/3\" has two steps" },
		{ "*/ * * * *", "minute \"\" is no step from 1 to 1000" },
		{ "1,,2 * * * *", "minute \"\" is not understood" },
		{ "1, * * * *", "minute \"\" is not understood" },
		{ "** * * * *", "minute \"**\" is not understood" },
		{ "L * * * *", "minute \"L\" is not understood" },
		{ "* * 1-L * *", "day of month \"L\" is not understood" },
		{ "1.5 * * * *", "minute \"1.5\" is outside 0 to 59" },
		{ "99999999999999999999 * * * *",
		  "minute \"99999999999999999999\" is outside 0 to 59" },
		{ "@daily", "there are 1 fields, not 5" },
	};
	char longest[400];
	struct cron_expr expr;
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("%s\n", cases[i].expression);
		assert_int_equal(cron_expr_parse(cases[i].expression, CRON_DAYS_AND, &expr, &err),
				 -1);
		assert_int_equal(err.kind, ERR_INVALID);
		if (strstr(err.text, cases[i].words) == NULL)
			fail_msg("\"%s\" does not say \"%s\"", err.text, cases[i].words);
	}
	memset(longest, ' ', sizeof(longest));
	memcpy(longest, "* * * * *", 9);
	longest[CRON_EXPR_MAX] = '\0';
	assert_int_equal(cron_expr_parse(longest, CRON_DAYS_AND, &expr, &err), 0);
	longest[CRON_EXPR_MAX] = ' ';
	longest[CRON_EXPR_MAX + 1] = '\0';
	assert_int_equal(cron_expr_parse(longest, CRON_DAYS_AND, &expr, &err), -1);
	assert_non_null(strstr(err.text, "255 characters"));
}

/* 2026-03-29: 02:00 to 03:00 does not exist in Paris, at 01:00 UTC; 2026-03-08 in New York, at 07:00. */
static void
a_skipped_hour_is_made_good_at_its_end_once(void **state)
{
	(void)state;
	assert_due("30 2 * * *", CRON_DAYS_AND, "Europe/Paris", "2026-03-27T12:00:00Z",
		   "2026-03-28T01:30 2026-03-29T01:00 2026-03-30T00:30");
	assert_due("*/15 2 * * *", CRON_DAYS_AND, "Europe/Paris", "2026-03-28T12:00:00Z",
		   "2026-03-29T01:00 2026-03-30T00:00 2026-03-30T00:15");
	assert_due("0 2,3 * * *", CRON_DAYS_AND, "Europe/Paris", "2026-03-28T12:00:00Z",
		   "2026-03-29T01:00 2026-03-30T00:00 2026-03-30T01:00");
	assert_due("30 2 * * *", CRON_DAYS_AND, "America/New_York", "2026-03-07T12:00:00Z",
		   "2026-03-08T07:00 2026-03-09T06:30");
	/* hours that are all 24 follow real time: nothing is made good */
	assert_due("30 * * * *", CRON_DAYS_AND, "Europe/Paris", "2026-03-29T00:00:00Z",
		   "2026-03-29T00:30 2026-03-29T01:30 2026-03-29T02:30");
	/* Lord Howe: 2026-10-04 02:00 becomes 02:30, at 15:30 UTC of the day before */
	assert_due("15 2 * * *", CRON_DAYS_AND, "Australia/Lord_Howe", "2026-10-02T18:00:00Z",
		   "2026-10-03T15:30 2026-10-04T15:15");
	assert_due("*/10 * * * *", CRON_DAYS_AND, "Australia/Lord_Howe", "2026-10-03T15:19:00Z",
		   "2026-10-03T15:20 2026-10-03T15:30 2026-10-03T15:40");
	/* Apia had no 30 December 2011: the day after began at 10:00 UTC of the 30th */
	assert_due("0 12 30 12 *", CRON_DAYS_AND, "Pacific/Apia", "2011-12-01T00:00:00Z",
		   "2011-12-30T10:00 2012-12-29T22:00");
}

/* 2026-10-25: 02:00 to 03:00 comes twice in Paris, from 00:00 and from 01:00 UTC; New York 2026-11-01. */
static void
a_doubled_hour_is_due_once_unless_all_hours_are(void **state)
{
	(void)state;
	assert_due("30 2 * * *", CRON_DAYS_AND, "Europe/Paris", "2026-10-24T12:00:00Z",
		   "2026-10-25T00:30 2026-10-26T01:30");
	assert_due("30 * * * *", CRON_DAYS_AND, "Europe/Paris", "2026-10-25T00:00:00Z",
		   "2026-10-25T00:30 2026-10-25T01:30 2026-10-25T02:30");
	assert_due("0 3 * * *", CRON_DAYS_AND, "Europe/Paris", "2026-10-25T00:30:00Z",
		   "2026-10-25T02:00 2026-10-26T02:00");
	assert_due("30 1 * * *", CRON_DAYS_AND, "America/New_York", "2026-10-31T12:00:00Z",
		   "2026-11-01T05:30 2026-11-02T06:30");
	assert_due("*/30 0-22 * * *", CRON_DAYS_AND, "America/New_York", "2026-11-01T05:00:00Z",
		   "2026-11-01T05:30 2026-11-01T07:00");
	/* Lord Howe: 2026-04-05 02:00 becomes 01:30, at 15:00 UTC of the day before */
	assert_due("45 1 * * *", CRON_DAYS_AND, "Australia/Lord_Howe", "2026-04-03T18:00:00Z",
		   "2026-04-04T14:45 2026-04-05T15:15");
	assert_due("*/15 * * * *", CRON_DAYS_AND, "Australia/Lord_Howe", "2026-04-04T14:30:00Z",
		   "2026-04-04T14:45 2026-04-04T15:00 2026-04-04T15:15 2026-04-04T15:30");
}

static void
a_zone_that_is_none_is_refused(void **state)
{
	static const char *const wrong[] = { "Europe/Nowhere",
					     "../../etc/passwd",
					     "/etc/localtime",
					     "Europe",
					     "Europe/",
					     "/",
					     ".",
					     "Europe//Paris",
					     "a b",
					     "Europe/Paris;rm",
					     ":UTC" };
	struct cron_expr expr;
	struct err err = ERR_INIT;
	int64_t next;

	(void)state;
	assert_int_equal(cron_expr_parse("* * * * *", CRON_DAYS_AND, &expr, &err), 0);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(cron_expr_next(&expr, wrong[i], 0, &next, &err), -1);
		assert_int_equal(err.kind, ERR_INVALID);
		assert_non_null(strstr(err.text, wrong[i]));
	}
	assert_int_equal(cron_expr_next(&expr, "", 0, &next, &err), 0); /* the system's */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_of_a_field_is_understood),
		cmocka_unit_test(both_day_fields_must_match_unless_a_schedule_says_or),
		cmocka_unit_test(what_is_wrong_is_said_with_the_field),
		cmocka_unit_test(a_skipped_hour_is_made_good_at_its_end_once),
		cmocka_unit_test(a_doubled_hour_is_due_once_unless_all_hours_are),
		cmocka_unit_test(a_zone_that_is_none_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
