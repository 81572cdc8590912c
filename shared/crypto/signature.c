/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/signature.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "crypto/digest.h"
#include "crypto/pki.h"
#include "crypto/pki_private.h"

#define PREFIX "ed25519:"
#define PUBLIC_BYTES 32
#define VALUE_BYTES 64
#define VALUE_CHARS 88
#define KEYS_MAX 100
#define REMEMBERED 1024 /* a power of two */

struct trusted {
	EVP_PKEY *pkey;
	char id[SIGNATURE_KEY_ID_SIZE];
	char *name;
};

struct signature_ring {
	struct trusted keys[KEYS_MAX];
	size_t len;
	/* Digests of what was found good, each at the one place its first bytes choose. */
	unsigned char good[REMEMBERED][DIGEST_SIZE];
};

static int
id_of(const EVP_PKEY *pkey, char out[SIGNATURE_KEY_ID_SIZE], struct err *err)
{
	unsigned char raw[PUBLIC_BYTES], digest[DIGEST_SIZE];
	size_t len = sizeof(raw);

	if (EVP_PKEY_get_base_id(pkey) != EVP_PKEY_ED25519 ||
	    EVP_PKEY_get_raw_public_key(pkey, raw, &len) != 1 || len != sizeof(raw) ||
	    digest_sha256(raw, len, digest) == -1)
		return err_set(err, ERR_INVALID, "the key is no Ed25519 key");
	str_hex(out, digest, (SIGNATURE_KEY_ID_SIZE - 1) / 2);
	return 0;
}

int
signature_key_id(const struct pki_key *key, char out[SIGNATURE_KEY_ID_SIZE], struct err *err)
{
	return id_of(key->pkey, out, err);
}

int
signature_public_pem(const struct pki_key *key, struct buf *out, struct err *err)
{
	BIO *bio = BIO_new(BIO_s_mem());
	int rc;

	if (bio != NULL && PEM_write_bio_PUBKEY(bio, key->pkey) == 1)
		rc = pki_take(bio, out, err);
	else
		rc = pki_failed(err, "write a public key");
	BIO_free(bio);
	return rc;
}

int
signature_make(const struct pki_key *key, const void *data, size_t len, char out[SIGNATURE_SIZE],
	       struct err *err)
{
	unsigned char value[VALUE_BYTES], text[VALUE_CHARS + 1];
	char id[SIGNATURE_KEY_ID_SIZE];
	size_t value_len = sizeof(value);
	EVP_MD_CTX *ctx;
	int rc = -1;

	if (id_of(key->pkey, id, err) == -1)
		return -1;
	ctx = EVP_MD_CTX_new();
	if (ctx == NULL || EVP_DigestSignInit(ctx, NULL, NULL, NULL, key->pkey) != 1 ||
	    EVP_DigestSign(ctx, value, &value_len, data, len) != 1 || value_len != sizeof(value)) {
		(void)pki_failed(err, "sign");
	} else {
		(void)EVP_EncodeBlock(text, value, sizeof(value));
		(void)snprintf(out, SIGNATURE_SIZE, PREFIX "%s:%s", id, (const char *)text);
		rc = 0;
	}
	EVP_MD_CTX_free(ctx);
	return rc;
}

/* The parts of a signature.  Its base64 must be the one our encoder writes: one signature has one text. */
static int
split(const char *signature, char id[SIGNATURE_KEY_ID_SIZE], unsigned char value[VALUE_BYTES])
{
	unsigned char decoded[VALUE_CHARS / 4 * 3], again[VALUE_CHARS + 1];
	const char *at = signature + strlen(PREFIX);

	if (strlen(signature) != SIGNATURE_SIZE - 1 || !str_starts(signature, PREFIX) ||
	    strspn(at, "0123456789abcdef") != SIGNATURE_KEY_ID_SIZE - 1)
		return -1;
	memcpy(id, at, SIGNATURE_KEY_ID_SIZE - 1);
	id[SIGNATURE_KEY_ID_SIZE - 1] = '\0';
	at += SIGNATURE_KEY_ID_SIZE - 1;
	if (*at++ != ':' || EVP_DecodeBlock(decoded, (const unsigned char *)at, VALUE_CHARS) == -1)
		return -1;
	(void)EVP_EncodeBlock(again, decoded, VALUE_BYTES);
	if (strcmp((const char *)again, at) != 0)
		return -1;
	memcpy(value, decoded, VALUE_BYTES);
	return 0;
}

int
signature_names_key(const char *signature, char out[SIGNATURE_KEY_ID_SIZE])
{
	unsigned char value[VALUE_BYTES];

	return split(signature, out, value);
}

struct signature_ring *
signature_ring_new(void)
{
	struct signature_ring *ring = calloc(1, sizeof(*ring));

	if (ring == NULL)
		abort();
	return ring;
}

void
signature_ring_free(struct signature_ring *ring)
{
	for (size_t i = 0; ring != NULL && i < ring->len; i++) {
		EVP_PKEY_free(ring->keys[i].pkey);
		free(ring->keys[i].name);
	}
	free(ring);
}

size_t
signature_ring_len(const struct signature_ring *ring)
{
	return ring->len;
}

static const struct trusted *
find(const struct signature_ring *ring, const char *id)
{
	for (size_t i = 0; i < ring->len; i++)
		if (strcmp(ring->keys[i].id, id) == 0)
			return &ring->keys[i];
	return NULL;
}

/* Takes pkey over. */
static int
add(struct signature_ring *ring, EVP_PKEY *pkey, const char *name, struct err *err)
{
	struct trusted *key;
	char id[SIGNATURE_KEY_ID_SIZE];

	int rc = id_of(pkey, id, err);

	if (rc == 0 && ring->len == KEYS_MAX)
		rc = err_set(err, ERR_TOO_LARGE, "there are more than %d keys", KEYS_MAX);
	if (rc == -1 || find(ring, id) != NULL) {
		EVP_PKEY_free(pkey);
		return rc;
	}
	key = &ring->keys[ring->len];
	*key = (struct trusted){ .pkey = pkey, .name = str_dup(name) };
	memcpy(key->id, id, sizeof(id));
	ring->len++;
	return 0;
}

int
signature_ring_add(struct signature_ring *ring, const char *pem, const char *name, struct err *err)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *pkey;
	size_t n = 0;
	int rc = 0;

	while (rc == 0 && bio != NULL &&
	       (pkey = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL)) != NULL) {
		rc = add(ring, pkey, name, err);
		n++;
	}
	BIO_free(bio);
	ERR_clear_error();
	if (rc == 0 && n == 0)
		rc = err_set(err, ERR_INVALID, "there is no public key in PEM form");
	return rc;
}

const char *
signature_ring_name(const struct signature_ring *ring, const char *key_id)
{
	const struct trusted *key = find(ring, key_id);

	return key == NULL ? NULL : key->name;
}

/* Of the bytes and their signature; the length parts the two. */
static int
digest_of(const char *signature, const void *data, size_t len, unsigned char out[DIGEST_SIZE])
{
	unsigned char both[2 * DIGEST_SIZE];

	if (digest_sha256(data, len, both) == -1 ||
	    digest_sha256(signature, strlen(signature), both + DIGEST_SIZE) == -1)
		return -1;
	return digest_sha256(both, sizeof(both), out);
}

static bool
is_right(EVP_PKEY *pkey, const unsigned char value[VALUE_BYTES], const void *data, size_t len)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool right = ctx != NULL && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, pkey) == 1 &&
		     EVP_DigestVerify(ctx, value, VALUE_BYTES, data, len) == 1;

	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return right;
}

enum signature_verdict
signature_ring_check(struct signature_ring *ring, const char *signature, const void *data,
		     size_t len)
{
	unsigned char value[VALUE_BYTES], digest[DIGEST_SIZE], *known;
	char id[SIGNATURE_KEY_ID_SIZE];
	const struct trusted *key;

	if (signature[0] == '\0')
		return SIGNATURE_NONE;
	if (split(signature, id, value) == -1)
		return SIGNATURE_MALFORMED;
	if ((key = find(ring, id)) == NULL)
		return SIGNATURE_UNTRUSTED;
	if (digest_of(signature, data, len, digest) == -1)
		return SIGNATURE_WRONG;
	known = ring->good[(digest[0] | (size_t)digest[1] << 8) & (REMEMBERED - 1)];
	if (memcmp(known, digest, DIGEST_SIZE) == 0)
		return SIGNATURE_GOOD;
	if (!is_right(key->pkey, value, data, len))
		return SIGNATURE_WRONG;
	memcpy(known, digest, DIGEST_SIZE);
	return SIGNATURE_GOOD;
}
