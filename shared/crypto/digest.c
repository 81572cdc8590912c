/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/digest.h"

#include <limits.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

int
digest_sha256(const void *data, size_t len, unsigned char out[DIGEST_SIZE])
{
	return EVP_Digest(data, len, out, NULL, EVP_sha256(), NULL) == 1 ? 0 : -1;
}

int
digest_hmac_sha256(const void *key, size_t key_len, const void *data, size_t len,
		   unsigned char out[DIGEST_SIZE])
{
	unsigned int out_len = 0;

	if (key_len > INT_MAX)
		return -1;
	if (HMAC(EVP_sha256(), key, (int)key_len, data, len, out, &out_len) == NULL)
		return -1;
	return out_len == DIGEST_SIZE ? 0 : -1;
}

int
digest_equal(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}
