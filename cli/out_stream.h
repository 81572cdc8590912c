/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli/out_stream.h: bytes of a job to one of our descriptors: as they are to a file or pipe, escaped
 * to a terminal (line feeds and tabs stay), where a job's output must not be able to do anything.
 */
#ifndef CLI_OUT_STREAM_H
#define CLI_OUT_STREAM_H

#include <stdbool.h>
#include <stddef.h>

struct err;

struct out_stream {
	int fd;
	bool escape;
	char held[4]; /* the start of a character whose rest has not come yet */
	size_t held_len;
};

/* Flush stdio first: these bytes go past it. */
void out_stream_init(struct out_stream *out, int fd);

/* Write all of it.  0, or -1 with ERR_INTERNAL. */
int out_stream_write(struct out_stream *out, const char *data, size_t len, struct err *err);

/* Write what was held back. */
int out_stream_end(struct out_stream *out, struct err *err);

#endif
