/* SPDX-License-Identifier: Apache-2.0 */
/* base/percent.h: text where only some characters may stand: in URLs, forms, headers (RFC 3986, 2.1). */
#ifndef BASE_PERCENT_H
#define BASE_PERCENT_H

#include <stdbool.h>

struct buf;

/* Is it a letter, a digit or one of "-._~", which stand for themselves everywhere? */
bool percent_keeps(char c);

/* Append text with everything percent-encoded but these and the bytes in keep. */
void percent_encode(struct buf *out, const char *text, const char *keep);

#endif
