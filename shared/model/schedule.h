/* SPDX-License-Identifier: Apache-2.0 */
/* model/schedule.h: a recurring wish to run a definition. */
#ifndef MODEL_SCHEDULE_H
#define MODEL_SCHEDULE_H

#include "model/cron_expr.h"
#include "model/value.h"

struct err;
struct queue;

#define SCHEDULE_SLOTS_MAX 100 /* told at a time; more follow a second later */

/* Rows of choices, by number; [0] is "": the default. */
extern const char *const schedule_day_rules[]; /* AND, OR */
extern const char *const schedule_overlaps[]; /* ALLOW, SKIP, REPLACE */
extern const char *const schedule_misfires[]; /* SKIP, ONCE, ALL */

/* A schedule as callers see it. */
struct schedule {
	int64_t id;
	const char *application_name;
	const char *cron_expression;
	const char *time_zone; /* "": that of the nodes */
	const char *day_rule;
	struct opt_int64 priority;
	const struct queue *queue; /* NULL: the definition's */
	struct text_map parameters;
	bool enabled;
	const char *overlap;
	const char *misfire;
	int64_t misfire_window_s;
	struct opt_time next_fire; /* not set: never, disabled, or not computed yet */
	const char *problem;
	struct opt_time last_updated;
};
struct schedule_list {
	struct schedule *items;
	size_t len;
};

/* Due times to come, for callers. */
struct schedule_preview {
	struct text_list fires; /* RFC 3339 in UTC */
};

/*
 * Is it a cron expression that is ever due, and the zone one?  0; -1 with ERR_INVALID that names the field
 * (cron_field, "recurrence" for instance; timeZone).  rule: "AND", "OR", or NULL.
 */
int schedule_check(const char *cron_field, const char *cron, const char *zone, const char *rule,
		   struct err *err);

/* The next n times after after_us (fewer when there are no more); RFC 3339, in memory. */
struct memory;
int schedule_next_fires(const char *cron, const char *zone, const char *rule, int64_t after_us,
			size_t n, struct memory *memory, struct text_list *out, struct err *err);

/* A schedule whose time has come, as a runner gets it. */
struct schedule_due {
	int64_t id, version;
	const char *cron_expression, *time_zone, *day_rule;
	int64_t misfire_window_s;
	struct opt_int64 next_fire_us; /* not set: to be computed for the first time */
	int64_t now_us; /* the database's clock */
};

/* What a runner makes of it. */
struct schedule_step {
	int64_t slots_us[SCHEDULE_SLOTS_MAX];
	size_t n_slots;
	int64_t next_us; /* CRON_NEVER: there is none */
	char problem[300]; /* not "": it cannot be computed */
};
void schedule_compute(const struct schedule_due *due, struct schedule_step *out);

#endif
