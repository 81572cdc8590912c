/* SPDX-License-Identifier: Apache-2.0 */
#include "model/event_ticket.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/num.h"
#include "base/percent.h"
#include "base/str.h"
#include "model/memory.h"
#include "model/value.h"

static void
put_number(struct buf *out, const char *name, int64_t number)
{
	buf_printf(out, "%s=", name);
	buf_int64(out, number);
	buf_putc(out, '&');
}

static void
put_text(struct buf *out, const char *name, const char *text)
{
	buf_printf(out, "%s=", name);
	percent_encode(out, text, "");
	buf_putc(out, '&');
}

void
event_ticket_write(const struct event_ticket *ticket, struct buf *out)
{
	put_number(out, "until", ticket->until_ms);
	put_number(out, "account", ticket->account_id);
	put_number(out, "stamp", ticket->account_stamp);
	put_number(out, "session", ticket->session_id);
	put_text(out, "filter", ticket->filter);
	put_text(out, "after", ticket->last_event_id);
	if (ticket->scope != NULL)
		put_number(out, "scopes", (int64_t)ticket->scope->len);
	for (size_t i = 0; ticket->scope != NULL && i < ticket->scope->len; i++)
		put_text(out, "scope", ticket->scope->items[i]);
}

/* The next "name=value&" of *rest, decoded; NULL: it is none, or another one. */
static const char *
next_text(const char **rest, const char *name, struct memory *memory)
{
	size_t name_len = strlen(name), len = strcspn(*rest, "&");
	const char *copy = NULL;
	char *text;

	if ((*rest)[len] != '&' || len <= name_len || strncmp(*rest, name, name_len) != 0 ||
	    (*rest)[name_len] != '=')
		return NULL;
	text = str_percent_decode(*rest + name_len + 1, len - name_len - 1, false);
	if (text != NULL)
		copy = memory_dup(memory, text);
	free(text);
	*rest += len + 1;
	return copy;
}

static bool
next_number(const char **rest, const char *name, struct memory *memory, int64_t *out)
{
	const char *text = next_text(rest, name, memory);

	return text != NULL && num_int64(text, INT64_MIN, INT64_MAX, out) == 0;
}

static bool
read_scope(const char **rest, struct memory *memory, struct event_ticket *out)
{
	struct text_list *scope;
	int64_t n;

	if (**rest == '\0')
		return true;
	if (!next_number(rest, "scopes", memory, &n) || n < 0 || n > EVENT_TICKET_BYTES_MAX)
		return false;
	scope = memory_alloc(memory, sizeof(*scope));
	scope->items = memory_alloc_array(memory, (size_t)n + 1, sizeof(scope->items[0]));
	for (; scope->len < (size_t)n; scope->len++) {
		scope->items[scope->len] = next_text(rest, "scope", memory);
		if (scope->items[scope->len] == NULL)
			return false;
	}
	out->scope = scope;
	return **rest == '\0';
}

int
event_ticket_read(const char *text, struct memory *memory, struct event_ticket *out,
		  struct err *err)
{
	const char *rest = text;

	*out = (struct event_ticket){ .scope = NULL };
	if (!next_number(&rest, "until", memory, &out->until_ms) ||
	    !next_number(&rest, "account", memory, &out->account_id) ||
	    !next_number(&rest, "stamp", memory, &out->account_stamp) ||
	    !next_number(&rest, "session", memory, &out->session_id) ||
	    (out->filter = next_text(&rest, "filter", memory)) == NULL ||
	    (out->last_event_id = next_text(&rest, "after", memory)) == NULL ||
	    !read_scope(&rest, memory, out))
		return err_set(err, ERR_INVALID, "the ticket is none");
	return 0;
}
