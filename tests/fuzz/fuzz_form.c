/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as "a=1&b=2" and as a file's name: what the check lets through decodes to UTF-8 without
 * complaint, and no name gets out of its header.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "fcgi/content_disposition.h"
#include "tests/lib/an_exchange.h"

#include "corpus_main.h"

#define HEADER_BYTES_MAX 4096

static void
check_fields(struct exchange *x)
{
	struct err err = ERR_INIT;
	const char *value = NULL;
	const char *const *values = NULL;

	FUZZ_CHECK(exchange_form_values(x, "a", &values, &err) == 0);
	if (values[0] != NULL && values[1] != NULL) {
		FUZZ_CHECK(exchange_form_value(x, "a", &value, &err) == -1); /* which of them? */
	} else {
		FUZZ_CHECK(exchange_form_value(x, "a", &value, &err) == 0);
		FUZZ_CHECK((value == NULL) == (values[0] == NULL));
	}
	for (; *values != NULL; values++)
		FUZZ_CHECK(str_utf8_valid(*values, strlen(*values)));
}

static void
check_name(const char *name)
{
	struct buf out = BUF_INIT(HEADER_BYTES_MAX);
	size_t quotes = 0;

	content_disposition(&out, name);
	FUZZ_CHECK(!out.failed);
	for (const char *c = buf_text(&out); *c != '\0'; c++) {
		FUZZ_CHECK(*c >= 0x20 && *c < 0x7f);
		quotes += *c == '"';
	}
	FUZZ_CHECK(quotes == 2);
	buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct exchange *x = an_exchange();
	struct err err = ERR_INIT;

	x->request.body = exchange_printf(x, "%.*s", (int)size, (const char *)data);
	x->request.body_len = strlen(x->request.body);
	if (exchange_pairs_check(x, x->request.body, "form field", &err) == 0)
		check_fields(x);
	else
		FUZZ_CHECK(err.kind == ERR_INVALID && err.text[0] != '\0');
	check_name(x->request.body);
	an_exchange_free(x);
	return 0;
}
