/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "METHOD path" against the real route table, and the rest of the bytes as its Accept header: refused
 * with a reason, or a route with decoded values that are UTF-8.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "fcgi/negotiation.h"
#include "fcgi/request.h"
#include "fcgi/route.h"
#include "fcgi/router.h"
#include "tests/lib/an_exchange.h"

#include "corpus_main.h"

/* Cut the next line off *rest. */
static char *
take_line(char **rest)
{
	char *line = *rest;
	size_t len = strcspn(line, "\n");

	*rest = line + len + (line[len] != '\0');
	line[len] = '\0';
	return line;
}

static void
check_route(struct exchange *x)
{
	FUZZ_CHECK(x->response.allow == NULL);
	for (size_t i = 0; i < EXCHANGE_PATH_VALUES_MAX && x->path_values[i] != NULL; i++) {
		FUZZ_CHECK(x->path_values[i][0] != '\0');
		FUZZ_CHECK(str_utf8_valid(x->path_values[i], strlen(x->path_values[i])));
	}
	if (x->route->produces != NULL) {
		size_t chosen = negotiation_choose(x->request.accept, x->route->produces);

		FUZZ_CHECK(chosen == NEGOTIATION_NONE || chosen < 10);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct exchange *x = an_exchange();
	char *rest = exchange_printf(x, "%.*s", (int)size, (const char *)data);
	struct err err = ERR_INIT;

	x->request.method = take_line(&rest);
	x->request.path = take_line(&rest);
	x->request.query = take_line(&rest);
	x->request.accept = take_line(&rest);
	x->request.content_type = rest;
	if (request_check(x, &err) == -1 || router_match(x, &err) == -1)
		FUZZ_CHECK(err.kind == ERR_INVALID && err.text[0] != '\0');
	else if (x->route != NULL)
		check_route(x);
	an_exchange_free(x);
	return 0;
}
