/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/conditional.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/err.h"
#include "crypto/digest.h"
#include "fcgi/exchange.h"

/* Two different answers of one state are told apart by so many bytes. */
#define DIGEST_BYTES 8

int
conditional_put_etag(struct exchange *x, const char *state, struct err *err)
{
	unsigned char digest[DIGEST_SIZE];
	char hex[2 * DIGEST_BYTES + 1];

	if (digest_sha256(buf_text(&x->response.body), x->response.body.len, digest) == -1)
		return err_set(err, ERR_INTERNAL, "no digest of an answer could be made");
	for (size_t i = 0; i < DIGEST_BYTES; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	exchange_header(x, "ETag", exchange_printf(x, "\"%s.%s\"", state, hex));
	return 0;
}

const char *
conditional_states_wanted(struct exchange *x)
{
	char *states = exchange_strdup(x, x->request.if_match);
	char *to = states;
	bool quoted = false, digest = false;

	for (const char *c = states; *c != '\0'; c++) {
		if (*c == '"') {
			quoted = !quoted;
			digest = false;
		} else if (*c == '.' && quoted) {
			digest = true;
		}
		if (!digest)
			*to++ = *c;
	}
	*to = '\0';
	return states;
}

/* Is etag, or *, in list?  Compared weakly, as RFC 9110 wants it here: W/ does not count. */
static bool
list_has(const char *list, const char *etag)
{
	size_t etag_len = strlen(etag);

	for (;;) {
		list += strspn(list, " \t,");
		if (*list == '\0')
			return false;
		if (*list == '*')
			return true;
		if (strncmp(list, "W/", 2) == 0)
			list += 2;
		if (strncmp(list, etag, etag_len) == 0 && strchr(" \t,", list[etag_len]) != NULL)
			return true;
		list += strcspn(list, ",");
	}
}

int
conditional_check(struct exchange *x, struct err *err)
{
	bool is_get =
	    strcmp(x->request.method, "GET") == 0 || strcmp(x->request.method, "HEAD") == 0;

	(void)err;
	if (!is_get || x->response.status != 200 || x->request.if_none_match[0] == '\0')
		return 0;
	for (const struct header *h = x->response.headers; h != NULL; h = h->next) {
		if (strcasecmp(h->name, "ETag") != 0 ||
		    !list_has(x->request.if_none_match, h->value))
			continue;
		x->response.status = 304;
		x->response.content_type = NULL;
		buf_free(&x->response.body);
		return 0;
	}
	return 0;
}
