/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/handlers/node_findings.c: what "jqm doctor" found on the nodes, and the order to look again. */
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "codec/doc_json.h"
#include "codec/docs.h"
#include "fcgi/document.h"
#include "fcgi/exchange.h"
#include "fcgi/handlers/handlers.h"
#include "store/doctor_store.h"

/* Node 0: of all. */
static int
read_reports(struct exchange *x, const struct wire_object *type, int64_t node,
	     struct wire_items *out, struct err *err)
{
	const char *json;

	if (doctor_reports_read(x->db, node, exchange_memory(x), &json, err) == -1)
		return -1;
	if (doc_json_read_list(type, json, strlen(json), exchange_memory(x), out, err) == -1) {
		err->kind = ERR_INTERNAL; /* what the database sends is ours */
		return -1;
	}
	return 0;
}

int
stats_findings(struct exchange *x, struct err *err)
{
	struct wire_items list;

	if (read_reports(x, &node_findings_count_doc, 0, &list, err) == -1)
		return -1;
	return document_answer_list(x, &node_findings_count_doc, list.items, list.len, err);
}

int
node_findings_read(struct exchange *x, struct err *err)
{
	struct wire_items list;
	int64_t node;

	if (exchange_path_id(x, 0, &node, err) == -1)
		return -1;
	if (node == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no node 0");
	if (read_reports(x, &node_findings_doc, node, &list, err) == -1)
		return -1;
	return document_answer(x, &node_findings_doc, list.items, err);
}

int
node_findings_ask(struct exchange *x, struct err *err)
{
	int64_t node;

	if (exchange_path_id(x, 0, &node, err) == -1 || doctor_ask(x->db, node, err) == -1)
		return -1;
	exchange_answer_order(x, "node_findings_asked", "node", node);
	return 0;
}
