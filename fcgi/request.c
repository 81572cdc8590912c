/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi/request.c: the parameters read here are the complete list of nginx/jqm_fastcgi_params, which
 * passes no header by itself: a parameter cannot be made by a header's name.
 */
#include "fcgi/request.h"

#include <limits.h>
#include <string.h>
#include <strings.h>

#include <fcgiapp.h>

#include "base/err.h"
#include "codec/xml_reader.h"
#include "conf/settings.h"
#include "fcgi/exchange.h"
#include "fcgi/route.h"

/* Borrowed from libfcgi, valid until the request is finished. */
static const char *
param(struct exchange *x, const char *name, const char *when_absent)
{
	const char *value = FCGX_GetParam(name, x->connection->envp);

	return value == NULL ? when_absent : value;
}

/* "/path?query" into its parts. */
static void
set_target(struct exchange *x, const char *uri)
{
	char *path = exchange_strdup(x, uri);
	char *mark = strchr(path, '?');

	x->request.query = "";
	if (mark != NULL) {
		*mark = '\0';
		x->request.query = mark + 1;
	}
	x->request.path = path;
}

static void
set_params(struct exchange *x)
{
	struct request *r = &x->request;

	r->method = param(x, "REQUEST_METHOD", "");
	set_target(x, param(x, "REQUEST_URI", ""));
	r->content_type = param(x, "CONTENT_TYPE", "");
	r->accept = param(x, "HTTP_ACCEPT", "");
	r->authorization = param(x, "HTTP_AUTHORIZATION", NULL);
	r->remote_addr = param(x, "REMOTE_ADDR", "");
	r->request_id = param(x, "REQUEST_ID", "");
	r->certificate_verify = param(x, "SSL_CLIENT_VERIFY", "NONE");
	r->certificate = param(x, "SSL_CLIENT_CERT", "");
	r->ajax = strcasecmp(param(x, "HTTP_X_REQUESTED_WITH", ""), "XMLHttpRequest") == 0;
	r->tls = strcmp(param(x, "HTTPS", ""), "on") == 0;
	r->cookie = param(x, "HTTP_COOKIE", "");
	r->host = param(x, "HTTP_HOST", "");
	r->origin = param(x, "HTTP_ORIGIN", "");
	r->fetch_site = param(x, "HTTP_SEC_FETCH_SITE", "");
	r->login_queue = param(x, "LOGIN_QUEUE", "");
	r->if_match = param(x, "HTTP_IF_MATCH", "");
	r->if_none_match = param(x, "HTTP_IF_NONE_MATCH", "");
	r->range = param(x, "HTTP_RANGE", "");
	r->if_range = param(x, "HTTP_IF_RANGE", "");
	r->body = "";
	r->body_len = 0;
	if (r->authorization != NULL && r->authorization[0] == '\0')
		r->authorization = NULL;
}

int
request_read(struct exchange *x, struct err *err)
{
	set_params(x);
	return request_check(x, err);
}

int
request_read_body(struct exchange *x, struct err *err)
{
	long long len = request_body_len(param(x, "CONTENT_LENGTH", NULL));
	int64_t max = settings_int(x->settings, "fcgi:body_max_bytes");
	char *body;
	long long used = 0;

	if (x->route->body == BODY_XML && max < XML_BYTES_MAX)
		max = XML_BYTES_MAX;
	if (len > max)
		return err_set(err, ERR_TOO_LARGE,
			       "the body has %lld bytes; at most %lld are taken", len,
			       (long long)max);
	if (len == 0)
		return 0;
	body = exchange_alloc(x, (size_t)len + 1);
	while (used < len) {
		int want = len - used > INT_MAX ? INT_MAX : (int)(len - used);
		int got = FCGX_GetStr(body + used, want, x->connection->in);

		if (got <= 0)
			return err_set(err, ERR_INVALID,
				       "the body ends after %lld of %lld announced bytes", used,
				       len);
		used += got;
	}
	x->request.body = body;
	x->request.body_len = (size_t)len;
	return request_body_check(x, err);
}
