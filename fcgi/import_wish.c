/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/import_wish.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/num.h"
#include "base/str.h"
#include "codec/doc_json.h"
#include "codec/docs.h"
#include "fcgi/admin_prepare.h"
#include "fcgi/authz.h"
#include "fcgi/exchange.h"
#include "fcgi/route.h"
#include "model/problem_list.h"
#include "model/transfer.h"

/* Kinds of objects as reports and as permissions call them, and who may read them. */
static const struct {
	const char *kind, *permission, *read;
} kinds[] = {
	{ "node", "node", "node:read" },     { "param", "prm", "prm:read" },
	{ "queue", "queue", "queue:read" },  { "mapping", "qmapping", "qmapping:read" },
	{ "resource", "jndi", "jndi:read" }, { "context", "cl", "cl:read|jd:read" },
	{ "definition", "jd", "jd:read" },
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static int
approve_one(struct exchange *x, struct transfer_object *object, struct err *err)
{
	const char *verb = object->result == TRANSFER_CREATED ? "create" : "update";
	const char *wanted;
	size_t i = 0;

	while (i < KINDS && strcmp(kinds[i].kind, object->kind) != 0)
		i++;
	if (i == KINDS)
		return err_set(err, ERR_INTERNAL, "an import changed a \"%s\"", object->kind);
	if (!authz_holds(&x->identity, kinds[i].read))
		object->changes.len = 0;
	if (object->result != TRANSFER_CREATED && object->result != TRANSFER_UPDATED)
		return 0;
	if (strcmp(object->kind, "param") == 0 && admin_parameter_opens(object->name) &&
	    !authz_holds(&x->identity, PERMISSION_ALL))
		return err_set(
		    err, ERR_DENIED,
		    "to %s parameter \"%.100s\" takes the permission \"*:*\": it decides "
		    "who may do without a login",
		    verb, object->name);
	wanted = exchange_printf(x, "%s:%s", kinds[i].permission, verb);
	if (authz_holds(&x->identity, wanted))
		return 0;
	return err_set(
	    err, ERR_DENIED,
	    "to %s %s \"%.*s\" needs the permission \"%s\", which account \"%.100s\" does "
	    "not have",
	    verb, object->kind, STR_CUT(object->name, 100), wanted, x->identity.login);
}

static int
approve(void *arg, struct transfer_report *report, struct err *err)
{
	for (size_t i = 0; i < report->objects.len; i++)
		if (approve_one(arg, &report->objects.items[i], err) == -1)
			return -1;
	return 0;
}

int
import_wish_read(struct exchange *x, struct transfer_wish *out, struct err *err)
{
	const char *text = NULL;
	int dry_run = 0;

	if (exchange_query_value(x, "dryRun", &text, err) == -1)
		return -1;
	if (text != NULL && num_bool(text, &dry_run) == -1)
		return err_set(err, ERR_INVALID,
			       "query parameter \"dryRun\" must be true or false, not \"%.*s\"",
			       STR_CUT(text, 40));
	*out = (struct transfer_wish){ dry_run != 0, approve, x };
	return 0;
}

int
import_wish_answer(struct exchange *x, const struct transfer_report *report, struct err *err)
{
	struct buf json = BUF_INIT(SIZE_MAX);
	size_t changed = 0;
	int rc;

	for (size_t i = 0; i < report->objects.len; i++)
		changed += report->objects.items[i].result == TRANSFER_CREATED ||
			   report->objects.items[i].result == TRANSFER_UPDATED;
	doc_json_write(&transfer_report_doc, report, &(struct doc_json_style){ false }, &json);
	rc = buf_check(&json, err);
	if (rc == 0)
		exchange_answer_bytes(x, 200, "application/json", json.data, json.len);
	buf_free(&json);
	if (!report->dry_run)
		log_info("imported", "req=%s path=%s changed=%zu login=\"%s\"",
			 x->request.request_id, x->route->path, changed, x->identity.login);
	return rc;
}

int
import_wish_refuse(struct exchange *x, const struct problem_list *problems)
{
	struct text_list *out = &x->response.problems;

	if (problems->len == 0)
		return -1;
	out->items = exchange_alloc(x, problems->len * sizeof(out->items[0]));
	memcpy(out->items, problems->items, problems->len * sizeof(out->items[0]));
	out->len = problems->len;
	return -1;
}
