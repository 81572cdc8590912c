/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/audit.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "db/db.h"
#include "fcgi/exchange.h"
#include "fcgi/guards.h"
#include "fcgi/route.h"
#include "model/value.h"
#include "store/audit_store.h"

#define PART "\x1f" /* between the parts: jqm.audit_actor() */

const char *
audit_actor(struct exchange *x)
{
	const char *const parts[] = { x->identity.login,
				      x->identity.credential == NULL ? "" : x->identity.credential,
				      x->request.remote_addr, x->request.request_id };
	const size_t n = sizeof(parts) / sizeof(parts[0]);
	size_t size = 0;
	char *actor, *to;

	for (size_t i = 0; i < n; i++)
		size += strlen(parts[i]) + 1;
	actor = to = exchange_alloc(x, size);
	for (size_t i = 0; i < n; i++) {
		/* a part can hold no mark of where it ends */
		for (const char *c = parts[i]; *c != '\0'; c++)
			*to++ = *c == PART[0] ? '?' : *c;
		*to++ = i < n - 1 ? PART[0] : '\0';
	}
	return actor;
}

void
audit_say_who(struct exchange *x)
{
	db_set_actor(x->db, audit_actor(x));
}

int
audit_say(struct exchange *x, const char *action, const char *kind, int64_t object,
	  const char *name, const struct text_list *pairs, struct err *err)
{
	return audit_note(x->db, exchange_memory(x), action, kind, object, name, pairs, err);
}

int
audit_say_read(struct exchange *x, const char *kind, int64_t object, const char *name,
	       struct err *err)
{
	const char *what = exchange_printf(x, "%s" PART "%s" PART "%s" PART "%" PRId64 PART "%s",
					   x->identity.login, x->request.remote_addr, kind, object,
					   name == NULL ? "" : name);

	if (!audit_brake_is_new(&x->guards->brake, what))
		return 0;
	return audit_say(x, "read", kind, object, name, NULL, err);
}

static int
say_denied(struct exchange *x, int64_t left_out, struct err *err)
{
	const char *const texts[] = { "route",
				      exchange_printf(x, "%s %s", x->route->method, x->route->path),
				      "left_out", exchange_printf(x, "%" PRId64, left_out) };
	const struct text_list pairs = { (const char **)(uintptr_t)texts, left_out > 0 ? 4 : 2 };

	return audit_say(x, "refused", "route", 0, x->request.path, &pairs, err);
}

/* Who shows nothing that could be wrong is asked to log in; that is no failure. */
static bool
tried_to_log_in(const struct exchange *x)
{
	return x->tried_login != NULL && x->response.refusal == REFUSAL_CREDENTIALS;
}

void
audit_say_refused(struct exchange *x, const struct err *refused)
{
	struct err err = ERR_INIT;
	char text[LOG_VALUE_SIZE];
	bool failed = tried_to_log_in(x);
	bool denied = refused->kind == ERR_DENIED && x->response.status == 403 && x->route != NULL;
	int64_t left_out = 0;

	if (!(failed || denied) || !audit_brake_take(&x->guards->brake, &left_out))
		return;
	if ((failed ? audit_login_failed(x->db, x->tried_login, refused->text, left_out, &err)
		    : say_denied(x, left_out, &err)) == -1)
		log_warn("audit_failed", "req=%s text=\"%s\"", x->request.request_id,
			 log_value(text, err.text));
}
