/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi/handlers/admin.c: every kind of configuration object under /ws/admin.  They differ in their
 * documents (the route's) and in what must be looked at before one is stored (admin_prepare.c); the
 * rest is the database's (sql/schema/0021 to 0023).
 */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "codec/doc_json.h"
#include "codec/doc_json_given.h"
#include "codec/docs.h"
#include "conf/settings.h"
#include "fcgi/admin_prepare.h"
#include "fcgi/authz.h"
#include "fcgi/conditional.h"
#include "fcgi/document.h"
#include "fcgi/exchange.h"
#include "fcgi/handlers/handlers.h"
#include "fcgi/route.h"
#include "model/admin.h"
#include "store/admin_store.h"

#define PREFIX "/ws/admin/"
/* A body is capped before; what is written of it is hardly longer. */
#define DOCUMENT_BYTES_MAX (256u * 1024 * 1024)

/* The word behind /ws/admin/ in the route's path. */
static const char *
kind_of(struct exchange *x)
{
	const char *word = x->route->path + strlen(PREFIX);

	return exchange_printf(x, "%.*s", (int)strcspn(word, "/"), word);
}

/* What the database sends is ours: that it cannot be read is no fault of the caller's. */
static int
not_ours(struct err *err)
{
	err->kind = ERR_INTERNAL;
	return -1;
}

static int
read_list(struct exchange *x, struct wire_items *out, struct admin_document *document,
	  struct err *err)
{
	if (admin_store_read(x->db, kind_of(x), ADMIN_NO_ID, exchange_memory(x), document, err) ==
	    -1)
		return -1;
	if (doc_json_read_list(x->route->out, document->json, strlen(document->json),
			       exchange_memory(x), out, err) == -1)
		return not_ours(err);
	return 0;
}

static int
answer_list(struct exchange *x, const struct wire_items *list, const char *etag, struct err *err)
{
	if (document_answer_list(x, x->route->out, list->items, list->len, err) == -1)
		return -1;
	exchange_header(x, "Cache-Control", "no-cache");
	return conditional_put_etag(x, etag, err);
}

int
admin_list(struct exchange *x, struct err *err)
{
	struct admin_document document;
	struct wire_items list;

	if (read_list(x, &list, &document, err) == -1)
		return -1;
	return answer_list(x, &list, document.etag, err);
}

/* Who may look at jobs but not at parameters gets the one that JQM's console needs for its list of jobs. */
int
admin_list_parameters(struct exchange *x, struct err *err)
{
	struct admin_document document;
	struct wire_items list;
	struct admin_parameter *parameters;

	if (read_list(x, &list, &document, err) == -1)
		return -1;
	parameters = list.items;
	if (!authz_holds(&x->identity, "prm:read")) {
		size_t kept = 0;

		for (size_t i = 0; i < list.len; i++)
			if (strcmp(parameters[i].key, "logFilePerLaunch") == 0)
				parameters[kept++] = parameters[i];
		list.len = kept;
	}
	return answer_list(x, &list, document.etag, err);
}

int
admin_read(struct exchange *x, struct err *err)
{
	const struct wire_object *type = x->route->out;
	struct admin_document document;
	void *object = exchange_alloc(x, type->size);
	int64_t id = 0;

	if (exchange_path_id(x, 0, &id, err) == -1 ||
	    admin_store_read(x->db, kind_of(x), id, exchange_memory(x), &document, err) == -1)
		return -1;
	if (doc_json_read(type, document.json, strlen(document.json), exchange_memory(x), object,
			  err) == -1)
		return not_ours(err);
	if (document_answer(x, type, object, err) == -1)
		return -1;
	exchange_header(x, "Cache-Control", "no-cache");
	return conditional_put_etag(x, document.etag, err);
}

/* The body as the database wants it: what it says and no more, in the one form of many it may have. */
static int
read_body(struct exchange *x, bool is_list, int64_t id, struct wire_items *items,
	  const char **json_out, struct err *err)
{
	const struct wire_object *type = x->route->in;
	struct buf json = BUF_INIT(DOCUMENT_BYTES_MAX);
	struct doc_given *given;
	int rc;

	if (doc_json_given_read(type, x->request.body, x->request.body_len, is_list,
				exchange_memory(x), items, &given, err) == -1 ||
	    admin_prepare(x, type, id, items, err) == -1)
		return -1;
	doc_json_given_write(type, items, given, is_list, &json);
	rc = buf_check(&json, err);
	if (rc == 0)
		*json_out = exchange_strdup(x, buf_text(&json));
	buf_free(&json);
	return rc;
}

/* The permission for a verb on what the route is about. */
static const char *
permission_to(struct exchange *x, const char *verb)
{
	const char *object = x->route->permission;

	return exchange_printf(x, "%.*s:%s", (int)strcspn(object, ":"), object, verb);
}

/* A call that does more than its method says needs the permission for that too. */
static int
require(struct exchange *x, const char *verb, struct err *err)
{
	const char *wanted = permission_to(x, verb);

	if (authz_holds(&x->identity, wanted))
		return 0;
	return err_set(err, ERR_DENIED, "account \"%.100s\" does not have the permission \"%s\"",
		       x->identity.login, wanted);
}

/*
 * What If-Match asks for.  A state is computed from all of an object, so who may not read that may not ask either, or he
 * could try out what he does not know until it matches.
 */
static int
states_wanted(struct exchange *x, const char **out, struct err *err)
{
	*out = conditional_states_wanted(x);
	return x->request.if_match[0] == '\0' ? 0 : require(x, "read", err);
}

/* It was done: the log says by whom.  id 0: to the list as a whole. */
static void
done(struct exchange *x, const char *what, int64_t id)
{
	log_info("admin_changed", "req=%s kind=%s what=%s id=%" PRId64 " login=\"%s\"",
		 x->request.request_id, kind_of(x), what, id, x->identity.login);
	exchange_answer_empty(x, 204);
}

static int
put(struct exchange *x, int64_t id, struct err *err)
{
	struct admin_document stored;
	struct wire_items items;
	const char *json = NULL, *states = NULL;

	if (states_wanted(x, &states, err) == -1 ||
	    read_body(x, false, id, &items, &json, err) == -1 ||
	    admin_store_put(x->db, kind_of(x), id, json, states, x->identity.login,
			    authz_holds(&x->identity, permission_to(x, "update")),
			    exchange_memory(x), &stored, err) == -1)
		return -1;
	done(x, "put", stored.id);
	exchange_header(x, "ETag", exchange_printf(x, "\"%s\"", stored.etag));
	exchange_header(x, "Location",
			exchange_printf(x, PREFIX "%s/%" PRId64, kind_of(x), stored.id));
	return 0;
}

int
admin_put(struct exchange *x, struct err *err)
{
	return put(x, ADMIN_NO_ID, err);
}

int
admin_put_item(struct exchange *x, struct err *err)
{
	int64_t id = 0;

	return exchange_path_id(x, 0, &id, err) == -1 ? -1 : put(x, id, err);
}

int
admin_sync(struct exchange *x, struct err *err)
{
	struct wire_items items;
	const char *json = NULL, *states = NULL;

	if (states_wanted(x, &states, err) == -1 || require(x, "create", err) == -1 ||
	    require(x, "delete", err) == -1 ||
	    read_body(x, true, ADMIN_NO_ID, &items, &json, err) == -1 ||
	    admin_store_sync(x->db, kind_of(x), json, states,
			     settings_text(x->settings, "node:name"), x->identity.login, err) == -1)
		return -1;
	done(x, "sync", 0);
	return 0;
}

/* JQM 2.2 sends all nodes, 3.5 one. */
int
admin_sync_nodes(struct exchange *x, struct err *err)
{
	if (doc_json_is_array(x->request.body, x->request.body_len))
		return admin_sync(x, err);
	return require(x, "create", err) == -1 ? -1 : admin_put(x, err);
}

int
admin_delete(struct exchange *x, struct err *err)
{
	const char *states = NULL;
	int64_t id = 0;

	if (exchange_path_id(x, 0, &id, err) == -1 || states_wanted(x, &states, err) == -1 ||
	    admin_store_delete(x->db, kind_of(x), id, states, err) == -1)
		return -1;
	done(x, "delete", id);
	return 0;
}
