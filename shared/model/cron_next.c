/* SPDX-License-Identifier: Apache-2.0 */
/*
 * model/cron_next.c: what a cron expression means.
 *
 * A label is what a clock in the zone shows, written as if it were UTC: seconds since 1970.  Labels are
 * searched in the calendar alone; then a label becomes an instant, or several, or none.
 */
#include "model/cron_expr.h"

#include <string.h>

#include "base/civil.h"
#include "base/time_zone.h"

#define MINUTE_S 60
#define DAY_MINUTES 1440
/* 29 February may be a given day of the week 40 years later (2072, 2112), and no date takes longer. */
#define HORIZON_YEARS 41
#define HORIZON_DAYS (HORIZON_YEARS * 366)
#define NO_LABEL INT64_MAX
#define NEVER INT64_MAX

#define ALL_HOURS UINT32_C(0xffffff)
#define ALL_WEEKDAYS 0x7f

/* --- the calendar --- */

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* The days of a month that match: bit n is day n.  first: its first day, counted from 1970. */
static uint32_t
matching_days(const struct cron_pattern *p, enum cron_day_rule rule, int64_t first, int len)
{
	uint32_t of_month = p->days | (p->last_day ? UINT32_C(1) << len : 0);
	uint32_t within = (uint32_t)((UINT64_C(2) << len) - 2);
	int weekday = civil_weekday(first);
	/* A week that begins with the month's first day, then five of them. */
	uint64_t week = (p->weekdays >> weekday | p->weekdays << (7 - weekday)) & ALL_WEEKDAYS;
	uint32_t of_week =
	    (uint32_t)((week | week << 7 | week << 14 | week << 21 | week << 28) << 1);

	if (rule == CRON_DAYS_OR && !p->any_day && !p->any_weekday)
		return (of_month | of_week) & within;
	return of_month & of_week & within;
}

/* The first minute of a day that matches, at or after minute; -1: none. */
static int
minute_of_day(const struct cron_pattern *p, int minute)
{
	int hour = minute / 60;
	uint64_t minutes = p->minutes >> minute % 60;
	uint32_t hours = p->hours >> hour;

	if ((hours & 1) != 0 && minutes != 0)
		return minute + __builtin_ctzll(minutes);
	hours >>= 1;
	if (hours == 0)
		return -1;
	return (hour + 1 + __builtin_ctz(hours)) * 60 + __builtin_ctzll(p->minutes);
}

/* The first label at or after from that matches; NO_LABEL: none, ever. */
static int64_t
label_from(const struct cron_pattern *p, enum cron_day_rule rule, int64_t from)
{
	int64_t minutes = -floor_div(-from, MINUTE_S), from_day = floor_div(minutes, DAY_MINUTES);
	int of_day = (int)(minutes - from_day * DAY_MINUTES);
	struct civil_date date = civil_date_of(from_day);

	for (int n = 0; n <= HORIZON_YEARS * 12; n++) {
		int len = civil_days_in_month(date.year, date.month);
		int64_t first = civil_days(date.year, date.month, 1);
		uint32_t days = (p->months >> date.month & 1) == 0
				    ? 0
				    : matching_days(p, rule, first, len) & ~UINT32_C(0) << date.day;

		for (; days != 0; days &= days - 1) {
			int64_t day = first + __builtin_ctz(days) - 1;
			int found = minute_of_day(p, day == from_day ? of_day : 0);

			if (found != -1)
				return (day * DAY_MINUTES + found) * MINUTE_S;
		}
		date.day = 1;
		date.year += date.month / 12;
		date.month = date.month % 12 + 1;
	}
	return NO_LABEL;
}

/* --- in a zone --- */

/* Each instant whose label matches counts. */
static int64_t
next_in_real_time(const struct cron_pattern *p, enum cron_day_rule rule,
		  const struct time_zone *zone, int64_t after_s)
{
	int64_t at_s = after_s + 1;
	int64_t limit_s = after_s + HORIZON_DAYS * CIVIL_DAY_S;

	while (at_s <= limit_s) {
		struct zone_period period;
		int64_t label;

		time_zone_period(zone, at_s, &period);
		label = label_from(p, rule, at_s + period.offset_s);
		if (label == NO_LABEL)
			return NEVER;
		if (label - period.offset_s < period.end_s)
			return label - period.offset_s;
		at_s = period.end_s;
	}
	return NEVER;
}

/* The latest label that a clock in the zone has shown until at_s. */
static int64_t
latest_label(const struct time_zone *zone, int64_t at_s)
{
	/* What was shown before this was earlier than what is shown now. */
	int64_t from_s = at_s - 2 * ZONE_OFFSET_MAX_S, latest = INT64_MIN;

	while (from_s <= at_s) {
		struct zone_period period;
		int64_t last_s;

		time_zone_period(zone, from_s, &period);
		last_s = period.end_s - 1 < at_s ? period.end_s - 1 : at_s;
		if (last_s + period.offset_s > latest)
			latest = last_s + period.offset_s;
		from_s = last_s + 1;
	}
	return latest;
}

/* Each label that matches counts once: at the first instant that shows it, or a later one. */
static int64_t
next_time_of_day(const struct cron_pattern *p, enum cron_day_rule rule,
		 const struct time_zone *zone, int64_t after_s)
{
	int64_t label = label_from(p, rule, latest_label(zone, after_s) + 1);
	int64_t at_s = after_s + 1;

	if (label == NO_LABEL)
		return NEVER;
	if (at_s < label - ZONE_OFFSET_MAX_S)
		at_s = label - ZONE_OFFSET_MAX_S; /* earlier ones show less */
	for (;;) {
		struct zone_period period;

		time_zone_period(zone, at_s, &period);
		if (at_s + period.offset_s >= label)
			return at_s;
		if (label - period.offset_s < period.end_s)
			return label - period.offset_s;
		at_s = period.end_s;
	}
}

/* The first time one of the patterns fires after after_s; NEVER. */
static int64_t
pattern_next(const struct cron_expr *expr, size_t i, const struct time_zone *zone, int64_t after_s)
{
	const struct cron_pattern *p = &expr->patterns[i];

	if (p->hours == ALL_HOURS)
		return next_in_real_time(p, expr->day_rule, zone, after_s);
	return next_time_of_day(p, expr->day_rule, zone, after_s);
}

int
cron_expr_next(const struct cron_expr *expr, const struct time_zone *zone, int64_t after_s,
	       int64_t *out_s)
{
	int64_t first_s = NEVER;

	for (size_t i = 0; i < expr->len; i++) {
		int64_t at_s = pattern_next(expr, i, zone, after_s);

		if (at_s < first_s)
			first_s = at_s;
	}
	if (first_s == NEVER)
		return -1;
	*out_s = first_s;
	return 0;
}

/* All of them; the newest max stay in out_s, which is a ring: how many there were. */
static size_t
gather(const struct cron_expr *expr, const struct time_zone *zone, int64_t from_s, int64_t until_s,
       size_t max, int64_t *out_s)
{
	int64_t next_s[CRON_PATTERNS_MAX]; /* of each pattern: rare ones are searched for once */
	size_t n = 0;

	for (size_t i = 0; i < expr->len; i++)
		next_s[i] = pattern_next(expr, i, zone, from_s - 1);
	for (;;) {
		int64_t at_s = NEVER;

		for (size_t i = 0; i < expr->len; i++)
			if (next_s[i] < at_s)
				at_s = next_s[i];
		if (at_s > until_s)
			return n;
		out_s[n++ % max] = at_s;
		for (size_t i = 0; i < expr->len; i++)
			if (next_s[i] == at_s)
				next_s[i] = pattern_next(expr, i, zone, at_s);
	}
}

static void
reverse(int64_t *items, size_t len)
{
	for (size_t i = 0; i < len / 2; i++) {
		int64_t item = items[i];

		items[i] = items[len - 1 - i];
		items[len - 1 - i] = item;
	}
}

size_t
cron_expr_between(const struct cron_expr *expr, const struct time_zone *zone, int64_t from_s,
		  int64_t until_s, size_t max, int64_t *out_s)
{
	/* Where they are dense only the last of a long time are looked at. */
	static const int64_t spans_s[] = { 3600, CIVIL_DAY_S, 32 * CIVIL_DAY_S, 400 * CIVIL_DAY_S };
	int64_t begin_s = INT64_MAX;
	size_t n = 0;

	if (max == 0 || from_s > until_s)
		return 0;
	for (size_t i = 0; n < max && begin_s != from_s; i++) {
		bool last = i == sizeof(spans_s) / sizeof(spans_s[0]);

		begin_s = last || from_s >= until_s - spans_s[i] ? from_s : until_s - spans_s[i];
		n = gather(expr, zone, begin_s, until_s, max, out_s);
	}
	if (n <= max)
		return n;
	/* The ring turned so that its oldest comes first. */
	reverse(out_s, n % max);
	reverse(out_s + n % max, max - n % max);
	reverse(out_s, max);
	return max;
}
