/* SPDX-License-Identifier: Apache-2.0 */
/* model/schedule.h: a recurring wish to run a definition. */
#ifndef MODEL_SCHEDULE_H
#define MODEL_SCHEDULE_H

#include "model/cron_expr.h"
#include "model/value.h"

struct err;
struct queue;

#define SCHEDULE_SLOTS_MAX 100 /* told at a time; more follow a second later */
#define SCHEDULE_MISSED_MAX 1000 /* of those missed: the newest are looked at */

/* Rows of choices, by number; [0] is "": the default. */
extern const char *const schedule_day_rules[]; /* AND, OR */
extern const char *const schedule_overlaps[]; /* ALLOW, SKIP, REPLACE */
extern const char *const schedule_misfires[]; /* SKIP, ONCE, ALL */

/* A schedule as callers see it. */
struct schedule {
	int64_t id;
	int64_t job_def_id;
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

/*
 * Is it a cron expression that is ever due, the zone one, the rule AND or OR (NULL: the default)?  0; -1
 * with ERR_INVALID that names the field (cron_field, "recurrence" for instance; timeZone; dayRule).
 */
int schedule_check(const char *cron_field, const char *cron, const char *zone, const char *rule,
		   struct err *err);

/* The next n times after after_us (fewer when there are no more); RFC 3339 with the zone's offset, in
 * memory.  0, or -1 as schedule_check(). */
struct memory;
int schedule_next_fires(const char *cron, const char *zone, const char *rule, int64_t after_us,
			size_t n, struct memory *memory, struct text_list *out, struct err *err);

/* A schedule whose time has come, as a runner gets it. */
struct schedule_due {
	int64_t id, version;
	const char *cron_expression, *time_zone, *day_rule;
	int64_t misfire_window_s;
	struct opt_int64 next_fire_us; /* not set: to be computed for the first time */
	int64_t since_us; /* then: slots after this count */
	int64_t now_us; /* the database's clock */
};

/* What a runner makes of it. */
struct schedule_step {
	int64_t slots_us[SCHEDULE_SLOTS_MAX];
	size_t n_slots;
	int64_t next_us;
	char problem[300]; /* not "": there is no next one, or nothing can be computed */
};
void schedule_compute(const struct schedule_due *due, struct schedule_step *out);

#endif
