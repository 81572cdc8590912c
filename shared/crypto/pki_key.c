/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pki.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include "base/buf.h"
#include "base/err.h"
#include "crypto/pki_private.h"

/* Cost of a passphrase: 16 MB and some 50 ms a try, as for passwords of accounts. */
#define SCRYPT_N 16384
#define SCRYPT_R 8
#define SCRYPT_P 1
#define SALT_BYTES 16
#define RSA_BITS_MIN 2048
#define RSA_BITS_MAX 8192

int
pki_failed(struct err *err, const char *what)
{
	unsigned long code = ERR_peek_last_error();
	const char *reason = code == 0 ? NULL : ERR_reason_error_string(code);

	ERR_clear_error();
	return err_set(err, ERR_INTERNAL, "could not %s: %s", what,
		       reason == NULL ? "no reason given" : reason);
}

int
pki_take(BIO *bio, struct buf *out, struct err *err)
{
	char *data = NULL;
	long len = BIO_get_mem_data(bio, &data);

	if (len > 0)
		buf_append(out, data, (size_t)len);
	return buf_check(out, err);
}

const EVP_MD *
pki_digest(const EVP_PKEY *pkey)
{
	return EVP_PKEY_get_base_id(pkey) == EVP_PKEY_ED25519 ? NULL : EVP_sha256();
}

/* pkey is taken over; NULL stays NULL. */
static struct pki_key *
wrap(EVP_PKEY *pkey)
{
	struct pki_key *key = pkey == NULL ? NULL : calloc(1, sizeof(*key));

	if (key == NULL)
		EVP_PKEY_free(pkey);
	else
		key->pkey = pkey;
	return key;
}

void
pki_key_free(struct pki_key *key)
{
	if (key == NULL)
		return;
	EVP_PKEY_free(key->pkey);
	free(key);
}

struct pki_key *
pki_key_new(enum pki_algorithm algorithm, struct err *err)
{
	EVP_PKEY *pkey = algorithm == PKI_RSA_3072  ? EVP_RSA_gen((size_t)3072)
			 : algorithm == PKI_ED25519 ? EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")
						    : EVP_EC_gen("P-256");
	struct pki_key *key = wrap(pkey);

	if (key == NULL)
		(void)pki_failed(err, "make a key");
	return key;
}

bool
pki_key_is_encrypted(const char *pem)
{
	return strstr(pem, "-----BEGIN ENCRYPTED PRIVATE KEY-----") != NULL;
}

/* For PEM_read_bio_PrivateKey(): without this OpenSSL would ask on the terminal. */
static int
give_passphrase(char *out, int size, int writing, void *arg)
{
	const char *passphrase = arg;
	size_t len = passphrase == NULL ? 0 : strlen(passphrase);

	(void)writing;
	if (len == 0 || len > (size_t)size)
		return -1;
	for (size_t i = 0; i < len; i++) /* not a string: no NUL follows */
		out[i] = passphrase[i];
	return (int)len;
}

struct pki_key *
pki_key_read(const char *pem, const char *passphrase, struct err *err)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *pkey = NULL;
	struct pki_key *key;
	char *word = NULL;

	/* The callback's argument is no longer const. */
	memcpy(&word, &passphrase, sizeof(word));
	if (bio != NULL)
		pkey = PEM_read_bio_PrivateKey(bio, NULL, give_passphrase, word);
	BIO_free(bio);
	key = wrap(pkey);
	if (key != NULL)
		return key;
	ERR_clear_error();
	if (pki_key_is_encrypted(pem))
		(void)err_set(err, ERR_DENIED,
			      "the private key is encrypted and its passphrase is %s",
			      passphrase == NULL ? "not given" : "not the one given");
	else
		(void)err_set(err, ERR_INVALID, "there is no private key in PEM form");
	return NULL;
}

static X509_SIG *
encrypt(const EVP_PKEY *pkey, const char *passphrase)
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(pkey);
	X509_ALGOR *algorithm = PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), NULL, SALT_BYTES, NULL,
						      SCRYPT_N, SCRYPT_R, SCRYPT_P);
	X509_SIG *sealed = NULL;

	if (info != NULL && algorithm != NULL)
		sealed = PKCS8_set0_pbe(passphrase, (int)strlen(passphrase), info, algorithm);
	if (sealed == NULL)
		X509_ALGOR_free(algorithm);
	PKCS8_PRIV_KEY_INFO_free(info);
	return sealed;
}

int
pki_key_write(const struct pki_key *key, const char *passphrase, struct buf *out, struct err *err)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	X509_SIG *sealed = passphrase == NULL ? NULL : encrypt(key->pkey, passphrase);
	int done = 0, rc;

	if (bio != NULL && sealed != NULL)
		done = PEM_write_bio_PKCS8(bio, sealed);
	else if (bio != NULL && passphrase == NULL)
		done = PEM_write_bio_PKCS8PrivateKey(bio, key->pkey, NULL, NULL, 0, NULL, NULL);
	rc = done == 1 ? pki_take(bio, out, err) : pki_failed(err, "write a private key");
	X509_SIG_free(sealed);
	BIO_free(bio);
	return rc;
}

/* NULL when it will do, else what is wrong with it. */
static const char *
weakness(const EVP_PKEY *pkey)
{
	char group[40] = "";
	int bits = EVP_PKEY_get_bits(pkey);

	switch (EVP_PKEY_get_base_id(pkey)) {
	case EVP_PKEY_RSA:
		return bits < RSA_BITS_MIN || bits > RSA_BITS_MAX
			   ? "its RSA key has not 2048 to 8192 bits"
			   : NULL;
	case EVP_PKEY_ED25519:
		return NULL;
	case EVP_PKEY_EC:
		if (EVP_PKEY_get_group_name(pkey, group, sizeof(group), NULL) == 1 &&
		    (strcmp(group, "prime256v1") == 0 || strcmp(group, "secp384r1") == 0 ||
		     strcmp(group, "secp521r1") == 0))
			return NULL;
		return "its curve is none of P-256, P-384 and P-521";
	default:
		return "its key is neither RSA, ECDSA nor Ed25519";
	}
}

struct pki_key *
pki_key_of_request(const char *pem, struct err *err)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	X509_REQ *request = bio == NULL ? NULL : PEM_read_bio_X509_REQ(bio, NULL, NULL, NULL);
	EVP_PKEY *pkey = request == NULL ? NULL : X509_REQ_get_pubkey(request);
	const char *wrong = "it is none in PEM form";
	struct pki_key *key = NULL;

	if (request != NULL)
		wrong = pkey == NULL ? "its key is not understood" : weakness(pkey);
	if (wrong == NULL && X509_REQ_verify(request, pkey) != 1)
		wrong = "its signature is wrong";
	if (wrong == NULL)
		key = wrap(pkey);
	else
		EVP_PKEY_free(pkey);
	if (key == NULL)
		(void)err_set(err, ERR_INVALID, "the certificate signing request is refused: %s",
			      wrong == NULL ? "out of memory" : wrong);
	X509_REQ_free(request);
	BIO_free(bio);
	ERR_clear_error();
	return key;
}
