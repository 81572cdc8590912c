/* SPDX-License-Identifier: Apache-2.0 */
/* store/int_param.h: numbers as parameters of a statement. */
#ifndef STORE_INT_PARAM_H
#define STORE_INT_PARAM_H

#include <stddef.h>
#include <stdint.h>

#define INT_PARAM_SIZE 24

/* value in digits, written to out; out. */
const char *int_param(char out[INT_PARAM_SIZE], int64_t value);

/* "{1,2}" into fresh memory. */
char *int_array_param(const int64_t *values, size_t n);

#endif
