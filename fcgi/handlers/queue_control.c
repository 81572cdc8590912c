/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/handlers/queue_control.c: a queue as a whole. */
#include <inttypes.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "fcgi/document.h"
#include "fcgi/exchange.h"
#include "fcgi/handlers/handlers.h"
#include "store/queue_verb_store.h"

/* The queue of the path, if the caller may have to do with it. */
static int
read_queue(struct exchange *x, int64_t *id_out, struct err *err)
{
	if (exchange_path_id(x, 0, id_out, err) == -1)
		return -1;
	return exchange_may_see_queue(x, *id_out, err);
}

static int
set(struct exchange *x, int (*store)(struct db *, int64_t, struct err *), const char *event,
    struct err *err)
{
	int64_t id;

	if (read_queue(x, &id, err) == -1 || store(x->db, id, err) == -1)
		return -1;
	exchange_answer_order(x, event, "queue", id);
	return 0;
}

int
queue_pause(struct exchange *x, struct err *err)
{
	return set(x, queue_verb_pause, "queue_paused", err);
}

int
queue_resume(struct exchange *x, struct err *err)
{
	return set(x, queue_verb_resume, "queue_resumed", err);
}

int
queue_clear(struct exchange *x, struct err *err)
{
	int64_t id, count;

	if (read_queue(x, &id, err) == -1 ||
	    queue_verb_clear(x->db, id, x->identity.login, &count, err) == -1)
		return -1;
	log_info("queue_cleared", "req=%s queue=%" PRId64 " jobs=%" PRId64 " login=\"%s\"",
		 x->request.request_id, id, count, x->identity.login);
	exchange_answer_empty(x, 204);
	return 0;
}

/* A lone word in the three forms JQM's clients read; as XML it is the root itself. */
int
queue_status(struct exchange *x, struct err *err)
{
	const char *type = x->media_type == NULL ? "text/plain" : x->media_type;
	const char *status;
	int64_t id;

	if (read_queue(x, &id, err) == -1 ||
	    queue_verb_status(x->db, id, exchange_memory(x), &status, err) == -1)
		return -1;
	if (strcmp(type, "application/xml") == 0)
		status =
		    exchange_printf(x,
				    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>"
				    "<queueStatus>%s</queueStatus>",
				    status);
	else if (strcmp(type, "application/json") == 0)
		status = exchange_printf(x, "{\"value\":\"%s\"}", status);
	exchange_answer_bytes(x, 200, type, status, strlen(status));
	return 0;
}

int
queue_capacity(struct exchange *x, struct err *err)
{
	int64_t id, capacity;

	if (read_queue(x, &id, err) == -1 || queue_verb_capacity(x->db, id, &capacity, err) == -1)
		return -1;
	return document_answer_number(x, capacity, err);
}
