/* SPDX-License-Identifier: Apache-2.0 */
/* crypto/audit_key.h: the key that seals the audit trail: a line of text in a file of each node's, not in the database. */
#ifndef CRYPTO_AUDIT_KEY_H
#define CRYPTO_AUDIT_KEY_H

#define AUDIT_KEY_CHARS 64 /* of one that is made by us */
#define AUDIT_KEY_CHARS_MIN 32
#define AUDIT_KEY_ID_SIZE 17
#define AUDIT_MAC_SIZE 65

/* What a key is called: says nothing of the key itself.  0, or -1 when OpenSSL cannot. */
int audit_key_id(const char *key, char out[AUDIT_KEY_ID_SIZE]);

/* HMAC-SHA-256 of text, hexadecimal.  0 or -1. */
int audit_key_sign(const char *key, const char *text, char out[AUDIT_MAC_SIZE]);

/* Is mac that of text?  1, 0, or -1. */
int audit_key_verify(const char *key, const char *text, const char *mac);

#endif
