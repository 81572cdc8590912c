/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crypto/password_hash.c: a stored hash is parsed into struct stored, computed again from the
 * password, compared, and every byte derived from the password is cleansed.
 */
#include "crypto/password_hash.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/base64.h"
#include "base/err.h"
#include "base/num.h"
#include "base/str.h"
#include "crypto/random_token.h"

#define SCRYPT_PREFIX "$scrypt$"
#define JQM_PREFIX "$jqm-sha512$"
#define JQM_ROUNDS 100000

/* What new hashes are made with: about 16 MB and 50 ms each. */
#define NEW_LN 14
#define NEW_R 8
#define NEW_P 1
#define NEW_SALT_BYTES 16
#define NEW_HASH_BYTES 32

/*
 * A stored text may come from anywhere: 128 * r * 2^ln * p, the memory when p is 1 and the work
 * whatever p is, must stay below this.
 */
#define SCRYPT_COST_MAX (INT64_C(256) * 1024 * 1024)

#define PART_MIN_BYTES 8
#define PART_MAX_BYTES 64
#define PART_TEXT_SIZE 96 /* of that as base64 */

enum scheme { SCHEME_SCRYPT, SCHEME_JQM_SHA512 };

struct stored {
	enum scheme scheme;
	int64_t ln, r, p; /* scrypt only */
	unsigned char salt[PART_MAX_BYTES], hash[PART_MAX_BYTES];
	size_t salt_len, hash_len;
};

/* Base64 without padding, len characters of text, into out.  Bytes, or 0 when it is not that. */
static size_t
decode_part(unsigned char out[PART_MAX_BYTES], const char *text, size_t len)
{
	long used = base64_decode_unpadded(text, len, out, PART_MAX_BYTES);

	return used < 0 ? 0 : (size_t)used;
}

/* Base64 without padding of len <= PART_MAX_BYTES bytes. */
static void
encode_part(char out[PART_TEXT_SIZE], const unsigned char *bytes, size_t len)
{
	int used = EVP_EncodeBlock((unsigned char *)out, bytes, (int)len);

	while (used > 0 && out[used - 1] == '=')
		out[--used] = '\0';
}

/* "name=digits" then end_char at *at; advances *at behind it. */
static int
take_parameter(const char **at, const char *name, char end_char, int64_t max, int64_t *out)
{
	char digits[12];
	const char *end;

	if (!str_starts(*at, name))
		return -1;
	*at += strlen(name);
	if ((end = strchr(*at, end_char)) == NULL || (size_t)(end - *at) >= sizeof(digits))
		return -1;
	memcpy(digits, *at, (size_t)(end - *at));
	digits[end - *at] = '\0';
	*at = end + 1;
	return num_int64(digits, 1, max, out);
}

/* The text behind SCRYPT_PREFIX. */
static int
parse_scrypt(const char *at, struct stored *out)
{
	const char *dollar;

	out->scheme = SCHEME_SCRYPT;
	if (take_parameter(&at, "ln=", ',', 30, &out->ln) == -1 ||
	    take_parameter(&at, "r=", ',', 1024, &out->r) == -1 ||
	    take_parameter(&at, "p=", '$', 1024, &out->p) == -1)
		return -1;
	if (128 * out->r * out->p > SCRYPT_COST_MAX >> out->ln || out->ln >= 16 * out->r)
		return -1; /* the second is RFC 7914's own limit */
	if ((dollar = strchr(at, '$')) == NULL)
		return -1;
	out->salt_len = decode_part(out->salt, at, (size_t)(dollar - at));
	out->hash_len = decode_part(out->hash, dollar + 1, strlen(dollar + 1));
	return out->salt_len >= PART_MIN_BYTES && out->hash_len >= 2 * PART_MIN_BYTES ? 0 : -1;
}

/* The text behind JQM_PREFIX. */
static int
parse_jqm(const char *at, struct stored *out)
{
	const char *dollar = strchr(at, '$');
	char salt_hex[2 * PART_MAX_BYTES + 1];
	size_t salt_hex_len;

	out->scheme = SCHEME_JQM_SHA512;
	if (dollar == NULL)
		return -1;
	salt_hex_len = (size_t)(dollar - at);
	if (salt_hex_len >= sizeof(salt_hex) || salt_hex_len < 2 * PART_MIN_BYTES)
		return -1;
	memcpy(salt_hex, at, salt_hex_len);
	salt_hex[salt_hex_len] = '\0';
	out->salt_len = salt_hex_len / 2;
	out->hash_len = 64;
	if (str_unhex(out->salt, out->salt_len, salt_hex) == -1)
		return -1;
	return str_unhex(out->hash, out->hash_len, dollar + 1);
}

static int
parse_stored(const char *text, struct stored *out)
{
	memset(out, 0, sizeof(*out));
	if (strnlen(text, PASSWORD_HASH_SIZE + 1) > PASSWORD_HASH_SIZE)
		return -1;
	if (str_starts(text, SCRYPT_PREFIX))
		return parse_scrypt(text + strlen(SCRYPT_PREFIX), out);
	if (str_starts(text, JQM_PREFIX))
		return parse_jqm(text + strlen(JQM_PREFIX), out);
	return -1;
}

/* out->hash_len bytes of scrypt.  0, or -1. */
static int
compute_scrypt(const char *password, const struct stored *how, unsigned char *out)
{
	return EVP_PBE_scrypt(password, strlen(password), how->salt, how->salt_len,
			      UINT64_C(1) << how->ln, (uint64_t)how->r, (uint64_t)how->p,
			      2 * (uint64_t)SCRYPT_COST_MAX, out, how->hash_len) == 1
		   ? 0
		   : -1;
}

/* 64 bytes: SHA-512 over salt and password, then over its own result.  0, or -1. */
static int
compute_jqm(const char *password, const struct stored *how, unsigned char *out)
{
	/* Fetched once: looking the algorithm up costs more than a round. */
	EVP_MD *sha512 = EVP_MD_fetch(NULL, "SHA512", NULL);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int rc = -1;

	if (sha512 == NULL || ctx == NULL)
		goto cleanup;
	if (EVP_DigestInit_ex(ctx, sha512, NULL) != 1 ||
	    EVP_DigestUpdate(ctx, how->salt, how->salt_len) != 1 ||
	    EVP_DigestUpdate(ctx, password, strlen(password)) != 1 ||
	    EVP_DigestFinal_ex(ctx, out, NULL) != 1)
		goto cleanup;
	for (int i = 1; i < JQM_ROUNDS; i++)
		if (EVP_DigestInit_ex(ctx, sha512, NULL) != 1 ||
		    EVP_DigestUpdate(ctx, out, 64) != 1 || EVP_DigestFinal_ex(ctx, out, NULL) != 1)
			goto cleanup;
	rc = 0;

cleanup:
	EVP_MD_CTX_free(ctx);
	EVP_MD_free(sha512);
	return rc;
}

int
password_hash(const char *password, char out[PASSWORD_HASH_SIZE], struct err *err)
{
	struct stored fresh = { .scheme = SCHEME_SCRYPT,
				.ln = NEW_LN,
				.r = NEW_R,
				.p = NEW_P,
				.salt_len = NEW_SALT_BYTES,
				.hash_len = NEW_HASH_BYTES };
	char salt_text[PART_TEXT_SIZE], hash_text[PART_TEXT_SIZE];
	int rc = -1;

	if (random_bytes(fresh.salt, fresh.salt_len) == -1) {
		(void)err_errno(err, ERR_INTERNAL, "could not get random bytes");
		goto cleanup;
	}
	if (compute_scrypt(password, &fresh, fresh.hash) == -1) {
		(void)err_set(err, ERR_INTERNAL, "could not hash a password");
		goto cleanup;
	}
	encode_part(salt_text, fresh.salt, fresh.salt_len);
	encode_part(hash_text, fresh.hash, fresh.hash_len);
	(void)snprintf(out, PASSWORD_HASH_SIZE, SCRYPT_PREFIX "ln=%d,r=%d,p=%d$%s$%s", NEW_LN,
		       NEW_R, NEW_P, salt_text, hash_text);
	rc = 0;

cleanup:
	OPENSSL_cleanse(&fresh, sizeof(fresh));
	OPENSSL_cleanse(hash_text, sizeof(hash_text));
	return rc;
}

int
password_verify(const char *password, const char *hash, struct err *err)
{
	struct stored stored;
	unsigned char computed[PART_MAX_BYTES];
	int rc;

	if (parse_stored(hash, &stored) == -1) {
		OPENSSL_cleanse(&stored, sizeof(stored));
		return err_set(err, ERR_INVALID, "the stored password hash is of no known form");
	}
	rc = stored.scheme == SCHEME_SCRYPT ? compute_scrypt(password, &stored, computed)
					    : compute_jqm(password, &stored, computed);
	if (rc == -1)
		(void)err_set(err, ERR_INTERNAL, "could not compute a password hash");
	else
		rc = CRYPTO_memcmp(computed, stored.hash, stored.hash_len) == 0;
	OPENSSL_cleanse(&stored, sizeof(stored));
	OPENSSL_cleanse(computed, sizeof(computed));
	return rc;
}

bool
password_hash_is_old(const char *hash)
{
	struct stored stored;
	bool old = parse_stored(hash, &stored) == -1 || stored.scheme != SCHEME_SCRYPT ||
		   stored.ln != NEW_LN || stored.r != NEW_R || stored.p != NEW_P ||
		   stored.salt_len != NEW_SALT_BYTES || stored.hash_len != NEW_HASH_BYTES;

	OPENSSL_cleanse(&stored, sizeof(stored));
	return old;
}

void
password_verify_nobody(const char *password)
{
	struct stored nobody = { .scheme = SCHEME_SCRYPT,
				 .ln = NEW_LN,
				 .r = NEW_R,
				 .p = NEW_P,
				 .salt_len = NEW_SALT_BYTES,
				 .hash_len = NEW_HASH_BYTES };

	(void)compute_scrypt(password, &nobody, nobody.hash);
	OPENSSL_cleanse(&nobody, sizeof(nobody));
}
