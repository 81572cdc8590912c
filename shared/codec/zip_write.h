/* SPDX-License-Identifier: Apache-2.0 */
/* codec/zip_write.h: a few small files as one zip archive in memory (the only includer of libzip). */
#ifndef CODEC_ZIP_WRITE_H
#define CODEC_ZIP_WRITE_H

#include <stddef.h>

struct buf;
struct err;

struct zip_member {
	const char *name;
	const void *data;
	size_t len;
};

/* Append the archive, its members in this order, uncompressed. */
int zip_write(const struct zip_member *members, size_t n, struct buf *out, struct err *err);

#endif
