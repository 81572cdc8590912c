/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/document.c: the codec between handlers and an exchange's bytes. */
#include "fcgi/document.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "codec/doc_json.h"
#include "codec/doc_xml.h"
#include "conf/settings.h"
#include "fcgi/exchange.h"

#define ANSWER_BYTES_MAX (64u * 1024 * 1024)

int
document_read(struct exchange *x, const struct wire_object *type, void *object, struct err *err)
{
	const char *text = x->request.body;
	size_t len = x->request.body_len;

	if (strcmp(x->request.content_type, "application/json") == 0)
		return doc_json_read(type, text, len, exchange_memory(x), object, err);
	if (len == 0)
		return err_set(err, ERR_INVALID, "the body is empty");
	return doc_xml_read(type, text, len, exchange_memory(x), object, err);
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
