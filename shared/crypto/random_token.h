/* SPDX-License-Identifier: Apache-2.0 */
/* crypto/random_token.h: unguessable strings from the operating system's generator. */
#ifndef CRYPTO_RANDOM_TOKEN_H
#define CRYPTO_RANDOM_TOKEN_H

#include <stddef.h>

#define RANDOM_GUID_SIZE 37

/* A random UUID, version 4 (RFC 9562), lower case: 122 random bits in 36 characters. */
int random_guid(char out[RANDOM_GUID_SIZE]);

/* len characters of [A-Za-z0-9] and a NUL into out[len + 1]; 5.95 bits each.  0, or -1. */
int random_text(char *out, size_t len);

/* len random bytes. 0, or -1. */
int random_bytes(void *out, size_t len);

#endif
