/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/delivery_name.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"

static bool
is_plain(char c)
{
	return isascii((unsigned char)c) && isalnum((unsigned char)c);
}

/* Bytes of the character at text that may be shown as it is; 0: its first byte must be escaped. */
static size_t
shown_step(const char *text, size_t left)
{
	size_t step = str_utf8_step(text, left);
	unsigned char c = (unsigned char)text[0];

	if (step == 1 && (c < 0x20 || c == 0x7f))
		return 0;
	if (step == 2 && c == 0xc2 && (unsigned char)text[1] < 0xa0)
		return 0; /* C1 control characters */
	return step;
}

char *
delivery_name_shown(const char *name)
{
	struct buf buf = BUF_INIT(4 * DELIVERY_SHOWN_MAX);
	size_t left = strlen(name), chars = 0;

	while (left > 0) {
		size_t step = shown_step(name, left);

		chars += step == 0 ? 4 : 1;
		if (chars > DELIVERY_SHOWN_MAX)
			break;
		if (step == 0)
			buf_printf(&buf, "\\x%02X", (unsigned char)*name);
		else
			buf_append(&buf, name, step);
		name += step == 0 ? 1 : step;
		left -= step == 0 ? 1 : step;
	}
	if (buf.failed)
		abort();
	return buf_take(&buf);
}

void
delivery_name_ext(const char *name, char out[DELIVERY_EXT_MAX + 2])
{
	const char *dot = strrchr(name, '.');
	size_t len = dot == NULL ? 0 : strlen(dot + 1);

	out[0] = '\0';
	if (len < 1 || len > DELIVERY_EXT_MAX)
		return;
	for (size_t i = 1; i <= len; i++)
		if (!is_plain(dot[i]))
			return;
	memcpy(out, dot, len + 2);
}

void
delivery_name_dir(const char *definition_name, char out[DELIVERY_DIR_SIZE])
{
	size_t n = 0;

	for (; n < DELIVERY_DIR_SIZE - 1 && definition_name[n] != '\0'; n++) {
		char c = definition_name[n];

		out[n] = is_plain(c) || c == '-' || c == '_' || (c == '.' && n > 0) ? c : '_';
	}
	out[n] = '\0';
	if (n == 0)
		(void)str_copy(out, DELIVERY_DIR_SIZE, "_");
}
