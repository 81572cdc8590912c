/* SPDX-License-Identifier: Apache-2.0 */
/*
 * model/cron_expr against a calendar that is walked minute by minute: random expressions in zones of every
 * kind.  libc tells what a clock shows; the fields are kept as lists of numbers; the rule for summer
 * time is applied as it is written in cron_expr.h.  CRON_SEED=n repeats a run, CRON_ROUNDS=n makes a longer
 * one.
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

#include "base/buf.h"
#include "base/err.h"
#include "base/time_zone.h"
#include "model/cron_expr.h"

#define MINUTES_OF(days) ((size_t)(days)*1440)
#define WINDOW MINUTES_OF(380)
#define LEAD MINUTES_OF(3) /* walked before, so that what was shown already is known */
#define EXPRESSIONS 150 /* of each round */
#define LABELS (WINDOW + LEAD + MINUTES_OF(8))

static const struct {
	const char *name;
	int year; /* of something special; 0: any */
} zones[] = {
	{ "UTC", 0 },
	{ "Europe/Paris", 0 },
	{ "America/New_York", 0 },
	{ "Australia/Lord_Howe", 0 },
	{ "Pacific/Apia", 2011 },
	{ "Pacific/Apia", 0 },
	{ "Asia/Kathmandu", 0 },
	{ "America/Sao_Paulo", 2018 },
	{ "America/Caracas", 2007 }, /* half an hour back */
	{ "Asia/Pyongyang", 2018 }, /* half an hour forth */
	{ "Africa/Casablanca", 2016 }, /* four changes a year */
	{ "Antarctica/Troll", 2014 }, /* two hours */
	{ "Asia/Gaza", 2011 },
	{ "Europe/Istanbul", 2016 },
};
#define ZONES (sizeof(zones) / sizeof(zones[0]))

/* --- chance --- */

static uint64_t chance;

static unsigned
below(unsigned n)
{
	chance = chance * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)((chance >> 33) % n);
}

/* --- an expression, as a text and as what it says --- */

struct wanted {
	bool minutes[60], hours[24], days[33], months[13], weekdays[7];
	bool any_day, any_weekday; /* as the texts of these fields begin */
};

/* Values from min to max, in order, as a text; those it means are set in which. */
static void
an_element(struct buf *text, bool *which, int min, int max, int modulo, const char *const *names)
{
	int n = max - min + 1, first = (int)below((unsigned)n), count = 1 + (int)below((unsigned)n);
	int step = below(3) == 0 ? 1 + (int)below(5) : 1;

	if (below(4) == 0) {
		first = 0;
		count = n;
		buf_puts(text, "*");
	} else {
		int last = (first + count - 1) % n;

		if (names != NULL && below(2) == 0)
			buf_puts(text, names[first]);
		else
			buf_printf(text, "%d", min + first);
		if (last == first)
			count = 1;
		else
			buf_printf(text, "-%d", min + last);
	}
	if (step > 1)
		buf_printf(text, "/%d", step);
	for (int i = 0; i < count; i += step)
		which[(min + (first + i) % n) % modulo] = true;
}

static void
a_field(struct buf *text, bool *which, int min, int max, int modulo, const char *const *names)
{
	int elements = below(3) == 0 ? 1 + (int)below(4) : 1;

	if (below(3) == 0) { /* one value, or two */
		for (int i = 0; i <= (int)below(2); i++) {
			int value = min + (int)below((unsigned)(max - min + 1));

			buf_printf(text, "%s%d", i == 0 ? "" : ",", value);
			which[value % modulo] = true;
		}
		return;
	}
	for (int i = 0; i < elements; i++) {
		if (i > 0)
			buf_puts(text, ",");
		an_element(text, which, min, max, modulo, names);
	}
}

static void
a_pattern(struct buf *text, struct wanted *wanted)
{
	static const char *const months[] = { "jan", "FEB", "mar", "apr", "May", "jun",
					      "jul", "aug", "sep", "oct", "nov", "dec" };
	static const char *const weekdays[] = { "sun", "mon", "Tue", "wed", "thu", "fri", "SAT" };

	size_t begin;

	memset(wanted, 0, sizeof(*wanted));
	a_field(text, wanted->minutes, 0, 59, 60, NULL);
	buf_puts(text, " ");
	if (below(3) == 0) {
		buf_puts(text, "*");
		memset(wanted->hours, 1, sizeof(wanted->hours));
	} else {
		a_field(text, wanted->hours, 0, 23, 24, NULL);
	}
	buf_puts(text, " ");
	begin = text->len;
	switch (below(5)) {
	case 0:
	case 1:
		a_field(text, wanted->days, 1, 31, 32, NULL);
		break;
	case 2:
		buf_puts(text, "L,3");
		wanted->days[32] = wanted->days[3] = true;
		break;
	default:
		buf_puts(text, "*");
		memset(wanted->days, 1, 32);
		break;
	}
	wanted->any_day = buf_text(text)[begin] == '*';
	buf_puts(text, " ");
	if (below(2) == 0) {
		a_field(text, wanted->months, 1, 12, 13, months);
	} else {
		buf_puts(text, "*");
		memset(wanted->months, 1, sizeof(wanted->months));
	}
	buf_puts(text, " ");
	begin = text->len;
	if (below(2) == 0) {
		a_field(text, wanted->weekdays, 0, 6, 7, weekdays);
	} else {
		buf_puts(text, "*");
		memset(wanted->weekdays, 1, sizeof(wanted->weekdays));
	}
	wanted->any_weekday = buf_text(text)[begin] == '*';
}

static bool
all_set(const bool *which, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!which[i])
			return false;
	return true;
}

/* --- the calendar --- */

/* A minute of the window, and what a clock shows then. */
struct shown {
	int64_t label; /* minutes since 1970, as if what is shown were UTC */
	uint8_t minute, hour, day, month, weekday;
	bool last_day;
	bool again; /* it was shown, or passed over, before */
	int skipped; /* labels passed over just before */
};

static struct shown window[WINDOW + LEAD];
static bool was_shown[LABELS];
static uint8_t fires[WINDOW + LEAD];

static struct shown
of_label(int64_t label)
{
	time_t seconds = (time_t)(label * 60), tomorrow = seconds + 86400;
	struct tm tm = { 0 }, next = { 0 };

	assert_non_null(gmtime_r(&seconds, &tm));
	assert_non_null(gmtime_r(&tomorrow, &next));
	return (struct shown){ .label = label,
			       .minute = (uint8_t)tm.tm_min,
			       .hour = (uint8_t)tm.tm_hour,
			       .day = (uint8_t)tm.tm_mday,
			       .month = (uint8_t)(tm.tm_mon + 1),
			       .weekday = (uint8_t)tm.tm_wday,
			       .last_day = next.tm_mday == 1 };
}

/* Which of the labels up to the i-th are new? */
static void
look_back(size_t i)
{
	int64_t base = window[0].label - (int64_t)MINUTES_OF(2);
	bool *mine = &was_shown[window[i].label - base];

	assert_true(window[i].label >= base && window[i].label - base < (int64_t)LABELS);
	window[i].again = *mine;
	*mine = true;
	if (i > 0 && window[i].label > window[i - 1].label + 1)
		for (bool *p = mine - 1; p > was_shown && !*p; p--) {
			*p = true;
			window[i].skipped++;
		}
}

static void
walk(const char *zone, int64_t begin_s)
{
	assert_int_equal(setenv("TZ", zone, 1), 0);
	tzset();
	memset(was_shown, 0, sizeof(was_shown));
	for (size_t i = 0; i < WINDOW + LEAD; i++) {
		time_t seconds = (time_t)begin_s + (time_t)i * 60;
		struct tm tm = { 0 };

		assert_non_null(localtime_r(&seconds, &tm));
		assert_int_equal(tm.tm_sec, 0);
		window[i] = of_label(((int64_t)seconds + tm.tm_gmtoff) / 60);
		assert_true(window[i].minute == tm.tm_min && window[i].hour == tm.tm_hour &&
			    window[i].day == tm.tm_mday && window[i].month == tm.tm_mon + 1 &&
			    window[i].weekday == tm.tm_wday);
		look_back(i);
	}
}

static bool
fits(const struct wanted *wanted, bool one_is_enough, const struct shown *shown)
{
	bool day, weekday;

	if (!wanted->minutes[shown->minute] || !wanted->hours[shown->hour] ||
	    !wanted->months[shown->month])
		return false;
	day = wanted->days[shown->day] || (wanted->days[32] && shown->last_day);
	weekday = wanted->weekdays[shown->weekday];
	return one_is_enough ? day || weekday : day && weekday;
}

/* Mark the minutes of the window at which one pattern fires. */
static void
mark(const struct wanted *wanted, enum cron_day_rule rule)
{
	bool every_hour = all_set(wanted->hours, 24);
	bool one_is_enough = rule == CRON_DAYS_OR && !wanted->any_day && !wanted->any_weekday;

	for (size_t i = 0; i < WINDOW + LEAD; i++) {
		if (every_hour || !window[i].again)
			fires[i] |= fits(wanted, one_is_enough, &window[i]);
		/* Times of the day that were passed over come now. */
		for (int k = 1; !every_hour && k <= window[i].skipped; k++) {
			struct shown skipped = of_label(window[i].label - k);

			fires[i] |= fits(wanted, one_is_enough, &skipped);
		}
	}
}

/* A place up to some days behind the i-th, but not beyond a change of the clock within a day. */
static size_t
leap(size_t i)
{
	size_t to = i + below(8 * 1440);

	for (size_t k = i; k < to + 1440 && k < WINDOW + LEAD; k++)
		if (window[k].again || window[k].skipped > 0)
			return i;
	return to < WINDOW + LEAD ? to : i;
}

static void
compare(const struct cron_expr *expr, const struct time_zone *zone, const char *name,
	const char *text, int64_t begin_s)
{
	int64_t at_s = begin_s + (int64_t)LEAD * 60 - 1;
	size_t i = LEAD;

	for (int n = 1;; n++) {
		int64_t wanted_s, got_s;

		if (n % 300 == 0) { /* they are many: not all of them are looked at */
			i = leap(i);
			at_s = begin_s + (int64_t)i * 60 - 1;
		}

		while (i < WINDOW + LEAD && fires[i] == 0)
			i++;
		wanted_s = begin_s + (int64_t)i * 60;
		if (cron_expr_next(expr, zone, at_s, &got_s) == -1)
			got_s = INT64_MAX;
		if (i == WINDOW + LEAD) {
			if (got_s < wanted_s)
				fail_msg("\"%s\"%s in %s fires at %lld", text,
					 expr->day_rule == CRON_DAYS_OR ? " (OR)" : "", name,
					 (long long)got_s);
			return;
		}
		if (got_s != wanted_s)
			fail_msg("\"%s\"%s in %s after %lld: %lld instead of %lld", text,
				 expr->day_rule == CRON_DAYS_OR ? " (OR)" : "", name,
				 (long long)at_s, (long long)got_s, (long long)wanted_s);
		at_s = got_s;
		i++;
	}
}

static void
check_an_expression(const struct time_zone *zone, const char *name, int64_t begin_s)
{
	struct buf text = BUF_INIT(4000);
	struct wanted wanted;
	struct cron_expr expr;
	struct err err = ERR_INIT;
	enum cron_day_rule rule = below(2) == 0 ? CRON_DAYS_OR : CRON_DAYS_AND;
	unsigned patterns = below(4) == 0 ? 2 : 1;

	memset(fires, 0, sizeof(fires));
	for (unsigned i = 0; i < patterns; i++) {
		buf_puts(&text, i == 0 ? "" : " | ");
		a_pattern(&text, &wanted);
		mark(&wanted, rule);
	}
	if (text.len <= CRON_EXPR_MAX) {
		if (cron_expr_parse(buf_text(&text), rule, &expr, &err) == -1)
			fail_msg("%s: %s", buf_text(&text), err.text);
		compare(&expr, zone, name, buf_text(&text), begin_s);
	}
	buf_free(&text);
}

static unsigned
from_environment(const char *name, unsigned fallback)
{
	const char *text = getenv(name);

	return text == NULL ? fallback : (unsigned)strtoul(text, NULL, 10);
}

static void
random_expressions_fire_when_a_walk_through_the_calendar_says(void **state)
{
	unsigned seed = from_environment("CRON_SEED", (unsigned)time(NULL));
	unsigned rounds = from_environment("CRON_ROUNDS", 1);

	(void)state;
	print_message("CRON_SEED=%u\n", seed);
	chance = seed;
	for (unsigned i = 0; i < rounds * ZONES; i++) {
		const char *name = zones[i % ZONES].name;
		int year =
		    zones[i % ZONES].year != 0 ? zones[i % ZONES].year : 2000 + (int)below(60);
		/* A whole number of minutes, not always midnight, from December of the year before on. */
		int64_t begin_s = ((int64_t)year - 1970) * 31556952 / 60 * 60 - 20 * 86400 +
				  (int64_t)below(1440) * 60;
		struct err err = ERR_INIT;
		struct time_zone *zone = time_zone_load(name, &err);

		assert_non_null(zone);
		walk(name, begin_s);
		for (int k = 0; k < EXPRESSIONS; k++)
			check_an_expression(zone, name, begin_s);
		time_zone_free(zone);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_expressions_fire_when_a_walk_through_the_calendar_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
