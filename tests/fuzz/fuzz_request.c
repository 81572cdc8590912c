/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as the parameters of a FastCGI request, one NAME=value a line: refused with a reason, or every
 * text of the request is there and what the pipeline relies on is UTF-8.  Refused or not, a log line can be
 * made of it.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fcgiapp.h>

#include "base/err.h"
#include "base/str.h"
#include "fcgi/request.h"
#include "tests/lib/an_exchange.h"

#include "corpus_main.h"

#define PARAMS_MAX 64

static void
check_text(const char *text, bool accepted)
{
	FUZZ_CHECK(text != NULL);
	FUZZ_CHECK(!accepted || str_utf8_valid(text, strlen(text)));
}

static void
check_request(const struct request *r, bool accepted)
{
	check_text(r->method, accepted);
	check_text(r->path, accepted);
	check_text(r->query, accepted);
	check_text(r->content_type, accepted);
	check_text(r->accept, accepted);
	check_text(r->request_id, accepted);
	check_text(r->certificate, accepted);
	check_text(r->remote_addr, false);
	check_text(r->certificate_verify, false);
	check_text(r->host, false);
	check_text(r->origin, false);
	check_text(r->fetch_site, false);
	check_text(r->range, false);
	check_text(r->if_range, false);
	check_text(r->idempotency_key, false);
	check_text(r->trace_parent, false);
	FUZZ_CHECK(r->body != NULL && r->body_len == 0);
	FUZZ_CHECK(!accepted || (r->path[0] == '/' && strchr(r->path, '?') == NULL));
	FUZZ_CHECK(r->authorization == NULL || r->authorization[0] != '\0');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct exchange *x = an_exchange();
	char *text = exchange_printf(x, "%.*s", (int)size, (const char *)data);
	char *params[PARAMS_MAX + 1] = { NULL };
	FCGX_Request connection;
	struct err err = ERR_INIT;
	bool accepted;

	for (size_t i = 0; i < PARAMS_MAX && text != NULL; i++)
		params[i] = strsep(&text, "\n");
	memset(&connection, 0, sizeof(connection));
	connection.envp = params;
	x->connection = &connection;
	accepted = request_read(x, &err) == 0;
	FUZZ_CHECK(accepted || (err.kind == ERR_INVALID && err.text[0] != '\0'));
	check_request(&x->request, accepted);
	an_exchange_free(x);
	return 0;
}
