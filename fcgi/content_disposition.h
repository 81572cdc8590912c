/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/content_disposition.h: a file's name as RFC 6266 wants it in a header. */
#ifndef FCGI_CONTENT_DISPOSITION_H
#define FCGI_CONTENT_DISPOSITION_H

struct buf;

/*
 * Append 'attachment; filename="x"; filename*=UTF-8''y'.  name is valid UTF-8 from anywhere (a job):
 * directories are cut off, x keeps harmless ASCII only, y is percent-encoded; nothing of it can end
 * the quoted text, the parameter or the header.  A name with nothing left is "file".
 */
void content_disposition(struct buf *out, const char *name);

#endif
