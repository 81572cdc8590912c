/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/err.h"
#include "crypto/password_hash.h"

/* Computed by the product this one replaces: UTF-8 "s3cret-é". */
#define JQM_PASSWORD "s3cret-\xc3\xa9"
#define JQM_SALT "000102030405060708090a0b0c0d0e0f"
#define JQM_HASH                                                           \
	"04ae83ced5828996f48bed4e76f2b7800630723c859979aa48d84debe9666b9d" \
	"b3122d0d2e557dbedfe43b00f4e818c3eb4400da64f057987506c082d9f03c41"
#define JQM_STORED "$jqm-sha512$" JQM_SALT "$" JQM_HASH

/* RFC 7914 section 12: P="pleaseletmein", S="SodiumChloride", N=16384, r=8, p=1, 64 bytes. */
#define RFC_STORED                         \
	"$scrypt$ln=14,r=8,p=1"            \
	"$U29kaXVtQ2hsb3JpZGU"             \
	"$cCO9yzr9c0hGHAbNgf046/2o+7qQT44" \
	"+qbVD9lRdofLVQylVYT8Pz2LUlwUkKpr55h6F3A1lHkDfzwF7RVdYhw"

static void
a_fresh_hash_matches_its_password_and_no_other(void **state)
{
	struct err err = ERR_INIT;
	char hash[PASSWORD_HASH_SIZE];

	(void)state;
	assert_int_equal(password_hash("correct horse", hash, &err), 0);
	assert_int_equal(strncmp(hash, "$scrypt$ln=14,r=8,p=1$", 22), 0);
	assert_int_equal(password_verify("correct horse", hash, &err), 1);
	assert_int_equal(password_verify("correct hors", hash, &err), 0);
	assert_int_equal(password_verify("", hash, &err), 0);
	assert_false(password_hash_is_old(hash));
}

static void
two_hashes_of_one_password_differ(void **state)
{
	struct err err = ERR_INIT;
	char a[PASSWORD_HASH_SIZE], b[PASSWORD_HASH_SIZE];

	(void)state;
	assert_int_equal(password_hash("same", a, &err), 0);
	assert_int_equal(password_hash("same", b, &err), 0);
	assert_string_not_equal(a, b);
}

static void
the_vector_of_rfc_7914_verifies(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(password_verify("pleaseletmein", RFC_STORED, &err), 1);
	assert_int_equal(password_verify("pleaseletmeIn", RFC_STORED, &err), 0);
	assert_true(password_hash_is_old(RFC_STORED)); /* 64 bytes and another salt length */
}

static void
the_parameters_of_the_text_are_the_ones_used(void **state)
{
	struct err err = ERR_INIT;
	/* The same vector under another cost is another hash. */
	char cheaper[] = RFC_STORED;

	(void)state;
	cheaper[12] = '3'; /* ln=13 */
	assert_int_equal(password_verify("pleaseletmein", cheaper, &err), 0);
	assert_true(password_hash_is_old(cheaper));
}

static void
a_password_of_4096_bytes_works_to_its_last_byte(void **state)
{
	struct err err = ERR_INIT;
	char password[4097], hash[PASSWORD_HASH_SIZE];

	(void)state;
	memset(password, 'x', 4096);
	password[4096] = '\0';
	assert_int_equal(password_hash(password, hash, &err), 0);
	assert_int_equal(password_verify(password, hash, &err), 1);
	password[4095] = 'y';
	assert_int_equal(password_verify(password, hash, &err), 0);
}

static void
a_hash_stored_by_jqm_verifies_and_counts_as_old(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(password_verify(JQM_PASSWORD, JQM_STORED, &err), 1);
	assert_int_equal(password_verify("s3cret-e", JQM_STORED, &err), 0);
	assert_true(password_hash_is_old(JQM_STORED));
}

static void
a_text_that_is_no_known_hash_is_refused(void **state)
{
#define SALT "AAECAwQFBgcICQoLDA0ODw"
#define HASH "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
	static const struct {
		const char *name, *text;
	} cases[] = {
		{ "nothing", "" },
		{ "a plain password", "secret" },
		{ "another scheme", "$2b$12$abcdefghijklmnopqrstuv" },
		{ "more than 256 MB", "$scrypt$ln=19,r=8,p=1$" SALT "$" HASH },
		{ "work hidden in p", "$scrypt$ln=14,r=8,p=17$" SALT "$" HASH },
		{ "cost over every number", "$scrypt$ln=64,r=8,p=1$" SALT "$" HASH },
		{ "r over every number", "$scrypt$ln=1,r=99999999999,p=1$" SALT "$" HASH },
		{ "cost zero", "$scrypt$ln=0,r=8,p=1$" SALT "$" HASH },
		{ "cost over what r allows", "$scrypt$ln=16,r=1,p=1$" SALT "$" HASH },
		{ "negative p", "$scrypt$ln=14,r=8,p=-1$" SALT "$" HASH },
		{ "a parameter missing", "$scrypt$ln=14,r=8$" SALT "$" HASH },
		{ "no hash", "$scrypt$ln=14,r=8,p=1$" SALT },
		{ "empty hash", "$scrypt$ln=14,r=8,p=1$" SALT "$" },
		{ "empty salt", "$scrypt$ln=14,r=8,p=1$$" HASH },
		{ "short hash", "$scrypt$ln=14,r=8,p=1$" SALT "$AAECAwQF" },
		{ "padding", "$scrypt$ln=14,r=8,p=1$" SALT "$" HASH "=" },
		{ "not base64", "$scrypt$ln=14,r=8,p=1$" SALT "$!" HASH },
		{ "bits left over", "$scrypt$ln=14,r=8,p=1$AAECAwQFBgcICQoLDA0ODx$" HASH },
		{ "long hash", "$scrypt$ln=14,r=8,p=1$" SALT "$" HASH HASH HASH },
		{ "jqm without hash", "$jqm-sha512$" JQM_SALT },
		{ "jqm with a short hash", "$jqm-sha512$" JQM_SALT "$04ae" },
		{ "jqm with odd salt", "$jqm-sha512$" JQM_SALT "0$" JQM_HASH },
		{ "jqm with a tail", JQM_STORED "00" },
		{ "jqm with no hexadecimal", "$jqm-sha512$zz" JQM_SALT "$" JQM_HASH },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = ERR_INIT;

		if (password_verify("secret", cases[i].text, &err) != -1)
			fail_msg("accepted: %s", cases[i].name);
		assert_int_equal(err.kind, ERR_INVALID);
		assert_true(password_hash_is_old(cases[i].text));
	}
}

static int64_t
cpu_us(void)
{
	struct timespec now = { 0, 0 };

	assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now), 0);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void
an_unknown_account_costs_as_much_as_a_known_one(void **state)
{
	struct err err = ERR_INIT;
	char hash[PASSWORD_HASH_SIZE];
	int64_t start, known, unknown;

	(void)state;
	assert_int_equal(password_hash("right", hash, &err), 0);
	start = cpu_us();
	assert_int_equal(password_verify("wrong", hash, &err), 0);
	known = cpu_us() - start;
	start = cpu_us();
	password_verify_nobody("wrong");
	unknown = cpu_us() - start;
	/* Processor time, with room for a noisy machine: forgetting the work would be 1000 times. */
	assert_true(unknown > known / 8);
	assert_true(known > unknown / 8);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fresh_hash_matches_its_password_and_no_other),
		cmocka_unit_test(two_hashes_of_one_password_differ),
		cmocka_unit_test(the_vector_of_rfc_7914_verifies),
		cmocka_unit_test(the_parameters_of_the_text_are_the_ones_used),
		cmocka_unit_test(a_password_of_4096_bytes_works_to_its_last_byte),
		cmocka_unit_test(a_hash_stored_by_jqm_verifies_and_counts_as_old),
		cmocka_unit_test(a_text_that_is_no_known_hash_is_refused),
		cmocka_unit_test(an_unknown_account_costs_as_much_as_a_known_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
