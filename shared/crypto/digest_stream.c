/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/digest_stream.h"

#include <stdlib.h>

#include <openssl/evp.h>

#include "base/str.h"

struct digest_stream {
	EVP_MD_CTX *ctx;
};

struct digest_stream *
digest_stream_new(void)
{
	struct digest_stream *stream = calloc(1, sizeof(*stream));

	if (stream == NULL)
		return NULL;
	stream->ctx = EVP_MD_CTX_new();
	if (stream->ctx == NULL || EVP_DigestInit_ex(stream->ctx, EVP_sha256(), NULL) != 1) {
		digest_stream_free(stream);
		return NULL;
	}
	return stream;
}

int
digest_stream_add(struct digest_stream *stream, const void *data, size_t len)
{
	return EVP_DigestUpdate(stream->ctx, data, len) == 1 ? 0 : -1;
}

int
digest_stream_hex(struct digest_stream *stream, char out[DIGEST_HEX_SIZE])
{
	unsigned char digest[(DIGEST_HEX_SIZE - 1) / 2];
	unsigned int len = 0;

	if (EVP_DigestFinal_ex(stream->ctx, digest, &len) != 1 || len != sizeof(digest))
		return -1;
	str_hex(out, digest, sizeof(digest));
	return 0;
}

void
digest_stream_free(struct digest_stream *stream)
{
	if (stream == NULL)
		return;
	EVP_MD_CTX_free(stream->ctx);
	free(stream);
}
