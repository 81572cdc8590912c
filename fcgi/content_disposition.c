/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/content_disposition.h"

#include <string.h>

#include "base/buf.h"
#include "base/percent.h"
#include "base/str.h"

#define NAME_BYTES_MAX 255

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
		buf_putc(out, percent_keeps(part[i]) || strchr(" ()+=@,", part[i]) != NULL ? part[i]
											   : '_');
	}
	buf_puts(out, "\"; filename*=UTF-8''");
	percent_encode(out, part, "");
}
