/* SPDX-License-Identifier: Apache-2.0 */
#include "store/int_param.h"

#include <inttypes.h>
#include <stdio.h>

const char *
int_param(char out[INT_PARAM_SIZE], int64_t value)
{
	(void)snprintf(out, INT_PARAM_SIZE, "%" PRId64, value);
	return out;
}
