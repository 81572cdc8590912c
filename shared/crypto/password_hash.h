/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crypto/password_hash.h: scrypt (RFC 7914) with its parameters inside the text:
 *	$scrypt$ln=14,r=8,p=1$<salt base64>$<hash base64>
 * JQM's own hashes are recognised when stored as $jqm-sha512$<salt hex>$<hash hex> (SHA-512 over
 * salt and password, then 99,999 times over the digest).
 */
#ifndef CRYPTO_PASSWORD_HASH_H
#define CRYPTO_PASSWORD_HASH_H

#include <stdbool.h>

struct err;

#define PASSWORD_HASH_SIZE 256

/* Hash with a fresh 16-byte salt and the current parameters. */
int password_hash(const char *password, char out[PASSWORD_HASH_SIZE], struct err *err);

/* 1 match, 0 no match, -1 not a hash we know (err set).  Compares in constant time. */
int password_verify(const char *password, const char *hash, struct err *err);

/* The hash is not of the current algorithm and parameters: store a new one at the next login. */
bool password_hash_is_old(const char *hash);

/* Take as long as a verification and fail: for unknown accounts. */
void password_verify_nobody(const char *password);

#endif
