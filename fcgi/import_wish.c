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
approve_one(struct exchange *x, const struct transfer_object *object, const char *permission,
	    bool readable, struct err *err)
{
	bool created = object->result == TRANSFER_CREATED;
	const char *verb = created ? "create" : "update";
	const char *wanted = exchange_printf(x, "%s:%s", permission, verb);

	if (strcmp(object->kind, "param") == 0 && admin_parameter_opens(object->name) &&
	    !authz_holds(&x->identity, PERMISSION_ALL))
		return err_set(
		    err, ERR_DENIED,
		    "to %s parameter \"%.100s\" takes the permission \"*:*\": it decides "
		    "who may do without a login",
		    verb, object->name);
	if (authz_holds(&x->identity, wanted))
		return 0;
	if (!readable && !object->named && !created)
		return err_set(err, ERR_DENIED,
			       "to %s a %s that the file does not name needs the permission "
			       "\"%s\", which account \"%.100s\" does not have",
			       verb, object->kind, wanted, x->identity.login);
	return err_set(
	    err, ERR_DENIED,
	    "to %s %s \"%.*s\" needs the permission \"%s\", which account \"%.100s\" does "
	    "not have",
	    verb, object->kind, STR_CUT(object->name, 100), wanted, x->identity.login);
}

/*
 * Who may not read a kind learns nothing of its objects from what an import would do: each one that the file names is
 * said to be updated, and takes the permission to, whether or not it is like that already.  Else a dry run would tell
 * whether a guessed value is right.
 */
static int
approve(void *arg, struct transfer_report *report, struct err *err)
{
	struct transfer_object_list *objects = &report->objects;
	struct exchange *x = arg;
	size_t kept = 0;

	for (size_t i = 0; i < objects->len; i++) {
		struct transfer_object *object = &objects->items[i];
		bool readable, created = object->result == TRANSFER_CREATED;
		size_t k = 0;

		while (k < KINDS && strcmp(kinds[k].kind, object->kind) != 0)
			k++;
		if (k == KINDS)
			return err_set(err, ERR_INTERNAL, "an import changed a \"%s\"",
				       object->kind);
		readable = authz_holds(&x->identity, kinds[k].read);
		if (!readable) {
			object->changes.len = 0;
			if (!created)
				object->result = TRANSFER_UPDATED;
		}
		if ((created || object->result == TRANSFER_UPDATED) &&
		    approve_one(x, object, kinds[k].permission, readable, err) == -1)
			return -1;
		if (readable || object->named || created)
			objects->items[kept++] = *object;
	}
	objects->len = kept;
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
	out->items = exchange_alloc(x, (problems->len + 1) * sizeof(out->items[0]));
	memcpy(out->items, problems->items, problems->len * sizeof(out->items[0]));
	out->len = problems->len;
	if (problems->count > problems->len)
		out->items[out->len++] =
		    exchange_printf(x, "and %zu more problems", problems->count - problems->len);
	return -1;
}
