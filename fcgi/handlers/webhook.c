/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/handlers/webhook.c: what was told to webhooks, and orders about it; the hooks themselves are admin.c's. */
#include <inttypes.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "codec/doc_json.h"
#include "codec/docs.h"
#include "fcgi/document.h"
#include "fcgi/exchange.h"
#include "fcgi/handlers/handlers.h"
#include "model/webhook.h"
#include "store/webhook_store.h"

#define PAGE 50
#define PAGE_MAX 200

/* id 0: all. */
static int
read_deliveries(struct exchange *x, int64_t id, int64_t before, int64_t most,
		struct wire_items *out, struct err *err)
{
	const char *json;
	int64_t hook;

	if (exchange_path_id(x, 0, &hook, err) == -1 ||
	    webhook_store_deliveries(x->db, hook, id, before, most, exchange_memory(x), &json,
				     err) == -1)
		return -1;
	if (doc_json_read_list(&webhook_delivery_doc, json, strlen(json), exchange_memory(x), out,
			       err) == -1) {
		err->kind = ERR_INTERNAL; /* what the database sends is ours */
		return -1;
	}
	return 0;
}

int
webhook_delivery_list(struct exchange *x, struct err *err)
{
	struct wire_items list;
	int64_t before, most;

	if (exchange_query_int(x, "before", 1, INT64_MAX, 0, &before, err) == -1 ||
	    exchange_query_int(x, "newest", 1, PAGE_MAX, PAGE, &most, err) == -1 ||
	    read_deliveries(x, 0, before, most, &list, err) == -1)
		return -1;
	return document_answer_list(x, &webhook_delivery_doc, list.items, list.len, err);
}

int
webhook_delivery_read(struct exchange *x, struct err *err)
{
	struct wire_items list;
	int64_t id;

	if (exchange_path_id(x, 1, &id, err) == -1)
		return -1;
	if (id == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no delivery 0");
	if (read_deliveries(x, id, 0, 1, &list, err) == -1)
		return -1;
	return document_answer(x, &webhook_delivery_doc, list.items, err);
}

int
webhook_delivery_again(struct exchange *x, struct err *err)
{
	int64_t hook, id;

	if (exchange_path_id(x, 0, &hook, err) == -1 || exchange_path_id(x, 1, &id, err) == -1 ||
	    webhook_store_redeliver(x->db, hook, id, err) == -1)
		return -1;
	exchange_answer_order(x, "webhook_redelivered", "delivery", id);
	return 0;
}

/* Answered with the delivery, whose number tells where to look for what becomes of it. */
int
webhook_ping(struct exchange *x, struct err *err)
{
	struct wire_items list;
	int64_t hook, id = 0;

	if (exchange_path_id(x, 0, &hook, err) == -1 ||
	    webhook_store_ping(x->db, hook, &id, err) == -1 ||
	    read_deliveries(x, id, 0, 1, &list, err) == -1)
		return -1;
	log_info("webhook_pinged", "req=%s webhook=%" PRId64 " delivery=%" PRId64 " login=\"%s\"",
		 x->request.request_id, hook, id, x->identity.login);
	return document_answer(x, &webhook_delivery_doc, list.items, err);
}
