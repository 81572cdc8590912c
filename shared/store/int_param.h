/* SPDX-License-Identifier: Apache-2.0 */
/* store/int_param.h: numbers as parameters of a statement. */
#ifndef STORE_INT_PARAM_H
#define STORE_INT_PARAM_H

#include <stddef.h>
#include <stdint.h>

#include "base/num.h"

#define INT_PARAM_SIZE NUM_TEXT_SIZE

/* value in digits: where they begin in out. */
const char *int_param(char out[INT_PARAM_SIZE], int64_t value);

/* "{1,2}" into fresh memory. */
char *int_array_param(const int64_t *values, size_t n);

#endif
