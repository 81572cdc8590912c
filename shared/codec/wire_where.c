/* SPDX-License-Identifier: Apache-2.0 */
/* codec/wire_where.c: places in documents as text. */
#include "codec/wire_where.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/str.h"

#define WHERE_BYTES_MAX 200

static void
append_where(const struct wire_where *where, struct buf *out)
{
	if (where->up != NULL)
		append_where(where->up, out);
	if (where->name == NULL)
		buf_printf(out, "[%zu]", where->index);
	else
		buf_printf(out, "%s%s", out->len == 0 ? "" : ".", where->name);
}

int
wire_refuse(const struct wire_where *where, struct err *err, const char *fmt, ...)
{
	char text[ERR_TEXT_SIZE];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (where == NULL) {
		(void)err_set(err, ERR_INVALID, "document: %s", text);
	} else {
		struct buf path = BUF_INIT(WHERE_BYTES_MAX);

		append_where(where, &path);
		(void)err_set(err, ERR_INVALID, "field \"%s\": %s", buf_text(&path), text);
		buf_free(&path);
	}
	return -1;
}
