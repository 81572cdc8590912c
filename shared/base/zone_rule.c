/* SPDX-License-Identifier: Apache-2.0 */
#include "base/zone_rule.h"

#include <stddef.h>
#include <string.h>

#include "base/civil.h"

/* --- reading the text; each advances *at --- */

/* A number of at most three digits. */
static bool
take_number(const char **at, int max, int *out)
{
	int value = 0, digits = 0;

	for (; **at >= '0' && **at <= '9' && digits < 4; (*at)++, digits++)
		value = 10 * value + (**at - '0');
	*out = value;
	return digits > 0 && digits < 4 && value <= max;
}

static bool
take_char(const char **at, char wanted)
{
	if (**at != wanted)
		return false;
	(*at)++;
	return true;
}

/* "CET", "<+0330>": what the time is called does not matter here. */
static bool
take_name(const char **at)
{
	bool quoted = take_char(at, '<');
	size_t len =
	    strspn(*at, quoted ? "+-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			       : "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

	*at += len;
	return len >= 3 && (!quoted || take_char(at, '>'));
}

/* "[+-]hh[:mm[:ss]]" in seconds. */
static bool
take_time(const char **at, int hours_max, int32_t *out)
{
	bool negative = take_char(at, '-');
	int hours, minutes = 0, seconds = 0;

	if (!negative)
		(void)take_char(at, '+');
	if (!take_number(at, hours_max, &hours))
		return false;
	if (take_char(at, ':') && !take_number(at, 59, &minutes))
		return false;
	if (take_char(at, ':') && !take_number(at, 59, &seconds))
		return false;
	*out = (hours * 3600 + minutes * 60 + seconds) * (negative ? -1 : 1);
	return true;
}

/* "M3.5.0/2", "J60", "0/-1". */
static bool
take_date(const char **at, struct zone_date *out)
{
	*out = (struct zone_date){ .kind = 'N', .time_s = 2 * 3600 };
	if (take_char(at, 'M')) {
		out->kind = 'M';
		if (!take_number(at, 12, &out->month) || out->month < 1 || !take_char(at, '.') ||
		    !take_number(at, 5, &out->week) || out->week < 1 || !take_char(at, '.') ||
		    !take_number(at, 6, &out->day))
			return false;
	} else {
		if (take_char(at, 'J'))
			out->kind = 'J';
		if (!take_number(at, 365, &out->day) || (out->kind == 'J' && out->day < 1))
			return false;
	}
	return !take_char(at, '/') || take_time(at, 167, &out->time_s);
}

int
zone_rule_parse(const char *text, struct zone_rule *out)
{
	const char *at = text;

	memset(out, 0, sizeof(*out));
	if (!take_name(&at) || !take_time(&at, 24, &out->standard_s))
		return -1;
	out->standard_s = -out->standard_s; /* POSIX counts to the west */
	if (*at == '\0')
		return 0;
	out->has_summer = true;
	out->summer_s = out->standard_s + 3600;
	if (!take_name(&at))
		return -1;
	if (*at != ',' && *at != '\0') {
		if (!take_time(&at, 24, &out->summer_s))
			return -1;
		out->summer_s = -out->summer_s;
	}
	if (*at == '\0')
		at = ",M3.2.0,M11.1.0"; /* as every libc does */
	if (!take_char(&at, ',') || !take_date(&at, &out->begins) || !take_char(&at, ',') ||
	    !take_date(&at, &out->ends))
		return -1;
	return *at == '\0' ? 0 : -1;
}

/* --- what it means --- */

static int64_t
day_of_date(const struct zone_date *date, int64_t year)
{
	int64_t first;
	int day;

	if (date->kind == 'N')
		return civil_days(year, 1, 1) + date->day;
	if (date->kind == 'J')
		return civil_days(year, 1, 1) + date->day - 1 +
		       (date->day > 59 && civil_days_in_month(year, 2) == 29);
	first = civil_days(year, date->month, 1);
	day = (date->day - civil_weekday(first) + 7) % 7 + 7 * (date->week - 1);
	while (day >= civil_days_in_month(year, date->month))
		day -= 7;
	return first + day;
}

/* A change: from at_s on the offset is another one. */
struct change {
	int64_t at_s;
	int32_t offset_s;
};

/* The changes of a year, the earlier one first; at the same moment the end of summer time first. */
static void
changes_of_year(const struct zone_rule *rule, int64_t year, struct change out[2])
{
	struct change begins = { day_of_date(&rule->begins, year) * CIVIL_DAY_S +
				     rule->begins.time_s - rule->standard_s,
				 rule->summer_s };
	struct change ends = { day_of_date(&rule->ends, year) * CIVIL_DAY_S + rule->ends.time_s -
				   rule->summer_s,
			       rule->standard_s };
	bool begins_first = begins.at_s < ends.at_s;

	out[0] = begins_first ? begins : ends;
	out[1] = begins_first ? ends : begins;
}

void
zone_rule_period(const struct zone_rule *rule, int64_t at_s, struct zone_period *out)
{
	int64_t year;

	*out = (struct zone_period){ INT64_MIN, INT64_MAX, rule->standard_s };
	if (!rule->has_summer)
		return;
	/* Changes of a year may lie a week outside of it. */
	year = civil_date_of(civil_day_of(at_s)).year;
	for (int64_t y = year - 2; y <= year + 2; y++) {
		struct change changes[2];

		changes_of_year(rule, y, changes);
		for (int i = 0; i < 2; i++) {
			if (changes[i].at_s <= at_s && changes[i].at_s >= out->begin_s) {
				out->begin_s = changes[i].at_s;
				out->offset_s = changes[i].offset_s;
			} else if (changes[i].at_s > at_s && changes[i].at_s < out->end_s) {
				out->end_s = changes[i].at_s;
			}
		}
	}
}
