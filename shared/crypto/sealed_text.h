/* SPDX-License-Identifier: Apache-2.0 */
/* crypto/sealed_text.h: a text that only who has the key can have written.  Everybody can read it. */
#ifndef CRYPTO_SEALED_TEXT_H
#define CRYPTO_SEALED_TEXT_H

struct buf;
struct err;

/* "text" and a dot and its HMAC-SHA-256 by the key, in hexadecimal.  0, or -1 with err. */
int sealed_text_write(const char *key, const char *text, struct buf *out, struct err *err);

/* Cut the seal off, in place; the time it takes tells nothing of the key.  0; -1 with ERR_DENIED: another key sealed it, or none. */
int sealed_text_open(const char *key, char *sealed, struct err *err);

#endif
