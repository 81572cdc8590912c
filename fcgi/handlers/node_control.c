/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/handlers/node_control.c: the nodes there are, and orders to them. */
#include <stdint.h>

#include "base/err.h"
#include "codec/docs.h"
#include "fcgi/document.h"
#include "fcgi/exchange.h"
#include "fcgi/handlers/handlers.h"
#include "model/node.h"
#include "store/node_verb_store.h"

int
node_list(struct exchange *x, struct err *err)
{
	struct node_list nodes;

	if (node_list_read(x->db, exchange_memory(x), &nodes, err) == -1)
		return -1;
	return document_answer_list(x, &node_doc, nodes.items, nodes.len, err);
}

static int
order(struct exchange *x, int (*give)(struct db *, int64_t, const char *, struct err *),
      const char *event, struct err *err)
{
	int64_t id;

	if (exchange_path_id(x, 0, &id, err) == -1 || give(x->db, id, x->identity.login, err) == -1)
		return -1;
	exchange_answer_order(x, event, "node", id);
	return 0;
}

int
node_pause(struct exchange *x, struct err *err)
{
	return order(x, node_verb_pause, "node_paused", err);
}

int
node_resume(struct exchange *x, struct err *err)
{
	return order(x, node_verb_resume, "node_resumed", err);
}

int
node_stop(struct exchange *x, struct err *err)
{
	return order(x, node_verb_stop, "node_stopped", err);
}

int
node_drain(struct exchange *x, struct err *err)
{
	return order(x, node_verb_drain, "node_drained", err);
}
