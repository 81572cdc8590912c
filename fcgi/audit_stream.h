/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/audit_stream.h: much of the audit trail as the body of an answer, a line of JSON each, read while it is sent. */
#ifndef FCGI_AUDIT_STREAM_H
#define FCGI_AUDIT_STREAM_H

#include <stdint.h>

struct audit_filter;
struct body_stream;
struct exchange;

/* The rows that fit, newest first, limit at most; when there are more the last line says so: {"next":"..."}. */
struct body_stream *audit_stream_rows(struct exchange *x, const struct audit_filter *filter,
				      int64_t limit);

/* All rows with their seals, from behind that seal on: jqm.audit_chain(). */
struct body_stream *audit_stream_chain(struct exchange *x, int64_t after);

#endif
