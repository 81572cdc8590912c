/* SPDX-License-Identifier: Apache-2.0 */
/* crypto/digest.h: SHA-256 of bytes and of an open file; keyed hash for in-memory caches. */
#ifndef CRYPTO_DIGEST_H
#define CRYPTO_DIGEST_H

#include <stddef.h>

struct err;

#define DIGEST_HEX_SIZE 65
#define DIGEST_SIZE 32

/* Lower-case hexadecimal SHA-256 of a whole open regular file, read from offset 0 with pread(). */
int digest_file_sha256(int fd, char out[DIGEST_HEX_SIZE], struct err *err);
int digest_sha256(const void *data, size_t len, unsigned char out[DIGEST_SIZE]);
/* HMAC-SHA-256 (RFC 2104). */
int digest_hmac_sha256(const void *key, size_t key_len, const void *data, size_t len,
		       unsigned char out[DIGEST_SIZE]);
/* 1 when equal; time depends on len only. */
int digest_equal(const void *a, const void *b, size_t len);

#endif
