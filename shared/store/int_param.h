/* SPDX-License-Identifier: Apache-2.0 */
/* store/int_param.h: a number as the parameter of a statement. */
#ifndef STORE_INT_PARAM_H
#define STORE_INT_PARAM_H

#include <stdint.h>

#define INT_PARAM_SIZE 24

/* value in digits, written to out; out. */
const char *int_param(char out[INT_PARAM_SIZE], int64_t value);

#endif
