/* SPDX-License-Identifier: Apache-2.0 */
#include "model/password_rules.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"

#define BYTES_MAX (PASSWORD_CHARS_MAX * 4)
#define RUN_MIN 3 /* "aaa", "abc", "321", "qwe" */
#define LOOSE_DIGITS_MAX 4 /* "1234" or a year, behind or between what is common */
#define WORD_MIN 3
#define WORDS_MAX 3 /* more words together are a passphrase */
#define PIECE_MAX 8

/* Neighbours on keyboards, and how they are read. */
static const char *const rows[] = {
	"qwertyuiop",
	"asdfghjkl",
	"zxcvbnm",
	"qwertz",
	"azerty",
	"yxcvbnm",
	"qazwsxedc",
	"1qaz2wsx3edc4rfv",
	"q1w2e3r4t5y6u7i8o9p0",
	"1q2w3e4r5t6y7u8i9o0p",
	"!@#$%^&*()",
	"!\"#$%&/()=",
};

/* The password in lower case; the same with letters where digits and signs stand for them. */
struct text {
	char plain[BYTES_MAX + 1], letters[BYTES_MAX + 1];
	size_t len;
};

static char
letter_for(char c)
{
	static const char from[] = "013457@$!|+", to[] = "oieastasiit";
	const char *at = c == '\0' ? NULL : strchr(from, c);

	return at == NULL ? c : to[at - from];
}

static void
normalise(const char *password, struct text *out)
{
	out->len = strlen(password);
	for (size_t i = 0; i <= out->len; i++) {
		out->plain[i] = (char)tolower((unsigned char)password[i]);
		out->letters[i] = letter_for(out->plain[i]);
	}
}

static bool
stands_at(const struct text *text, size_t at, const char *word, size_t len)
{
	return len <= text->len - at && (memcmp(text->plain + at, word, len) == 0 ||
					 memcmp(text->letters + at, word, len) == 0);
}

/* Characters from at on that go up or down by one, or stay, or lie side by side on a keyboard row. */
static size_t
run_len(const struct text *text, size_t at)
{
	const char *start = text->plain + at;
	size_t longest = 1;

	for (int step = -1; step <= 1; step++) {
		size_t len = 1;

		while (start[len] != '\0' && start[len] - start[len - 1] == step)
			len++;
		longest = len > longest ? len : longest;
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (const char *from = rows[i]; *from != '\0'; from++) {
			size_t forth = 0, back = 0;

			while (from[forth] != '\0' && from[forth] == start[forth])
				forth++;
			while (from - back >= rows[i] && *(from - back) == start[back])
				back++;
			longest = forth > longest ? forth : longest;
			longest = back > longest ? back : longest;
		}
	return longest;
}

/* What was reached so far: over how many words, with how few loose digits; NO_WAY: not at all. */
#define NO_WAY 100
struct reach {
	unsigned char digits[WORDS_MAX + 1][BYTES_MAX + 1];
};

static void
arrive(struct reach *reach, int words, size_t at, int digits)
{
	if (words <= WORDS_MAX && digits <= LOOSE_DIGITS_MAX && digits < reach->digits[words][at])
		reach->digits[words][at] = (unsigned char)digits;
}

/* From a place that was reached over so many words, on over everything common that stands there. */
static void
go_on(struct reach *reach, const struct text *text, int words, size_t at, const char *login)
{
	int digits = reach->digits[words][at];
	size_t run = run_len(text, at), login_len = strlen(login);

	for (size_t len = RUN_MIN; len <= run; len++)
		arrive(reach, words, at + len, digits);
	if (login_len >= WORD_MIN && stands_at(text, at, login, login_len))
		arrive(reach, words, at + login_len, digits);
	for (const char *const *word = password_words; *word != NULL; word++)
		if (stands_at(text, at, *word, strlen(*word)))
			arrive(reach, words + 1, at + strlen(*word), digits);
	if (isdigit((unsigned char)text->plain[at]))
		arrive(reach, words, at + 1, digits + 1);
	else if (ispunct((unsigned char)text->plain[at]) || text->plain[at] == ' ')
		arrive(reach, words, at + 1, digits);
}

/* Nothing but a short piece again and again. */
static bool
is_repeated(const struct text *text)
{
	for (size_t piece = 1; piece <= PIECE_MAX && 2 * piece <= text->len; piece++)
		if (memcmp(text->plain, text->plain + piece, text->len - piece) == 0)
			return true;
	return false;
}

static bool
is_common(const char *login, const char *password)
{
	struct text text = { .len = 0 }, name = { .len = 0 };
	struct reach reach;

	normalise(password, &text);
	normalise(login, &name);
	memset(&reach, NO_WAY, sizeof(reach));
	reach.digits[0][0] = 0;
	for (size_t at = 0; at < text.len; at++)
		for (int words = 0; words <= WORDS_MAX; words++)
			if (reach.digits[words][at] != NO_WAY)
				go_on(&reach, &text, words, at, name.plain);
	for (int words = 0; words <= WORDS_MAX; words++)
		if (reach.digits[words][text.len] != NO_WAY)
			return true;
	return is_repeated(&text);
}

int
password_rules_check(const char *login, const char *password, int64_t min_chars, struct err *err)
{
	size_t chars = str_utf8_chars(password);

	if ((int64_t)chars < min_chars)
		return err_set(err, ERR_INVALID, "%zu characters, at least %lld", chars,
			       (long long)min_chars);
	if (chars > PASSWORD_CHARS_MAX)
		return err_set(err, ERR_INVALID, "%zu characters, at most %d", chars,
			       PASSWORD_CHARS_MAX);
	for (const char *c = password; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return err_set(err, ERR_INVALID, "it has a control character");
	if (strlen(login) <= BYTES_MAX && is_common(login, password))
		return err_set(
		    err, ERR_INVALID,
		    "this is among the first that guessers try: the login, common words, "
		    "runs and repetitions alone are not enough");
	return 0;
}
