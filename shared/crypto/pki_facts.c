/* SPDX-License-Identifier: Apache-2.0 */
/* crypto/pki_facts.c: what a certificate says of itself. */
#include "crypto/pki.h"

#include <arpa/inet.h>
#include <string.h>
#include <time.h>

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "crypto/pki_private.h"

#define NAME_BYTES_MAX 500

/* Cut to the size: identities are compared with what was stored the same way, and the fingerprint has all. */
static int
write_name(const X509_NAME *name, char *out, size_t size)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text = NULL;
	long len;
	int rc = -1;

	if (bio != NULL && X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253) >= 0) {
		len = BIO_get_mem_data(bio, &text);
		if (len >= 0 && (size_t)len < size) {
			memcpy(out, text, (size_t)len);
			out[len] = '\0';
			rc = 0;
		}
	}
	BIO_free(bio);
	return rc;
}

static int
write_serial(const X509 *x509, char out[PKI_SERIAL_SIZE])
{
	BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(x509), NULL);
	char *text = number == NULL ? NULL : BN_bn2hex(number);
	int rc = -1;

	if (text != NULL) {
		const char *digits = text + strspn(text, "0");

		rc = str_copy(out, PKI_SERIAL_SIZE, *digits == '\0' ? "0" : digits);
	}
	OPENSSL_free(text);
	BN_free(number);
	return rc;
}

static int
seconds(const ASN1_TIME *moment, int64_t *out)
{
	struct tm tm;

	if (ASN1_TIME_to_tm(moment, &tm) != 1)
		return -1;
	*out = (int64_t)timegm(&tm);
	return 0;
}

/* Said, not just not denied: what may be used for anything is no server's. */
static bool
is_for_servers(X509 *x509)
{
	return (X509_get_extension_flags(x509) & EXFLAG_XKUSAGE) != 0 &&
	       (X509_get_extended_key_usage(x509) & XKU_SSL_SERVER) != 0;
}

int
pki_facts_read(const char *pem, struct pki_facts *out, struct err *err)
{
	X509 *x509 = pki_x509(pem, err);
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int len = 0;
	int rc = 0;

	if (x509 == NULL)
		return -1;
	if (X509_digest(x509, EVP_sha256(), digest, &len) != 1 ||
	    len * 2 + 1 != sizeof(out->fingerprint) || write_serial(x509, out->serial) == -1 ||
	    write_name(X509_get_issuer_name(x509), out->issuer, sizeof(out->issuer)) == -1 ||
	    write_name(X509_get_subject_name(x509), out->subject, sizeof(out->subject)) == -1 ||
	    seconds(X509_get0_notBefore(x509), &out->from_s) == -1 ||
	    seconds(X509_get0_notAfter(x509), &out->to_s) == -1)
		rc = err_set(
		    err, ERR_INVALID,
		    "the certificate has names, a serial number or dates beyond our limits");
	else
		str_hex(out->fingerprint, digest, len);
	out->server = is_for_servers(x509);
	X509_free(x509);
	ERR_clear_error();
	return rc;
}

static void
put_text(struct buf *out, const char *kind, const ASN1_STRING *text)
{
	const char *bytes = (const char *)ASN1_STRING_get0_data(text);
	int len = ASN1_STRING_length(text);

	if (len <= 0 || len > NAME_BYTES_MAX || !str_utf8_valid(bytes, (size_t)len))
		return;
	for (int i = 0; i < len; i++)
		if ((unsigned char)bytes[i] < 0x20 || bytes[i] == 0x7f)
			return;
	buf_printf(out, "%s:%.*s\n", kind, len, bytes);
}

static void
put_address(struct buf *out, const ASN1_OCTET_STRING *address)
{
	char text[INET6_ADDRSTRLEN];
	int len = ASN1_STRING_length(address);

	if ((len == 4 || len == 16) &&
	    inet_ntop(len == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(address), text,
		      sizeof(text)) != NULL)
		buf_printf(out, "IP:%s\n", text);
}

/* Microsoft's name of an account, as cards have it. */
static void
put_other(struct buf *out, const OTHERNAME *other)
{
	if (OBJ_obj2nid(other->type_id) == NID_ms_upn && other->value->type == V_ASN1_UTF8STRING)
		put_text(out, "UPN", other->value->value.utf8string);
}

int
pki_alternative_names(const char *pem, struct buf *out, struct err *err)
{
	X509 *x509 = pki_x509(pem, err);
	GENERAL_NAMES *names;

	if (x509 == NULL)
		return -1;
	names = X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL);
	for (int i = 0; names != NULL && i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

		switch (name->type) {
		case GEN_DNS:
			put_text(out, "DNS", name->d.dNSName);
			break;
		case GEN_EMAIL:
			put_text(out, "email", name->d.rfc822Name);
			break;
		case GEN_URI:
			put_text(out, "URI", name->d.uniformResourceIdentifier);
			break;
		case GEN_IPADD:
			put_address(out, name->d.iPAddress);
			break;
		case GEN_OTHERNAME:
			put_other(out, name->d.otherName);
			break;
		default:
			break;
		}
	}
	GENERAL_NAMES_free(names);
	X509_free(x509);
	ERR_clear_error();
	return buf_check(out, err);
}
