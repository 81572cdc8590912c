/* SPDX-License-Identifier: Apache-2.0 */
#include "model/schedule.h"

#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"
#include "base/time_zone.h"
#include "model/memory.h"

#define US_PER_S INT64_C(1000000)

const char *const schedule_day_rules[] = { "", "AND", "OR", NULL };
const char *const schedule_overlaps[] = { "", "ALLOW", "SKIP", "REPLACE", NULL };
const char *const schedule_misfires[] = { "", "SKIP", "ONCE", "ALL", NULL };

/* An expression in its zone. */
struct timing {
	struct cron_expr expr;
	struct time_zone *zone;
};

static void
timing_free(struct timing *timing)
{
	time_zone_free(timing->zone);
}

/* Names the field that is wrong: cron_field, timeZone, dayRule.  NULL and "" are the defaults. */
static int
timing_read(struct timing *timing, const char *cron_field, const char *cron, const char *zone,
	    const char *rule, struct err *err)
{
	enum cron_day_rule day_rule = CRON_DAYS_AND;

	timing->zone = NULL;
	if (rule != NULL && strcmp(rule, "OR") == 0)
		day_rule = CRON_DAYS_OR;
	else if (rule != NULL && rule[0] != '\0' && strcmp(rule, "AND") != 0)
		return err_set(err, ERR_INVALID, "dayRule \"%.*s\" is neither AND nor OR",
			       STR_CUT(rule, 20));
	if (cron_expr_parse(cron, day_rule, &timing->expr, err) == -1)
		return err_prefix(err, "%s", cron_field);
	timing->zone = time_zone_load(zone == NULL ? "" : zone, err);
	return timing->zone == NULL ? err_prefix(err, "timeZone") : 0;
}

static int64_t
seconds_of(int64_t us)
{
	return us / US_PER_S - (us % US_PER_S < 0);
}

static int
never(struct err *err, const char *cron_field, const char *cron)
{
	return err_set(err, ERR_INVALID, "%s \"%.*s\" is never due", cron_field, STR_CUT(cron, 60));
}

int
schedule_check(const char *cron_field, const char *cron, const char *zone, const char *rule,
	       struct err *err)
{
	struct timing timing;
	int64_t next_s;
	int rc = timing_read(&timing, cron_field, cron, zone, rule, err);

	if (rc == 0 &&
	    cron_expr_next(&timing.expr, timing.zone, seconds_of(clock_wall_us()), &next_s) == -1)
		rc = never(err, cron_field, cron);
	timing_free(&timing);
	return rc;
}

int
schedule_next_fires(const char *cron, const char *zone, const char *rule, int64_t after_us,
		    size_t n, struct memory *memory, struct text_list *out, struct err *err)
{
	struct timing timing;
	int64_t at_s = seconds_of(after_us);
	int rc = timing_read(&timing, "cronExpression", cron, zone, rule, err);

	out->items = memory_alloc_array(memory, n, sizeof(out->items[0]));
	for (out->len = 0; rc == 0 && out->len < n; out->len++) {
		char text[CLOCK_TEXT_SIZE];

		if (cron_expr_next(&timing.expr, timing.zone, at_s, &at_s) == -1)
			break;
		time_zone_text(timing.zone, at_s, text);
		out->items[out->len] = memory_dup(memory, text);
	}
	timing_free(&timing);
	return rc;
}

/*
 * The slots from the one that was foretold, or from when it was made or changed, until now: the newest
 * SCHEDULE_MISSED_MAX, oldest first; none that was missed so long ago that no rule asks for it.  What was
 * foretold counts, even if the zone's rules have changed since.
 */
static size_t
slots_until_now(const struct schedule_due *due, const struct timing *timing,
		int64_t slots_us[SCHEDULE_MISSED_MAX])
{
	int64_t oldest_us = due->now_us - due->misfire_window_s * US_PER_S;
	int64_t from_us = due->next_fire_us.set ? due->next_fire_us.value : due->since_us;
	bool foretold = due->next_fire_us.set && from_us >= oldest_us && from_us <= due->now_us;
	int64_t after_s = seconds_of(from_us >= oldest_us ? from_us : oldest_us - 1);
	size_t n = cron_expr_between(&timing->expr, timing->zone, after_s + 1,
				     seconds_of(due->now_us), SCHEDULE_MISSED_MAX, slots_us);

	for (size_t i = 0; i < n; i++)
		slots_us[i] *= US_PER_S;
	if (foretold && n < SCHEDULE_MISSED_MAX) {
		memmove(slots_us + 1, slots_us, n * sizeof(slots_us[0]));
		slots_us[0] = from_us;
		n++;
	}
	return n;
}

static int
compute(const struct schedule_due *due, const struct timing *timing, struct schedule_step *out,
	struct err *err)
{
	int64_t slots_us[SCHEDULE_MISSED_MAX], next_s;
	size_t n = slots_until_now(due, timing, slots_us);

	out->n_slots = n < SCHEDULE_SLOTS_MAX ? n : SCHEDULE_SLOTS_MAX;
	memcpy(out->slots_us, slots_us, out->n_slots * sizeof(slots_us[0]));
	if (n > SCHEDULE_SLOTS_MAX)
		out->next_us = slots_us[SCHEDULE_SLOTS_MAX];
	else if (cron_expr_next(&timing->expr, timing->zone, seconds_of(due->now_us), &next_s) == 0)
		out->next_us = next_s * US_PER_S;
	else
		return never(err, "cronExpression", due->cron_expression);
	return 0;
}

void
schedule_compute(const struct schedule_due *due, struct schedule_step *out)
{
	struct timing timing;
	struct err err = ERR_INIT;

	memset(out, 0, sizeof(*out));
	if (timing_read(&timing, "cronExpression", due->cron_expression, due->time_zone,
			due->day_rule, &err) == -1 ||
	    compute(due, &timing, out, &err) == -1)
		(void)str_copy(out->problem, sizeof(out->problem), err.text);
	timing_free(&timing);
}
