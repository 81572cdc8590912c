/* SPDX-License-Identifier: Apache-2.0 */
/*
 * model/cron_expr.h: when a cron expression fires.  Pure: no clock, no file.
 *
 * The syntax is JQM's: five fields parted by blanks or tabs
 *	minute 0-59   hour 0-23   day of month 1-31 or L (the last)   month 1-12 or jan-dec
 *	day of week 0-7 (0 and 7: Sunday) or sun-sat
 * each a list (a,b) of * or values or ranges (a-b), with a step behind a slash: every n-th of the
 * range, its first one first.  A range whose start is behind its end wraps round: 22-2 are the hours 22
 * to 2, fri-mon four days.  A step behind one value changes nothing.  Names in any case.  Several
 * patterns may be joined by |: it fires when any of them does.
 *
 * Both day fields must match (CRON_DAYS_AND, as in JQM), or one of them when neither begins with *
 * (CRON_DAYS_OR, as in cron).
 *
 * Summer time.  A pattern whose hours are all 24 follows real time: each minute of local time that
 * matches fires, in a doubled hour twice, and a skipped minute does not exist.  A pattern that names
 * hours means times of the day: each fires at the first instant at which local time has reached it. So
 * one that is skipped fires when the gap is over (once, however many were skipped), and one that is
 * doubled fires when it comes first.  This holds for gaps of any size, whole days too.
 */
#ifndef MODEL_CRON_EXPR_H
#define MODEL_CRON_EXPR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct time_zone;

#define CRON_EXPR_MAX 255 /* characters */
#define CRON_PATTERNS_MAX 32 /* more do not fit into such a text */

enum cron_day_rule { CRON_DAYS_AND, CRON_DAYS_OR };

/* Bit n is set: value n matches. */
struct cron_pattern {
	uint64_t minutes;
	uint32_t hours, days;
	uint16_t months;
	uint8_t weekdays; /* 0: Sunday */
	bool last_day; /* of the month */
	bool any_day, any_weekday; /* the field begins with * */
};

struct cron_expr {
	struct cron_pattern patterns[CRON_PATTERNS_MAX];
	size_t len;
	enum cron_day_rule day_rule;
};

/*
 * 0, or -1 with ERR_INVALID that names the field, what is wrong with it and where:
 * "minute \"61\" is outside 0 to 59, at character 1".
 */
int cron_expr_parse(const char *text, enum cron_day_rule day_rule, struct cron_expr *out,
		    struct err *err);

/*
 * When it fires first after after_s (seconds since 1970, UTC): 0, or -1: never.  That is true: a
 * date comes again within 40 years, or not at all.
 */
int cron_expr_next(const struct cron_expr *expr, const struct time_zone *zone, int64_t after_s,
		   int64_t *out_s);

/* The newest max times at which it fires from from_s to until_s, both included, into out_s, oldest
 * first: their number. */
size_t cron_expr_between(const struct cron_expr *expr, const struct time_zone *zone, int64_t from_s,
			 int64_t until_s, size_t max, int64_t *out_s);

#endif
