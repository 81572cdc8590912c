/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "crypto/digest.h"

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
a_file_is_hashed_whole_wherever_its_offset_stands(void **state)
{
	static char million[1000000];
	struct err err = ERR_INIT;
	char hex[DIGEST_HEX_SIZE];
	int fd = memfd_create("digest", MFD_CLOEXEC);

	(void)state;
	assert_int_not_equal(fd, -1);
	assert_int_equal(digest_file_sha256(fd, hex, &err), 0);
	assert_string_equal(hex, SHA_OF_NOTHING);

	memset(million, 'a', sizeof(million));
	assert_int_equal(fd_write_all(fd, million, sizeof(million)), 0);
	assert_int_equal(digest_file_sha256(fd, hex, &err), 0);
	assert_string_equal(hex, SHA_OF_MILLION_A);
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 1000000);
	fd_close(&fd);
}

static void
what_cannot_be_read_at_an_offset_is_an_error(void **state)
{
	struct err err = ERR_INIT;
	char hex[DIGEST_HEX_SIZE];
	int pipe_fds[2];

	(void)state;
	assert_int_equal(pipe(pipe_fds), 0);
	assert_int_equal(digest_file_sha256(pipe_fds[0], hex, &err), -1);
	assert_int_equal(err.kind, ERR_INTERNAL);
	fd_close(&pipe_fds[0]);
	fd_close(&pipe_fds[1]);
	assert_int_equal(digest_file_sha256(-1, hex, &err), -1);
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
		cmocka_unit_test(a_file_is_hashed_whole_wherever_its_offset_stands),
		cmocka_unit_test(what_cannot_be_read_at_an_offset_is_an_error),
		cmocka_unit_test(keyed_hashes_are_those_of_rfc_4231),
		cmocka_unit_test(equal_means_every_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
