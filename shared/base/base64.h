/* SPDX-License-Identifier: Apache-2.0 */
/* base/base64.h: base64 (RFC 4648), strictly: one value has one text. */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include <stddef.h>

/*
 * len characters of text into out[max]: no bytes but the alphabet's, unused bits zero, and complete padding or, in the
 * second form, none.  Number of bytes, or -1.
 */
long base64_decode(const char *text, size_t len, unsigned char *out, size_t max);
long base64_decode_unpadded(const char *text, size_t len, unsigned char *out, size_t max);

#endif
