/* SPDX-License-Identifier: Apache-2.0 */
/* base/num.h: text to integer with a range, and nothing else accepted: no blank, no sign but one '-',
 * no empty text, no trailing bytes; and back. */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include <stdint.h>

/* 0 and *out set when min <= value <= max; else -1, *out unchanged. */
int num_int64(const char *text, int64_t min, int64_t max, int64_t *out);

/* As num_int64(), accepting one suffix k, M or G (powers of 1024): "512k".  For sizes in settings. */
int num_size(const char *text, int64_t min, int64_t max, int64_t *out);

/*
 * A positive length of time as people write it, in seconds: a number and one of s, m, h, d, w: "90d";
 * at most 1000 years.
 */
int num_age_s(const char *text, int64_t *out);
#define NUM_AGE_WANTED "give a number and s, m, h, d or w, such as 90d; at most 1000 years"

/* "true" or "false" in any case, or 1 or 0, yes/no, on/off: 0 and *out; else -1. */
int num_bool(const char *text, int *out);

/* number in digits and a NUL, at the end of out: where they begin. */
#define NUM_TEXT_SIZE 21
char *num_text(char out[NUM_TEXT_SIZE], int64_t number);

#endif
