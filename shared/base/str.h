/* SPDX-License-Identifier: Apache-2.0 */
/* base/str.h: bounded text work.  Lengths are in bytes unless a name says chars. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>

/* Copy src into dst[size], always terminated.  0, or -1 if it had to be cut (between characters). */
int str_copy(char *dst, size_t size, const char *src);

/* strdup() that maps NULL to NULL and never fails (out of memory aborts: nothing sane can follow). */
char *str_dup(const char *text);

/* Fresh memory for a text, or several, of so many bytes, their NULs with them; aborts when out of memory. */
char *str_alloc(size_t size);

/* free() a text that is a secret, overwritten first; NULL is fine. */
void str_forget(char *text);

/* printf into fresh memory; aborts when out of memory. */
char *str_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

bool str_starts(const char *text, const char *prefix);
bool str_ends(const char *text, const char *suffix);

/* Remove ASCII white space from both ends, in place; returns text. */
char *str_trim(char *text);

/* Valid UTF-8 of len bytes (no overlong form, no surrogate, at most U+10FFFF), no NUL inside. */
bool str_utf8_valid(const char *text, size_t len);

/* Characters (code points) of valid UTF-8. */
size_t str_utf8_chars(const char *text);

/* Length of the longest start of text, at most max bytes, that does not split a UTF-8 character. */
size_t str_utf8_cut(const char *text, size_t max);

/* For "%.*s": text, cut to max bytes without splitting a character. */
#define STR_CUT(text, max) (int)str_utf8_cut((text), (max)), (text)

/*
 * Bytes (1 to 4) of the UTF-8 character that starts at text, of which left bytes may be read;
 * 0 when none starts there.
 */
size_t str_utf8_step(const char *text, size_t left);

/* Number of bytes < 0x20 or 0x7F, line feed, carriage return and tab excepted. */
size_t str_control_count(const char *text);

/* What a stranger said becomes one line of valid UTF-8, in place: '?' for bytes that are none, blanks for control characters. */
void str_make_line(char *text);

/* 2 * len lower-case hexadecimal digits and a NUL into out. */
void str_hex(char *out, const unsigned char *bytes, size_t len);

/* Hexadecimal text (either case) of exactly 2 * len digits into out: 0, or -1. */
int str_unhex(unsigned char *out, size_t len, const char *hex);

/* len such digits, which need no end, as a text into out[len / 2 + 1]: 0, or -1 when they are none, or a byte is NUL. */
int str_unhex_text(char *out, const char *hex, size_t len);

/*
 * Percent-decode src_len bytes into fresh memory; with plus_is_blank '+' becomes a blank.  NULL when an
 * escape is broken, or a byte is or decodes to NUL.
 */
char *str_percent_decode(const char *src, size_t src_len, bool plus_is_blank);

#endif
