/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client/web_request.h: one request to the web service behind a handle of jqm.h.
 *
 * For the command line (cli/api_client.c), which has what jqm.h leaves out: administration, and what only a web service can
 * give.  No part of the library's interface: programs of others do not see it.
 */
#ifndef CLIENT_WEB_REQUEST_H
#define CLIENT_WEB_REQUEST_H

#include "client/http_client.h"

struct err;
struct jqm;

/* As http_call(), over the handle's own connection; also -1 with ERR_INVALID: closed, or its address is a database's. */
int web_request(struct jqm *client, const struct http_request *request, struct http_reply *reply,
		struct err *err);

/* Where it goes, without trailing slash: borrowed; NULL with err as above. */
const char *web_request_url(struct jqm *client, struct err *err);

#endif
