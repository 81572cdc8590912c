/* SPDX-License-Identifier: Apache-2.0 */
#include "base/percent.h"

#include <string.h>

#include "base/buf.h"

bool
percent_keeps(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == '_' || c == '~';
}

void
percent_encode(struct buf *out, const char *text, const char *keep)
{
	for (; *text != '\0'; text++) {
		if (percent_keeps(*text) || strchr(keep, *text) != NULL)
			buf_putc(out, *text);
		else
			buf_printf(out, "%%%02X", (unsigned)(unsigned char)*text);
	}
}
