/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/range.h: the one range of bytes a caller wants. */
#ifndef FCGI_RANGE_H
#define FCGI_RANGE_H

#include <stdbool.h>
#include <stdint.h>

struct range {
	int64_t begin, end; /* bytes begin to end - 1 */
};

/*
 * A Range header of the plain forms "bytes=5-", "bytes=5-9" and "bytes=-9", of something that has
 * size bytes.  False: anything else.  What is wanted behind the end is left out, so begin >= end when
 * nothing of it is there.
 */
bool range_read(const char *header, int64_t size, struct range *out);

#endif
