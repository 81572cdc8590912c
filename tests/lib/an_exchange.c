/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/an_exchange.h"

#include <stdlib.h>
#include <string.h>

#include "db/db.h"
#include "fcgi/arena.h"

#define ANSWER_BYTES_MAX ((size_t)1024 * 1024)

struct exchange *
an_exchange(void)
{
	static const char *const no_permissions[] = { NULL };
	struct exchange *x = calloc(1, sizeof(*x));

	if (x == NULL)
		abort();
	x->arena = arena_new();
	x->request.method = "GET";
	x->request.path = "/";
	x->request.query = "";
	x->request.content_type = "";
	x->request.accept = "";
	x->request.remote_addr = "192.0.2.1";
	x->request.request_id = "abc123";
	x->request.certificate_verify = "NONE";
	x->request.certificate = "";
	x->request.cookie = "";
	x->request.host = "";
	x->request.origin = "";
	x->request.fetch_site = "";
	x->request.login_queue = "";
	x->request.if_match = "";
	x->request.if_none_match = "";
	x->request.range = "";
	x->request.if_range = "";
	x->request.idempotency_key = "";
	x->request.last_event_id = "";
	x->request.trace_parent = "";
	x->request.body = "";
	x->response.body = (struct buf)BUF_INIT(ANSWER_BYTES_MAX);
	x->db = db_new("", "an_exchange"); /* told who asks, never connected */
	x->identity.login = "";
	x->identity.job_user = "";
	x->identity.permissions = no_permissions;
	return x;
}

void
an_exchange_free(struct exchange *x)
{
	buf_free(&x->response.body);
	arena_free(x->arena);
	db_free(x->db);
	free(x);
}

const char *
an_exchange_header(const struct exchange *x, const char *name)
{
	for (const struct header *h = x->response.headers; h != NULL; h = h->next)
		if (strcmp(h->name, name) == 0)
			return h->value;
	return NULL;
}
