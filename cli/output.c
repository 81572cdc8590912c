/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/output.h"

#include <inttypes.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"

#define LINE_BYTES_MAX 65536

static uint32_t
code_point(const unsigned char *at, size_t step)
{
	static const unsigned char first_mask[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	uint32_t code = at[0] & first_mask[step];

	for (size_t i = 1; i < step; i++)
		code = code << 6 | (at[i] & 0x3fu);
	return code;
}

/* Does this character change more on a terminal than the place where it is printed? */
static bool
is_unsafe(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x200e || code == 0x200f ||
	       code == 0x2028 || code == 0x2029 || (code >= 0x202a && code <= 0x202e) ||
	       (code >= 0x2066 && code <= 0x2069) || code == 0xfeff;
}

static void
escape(struct buf *buf, const char *text, size_t len, bool keep_lines)
{
	size_t i = 0;

	while (i < len) {
		size_t step = str_utf8_step(text + i, len - i);
		uint32_t code;

		if (step == 0) {
			buf_printf(buf, "\\x%02x", (unsigned char)text[i]);
			i++;
			continue;
		}
		code = code_point((const unsigned char *)text + i, step);
		if (!is_unsafe(code) || (keep_lines && (code == '\n' || code == '\t')))
			buf_append(buf, text + i, step);
		else if (step == 1)
			buf_printf(buf, "\\x%02x", (unsigned)code);
		else
			buf_printf(buf, "\\u{%x}", (unsigned)code);
		i += step;
	}
}

void
output_escape(struct buf *buf, const char *text, size_t len)
{
	escape(buf, text, len, false);
}

void
output_escape_lines(struct buf *buf, const char *text, size_t len)
{
	escape(buf, text, len, true);
}

void
output_text(FILE *file, const char *text)
{
	struct buf buf = BUF_INIT(LINE_BYTES_MAX);
	size_t len = 0;

	/* A piece at a time: what does not fit into one buffer is not lost. */
	while (*text != '\0') {
		len = str_utf8_cut(text, LINE_BYTES_MAX / 8);
		if (len == 0)
			len = 1;
		output_escape(&buf, text, len);
		(void)fwrite(buf_text(&buf), 1, buf.len, file);
		buf_free(&buf);
		text += len;
	}
}

void
output_document(FILE *file, const char *text, size_t len)
{
	struct buf buf = BUF_INIT(SIZE_MAX);

	if (isatty(fileno(file)) == 1) {
		output_escape_lines(&buf, text, len);
		(void)fwrite(buf_text(&buf), 1, buf.len, file);
	} else {
		(void)fwrite(text, 1, len, file);
	}
	(void)fputc('\n', file);
	buf_free(&buf);
}

void
output_time(FILE *file, int64_t us)
{
	time_t seconds = (time_t)(us / 1000000);
	struct tm local;
	char text[40] = "?";

	if (localtime_r(&seconds, &local) != NULL)
		(void)strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &local);
	(void)fputs(text, file);
}

void
output_column(FILE *file, const char *text, size_t width)
{
	struct buf buf = BUF_INIT(LINE_BYTES_MAX);
	size_t chars, bytes = 0;

	output_escape(&buf, text, str_utf8_cut(text, LINE_BYTES_MAX / 8));
	chars = str_utf8_chars(buf_text(&buf));
	if (chars <= width) {
		(void)fputs(buf_text(&buf), file);
	} else {
		chars = width;
		for (size_t i = 0; i + 1 < width; i++)
			bytes += str_utf8_step(buf_text(&buf) + bytes, buf.len - bytes);
		(void)fwrite(buf_text(&buf), 1, bytes, file);
		(void)fputc('~', file);
	}
	for (size_t i = chars; i < width; i++)
		(void)fputc(' ', file);
	buf_free(&buf);
}

void
output_text_line(int width, const char *label, const char *text)
{
	if (text == NULL || text[0] == '\0')
		return;
	(void)printf("%-*s ", width, label);
	output_text(stdout, text);
	(void)putchar('\n');
}

void
output_number_line(int width, const char *label, bool set, int64_t number)
{
	if (set)
		(void)printf("%-*s %" PRId64 "\n", width, label, number);
}

void
output_time_line(int width, const char *label, struct opt_time at)
{
	if (!at.set)
		return;
	(void)printf("%-*s ", width, label);
	output_time(stdout, at.us);
	(void)putchar('\n');
}
