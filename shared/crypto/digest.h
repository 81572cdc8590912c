/* SPDX-License-Identifier: Apache-2.0 */
/* crypto/digest.h: SHA-256 of bytes; keyed hash for in-memory caches; comparison in constant time. */
#ifndef CRYPTO_DIGEST_H
#define CRYPTO_DIGEST_H

#include <stddef.h>

#define DIGEST_SIZE 32

/* 0, or -1 when OpenSSL cannot. */
int digest_sha256(const void *data, size_t len, unsigned char out[DIGEST_SIZE]);
/* HMAC-SHA-256 (RFC 2104).  0 or -1. */
int digest_hmac_sha256(const void *key, size_t key_len, const void *data, size_t len,
		       unsigned char out[DIGEST_SIZE]);
/* 1 when equal; time depends on len only. */
int digest_equal(const void *a, const void *b, size_t len);

#endif
