/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/digest.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#define HMAC_KEY_MAX 64

int
digest_sha256(const void *data, size_t len, unsigned char out[DIGEST_SIZE])
{
	return EVP_Digest(data, len, out, NULL, EVP_sha256(), NULL) == 1 ? 0 : -1;
}

/* Looking for the algorithm and hashing the key takes longer than a short text: both are kept for the next one. */
static struct {
	EVP_MAC_CTX *context;
	unsigned char key[HMAC_KEY_MAX];
	size_t key_len; /* 0: none */
} hmac;

static bool
hmac_begin(const void *key, size_t key_len)
{
	static char sha256[] = "SHA256";
	OSSL_PARAM params[2];
	EVP_MAC *algorithm;

	if (hmac.context == NULL) {
		algorithm = EVP_MAC_fetch(NULL, OSSL_MAC_NAME_HMAC, NULL);
		hmac.context = EVP_MAC_CTX_new(algorithm);
		EVP_MAC_free(algorithm);
	}
	if (hmac.context == NULL)
		return false;
	if (key_len > 0 && hmac.key_len == key_len && memcmp(hmac.key, key, key_len) == 0)
		return EVP_MAC_init(hmac.context, NULL, 0, NULL) == 1;
	hmac.key_len = 0;
	params[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, sha256, 0);
	params[1] = OSSL_PARAM_construct_end();
	if (EVP_MAC_init(hmac.context, key, key_len, params) != 1)
		return false;
	if (key_len <= sizeof(hmac.key)) {
		memcpy(hmac.key, key, key_len);
		hmac.key_len = key_len;
	}
	return true;
}

int
digest_hmac_sha256(const void *key, size_t key_len, const void *data, size_t len,
		   unsigned char out[DIGEST_SIZE])
{
	size_t out_len = 0;

	if (key_len > INT_MAX || !hmac_begin(key, key_len) ||
	    EVP_MAC_update(hmac.context, data, len) != 1 ||
	    EVP_MAC_final(hmac.context, out, &out_len, DIGEST_SIZE) != 1)
		return -1;
	return out_len == DIGEST_SIZE ? 0 : -1;
}

int
digest_equal(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}
