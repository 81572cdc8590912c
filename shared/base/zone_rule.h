/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/zone_rule.h: "CET-1CEST,M3.5.0,M10.5.0/3": the offset from UTC of every year, as POSIX's TZ says it,
 * with what RFC 8536 adds (hours from -167 to 167).  The last line of a zone's file, and what TZ may hold.
 */
#ifndef BASE_ZONE_RULE_H
#define BASE_ZONE_RULE_H

#include <stdbool.h>
#include <stdint.h>

/* No zone is, or ever was, further from UTC than this; it bounds how far back local time can jump. */
#define ZONE_OFFSET_MAX_S (26 * 3600)

/* A stretch of constant offset: begin_s <= t < end_s, local time is t + offset_s.  INT64_MIN and
 * INT64_MAX: no such end. */
struct zone_period {
	int64_t begin_s, end_s;
	int32_t offset_s;
};

/* A moment of every year, in the local time that holds until then. */
struct zone_date {
	char
	    kind; /* 'M' month, week (5: the last), day; 'J' day 1 to 365, never 29 February; 'N' day
		      0 to 365 */
	int month, week, day;
	int32_t time_s;
};

struct zone_rule {
	int32_t standard_s, summer_s; /* offsets, east of UTC */
	bool has_summer;
	struct zone_date begins, ends; /* of summer time */
};

/* 0, or -1: text is anything else. */
int zone_rule_parse(const char *text, struct zone_rule *out);

/* The stretch that holds at_s. */
void zone_rule_period(const struct zone_rule *rule, int64_t at_s, struct zone_period *out);

#endif
