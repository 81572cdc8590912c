/* SPDX-License-Identifier: Apache-2.0 */
/* crypto/pki_private.h: what the files of crypto/pki.h share. */
#ifndef CRYPTO_PKI_PRIVATE_H
#define CRYPTO_PKI_PRIVATE_H

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

struct buf;
struct err;

struct pki_key {
	EVP_PKEY *pkey;
};

/* ERR_INTERNAL: what, with OpenSSL's reason; its queue of errors is empty afterwards.  -1. */
int pki_failed(struct err *err, const char *what);

/* Append all that was written into a memory BIO. */
int pki_take(BIO *bio, struct buf *out, struct err *err);

/* The first certificate of a PEM; NULL with ERR_INVALID. */
X509 *pki_x509(const char *pem, struct err *err);

/* The digest to sign with; NULL for keys that bring their own (Ed25519). */
const EVP_MD *pki_digest(const EVP_PKEY *pkey);

#endif
