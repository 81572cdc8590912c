/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/joblog_stream.h: a log out of which something was cut, as the body of an answer. */
#ifndef FCGI_JOBLOG_STREAM_H
#define FCGI_JOBLOG_STREAM_H

#include <stdint.h>

struct body_stream;
struct exchange;

/*
 * The first size bytes of the log behind fd (taken over), with a line in place of each hole.  It never
 * has a byte of a hole, also while the job writes on and the hole grows over what is being read.
 */
struct body_stream *joblog_stream_new(struct exchange *x, int fd, int64_t size);

#endif
