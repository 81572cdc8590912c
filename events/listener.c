/* SPDX-License-Identifier: Apache-2.0 */
#include "events/listener.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "base/fd.h"
#include "events/event_ring.h"
#include "events/http_request.h"
#include "events/source.h"

#define LOOKS_MAX 2000 /* events looked at for one listener before others have their turn */
#define RETRY_MS "2000" /* how long a client waits before it connects again */

struct listener *
listener_new(int fd, int64_t now_ms)
{
	struct listener *l = calloc(1, sizeof(*l));

	if (l == NULL)
		abort();
	l->fd = fd;
	l->began_ms = l->sent_ms = now_ms;
	pool_init(&l->memory);
	return l;
}

void
listener_free(struct listener *l)
{
	fd_close(&l->fd);
	free(l->request);
	free(l->rest);
	pool_free(&l->memory);
	free(l);
}

char *
listener_room(struct listener *l, size_t *room)
{
	if (l->request == NULL)
		l->request = malloc(HTTP_REQUEST_BYTES_MAX + 1);
	if (l->request == NULL)
		abort();
	*room = HTTP_REQUEST_BYTES_MAX - l->request_len;
	return l->request + l->request_len;
}

void
listener_asked(struct listener *l)
{
	free(l->request);
	l->request = NULL;
}

static void
put_rest(struct listener *l, const void *data, size_t len)
{
	char *rest = malloc(len == 0 ? 1 : len);

	if (rest == NULL)
		abort();
	memcpy(rest, data, len);
	free(l->rest);
	l->rest = rest;
	l->rest_len = len;
	l->rest_sent = 0;
}

static void
hello(struct listener *l, const struct source *source, bool goes_on, struct buf *out)
{
	buf_puts(out, http_stream_head);
	buf_puts(out, "retry: " RETRY_MS "\nevent: hello\n");
	if (!goes_on)
		buf_printf(out, "id: %s\n", source->id);
	buf_printf(out, "data: {\"goesOn\":%s}\n\n", goes_on ? "true" : "false");
	/* He asked to go on, and cannot. */
	l->gap = !goes_on && l->last.epoch[0] != '\0';
}

void
listener_begin(struct listener *l, const struct source *source)
{
	bool goes_on = l->last.epoch[0] != '\0' && source_goes_on(source, &l->last);
	struct buf out = BUF_INIT(LISTENER_PIECE_BYTES);

	l->phase = LISTENER_HEARS;
	l->joined = source->ring.end;
	l->position = goes_on ? source->ring.first : source->ring.end;
	hello(l, source, goes_on, &out);
	put_rest(l, buf_text(&out), out.len);
	buf_free(&out);
}

void
listener_skip(struct listener *l, const struct source *source)
{
	if (l->phase != LISTENER_HEARS)
		return;
	l->position = l->joined = source->ring.end;
	l->gap = true;
}

void
listener_refuse(struct listener *l, int status, const char *words, const char *id)
{
	struct buf out = BUF_INIT(LISTENER_PIECE_BYTES);

	l->phase = LISTENER_LEAVES;
	http_refusal(&out, status, words, id);
	put_rest(l, buf_text(&out), out.len);
	buf_free(&out);
}

static bool
is_his(const struct listener *l, const struct event *event)
{
	if (l->position < l->joined && event_snapshot_has(&l->last.snapshot, event->xid))
		return false;
	return event_scope_covers(l->ticket.scope, &event->facts) &&
	       event_filter_matches(&l->filter, &event->facts);
}

static void
put_gap(struct listener *l, const struct source *source, struct buf *out)
{
	buf_printf(out, "%sevent: gap\nid: %s\ndata: {}\n\n", l->in_block ? "\n" : "", source->id);
	l->in_block = l->gap = false;
	l->position = l->joined = source->ring.end;
}

/* The next event or id, if it is for him; false: there is no room for it in this piece. */
static bool
put_next(struct listener *l, const struct event *event, struct buf *out)
{
	if (out->len + event->text_len + 2 > LISTENER_PIECE_BYTES && out->len > 0)
		return false;
	if (event->is_mark) {
		if (l->in_block) {
			buf_append(out, event->text, event->text_len);
			buf_putc(out, '\n');
		}
		l->in_block = false;
	} else if (is_his(l, event)) {
		if (l->in_block)
			buf_putc(out, '\n');
		buf_append(out, event->text, event->text_len);
		l->in_block = true;
	}
	l->position++;
	return true;
}

/* One piece of what is due; empty: nothing is.  *looks_left goes down. */
static void
fill(struct listener *l, const struct source *source, struct buf *out, int *looks_left)
{
	if (l->position < source->ring.first)
		listener_skip(l, source);
	if (l->gap) {
		if (source->begun)
			put_gap(l, source, out);
		return;
	}
	while (l->position<source->ring.end && * looks_left> 0 &&
	       put_next(l, event_ring_at(&source->ring, l->position), out))
		--*looks_left;
}

/* 1: all is sent; 0: he cannot take more now; -1: he is gone. */
static int
send_rest(struct listener *l, int64_t now_ms)
{
	while (l->rest != NULL && l->rest_sent < l->rest_len) {
		ssize_t n = send(l->fd, l->rest + l->rest_sent, l->rest_len - l->rest_sent,
				 MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -1;
		l->rest_sent += (size_t)n;
		l->sent_ms = now_ms;
	}
	free(l->rest);
	l->rest = NULL;
	return 1;
}

bool
listener_send(struct listener *l, const struct source *source, int64_t now_ms)
{
	struct buf out = BUF_INIT((size_t)2 * LISTENER_PIECE_BYTES);
	int looks_left = LOOKS_MAX, rc;

	while ((rc = send_rest(l, now_ms)) == 1 && l->phase == LISTENER_HEARS && looks_left > 0) {
		out.len = 0;
		fill(l, source, &out, &looks_left);
		if (out.len == 0)
			break;
		put_rest(l, buf_text(&out), out.len);
	}
	buf_free(&out);
	l->wants_write = l->rest != NULL ||
			 (l->phase == LISTENER_HEARS && l->position < source->ring.end && !l->gap);
	return rc != -1 && !(l->phase == LISTENER_LEAVES && l->rest == NULL);
}

bool
listener_keep_alive(struct listener *l, const struct source *source, int64_t now_ms)
{
	struct buf out = BUF_INIT(LISTENER_PIECE_BYTES);
	bool is_here = true;

	if (l->phase != LISTENER_HEARS || l->rest != NULL || l->wants_write)
		return true;
	if (source_is_away(source, now_ms))
		buf_puts(&out, ": the database is away\n\n");
	else if (source->begun && !l->gap && !l->in_block)
		buf_printf(&out, "id: %s\n\n", source->id);
	else
		buf_puts(&out, ":\n\n");
	put_rest(l, buf_text(&out), out.len);
	is_here = listener_send(l, source, now_ms);
	buf_free(&out);
	return is_here;
}
