/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/digest.h"

#include <errno.h>
#include <limits.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/err.h"
#include "base/str.h"

#define READ_CHUNK_BYTES 65536

/* Feed the file to ctx.  0, or -1 with err. */
static int
digest_fd(EVP_MD_CTX *ctx, int fd, struct err *err)
{
	unsigned char chunk[READ_CHUNK_BYTES];
	off_t offset = 0;
	ssize_t got;

	for (;;) {
		got = pread(fd, chunk, sizeof(chunk), offset);
		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return err_errno(err, ERR_INTERNAL, "could not read the file to hash");
		if (got == 0)
			return 0;
		if (EVP_DigestUpdate(ctx, chunk, (size_t)got) != 1)
			return err_set(err, ERR_INTERNAL, "could not compute a SHA-256");
		offset += got;
	}
}

int
digest_file_sha256(int fd, char out[DIGEST_HEX_SIZE], struct err *err)
{
	unsigned char digest[DIGEST_SIZE];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int rc = -1;

	if (ctx == NULL || EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) != 1) {
		(void)err_set(err, ERR_INTERNAL, "could not begin a SHA-256");
		goto cleanup;
	}
	if (digest_fd(ctx, fd, err) == -1)
		goto cleanup;
	if (EVP_DigestFinal_ex(ctx, digest, NULL) != 1) {
		(void)err_set(err, ERR_INTERNAL, "could not end a SHA-256");
		goto cleanup;
	}
	str_hex(out, digest, sizeof(digest));
	rc = 0;

cleanup:
	EVP_MD_CTX_free(ctx);
	return rc;
}

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
