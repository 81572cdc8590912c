/* SPDX-License-Identifier: Apache-2.0 */
/* model/cron_next.c: the next instant of an expression; the rule for clocks that change is in cron_expr.h. */
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "base/time_zone.h"
#include "model/cron_expr.h"

#define DAY_S 86400
#define HOUR_S 3600
#define MINUTE_S 60
#define YEARS 60 /* 29 February on a given day of the week comes every 40 at least */
#define ALL_HOURS 0xffffffu
/* Of wall time, how far a slot may lie back and still be due later: behind a doubled hour or two. */
#define SLACK_S (3 * HOUR_S)

/* Days of the wall are counted from 1970-01-01; the calendar is libc's. */
static void
date_of_day(int64_t day, struct tm *out)
{
	time_t at = (time_t)day * DAY_S;

	memset(out, 0, sizeof(*out));
	(void)gmtime_r(&at, out);
}

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b != 0 && a < 0);
}

static bool
is_last_of_month(int64_t day)
{
	struct tm next;

	date_of_day(day + 1, &next);
	return next.tm_mday == 1;
}

static bool
matches_day(const struct cron_pattern *p, enum cron_day_rule rule, int64_t day)
{
	struct tm date;
	bool by_day, by_weekday;

	date_of_day(day, &date);
	if ((p->months >> (date.tm_mon + 1) & 1) == 0)
		return false;
	by_day = (p->days >> date.tm_mday & 1) != 0 || (p->last_day && is_last_of_month(day));
	by_weekday = (p->weekdays >> date.tm_wday & 1) != 0;
	if (rule == CRON_DAYS_OR && !p->any_day && !p->any_weekday)
		return by_day || by_weekday;
	return by_day && by_weekday;
}

/* To midnight of the wall, but by minutes where clocks change before: they may go back to yesterday. */
static int64_t
leap_s(int64_t at_s, int64_t into_day_s)
{
	int64_t to_midnight_s = DAY_S - into_day_s;

	return time_zone_offset(at_s) == time_zone_offset(at_s + to_midnight_s) ? to_midnight_s
										: MINUTE_S;
}

/* Minutes that exist, one after the other; days that do not match are leapt over. */
static int64_t
next_in_real_time(const struct cron_pattern *p, enum cron_day_rule rule, int64_t after_s,
		  int64_t until_s)
{
	int64_t at_s = after_s + 1;

	while (at_s < until_s) {
		int64_t wall_s = at_s + time_zone_offset(at_s);
		int64_t day = floor_div(wall_s, DAY_S);
		int64_t into_day_s = wall_s - day * DAY_S;

		if (into_day_s % MINUTE_S != 0)
			at_s += MINUTE_S - into_day_s % MINUTE_S;
		else if (!matches_day(p, rule, day))
			at_s += leap_s(at_s, into_day_s);
		else if ((p->minutes >> (into_day_s / MINUTE_S % 60) & 1) != 0)
			return at_s;
		else
			at_s += MINUTE_S;
	}
	return CRON_NEVER;
}

/* When a slot of the wall is due. */
static int64_t
due_of_slot(int64_t wall_s)
{
	int64_t instants[2];

	return time_zone_instants(wall_s, instants) > 0 ? instants[0] : time_zone_gap_end(wall_s);
}

/* The first slot of a day that is due after after_s, or CRON_NEVER. */
static int64_t
next_of_day(const struct cron_pattern *p, int64_t day, int64_t from_wall_s, int64_t after_s)
{
	for (int hour = 0; hour < 24; hour++) {
		if ((p->hours >> hour & 1) == 0)
			continue;
		for (int minute = 0; minute < 60; minute++) {
			int64_t wall_s = day * DAY_S + hour * HOUR_S + minute * MINUTE_S;
			int64_t due_s;

			if ((p->minutes >> minute & 1) == 0 || wall_s < from_wall_s)
				continue;
			if ((due_s = due_of_slot(wall_s)) > after_s)
				return due_s;
		}
	}
	return CRON_NEVER;
}

/* Slots of the wall in their order, which is also the order in which they are due. */
static int64_t
next_on_the_wall(const struct cron_pattern *p, enum cron_day_rule rule, int64_t after_s,
		 int64_t until_s)
{
	int64_t from_wall_s = after_s + time_zone_offset(after_s) - SLACK_S;

	for (int64_t day = floor_div(from_wall_s, DAY_S); day * DAY_S < until_s; day++) {
		int64_t due_s;

		if (matches_day(p, rule, day) &&
		    (due_s = next_of_day(p, day, from_wall_s, after_s)) != CRON_NEVER)
			return due_s;
	}
	return CRON_NEVER;
}

int
cron_expr_next(const struct cron_expr *expr, const char *zone, int64_t after_us,
	       int64_t *next_us_out, struct err *err)
{
	int64_t after_s = floor_div(after_us, 1000000);
	int64_t until_s = after_s + (int64_t)YEARS * 366 * DAY_S;
	int64_t best_s = CRON_NEVER;

	if (time_zone_enter(zone, err) == -1)
		return -1;
	for (size_t i = 0; i < expr->len; i++) {
		const struct cron_pattern *p = &expr->patterns[i];
		int64_t due_s = p->hours == ALL_HOURS
				    ? next_in_real_time(p, expr->day_rule, after_s, until_s)
				    : next_on_the_wall(p, expr->day_rule, after_s, until_s);

		if (due_s < best_s)
			best_s = due_s;
	}
	time_zone_leave();
	*next_us_out = best_s == CRON_NEVER ? CRON_NEVER : best_s * 1000000;
	return 0;
}
