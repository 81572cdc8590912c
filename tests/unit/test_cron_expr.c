/* SPDX-License-Identifier: Apache-2.0 */
/* model/cron_expr: what is an expression, and what is wrong with those that are none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "model/cron_expr.h"

enum { MINUTE, HOUR, DAY, MONTH, WEEKDAY };

/* "0 15 30", "1 L" */
static void
render(uint64_t bits, bool last_day, struct buf *out)
{
	for (int i = 0; i < 64; i++)
		if ((bits >> i & 1) != 0)
			buf_printf(out, "%s%d", out->len == 0 ? "" : " ", i);
	if (last_day)
		buf_printf(out, "%sL", out->len == 0 ? "" : " ");
}

static void
check_field(int field, const char *text, const char *wanted)
{
	const char *parts[] = { "*", "*", "*", "*", "*" };
	char line[300];
	struct cron_expr expr;
	const struct cron_pattern *p = &expr.patterns[0];
	struct err err = ERR_INIT;
	struct buf got = BUF_INIT(1000);

	parts[field] = text;
	(void)snprintf(line, sizeof(line), "%s %s %s %s %s", parts[0], parts[1], parts[2], parts[3],
		       parts[4]);
	if (cron_expr_parse(line, CRON_DAYS_AND, &expr, &err) == -1)
		fail_msg("%s: %s", line, err.text);
	assert_int_equal(expr.len, 1);
	render(field == MINUTE  ? p->minutes
	       : field == HOUR  ? p->hours
	       : field == DAY   ? p->days
	       : field == MONTH ? p->months
				: p->weekdays,
	       p->last_day, &got);
	if (strcmp(buf_text(&got), wanted) != 0)
		fail_msg("%s: %s instead of %s", line, buf_text(&got), wanted);
	buf_free(&got);
}

static void
every_form_of_a_field_is_the_set_it_says(void **state)
{
	static const struct {
		int field;
		const char *text, *set;
	} cases[] = {
		{ MINUTE, "0", "0" },
		{ MINUTE, "59", "59" },
		{ MINUTE, "007", "7" },
		{ MINUTE, "5,1,5", "1 5" },
		{ MINUTE, "10-13", "10 11 12 13" },
		{ MINUTE, "7-7", "7" },
		{ MINUTE, "*/15", "0 15 30 45" },
		{ MINUTE, "*/60", "0" },
		{ MINUTE, "*/9999", "0" },
		{ MINUTE, "3-18/5", "3 8 13 18" },
		{ MINUTE, "3-17/5", "3 8 13" },
		{ MINUTE, "58-1", "0 1 58 59" },
		{ MINUTE, "57-4/3", "0 3 57" },
		{ MINUTE, "32-4/7", "0 32 39 46 53" }, /* 32 is L, but of days only */
		{ MINUTE, "5/10", "5" },
		{ MINUTE, "1-3,*/30,59", "0 1 2 3 30 59" },
		{ HOUR, "*", "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23" },
		{ HOUR, "*/1", "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23" },
		{ HOUR, "22-2", "0 1 2 22 23" },
		{ HOUR, "22-3/2", "0 2 22" },
		{ DAY, "1,15", "1 15" },
		{ DAY, "L", "L" },
		{ DAY, "l", "L" },
		{ DAY, "1,L", "1 L" },
		{ DAY, "29-L", "29 30 31 L" },
		{ DAY, "L-2", "1 2 L" },
		{ DAY, "30-1", "1 30 31" },
		{ DAY, "*/10", "1 11 21 31" },
		{ DAY, "28-L/2", "28 30 L" },
		{ MONTH, "jan", "1" },
		{ MONTH, "DEC", "12" },
		{ MONTH, "jan,Jun", "1 6" },
		{ MONTH, "oct-2", "1 2 10 11 12" },
		{ MONTH, "nov-mar/2", "1 3 11" },
		{ MONTH, "*/3", "1 4 7 10" },
		{ WEEKDAY, "sun", "0" },
		{ WEEKDAY, "7", "0" },
		{ WEEKDAY, "Mon-FRI", "1 2 3 4 5" },
		{ WEEKDAY, "5-7", "0 5 6" },
		{ WEEKDAY, "fri-mon", "0 1 5 6" },
		{ WEEKDAY, "fri-mon/2", "0 5" },
		{ WEEKDAY, "sat-sun", "0 6" },
		{ WEEKDAY, "0-7", "0 1 2 3 4 5 6" },
		{ WEEKDAY, "1-7", "0 1 2 3 4 5 6" },
		{ WEEKDAY, "7-2", "0 1 2" },
		{ WEEKDAY, "7-7", "0" },
		{ WEEKDAY, "sun-sat", "0 1 2 3 4 5 6" },
		{ WEEKDAY, "*/2", "0 2 4 6" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_field(cases[i].field, cases[i].text, cases[i].set);
}

static void
blanks_and_tabs_part_fields_and_may_stand_around(void **state)
{
	struct cron_expr expr;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(cron_expr_parse(" \t5\t4  3 2 \t 1\t ", CRON_DAYS_OR, &expr, &err), 0);
	assert_int_equal(expr.len, 1);
	assert_int_equal(expr.day_rule, CRON_DAYS_OR);
	assert_true(expr.patterns[0].minutes == 1 << 5 && expr.patterns[0].hours == 1 << 4 &&
		    expr.patterns[0].days == 1 << 3 && expr.patterns[0].months == 1 << 2 &&
		    expr.patterns[0].weekdays == 1 << 1);
}

static void
patterns_are_joined_by_bars(void **state)
{
	char many[CRON_EXPR_MAX + 1] = "* * * * *";
	struct cron_expr expr;
	struct err err = ERR_INIT;
	size_t n = 1;

	(void)state;
	assert_int_equal(
	    cron_expr_parse("0 5 * * *|8 10 * * * | 22 17 * * *", CRON_DAYS_AND, &expr, &err), 0);
	assert_int_equal(expr.len, 3);
	assert_true(expr.patterns[2].minutes == 1 << 22 && expr.patterns[2].hours == 1 << 17);
	for (; strlen(many) + 10 <= CRON_EXPR_MAX; n++)
		(void)strcat(many, "|* * * * *");
	assert_int_equal(cron_expr_parse(many, CRON_DAYS_AND, &expr, &err), 0);
	assert_int_equal(expr.len, n);
	assert_true(n <= CRON_PATTERNS_MAX);
}

static void
what_is_wrong_is_named_with_its_field_and_place(void **state)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ "61 * * * *", "minute \"61\" is outside 0 to 59, at character 1" },
		{ "* 24 * * *", "hour \"24\" is outside 0 to 23, at character 3" },
		{ "* * 0 * *", "day of month \"0\" is outside 1 to 31, at character 5" },
		{ "* * 32 * *", "day of month \"32\" is outside 1 to 31, at character 5" },
		{ "* * * 0 *", "month \"0\" is outside 1 to 12, at character 7" },
		{ "* * * 13 *", "month \"13\" is outside 1 to 12, at character 7" },
		{ "* * * * 8", "day of week \"8\" is outside 0 to 7, at character 9" },
		{ "0 0 1 1 1|0 0 1 1 9", "day of week \"9\" is outside 0 to 7, at character 19" },
		{ "99999999999999999999 * * * *",
		  "minute \"99999999999999999999\" is outside 0 to 59, at character 1" },
		{ "x * * * *", "minute \"x\" is no number from 0 to 59, at character 1" },
		{ "L * * * *", "minute \"L\" is no number from 0 to 59, at character 1" },
		{ "* * x * *",
		  "day of month \"x\" is no number from 1 to 31 or L, at character 5" },
		{ "* * * january *",
		  "month \"january\" is no number from 1 to 12 or jan to dec, at "
		  "character 7" },
		{ "* * * * lun",
		  "day of week \"lun\" is no number from 0 to 7 or sun to sat, at character 9" },
		{ "* * * * L",
		  "day of week \"L\" is no number from 0 to 7 or sun to sat, at character 9" },
		{ "+5 * * * *", "minute \"+5\" is no number from 0 to 59, at character 1" },
		{ "1.5 * * * *", "minute \"1.5\" is no number from 0 to 59, at character 1" },
		{ "5\n * * * *", "minute \"5\n\" is no number from 0 to 59, at character 1" },
		{ "\xc3\xa9\xc3\xa9,x * * * *",
		  "minute \"\xc3\xa9\xc3\xa9\" is no number from 0 to 59, at character 1" },
		{ "0,\xc3\xa9 x * * *", "minute \"\xc3\xa9\" is no number from 0 to 59, at "
					"character 3" },
		{ "1,,2 * * * *", "minute \"1,,2\" has an empty place, at character 3" },
		{ ",1 * * * *", "minute \",1\" has an empty place, at character 1" },
		{ "1, * * * *", "minute \"1,\" has an empty place, at character 3" },
		{ "1- * * * *", "minute \"1-\" has an empty place, at character 3" },
		{ "-5 * * * *", "minute \"-5\" has an empty place, at character 1" },
		{ "/5 * * * *", "minute \"/5\" has an empty place, at character 1" },
		{ "1-2-3 * * * *",
		  "minute \"1-2-3\" is no list of values, ranges and steps, at character 4" },
		{ "*-5 * * * *",
		  "minute \"*-5\" is no list of values, ranges and steps, at character 2" },
		{ "** * * * *",
		  "minute \"**\" is no list of values, ranges and steps, at character 2" },
		{ "*5 * * * *",
		  "minute \"*5\" is no list of values, ranges and steps, at character 2" },
		{ "5-* * * * *", "minute \"*\" is no number from 0 to 59, at character 3" },
		{ "1-99 * * * *", "minute \"99\" is outside 0 to 59, at character 3" },
		{ "*/0 * * * *", "minute \"0\" is no step from 1 to 9999, at character 3" },
		{ "*/-1 * * * *", "minute \"-1\" is no step from 1 to 9999, at character 3" },
		{ "*/x * * * *", "minute \"x\" is no step from 1 to 9999, at character 3" },
		{ "*/ * * * *", "minute \"\" is no step from 1 to 9999, at character 3" },
		{ "*/2/3 * * * *", "minute \"2/3\" is no step from 1 to 9999, at character 3" },
		{ "*/10000 * * * *", "minute \"10000\" is no step from 1 to 9999, at character 3" },
		{ "* */99999999999 * * *",
		  "hour \"99999999999\" is no step from 1 to 9999, at character 5" },
		{ "",
		  "the cron pattern at character 1 has 0 fields instead of 5: minute, hour, day "
		  "of month, month, day of week" },
		{ " \t ", "the cron pattern at character 4 has 0 fields" },
		{ "*", "the cron pattern at character 1 has 1 field instead" },
		{ "* * * *", "the cron pattern at character 1 has 4 fields" },
		{ "* * * * * *", "the cron pattern at character 1 has 6 fields" },
		{ "* * * * *|", "the cron pattern at character 11 has 0 fields" },
		{ "|* * * * *", "the cron pattern at character 1 has 0 fields" },
		{ "* * * * *||* * * * *", "the cron pattern at character 11 has 0 fields" },
		{ "* * * * * | * * *", "the cron pattern at character 13 has 3 fields" },
		{ "@daily", "the cron pattern at character 1 has 1 field" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cron_expr expr;
		struct err err = ERR_INIT;

		if (cron_expr_parse(cases[i].text, CRON_DAYS_AND, &expr, &err) == 0)
			fail_msg("taken: \"%s\"", cases[i].text);
		assert_int_equal(err.kind, ERR_INVALID);
		if (strncmp(err.text, cases[i].error, strlen(cases[i].error)) != 0)
			fail_msg("\"%s\": %s\ninstead of: %s", cases[i].text, err.text,
				 cases[i].error);
	}
}

static void
an_expression_has_255_characters_at_most(void **state)
{
	char text[CRON_EXPR_MAX + 2];
	struct cron_expr expr;
	struct err err = ERR_INIT;

	(void)state;
	memset(text, ' ', sizeof(text));
	memcpy(text, "* * * * *", 9);
	text[CRON_EXPR_MAX + 1] = '\0';
	assert_int_equal(cron_expr_parse(text, CRON_DAYS_AND, &expr, &err), -1);
	assert_string_equal(err.text,
			    "the cron expression has 256 characters, at most 255 are allowed");
	text[CRON_EXPR_MAX] = '\0';
	assert_int_equal(cron_expr_parse(text, CRON_DAYS_AND, &expr, &err), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_of_a_field_is_the_set_it_says),
		cmocka_unit_test(blanks_and_tabs_part_fields_and_may_stand_around),
		cmocka_unit_test(patterns_are_joined_by_bars),
		cmocka_unit_test(what_is_wrong_is_named_with_its_field_and_place),
		cmocka_unit_test(an_expression_has_255_characters_at_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
