/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/xml_utf16.h"

#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "codec/xml_prolog.h"

static bool
is_big_endian(const char *data)
{
	return data[0] == '\xfe' || data[0] == '\0';
}

bool
xml_is_utf16(const char *data, size_t len)
{
	static const char marks[][2] = { "\xff\xfe", "\xfe\xff", { '<', '\0' }, { '\0', '<' } };

	if (len < 4 || memcmp(data + 2, "\0\0", 2) == 0)
		return false;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (memcmp(data, marks[i], 2) == 0)
			return true;
	return false;
}

static void
put_utf8(struct buf *out, uint32_t c)
{
	if (c < 0x80) {
		buf_putc(out, (char)c);
	} else if (c < 0x800) {
		buf_putc(out, (char)(0xc0 | c >> 6));
		buf_putc(out, (char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		buf_putc(out, (char)(0xe0 | c >> 12));
		buf_putc(out, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_putc(out, (char)(0x80 | (c & 0x3f)));
	} else {
		buf_putc(out, (char)(0xf0 | c >> 18));
		buf_putc(out, (char)(0x80 | (c >> 12 & 0x3f)));
		buf_putc(out, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_putc(out, (char)(0x80 | (c & 0x3f)));
	}
}

static uint32_t
unit_at(const char *data, bool big_endian)
{
	unsigned char a = (unsigned char)data[0], b = (unsigned char)data[1];

	return big_endian ? (uint32_t)a << 8 | b : (uint32_t)b << 8 | a;
}

static int
decode(const char *data, size_t len, struct buf *out, struct err *err)
{
	bool big_endian = is_big_endian(data);
	int line = 1;

	for (size_t i = unit_at(data, big_endian) == 0xfeff ? 2 : 0; i < len; i += 2) {
		uint32_t c = i + 1 < len ? unit_at(data + i, big_endian) : 0xdc00, low = 0;

		if (c >= 0xd800 && c < 0xdc00 && i + 3 < len)
			low = unit_at(data + i + 2, big_endian);
		if (low >= 0xdc00 && low < 0xe000) {
			c = 0x10000 + ((c - 0xd800) << 10 | (low - 0xdc00));
			i += 2;
		} else if (c >= 0xd800 && c < 0xe000) {
			return err_set(err, ERR_INVALID,
				       "line %d: not XML: half a character of UTF-16", line);
		}
		line += c == '\n';
		put_utf8(out, c);
	}
	return buf_check(out, err);
}

int
xml_from_utf16(const char *data, size_t len, struct buf *out, struct err *err)
{
	size_t declaration;

	if (decode(data, len, out, err) == -1 ||
	    xml_declaration_check(out->data, out->len, XML_UTF_16, &declaration, err) == -1)
		return -1;
	for (size_t i = 0; i < declaration; i++)
		if (out->data[i] != '\n')
			out->data[i] = ' ';
	return 0;
}
