/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/same_origin.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "fcgi/exchange.h"

static bool
only_reads(const char *method)
{
	return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0 ||
	       strcmp(method, "OPTIONS") == 0;
}

/* Is "scheme://host:port" what the request was sent to?  "null" is not. */
static bool
is_host(const char *origin, const char *host)
{
	const char *mark = strstr(origin, "://");

	return mark != NULL && host[0] != '\0' && strcasecmp(mark + 3, host) == 0;
}

/* Sec-Fetch-Site is the browser's own verdict, but sent over TLS and to the own machine only. */
bool
same_origin_is_ours(const struct exchange *x)
{
	const struct request *r = &x->request;

	if (r->fetch_site[0] != '\0')
		return strcmp(r->fetch_site, "same-origin") == 0 ||
		       strcmp(r->fetch_site, "none") == 0;
	return r->origin[0] == '\0' || is_host(r->origin, r->host);
}

bool
same_origin_proven(const struct request *r)
{
	const char *scheme = r->tls ? "https://" : "http://";

	if (only_reads(r->method))
		return true;
	if (r->fetch_site[0] != '\0')
		return strcmp(r->fetch_site, "same-origin") == 0;
	if (r->origin[0] == '\0')
		return r->java_client;
	return strncasecmp(r->origin, scheme, strlen(scheme)) == 0 && is_host(r->origin, r->host);
}

int
same_origin_check(struct exchange *x, struct err *err)
{
	if (only_reads(x->request.method) || same_origin_is_ours(x))
		return 0;
	return err_set(err, ERR_DENIED, "a page of another site may not do this");
}
