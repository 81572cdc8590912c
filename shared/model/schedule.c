/* SPDX-License-Identifier: Apache-2.0 */
#include "model/schedule.h"

#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"
#include "model/memory.h"

const char *const schedule_day_rules[] = { "", "AND", "OR", NULL };
const char *const schedule_overlaps[] = { "", "ALLOW", "SKIP", "REPLACE", NULL };
const char *const schedule_misfires[] = { "", "SKIP", "ONCE", "ALL", NULL };

static enum cron_day_rule
rule_of(const char *rule)
{
	return rule != NULL && strcmp(rule, "OR") == 0 ? CRON_DAYS_OR : CRON_DAYS_AND;
}

int
schedule_check(const char *cron_field, const char *cron, const char *zone, const char *rule,
	       struct err *err)
{
	struct cron_expr expr;
	int64_t next_us;

	if (cron_expr_parse(cron, rule_of(rule), &expr, err) == -1)
		return err_prefix(err, "%s", cron_field);
	if (cron_expr_next(&expr, zone == NULL ? "" : zone, clock_wall_us(), &next_us, err) == -1)
		return err_prefix(err, "timeZone");
	if (next_us == CRON_NEVER)
		return err_set(err, ERR_INVALID, "%s \"%.*s\" is never due", cron_field,
			       STR_CUT(cron, 60));
	return 0;
}

int
schedule_next_fires(const char *cron, const char *zone, const char *rule, int64_t after_us,
		    size_t n, struct memory *memory, struct text_list *out, struct err *err)
{
	struct cron_expr expr;

	if (cron_expr_parse(cron, rule_of(rule), &expr, err) == -1)
		return -1;
	out->items = memory_alloc_array(memory, n, sizeof(out->items[0]));
	for (out->len = 0; out->len < n; out->len++) {
		char text[CLOCK_TEXT_SIZE];

		if (cron_expr_next(&expr, zone, after_us, &after_us, err) == -1)
			return -1;
		if (after_us == CRON_NEVER)
			break;
		clock_rfc3339(text, after_us);
		out->items[out->len] = memory_dup(memory, text);
	}
	return 0;
}

/* The first slot to look at: one that was missed so long ago that no rule asks for it is passed over. */
static int64_t
first_slot(const struct schedule_due *due)
{
	int64_t oldest_us = due->now_us - due->misfire_window_s * 1000000;

	return due->next_fire_us.value > oldest_us ? due->next_fire_us.value : oldest_us;
}

static int
compute(const struct schedule_due *due, struct schedule_step *out, struct err *err)
{
	struct cron_expr expr;
	int64_t at_us = due->now_us;

	if (cron_expr_parse(due->cron_expression, rule_of(due->day_rule), &expr, err) == -1)
		return -1;
	/* A slot itself is due again when the search starts just before it. */
	if (due->next_fire_us.set)
		at_us = first_slot(due) - 1;
	for (;;) {
		if (cron_expr_next(&expr, due->time_zone, at_us, &at_us, err) == -1)
			return -1;
		if (at_us > due->now_us || out->n_slots == SCHEDULE_SLOTS_MAX)
			break;
		out->slots_us[out->n_slots++] = at_us;
	}
	out->next_us = at_us;
	return 0;
}

void
schedule_compute(const struct schedule_due *due, struct schedule_step *out)
{
	struct err err = ERR_INIT;

	memset(out, 0, sizeof(*out));
	if (compute(due, out, &err) == 0)
		return;
	out->n_slots = 0;
	out->next_us = CRON_NEVER;
	(void)str_copy(out->problem, sizeof(out->problem), err.text);
}
