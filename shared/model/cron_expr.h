/* SPDX-License-Identifier: Apache-2.0 */
/*
 * model/cron_expr.h: when a schedule is due.  JQM's syntax, by which several patterns parted by "|" may
 * stand, each of five fields parted by blanks:
 *
 *	minute 0-59, hour 0-23, day of month 1-31 or L (the last), month 1-12 or jan-dec,
 *	day of week 0-7 or sun-sat (0 and 7 are Sunday)
 *
 * A field is *, or a list of a, a-b, and any of these with /n behind (each n-th, from the first).  A range
 * whose start is behind its end goes round: fri-mon, 22-2, 5-7.
 *
 * Clocks that change.  A pattern whose hours are all 24 follows real time: it is due in each minute
 * that exists and matches, in a doubled hour twice.  A pattern that names hours follows the wall: what
 * falls into a gap is due once at the first instant after it, however many of its minutes were
 * skipped, and what is doubled is due the first time only.
 */
#ifndef MODEL_CRON_EXPR_H
#define MODEL_CRON_EXPR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

#define CRON_EXPR_MAX 254 /* bytes */
#define CRON_PATTERNS_MAX 26 /* more do not fit */
#define CRON_NEVER INT64_MAX

enum cron_day_rule {
	CRON_DAYS_AND, /* both day fields must match, as in JQM */
	CRON_DAYS_OR /* as in cron: when neither begins with *, one of them is enough */
};

/* Bit n: the value n is wanted. */
struct cron_pattern {
	uint64_t minutes;
	uint32_t hours, days, months, weekdays;
	bool last_day;
	bool any_day, any_weekday; /* the field begins with * */
};

struct cron_expr {
	struct cron_pattern patterns[CRON_PATTERNS_MAX];
	size_t len;
	enum cron_day_rule day_rule;
};

/* 0; -1 with ERR_INVALID that names the field and what is wrong in it.  Any bytes will do. */
int cron_expr_parse(const char *text, enum cron_day_rule day_rule, struct cron_expr *out,
		    struct err *err);

/*
 * The first instant after after_us at which it is due in the zone (base/time_zone.h), a whole minute
 * unless a gap ends within one; microseconds since 1970 UTC.  CRON_NEVER: not within 60 years.
 * -1 with ERR_INVALID: there is no such zone.
 */
int cron_expr_next(const struct cron_expr *expr, const char *zone, int64_t after_us,
		   int64_t *next_us_out, struct err *err);

#endif
