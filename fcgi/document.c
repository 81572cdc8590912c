/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/document.c: the codec between handlers and an exchange's bytes. */
#include "fcgi/document.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "codec/doc_json.h"
#include "codec/doc_xml.h"
#include "conf/settings.h"
#include "fcgi/exchange.h"

#define ANSWER_BYTES_MAX (64u * 1024 * 1024)

static bool
body_is_json(const struct exchange *x)
{
	return strcmp(x->request.content_type, "application/json") == 0;
}

static const struct wire_object *
renamed(struct exchange *x, const struct wire_object *type, const char *root)
{
	struct wire_object *copy = exchange_alloc(x, sizeof(*copy));

	*copy = *type;
	copy->name = root;
	return copy;
}

int
document_read_as(struct exchange *x, const struct wire_object *type, void *object,
		 const struct wire_object **answer_type_out, struct err *err)
{
	const char *text = x->request.body, *root = type->name;
	size_t len = x->request.body_len;

	if (body_is_json(x)) {
		*answer_type_out = type;
		return doc_json_read(type, text, len, exchange_memory(x), object, err);
	}
	if (len == 0)
		return err_set(err, ERR_INVALID, "the body is empty");
	if (doc_xml_read_root(type, text, len, exchange_memory(x), object, &root, err) == -1)
		return -1;
	*answer_type_out = renamed(x, type, root);
	return 0;
}

int
document_read(struct exchange *x, const struct wire_object *type, void *object, struct err *err)
{
	const struct wire_object *answer_type;

	return document_read_as(x, type, object, &answer_type, err);
}

/* 415 unless the body is JSON. */
static int
require_json(struct exchange *x, struct err *err)
{
	if (body_is_json(x))
		return 0;
	x->response.refusal = REFUSAL_MEDIA_TYPE;
	return err_set(err, ERR_INVALID, "a list must be application/json, not \"%.100s\"",
		       x->request.content_type);
}

int
document_read_list(struct exchange *x, const struct wire_object *type, struct wire_items *out,
		   struct err *err)
{
	if (require_json(x, err) == -1)
		return -1;
	return doc_json_read_list(type, x->request.body, x->request.body_len, exchange_memory(x),
				  out, err);
}

bool
document_is_array(const struct exchange *x)
{
	const char *text = x->request.body;

	return body_is_json(x) && text[strspn(text, " \t\r\n")] == '[';
}

int
document_read_ids(struct exchange *x, size_t max, int64_t **ids_out, size_t *n_out, struct err *err)
{
	if (require_json(x, err) == -1)
		return -1;
	return doc_json_read_ids(x->request.body, x->request.body_len, max, exchange_memory(x),
				 ids_out, n_out, err);
}

static bool
wants_xml(const struct exchange *x)
{
	return x->media_type != NULL && strcmp(x->media_type, "application/xml") == 0;
}

static struct doc_json_style
style_of(const struct exchange *x)
{
	const char *dates = settings_text(x->settings, "fcgi:json_dates");
	struct doc_json_style style = { .dates_as_text = strcmp(dates, "text") == 0 };

	return style;
}

/* Send body unless an append failed. */
static int
answer(struct exchange *x, struct buf *body, struct err *err)
{
	int rc = buf_check(body, err);

	if (rc == 0)
		exchange_answer_bytes(x, 200, wants_xml(x) ? "application/xml" : "application/json",
				      buf_text(body), body->len);
	buf_free(body);
	return rc;
}

int
document_answer(struct exchange *x, const struct wire_object *type, const void *object,
		struct err *err)
{
	struct doc_json_style style = style_of(x);
	struct buf body = BUF_INIT(ANSWER_BYTES_MAX);

	if (wants_xml(x))
		doc_xml_write(type, object, &body);
	else
		doc_json_write(type, object, &style, &body);
	return answer(x, &body, err);
}

int
document_answer_list(struct exchange *x, const struct wire_object *type, const void *items,
		     size_t len, struct err *err)
{
	struct doc_json_style style = style_of(x);
	struct buf body = BUF_INIT(ANSWER_BYTES_MAX);

	if (wants_xml(x))
		doc_xml_write_list(type, items, len, &body);
	else
		doc_json_write_list(type, items, len, &style, &body);
	return answer(x, &body, err);
}

int
document_answer_texts(struct exchange *x, const struct text_list *texts, struct err *err)
{
	struct buf body = BUF_INIT(ANSWER_BYTES_MAX);

	doc_json_write_texts(texts, &body);
	return answer(x, &body, err);
}

int
document_answer_ids(struct exchange *x, const int64_t *ids, size_t n, struct err *err)
{
	struct buf body = BUF_INIT(ANSWER_BYTES_MAX);

	doc_json_write_ids(ids, n, &body);
	return answer(x, &body, err);
}

int
document_answer_number(struct exchange *x, int64_t number, struct err *err)
{
	struct buf body = BUF_INIT(ANSWER_BYTES_MAX);

	if (x->media_type != NULL && strcmp(x->media_type, "text/plain") == 0) {
		exchange_answer_text(x, 200, exchange_printf(x, "%" PRId64, number));
		return 0;
	}
	buf_printf(&body, "%" PRId64, number);
	return answer(x, &body, err);
}
