/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/handlers/node_control.c: orders to nodes. */
#include <inttypes.h>
#include <stdint.h>

#include "base/err.h"
#include "base/log.h"
#include "fcgi/authz.h"
#include "fcgi/exchange.h"
#include "fcgi/handlers/handlers.h"
#include "store/node_verb_store.h"
#include "store/transfer_store.h"

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

/* Mappings go with it: they are made, and in the place of a node's that is there, changed and deleted. */
int
node_copy(struct exchange *x, struct err *err)
{
	const char *name, *dns;
	int64_t id, copy = 0;
	bool may_change;

	if (exchange_path_id(x, 0, &id, err) == -1 ||
	    exchange_query_value(x, "name", &name, err) == -1 ||
	    exchange_query_value(x, "dns", &dns, err) == -1)
		return -1;
	if (name == NULL)
		return err_set(err, ERR_INVALID, "query parameter \"name\" is missing");
	if (!authz_holds(&x->identity, "qmapping:create"))
		return err_set(
		    err, ERR_DENIED,
		    "account \"%.100s\" does not have the permission \"qmapping:create\"",
		    x->identity.login);
	may_change = authz_holds(&x->identity, "node:update") &&
		     authz_holds(&x->identity, "qmapping:update") &&
		     authz_holds(&x->identity, "qmapping:delete");
	if (node_copy_store(x->db, id, name, dns == NULL ? "" : dns, may_change, &copy, err) == -1)
		return -1;
	log_info("node_copied", "req=%s from=%" PRId64 " to=%" PRId64 " login=\"%s\"",
		 x->request.request_id, id, copy, x->identity.login);
	exchange_answer_empty(x, 204);
	exchange_header(x, "Location", exchange_printf(x, "/ws/admin/node/%" PRId64, copy));
	return 0;
}
