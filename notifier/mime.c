/* SPDX-License-Identifier: Apache-2.0 */
#include "notifier/mime.h"

#include <stddef.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"

#define PLAIN_MAX_BYTES 70 /* a header that needs no fold */
#define WORD_MAX_CHARS 75 /* of an encoded word, RFC 2047 */
#define LINE_MAX_CHARS 76 /* of quoted-printable, with the "=" that joins lines */
#define WORD_START "=?UTF-8?Q?"
#define WORD_END "?="

static bool
is_control(unsigned char c)
{
	return c < 0x20 || c == 0x7f;
}

static bool
is_plain(const char *text)
{
	size_t len = strlen(text);

	if (len > PLAIN_MAX_BYTES || strstr(text, "=?") != NULL)
		return false;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] >= 0x7f || is_control((unsigned char)text[i]))
			return false;
	return len == 0 || (text[0] != ' ' && text[len - 1] != ' ');
}

/* Of one character's bytes into out[13]: the letters that stand for it in an encoded word. */
static size_t
encode(char out[13], const char *bytes, size_t len)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)bytes[i];

		if (c == ' ' || is_control(c)) {
			out[n++] = '_';
		} else if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
			   (c >= 'a' && c <= 'z')) {
			out[n++] = (char)c;
		} else {
			out[n++] = '=';
			out[n++] = digits[c >> 4];
			out[n++] = digits[c & 15];
		}
	}
	out[n] = '\0';
	return n;
}

/* Characters at text: its bytes, 1 where none is well-formed. */
static size_t
step(const char *text)
{
	size_t n = str_utf8_step(text, strlen(text));

	return n == 0 ? 1 : n;
}

void
mime_header(struct buf *out, const char *name, const char *text)
{
	/* The longest word, less what the name takes in the first line. */
	size_t room = WORD_MAX_CHARS - strlen(WORD_START) - strlen(WORD_END);
	size_t left = strlen(name) + 2 < room ? room - strlen(name) - 2 : 0;
	char letters[13];

	buf_printf(out, "%s: ", name);
	if (is_plain(text)) {
		buf_printf(out, "%s\r\n", text);
		return;
	}
	buf_puts(out, WORD_START);
	for (size_t n; *text != '\0'; text += n) {
		size_t len;

		n = step(text);
		len = n == 1 && (unsigned char)*text >= 0x80 ? encode(letters, "?", 1)
							     : encode(letters, text, n);
		if (len > left) {
			buf_puts(out, WORD_END "\r\n " WORD_START);
			left = room;
		}
		buf_puts(out, letters);
		left -= len;
	}
	buf_puts(out, WORD_END "\r\n");
}

void
mime_quoted_printable(struct buf *out, const char *text)
{
	size_t column = 0;

	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;
		bool ends = text[1] == '\n' || text[1] == '\0';
		bool literal;

		if (c == '\n') {
			buf_puts(out, "\r\n");
			column = 0;
			continue;
		}
		if (is_control(c) && c != '\t')
			c = ' ';
		/* A blank at the end of a line could get lost; a dot at its start means something to SMTP. */
		literal = (c > ' ' && c < 0x7f && c != '=' && !(c == '.' && column == 0)) ||
			  ((c == ' ' || c == '\t') && !ends);
		if (column + (literal ? 1 : 3) > LINE_MAX_CHARS - 1) {
			buf_puts(out, "=\r\n");
			column = 0;
			literal = literal && c != '.';
		}
		if (literal)
			buf_putc(out, (char)c);
		else
			buf_printf(out, "=%02X", c);
		column += literal ? 1 : 3;
	}
	if (column > 0)
		buf_puts(out, "\r\n");
}

bool
mime_is_address(const char *text)
{
	const char *at = strchr(text, '@');

	if (at == NULL || at == text || at[1] == '\0' || strchr(at + 1, '@') != NULL)
		return false;
	for (const char *c = text; *c != '\0'; c++)
		if (*c <= ' ' || *c >= 0x7f || strchr("<>\"(),;:\\", *c) != NULL)
			return false;
	return strlen(text) <= 255;
}
