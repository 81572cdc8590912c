/* SPDX-License-Identifier: Apache-2.0 */
#include "store/array_param.h"

#include "base/buf.h"
#include "model/value.h"

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
