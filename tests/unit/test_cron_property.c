/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random expressions in zones whose clocks change, against a calendar that walks every minute.  The
 * calendar knows the values each field was made of, not the parser; and it finds gaps and doubled hours
 * by looking at the minutes before, not by offsets.  JQM_TEST_SEED repeats a run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/num.h"
#include "base/time_zone.h"
#include "model/cron_expr.h"

#define ROUNDS 300
#define DAY_S 86400
#define BEFORE_MIN (30 * 60) /* as far back as a doubled or skipped stretch is looked for */
#define WINDOW_MIN (6 * 24 * 60)
#define FIRES_MAX (WINDOW_MIN + 1)

static const char *const zones[] = { "Europe/Paris",      "America/New_York", "Australia/Lord_Howe",
				     "Pacific/Apia",      "Asia/Kathmandu",   "America/Sao_Paulo",
				     "Africa/Casablanca", "America/St_Johns", "UTC" };

static uint64_t seed;

static unsigned
random_below(unsigned n)
{
	/* splitmix64 */
	uint64_t z = (seed += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (unsigned)((z ^ (z >> 31)) % n);
}

/* What one field wants, and its text. */
struct field {
	bool wanted[64];
	char text[100];
};

static void
make_field(struct field *f, int least, int most, bool narrow)
{
	int a = least + (int)random_below((unsigned)(most - least + 1));
	int b = least + (int)random_below((unsigned)(most - least + 1));
	int step = 1 + (int)random_below(5);

	memset(f, 0, sizeof(*f));
	switch (random_below(narrow ? 3 : 5)) {
	case 0:
		(void)snprintf(f->text, sizeof(f->text), "%d,%d", a, b);
		f->wanted[a] = f->wanted[b] = true;
		break;
	case 1: /* goes round when b < a */
		(void)snprintf(f->text, sizeof(f->text), "%d-%d", a, b);
		for (int v = a;; v = v == most ? least : v + 1) {
			f->wanted[v] = true;
			if (v == b)
				break;
		}
		break;
	case 2:
		(void)snprintf(f->text, sizeof(f->text), "*/%d", step);
		for (int v = least; v <= most; v += step)
			f->wanted[v] = true;
		break;
	default:
		(void)snprintf(f->text, sizeof(f->text), "*");
		for (int v = least; v <= most; v++)
			f->wanted[v] = true;
		break;
	}
}

struct expression {
	struct field minute, hour, day, month, weekday;
	bool either_day;
	bool all_hours;
	char text[600];
};

static void
make_expression(struct expression *e)
{
	make_field(&e->minute, 0, 59, true);
	make_field(&e->hour, 0, 23, false);
	make_field(&e->day, 1, 31, false);
	make_field(&e->month, 1, 12, false);
	make_field(&e->weekday, 0, 6, false);
	e->either_day = random_below(2) == 0;
	e->all_hours = true;
	for (int hour = 0; hour < 24; hour++)
		e->all_hours = e->all_hours && e->hour.wanted[hour];
	(void)snprintf(e->text, sizeof(e->text), "%s %s %s %s %s", e->minute.text, e->hour.text,
		       e->day.text, e->month.text, e->weekday.text);
}

static bool
matches(const struct expression *e, const struct tm *wall)
{
	bool by_day = e->day.wanted[wall->tm_mday];
	bool by_weekday = e->weekday.wanted[wall->tm_wday];
	bool restricted = e->day.text[0] != '*' && e->weekday.text[0] != '*';

	return e->minute.wanted[wall->tm_min] && e->hour.wanted[wall->tm_hour] &&
	       e->month.wanted[wall->tm_mon + 1] &&
	       (e->either_day && restricted ? by_day || by_weekday : by_day && by_weekday);
}

/* Minutes of the wall since 1970, as a number to compare. */
static int64_t
wall_minute(const struct tm *wall)
{
	struct tm copy = *wall;

	return (int64_t)timegm(&copy) / 60;
}

static bool
skipped_one_matches(const struct expression *e, int64_t from, int64_t to)
{
	for (int64_t minute = from; minute < to; minute++) {
		time_t at = (time_t)minute * 60;
		struct tm wall;

		(void)gmtime_r(&at, &wall);
		if (matches(e, &wall))
			return true;
	}
	return false;
}

/* All that is due in WINDOW_MIN minutes after start_s, by walking. */
static size_t
walk(const struct expression *e, const char *zone, int64_t start_s, int64_t *out)
{
	static int64_t shown[BEFORE_MIN + WINDOW_MIN + 1];
	struct err err = ERR_INIT;
	int64_t highest = INT64_MIN;
	size_t n = 0;

	assert_int_equal(time_zone_enter(zone, &err), 0);
	for (int i = 0; i <= BEFORE_MIN + WINDOW_MIN; i++) {
		time_t at = (time_t)(start_s + (int64_t)(i - BEFORE_MIN) * 60);
		struct tm wall;
		bool due, seen, gap;

		(void)localtime_r(&at, &wall);
		shown[i] = wall_minute(&wall);
		seen = shown[i] <= highest; /* this minute of the wall was there before */
		gap = i > 0 && shown[i] > shown[i - 1] + 1;
		due = matches(e, &wall) && (e->all_hours || !seen);
		if (gap && !e->all_hours && !due)
			due = skipped_one_matches(e, shown[i - 1] + 1, shown[i]);
		if (shown[i] > highest)
			highest = shown[i];
		if (due && i > BEFORE_MIN)
			out[n++] = at;
	}
	time_zone_leave();
	return n;
}

/* A minute near a change of the zone's clocks, or anywhere. */
static int64_t
random_start(const char *zone)
{
	int64_t at_s = 1104537600 + (int64_t)random_below(30u * 365 * 24 * 60) * 60; /* from 2005 */
	struct err err = ERR_INIT;

	if (random_below(4) == 0)
		return at_s;
	assert_int_equal(time_zone_enter(zone, &err), 0);
	for (int day = 0; day < 400; day++) {
		int64_t then_s = at_s + (int64_t)day * DAY_S;

		if (time_zone_offset(then_s) != time_zone_offset(then_s + DAY_S)) {
			at_s = then_s - (int64_t)random_below(3) * DAY_S;
			break;
		}
	}
	time_zone_leave();
	return at_s;
}

static void
compare(const struct expression *e, const char *zone, int64_t start_s)
{
	static int64_t expected[FIRES_MAX];
	size_t n = walk(e, zone, start_s, expected);
	int64_t at_us = start_s * 1000000;
	struct cron_expr expr;
	struct err err = ERR_INIT;

	if (cron_expr_parse(e->text, e->either_day ? CRON_DAYS_OR : CRON_DAYS_AND, &expr, &err) ==
	    -1)
		fail_msg("%s: %s", e->text, err.text);
	for (size_t i = 0; i <= n; i++) {
		assert_int_equal(cron_expr_next(&expr, zone, at_us, &at_us, &err), 0);
		if (i == n ? at_us <= (start_s + WINDOW_MIN * 60) * 1000000
			   : at_us != expected[i] * 1000000)
			fail_msg("%s in %s%s after %lld: no. %zu of %zu is %lld, should be %lld",
				 e->text, zone, e->either_day ? ", either day," : "",
				 (long long)start_s, i, n, (long long)(at_us / 1000000),
				 i < n ? (long long)expected[i] : -1LL);
	}
}

static void
every_fire_is_that_of_a_calendar_that_walks(void **state)
{
	const char *text = getenv("JQM_TEST_SEED");
	int64_t number = (int64_t)time(NULL);

	(void)state;
	if (text != NULL)
		assert_int_equal(num_int64(text, 0, INT64_MAX, &number), 0);
	seed = (uint64_t)number;
	print_message("JQM_TEST_SEED=%lld\n", (long long)number);
	for (int round = 0; round < ROUNDS; round++) {
		const char *zone = zones[random_below(sizeof(zones) / sizeof(zones[0]))];
		struct expression e;

		make_expression(&e);
		compare(&e, zone, random_start(zone));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_fire_is_that_of_a_calendar_that_walks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
