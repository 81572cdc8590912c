/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crypto/secret_box.h: secret values as texts that only who has the key can read.
 *
 * A sealed value is "1:KEY:BOX": KEY the first 16 hexadecimal digits of the SHA-256 of the key, BOX in base64 a random
 * nonce of 12 bytes, the value under AES-256-GCM, its tag of 16 bytes.  What it belongs to (an owner's name and that of
 * the parameter) is authenticated with it: sealed for one place it opens at no other.
 *
 * A file of keys has one key a line, 64 hexadecimal digits, empty lines and lines with # aside.  The first one
 * seals; all of them open.
 */
#ifndef CRYPTO_SECRET_BOX_H
#define CRYPTO_SECRET_BOX_H

#include <stddef.h>

struct err;

#define SECRET_KEY_ID_SIZE 17
#define SECRET_KEY_HEX_SIZE 65
#define SECRET_KEYS_MAX 100

struct secret_keys; /* opaque */

/* A new key as a line of the file, without line feed.  0 or -1. */
int secret_key_new(char out[SECRET_KEY_HEX_SIZE], struct err *err);

/* NULL with ERR_INVALID: a line is no key, a key stands twice, or there is none. */
struct secret_keys *secret_keys_parse(const char *text, struct err *err);
void secret_keys_free(struct secret_keys *keys);

/* The name of the key that seals; borrowed. */
const char *secret_keys_current(const struct secret_keys *keys);

/* Seal value for a place; fresh memory, NULL with err. */
char *secret_seal(const struct secret_keys *keys, const char *owner, const char *name,
		  const char *value, struct err *err);

/*
 * Open what was sealed for that place; fresh memory, to be cleared by who frees it.  NULL: ERR_NOT_FOUND (its key is
 * not there: the text names it), ERR_DENIED (sealed for another place, or changed), ERR_INVALID (no such text).
 */
char *secret_open(const struct secret_keys *keys, const char *owner, const char *name,
		  const char *sealed, struct err *err);

/* Name of the key of a sealed text into out: 0, or -1 when it is none. */
int secret_names_key(const char *sealed, char out[SECRET_KEY_ID_SIZE]);

#endif
