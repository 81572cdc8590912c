/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/handlers/stats.c: the numbers on the home page of consoles. */
#include "base/err.h"
#include "codec/docs.h"
#include "fcgi/document.h"
#include "fcgi/exchange.h"
#include "fcgi/handlers/handlers.h"
#include "model/admin.h"
#include "store/admin_store.h"

#define HOURS_MAX 720

int
stats_usage(struct exchange *x, struct err *err)
{
	struct usage_stats stats;

	if (usage_stats_read(x->db, &stats, err) == -1)
		return -1;
	return document_answer(x, &usage_stats_doc, &stats, err);
}

int
stats_history(struct exchange *x, struct err *err)
{
	struct history_slot_list slots;
	int64_t hours;

	if (exchange_query_int(x, "hours", 1, HOURS_MAX, 0, &hours, err) == -1)
		return -1;
	if (hours != 1 && hours != 24 && hours != HOURS_MAX)
		return err_set(err, ERR_INVALID, "query parameter \"hours\" must be 1, 24 or 720");
	if (history_stats_read(x->db, hours, exchange_memory(x), &slots, err) == -1)
		return -1;
	return document_answer_list(x, &history_slot_doc, slots.items, slots.len, err);
}

int
stats_queues(struct exchange *x, struct err *err)
{
	struct queue_load_list queues;

	if (queue_stats_read(x->db, exchange_memory(x), &queues, err) == -1)
		return -1;
	return document_answer_list(x, &queue_load_doc, queues.items, queues.len, err);
}
