/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/idempotency.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "crypto/digest_stream.h"
#include "db/db.h"
#include "fcgi/exchange.h"
#include "fcgi/route.h"
#include "store/request_key_store.h"

/* Longer answers are not kept. */
#define BODY_BYTES_MAX ((size_t)16 * 1024 * 1024)
#define HEADERS_BYTES_MAX 65536
#define BUSY_RETRY_S 2
#define BARE_KEY                                                         \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789" \
	"!#$%&'*+-.^_`|~:/=@"

bool
idempotency_wanted(const struct exchange *x)
{
	return x->route->once != ONCE_NO && x->request.idempotency_key[0] != '\0';
}

const char *
idempotency_owner(struct exchange *x)
{
	/* No login has a colon, and whoever has this one later is another account. */
	return x->identity.account_id == 0
		   ? x->identity.login
		   : exchange_printf(x, "%" PRId64 ":", x->identity.account_id);
}

/* What stands between the quotes; NULL: it is no string of RFC 8941. */
static const char *
unquoted(struct exchange *x, const char *header)
{
	char *out = exchange_strdup(x, header), *to = out;
	const char *c = header + 1;

	for (; *c != '"'; c++) {
		if (*c == '\\' && (c[1] == '"' || c[1] == '\\'))
			c++;
		else if (*c == '\\')
			return NULL;
		if (*c < ' ' || *c > '~')
			return NULL;
		*to++ = *c;
	}
	*to = '\0';
	return c[1] == '\0' ? out : NULL;
}

int
idempotency_key_read(struct exchange *x, const char *header, const char **out, struct err *err)
{
	const char *key = header;

	if (header[0] == '"')
		key = unquoted(x, header);
	else if (header[strspn(header, BARE_KEY)] != '\0')
		key = NULL;
	if (key == NULL)
		return err_set(err, ERR_INVALID,
			       "header Idempotency-Key: it is neither \"text\" in quotes, of "
			       "printable ASCII, nor text of letters, digits and "
			       "!#$%%&'*+-.^_`|~:/=@");
	if (key[0] == '\0')
		return err_set(err, ERR_INVALID, "header Idempotency-Key: the key is empty");
	if (strlen(key) > IDEMPOTENCY_KEY_MAX)
		return err_set(err, ERR_INVALID,
			       "header Idempotency-Key: %zu characters, at most %d are allowed",
			       strlen(key), IDEMPOTENCY_KEY_MAX);
	*out = key;
	return 0;
}

/* All that makes it this request; ends of texts count. */
static int
digest(const struct exchange *x, char out[DIGEST_HEX_SIZE], struct err *err)
{
	const struct request *r = &x->request;
	const char *const texts[] = { r->method, r->path, r->query, r->content_type,
				      x->media_type == NULL ? "" : x->media_type };
	struct digest_stream *stream = digest_stream_new();
	int rc = stream == NULL ? -1 : 0;

	for (size_t i = 0; rc == 0 && i < sizeof(texts) / sizeof(texts[0]); i++)
		rc = digest_stream_add(stream, texts[i], strlen(texts[i]) + 1);
	if (rc == 0)
		rc = digest_stream_add(stream, r->body, r->body_len);
	if (rc == 0)
		rc = digest_stream_hex(stream, out);
	digest_stream_free(stream);
	if (rc == -1)
		return err_set(err, ERR_INTERNAL, "no digest of a request could be made");
	return 0;
}

struct once {
	struct exchange *x;
	int (*handler)(struct exchange *x, struct err *err);
	struct request_key key;
};

/* As keep_answer() wrote them. */
static void
give_headers(struct exchange *x, char *lines)
{
	for (char *line; (line = strsep(&lines, "\n")) != NULL;) {
		char *value = strstr(line, ": ");

		if (value == NULL)
			continue;
		*value = '\0';
		exchange_header(x, line, value + strlen(": "));
	}
}

static int
give_again(struct exchange *x, const struct request_answer *answer, struct err *err)
{
	if (!answer->kept)
		return err_set(err, ERR_CONFLICT,
			       "the request with this Idempotency-Key was carried out; its answer "
			       "is not kept");
	if (answer->content_type != NULL)
		exchange_answer_bytes(x, answer->status, answer->content_type, answer->body,
				      answer->body_len);
	else
		exchange_answer_empty(x, answer->status);
	give_headers(x, exchange_strdup(x, answer->headers));
	exchange_header(x, "Idempotency-Replayed", "true");
	log_info("request_replayed", "req=%s login=\"%s\"", x->request.request_id,
		 x->identity.login);
	return 0;
}

static int
keep_answer(struct exchange *x, const struct request_key *key, struct err *err)
{
	const struct response *r = &x->response;
	struct buf headers = BUF_INIT(HEADERS_BYTES_MAX);
	int rc;

	assert(r->stream == NULL);
	for (const struct header *h = r->headers; h != NULL; h = h->next)
		buf_printf(&headers, "%s: %s\n", h->name, h->value);
	rc = buf_check(&headers, err);
	if (rc == 0)
		rc = request_key_done(
		    x->db, key,
		    &(struct request_answer){
			.status = r->status,
			.content_type = r->content_type,
			.headers = buf_text(&headers),
			.kept = x->route->once == ONCE && r->body.len <= BODY_BYTES_MAX,
			.body = buf_text(&r->body),
			.body_len = r->body.len,
		    },
		    exchange_memory(x), err);
	buf_free(&headers);
	return rc;
}

static int
run_in_tx(struct db *db, void *arg, struct err *err)
{
	struct once *once = arg;
	struct exchange *x = once->x;
	enum request_verdict verdict;
	struct request_answer answer;

	exchange_drop_answer(x); /* of a try that could not be committed */
	if (request_key_begin(db, &once->key, exchange_memory(x), &verdict, &answer, err) == -1)
		return -1;
	switch (verdict) {
	case REQUEST_SAME:
		return give_again(x, &answer, err);
	case REQUEST_OTHER:
		return err_set(err, ERR_CONFLICT,
			       "Idempotency-Key \"%.100s\" was used for another request",
			       once->key.key);
	case REQUEST_BUSY:
		x->response.retry_after_s = BUSY_RETRY_S;
		return err_set(err, ERR_CONFLICT,
			       "the request with Idempotency-Key \"%.100s\" is still being carried "
			       "out",
			       once->key.key);
	case REQUEST_NEW:
		break;
	}
	if (once->handler(x, err) == -1)
		return -1;
	return keep_answer(x, &once->key, err);
}

int
idempotency_run(struct exchange *x, int (*handler)(struct exchange *x, struct err *err),
		struct err *err)
{
	char hex[DIGEST_HEX_SIZE];
	struct once once = { x, handler, { idempotency_owner(x), NULL, hex } };

	if (idempotency_key_read(x, x->request.idempotency_key, &once.key.key, err) == -1 ||
	    digest(x, hex, err) == -1 || db_gate_pass(x->db, err) == -1)
		return -1;
	/* An import compares two states of one snapshot, and asks for its level itself: it must be that from the start. */
	return x->route->body == BODY_XML ? db_tx_repeatable(x->db, run_in_tx, &once, err)
					  : db_tx(x->db, run_in_tx, &once, err);
}
