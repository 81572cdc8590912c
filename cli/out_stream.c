/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/out_stream.h"

#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "cli/output.h"

void
out_stream_init(struct out_stream *out, int fd)
{
	*out = (struct out_stream){ .fd = fd, .escape = isatty(fd) == 1 };
}

static int
write_plain(const struct out_stream *out, const char *data, size_t len, struct err *err)
{
	if (fd_write_all(out->fd, data, len) == -1)
		return err_errno(err, ERR_INTERNAL, "could not write the output");
	return 0;
}

/* How many bytes at the end may be a character of which the rest is still to come (0 to 3)? */
static size_t
unfinished(const char *data, size_t len)
{
	static const unsigned char lengths[] = { 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 4 };

	for (size_t back = 1; back <= 3 && back <= len; back++) {
		unsigned char c = (unsigned char)data[len - back];

		if (lengths[c >> 4] > 1)
			return lengths[c >> 4] > back ? back : 0;
		if (lengths[c >> 4] == 0)
			return 0; /* ASCII */
	}
	return 0;
}

int
out_stream_write(struct out_stream *out, const char *data, size_t len, struct err *err)
{
	struct buf all = BUF_INIT(SIZE_MAX), escaped = BUF_INIT(SIZE_MAX);
	size_t rest;
	int rc = -1;

	if (!out->escape)
		return write_plain(out, data, len, err);
	buf_append(&all, out->held, out->held_len);
	buf_append(&all, data, len);
	rest = unfinished(buf_text(&all), all.len);
	output_escape_lines(&escaped, buf_text(&all), all.len - rest);
	if (buf_check(&all, err) == 0 && buf_check(&escaped, err) == 0) {
		memcpy(out->held, buf_text(&all) + all.len - rest, rest);
		out->held_len = rest;
		rc = write_plain(out, buf_text(&escaped), escaped.len, err);
	}
	buf_free(&all);
	buf_free(&escaped);
	return rc;
}

int
out_stream_end(struct out_stream *out, struct err *err)
{
	struct buf escaped = BUF_INIT(64);
	int rc;

	output_escape_lines(&escaped, out->held, out->held_len);
	out->held_len = 0;
	rc = write_plain(out, buf_text(&escaped), escaped.len, err);
	buf_free(&escaped);
	return rc;
}
