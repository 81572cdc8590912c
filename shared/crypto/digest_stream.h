/* SPDX-License-Identifier: Apache-2.0 */
/* crypto/digest_stream.h: SHA-256 of bytes that come in pieces (a file read in bounded slices). */
#ifndef CRYPTO_DIGEST_STREAM_H
#define CRYPTO_DIGEST_STREAM_H

#include <stddef.h>

#define DIGEST_HEX_SIZE 65

struct digest_stream;

/* NULL when OpenSSL gives none (out of memory). */
struct digest_stream *digest_stream_new(void);
/* 0, or -1: the stream is then good for digest_stream_free() only. */
int digest_stream_add(struct digest_stream *stream, const void *data, size_t len);
/* Lower-case hexadecimal digest of all that was added; nothing may be added afterwards.  0 or -1. */
int digest_stream_hex(struct digest_stream *stream, char out[DIGEST_HEX_SIZE]);
void digest_stream_free(struct digest_stream *stream);

#endif
