/* SPDX-License-Identifier: Apache-2.0 */
#include "client/web_request.h"

#include "base/err.h"
#include "client/handle.h"

static struct http_client *
http_of(struct jqm *client, struct err *err)
{
	struct backend *backend = handle_backend(client, err);

	if (backend == NULL)
		return NULL;
	if (!backend->is_database)
		return web_backend_http(backend);
	(void)err_set(err, ERR_INVALID,
		      "the address is a database's, and this is for a web service to do: give one, "
		      "such as https://host:port");
	return NULL;
}

int
web_request(struct jqm *client, const struct http_request *request, struct http_reply *reply,
	    struct err *err)
{
	struct http_client *http = http_of(client, err);

	return http == NULL ? -1 : http_call(http, request, reply, err);
}

const char *
web_request_url(struct jqm *client, struct err *err)
{
	struct http_client *http = http_of(client, err);

	return http == NULL ? NULL : http_client_url(http);
}
