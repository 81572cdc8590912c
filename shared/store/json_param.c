/* SPDX-License-Identifier: Apache-2.0 */
#include "store/json_param.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "model/value.h"

void
json_param_text(struct buf *buf, const char *text)
{
	size_t left = strlen(text), step;

	buf_putc(buf, '"');
	for (; left > 0; text += step, left -= step) {
		unsigned char c = (unsigned char)*text;

		step = str_utf8_step(text, left);
		if (step == 0) {
			buf_printf(buf, "\\\\x%02X", c);
			step = 1;
		} else if (c == '"' || c == '\\') {
			buf_putc(buf, '\\');
			buf_putc(buf, *text);
		} else if (c < 0x20) {
			buf_printf(buf, "\\u%04x", c);
		} else {
			buf_append(buf, text, step);
		}
	}
	buf_putc(buf, '"');
}

void
json_param_map(struct buf *buf, const struct text_map *map)
{
	buf_putc(buf, '{');
	for (size_t i = 0; i < map->len; i++) {
		if (i > 0)
			buf_putc(buf, ',');
		json_param_text(buf, map->items[i].key);
		buf_putc(buf, ':');
		if (map->items[i].secret) {
			buf_puts(buf, "{\"secret\":");
			json_param_text(buf,
					map->items[i].value == NULL ? "" : map->items[i].value);
			buf_putc(buf, '}');
		} else if (map->items[i].value == NULL) {
			buf_puts(buf, "null");
		} else {
			json_param_text(buf, map->items[i].value);
		}
	}
	buf_putc(buf, '}');
}

char *
json_param_jobs(const struct job_key *jobs, unsigned long n)
{
	struct buf buf = BUF_INIT(SIZE_MAX);

	buf_putc(&buf, '[');
	for (unsigned long i = 0; i < n; i++)
		buf_printf(&buf, "%s{\"id\":%" PRId64 ",\"attempt\":%" PRId32 "}",
			   i == 0 ? "" : ",", jobs[i].id, jobs[i].attempt);
	buf_putc(&buf, ']');
	if (buf.failed)
		abort();
	return buf_take(&buf);
}
