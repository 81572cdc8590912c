/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/request_check.c: what a request must look like before anybody looks at what it wants. */
#include "fcgi/request.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/num.h"
#include "base/str.h"
#include "fcgi/exchange.h"
#include "fcgi/route.h"

#define METHOD_BYTES_MAX 20
#define PATH_BYTES_MAX 4096
#define QUERY_BYTES_MAX 16384
#define CERTIFICATE_BYTES_MAX 32768
#define HEADER_BYTES_MAX 4096

static int
check_text(const char *what, const char *text, size_t max, struct err *err)
{
	size_t len = strlen(text);

	if (len > max)
		return err_set(err, ERR_INVALID, "the %s is longer than %zu bytes", what, max);
	if (!str_utf8_valid(text, len))
		return err_set(err, ERR_INVALID, "the %s has bytes that are not UTF-8", what);
	return 0;
}

/* "Text/HTML; charset=x" becomes "text/html". */
static const char *
plain_type(struct exchange *x, const char *text)
{
	char *type = exchange_strdup(x, text);

	type[strcspn(type, ";")] = '\0';
	for (char *c = type; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	return str_trim(type);
}

static int
check_method(const char *method, struct err *err)
{
	size_t len = strspn(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

	if (len == 0 || method[len] != '\0' || len > METHOD_BYTES_MAX)
		return err_set(err, ERR_INVALID, "the request has no method we could know");
	return 0;
}

int
request_check(struct exchange *x, struct err *err)
{
	struct request *r = &x->request;

	if (check_method(r->method, err) == -1 ||
	    check_text("path", r->path, PATH_BYTES_MAX, err) == -1 ||
	    check_text("query string", r->query, QUERY_BYTES_MAX, err) == -1 ||
	    check_text("Accept header", r->accept, HEADER_BYTES_MAX, err) == -1 ||
	    check_text("Content-Type header", r->content_type, HEADER_BYTES_MAX, err) == -1 ||
	    check_text("If-Match header", r->if_match, HEADER_BYTES_MAX, err) == -1 ||
	    check_text("If-None-Match header", r->if_none_match, HEADER_BYTES_MAX, err) == -1 ||
	    check_text("Last-Event-ID header", r->last_event_id, HEADER_BYTES_MAX, err) == -1 ||
	    check_text("client certificate", r->certificate, CERTIFICATE_BYTES_MAX, err) == -1 ||
	    check_text("request id", r->request_id, 100, err) == -1)
		return -1;
	if (r->path[0] != '/')
		return err_set(err, ERR_INVALID, "the path does not begin with a slash");
	if (r->authorization != NULL && strlen(r->authorization) > HEADER_BYTES_MAX)
		return err_set(err, ERR_INVALID, "the Authorization header is longer than %d bytes",
			       HEADER_BYTES_MAX);
	r->content_type = plain_type(x, r->content_type);
	return exchange_pairs_check(x, r->query, "query parameter", err);
}

int
request_body_check(const struct exchange *x, struct err *err)
{
	const struct request *r = &x->request;

	if ((x->route != NULL && x->route->body == BODY_BYTES) ||
	    str_ends(r->content_type, "/xml") || str_utf8_valid(r->body, r->body_len))
		return 0;
	return err_set(err, ERR_INVALID, "the body has bytes that are not UTF-8, or a NUL");
}

bool
request_is_local(const struct request *request)
{
	const char *address = request->remote_addr;

	return str_starts(address, "127.") || str_starts(address, "::ffff:127.") ||
	       strcmp(address, "::1") == 0;
}

/* A page of another site that calls itself by a name of this machine's address (DNS rebinding) asks for its own name. */
bool
request_asks_for_loopback(const struct request *request)
{
	static const char *const names[] = { "localhost", "127.0.0.1", "[::1]" };
	const char *host = request->host;

	if (!request_is_local(request))
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t len = strlen(names[i]);

		if (strncasecmp(host, names[i], len) == 0 &&
		    (host[len] == '\0' || host[len] == ':'))
			return true;
	}
	return false;
}

long long
request_body_len(const char *content_length)
{
	int64_t len = 0;

	if (content_length == NULL || num_int64(content_length, 0, INT64_MAX, &len) == -1)
		return 0;
	return len;
}
