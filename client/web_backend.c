/* SPDX-License-Identifier: Apache-2.0 */
/* client/web_backend.c: the web service.  Each call stands for itself: no session, no cookie. */
#include "client/backend.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/percent.h"
#include "client/download.h"
#include "client/http_client.h"
#include "client/http_refusal.h"
#include "client/include/jqm.h"

#define PATH_BYTES_MAX 8000

struct web {
	struct backend backend;
	struct http_client *http;
};

/* Would it be a segment of a path?  What is none makes another path of it, and that another order. */
static bool
is_segment(const char *text)
{
	return text[0] != '\0' && strcmp(text, ".") != 0 && strcmp(text, "..") != 0;
}

/* The path with the arguments in their places. */
static int
put_path(struct buf *out, const struct verb_row *verb, const struct call *call, struct err *err)
{
	for (const char *c = verb->path; *c != '\0'; c++) {
		const char *arg;

		if (*c != '{') {
			buf_putc(out, *c);
			continue;
		}
		arg = call->args[c[1] - '1'];
		assert(arg != NULL);
		if (!is_segment(arg))
			return err_set(err, ERR_INVALID, "\"%s\" cannot be asked for by name", arg);
		percent_encode(out, arg, "");
		c += 2;
	}
	return buf_check(out, err);
}

/* The body as the web service wants it; *type_out: its media type, NULL without one. */
static void
put_body(struct buf *out, const struct verb_row *verb, const struct call *call,
	 const char **type_out)
{
	switch (verb->body) {
	case VERB_BODY_NONE:
		*type_out = NULL;
		break;
	case VERB_BODY_JSON:
		*type_out = "application/json";
		buf_append(out, call->body, call->body_len);
		break;
	case VERB_BODY_TEXT:
		*type_out = "application/x-www-form-urlencoded";
		buf_puts(out, "text=");
		percent_encode(out, call->body, "");
		break;
	case VERB_BODY_BYTES:
		*type_out = "application/octet-stream";
		buf_append(out, call->body, call->body_len);
		break;
	}
}

static int
send(struct web *web, const struct verb_row *verb, const struct http_request *request,
     struct buf *answer, struct err *err)
{
	struct http_reply reply = HTTP_REPLY_INIT;
	int rc = http_call(web->http, request, &reply, err);

	if (rc == 0 && (reply.status < 200 || reply.status > 299)) {
		rc = http_refused(request, &reply, err);
		/* JQM's way to say that what the path names is not there. */
		if (reply.status == 400 && strcmp(verb->method, "GET") == 0)
			err->kind = ERR_NOT_FOUND;
	} else if (rc == 0 && !verb->answers && reply.status != 204) {
		(void)err_set(err, ERR_INTERNAL,
			      "the server's answer is not understood: status %ld where 204 is due",
			      reply.status);
		rc = http_uncertain(err);
	} else if (rc == 0) {
		buf_append(answer, buf_text(&reply.body), reply.body.len);
		rc = buf_check(answer, err);
	}
	http_reply_free(&reply);
	return rc;
}

static int
web_call(struct backend *backend, const struct call *call, struct buf *answer, struct err *err)
{
	struct web *web = (struct web *)backend;
	const struct verb_row *verb = &verbs[call->verb];
	struct buf path = BUF_INIT(PATH_BYTES_MAX), body = BUF_INIT(3 * (size_t)HTTP_BODY_MAX);
	struct http_request request = { .method = verb->method,
					.changes_nothing = !verb_is_order(call->verb) };
	int rc = -1;

	put_body(&body, verb, call, &request.content_type);
	if (put_path(&path, verb, call, err) == 0 && buf_check(&body, err) == 0) {
		request.path = buf_text(&path);
		if (request.content_type != NULL) {
			request.body = buf_text(&body);
			request.body_len = body.len;
		}
		rc = send(web, verb, &request, answer, err);
	}
	buf_free(&path);
	buf_free(&body);
	return rc;
}

static int
web_fetch(struct backend *backend, struct fetch *fetch, struct err *err)
{
	struct web *web = (struct web *)backend;
	char path[100];

	if (fetch->guid != NULL)
		(void)snprintf(path, sizeof(path), "/ws/simple/file?id=%.60s", fetch->guid);
	else if (fetch->what == FETCH_FILE)
		(void)snprintf(path, sizeof(path), "/ws/client/ji/files/%" PRId64, fetch->id);
	else
		(void)snprintf(path, sizeof(path), "/ws/client/ji/%" PRId64 "/%s?", fetch->id,
			       fetch->what == FETCH_STDOUT ? "stdout" : "stderr");
	return download(web->http, path, fetch, err);
}

static void
web_free(struct backend *backend)
{
	struct web *web = (struct web *)backend;

	http_client_free(web->http);
	free(web);
}

struct http_client *
web_backend_http(struct backend *backend)
{
	return ((struct web *)backend)->http;
}

static const struct backend_ops ops = { web_call, web_fetch, web_free };

struct backend *
web_backend_new(const char *url, const struct jqm_options *options, struct err *err)
{
	const struct http_tls tls = { .ca_file = options->ca_file,
				      .certificate = options->certificate_file,
				      .key = options->key_file };
	struct http_client *http;
	struct web *web;

	if ((options->user == NULL) != (options->password == NULL)) {
		(void)err_set(err, ERR_INVALID, "a user and a password go together");
		return NULL;
	}
	http = http_client_new(url, options->user, options->password, &tls, err);
	if (http == NULL)
		return NULL;
	web = calloc(1, sizeof(*web));
	if (web == NULL)
		abort();
	http_client_set(http, options->program, options->patience_s);
	web->backend.ops = &ops;
	web->http = http;
	return (struct backend *)web;
}
