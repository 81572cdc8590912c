/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pki.h"

#include <time.h>

#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/err.h"
#include "crypto/pki_private.h"

static int
add_revoked(X509_CRL *crl, const struct pki_revoked *entry)
{
	X509_REVOKED *revoked = X509_REVOKED_new();
	ASN1_INTEGER *serial = NULL;
	ASN1_TIME *at = ASN1_TIME_set(NULL, (time_t)entry->at_s);
	BIGNUM *number = NULL;
	int rc = -1;

	if (revoked != NULL && at != NULL && BN_hex2bn(&number, entry->serial) > 0 &&
	    (serial = BN_to_ASN1_INTEGER(number, NULL)) != NULL &&
	    X509_REVOKED_set_serialNumber(revoked, serial) == 1 &&
	    X509_REVOKED_set_revocationDate(revoked, at) == 1 &&
	    X509_CRL_add0_revoked(crl, revoked) == 1) {
		revoked = NULL;
		rc = 0;
	}
	BN_free(number);
	ASN1_TIME_free(at);
	ASN1_INTEGER_free(serial);
	X509_REVOKED_free(revoked);
	return rc;
}

static int
add_extensions(X509_CRL *crl, X509 *issuer, int64_t number)
{
	ASN1_INTEGER *value = ASN1_INTEGER_new();
	X509_EXTENSION *key_id;
	X509V3_CTX context;
	int rc = -1;

	X509V3_set_ctx(&context, issuer, NULL, NULL, crl, 0);
	key_id = X509V3_EXT_conf_nid(NULL, &context, NID_authority_key_identifier, "keyid:always");
	if (key_id != NULL && X509_CRL_add_ext(crl, key_id, -1) == 1 && value != NULL &&
	    ASN1_INTEGER_set_int64(value, number) == 1 &&
	    X509_CRL_add1_ext_i2d(crl, NID_crl_number, value, 0, 0) == 1)
		rc = 0;
	X509_EXTENSION_free(key_id);
	ASN1_INTEGER_free(value);
	return rc;
}

static int
fill(X509_CRL *crl, X509 *issuer, int64_t number, int64_t from_s, int64_t next_s)
{
	ASN1_TIME *from = ASN1_TIME_set(NULL, (time_t)from_s);
	ASN1_TIME *next = ASN1_TIME_set(NULL, (time_t)next_s);
	int rc = -1;

	if (from != NULL && next != NULL && X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1 &&
	    X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer)) == 1 &&
	    X509_CRL_set1_lastUpdate(crl, from) == 1 && X509_CRL_set1_nextUpdate(crl, next) == 1)
		rc = add_extensions(crl, issuer, number);
	ASN1_TIME_free(from);
	ASN1_TIME_free(next);
	return rc;
}

int
pki_crl(const struct pki_issuer *issuer, int64_t number, const struct pki_revoked *revoked,
	size_t revoked_len, int64_t from_s, int64_t next_s, struct buf *out, struct err *err)
{
	X509 *root = pki_x509(issuer->certificate, err);
	EVP_PKEY *signer = issuer->key->pkey;
	X509_CRL *crl = X509_CRL_new();
	BIO *bio = BIO_new(BIO_s_mem());
	int rc = 0;

	if (root == NULL) {
		rc = -1;
		goto cleanup;
	}
	if (crl == NULL || bio == NULL || fill(crl, root, number, from_s, next_s) == -1)
		rc = -1;
	for (size_t i = 0; rc == 0 && i < revoked_len; i++)
		rc = add_revoked(crl, &revoked[i]);
	if (rc == -1 || X509_CRL_sort(crl) != 1 ||
	    X509_CRL_sign(crl, signer, pki_digest(signer)) == 0 ||
	    PEM_write_bio_X509_CRL(bio, crl) != 1)
		rc = pki_failed(err, "make a revocation list");
	else
		rc = pki_take(bio, out, err);

cleanup:
	BIO_free(bio);
	X509_CRL_free(crl);
	X509_free(root);
	return rc;
}

int
pki_crl_der(const char *pem, struct buf *out, struct err *err)
{
	BIO *from = BIO_new_mem_buf(pem, -1), *to = BIO_new(BIO_s_mem());
	X509_CRL *crl = from == NULL ? NULL : PEM_read_bio_X509_CRL(from, NULL, NULL, NULL);
	int rc;

	if (crl == NULL || to == NULL || i2d_X509_CRL_bio(to, crl) != 1)
		rc = pki_failed(err, "read a revocation list");
	else
		rc = pki_take(to, out, err);
	X509_CRL_free(crl);
	BIO_free(to);
	BIO_free(from);
	return rc;
}

int
pki_crl_next(const char *pem, int64_t *next_s, struct err *err)
{
	BIO *from = BIO_new_mem_buf(pem, -1);
	X509_CRL *crl = from == NULL ? NULL : PEM_read_bio_X509_CRL(from, NULL, NULL, NULL);
	const ASN1_TIME *next = crl == NULL ? NULL : X509_CRL_get0_nextUpdate(crl);
	struct tm parts;
	int rc = 0;

	if (crl == NULL)
		rc = pki_failed(err, "read a revocation list");
	else if (next == NULL)
		*next_s = INT64_MAX;
	else if (ASN1_TIME_to_tm(next, &parts) != 1)
		rc = pki_failed(err, "read the date of a revocation list");
	else
		*next_s = (int64_t)timegm(&parts);
	X509_CRL_free(crl);
	BIO_free(from);
	return rc;
}
