/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi/request.c: the parameters read here are the complete list of nginx/jqm_fastcgi_params, which
 * passes no header by itself: a parameter cannot be made by a header's name.
 */
#include "fcgi/request.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <fcgiapp.h>

#include "base/err.h"
#include "codec/xml_reader.h"
#include "conf/settings.h"
#include "fcgi/exchange.h"
#include "fcgi/route.h"

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

enum {
	LOGIN_QUEUE,
	METHOD,
	URI,
	TYPE,
	LENGTH,
	ADDRESS,
	ID,
	TLS,
	ACCEPT,
	AUTHORIZATION,
	COOKIE,
	REQUESTED_WITH,
	HOST,
	ORIGIN,
	FETCH_SITE,
	USER_AGENT,
	IF_MATCH,
	IF_NONE_MATCH,
	RANGE,
	IF_RANGE,
	LAST_EVENT_ID,
	IDEMPOTENCY_KEY,
	TRACEPARENT,
	CERTIFICATE_VERIFY,
	CERTIFICATE,
	PARAMS
};

/* In the order nginx sends them: each is found at once. */
static const char *const param_names[PARAMS] = {
	[LOGIN_QUEUE] = "LOGIN_QUEUE",
	[METHOD] = "REQUEST_METHOD",
	[URI] = "REQUEST_URI",
	[TYPE] = "CONTENT_TYPE",
	[LENGTH] = "CONTENT_LENGTH",
	[ADDRESS] = "REMOTE_ADDR",
	[ID] = "REQUEST_ID",
	[TLS] = "HTTPS",
	[ACCEPT] = "HTTP_ACCEPT",
	[AUTHORIZATION] = "HTTP_AUTHORIZATION",
	[COOKIE] = "HTTP_COOKIE",
	[REQUESTED_WITH] = "HTTP_X_REQUESTED_WITH",
	[HOST] = "HTTP_HOST",
	[ORIGIN] = "HTTP_ORIGIN",
	[FETCH_SITE] = "HTTP_SEC_FETCH_SITE",
	[USER_AGENT] = "HTTP_USER_AGENT",
	[IF_MATCH] = "HTTP_IF_MATCH",
	[IF_NONE_MATCH] = "HTTP_IF_NONE_MATCH",
	[RANGE] = "HTTP_RANGE",
	[IF_RANGE] = "HTTP_IF_RANGE",
	[LAST_EVENT_ID] = "HTTP_LAST_EVENT_ID",
	[IDEMPOTENCY_KEY] = "HTTP_IDEMPOTENCY_KEY",
	[TRACEPARENT] = "HTTP_TRACEPARENT",
	[CERTIFICATE_VERIFY] = "SSL_CLIENT_VERIFY",
	[CERTIFICATE] = "SSL_CLIENT_CERT",
};

/* What stands behind "name=", or NULL. */
static const char *
value_of(const char *variable, const char *name)
{
	size_t len = strlen(name);

	return strncmp(variable, name, len) == 0 && variable[len] == '=' ? variable + len + 1
									 : NULL;
}

/* Borrowed from libfcgi; "" for what is absent. */
static void
read_params(struct exchange *x, const char *values[PARAMS])
{
	size_t next = 0;

	for (size_t i = 0; i < PARAMS; i++)
		values[i] = "";
	for (char **variable = x->connection->envp; *variable != NULL; variable++)
		for (size_t tried = 0; tried < PARAMS; tried++) {
			size_t i = (next + tried) % PARAMS;
			const char *value = value_of(*variable, param_names[i]);

			if (value == NULL)
				continue;
			values[i] = value;
			next = i + 1;
			break;
		}
}

static void
set_params(struct exchange *x)
{
	struct request *r = &x->request;
	const char *values[PARAMS];

	read_params(x, values);
	r->method = values[METHOD];
	set_target(x, values[URI]);
	r->content_type = values[TYPE];
	r->accept = values[ACCEPT];
	r->authorization = values[AUTHORIZATION][0] == '\0' ? NULL : values[AUTHORIZATION];
	r->remote_addr = values[ADDRESS];
	r->request_id = values[ID];
	r->certificate_verify =
	    values[CERTIFICATE_VERIFY][0] == '\0' ? "NONE" : values[CERTIFICATE_VERIFY];
	r->certificate = values[CERTIFICATE];
	r->ajax = strcasecmp(values[REQUESTED_WITH], "XMLHttpRequest") == 0;
	r->java_client = strncmp(values[USER_AGENT], "Jersey/", strlen("Jersey/")) == 0;
	r->tls = strcmp(values[TLS], "on") == 0;
	r->cookie = values[COOKIE];
	r->host = values[HOST];
	r->origin = values[ORIGIN];
	r->fetch_site = values[FETCH_SITE];
	r->login_queue = values[LOGIN_QUEUE];
	r->if_match = values[IF_MATCH];
	r->if_none_match = values[IF_NONE_MATCH];
	r->range = values[RANGE];
	r->if_range = values[IF_RANGE];
	r->last_event_id = values[LAST_EVENT_ID];
	r->idempotency_key = values[IDEMPOTENCY_KEY];
	r->trace_parent = values[TRACEPARENT];
	r->announced_len = request_body_len(values[LENGTH]);
	r->body = "";
	r->body_len = 0;
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
	long long len = x->request.announced_len;
	int64_t max;
	char *body;
	long long used = 0;

	if (len == 0)
		return 0;
	if (x->request.body_len > 0) /* the request is answered a second time: pipeline.c */
		return request_body_check(x, err);
	max = settings_int(x->settings, "fcgi:body_max_bytes");
	if (x->route->body == BODY_XML && max < XML_BYTES_MAX)
		max = XML_BYTES_MAX;
	if (x->route->takes == SHAPE_JOBS && max < JOBS_BYTES_MAX)
		max = JOBS_BYTES_MAX;
	if (len > max)
		return err_set(err, ERR_TOO_LARGE,
			       "the body has %lld bytes; at most %lld are taken", len,
			       (long long)max);
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

bool
request_is_read(const struct exchange *x)
{
	return (long long)x->request.body_len == x->request.announced_len &&
	       FCGX_GetChar(x->connection->in) == EOF;
}
