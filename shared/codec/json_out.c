/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json_out.h"

#include <inttypes.h>
#include <stddef.h>

#include "base/buf.h"
#include "codec/doc_json.h"

static void
begin_value(struct json_out *out, const char *name)
{
	if (out->after_value)
		buf_putc(out->buf, ',');
	out->after_value = true;
	if (name == NULL)
		return;
	doc_json_write_text(name, out->buf);
	buf_putc(out->buf, ':');
}

void
json_open(struct json_out *out, const char *name, char bracket)
{
	begin_value(out, name);
	buf_putc(out->buf, bracket);
	out->after_value = false;
}

void
json_close(struct json_out *out, char bracket)
{
	buf_putc(out->buf, bracket);
	out->after_value = true;
}

void
json_text(struct json_out *out, const char *name, const char *text)
{
	begin_value(out, name);
	doc_json_write_text(text, out->buf);
}

void
json_number(struct json_out *out, const char *name, int64_t number)
{
	begin_value(out, name);
	buf_printf(out->buf, "%" PRId64, number);
}

void
json_bool(struct json_out *out, const char *name, bool value)
{
	begin_value(out, name);
	buf_puts(out->buf, value ? "true" : "false");
}
