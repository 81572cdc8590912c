/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/exchange.c: memory of an exchange, the answers a handler can give. */
#include "fcgi/exchange.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "base/num.h"
#include "base/percent.h"
#include "base/str.h"
#include "codec/doc_json.h"
#include "conf/settings.h"
#include "db/db.h"
#include "fcgi/arena.h"
#include "fcgi/content_disposition.h"
#include "fcgi/route.h"
#include "fcgi/stored_file.h"

#define HEADER_VALUE_MAX 4096

void *
exchange_alloc(struct exchange *x, size_t size)
{
	return arena_alloc(x->arena, size);
}

struct memory *
exchange_memory(struct exchange *x)
{
	return arena_memory(x->arena);
}

char *
exchange_strdup(struct exchange *x, const char *text)
{
	size_t size = strlen(text) + 1;

	return memcpy(arena_alloc(x->arena, size), text, size);
}

char *
exchange_printf(struct exchange *x, const char *fmt, ...)
{
	char shorter[256]; /* longer texts are printed twice */
	va_list args, again;
	char *text;
	int len;

	va_start(args, fmt);
	va_copy(again, args);
	len = vsnprintf(shorter, sizeof(shorter), fmt, args);
	va_end(args);
	if (len < 0)
		abort();
	text = arena_alloc(x->arena, (size_t)len + 1);
	if ((size_t)len < sizeof(shorter))
		memcpy(text, shorter, (size_t)len + 1);
	else
		(void)vsnprintf(text, (size_t)len + 1, fmt, again);
	va_end(again);
	return text;
}

int
exchange_path_id(struct exchange *x, size_t index, int64_t *out, struct err *err)
{
	assert(index < EXCHANGE_PATH_VALUES_MAX && x->path_values[index] != NULL);
	if (num_int64(x->path_values[index], 0, INT64_MAX, out) == -1)
		return err_set(err, ERR_NOT_FOUND,
			       "\"%.40s\" in the path is not an id: digits only",
			       x->path_values[index]);
	return 0;
}

void
exchange_header(struct exchange *x, const char *name, const char *value)
{
	struct header **end = &x->response.headers;
	struct header *header = exchange_alloc(x, sizeof(*header));

	assert(strpbrk(name, "\r\n: ") == NULL && strpbrk(value, "\r\n") == NULL);
	header->name = exchange_strdup(x, name);
	header->value = exchange_strdup(x, value);
	while (*end != NULL)
		end = &(*end)->next;
	*end = header;
}

void
exchange_drop_answer(struct exchange *x)
{
	struct response *r = &x->response;
	size_t cap = r->body.cap;

	if (r->stream != NULL)
		r->stream->close(r->stream);
	buf_free(&r->body);
	memset(r, 0, sizeof(*r));
	r->body = (struct buf)BUF_INIT(cap);
}

void
exchange_answer_bytes(struct exchange *x, int status, const char *content_type, const void *data,
		      size_t len)
{
	x->response.status = status;
	x->response.content_type = exchange_strdup(x, content_type);
	x->response.body.len = 0;
	buf_append(&x->response.body, data, len);
}

void
exchange_answer_text(struct exchange *x, int status, const char *text)
{
	exchange_answer_bytes(x, status, "text/plain;charset=UTF-8", text, strlen(text));
}

void
exchange_answer_empty(struct exchange *x, int status)
{
	x->response.status = status;
	x->response.content_type = NULL;
	x->response.body.len = 0;
}

void
exchange_answer_order(struct exchange *x, const char *event, const char *what, int64_t id)
{
	log_info(event, "req=%s %s=%" PRId64 " login=\"%s\"", x->request.request_id, what, id,
		 x->identity.login);
	exchange_answer_empty(x, 204);
}

/* What all answers that are files have in common. */
static void
file_headers(struct exchange *x, const char *file_name, const char *content_type)
{
	struct buf text = BUF_INIT(HEADER_VALUE_MAX);

	exchange_answer_empty(x, 200);
	x->response.content_type =
	    exchange_strdup(x, content_type != NULL ? content_type : "application/octet-stream");
	content_disposition(&text, file_name);
	exchange_header(x, "Content-Disposition", buf_text(&text));
	buf_free(&text);
	exchange_header(x, "Cache-Control", "private, no-cache");
}

/* nginx percent-decodes the value of X-Accel-Redirect and cuts it at '?'. */
void
exchange_answer_file(struct exchange *x, const char *location, const char *path,
		     const char *file_name, const char *content_type)
{
	struct buf text = BUF_INIT(HEADER_VALUE_MAX);

	assert(str_starts(location, "/-/") && str_ends(location, "/"));
	assert(path[0] != '/' && !stored_path_has_dots(path));

	file_headers(x, file_name, content_type);
	buf_puts(&text, location);
	percent_encode(&text, path, "/");
	exchange_header(x, "X-Accel-Redirect", buf_text(&text));
	buf_free(&text);
}

void
exchange_answer_node(struct exchange *x, const struct node_hop *hop, const char *file_name)
{
	struct buf words = BUF_INIT(HEADER_VALUE_MAX);

	/* As it stands between the quotes of a JSON text. */
	doc_json_write_text(hop->words, &words);
	file_headers(x, file_name, NULL);
	exchange_header(x, "X-Accel-Redirect",
			(x->route->limits & ROUTE_ADDRESS_IS_KEY) != 0 ? "/-/node/linked"
								       : "/-/node");
	exchange_header(x, "JQM-Node-Address", hop->address);
	exchange_header(x, "JQM-Node-Name", hop->name);
	exchange_header(x, "JQM-Node-Path", hop->path);
	exchange_header(x, "JQM-Node-Words",
			exchange_printf(x, "%.*s", words.len < 2 ? 0 : (int)words.len - 2,
					buf_text(&words) + (words.len < 2 ? 0 : 1)));
	buf_free(&words);
}

void
exchange_answer_stream(struct exchange *x, struct body_stream *stream, const char *file_name)
{
	file_headers(x, file_name, NULL);
	exchange_header(x, "Accept-Ranges", "none");
	x->response.stream = stream;
}

int
exchange_setting(const struct exchange *x, const char *key, const char **out, struct err *err)
{
	if (settings_require(x->settings, key, out, err) == 0)
		return 0;
	err->kind = ERR_INTERNAL;
	return -1;
}
