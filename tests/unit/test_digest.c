/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "crypto/digest.h"
#include "crypto/digest_stream.h"

#define SHA_OF_NOTHING "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define SHA_OF_ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define SHA_OF_MILLION_A "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"

static void
bytes_hash_as_fips_180_says(void **state)
{
	unsigned char digest[DIGEST_SIZE];
	char hex[DIGEST_HEX_SIZE];

	(void)state;
	assert_int_equal(digest_sha256("abc", 3, digest), 0);
	str_hex(hex, digest, sizeof(digest));
	assert_string_equal(hex, SHA_OF_ABC);
	assert_int_equal(digest_sha256("", 0, digest), 0);
	str_hex(hex, digest, sizeof(digest));
	assert_string_equal(hex, SHA_OF_NOTHING);
}

static void
pieces_hash_like_the_whole(void **state)
{
	static char million[1000000];
	static const size_t pieces[] = { 0, 1, 63, 64, 65, 65536 };
	char hex[DIGEST_HEX_SIZE];

	(void)state;
	memset(million, 'a', sizeof(million));
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		struct digest_stream *stream = digest_stream_new();

		assert_non_null(stream);
		assert_int_equal(digest_stream_add(stream, million, pieces[i]), 0);
		assert_int_equal(
		    digest_stream_add(stream, million + pieces[i], sizeof(million) - pieces[i]), 0);
		assert_int_equal(digest_stream_hex(stream, hex), 0);
		assert_string_equal(hex, SHA_OF_MILLION_A);
		digest_stream_free(stream);
	}
	digest_stream_free(NULL);
}

static void
a_stream_of_nothing_has_the_hash_of_nothing(void **state)
{
	struct digest_stream *stream = digest_stream_new();
	char hex[DIGEST_HEX_SIZE];

	(void)state;
	assert_non_null(stream);
	assert_int_equal(digest_stream_hex(stream, hex), 0);
	assert_string_equal(hex, SHA_OF_NOTHING);
	digest_stream_free(stream);
}

static void
keyed_hashes_are_those_of_rfc_4231(void **state)
{
	static const char long_key_text[] =
	    "Test Using Larger Than Block-Size Key - Hash Key First";
	unsigned char key[131], digest[DIGEST_SIZE];
	char hex[DIGEST_HEX_SIZE];

	(void)state;
	assert_int_equal(digest_hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, digest),
			 0);
	str_hex(hex, digest, sizeof(digest));
	assert_string_equal(hex,
			    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	memset(key, 0xaa, sizeof(key));
	assert_int_equal(
	    digest_hmac_sha256(key, sizeof(key), long_key_text, strlen(long_key_text), digest), 0);
	str_hex(hex, digest, sizeof(digest));
	assert_string_equal(hex,
			    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
	/* the key is kept for the next text, and not for another key's */
	for (int i = 0; i < 3; i++) {
		static const char *const keys[] = { "Jefe", "Jefe", "Jeff" };

		assert_int_equal(
		    digest_hmac_sha256(keys[i], 4, "what do ya want for nothing?", 28, digest), 0);
		str_hex(hex, digest, sizeof(digest));
		if (i < 2)
			assert_string_equal(hex, "5bdcc146bf60754e6a042426089575c7"
						 "5a003f089d2739839dec58b964ec3843");
		else
			assert_string_not_equal(hex, "5bdcc146bf60754e6a042426089575c7"
						     "5a003f089d2739839dec58b964ec3843");
	}
	assert_int_equal(digest_hmac_sha256("k", (size_t)INT32_MAX + 1, "", 0, digest), -1);
}

static void
equal_means_every_byte(void **state)
{
	(void)state;
	assert_int_equal(digest_equal("abcd", "abcd", 4), 1);
	assert_int_equal(digest_equal("abcd", "abce", 4), 0);
	assert_int_equal(digest_equal("Abcd", "abcd", 4), 0);
	assert_int_equal(digest_equal("abcd", "abce", 3), 1);
	assert_int_equal(digest_equal("a", "b", 0), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_hash_as_fips_180_says),
		cmocka_unit_test(pieces_hash_like_the_whole),
		cmocka_unit_test(a_stream_of_nothing_has_the_hash_of_nothing),
		cmocka_unit_test(keyed_hashes_are_those_of_rfc_4231),
		cmocka_unit_test(equal_means_every_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
