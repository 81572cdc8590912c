/* SPDX-License-Identifier: Apache-2.0 */
/* codec/xml_utf16.h: documents in UTF-16, which no step behind this one knows. */
#ifndef CODEC_XML_UTF16_H
#define CODEC_XML_UTF16_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct err;

/* Does it begin with the mark of UTF-16, or with a "<" in it?  Not when it is UTF-32. */
bool xml_is_utf16(const char *data, size_t len);

/*
 * The same document in UTF-8 into out (empty, with room for 1.5 times len), blanks in the place of its declaration,
 * whose encoding must be this one or absent.  0, or -1: ERR_INVALID.
 */
int xml_from_utf16(const char *data, size_t len, struct buf *out, struct err *err);

#endif
