/* SPDX-License-Identifier: Apache-2.0 */
#include "store/int_param.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/buf.h"

const char *
int_param(char out[INT_PARAM_SIZE], int64_t value)
{
	return num_text(out, value);
}

char *
int_array_param(const int64_t *values, size_t n)
{
	struct buf buf = BUF_INIT(SIZE_MAX);

	buf_putc(&buf, '{');
	for (size_t i = 0; i < n; i++)
		buf_printf(&buf, "%s%" PRId64, i == 0 ? "" : ",", values[i]);
	buf_putc(&buf, '}');
	if (buf.failed)
		abort();
	return buf_take(&buf);
}
