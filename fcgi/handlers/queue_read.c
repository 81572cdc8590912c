/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/handlers/queue_read.c: the queues there are. */
#include "base/err.h"
#include "codec/docs.h"
#include "fcgi/exchange.h"
#include "fcgi/document.h"
#include "fcgi/handlers/handlers.h"
#include "model/queue.h"
#include "store/queue_store.h"

int
queue_list(struct exchange *x, struct err *err)
{
	struct queue_list queues;

	if (queue_list_read(x->db, x->scope, exchange_memory(x), &queues, err) == -1)
		return -1;
	return document_answer_list(x, &queue_doc, queues.items, queues.len, err);
}
