/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi/log_mask.h: a log as it is shown when its job had secret parameters: their values replaced by as many asterisks, so
 * that no offset changes.
 *
 * Found is the exact value, as one piece; values of less than 4 bytes are not looked for, since every log is full of
 * such texts.  What the job encoded, cut or wrote into files is not found.
 */
#ifndef FCGI_LOG_MASK_H
#define FCGI_LOG_MASK_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct body_stream;
struct err;
struct exchange;

struct log_mask {
	const char **values; /* memory of the exchange; longer ones first */
	size_t len;
	size_t longest; /* bytes of the longest */
};

/*
 * The values of a job's secret parameters.  0; -1 when one cannot be opened, so that the log is not shown: ERR_NOT_FOUND
 * that names it, ERR_BUSY when the keys cannot be read.
 */
int log_mask_read(struct exchange *x, int64_t job_id, struct log_mask *out, struct err *err);

/* In len bytes, of which every value that begins in them is seen whole. */
void log_mask_bytes(const struct log_mask *mask, char *data, size_t len);

/*
 * As pread(), masked: with the bytes around, so that a value is found wherever the piece begins or ends.  margin is room for
 * len + 2 * mask->longest bytes.
 */
ssize_t log_mask_pread(const struct log_mask *mask, int fd, char *data, size_t len, off_t at,
		       char *margin);

/* inner, masked; closed with it. */
struct body_stream *log_mask_stream_new(struct exchange *x, const struct log_mask *mask,
					struct body_stream *inner);

#endif
