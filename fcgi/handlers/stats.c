/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/handlers/stats.c: the numbers on the home page of consoles. */
#include "base/err.h"
#include "codec/docs.h"
#include "fcgi/document.h"
#include "fcgi/exchange.h"
#include "fcgi/handlers/handlers.h"
#include "model/admin.h"
#include "store/admin_store.h"

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

	if (exchange_query_int(x, "hours", 1, 24, 0, &hours, err) == -1)
		return -1;
	if (hours != 1 && hours != 24)
		return err_set(err, ERR_INVALID, "query parameter \"hours\" must be 1 or 24");
	if (history_stats_read(x->db, hours, exchange_memory(x), &slots, err) == -1)
		return -1;
	return document_answer_list(x, &history_slot_doc, slots.items, slots.len, err);
}
