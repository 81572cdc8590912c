/* SPDX-License-Identifier: Apache-2.0 */
#include "store/array_param.h"

#include "base/buf.h"
#include "model/memory.h"
#include "model/value.h"

/* The longest list: as many texts as a query may have, each of the longest, twice escaped. */
#define ARRAY_BYTES_MAX (16u * 1024 * 1024)

void
array_param_texts(struct buf *buf, const struct text_list *list)
{
	buf_putc(buf, '{');
	for (size_t i = 0; i < list->len; i++) {
		buf_puts(buf, i == 0 ? "\"" : ",\"");
		for (const char *c = list->items[i]; *c != '\0'; c++) {
			if (*c == '"' || *c == '\\')
				buf_putc(buf, '\\');
			buf_putc(buf, *c);
		}
		buf_putc(buf, '"');
	}
	buf_putc(buf, '}');
}

const char *
array_param(struct memory *memory, const struct text_list *list)
{
	struct buf buf = BUF_INIT(ARRAY_BYTES_MAX);
	const char *text;

	if (list == NULL)
		return NULL;
	array_param_texts(&buf, list);
	text = memory_dup(memory, buf_text(&buf));
	buf_free(&buf);
	return text;
}
