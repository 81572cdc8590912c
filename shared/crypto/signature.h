/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crypto/signature.h: Ed25519 signatures (RFC 8032) as texts that name their key.
 *
 * A signature is "ed25519:KEY:VALUE": KEY the first 16 hexadecimal digits of the SHA-256 of the 32 bytes of the
 * public key, VALUE the 64 bytes in base64.  Who trusts whom is a ring of public keys, which come from files and
 * never from where the signature comes from.
 */
#ifndef CRYPTO_SIGNATURE_H
#define CRYPTO_SIGNATURE_H

#include <stddef.h>

struct buf;
struct err;
struct pki_key;

#define SIGNATURE_KEY_ID_SIZE 17
#define SIGNATURE_SIZE 114

/* Its name into out.  0, or -1 with ERR_INVALID: no Ed25519 key. */
int signature_key_id(const struct pki_key *key, char out[SIGNATURE_KEY_ID_SIZE], struct err *err);

/* Append the public key as PEM. */
int signature_public_pem(const struct pki_key *key, struct buf *out, struct err *err);

/* Sign len bytes.  0, or -1 with ERR_INVALID: no Ed25519 key. */
int signature_make(const struct pki_key *key, const void *data, size_t len,
		   char out[SIGNATURE_SIZE], struct err *err);

/* The key a signature names, into out: 0, or -1 when it is no such text. */
int signature_names_key(const char *signature, char out[SIGNATURE_KEY_ID_SIZE]);

enum signature_verdict {
	SIGNATURE_GOOD,
	SIGNATURE_NONE, /* "" */
	SIGNATURE_MALFORMED,
	SIGNATURE_UNTRUSTED, /* by a key that is not in the ring */
	SIGNATURE_WRONG /* not over these bytes */
};

struct signature_ring; /* opaque */

struct signature_ring *signature_ring_new(void);
void signature_ring_free(struct signature_ring *ring);
size_t signature_ring_len(const struct signature_ring *ring);

/* Trust all public keys of a PEM; name (copied) is what they are called in words for humans.  At least one.  0 or -1. */
int signature_ring_add(struct signature_ring *ring, const char *pem, const char *name,
		       struct err *err);

/* What the key of that id is called; NULL: it is not there. */
const char *signature_ring_name(const struct signature_ring *ring, const char *key_id);

/*
 * Is signature one over these bytes by a key of the ring?  Verdicts that were good are remembered by a digest of
 * all that they were about, so that asking again costs a digest.
 */
enum signature_verdict signature_ring_check(struct signature_ring *ring, const char *signature,
					    const void *data, size_t len);

#endif
