/* SPDX-License-Identifier: Apache-2.0 */
/*
 * model/password_rules.h: which passwords may be set.  Length counts; what characters there are does not (ASVS 5,
 * V6.2).  Refused is what guessers try first.
 */
#ifndef MODEL_PASSWORD_RULES_H
#define MODEL_PASSWORD_RULES_H

#include <stdint.h>

struct err;

#define PASSWORD_CHARS_MAX 500

/*
 * 0, or -1 with ERR_INVALID and the reason, without the password in it:
 *	- fewer than min_chars or more than PASSWORD_CHARS_MAX characters, or a control character;
 *	- put together from nothing but the login, words of common passwords (at most three, password_words.c), repeated
 *	  characters, runs of the alphabet, digits or a keyboard, and up to 4 digits and any punctuation between;
 *	  upper case and digits in the place of letters (p4ssw0rd) do not help;
 *	- nothing but a short piece again and again.
 */
int password_rules_check(const char *login, const char *password, int64_t min_chars,
			 struct err *err);

/* Lower-case words, NULL at the end; words of 3 letters or more. */
extern const char *const password_words[];

#endif
