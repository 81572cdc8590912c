/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pki.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include "base/err.h"
#include "crypto/pki_private.h"

#define FRIENDLY_NAME \
	"private key for JQM authentication certificate" /* JQM's clients look for it */
#define ITERATIONS 100000
#define ITERATIONS_OLD 2048

/* PKCS12_create() makes its MAC with SHA-1 unless told not to make one; ours follows. */
static PKCS12 *
create(EVP_PKEY *pkey, X509 *x509, STACK_OF(X509) * chain, const char *password, bool for_old)
{
	int cipher = for_old ? NID_pbe_WithSHA1And3_Key_TripleDES_CBC : NID_aes_256_cbc;
	int rounds = for_old ? ITERATIONS_OLD : ITERATIONS;
	PKCS12 *p12 = PKCS12_create(password, FRIENDLY_NAME, pkey, x509, chain, cipher, cipher,
				    rounds, -1, 0);

	if (p12 != NULL && PKCS12_set_mac(p12, password, -1, NULL, 0, rounds,
					  for_old ? EVP_sha1() : EVP_sha256()) != 1) {
		PKCS12_free(p12);
		return NULL;
	}
	return p12;
}

int
pki_pkcs12(const struct pki_key *key, const char *certificate, const char *issuer,
	   const char *password, bool for_old, struct buf *out, struct err *err)
{
	X509 *x509 = pki_x509(certificate, err), *parent = NULL;
	STACK_OF(X509) *chain = sk_X509_new_null();
	BIO *bio = BIO_new(BIO_s_secmem());
	PKCS12 *p12 = NULL;
	int rc = -1;

	if (x509 == NULL || (parent = pki_x509(issuer, err)) == NULL)
		goto cleanup;
	if (chain != NULL && bio != NULL && sk_X509_push(chain, parent) > 0)
		p12 = create(key->pkey, x509, chain, password, for_old);
	if (p12 == NULL || i2d_PKCS12_bio(bio, p12) != 1)
		(void)pki_failed(err, "make a PKCS#12 file");
	else
		rc = pki_take(bio, out, err);

cleanup:
	PKCS12_free(p12);
	BIO_free(bio);
	sk_X509_free(chain);
	X509_free(parent);
	X509_free(x509);
	return rc;
}
