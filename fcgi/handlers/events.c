/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi/handlers/events.c: who wants to hear what happens to jobs.  Who that is, and what he may see, is decided here; the
 * rest of the conversation is jqm-events', to which nginx takes the caller with a sealed ticket (events/README.md).
 */
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "crypto/sealed_text.h"
#include "fcgi/exchange.h"
#include "fcgi/handlers/handlers.h"
#include "model/event_filter.h"
#include "model/event_id.h"
#include "model/event_ticket.h"
#include "store/event_store.h"

#define EVENT_STREAM "text/event-stream"

/* The header that clients send by themselves goes before the parameter, which they repeat from the first time. */
static int
last_event_id(struct exchange *x, const struct event_filter *filter, const char **out,
	      struct err *err)
{
	struct event_id id;

	*out = "";
	if (x->request.last_event_id[0] != '\0')
		*out = x->request.last_event_id;
	else if (filter->last_event_id != NULL)
		*out = filter->last_event_id;
	if (*out[0] == '\0')
		return 0;
	return event_id_read(*out, exchange_memory(x), &id, err);
}

static int
seal(struct exchange *x, const struct event_ticket *ticket, struct buf *out, struct err *err)
{
	struct buf text = BUF_INIT(EVENT_TICKET_BYTES_MAX);
	const char *key;
	int rc = event_key_read(x->db, exchange_memory(x), &key, err);

	event_ticket_write(ticket, &text);
	if (rc == 0)
		rc = buf_check(&text, err);
	if (rc == 0)
		rc = sealed_text_write(key, buf_text(&text), out, err);
	if (rc == -1 && err->kind == ERR_TOO_LARGE)
		rc = err_set(err, ERR_INVALID,
			     "the filter and the limits of this account's permissions are too long "
			     "together");
	buf_free(&text);
	return rc;
}

int
events_listen(struct exchange *x, struct err *err)
{
	struct event_ticket ticket = { .until_ms = clock_mono_ms() + EVENT_TICKET_S * 1000,
				       .account_id = x->identity.account_id,
				       .account_stamp = x->identity.account_stamp,
				       .session_id = x->identity.session_id,
				       .filter = x->request.query,
				       .scope = x->scope };
	struct buf sealed = BUF_INIT(EVENT_TICKET_BYTES_MAX);
	struct event_filter filter;
	int rc = -1;

	if (event_filter_parse(x->request.query, exchange_memory(x), &filter, err) == -1 ||
	    last_event_id(x, &filter, &ticket.last_event_id, err) == -1 ||
	    seal(x, &ticket, &sealed, err) == -1)
		goto cleanup;
	exchange_answer_bytes(x, 200, EVENT_STREAM, "", 0);
	/* Who only asks for the headers has them. */
	if (strcmp(x->request.method, "HEAD") != 0) {
		exchange_header(x, "X-Accel-Redirect", "/-/events");
		exchange_header(x, EVENT_TICKET_HEADER, buf_text(&sealed));
	}
	rc = 0;

cleanup:
	buf_free(&sealed);
	return rc;
}
