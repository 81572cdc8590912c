/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "model/password_rules.h"

#define LEAST 12

static int
check(const char *password, const char *says)
{
	struct err err = ERR_INIT;
	int rc = password_rules_check("night.runner", password, LEAST, &err);

	print_message("%s: %s\n", password, rc == 0 ? "taken" : err.text);
	if (rc == -1) {
		assert_int_equal(err.kind, ERR_INVALID);
		assert_non_null(strstr(err.text, says));
		if (password[0] != '\0' && strlen(password) > 8)
			assert_null(strstr(err.text, password));
	}
	return rc;
}

static void
length_is_what_counts(void **state)
{
	char most[PASSWORD_CHARS_MAX + 2];
	(void)state;

	assert_int_equal(check("", "0 characters, at least 12"), -1);
	assert_int_equal(check("gT7#kq9!Zw2", "11 characters, at least 12"), -1);
	assert_int_equal(check("gT7#kq9!Zw2x", ""), 0);
	/* Characters, not bytes. */
	assert_int_equal(check("ÄöÜßéèêàñçø", "11 characters, at least 12"), -1);
	assert_int_equal(check("ÄöÜßéèêàñçøů", ""), 0);
	for (size_t i = 0; i < sizeof(most) - 1; i++)
		most[i] = (char)('a' + (i * i + i / 7) % 26);
	most[PASSWORD_CHARS_MAX + 1] = '\0';
	assert_int_equal(check(most, "501 characters, at most 500"), -1);
	most[PASSWORD_CHARS_MAX] = '\0';
	assert_int_equal(check(most, ""), 0);
	most[128] = '\0';
	assert_int_equal(check(most, ""), 0);
}

static void
no_kind_of_character_is_asked_for(void **state)
{
	static const char *const fine[] = {
		"correct horse battery staple", "xkqvbzjmwpfh", "830174659203847", "VBNXKQZJWPRT",
		"purple cow jumps tall",
	};
	(void)state;

	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++)
		assert_int_equal(check(fine[i], ""), 0);
	assert_int_equal(check("xkqv\tbzjmwpfh", "control character"), -1);
}

static void
what_guessers_try_first_is_refused(void **state)
{
	static const char *const common[] = {
		"passwordpassword", "Password1234",     "P@ssw0rd2026",      "qwertyuiop12",
		"Qwertyuiop[]",     "123456789012",     "111111111111",      "abcdefghijkl",
		"aaaaaaaaaaaa",     "1qaz2wsx3edc4rfv", "iloveyou2024!",     "Welcome12345",
		"letmein-letmein",  "Summer2026!!",     "administrator",     "jqm-jqm-jqm-jqm",
		"jqmadministrator", "night.runner",     "night.runner1",     "NIGHT.RUNNER!!",
		"passw0rdpassw0rd", "dragonmonkey12",   "xkqxkqxkqxkq",      "changeme2026",
		"1q2w3e4r5t6y",     "qwerty123456",     "sonyericsson",      "finalfantasy",
		"zaq1xsw2cde3",     "trustno1trustno1", "159753456852",      "michaeljackson",
		"asdfghjkl123",     "098765432109",     "football football", "december2025",
	};
	(void)state;

	for (size_t i = 0; i < sizeof(common) / sizeof(common[0]); i++)
		assert_int_equal(check(common[i], "guessers try"), -1);
}

/* Bounded work: whoever sends the longest of them waits for it, nobody else. */
static void
the_worst_text_is_judged_all_the_same(void **state)
{
	char most[PASSWORD_CHARS_MAX + 1];
	(void)state;

	memset(most, 'a', sizeof(most) - 1);
	most[PASSWORD_CHARS_MAX] = '\0';
	assert_int_equal(check(most, "guessers try"), -1);
	for (size_t i = 0; i < sizeof(most) - 1; i++)
		most[i] = "pass"[i % 4];
	assert_int_equal(check(most, "guessers try"), -1);
}

static void
the_words_are_words(void **state)
{
	size_t n = 0;
	(void)state;

	for (const char *const *word = password_words; *word != NULL; word++, n++) {
		assert_true(strlen(*word) >= 3);
		assert_int_equal(strspn(*word, "abcdefghijklmnopqrstuvwxyz0123456789$_"),
				 strlen(*word));
		if (n > 0)
			assert_true(strcmp(word[-1], *word) < 0);
	}
	assert_true(n > 3000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(length_is_what_counts),
		cmocka_unit_test(no_kind_of_character_is_asked_for),
		cmocka_unit_test(what_guessers_try_first_is_refused),
		cmocka_unit_test(the_worst_text_is_judged_all_the_same),
		cmocka_unit_test(the_words_are_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
