/* SPDX-License-Identifier: Apache-2.0 */
/*
 * model/event_ticket.h: what jqm-fcgi, which knows who somebody is, tells jqm-events, which knows nobody: who listens, to what, and
 * what of that he may see.  As text it is sealed (crypto/sealed_text.h) and goes through nginx.
 */
#ifndef MODEL_EVENT_TICKET_H
#define MODEL_EVENT_TICKET_H

#include <stdbool.h>
#include <stdint.h>

struct buf;
struct err;
struct memory;
struct text_list;

#define EVENT_TICKET_HEADER "JQM-Events-Ticket"
#define EVENT_TICKET_BYTES_MAX 12000 /* with its seal */
#define EVENT_TICKET_S 60 /* it opens nothing later */

struct event_ticket {
	int64_t until_ms; /* clock_mono_ms(): both are on one machine */
	int64_t account_id; /* 0: nobody need log in */
	int64_t account_stamp; /* the state he was found in */
	int64_t session_id; /* 0: he came by other credentials */
	const char *filter; /* the query string as it was sent */
	const char *last_event_id; /* "": none */
	const struct text_list *scope; /* NULL: no limit */
};

/* Append it as a text that event_ticket_read() takes; a full out is marked. */
void event_ticket_write(const struct event_ticket *ticket, struct buf *out);

/* 0; -1 with ERR_INVALID: it is none. */
int event_ticket_read(const char *text, struct memory *memory, struct event_ticket *out,
		      struct err *err);

#endif
