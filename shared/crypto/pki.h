/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crypto/pki.h: keys, certificates, revocation lists and PKCS#12 files, all as PEM text or DER bytes.
 *
 * Whoever calls gives moments in seconds since 1970.  Private keys leave only through pki_key_write() and
 * pki_pkcs12().  What is read may come from anybody (a request for a certificate, a client's
 * certificate): it is refused with ERR_INVALID, never trusted for its size or its texts.
 */
#ifndef CRYPTO_PKI_H
#define CRYPTO_PKI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;

/* ---- keys ---- */

enum pki_algorithm { PKI_ECDSA_P256, PKI_RSA_3072, PKI_ED25519 };
struct pki_key; /* a private key, or only the public part that a request brought */

/* A new one; pki_key_free() it.  NULL with ERR_INTERNAL. */
struct pki_key *pki_key_new(enum pki_algorithm algorithm, struct err *err);

/* PKCS#8 (encrypted: with its passphrase).  ERR_DENIED: the passphrase is missing or wrong. */
struct pki_key *pki_key_read(const char *pem, const char *passphrase, struct err *err);

/* Append PKCS#8 as PEM; with a passphrase encrypted: AES-256, scrypt. */
int pki_key_write(const struct pki_key *key, const char *passphrase, struct buf *out,
		  struct err *err);

/* Is text a PEM of an encrypted key? */
bool pki_key_is_encrypted(const char *pem);

/*
 * The public key of a certificate signing request.  Its signature must be right (who asks has the private key)
 * and the key strong: ECDSA P-256, P-384, P-521, Ed25519, or RSA of 2048 to 8192 bits.  Nothing else of it counts.
 */
struct pki_key *pki_key_of_request(const char *pem, struct err *err);

void pki_key_free(struct pki_key *key);

/* ---- certificates ---- */

enum pki_profile { PKI_ROOT, PKI_SERVER, PKI_CLIENT };

/* Whose signature it gets. */
struct pki_issuer {
	const char *certificate; /* PEM */
	const struct pki_key *key;
};

struct pki_wish {
	enum pki_profile profile;
	const char *common_name;
	const char *unit; /* OU of a root: what tells it from another one; NULL: none */
	const char *const *names; /* of a server: host names and addresses, NULL-terminated */
	int64_t from_s, to_s;
	const char
	    *crl_url; /* where its issuer's revocation list is; no comma in it; NULL: not told */
};

#define PKI_SERIAL_SIZE 64
#define PKI_FINGERPRINT_SIZE 65
#define PKI_NAME_SIZE 4096 /* a login of 255 characters, each byte escaped, as CN */

/* What identifies a certificate. */
struct pki_facts {
	char serial[PKI_SERIAL_SIZE]; /* upper-case hexadecimal without zeros before it */
	char fingerprint[PKI_FINGERPRINT_SIZE]; /* SHA-256, lower-case hexadecimal */
	char issuer[PKI_NAME_SIZE], subject[PKI_NAME_SIZE]; /* RFC 2253, as nginx writes them */
	int64_t from_s, to_s;
	bool server; /* it says of itself that it is for servers of TLS */
};

/*
 * Append a new certificate as PEM, with a random serial of 127 bits.  issuer NULL: it signs itself, which takes a
 * private key.
 */
int pki_certify(const struct pki_wish *wish, const struct pki_key *key,
		const struct pki_issuer *issuer, struct buf *out, struct err *err);

/* Of the first certificate in a PEM. */
int pki_facts_read(const char *pem, struct pki_facts *out, struct err *err);

/*
 * Its alternative names, one a line: "DNS:host", "email:a@b", "URI:...", "IP:192.0.2.1", "UPN:a@b".  Names with
 * control characters or longer than 500 bytes are left out.
 */
int pki_alternative_names(const char *pem, struct buf *out, struct err *err);

/* Does the certificate belong to key, and (issuer not NULL) is it signed by that certificate? */
bool pki_matches(const char *pem, const struct pki_key *key, const char *issuer_pem);

/* ---- revocation lists (RFC 5280) ---- */

struct pki_revoked {
	const char *serial; /* hexadecimal */
	int64_t at_s;
};

/*
 * Append a list as PEM: its number (higher than that of the last one), what is revoked, from when on and until when it counts.
 * 0 or -1.
 */
int pki_crl(const struct pki_issuer *issuer, int64_t number, const struct pki_revoked *revoked,
	    size_t revoked_len, int64_t from_s, int64_t next_s, struct buf *out, struct err *err);

/* Append the first list of a PEM as DER, the form in which lists are fetched. */
int pki_crl_der(const char *pem, struct buf *out, struct err *err);

/* Until when the first list of a PEM counts, by its own word: next_s, INT64_MAX when it does not say. */
int pki_crl_next(const char *pem, int64_t *next_s, struct err *err);

/* ---- PKCS#12 (RFC 7292) ---- */

/*
 * Append key, certificate and its issuer's certificate under password: AES-256, PBKDF2, HMAC-SHA-256.  for_old:
 * triple DES and SHA-1, which Java 6 to 8 read.
 */
int pki_pkcs12(const struct pki_key *key, const char *certificate, const char *issuer,
	       const char *password, bool for_old, struct buf *out, struct err *err);

#endif
