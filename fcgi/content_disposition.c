/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/content_disposition.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"

#define NAME_BYTES_MAX 255

static bool
is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == '_' || c == '~';
}

void
percent_encode(struct buf *out, const char *text, const char *keep)
{
	for (; *text != '\0'; text++) {
		if (is_plain(*text) || strchr(keep, *text) != NULL)
			buf_putc(out, *text);
		else
			buf_printf(out, "%%%02X", (unsigned)(unsigned char)*text);
	}
}

/* What follows the last slash or backslash. */
static const char *
last_part(const char *name)
{
	const char *part = name;

	for (; *name != '\0'; name++)
		if (*name == '/' || *name == '\\')
			part = name + 1;
	return part;
}

void
content_disposition(struct buf *out, const char *name)
{
	char part[NAME_BYTES_MAX + 1];

	(void)str_copy(part, sizeof(part), last_part(name));
	if (part[0] == '\0' || strcmp(part, ".") == 0 || strcmp(part, "..") == 0)
		(void)str_copy(part, sizeof(part), "file");

	/* The fallback for old clients: one '_' for each character that might mean something. */
	buf_puts(out, "attachment; filename=\"");
	for (size_t i = 0, step; part[i] != '\0'; i += step) {
		step = str_utf8_step(part + i, strlen(part + i));
		if (step == 0)
			step = 1;
		buf_putc(out,
			 is_plain(part[i]) || strchr(" ()+=@,", part[i]) != NULL ? part[i] : '_');
	}
	buf_puts(out, "\"; filename*=UTF-8''");
	percent_encode(out, part, "");
}
