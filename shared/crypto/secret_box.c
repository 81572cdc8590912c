/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/secret_box.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/err.h"
#include "base/str.h"
#include "crypto/digest.h"
#include "crypto/random_token.h"

#define KEY_BYTES 32
#define NONCE_BYTES 12
#define TAG_BYTES 16
#define VERSION "1:"
#define HEAD_BYTES (sizeof(VERSION) - 1 + SECRET_KEY_ID_SIZE) /* "1:KEY:" */
#define VALUE_BYTES_MAX 65536

struct secret_key {
	unsigned char bytes[KEY_BYTES];
	char id[SECRET_KEY_ID_SIZE];
};

struct secret_keys {
	size_t len;
	struct secret_key keys[SECRET_KEYS_MAX];
};

int
secret_key_new(char out[SECRET_KEY_HEX_SIZE], struct err *err)
{
	unsigned char bytes[KEY_BYTES];

	if (random_bytes(bytes, sizeof(bytes)) == -1)
		return err_set(err, ERR_INTERNAL, "there are no random bytes");
	str_hex(out, bytes, sizeof(bytes));
	OPENSSL_cleanse(bytes, sizeof(bytes));
	return 0;
}

static const struct secret_key *
find(const struct secret_keys *keys, const char *id)
{
	for (size_t i = 0; i < keys->len; i++)
		if (strcmp(keys->keys[i].id, id) == 0)
			return &keys->keys[i];
	return NULL;
}

/* A line of len bytes, blanks around it cut off; what is no key is never quoted. */
static int
add_line(struct secret_keys *keys, const char *line, size_t len, int number, struct err *err)
{
	struct secret_key key;
	unsigned char digest[DIGEST_SIZE];
	char hex[SECRET_KEY_HEX_SIZE];
	int rc = -1;

	if (len != sizeof(hex) - 1)
		return err_set(err, ERR_INVALID, "line %d is no key of %zu hexadecimal digits",
			       number, sizeof(hex) - 1);
	memcpy(hex, line, len);
	hex[len] = '\0';
	if (str_unhex(key.bytes, sizeof(key.bytes), hex) == -1 ||
	    digest_sha256(key.bytes, sizeof(key.bytes), digest) == -1) {
		(void)err_set(err, ERR_INVALID, "line %d is no key of %zu hexadecimal digits",
			      number, sizeof(hex) - 1);
	} else {
		str_hex(key.id, digest, (SECRET_KEY_ID_SIZE - 1) / 2);
		if (keys->len == SECRET_KEYS_MAX)
			(void)err_set(err, ERR_INVALID, "there are more than %d keys",
				      SECRET_KEYS_MAX);
		else if (find(keys, key.id) != NULL)
			(void)err_set(err, ERR_INVALID, "line %d: key %s stands twice", number,
				      key.id);
		else
			rc = 0;
	}
	if (rc == 0)
		keys->keys[keys->len++] = key;
	OPENSSL_cleanse(&key, sizeof(key));
	OPENSSL_cleanse(hex, sizeof(hex));
	return rc;
}

struct secret_keys *
secret_keys_parse(const char *text, struct err *err)
{
	struct secret_keys *keys = calloc(1, sizeof(*keys));
	int number = 0;

	if (keys == NULL)
		abort();
	while (*text != '\0') {
		size_t len = strcspn(text, "\n"), first = strspn(text, " \t\r"), last = len;

		number++;
		while (last > first && strchr(" \t\r", text[last - 1]) != NULL)
			last--;
		if (first < last && text[first] != '#' &&
		    add_line(keys, text + first, last - first, number, err) == -1) {
			secret_keys_free(keys);
			return NULL;
		}
		text += len + (text[len] == '\n');
	}
	if (keys->len == 0) {
		(void)err_set(err, ERR_INVALID, "there is no key in it");
		secret_keys_free(keys);
		return NULL;
	}
	return keys;
}

void
secret_keys_free(struct secret_keys *keys)
{
	if (keys != NULL)
		OPENSSL_cleanse(keys, sizeof(*keys));
	free(keys);
}

const char *
secret_keys_current(const struct secret_keys *keys)
{
	return keys->keys[0].id;
}

/* What is authenticated with a value; fresh memory.  Lengths keep the parts apart. */
static char *
place(const char *owner, const char *name)
{
	return str_printf("jqm secret 1\n%zu %s\n%zu %s\n", strlen(owner), owner, strlen(name),
			  name);
}

/* One way or the other over len bytes at in; false: not possible, or (opening) not what was sealed. */
static bool
run_cipher(const struct secret_key *key, bool sealing, const unsigned char *nonce,
	   const char *about, const unsigned char *in, size_t len, unsigned char *out,
	   unsigned char tag[TAG_BYTES])
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n = 0, more = 0;
	bool done =
	    ctx != NULL &&
	    EVP_CipherInit_ex2(ctx, EVP_aes_256_gcm(), key->bytes, nonce, sealing, NULL) == 1 &&
	    EVP_CipherUpdate(ctx, NULL, &n, (const unsigned char *)about, (int)strlen(about)) ==
		1 &&
	    EVP_CipherUpdate(ctx, out, &n, in, (int)len) == 1;

	if (done && !sealing)
		done = EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, TAG_BYTES, tag) == 1;
	done =
	    done && EVP_CipherFinal_ex(ctx, out + n, &more) == 1 && (size_t)n + (size_t)more == len;
	if (done && sealing)
		done = EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, TAG_BYTES, tag) == 1;
	EVP_CIPHER_CTX_free(ctx);
	return done;
}

char *
secret_seal(const struct secret_keys *keys, const char *owner, const char *name, const char *value,
	    struct err *err)
{
	size_t len = strlen(value), box_len = NONCE_BYTES + len + TAG_BYTES;
	unsigned char *box = len > VALUE_BYTES_MAX ? NULL : malloc(box_len);
	char *about = place(owner, name), *out = NULL;

	if (box == NULL) {
		(void)err_set(err, ERR_TOO_LARGE, "a secret value has more than %d bytes",
			      VALUE_BYTES_MAX);
	} else if (random_bytes(box, NONCE_BYTES) == -1 ||
		   !run_cipher(&keys->keys[0], true, box, about, (const unsigned char *)value, len,
			       box + NONCE_BYTES, box + NONCE_BYTES + len)) {
		(void)err_set(err, ERR_INTERNAL, "could not seal a secret value");
	} else {
		out = malloc(HEAD_BYTES + 4 * ((box_len + 2) / 3) + 1);
		if (out == NULL)
			abort();
		(void)snprintf(out, HEAD_BYTES + 1, VERSION "%s:", keys->keys[0].id);
		(void)EVP_EncodeBlock((unsigned char *)out + HEAD_BYTES, box, (int)box_len);
	}
	free(box);
	free(about);
	return out;
}

int
secret_names_key(const char *sealed, char out[SECRET_KEY_ID_SIZE])
{
	const char *at = sealed + sizeof(VERSION) - 1;

	if (!str_starts(sealed, VERSION) ||
	    strspn(at, "0123456789abcdef") != SECRET_KEY_ID_SIZE - 1 ||
	    at[SECRET_KEY_ID_SIZE - 1] != ':')
		return -1;
	memcpy(out, at, SECRET_KEY_ID_SIZE - 1);
	out[SECRET_KEY_ID_SIZE - 1] = '\0';
	return 0;
}

/* The bytes of a base64 text as our encoder writes it, fresh memory; NULL: it is none. */
static unsigned char *
decode(const char *text, size_t *len_out)
{
	size_t len = strlen(text), padding = 0;
	unsigned char *out, *again;
	bool same = false;

	if (len == 0 || len % 4 != 0 || len > (size_t)VALUE_BYTES_MAX * 2)
		return NULL;
	while (padding < 2 && text[len - 1 - padding] == '=')
		padding++;
	*len_out = len / 4 * 3 - padding;
	out = malloc(len / 4 * 3);
	again = malloc(len + 1);
	if (out == NULL || again == NULL)
		abort();
	if (EVP_DecodeBlock(out, (const unsigned char *)text, (int)len) != -1) {
		(void)EVP_EncodeBlock(again, out, (int)*len_out);
		same = strcmp((const char *)again, text) == 0;
	}
	free(again);
	if (same)
		return out;
	free(out);
	return NULL;
}

/* The value in a box, or NULL. */
static char *
open_box(const struct secret_key *key, const char *about, unsigned char *box, size_t box_len)
{
	size_t len = box_len - NONCE_BYTES - TAG_BYTES;
	char *value = malloc(len + 1);

	if (value == NULL)
		abort();
	value[len] = '\0';
	if (run_cipher(key, false, box, about, box + NONCE_BYTES, len, (unsigned char *)value,
		       box + NONCE_BYTES + len))
		return value;
	OPENSSL_cleanse(value, len);
	free(value);
	return NULL;
}

char *
secret_open(const struct secret_keys *keys, const char *owner, const char *name, const char *sealed,
	    struct err *err)
{
	const struct secret_key *key;
	char id[SECRET_KEY_ID_SIZE];
	unsigned char *box = NULL;
	char *about, *value;
	size_t len = 0;

	if (secret_names_key(sealed, id) == 0)
		box = decode(sealed + HEAD_BYTES, &len);
	if (box == NULL || len < NONCE_BYTES + TAG_BYTES) {
		free(box);
		(void)err_set(err, ERR_INVALID, "it is no sealed value");
		return NULL;
	}
	if ((key = find(keys, id)) == NULL) {
		free(box);
		(void)err_set(err, ERR_NOT_FOUND, "it is sealed with key %s, which is not there",
			      id);
		return NULL;
	}
	about = place(owner, name);
	value = open_box(key, about, box, len);
	if (value == NULL)
		(void)err_set(err, ERR_DENIED,
			      "it was sealed for another place, or somebody changed it");
	free(about);
	free(box);
	return value;
}
