/* SPDX-License-Identifier: Apache-2.0 */
/* model/schedule: what a runner makes of a schedule whose time has come; what callers are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"
#include "model/memory.h"
#include "model/schedule.h"

#define US_PER_S INT64_C(1000000)
#define NOW "2026-07-20T12:00:20.500Z"

static int64_t
us(const char *text)
{
	int64_t at;

	assert_int_equal(clock_parse(text, &at), 0);
	return at;
}

/* Due since next (NULL: made at since, and never computed), seen at NOW. */
static struct schedule_due
due_since(const char *cron, const char *next, const char *since)
{
	struct schedule_due due = {
		.id = 1,
		.version = 1,
		.cron_expression = cron,
		.time_zone = "UTC",
		.day_rule = "AND",
		.misfire_window_s = 86400,
		.now_us = us(NOW),
	};

	if (next != NULL)
		due.next_fire_us = (struct opt_int64){ true, us(next) };
	if (since != NULL)
		due.since_us = us(since);
	return due;
}

/* first: the first slot told, NULL when there are none. */
static void
assert_step(const struct schedule_due *due, size_t n, const char *first, const char *last,
	    const char *next)
{
	struct schedule_step step;

	schedule_compute(due, &step);
	assert_string_equal(step.problem, "");
	assert_int_equal(step.n_slots, n);
	if (n > 0) {
		assert_int_equal(step.slots_us[0], us(first));
		assert_int_equal(step.slots_us[n - 1], us(last));
	}
	assert_int_equal(step.next_us, us(next));
}

static void
the_slot_that_has_come_is_told_and_the_next_one(void **state)
{
	struct schedule_due due = due_since("* * * * *", "2026-07-20T12:00:00Z", NULL);

	(void)state;
	assert_step(&due, 1, "2026-07-20T12:00:00Z", "2026-07-20T12:00:00Z",
		    "2026-07-20T12:01:00Z");
	due = due_since("0 */6 * * *", "2026-07-19T18:00:00Z", NULL);
	assert_step(&due, 4, "2026-07-19T18:00:00Z", "2026-07-20T12:00:00Z",
		    "2026-07-20T18:00:00Z");
	due.time_zone = "Europe/Paris";
	assert_step(&due, 4, "2026-07-19T18:00:00Z", "2026-07-20T10:00:00Z",
		    "2026-07-20T16:00:00Z");
}

/* Somebody wrote another moment, or the zone's rules are others by now: it fires when it was said to. */
static void
a_slot_that_was_foretold_counts_though_it_is_none_any_more(void **state)
{
	struct schedule_due due = due_since("0 4 * * *", "2026-07-20T05:00:00Z", NULL);

	(void)state;
	assert_step(&due, 1, "2026-07-20T05:00:00Z", "2026-07-20T05:00:00Z",
		    "2026-07-21T04:00:00Z");
	due = due_since("* * * * *", "2026-07-20T11:59:30.123Z", NULL);
	due.next_fire_us.value += 456; /* microseconds are kept: the database compares */
	{
		struct schedule_step step;

		schedule_compute(&due, &step);
		assert_int_equal(step.n_slots, 2);
		assert_int_equal(step.slots_us[0], us("2026-07-20T11:59:30.123Z") + 456);
		assert_int_equal(step.slots_us[1], us("2026-07-20T12:00:00Z"));
	}
}

/* It was made a moment before its slot, and this is the first look at it. */
static void
a_slot_between_its_making_and_the_first_look_counts(void **state)
{
	struct schedule_due due = due_since("* * * * *", NULL, "2026-07-20T11:59:59.900Z");

	(void)state;
	assert_step(&due, 1, "2026-07-20T12:00:00Z", "2026-07-20T12:00:00Z",
		    "2026-07-20T12:01:00Z");
	due = due_since("* * * * *", NULL, "2026-07-20T12:00:00Z");
	assert_step(&due, 0, NULL, NULL, "2026-07-20T12:01:00Z");
	due = due_since("0 * * * *", NULL, "2026-07-20T09:30:00Z");
	assert_step(&due, 3, "2026-07-20T10:00:00Z", "2026-07-20T12:00:00Z",
		    "2026-07-20T13:00:00Z");
}

static void
of_many_missed_the_newest_thousand_are_told_a_hundred_at_a_time(void **state)
{
	struct schedule_due due = due_since("* * * * *", "2026-07-01T00:00:00Z", NULL);

	(void)state;
	/* a day has 1,440 of them; what is older than the window is passed over anyway */
	assert_step(&due, 100, "2026-07-19T19:21:00Z", "2026-07-19T21:00:00Z",
		    "2026-07-19T21:01:00Z");
	due.next_fire_us.value = us("2026-07-19T21:01:00Z");
	assert_step(&due, 100, "2026-07-19T21:01:00Z", "2026-07-19T22:40:00Z",
		    "2026-07-19T22:41:00Z");
	due.next_fire_us.value = us("2026-07-20T11:00:00Z");
	assert_step(&due, 61, "2026-07-20T11:00:00Z", "2026-07-20T12:00:00Z",
		    "2026-07-20T12:01:00Z");
}

static void
what_was_missed_before_the_window_is_passed_over(void **state)
{
	struct schedule_due due = due_since("0 * * * *", "2026-07-01T00:00:00Z", NULL);

	(void)state;
	due.misfire_window_s = 2 * 3600;
	assert_step(&due, 2, "2026-07-20T11:00:00Z", "2026-07-20T12:00:00Z",
		    "2026-07-20T13:00:00Z");
	due.misfire_window_s = 2 * 3600 + 20; /* 10:00:00.5: half a second too late */
	assert_step(&due, 2, "2026-07-20T11:00:00Z", "2026-07-20T12:00:00Z",
		    "2026-07-20T13:00:00Z");
	due.misfire_window_s = 2 * 3600 + 21;
	assert_step(&due, 3, "2026-07-20T10:00:00Z", "2026-07-20T12:00:00Z",
		    "2026-07-20T13:00:00Z");
}

static void
what_cannot_be_computed_is_a_problem_with_its_reason(void **state)
{
	static const struct {
		const char *cron, *zone, *rule, *problem;
	} cases[] = {
		{ "61 * * * *", "UTC", "AND",
		  "cronExpression: minute \"61\" is outside 0 to 59, at character 1" },
		{ "* * * * *", "Mars/Base", "AND",
		  "timeZone: there is no time zone \"Mars/Base\"" },
		{ "0 0 30 2 *", "UTC", "AND", "cronExpression \"0 0 30 2 *\" is never due" },
		{ "* * * * *", "UTC", "XOR", "dayRule \"XOR\" is neither AND nor OR" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct schedule_due due = due_since(cases[i].cron, NULL, NOW);
		struct schedule_step step;

		due.time_zone = cases[i].zone;
		due.day_rule = cases[i].rule;
		schedule_compute(&due, &step);
		assert_string_equal(step.problem, cases[i].problem);
		assert_int_equal(step.n_slots, 0);
	}
}

static void
each_wrong_field_is_named_before_anything_is_stored(void **state)
{
	static const struct {
		const char *cron, *zone, *rule, *error;
	} cases[] = {
		{ "", NULL, NULL, "recurrence: the cron pattern at character 1 has 0 fields" },
		{ "0 0 * * 8", NULL, NULL, "recurrence: day of week \"8\" is outside 0 to 7" },
		{ "0 0 31 4 *", NULL, NULL, "recurrence \"0 0 31 4 *\" is never due" },
		{ "* * * * *", "leapseconds", NULL, "timeZone: there is no time zone" },
		{ "* * * * *", "../UTC", NULL, "timeZone: there is no time zone" },
		{ "* * * * *", NULL, "or", "dayRule \"or\" is neither AND nor OR" },
	};
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		err_clear(&err);
		assert_int_equal(
		    schedule_check("recurrence", cases[i].cron, cases[i].zone, cases[i].rule, &err),
		    -1);
		assert_int_equal(err.kind, ERR_INVALID);
		if (strncmp(err.text, cases[i].error, strlen(cases[i].error)) != 0)
			fail_msg("%s", err.text);
	}
	assert_int_equal(schedule_check("recurrence", "0 0 29 2 mon", "Europe/Paris", "OR", &err),
			 0);
	assert_int_equal(schedule_check("recurrence", "0 0 29 2 mon", "", "", &err), 0);
}

static void
the_next_times_are_told_in_the_zone_s_own_time(void **state)
{
	struct text_list fires;
	struct err err = ERR_INIT;
	struct pool pool;

	(void)state;
	pool_init(&pool);
	assert_int_equal(schedule_next_fires("30 2 * * *", "Europe/Paris", "AND",
					     us("2026-03-28T00:00:00Z"), 3, &pool.memory, &fires,
					     &err),
			 0);
	assert_int_equal(fires.len, 3);
	assert_string_equal(fires.items[0], "2026-03-28T02:30:00+01:00");
	assert_string_equal(fires.items[1], "2026-03-29T03:00:00+02:00");
	assert_string_equal(fires.items[2], "2026-03-30T02:30:00+02:00");
	assert_int_equal(
	    schedule_next_fires("0 0 30 2 *", "UTC", NULL, 0, 3, &pool.memory, &fires, &err), 0);
	assert_int_equal(fires.len, 0);
	assert_int_equal(
	    schedule_next_fires("* * * *", "UTC", NULL, 0, 3, &pool.memory, &fires, &err), -1);
	pool_free(&pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_slot_that_has_come_is_told_and_the_next_one),
		cmocka_unit_test(a_slot_that_was_foretold_counts_though_it_is_none_any_more),
		cmocka_unit_test(a_slot_between_its_making_and_the_first_look_counts),
		cmocka_unit_test(of_many_missed_the_newest_thousand_are_told_a_hundred_at_a_time),
		cmocka_unit_test(what_was_missed_before_the_window_is_passed_over),
		cmocka_unit_test(what_cannot_be_computed_is_a_problem_with_its_reason),
		cmocka_unit_test(each_wrong_field_is_named_before_anything_is_stored),
		cmocka_unit_test(the_next_times_are_told_in_the_zone_s_own_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
