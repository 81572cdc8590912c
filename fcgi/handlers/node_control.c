/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/handlers/node_control.c: orders to nodes. */
#include <stdint.h>

#include "fcgi/exchange.h"
#include "fcgi/handlers/handlers.h"
#include "store/node_verb_store.h"

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
