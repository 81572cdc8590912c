/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/handlers/schedule.c: schedules that exist; job_submit.c makes them. */
#include <inttypes.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "codec/docs.h"
#include "fcgi/document.h"
#include "fcgi/exchange.h"
#include "fcgi/handlers/handlers.h"
#include "model/schedule.h"
#include "store/schedule_store.h"

#define NEXT_DEFAULT 10
#define NEXT_MAX 100

int
schedule_list(struct exchange *x, struct err *err)
{
	struct schedule_list list;

	if (schedule_list_all(x->db, exchange_memory(x), &list, err) == -1)
		return -1;
	return document_answer_list(x, &schedule_doc, list.items, list.len, err);
}

/* The schedule the path names first. */
static int
read_named(struct exchange *x, struct schedule *out, struct err *err)
{
	int64_t id;

	if (exchange_path_id(x, 0, &id, err) == -1)
		return -1;
	return schedule_read(x->db, id, exchange_memory(x), out, err);
}

int
schedule_read_one(struct exchange *x, struct err *err)
{
	struct schedule schedule;

	if (read_named(x, &schedule, err) == -1)
		return -1;
	return document_answer(x, &schedule_doc, &schedule, err);
}

static int
answer_next(struct exchange *x, const char *cron, const char *zone, const char *rule,
	    struct err *err)
{
	struct text_list fires;
	int64_t count;

	if (exchange_query_int(x, "count", 1, NEXT_MAX, NEXT_DEFAULT, &count, err) == -1 ||
	    schedule_next_fires(cron, zone, rule, clock_wall_us(), (size_t)count,
				exchange_memory(x), &fires, err) == -1)
		return -1;
	return document_answer_texts(x, &fires, err);
}

int
schedule_next(struct exchange *x, struct err *err)
{
	struct schedule schedule;

	if (read_named(x, &schedule, err) == -1)
		return -1;
	return answer_next(x, schedule.cron_expression, schedule.time_zone, schedule.day_rule, err);
}

/* Of an expression that is not stored yet. */
int
cron_preview(struct exchange *x, struct err *err)
{
	const char *cron, *zone, *rule;

	if (exchange_query_value(x, "expression", &cron, err) == -1 ||
	    exchange_query_value(x, "timeZone", &zone, err) == -1 ||
	    exchange_query_value(x, "dayRule", &rule, err) == -1)
		return -1;
	if (cron == NULL)
		return err_set(err, ERR_INVALID, "query parameter \"expression\" is missing");
	if (schedule_check("expression", cron, zone, rule, err) == -1)
		return -1;
	return answer_next(x, cron, zone == NULL ? "" : zone, rule, err);
}

/* What changed is in the log. */
static int
changed(struct exchange *x, int64_t id, const char *what)
{
	log_info("schedule_changed", "req=%s schedule=%" PRId64 " what=%s login=\"%s\"",
		 x->request.request_id, id, what, x->identity.login);
	exchange_answer_empty(x, 204);
	return 0;
}

int
schedule_cron(struct exchange *x, struct err *err)
{
	struct schedule schedule;
	const char *cron = x->path_values[1];

	if (read_named(x, &schedule, err) == -1 ||
	    schedule_check("cronExpression", cron, schedule.time_zone, schedule.day_rule, err) ==
		-1 ||
	    schedule_set_cron(x->db, schedule.id, cron, err) == -1)
		return -1;
	return changed(x, schedule.id, "cron");
}

static int
set_number(struct exchange *x, int (*store)(struct db *, int64_t, int64_t, struct err *),
	   const char *what, struct err *err)
{
	int64_t id, value;

	if (exchange_path_id(x, 0, &id, err) == -1 || exchange_path_id(x, 1, &value, err) == -1 ||
	    store(x->db, id, value, err) == -1)
		return -1;
	return changed(x, id, what);
}

int
schedule_queue(struct exchange *x, struct err *err)
{
	return set_number(x, schedule_set_queue, "queue", err);
}

int
schedule_priority(struct exchange *x, struct err *err)
{
	return set_number(x, schedule_set_priority, "priority", err);
}

static int
set_enabled(struct exchange *x, bool enabled, const char *what, struct err *err)
{
	int64_t id;

	if (exchange_path_id(x, 0, &id, err) == -1 ||
	    schedule_set_enabled(x->db, id, enabled, err) == -1)
		return -1;
	return changed(x, id, what);
}

int
schedule_pause(struct exchange *x, struct err *err)
{
	return set_enabled(x, false, "paused", err);
}

int
schedule_resume(struct exchange *x, struct err *err)
{
	return set_enabled(x, true, "resumed", err);
}

int
schedule_remove(struct exchange *x, struct err *err)
{
	int64_t id;

	if (exchange_path_id(x, 0, &id, err) == -1 || schedule_delete(x->db, id, err) == -1)
		return -1;
	return changed(x, id, "deleted");
}
