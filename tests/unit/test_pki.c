/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "crypto/pki.h"

#define NOW_S INT64_C(1800000000)
#define DAY_S 86400
#define LONG_LOGIN                                                                      \
	"a-login-of-a-hundred-characters-a-login-of-a-hundred-characters-a-login-of-a-" \
	"hundred-characters-12345"
#define EMPTY_CERTIFICATE "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"

/* A root and one certificate of it, made once: keys cost time. */
static struct pki_key *root_key, *client_key;
static struct buf root = BUF_INIT(65536), client = BUF_INIT(65536);

static void
certify(const struct pki_wish *wish, const struct pki_key *key, bool self, struct buf *out)
{
	const struct pki_issuer issuer = { buf_text(&root), root_key };
	struct err err = ERR_INIT;

	assert_int_equal(pki_certify(wish, key, self ? NULL : &issuer, out, &err), 0);
}

static int
make_both(void **state)
{
	const struct pki_wish root_wish = {
		PKI_ROOT, "JQM-CA", "0a0b", NULL, NOW_S, NOW_S + 10 * DAY_S, NULL,
	};
	const struct pki_wish wish = {
		PKI_CLIENT, "anna", NULL, NULL, NOW_S, NOW_S + DAY_S, NULL,
	};
	struct err err = ERR_INIT;

	(void)state;
	root_key = pki_key_new(PKI_ECDSA_P256, &err);
	client_key = pki_key_new(PKI_ECDSA_P256, &err);
	assert_non_null(root_key);
	assert_non_null(client_key);
	certify(&root_wish, root_key, true, &root);
	certify(&wish, client_key, false, &client);
	return 0;
}

static int
free_both(void **state)
{
	(void)state;
	pki_key_free(root_key);
	pki_key_free(client_key);
	buf_free(&root);
	buf_free(&client);
	return 0;
}

static void
a_certificate_says_who_and_until_when(void **state)
{
	struct pki_facts facts;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(pki_facts_read(buf_text(&client), &facts, &err), 0);
	assert_string_equal(facts.subject, "CN=anna");
	assert_string_equal(facts.issuer, "CN=JQM-CA,OU=0a0b,O=JQM");
	assert_true(facts.from_s == NOW_S && facts.to_s == NOW_S + DAY_S);
	assert_int_equal(strlen(facts.fingerprint), 64);
	assert_int_equal(strlen(facts.serial), 32);
	assert_true(facts.serial[0] >= '4' && facts.serial[0] <= '7');
}

static void
a_certificate_belongs_to_its_key_and_issuer_only(void **state)
{
	(void)state;
	assert_true(pki_matches(buf_text(&client), client_key, buf_text(&root)));
	assert_true(pki_matches(buf_text(&client), client_key, NULL));
	assert_false(pki_matches(buf_text(&client), root_key, buf_text(&root)));
	assert_false(pki_matches(buf_text(&client), client_key, buf_text(&client)));
	assert_false(pki_matches("nonsense", client_key, NULL));
}

/* Whoever has another authority of the same name proves nothing. */
static void
a_root_of_the_same_name_is_not_the_issuer(void **state)
{
	const struct pki_wish twin_wish = {
		PKI_ROOT, "JQM-CA", "0a0b", NULL, NOW_S, NOW_S + 10 * DAY_S, NULL,
	};
	struct err err = ERR_INIT;
	struct pki_key *key = pki_key_new(PKI_ECDSA_P256, &err);
	struct buf twin = BUF_INIT(65536);

	(void)state;
	assert_non_null(key);
	certify(&twin_wish, key, true, &twin);
	assert_false(pki_matches(buf_text(&client), client_key, buf_text(&twin)));
	buf_free(&twin);
	pki_key_free(key);
}

static void
names_of_a_server_come_back_as_given(void **state)
{
	static const char *const names[] = { "node.example", "192.0.2.7", "::1", "localhost",
					     NULL };
	const struct pki_wish wish = {
		PKI_SERVER, "node.example", NULL, names, NOW_S, NOW_S + DAY_S, NULL,
	};
	struct buf pem = BUF_INIT(65536), found = BUF_INIT(65536);
	struct err err = ERR_INIT;

	(void)state;
	certify(&wish, client_key, false, &pem);
	assert_int_equal(pki_alternative_names(buf_text(&pem), &found, &err), 0);
	assert_string_equal(buf_text(&found),
			    "DNS:node.example\nIP:192.0.2.7\nIP:::1\nDNS:localhost\n");
	buf_free(&found);
	buf_free(&pem);
}

/* A name is a name, whatever OpenSSL's configuration would make of its characters. */
static void
no_login_is_too_strange_for_a_certificate(void **state)
{
	static const char *const logins[] = {
		"a,CN=root",
		"x+y=z",
		"\"quoted\" \\ #1",
		"J\xc3\xbcrgen \xe2\x82\xac",
		"email:copy,URI:http://x",
		LONG_LOGIN,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(logins) / sizeof(logins[0]); i++) {
		const struct pki_wish wish = {
			PKI_CLIENT, logins[i], NULL, NULL, NOW_S, NOW_S + DAY_S, NULL,
		};
		struct buf pem = BUF_INIT(65536), names = BUF_INIT(65536);
		struct err err = ERR_INIT;
		struct pki_facts facts;

		print_message("case: %s\n", logins[i]);
		certify(&wish, client_key, false, &pem);
		assert_int_equal(pki_facts_read(buf_text(&pem), &facts, &err), 0);
		assert_true(str_starts(facts.subject, "CN="));
		/* A comma of the login does not begin a second name. */
		assert_null(strstr(facts.subject, ",CN=root") != NULL &&
				    strstr(facts.subject, "\\,CN=root") == NULL
				? facts.subject
				: NULL);
		assert_int_equal(pki_alternative_names(buf_text(&pem), &names, &err), 0);
		assert_string_equal(buf_text(&names), "");
		buf_free(&names);
		buf_free(&pem);
	}
}

static void
a_sealed_key_opens_with_its_passphrase_alone(void **state)
{
	struct buf sealed = BUF_INIT(65536), open = BUF_INIT(65536);
	struct err err = ERR_INIT;
	struct pki_key *key;

	(void)state;
	assert_int_equal(pki_key_write(root_key, "correct horse", &sealed, &err), 0);
	assert_true(pki_key_is_encrypted(buf_text(&sealed)));
	key = pki_key_read(buf_text(&sealed), "correct horse", &err);
	assert_non_null(key);
	assert_true(pki_matches(buf_text(&root), key, NULL));
	pki_key_free(key);
	assert_null(pki_key_read(buf_text(&sealed), "wrong", &err));
	assert_int_equal(err.kind, ERR_DENIED);
	assert_null(pki_key_read(buf_text(&sealed), NULL, &err));
	assert_int_equal(err.kind, ERR_DENIED);
	assert_int_equal(pki_key_write(root_key, NULL, &open, &err), 0);
	assert_false(pki_key_is_encrypted(buf_text(&open)));
	assert_null(pki_key_read("-----BEGIN PRIVATE KEY-----\nnonsense", NULL, &err));
	assert_int_equal(err.kind, ERR_INVALID);
	buf_free(&open);
	buf_free(&sealed);
}

/* openssl req -new -newkey ... -nodes -subj /CN=anyone; the third has a byte of its signature changed. */
static const char p256_request[] =
    "-----BEGIN CERTIFICATE REQUEST-----\n"
    "MIHMMHMCAQAwETEPMA0GA1UEAwwGYW55b25lMFkwEwYHKoZIzj0CAQYIKoZIzj0D\n"
    "AQcDQgAE5p9jB/tf/K64pwQot4vTMXrnq0UJvyuHrqo5r44idEhezeukAhLS0JYm\n"
    "2paW/DjFp+fxjE6RnfM7O945ZlYggaAAMAoGCCqGSM49BAMCA0kAMEYCIQD3sEKd\n"
    "6jSA6rq4yaq6yswkWhfkr2PvDbgqyKnGxf4sAgIhAN5hkY99582n5I4ZsifTbx0a\n"
    "MCaY8waeBwOwt3kbQOBl\n"
    "-----END CERTIFICATE REQUEST-----\n";
static const char rsa1024_request[] =
    "-----BEGIN CERTIFICATE REQUEST-----\n"
    "MIIBUDCBugIBADARMQ8wDQYDVQQDDAZhbnlvbmUwgZ8wDQYJKoZIhvcNAQEBBQAD\n"
    "gY0AMIGJAoGBAK6t+66UIo7YsqFWo7qwMo7wdKesIzP6RNAVA8U2nXJGAcUJdTGM\n"
    "o+yscAJCS1vIG5zkIdkTTrrc+CZOeNrgxE5mMI6OkTE+zTuTNEOaj8yhGGvHWXvk\n"
    "Co7P+R2p68nUkV8TfHOExvVT4/WQA6eGGfuvaj9hzOkvaO9SB0L3ms1RAgMBAAGg\n"
    "ADANBgkqhkiG9w0BAQsFAAOBgQB6qBndU/dAmLzSKNBXAnkgcrF2v54Yqihu2HxY\n"
    "MGdnoBpkx+5kgDsfc8HQ63IJaVde1jNwjnyztVK6Wbl/fXc630MubGZ2s+klnNn5\n"
    "OkUhzbBMlGvpiLmBO3a9PWqk+wTJIwQIaPVxriTfulaiJ5qkKvWtBMFsGyPDxgRW\n"
    "f2bTXQ==\n"
    "-----END CERTIFICATE REQUEST-----\n";
static const char forged_request[] =
    "-----BEGIN CERTIFICATE REQUEST-----\n"
    "MIHMMHMCAQAwETEPMA0GA1UEAwwGYW55b25lMFkwEwYHKoZIzj0CAQYIKoZIzj0D\n"
    "AQcDQgAE5p9jB/tf/K64pwQot4vTMXrnq0UJvyuHrqo5r44idEhezeukAhLS0JYm\n"
    "2paW/DjFp+fxjE6RnfM7O945ZlYggaAAMAoGCCqGSM49BAMCA0kAMEYCIQD3sEKd\n"
    "6jSA6rq4yaq6yswkWhfkr2PvDbgqyKnGxf4sAgIhAN5hkY99582n5I4ZsifTbx0a\n"
    "MCaY8waeBwOwt3kbQeBl\n"
    "-----END CERTIFICATE REQUEST-----\n";

static void
a_request_gives_its_key_if_it_is_strong_and_its_own(void **state)
{
	static const struct {
		const char *pem, *words;
	} bad[] = {
		{ rsa1024_request, "2048" },
		{ forged_request, "signature" },
		{ "", "none in PEM form" },
		{ "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n", "none in PEM form" },
	};
	struct err err = ERR_INIT;
	struct pki_key *key = pki_key_of_request(p256_request, &err);

	(void)state;
	assert_non_null(key);
	pki_key_free(key);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_null(pki_key_of_request(bad[i].pem, &err));
		assert_int_equal(err.kind, ERR_INVALID);
		assert_non_null(strstr(err.text, bad[i].words));
	}
}

static void
what_is_no_certificate_is_refused(void **state)
{
	static const char *const texts[] = { "", "nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n",
					     EMPTY_CERTIFICATE };
	struct buf names = BUF_INIT(100);
	struct pki_facts facts;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct err err = ERR_INIT;

		assert_int_equal(pki_facts_read(texts[i], &facts, &err), -1);
		assert_int_equal(err.kind, ERR_INVALID);
		assert_int_equal(pki_alternative_names(texts[i], &names, &err), -1);
	}
	buf_free(&names);
}

/* That openssl and nginx read them is seen in tests/http; here, that nothing is left out or refused by us. */
static void
lists_and_pkcs12_files_are_made(void **state)
{
	static const struct pki_revoked revoked[] = { { "4F", NOW_S }, { "0A1B", NOW_S + 1 } };
	static const struct pki_revoked wrong[] = { { "not hexadecimal", NOW_S } };
	const struct pki_issuer issuer = { buf_text(&root), root_key };
	struct buf crl = BUF_INIT(65536), p12 = BUF_INIT(65536), der = BUF_INIT(65536);
	struct err err = ERR_INIT;
	int64_t next_s = 0;

	(void)state;
	assert_int_equal(pki_crl(&issuer, 7, revoked, 2, NOW_S, NOW_S + DAY_S, &crl, &err), 0);
	assert_true(str_starts(buf_text(&crl), "-----BEGIN X509 CRL-----"));
	assert_int_equal(pki_crl_der(buf_text(&crl), &der, &err), 0);
	assert_true(der.len > 100 && (unsigned char)der.data[0] == 0x30);
	assert_int_equal(pki_crl_der("nonsense", &der, &err), -1);
	assert_int_equal(pki_crl_next(buf_text(&crl), &next_s, &err), 0);
	assert_int_equal(next_s, NOW_S + DAY_S);
	assert_int_equal(pki_crl_next("nonsense", &next_s, &err), -1);
	assert_int_equal(pki_crl(&issuer, 8, wrong, 1, NOW_S, NOW_S + DAY_S, &crl, &err), -1);
	assert_int_equal(err.kind, ERR_INTERNAL);
	assert_int_equal(
	    pki_pkcs12(client_key, buf_text(&client), buf_text(&root), "pw", false, &p12, &err), 0);
	assert_int_equal(
	    pki_pkcs12(client_key, buf_text(&client), buf_text(&root), "pw", true, &p12, &err), 0);
	/* A key that is not the certificate's is no pair. */
	assert_int_equal(
	    pki_pkcs12(root_key, buf_text(&client), buf_text(&root), "pw", false, &p12, &err), -1);
	buf_free(&der);
	buf_free(&p12);
	buf_free(&crl);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_certificate_says_who_and_until_when),
		cmocka_unit_test(a_certificate_belongs_to_its_key_and_issuer_only),
		cmocka_unit_test(a_root_of_the_same_name_is_not_the_issuer),
		cmocka_unit_test(names_of_a_server_come_back_as_given),
		cmocka_unit_test(no_login_is_too_strange_for_a_certificate),
		cmocka_unit_test(a_sealed_key_opens_with_its_passphrase_alone),
		cmocka_unit_test(a_request_gives_its_key_if_it_is_strong_and_its_own),
		cmocka_unit_test(what_is_no_certificate_is_refused),
		cmocka_unit_test(lists_and_pkcs12_files_are_made),
	};

	return cmocka_run_group_tests(tests, make_both, free_both);
}
