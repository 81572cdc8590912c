/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/webhook_signature.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/base64.h"
#include "base/err.h"
#include "base/str.h"
#include "crypto/digest.h"

#define PREFIX "whsec_"
#define VERSION "v1,"
#define KEY_MIN 24
#define KEY_MAX 64

/* The bytes of a secret; their number or -1. */
static long
read_key(const char *secret, unsigned char out[KEY_MAX], struct err *err)
{
	const char *text = secret + strlen(PREFIX);
	long len =
	    str_starts(secret, PREFIX) ? base64_decode(text, strlen(text), out, KEY_MAX) : -1;

	if (len >= KEY_MIN)
		return len;
	return err_set(err, ERR_INVALID,
		       "a secret is \"" PREFIX "\" and %d to %d bytes in base64: whsec_$(openssl "
		       "rand -base64 32)",
		       KEY_MIN, KEY_MAX);
}

int
webhook_secret_check(const char *secret, struct err *err)
{
	unsigned char key[KEY_MAX];
	long len = read_key(secret, key, err);

	OPENSSL_cleanse(key, sizeof(key));
	return len == -1 ? -1 : 0;
}

int
webhook_sign(const char *secret, const char *id, int64_t seconds, const char *body,
	     char out[WEBHOOK_SIGNATURE_SIZE], struct err *err)
{
	unsigned char key[KEY_MAX], mac[DIGEST_SIZE];
	long len = read_key(secret, key, err);
	char *text;
	int rc;

	if (len == -1)
		return -1;
	text = str_printf("%s.%" PRId64 ".%s", id, seconds, body);
	rc = digest_hmac_sha256(key, (size_t)len, text, strlen(text), mac);
	OPENSSL_cleanse(key, sizeof(key));
	free(text);
	if (rc == -1)
		return err_set(err, ERR_INTERNAL, "could not sign");
	memcpy(out, VERSION, sizeof(VERSION));
	(void)EVP_EncodeBlock((unsigned char *)out + strlen(VERSION), mac, sizeof(mac));
	return 0;
}
