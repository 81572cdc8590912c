/* SPDX-License-Identifier: Apache-2.0 */
/* notifier/mime.h: any text into the few characters a mail may have (RFC 5322, 2045, 2047). */
#ifndef NOTIFIER_MIME_H
#define NOTIFIER_MIME_H

#include <stdbool.h>

struct buf;

/*
 * "name: text" and the end of the line.  Whatever text holds, the result is this one header: control characters
 * become blanks, and what is not plain ASCII, or long, becomes encoded words on folded lines.
 */
void mime_header(struct buf *out, const char *name, const char *text);

/* text (lines end with a line feed) as quoted-printable; control characters but tabs become blanks. */
void mime_quoted_printable(struct buf *out, const char *text);

/* One ASCII address, such as name@example.org, without anything a mail server could take for more. */
bool mime_is_address(const char *text);

#endif
