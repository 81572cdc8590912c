/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/audit_stream.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "fcgi/exchange.h"
#include "model/audit.h"
#include "model/memory.h"
#include "store/audit_store.h"

#define UNSEALED_MAX 20000 /* rows behind the last seal */

struct audit_stream {
	struct body_stream stream; /* first: one is the other */
	struct exchange *x;
	struct pool pool; /* of the piece */
	const char *piece; /* what of it is still to be sent */
	/* The next one: -1 with err; it leaves done set behind the last one. */
	int (*next)(struct audit_stream *s, struct err *err);
	bool done;
	struct audit_filter filter; /* of rows */
	int64_t left;
	int64_t after; /* of the chain */
};

static int
next_rows(struct audit_stream *s, struct err *err)
{
	int64_t count = s->left < AUDIT_PAGE_MAX ? s->left : AUDIT_PAGE_MAX;
	const char *text, *next;
	int64_t lines;

	if (audit_page_read(s->x->db, &s->pool.memory, &s->filter, count, "\n", &text, &next,
			    err) == -1)
		return -1;
	lines = text[0] != '\0';
	for (const char *c = text; *c != '\0'; c++)
		lines += *c == '\n';
	s->left -= lines;
	s->filter.before = next == NULL ? NULL : exchange_strdup(s->x, next);
	s->done = next == NULL || s->left == 0;
	if (lines > 0)
		text = memory_printf(&s->pool.memory, "%s\n", text);
	if (s->done && next != NULL)
		text = memory_printf(&s->pool.memory, "%s{\"next\":\"%s\"}\n", text, next);
	s->piece = text;
	return 0;
}

static int
next_seal(struct audit_stream *s, struct err *err)
{
	if (audit_chain_read(s->x->db, &s->pool.memory, s->after, UNSEALED_MAX, &s->piece,
			     &s->after, err) == -1)
		return -1;
	s->done = s->after == 0;
	return 0;
}

static ssize_t
stream_read(struct body_stream *stream, char *data, size_t size)
{
	struct audit_stream *s = (struct audit_stream *)(void *)stream;
	struct err err = ERR_INIT;
	char text[LOG_VALUE_SIZE];
	size_t len;

	while (s->piece[0] == '\0') {
		if (s->done)
			return 0;
		pool_free(&s->pool);
		if (s->next(s, &err) == -1) {
			log_warn("audit_export_broken", "req=%s text=\"%s\"",
				 s->x->request.request_id, log_value(text, err.text));
			s->piece = "";
			return -1;
		}
	}
	len = strnlen(s->piece, size);
	memcpy(data, s->piece, len);
	s->piece += len;
	return (ssize_t)len;
}

static void
stream_close(struct body_stream *stream)
{
	struct audit_stream *s = (struct audit_stream *)(void *)stream;

	pool_free(&s->pool);
}

static struct audit_stream *
stream_new(struct exchange *x, int (*next)(struct audit_stream *s, struct err *err))
{
	struct audit_stream *s = exchange_alloc(x, sizeof(*s));

	s->stream = (struct body_stream){ stream_read, stream_close };
	s->x = x;
	s->next = next;
	s->piece = "";
	pool_init(&s->pool);
	return s;
}

struct body_stream *
audit_stream_rows(struct exchange *x, const struct audit_filter *filter, int64_t limit)
{
	struct audit_stream *s = stream_new(x, next_rows);

	s->filter = *filter;
	s->left = limit;
	return &s->stream;
}

struct body_stream *
audit_stream_chain(struct exchange *x, int64_t after)
{
	struct audit_stream *s = stream_new(x, next_seal);

	s->after = after;
	return &s->stream;
}
