/* SPDX-License-Identifier: Apache-2.0 */
/* crypto/pki_certificate.c: certificates are made (profiles as RFC 5280 and the browsers' rules want them). */
#include "crypto/pki.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "crypto/pki_private.h"
#include "crypto/random_token.h"

#define SERIAL_BYTES 16
#define ORGANISATION "JQM"

/* Positive and never 0: the first bit is off, the second on. */
static int
set_serial(X509 *x509)
{
	unsigned char bytes[SERIAL_BYTES];
	BIGNUM *number;
	int rc;

	if (random_bytes(bytes, sizeof(bytes)) == -1)
		return -1;
	bytes[0] = (unsigned char)((bytes[0] & 0x7f) | 0x40);
	number = BN_bin2bn(bytes, sizeof(bytes), NULL);
	rc = number != NULL && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x509)) != NULL ? 0
											       : -1;
	BN_free(number);
	return rc;
}

/* A text as it is: a type of its own in place of MBSTRING, so that a long login is not too long for a CN. */
static int
add_name(X509_NAME *name, const char *field, const char *text)
{
	const unsigned char *bytes = (const unsigned char *)text;

	return X509_NAME_add_entry_by_txt(name, field, V_ASN1_UTF8STRING, bytes, (int)strlen(text),
					  -1, 0) == 1
		   ? 0
		   : -1;
}

static int
set_subject(X509 *x509, const struct pki_wish *wish)
{
	X509_NAME *name = X509_get_subject_name(x509);

	if (wish->profile == PKI_ROOT && add_name(name, "O", ORGANISATION) == -1)
		return -1;
	if (wish->unit != NULL && add_name(name, "OU", wish->unit) == -1)
		return -1;
	return add_name(name, "CN", wish->common_name);
}

static int
add_extension(X509 *x509, X509V3_CTX *context, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, context, nid, value);
	int rc = extension != NULL && X509_add_ext(x509, extension, -1) == 1 ? 0 : -1;

	X509_EXTENSION_free(extension);
	return rc;
}

/* One of names: an address if it reads as one, else a host's name; as it is, no text of it is a command. */
static GENERAL_NAME *
general_name(const char *text)
{
	GENERAL_NAME *name = GENERAL_NAME_new();
	ASN1_OCTET_STRING *address = a2i_IPADDRESS(text);
	ASN1_IA5STRING *host = address == NULL ? ASN1_IA5STRING_new() : NULL;

	ERR_clear_error();
	if (name != NULL && address != NULL) {
		GENERAL_NAME_set0_value(name, GEN_IPADD, address);
	} else if (name != NULL && host != NULL && ASN1_STRING_set(host, text, -1) == 1) {
		GENERAL_NAME_set0_value(name, GEN_DNS, host);
	} else {
		ASN1_OCTET_STRING_free(address);
		ASN1_IA5STRING_free(host);
		GENERAL_NAME_free(name);
		name = NULL;
	}
	return name;
}

static int
add_names(X509 *x509, const char *const *names)
{
	GENERAL_NAMES *list = GENERAL_NAMES_new();
	int rc = list == NULL ? -1 : 0;

	for (size_t i = 0; rc == 0 && names != NULL && names[i] != NULL; i++) {
		GENERAL_NAME *name = general_name(names[i]);

		if (name == NULL || sk_GENERAL_NAME_push(list, name) <= 0) {
			GENERAL_NAME_free(name);
			rc = -1;
		}
	}
	if (rc == 0 && sk_GENERAL_NAME_num(list) > 0 &&
	    X509_add1_ext_i2d(x509, NID_subject_alt_name, list, 0, 0) != 1)
		rc = -1;
	GENERAL_NAMES_free(list);
	return rc;
}

static int
add_crl_url(X509 *x509, X509V3_CTX *context, const struct pki_wish *wish)
{
	char value[600];

	if (wish->crl_url == NULL)
		return 0;
	if ((size_t)snprintf(value, sizeof(value), "URI:%s", wish->crl_url) >= sizeof(value))
		return -1;
	return add_extension(x509, context, NID_crl_distribution_points, value);
}

static int
add_extensions(X509 *x509, X509 *issuer, const struct pki_wish *wish)
{
	X509V3_CTX context;

	X509V3_set_ctx(&context, issuer, x509, NULL, NULL, 0);
	if (add_extension(x509, &context, NID_subject_key_identifier, "hash") == -1)
		return -1;
	if (wish->profile == PKI_ROOT)
		return add_extension(x509, &context, NID_basic_constraints,
				     "critical,CA:TRUE,pathlen:0") == -1 ||
			       add_extension(x509, &context, NID_key_usage,
					     "critical,keyCertSign,cRLSign") == -1
			   ? -1
			   : 0;
	if (add_extension(x509, &context, NID_authority_key_identifier, "keyid:always") == -1 ||
	    add_extension(x509, &context, NID_basic_constraints, "critical,CA:FALSE") == -1 ||
	    add_extension(x509, &context, NID_key_usage,
			  EVP_PKEY_get_base_id(X509_get0_pubkey(x509)) == EVP_PKEY_RSA
			      ? "critical,digitalSignature,keyEncipherment"
			      : "critical,digitalSignature") == -1 ||
	    add_extension(x509, &context, NID_ext_key_usage,
			  wish->profile == PKI_SERVER ? "serverAuth,clientAuth" : "clientAuth") ==
		-1)
		return -1;
	return add_names(x509, wish->names) == -1 || add_crl_url(x509, &context, wish) == -1 ? -1
											     : 0;
}

static int
fill(X509 *x509, X509 *issuer, const struct pki_wish *wish, const struct pki_key *key)
{
	if (X509_set_version(x509, X509_VERSION_3) != 1 || set_serial(x509) == -1 ||
	    ASN1_TIME_set(X509_getm_notBefore(x509), (time_t)wish->from_s) == NULL ||
	    ASN1_TIME_set(X509_getm_notAfter(x509), (time_t)wish->to_s) == NULL ||
	    X509_set_pubkey(x509, key->pkey) != 1 || set_subject(x509, wish) == -1 ||
	    X509_set_issuer_name(x509, X509_get_subject_name(issuer)) != 1)
		return -1;
	return add_extensions(x509, issuer, wish);
}

X509 *
pki_x509(const char *pem, struct err *err)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	X509 *x509 = bio == NULL ? NULL : PEM_read_bio_X509(bio, NULL, NULL, NULL);

	if (x509 == NULL)
		(void)err_set(err, ERR_INVALID, "there is no certificate in PEM form");
	BIO_free(bio);
	ERR_clear_error();
	return x509;
}

int
pki_certify(const struct pki_wish *wish, const struct pki_key *key, const struct pki_issuer *issuer,
	    struct buf *out, struct err *err)
{
	X509 *x509 = X509_new(), *parent = NULL;
	EVP_PKEY *signer = issuer == NULL ? key->pkey : issuer->key->pkey;
	BIO *bio = BIO_new(BIO_s_mem());
	int rc = -1;

	if (issuer != NULL && (parent = pki_x509(issuer->certificate, err)) == NULL)
		goto cleanup;
	if (x509 == NULL || bio == NULL ||
	    fill(x509, parent == NULL ? x509 : parent, wish, key) == -1 ||
	    X509_sign(x509, signer, pki_digest(signer)) == 0 || PEM_write_bio_X509(bio, x509) != 1)
		(void)pki_failed(err, "make a certificate");
	else
		rc = pki_take(bio, out, err);

cleanup:
	BIO_free(bio);
	X509_free(parent);
	X509_free(x509);
	return rc;
}

bool
pki_matches(const char *pem, const struct pki_key *key, const char *issuer_pem)
{
	struct err ignored = ERR_INIT;
	X509 *x509 = pki_x509(pem, &ignored);
	X509 *issuer = issuer_pem == NULL ? NULL : pki_x509(issuer_pem, &ignored);
	bool matches = x509 != NULL && X509_check_private_key(x509, key->pkey) == 1;

	if (matches && issuer_pem != NULL)
		matches = issuer != NULL && X509_check_issued(issuer, x509) == X509_V_OK &&
			  X509_verify(x509, X509_get0_pubkey(issuer)) == 1;
	X509_free(issuer);
	X509_free(x509);
	ERR_clear_error();
	return matches;
}
